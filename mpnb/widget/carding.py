"""The result card without a page: charts, table, forms, drill-down and saving of one answer.

Enters: an answer, and the workspace that gave it. Leaves: plain records, new cards, a saved report.
The surprise: an answer does not hold its workspace, so that a card without one shows everything
but can neither drill nor save, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from mpnb import chart as charts
from mpnb import saving
from mpnb import text as language
from mpnb.chart import registry, svg, words
from mpnb.chart.retention import OPEN_NOTE, STAR
from mpnb.errors import MixpanelHeadlessError, NotSupportedError, ParamValidationError
from mpnb.query.breakdown import GroupBy
from mpnb.query.question import Question
from mpnb.query.users import users
from mpnb.result import AnyResult, RetentionQueryResult, sheet
from mpnb.text.python import to_python
from mpnb.widget import marks, people, places
from mpnb.widget.drill import Drill, Place, drills, found
from mpnb.workspace import Workspace

PAGE = 100
"""Rows of the table that travel at a time."""
SHARES = ("rate", "step_conv_ratio", "overall_conv_ratio")
SECONDS = ("avg_time", "avg_time_from_start")


class Card:
    """One answer, to look at, to go deeper, and to keep.

    Args:
        result: the answer.
        workspace: who gave it; None leaves drill-down and saving out.
        chart: the chart that is drawn first; the best one by default.

    Raises:
        ParamValidationError: the chart cannot show this answer.
    """

    def __init__(
        self, result: AnyResult, workspace: Workspace | None = None, chart: str | None = None
    ) -> None:
        self.result = result
        self.workspace = workspace
        self.chart = registry.chosen(result, chart).name

    @property
    def question(self) -> Question | None:
        """What was asked; None for an answer to params that no question made."""
        asked = self.result.query
        return asked if isinstance(asked, Question) else None

    # ------------------------------------------------------------------ look
    def charts(self) -> list[dict[str, str]]:
        """The charts that fit, the best first."""
        return [{"name": row.name, "help": row.help} for row in charts.fitting(self.result)]

    def draw(self, name: str | None = None) -> dict[str, Any]:
        """A chart as SVG ("" for a table) with its sentence and what it leaves out.

        ``rows`` says which row of the table a mark of the drawing stands for.
        """
        made = registry.build(self.result, name or self.chart)
        spec = made.spec()
        return {
            "chart": name or self.chart,
            "svg": svg.draw(spec, marks_known=True),
            "rows": marks.rows(self.result, name or self.chart, spec, self.frame()),
            "summary": made.summary,
            "notes": list(made.notes),
        }

    def frame(self) -> Any:
        """The rows of the table; for a flow in steps its edges, which can be gone into."""
        result: Any = self.result
        return result.edges_df if result.kind == "flow" and result.mode == "sankey" else result.df

    def rows(self, sort: str | None = None, descending: bool = False, word: str = "") -> Any:
        """The frame, sorted by a column and with only the rows that hold the word.

        Raises:
            ParamValidationError: there is no such column.
        """
        frame = self.frame()
        if sort is not None and sort not in frame.columns:
            known = ", ".join(map(str, frame.columns))
            raise ParamValidationError(f"The table has no column {sort!r}: {known}.")
        if word:
            texts = frame.astype(str).map(str.casefold)
            frame = frame[texts.apply(lambda row: word.casefold() in " ".join(row), axis=1)]
        if sort is not None:
            key = None if frame[sort].map(type).nunique() <= 1 else lambda one: one.map(_order)
            frame = frame.sort_values(sort, ascending=not descending, kind="stable", key=key)
        return frame

    def table(
        self,
        sort: str | None = None,
        descending: bool = False,
        word: str = "",
        start: int = 0,
        size: int = PAGE,
    ) -> dict[str, Any]:
        """A part of the table as texts; ``at`` names each row for `drills`."""
        frame = self.rows(sort, descending, word)
        part = frame.iloc[start : start + size]
        names = [str(name) for name in frame.columns]
        body = part.astype(object).itertuples(index=False, name=None)
        rows = [
            [_cell(name, value) for name, value in zip(names, row, strict=True)] for row in body
        ]
        at = [int(number) for number in part.index]
        return {
            "columns": names,
            "numeric": [kind.kind in "iufb" for kind in frame.dtypes.map(_kind)],
            "rows": rows,
            "note": _star(self.result, names, rows, at),
            "at": at,
            "start": start,
            "matching": len(frame),
            "total": len(self.frame()),
        }

    def csv(self) -> str:
        """The whole table as CSV; texts that a spreadsheet would run are made harmless."""
        return sheet.write(self.frame())

    def tsv(self, sort: str | None = None, descending: bool = False, word: str = "") -> str:
        """The rows that are shown, tab-separated, to paste into a spreadsheet."""
        return sheet.write(self.rows(sort, descending, word), "\t")

    # ------------------------------------------------------------------ forms
    def forms(self) -> dict[str, dict[str, str]]:
        """Text, Python and params of the question: ``text`` to copy, or ``problem``."""
        return {
            "text": self._form(lambda asked: language.cell(asked)),
            "python": self._form(to_python),
            "params": {"text": json.dumps(self.result.params, indent=2, ensure_ascii=False)},
        }

    def how(self) -> dict[str, str]:
        """How it was answered: the passes and SQL of the local engine, or the request."""
        if self.result.provenance.engine == "mixpanel":
            return {"title": "Request", "text": _request(self.result)}
        if self.workspace is None:
            return {"title": "SQL", "problem": NO_WORKSPACE}
        workspace = self.workspace
        return {"title": "SQL", **self._form(lambda asked: workspace.explain(asked))}

    @staticmethod
    def text_of(question: Question) -> str | None:
        """A question as a cell; None where the language has no words for it."""
        try:
            return language.cell(question)
        except MixpanelHeadlessError:
            return None

    def _form(self, make: Callable[[Question], str]) -> dict[str, str]:
        if self.question is None:
            return {"problem": "This answer was made from params; no question of ours asked it."}
        try:
            return {"text": make(self.question)}
        except MixpanelHeadlessError as problem:
            return {"problem": str(problem)}

    def facts(self) -> dict[str, str]:
        """Where the numbers come from, and what is left of the hour's requests."""
        left = self.result.provenance.budget_left
        budget = "" if left is None else f"{left} requests left this hour"
        return {"source": self.result.provenance.line(), "budget": budget}

    # ------------------------------------------------------------------ drill
    def place(self, at: int) -> Place:
        """Where in the answer a row of the table stands; behind the last row, its averages."""
        frame = self.frame()
        averages = marks.averages(self.result)
        if len(frame) <= at < len(frame) + len(averages):
            path, bucket, rate = averages[at - len(frame)]
            return Place(path=path, bucket=bucket, count=rate)
        if not 0 <= at < len(frame):
            raise ParamValidationError(f"The table has rows 0 to {len(frame) - 1}, not {at}.")
        row = dict(zip(map(str, frame.columns), frame.iloc[at].astype(object), strict=True))
        place = places.of(self.result.kind, row)
        way = places.route(self.result, frame, at) if self.result.kind == "flow" else ()
        return replace(place, route=way, source=way[-2][0] if len(way) > 1 else place.source)

    def drills(self, at: int, by: str = "") -> list[Drill]:
        """What a row of the table leads to; ``by`` is a property, ``user.…`` one of profiles."""
        place = self.place(at)
        made = drills(self.result, place, breakdown(by))
        if self.result.kind == "retention" and place.date:
            whole = self._cohort(place)
            cohort = drills(self.result, whole, breakdown(by))
            made += [one for one in cohort if one.name != "split"]
        return made

    def _cohort(self, place: Place) -> Place:
        """The cohort that a cell belongs to, with its size."""
        result: Any = self.result
        group = next((g for g in result.groups if tuple(g.path) == place.path), None)
        group = group or next((g for g in result.groups if not place.path), None)
        size = (group.cohorts.get(place.date) or {}).get("first") if group else None
        return Place(path=place.path, date=place.date, count=size)

    def properties(self) -> list[str]:
        """What a drill can be split by, where that costs no request."""
        held = self.workspace
        schema = held.schema if held is not None and held.is_local else None
        if schema is None:
            return []
        people = [f"user.{name}" for name in schema.profile_properties()]
        return [*map(str, schema.properties(None)), *people]

    def go(self, drill: Drill) -> tuple[Card, str]:
        """Ask a drill: the card of its answer, and a line that compares the numbers.

        Raises:
            NotSupportedError: it has no question, or the card has no workspace.
            QueryError: its answer does not hold the number that was clicked.
        """
        if drill.question is None:
            raise NotSupportedError(drill.note)
        if self.workspace is None:
            raise NotSupportedError(NO_WORKSPACE)
        if drill.who is not None:
            return self._people(drill, drill.who)
        answer = self.workspace.ask(drill.question)
        return Card(answer, self.workspace), compared(drill, found(drill, answer))

    def _people(self, drill: Drill, who: Callable[[Any], list[str]]) -> tuple[Card, str]:
        """The profiles of those who stand at a place, and how many they are."""
        workspace: Any = self.workspace
        told = workspace.ask(drill.question, limit=people.MOST)
        ids = who(told)
        if not ids:
            raise NotSupportedError("Nobody stands there, so that there is no list to show.")
        if drill.then is not None:
            answer = workspace.ask(drill.then(ids))
            return Card(answer, workspace), compared(drill, found(drill, answer))
        first = ids[:LISTED]
        asked = users(distinct_ids=first, mode="profiles", limit=len(first))
        note = f"The first {LISTED} follow" if len(ids) > LISTED else "They follow"
        line = compared(replace(drill, note=f"{note}, as far as they have a profile."), len(ids))
        return Card(workspace.ask(asked), workspace), line

    # ------------------------------------------------------------------ save
    def review(
        self, name: str, description: str = "", dashboard: int | None = None
    ) -> dict[str, Any]:
        """What saving would do: a new report, or the differences to the one it replaces."""
        workspace = self._saves(name)
        kept = saving.existing(workspace, self._kept(), name, dashboard)
        if kept is None:
            return {"replaces": None, "differences": []}
        rows = saving.differences(workspace, kept, self._kept(), description or None)
        return {
            "replaces": {"id": kept.id, "name": kept.name, "link": saving.address(workspace, kept)},
            "differences": [asdict(row) for row in rows],
        }

    def save(
        self, name: str, description: str = "", dashboard: int | None = None
    ) -> dict[str, Any]:
        """Save the question as a report; it tells the report's id and link."""
        workspace = self._saves(name)
        report = workspace.save(
            self._kept(), name, description=description or None, dashboard_id=dashboard
        )
        link = saving.address(workspace, report)
        return {"id": report.id, "name": report.name, "link": link}

    def dashboards(self) -> list[dict[str, Any]]:
        """The dashboards of the project; one request. A local workspace has none."""
        if self.workspace is None or self.workspace.is_local:
            return []
        return [{"id": one.id, "title": one.title} for one in self.workspace.list_dashboards()]

    def _kept(self) -> Any:
        return self.question or self.result

    def _saves(self, name: str) -> Workspace:
        if self.workspace is None:
            raise NotSupportedError(NO_WORKSPACE)
        if not name.strip():
            raise ParamValidationError("Give the report a name.")
        return self.workspace


LISTED = 50
"""People that a list begins with."""
NO_WORKSPACE = "This card does not know its workspace: open it with result.card(ws)."


def compared(drill: Drill, value: float | None) -> str:
    """Whether the drilled answer holds the number that was clicked, in words."""
    if drill.expects is None or value is None:
        return drill.note
    clicked, here = words.number(drill.expects), words.number(value)
    if abs(value - drill.expects) <= 1e-9 * max(1.0, abs(value)):
        return f"The same number as clicked: {here}. {drill.note}".strip()
    return (
        f"Attention: this adds up to {here}, and {clicked} was clicked. Rows with several values "
        "of the property count in several segments, so read the segments and not their sum."
    )


def breakdown(name: str) -> GroupBy | None:
    """A breakdown by the name of a property; ``user.plan`` is one of profiles."""
    if not name.strip():
        return None
    if name.startswith("user."):
        return GroupBy(name.removeprefix("user."), resource_type="people")
    return GroupBy(name)


def _order(value: Any) -> tuple[int, float, str]:
    """A key that puts numbers before texts and nothing at the end."""
    if value is None or value != value:
        return 2, 0.0, ""
    if isinstance(value, (int, float)):
        return 0, float(value), ""
    return 1, 0.0, str(value)


def _kind(dtype: Any) -> Any:
    return getattr(dtype, "numpy_dtype", dtype)


def _star(result: AnyResult, names: list[str], rows: list[list[str]], at: list[int]) -> str:
    """Mark the numbers of buckets that are not over yet; what the mark means, or ""."""
    if not isinstance(result, RetentionQueryResult):
        return ""
    over = result.is_over
    still = [row for row, number in zip(rows, at, strict=True) if not over[number]]
    for row in still:
        for column in (names.index("count"), names.index("rate")):
            row[column] += STAR
    return OPEN_NOTE if still else ""


def _cell(column: str, value: Any) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        )
        return text if len(text) <= 300 else f"{text[:300]}…"
    if column in SHARES:
        return words.percent(value)
    return words.duration(value) if column in SECONDS else words.number(value)


def _request(result: AnyResult) -> str:
    """The request that asks Mixpanel the same; the account and the project are not shown."""
    path = {"flow": "/arb_funnels", "users": "engage"}.get(result.kind, "/insights")
    body = json.dumps({"bookmark": result.params}, indent=2, ensure_ascii=False)
    if path == "engage":
        return f"POST engage\n\n{json.dumps(result.params, indent=2, ensure_ascii=False)}"
    return f"POST query {path}\n\n{body}"
