"""The result card as a widget: chart, table, forms, drill-down, save as a report.

Enters: an answer and its workspace. Leaves: a live view with a static twin. The surprise: the twin
is what a plain result saves, so that an exported notebook looks the same with and without cards.
"""

from __future__ import annotations

import threading
from typing import Any

from IPython.core.getipython import get_ipython

from mpnb.chart import display
from mpnb.errors import ParamValidationError
from mpnb.result import AnyResult
from mpnb.result.base import resolve
from mpnb.widget.base import Live, does, failure
from mpnb.widget.carding import Card
from mpnb.widget.drill import Drill
from mpnb.widget.pending import offer
from mpnb.workspace import Workspace

BUILD = "mpnb.widget.builder:edit"
"""Found by name: a builder shows cards, and a card opens builders."""


class ResultCard(Live):
    """One answer, to look at, to go deeper, and to keep.

    Attributes:
        data: the same without a page.
    """

    def __init__(self, data: Card) -> None:
        self.data = data
        self._drills: list[Drill] = []
        self._next: Card | None = None
        self._asking = threading.Lock()
        super().__init__(part="card", text=data.forms()["text"].get("text", ""))

    @does("begin")
    def begin(self) -> dict[str, Any]:
        """What a page starts with: the first chart, the forms, and where the numbers come from."""
        workspace = self.data.workspace
        return {
            "kind": self.data.result.kind,
            "charts": self.data.charts(),
            "drawn": self.data.draw(),
            "forms": self.data.forms(),
            "facts": self.data.facts(),
            "knows": workspace is not None,
            "local": workspace is not None and workspace.is_local,
            "how": "Request" if self.data.result.provenance.engine == "mixpanel" else "SQL",
            "drillable": self.data.result.kind != "users",
        }

    @does("draw", beside=True)
    def draw(self, name: str) -> dict[str, Any]:
        """Another chart."""
        return self.data.draw(name)

    @does("table")
    def table(self, **view: Any) -> dict[str, Any]:
        """A part of the table."""
        return self.data.table(**view)

    @does("csv", beside=True)
    def csv(self) -> str:
        """The whole table as CSV."""
        return self.data.csv()

    @does("tsv")
    def tsv(self, **view: Any) -> str:
        """The shown rows, to paste into a spreadsheet."""
        return self.data.tsv(**view)

    @does("how", beside=True)
    def how(self) -> dict[str, str]:
        """How it was answered."""
        return self.data.how()

    @does("properties", beside=True)
    def properties(self) -> list[str]:
        """What a drill can be split by."""
        return self.data.properties()

    @does("drills")
    def drills(self, at: int, by: str = "") -> list[dict[str, Any]]:
        """What a row of the table leads to."""
        self._drills = self.data.drills(at, by)
        return [
            {
                "title": one.title,
                "note": one.note,
                "cost": one.cost,
                "text": _cell(one),
            }
            for one in self._drills
        ]

    @does("go")
    def go(self, number: int) -> None:
        """Ask a drill beside the kernel's own work; `opened` gives its card."""
        drill = self._drills[number]

        def work() -> Any:
            with self._asking:
                return self.data.go(drill)

        self.later("drill", work, self._went, self._failed)

    def _went(self, found: tuple[Card, str]) -> None:
        self._next, line = found
        self.tell(drilled={"line": line})

    def _failed(self, problem: BaseException) -> None:
        self.tell(drilled={"failed": failure(problem)})

    @does("stop")
    def halt(self) -> None:
        """Halt a running drill."""
        self.stop("drill")

    @does("opened")
    def opened(self) -> str:
        """The card of the last drill; returns its model's id."""
        if self._next is None:
            raise ParamValidationError("Nothing was drilled into yet.")
        return str(ResultCard(self._next).model_id)

    @does("edit")
    def edit(self) -> str:
        """A builder that starts with this question; returns its model's id."""
        if self.data.question is None or self.data.workspace is None:
            raise ParamValidationError("There is no question and workspace to build with.")
        return str(resolve(BUILD)(self.data.question, self.data.workspace).model_id)

    @does("dashboards")
    def dashboards(self) -> list[dict[str, Any]]:
        """The dashboards of the project; one request."""
        return self.data.dashboards()

    @does("review")
    def review(self, **about: Any) -> dict[str, Any]:
        """What saving would change."""
        return self.data.review(**about)

    @does("save")
    def save(self, **about: Any) -> dict[str, Any]:
        """Save the question as a report."""
        return self.data.save(**about)

    @does("paste")
    def paste(self, text: str) -> None:
        """Keep text for ``%mp paste``."""
        offer(text)

    def twin(self) -> str:
        """The static answer, as a plain result shows it."""
        return display.html(self.data.result, self.data.chart)

    def plain(self) -> str:
        """The answer as text."""
        return display.text(self.data.result, self.data.chart)


def _cell(drill: Drill) -> str | None:
    """The cell of a drill; "" where one cell cannot hold it, None where there is no question."""
    if drill.question is None:
        return None
    return "" if drill.then is not None else Card.text_of(drill.question)


def card(
    result: AnyResult, workspace: Workspace | None = None, chart: str | None = None
) -> ResultCard:
    """A card of an answer; by default of the notebook's workspace ``ws``, if that has its source.

    Raises:
        ParamValidationError: the chart cannot show this answer.
    """
    return ResultCard(Card(result, workspace or _in_use(result), chart))


def _in_use(result: AnyResult) -> Workspace | None:
    """The notebook's workspace, unless the answer came from elsewhere: it would ask other data."""
    shell = get_ipython()
    held = shell.user_ns.get("ws") if shell else None
    if not isinstance(held, Workspace):
        return None
    return held if held.engine.source == result.provenance.source else None
