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


def fits(result: QueryResult) -> bool:
    """Lines need dates and numbers."""
    return is_series(result) and is_numeric(result)


def build(result: QueryResult) -> Chart:
    """One line per metric and segment, the eight largest."""
    every = lines(result)
    shown = largest(every, theme.MAX_LINES)
    before = _before(result, shown)
    drawn, notes = thinned([*shown, *before])
    names = words.distinct([line.name for line in drawn])
    traces = [
        trace(line, index, name)
        for index, (line, name) in enumerate(zip(drawn, names, strict=True))
    ]
    for old in traces[len(shown) :]:
        old["line"] = {"color": theme.QUIET, "dash": "dot", "width": 2}
        old["mode"] = "lines"
    return Chart(
        title=trend.title(result),
        traces=[*traces, *_open_ends(result, drawn[: len(shown)])],
        summary=trend.sentence(result, every),
        notes=(
            *cut(len(shown), len(every), "lines"),
            *notes,
            *(f"○ {note}" for note in cut_short(result)),
        ),
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


def _before(result: QueryResult, shown: list[Line]) -> list[Line]:
    """The compared period, moved onto the dates of the asked one; only for a single line."""
    other = result.comparison
    if other is None or len(shown) != 1:
        return []
    return [
        Line("Compared period", shown[0].dates, line.values[: len(shown[0].dates)])
        for line in lines(other)[:1]
    ]
