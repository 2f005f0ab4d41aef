"""Insights as bars: totals by segment lie, values over time stand; the same file stacks them.

The surprise: a stack adds up, so that it is offered for counts and sums only in the reader's mind;
the chart cannot know whether a measure may be added, and says "stacked" and not "total".
"""

from __future__ import annotations

from typing import Any

from mpnb.chart import theme, trend, words
from mpnb.chart.base import Chart, cut, period
from mpnb.chart.series import (
    is_number,
    is_numeric,
    is_series,
    largest,
    lines,
    thinned,
    time_axis,
)
from mpnb.result import QueryResult
from mpnb.result.base import OVERALL
from mpnb.result.insights import leaves
from mpnb.result.read import cut_short

MAX_BARS = 15


def fits(result: QueryResult) -> bool:
    """Bars need numbers."""
    return is_numeric(result)


def fits_stacked(result: QueryResult) -> bool:
    """A stack needs dates and at least two lines."""
    return is_series(result) and is_numeric(result) and len(lines(result)) > 1


def build(result: QueryResult) -> Chart:
    """Bars side by side."""
    return _over_time(result, "group") if is_series(result) else _totals(result)


def build_stacked(result: QueryResult) -> Chart:
    """Bars on top of each other."""
    return _over_time(result, "stack")


def _over_time(result: QueryResult, mode: str) -> Chart:
    every = lines(result)
    shown = largest(every, theme.MAX_LINES)
    drawn, notes = thinned(shown)
    names = words.distinct([line.name for line in drawn])
    traces = [
        bars(index, name, line.dates, [v if is_number(v) else None for v in line.values])
        for index, (line, name) in enumerate(zip(drawn, names, strict=True))
    ]
    return Chart(
        title=trend.title(result) + (", stacked" if mode == "stack" else ""),
        traces=traces,
        summary=trend.sentence(result, every),
        notes=(*cut(len(shown), len(every), "lines"), *notes, *cut_short(result)),
        layout={
            "barmode": mode,
            "bargap": 0.25,
            "xaxis": time_axis(drawn),
            "yaxis": theme.values(),
            "showlegend": len(traces) > 1,
        },
    )


def bars(index: int, name: str, x: list[Any], y: list[Any], **more: Any) -> dict[str, Any]:
    """A Plotly bar trace with its own colour and pattern."""
    marker: dict[str, Any] = {"color": theme.colour(index)}
    if index:
        pattern = {"shape": theme.PATTERNS[index % 8], "size": 6, "solidity": 0.25}
        marker["pattern"] = {**pattern, "fgcolor": "#FFFFFF", "fillmode": "overlay"}
    shown = words.label(words.shorten(name))
    hover = f"%{{x}}<br>%{{y:,.6~g}}<extra>{shown}</extra>"
    base = {"type": "bar", "name": shown, "x": x, "y": y, "marker": marker}
    return {**base, "hovertemplate": hover, **more}


def _totals(result: QueryResult) -> Chart:
    """Lying bars: one per segment, in groups where there are several metrics."""
    cells, names = ranked(result)
    shown = names[:MAX_BARS]
    texts = [words.label(text) for text in words.distinct(shown, 34)]
    metrics = list(dict.fromkeys(metric for found in cells.values() for metric in found))
    metrics = metrics[: theme.MAX_LINES]
    traces = []
    for index, metric in enumerate(metrics):
        values = [cells[name].get(metric) for name in shown]
        hover = f"%{{y}}<br>%{{text}}<extra>{words.label(words.shorten(metric))}</extra>"
        made = bars(index, words.shorten(metric), values, texts, orientation="h")
        labels = [words.number(value) if value is not None else "" for value in values]
        made.update({"text": labels, "textposition": "outside", "hovertemplate": hover})
        made["cliponaxis"] = False
        traces.append(made)
    return Chart(
        title=trend.title(result),
        traces=traces,
        summary=_summary(result, cells),
        notes=cut(len(shown), len(names), "bars"),
        layout={
            "height": 110 + max(len(shown), 2) * (22 + 12 * (len(metrics) - 1)),
            "bargap": 0.3,
            "margin": {"l": 56, "r": 72, "t": 64 if len(shown) < len(names) else 48, "b": 40},
            "xaxis": theme.values(),
            "yaxis": theme.axis(type="category", autorange="reversed", showgrid=False),
            "showlegend": len(metrics) > 1,
        },
    )


def ranked(result: QueryResult) -> tuple[dict[str, dict[str, float]], list[str]]:
    """The same as `_cells`, the largest bar first."""
    cells, names = _cells(result)
    return cells, sorted(names, key=lambda name: -max(map(abs, cells[name].values()), default=0))


def _cells(result: QueryResult) -> tuple[dict[str, dict[str, float]], list[str]]:
    """({bar: {metric: value}}, bars): a bar is a segment, or a metric where nothing is split."""
    found = list(leaves(result.series))
    split = any(set(leaf.path) - {OVERALL} for leaf in found)
    cells: dict[str, dict[str, float]] = {}
    for leaf in found:
        value = next(iter(leaf.points.values()), None)
        if not is_number(value) or (split and OVERALL in leaf.path):
            continue
        name = " · ".join(leaf.path) if split else leaf.event
        metric = leaf.event if split else "value"
        cells.setdefault(name or leaf.event, {})[metric] = value
    return cells, list(cells)


def _summary(result: QueryResult, cells: dict[str, dict[str, float]]) -> str:
    many = len({metric for found in cells.values() for metric in found}) > 1
    every = [
        (value, f"{metric} of {name}" if many else name)
        for name, found in cells.items()
        for metric, value in found.items()
    ]
    what = words.quoted(trend.title(result))
    if not every:
        return f"{what} has no data{period(result)}."
    if len(every) == 1:
        return f"{what} is {words.number(every[0][0])}{period(result)}."
    (top, most), (low, least) = max(every), min(every)
    return (
        f"{what}{period(result)}: {words.quoted(most)} is highest with "
        f"{words.number(top)}, {words.quoted(least)} lowest with {words.number(low)}."
    )
