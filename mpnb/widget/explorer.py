"""The explorer as a widget: every event, what it carries, and a question from each thing.

Enters: a workspace. Leaves: a live view with a static twin. The surprise: nothing is decided here;
each message goes to the method of `Exploration` of the same name, and values travel to the page
and back as JSON texts, because a page would round large numbers.
"""

from __future__ import annotations

import difflib
import json
from importlib.util import find_spec
from typing import Any

from mpnb.chart import display, words
from mpnb.chart.svg_marks import escape
from mpnb.chart.table import Table
from mpnb.errors import EventNotFoundError
from mpnb.result.base import resolve
from mpnb.widget.base import Live, does
from mpnb.widget.exploring import Exploration
from mpnb.widget.pending import offer
from mpnb.widget.starting import Resource, Start
from mpnb.workspace import Workspace

TWIN_ROWS = 50
LONGEST_TEXT = 300
"""Characters of a value that are shown; a page needs no megabytes."""
LONGEST_VALUE = 10_000
"""Characters of a value that can become a filter."""
MOST_DIGITS = 1e15
BUILD = "mpnb.widget.builder:build"
"""Found by name: a builder imports more than an explorer needs."""


class Explorer(Live):
    """Point and click over what a workspace holds.

    Args:
        workspace: what is explored.
        event: an event to open at once.

    Attributes:
        data: the same as plain records.
    """

    def __init__(self, workspace: Workspace, event: str | None = None) -> None:
        self.data = Exploration(workspace)
        self._first = event
        super().__init__(part="explorer")
        self.beside = self.data.cost["events"] > 0

    @does("begin")
    def begin(self) -> dict[str, Any]:
        """What the view starts with; the names are read anew, since the data may have changed."""
        self.data.workspace.clear_discovery_cache()
        self.data = Exploration(self.data.workspace)
        free = not self.data.cost["events"]
        return {
            "source": self.data.workspace.engine.source,
            "open": self._first,
            "builder": find_spec(BUILD.partition(":")[0]) is not None,
            "text": self.text,
            "cost": self.data.cost,
            **(self.data.events() if free else {"events": None}),
        }

    @does("events")
    def events(self, volumes: bool = False, lexicon: bool = False) -> dict[str, Any]:
        """All events; first their volumes or the lexicon are read, where asked for."""
        if volumes:
            self.data.read_volumes()
        if lexicon:
            self.data.read_lexicon()
        found = self.data.events()
        return {**found, "cost": self.data.cost}

    @does("event", beside=True)
    def event(self, name: str) -> dict[str, Any]:
        """One event; ``share`` says on how many of its rows a property is set."""
        found = self.data.event(name)
        return {**found, "properties": _shares(found["properties"], found["count"])}

    @does("sample", beside=True)
    def sample(self, name: str) -> list[list[list[str]]]:
        """The latest rows of an event, as pairs of names and texts."""
        return [
            _pairs({"event": row["event"], **row["properties"]}) for row in self.data.sample(name)
        ]

    @does("people", beside=True)
    def people(self) -> dict[str, Any]:
        """Profiles."""
        found = self.data.people()
        return {
            **found,
            "properties": _shares(found["properties"], found["count"]),
            "sample": [_pairs(row) for row in found["sample"]],
        }

    @does("property", beside=True)
    def property(self, name: str, event: str | None, resource: Resource) -> dict[str, Any]:
        """One property; ``value`` of its top values is None where no filter can keep it."""
        found = self.data.property(name, event, resource)
        numbers = {name: _amount(n) for name, n in (found["numbers"] or {}).items()}
        top = _shares([_sent(row) for row in found["top"]], found["count"])
        return {**found, "numbers": numbers, "top": top}

    @does("subproperties", beside=True)
    def subproperties(self, name: str, event: str | None) -> list[dict[str, Any]]:
        """The parts of a list of objects."""
        return [
            {**row, "sample_values": [_cut(str(value)) for value in row["sample_values"]]}
            for row in self.data.subproperties(name, event)
        ]

    @does("cohorts", beside=True)
    def cohorts(self) -> list[dict[str, Any]]:
        """Saved cohorts."""
        return self.data.cohorts()

    @does("question")
    def question(self, start: Start, **about: Any) -> dict[str, str]:
        """A question as cell text; it becomes the widget's state."""
        if "value" in about:
            about["value"] = json.loads(about["value"])
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
        """What is open as static tables."""
        parts = [
            f"<p><strong>{escape(title)}</strong></p>"
            f"{display.html_table(found) or f'<p>{escape(empty)}</p>'}"
            for title, found, empty in self._tables()
        ]
        return f"<div>{''.join(parts)}</div>"

    def plain(self) -> str:
        """What is open as aligned text."""
        parts = [
            f"{title}\n\n{display.text_table(found) if found.rows else empty}"
            for title, found, empty in self._tables()
        ]
        return "\n\n".join(parts)

    def _tables(self) -> list[tuple[str, Table, str]]:
        """Titles, tables and what stands where a table is empty; nothing is asked of a project."""
        title = f"Events of {self.data.workspace.engine.source}"
        if self.data.cost["events"]:
            words_ = "Nothing was asked of Mixpanel yet: click in the live view, or ws.events()."
            return [(title, _table(("event",), []), words_)]
        if self._first is not None:
            return [self._opened(self._first)]
        rows = [
            [words.shorten(one["name"], 60), words.number(one["count"])]
            for one in self.data.events()["events"]
        ]
        return [(title, _table(("event", "count"), rows), "No events yet.")]

    def _opened(self, event: str) -> tuple[str, Table, str]:
        found = self.data.event(event)
        rows = [
            [words.shorten(row["name"], 60), words.number(row["count"]), str(row["type"])]
            for row in found["properties"]
        ]
        title = f"{words.shorten(event, 60)}: {words.number(found['count'])} rows"
        return (title, _table(("property", "set on rows", "type"), rows), "It carries nothing.")


def _table(head: tuple[str, ...], rows: list[list[str]]) -> Table:
    numeric = [at == 1 for at in range(len(head))]
    shown = rows[:TWIN_ROWS]
    return Table(head=list(head), rows=shown, total=len(rows), wide=len(head), numeric=numeric)


def _sent(row: dict[str, Any]) -> dict[str, Any]:
    """A top value as the page gets it."""
    value = None if isinstance(row["value"], (list, dict)) else json.dumps(row["value"])
    if value is not None and len(value) > LONGEST_VALUE:
        value = None
    return {"value": value, "text": _cut(str(row["text"])), "count": row["count"]}


def _shares(rows: list[dict[str, Any]], whole: int | None) -> list[dict[str, Any]]:
    """Rows with their count as a part of the whole, as a number and in words."""
    made = []
    for row in rows:
        count = row["count"]
        part = count / whole if whole and count is not None else row.get("part")
        made.append({**row, "part": part, "share": "" if part is None else words.percent(part)})
    return made


def _amount(number: float | None) -> str:
    """A number of a summary; a double has no more than some fifteen digits to show."""
    return f"{number:.6g}" if number and abs(number) >= MOST_DIGITS else words.number(number)


def _pairs(row: dict[str, Any]) -> list[list[str]]:
    return [[name, _cut(_text(value))] for name, value in row.items()]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def explore(workspace: Workspace, event: str | None = None) -> Explorer:
    """An explorer of a workspace, perhaps with an event opened.

    Raises:
        EventNotFoundError: a local store has no such event; similar names are given.
    """
    if event is not None and workspace.engine.name == "duckdb" and event not in workspace.events():
        raise EventNotFoundError(event, difflib.get_close_matches(event, workspace.events(), 3))
    return Explorer(workspace, event)
