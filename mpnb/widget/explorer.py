"""The explorer as a widget: every event, what it carries, and a question from each thing.

Enters: a workspace, or an `Exploration`. Leaves: a live view with a static twin. The surprise:
nothing is decided here; each message goes to the method of `Exploration` of the same name.
"""

from __future__ import annotations

from typing import Any

from mpnb.chart import display, words
from mpnb.chart.svg_marks import escape
from mpnb.chart.table import Table
from mpnb.result.base import resolve
from mpnb.widget.base import Live, does
from mpnb.widget.exploring import Exploration, Resource, Start
from mpnb.widget.pending import offer
from mpnb.workspace import Workspace

TWIN_ROWS = 50
BUILD = "mpnb.widget.builder:build"
"""Found by name: a builder imports more than an explorer needs."""


class Explorer(Live):
    """Point and click over what a workspace holds.

    Args:
        workspace: what is explored.
        event: an event to open at once.
    """

    def __init__(self, workspace: Workspace, event: str | None = None) -> None:
        self.data = Exploration(workspace)
        self._first = event
        super().__init__(part="explorer")

    @does("begin")
    def begin(self) -> dict[str, Any]:
        """What the view starts with: costs, the first event to open, and the events where free."""
        cost = self.data.cost
        events = self.data.events() if not cost["events"] else None
        source = self.data.workspace.engine.source
        return {"cost": cost, "source": source, "open": self._first, "events": events}

    @does("events")
    def events(self) -> dict[str, Any]:
        """All events."""
        return self.data.events()

    @does("event")
    def event(self, name: str) -> dict[str, Any]:
        """One event."""
        return self.data.event(name)

    @does("people")
    def people(self) -> dict[str, Any]:
        """Profiles."""
        return self.data.people()

    @does("property")
    def property(self, name: str, event: str | None, resource: Resource) -> dict[str, Any]:
        """One property."""
        return self.data.property(name, event, resource)

    @does("subproperties")
    def subproperties(self, name: str, event: str | None) -> list[dict[str, Any]]:
        """The parts of a list of objects."""
        return self.data.subproperties(name, event)

    @does("cohorts")
    def cohorts(self) -> list[dict[str, Any]]:
        """Saved cohorts."""
        return self.data.cohorts()

    @does("lexicon")
    def lexicon(self) -> int:
        """Read the lexicon."""
        return self.data.read_lexicon()

    @does("question")
    def question(self, start: Start, **about: Any) -> dict[str, str]:
        """A question as cell text; it becomes the widget's state."""
        self.text = self.data.cell(self.data.question(start, **about))
        return {"text": self.text}

    @does("build")
    def build(self, text: str) -> str:
        """A builder that starts with a question of this explorer; returns its model's id."""
        return str(resolve(BUILD)(self.data.workspace, text).model_id)

    @does("paste")
    def paste(self, text: str) -> None:
        """Keep text for ``%mp paste``."""
        offer(text)

    def twin(self) -> str:
        """The events as a static table."""
        found = self._table()
        title = f"<p><strong>Events of {escape(self.data.workspace.engine.source)}</strong></p>"
        return f"<div>{title}{display.html_table(found) or '<p>No events yet.</p>'}</div>"

    def plain(self) -> str:
        """The events as aligned text."""
        found = self._table()
        title = f"Events of {self.data.workspace.engine.source}"
        return f"{title}\n\n{display.text_table(found) if found.rows else 'No events yet.'}"

    def _table(self) -> Table:
        """The most frequent events; over a project nothing is asked for a twin."""
        listed = [] if self.data.cost["events"] else self.data.events()["events"]
        rows = [[words.flat(one["name"]), words.number(one["count"])] for one in listed[:TWIN_ROWS]]
        return Table(
            head=["event", "count"], rows=rows, total=len(listed), wide=2, numeric=[False, True]
        )


def explore(workspace: Workspace, event: str | None = None) -> Explorer:
    """An explorer of a workspace, perhaps with an event opened."""
    if event is not None and workspace.is_local:
        workspace.engine.call(
            "event_survey", {"event": event}
        )  # a name that is not there is said now
    return Explorer(workspace, event)
