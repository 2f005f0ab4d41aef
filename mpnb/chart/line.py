"""Insights over time as lines, with the compared period as a quiet second line."""

from __future__ import annotations

from typing import Any

from mpnb.chart import theme, trend, words
from mpnb.chart.base import Chart, cut
from mpnb.chart.series import (
    Line,
    is_number,
    is_numeric,
    is_series,
    largest,
    lines,
    thinned,
    time_axis,
    trace,
)
from mpnb.result import QueryResult
from mpnb.result.base import local_time
from mpnb.result.read import cut_short

MAX_COMPARED = 4
"""Lines up to which each has its compared period beside it."""


def fits(result: QueryResult) -> bool:
    """Lines need dates and numbers."""
    return is_series(result) and is_numeric(result)


def build(result: QueryResult) -> Chart:
    """One line per metric and segment, the eight largest."""
    every = lines(result)
    shown = largest(every, theme.MAX_LINES)
    before = _before(result, shown)
    drawn, notes = thinned([*shown, *(line for _, line in before)])
    names = words.distinct([line.name for line in drawn])
    traces = [
        trace(line, index, name)
        for index, (line, name) in enumerate(zip(drawn, names, strict=True))
    ]
    for (of, _), old in zip(before, traces[len(shown) :], strict=True):
        colour = theme.QUIET if len(shown) == 1 else theme.faded(theme.colour(of), 0.55)
        old["line"] = {"color": colour, "dash": "dot", "width": 2}
        old["mode"] = "lines"
        old["showlegend"] = len(shown) == 1
    return Chart(
        title=trend.title(result),
        traces=[*traces, *_open_ends(result, drawn[: len(shown)])],
        summary=trend.sentence(result, every),
        notes=(
            *cut(len(shown), len(every), "lines"),
            *notes,
            *(f"○ {note}" for note in cut_short(result)),
            *(("dotted: the compared period",) if before and len(shown) > 1 else ()),
        ),
        compares=bool(before),
        layout={
            "xaxis": time_axis(drawn),
            "yaxis": theme.values(),
            "showlegend": len(traces) > 1,
        },
    )


def _open_ends(result: QueryResult, drawn: list[Line]) -> list[dict[str, Any]]:
    """Rings around the points whose bucket the range or the present cuts short."""
    keys = {local_time(key) for key in result.meta.get("incomplete") or []}
    points = [
        (date, value)
        for line in drawn
        for date, value in zip(line.dates, line.values, strict=True)
        if date in keys and date in (line.dates[0], line.dates[-1]) and is_number(value)
    ]
    ring = {
        "type": "scatter",
        "mode": "markers",
        "name": "bucket not whole",
        "x": [date for date, _ in points],
        "y": [value for _, value in points],
        "marker": {"symbol": "circle-open", "size": 11, "color": theme.QUIET},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return [ring] if points else []


def _before(result: QueryResult, shown: list[Line]) -> list[tuple[int, Line]]:
    """The compared period of up to four lines, moved onto the dates of the asked one.

    Each with the place of the line that it belongs to.
    """
    other = result.comparison
    if other is None or len(shown) > MAX_COMPARED:
        return []
    known = {line.name: line for line in lines(other)}
    found = []
    for at, line in enumerate(shown):
        if line.name in known:
            name = "Compared period" if len(shown) == 1 else f"{line.name}, compared period"
            values = known[line.name].values[: len(line.dates)]
            values = [*values, *[None] * (len(line.dates) - len(values))]
            found.append((at, Line(name, line.dates, values)))
    return found
