"""The table twin of every chart: the first rows of an answer as texts, for people and readers.

An answer enters; a head, rows of texts and the number of all rows leave. The surprise: no frame is
built for it. Insights over time are turned, dates down and lines across, which a frame is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpnb.chart import flow as flow_chart
from mpnb.chart import retention as retention_chart
from mpnb.chart import retention_cells, theme, words
from mpnb.chart.base import Chart
from mpnb.chart.series import is_number, is_series, lines
from mpnb.result import (
    AnyResult,
    FlowQueryResult,
    FunnelQueryResult,
    QueryResult,
    RetentionQueryResult,
    UserQueryResult,
)
from mpnb.result.base import segment_label
from mpnb.result.insights import leaves
from mpnb.result.users import profile_table

ROWS = 20
COLUMNS = 8


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of texts.

    Attributes:
        head: names of the columns.
        rows: cells as texts, at most `ROWS` rows and `COLUMNS` columns.
        total: rows of the whole table.
        wide: columns of the whole table.
        numeric: which columns hold numbers (they stand on the right).
        remark: what a sign in the cells means.
    """

    head: list[str]
    rows: list[list[str]]
    total: int
    wide: int
    numeric: list[bool]
    remark: str = ""

    def note(self) -> str:
        """What is left out, or nothing."""
        parts = []
        if self.total > len(self.rows):
            parts.append(f"{len(self.rows)} of {words.number(self.total)} rows")
        if self.wide > len(self.head):
            parts.append(f"{len(self.head)} of {words.number(self.wide)} columns")
        return ", ".join([*parts, *([self.remark] if self.remark else [])])


Rows = tuple[list[str], list[list[Any]]]


def of(result: AnyResult, rows: int = ROWS, columns: int = COLUMNS) -> Table:
    """The table of an answer, cut to a readable size."""
    head, body = MAKERS[result.kind](result)
    kept = [row[:columns] for row in body[:rows]]
    numeric = [
        any(_is_value(row[at]) for row in kept)
        and all(_is_value(row[at]) or row[at] is None or row[at] == "" for row in kept)
        for at in range(len(head[:columns]))
    ]
    texts = [[_cell(value) for value in row] for row in kept]
    short = [words.shorten(name, 32) for name in head[:columns]]
    starred = result.kind == "retention" and any("*" in c for row in texts for c in row[1:])
    remark = "* bucket not over yet" if starred else ""
    return Table(
        head=short, rows=texts, total=len(body), wide=len(head), numeric=numeric, remark=remark
    )


class Path(str):
    """A path of events, whose parts are short already."""


class Shown(str):
    """A number that is a text already, such as "12.3 %"."""


def _is_value(value: Any) -> bool:
    return is_number(value) or isinstance(value, Shown)


def _cell(value: Any) -> str:
    if isinstance(value, (Shown, Path)):
        return str(value)
    if value is None:
        return "–"
    return words.number(value) if is_number(value) else words.shorten(value, 48)


def _insights(result: QueryResult) -> Rows:
    if not is_series(result):
        found = list(leaves(result.series))
        depth = max((len(leaf.path) for leaf in found), default=len(result.headers[1:]))
        names = [str(name) for name in result.headers[1:]]
        names = names if len(names) == depth else [f"segment {at + 1}" for at in range(depth)]
        body = [
            [leaf.event, *leaf.path, *[""] * (depth - len(leaf.path)), value]
            for leaf in found
            for value in leaf.points.values()
        ]
        return ["metric", *names, "value"], body
    ranked = sorted(lines(result), key=lambda line: -line.size)
    cells = [dict(zip(line.dates, line.values, strict=True)) for line in ranked]
    dates = sorted({date for line in ranked for date in line.dates})
    body = [[words.date(date), *(cell.get(date) for cell in cells)] for date in dates]
    return ["date", *(line.name for line in ranked)], body


def _funnel(result: FunnelQueryResult) -> Rows:
    found = result.blocks
    dated, split = any(b.date for b in found), any(b.path for b in found)
    head = [*(["date"] if dated else []), *(["segment"] if split else [])]
    head += ["step", "event", "count", "of step before", "of first step", "time from step before"]
    body = [
        [
            *([words.date(block.date)] if dated else []),
            *([segment_label(block.path)] if split else []),
            Shown(at),
            step.get("event"),
            step.get("count"),
            Shown(words.percent(step.get("step_conv_ratio"))),
            Shown(words.percent(step.get("overall_conv_ratio"))),
            Shown(words.duration(step.get("avg_time")) if at > 1 else ""),
        ]
        for block in found
        for at, step in enumerate(block.steps, start=1)
    ]
    return head, body


def _retention(result: RetentionQueryResult) -> Rows:
    found = result.groups
    split = any(group.path for group in found)
    rate = retention_cells.is_rate(result)
    head_cells = [*(["segment"] if split else []), "cohort", "size"]
    body: list[list[Any]] = []
    width = 0
    for group in found:
        rows = [("average", group.average)] if group.average else []
        rows += [(words.date(date), group.cohorts[date]) for date in sorted(group.cohorts)]
        for name, cohort in rows:
            cells = retention_cells.values(result, cohort)
            width = max(width, len(cells))
            show = words.percent if rate else words.number
            texts = [
                Shown(retention_chart.cell_text(show, v, cohort, at)) for at, v in enumerate(cells)
            ]
            front = [segment_label(group.path)] if split else []
            body.append([*front, name, Shown(retention_chart.whole(cohort.get("first"))), *texts])
        for date in sorted(group.values):
            value = group.values[date]
            width = max(width, 1)
            front = [segment_label(group.path)] if split else []
            body.append(
                [*front, words.date(date), None, Shown(words.percent(value)) if rate else value]
            )
    names = retention_cells.bucket_names(result, width)
    padded = [[*row, *[""] * (len(head_cells) + width - len(row))] for row in body]
    return [*head_cells, *names], padded


def _path(names: list[str]) -> Path:
    """A path in one cell, long ones without their middle."""
    kept = names if len(names) <= 7 else [*names[:4], "…", *names[-2:]]
    return Path(" → ".join(words.shorten(name, 24) for name in kept))


def _flow(result: FlowQueryResult) -> Rows:
    name = flow_chart.node_name
    if result.mode == "paths":
        found = sorted(flow_chart.paths(result), key=lambda path: -path[1])
        return ["path", "count"], [[_path(names), size] for names, size in found]
    if result.mode == "tree":
        nodes = [
            [_path(list(path)), node.total_count, node.drop_off_count]
            for tree in result.trees
            for _, path, node in tree.walk()
        ]
        return ["path", "count", "stop here"], nodes
    totals: dict[int, int] = {}
    for node in result.nodes():
        totals[node["step"]] = totals.get(node["step"], 0) + node["count"]
    edges = sorted(result.edges(), key=lambda edge: -edge.total)
    body: list[list[Any]] = [
        [
            Shown(edge.source_step),
            name(edge.source_event, edge.source_type),
            name(edge.target_event, edge.target_type),
            edge.total,
            Shown(words.percent(edge.total / totals[edge.source_step]))
            if totals.get(edge.source_step)
            else None,
        ]
        for edge in edges
    ]
    return ["step", "from", "to", "count", "of the step"], body


def _users(result: UserQueryResult) -> Rows:
    if result.mode == "profiles":
        return profile_table(result.profiles)
    return result._aggregate_table()


MAKERS: dict[str, Callable[[Any], Rows]] = {
    "insights": _insights,
    "funnel": _funnel,
    "retention": _retention,
    "flow": _flow,
    "users": _users,
}


def fits(_: AnyResult) -> bool:
    """A table fits any answer."""
    return True


def build(result: AnyResult) -> Chart:
    """The table as a Plotly trace; the static display shows it as HTML instead."""
    table = of(result)
    columns = [[words.label(row[at]) for row in table.rows] for at in range(len(table.head))]
    align = ["right" if numeric else "left" for numeric in table.numeric]
    trace = {
        "type": "table",
        "header": {
            "values": [f"<b>{words.label(name)}</b>" for name in table.head],
            "align": align,
            "fill": {"color": "rgba(128,132,140,0.14)"},
            "line": {"color": theme.GRID, "width": 1},
            "font": {"color": theme.TEXT, "size": 12},
            "height": 26,
        },
        "cells": {
            "values": columns,
            "align": align,
            "fill": {"color": "rgba(0,0,0,0)"},
            "line": {"color": theme.GRID, "width": 1},
            "font": {"color": theme.TEXT, "size": 12},
            "height": 24,
        },
    }
    count = words.plural(table.total, "row")
    return Chart(
        title=f"{result.kind.capitalize()}: {count}",
        traces=[trace] if table.rows else [],
        summary=_sentence(result, table.total, table.wide),
        notes=(table.note(),) if table.note() else (),
        layout={
            "height": 140 + 24 * max(len(table.rows), 2),
            "margin": {"l": 8, "r": 8, "t": 64, "b": 8},
        },
    )


def _sentence(result: AnyResult, rows: int, columns: int) -> str:
    if isinstance(result, UserQueryResult) and result.mode == "profiles":
        return f"{words.plural(rows, 'profile')} listed." if rows else "No profile matches."
    return f"The answer has {words.plural(rows, 'row')} and {words.plural(columns, 'column')}."
