"""Retention: a heatmap of cohorts and buckets, and the average as a curve.

The surprise: a bucket that is not over yet for a cohort still has a number. It is marked with a
star and left out of the average, so that the last diagonal does not look like a loss.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from mpnb.chart import theme, words
from mpnb.chart.base import Chart, behavior, cut, period
from mpnb.chart.retention_cells import (
    bucket_names,
    has_values,
    is_open,
    is_rate,
    main_group,
    unit,
    values,
)
from mpnb.chart.series import Line, is_number, thinned, time_axis, trace
from mpnb.result import RetentionQueryResult
from mpnb.result.retention import Group, has_overall

MAX_COHORTS = 36
MAX_BUCKETS = 31
MAX_CELLS = 720
MAX_TRENDS = 4
MAX_ON_CURVE = 120
MAX_POINTS = 640
STAR = "*"
OPEN_NOTE = f"{STAR} bucket not over yet"


def fits(result: RetentionQueryResult) -> bool:
    """Cohorts, or nothing at all (drawn as an empty chart)."""
    return any(group.cohorts for group in result.groups) or not has_values(result)


def fits_trends(result: RetentionQueryResult) -> bool:
    """Trends: cohorts over time where the question asks for them, or plain numbers by date."""
    display = result.params.get("displayOptions")
    asked = isinstance(display, dict) and display.get("chartType") == "line"
    return has_values(result) or (asked and any(group.cohorts for group in result.groups))


def build_heatmap(result: RetentionQueryResult) -> Chart:
    """Cohorts down, buckets across, the average on top."""
    group = main_group(result)
    dates = sorted(group.cohorts)
    longest = max((len(values(result, group.cohorts[date])) for date in dates), default=1)
    kept = dates[-min(MAX_COHORTS, MAX_CELLS // max(min(longest, MAX_BUCKETS), 1)) :]
    rows = [("Average", group.average)] if group.average else []
    rows += [(date, group.cohorts[date]) for date in kept]
    width = max((len(values(result, cohort)) for _, cohort in rows), default=0)
    buckets = min(width, MAX_BUCKETS)
    cells = [(values(result, cohort) + [None] * width)[:buckets] for _, cohort in rows]
    show = _writer(is_rate(result), buckets)
    texts = [
        [cell_text(show, value, cohort, at) for at, value in enumerate(row)]
        for row, (_, cohort) in zip(cells, rows, strict=True)
    ]
    labels = [_row_label(name, cohort) for name, cohort in rows]
    starred = any(STAR in text for row in texts for text in row)
    value = "%{z:.1%}" if is_rate(result) else "%{z:,}"
    heat = {
        "type": "heatmap",
        "x": bucket_names(result, buckets),
        "y": labels,
        "z": cells,
        "text": texts,
        "texttemplate": "%{text}",
        "textfont": {"size": 12 if buckets <= 10 else 10},
        "hovertemplate": f"%{{y}}<br>%{{x}}: {value}<extra></extra>",
        "colorscale": [list(step) for step in theme.SCALE],
        "zmin": 0,
        "zmax": _ceiling(cells),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    drawn = rows if _size(group) else []
    return Chart(
        title=title(result) + ("" if has_overall(group) else f" · {' · '.join(group.path)}"),
        traces=[heat] if drawn else [],
        summary=summary(result),
        notes=(
            *cut(len(kept), len(dates), "cohorts", "latest"),
            *cut(buckets, width, "buckets", "first"),
            *((OPEN_NOTE,) if starred else ()),
        ),
        layout={
            "height": 118 + (28 if len(rows) < 16 else 20) * max(len(rows), 3),
            "xaxis": theme.axis(
                type="category", side="top", showgrid=False, **_few(buckets, result)
            ),
            "yaxis": theme.axis(type="category", autorange="reversed", showgrid=False),
            "margin": {"l": 120, "r": 16, "t": 100, "b": 12},
        },
    )


def _writer(rate: bool, buckets: int) -> Callable[[object], str]:
    """How cells are written: with a decimal, without, or (very small cells) with a star only."""
    if buckets > 20:
        return lambda value: ""
    if not rate:
        return words.number
    return words.percent if buckets <= 10 else lambda value: f"{float(str(value)):.0%}"


def _few(buckets: int, result: RetentionQueryResult) -> dict[str, Any]:
    """Tick marks for some of many buckets, so that their names stay level."""
    names = bucket_names(result, buckets)
    return {"tickvals": names[:: -(-buckets // 9)], "tickangle": 0} if buckets > 9 else {}


def _ceiling(cells: list[list[float | None]]) -> float:
    """Where the scale ends: the largest value, so that small shares keep their shades."""
    return max((value for row in cells for value in row if value is not None), default=0) or 1


def cell_text(
    show: Callable[[object], str], value: float | None, cohort: dict[str, Any], at: int
) -> str:
    """A cell as text; a star says that its bucket is not over yet."""
    return "" if value is None else f"{show(value)}{STAR if is_open(cohort, at) else ''}"


def _row_label(name: str, cohort: dict[str, Any]) -> str:
    size = cohort.get("first")
    return f"{words.date(name)} · {whole(size)}" if is_number(size) else words.date(name)


def whole(size: Any) -> str:
    """A number of people; an average is rounded."""
    return words.number(round(size)) if is_number(size) else "–"


def _curved(result: RetentionQueryResult) -> list[Group]:
    return [group for group in result.groups if group.average or group.cohorts]


def drawn_groups(result: RetentionQueryResult) -> list[Group]:
    """The groups that a curve draws: the largest segments, or all users."""
    every = _curved(result)
    found = [group for group in every if not has_overall(group)] or every
    ranked = sorted(found, key=lambda group: -_size(group))
    return [group for group in found if group in ranked[: theme.MAX_LINES]]


def build_curve(result: RetentionQueryResult) -> Chart:
    """The average by bucket; one line per segment."""
    split = [group for group in _curved(result) if not has_overall(group)]
    every, kept = _curved(result), drawn_groups(result)
    width = max((len(_curve(result, group)) for group in kept), default=0)
    longest = min(width, MAX_ON_CURVE, MAX_POINTS // max(len(kept), 1))
    buckets = bucket_names(result, longest)
    labels = words.distinct([" · ".join(group.path) or "Average" for group in kept])
    rate = is_rate(result)
    traces = []
    for index, (group, name) in enumerate(zip(kept, labels, strict=True)):
        curve = _curve(result, group)[:longest]
        texts = [(words.percent if rate else words.number)(value) for value in curve]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": words.label(name),
                "x": buckets[: len(curve)],
                "y": curve,
                "text": texts,
                "line": {"color": theme.colour(index), "dash": theme.DASHES[index], "width": 2},
                "marker": {"symbol": theme.SYMBOLS[index], "size": 6},
                "hovertemplate": f"%{{x}}: %{{text}}<extra>{words.label(name)}</extra>",
            }
        )
    before = _before(result, buckets, rate) if len(traces) == 1 else []
    traces += before
    yaxis = theme.axis(rangemode="tozero", **({"tickformat": ".0%"} if rate else {}))
    return Chart(
        title=f"{title(result)}, average of the cohorts",
        traces=traces,
        summary=summary(result) if not split else _segment_summary(result, split),
        notes=cut(len(kept), len(split or every), "segments")
        + cut(longest, width, "buckets", "first"),
        compares=bool(before),
        layout={
            "xaxis": theme.axis(type="category", showgrid=False, **_few(len(buckets), result)),
            "yaxis": yaxis,
            "showlegend": len(traces) > 1,
        },
    )


def _before(result: RetentionQueryResult, buckets: list[str], rate: bool) -> list[dict[str, Any]]:
    """The curve of the compared period, over the same buckets."""
    other = result.comparison
    curve = _curve(other, main_group(other))[: len(buckets)] if other is not None else []
    if not curve:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Compared period",
            "x": buckets[: len(curve)],
            "y": curve,
            "text": [(words.percent if rate else words.number)(value) for value in curve],
            "line": {"color": theme.QUIET, "dash": "dot", "width": 2},
            "marker": {"symbol": theme.SYMBOLS[0], "size": 6},
            "hovertemplate": "%{x}: %{text}<extra>Compared period</extra>",
        }
    ]


def _size(group: Group) -> float:
    sizes = [cohort.get("first") for cohort in group.cohorts.values()]
    return sum(size for size in sizes if is_number(size))


def _curve(result: RetentionQueryResult, group: Group) -> list[float | None]:
    """The average of a group, or its only cohort."""
    if group.average:
        return values(result, group.average)
    if len(group.cohorts) == 1:  # is its own average
        return values(result, next(iter(group.cohorts.values())))
    return []


def build_trends(result: RetentionQueryResult) -> Chart:
    """Buckets over the dates of the cohorts, or plain numbers by date."""
    found = (
        _values_over_time(result)
        if has_values(result)
        else [line for _, line in buckets_over_time(result)]
    )
    rate = is_rate(result)
    labels = words.distinct([line.name for line in found])
    drawn, notes = thinned(found)
    traces = [
        trace(line, index, name, percent=rate)
        for index, (line, name) in enumerate(zip(drawn, labels, strict=True))
    ]
    return Chart(
        title=f"{title(result)}, over time",
        traces=traces,
        summary=_trend_summary(result, found),
        notes=notes,
        layout={
            "xaxis": time_axis(drawn),
            "yaxis": theme.axis(rangemode="tozero", tickformat=".0%") if rate else theme.values(),
            "showlegend": len(traces) > 1,
        },
    )


def _values_over_time(result: RetentionQueryResult) -> list[Line]:
    kept = [group for group in result.groups if group.values][: theme.MAX_LINES]
    return [
        Line(
            " · ".join(group.path) or "Retention",
            sorted(group.values),
            [group.values[date] for date in sorted(group.values)],
        )
        for group in kept
    ]


def buckets_over_time(result: RetentionQueryResult) -> list[tuple[int, Line]]:
    """The first buckets after the birth, each over the cohorts for which it is over."""
    cohorts = main_group(result).cohorts
    dates = sorted(cohorts)
    cells = {date: values(result, cohorts[date]) for date in dates}
    width = max((len(row) for row in cells.values()), default=0)
    names = bucket_names(result, width)
    found = []
    for at in range(1, width) if width > 1 else range(width):
        whole_dates = [
            date for date in dates if at < len(cells[date]) and not is_open(cohorts[date], at)
        ]
        if whole_dates:
            found.append((at, Line(names[at], whole_dates, [cells[d][at] for d in whole_dates])))
    return found[:MAX_TRENDS]


def _trend_summary(result: RetentionQueryResult, found: list[Line]) -> str:
    what = words.quoted(title(result))
    first = next((line for line in found if line.numbers), None)
    if first is None:
        return f"{what}: no bucket is over yet{period(result)}."
    show = words.percent if is_rate(result) else words.number
    start, end = words.date(first.dates[0]), words.date(first.dates[-1])
    name = first.name[0].lower() + first.name[1:]
    return (
        f"{what}: {words.quoted(name)} is {show(first.values[0])} for {start} "
        f"and {show(first.values[-1])} for {end}."
    )


def title(result: RetentionQueryResult) -> str:
    """Born and return event, as far as the params or the series name them."""
    found = behavior(result).get("behaviors")
    names = [str(part.get("name") or "") for part in found or [] if isinstance(part, dict)]
    if len(names) == 2 and all(names):
        return f"{words.shorten(names[0], 36)}, then {words.shorten(names[1], 36)}"
    series = result.raw.get("series") if isinstance(result.raw, dict) else None
    return next(iter(series), "Retention") if isinstance(series, dict) else "Retention"


def summary(result: RetentionQueryResult) -> str:
    """The average of the first buckets, and over how many cohorts."""
    group = main_group(result)
    what = words.quoted(title(result))
    if not group.cohorts and has_values(result):
        return build_trends(result).summary
    if not _size(group):
        return f"{what}: no cohort has anybody in it{period(result)}."
    every = _spacing(list(group.cohorts)) or unit(result)
    every = {"day": "daily ", "week": "weekly ", "month": "monthly "}.get(every, "")
    cohorts = words.plural(len(group.cohorts), f"{every}cohort")
    who = f"{cohorts} with {words.plural(_size(group), 'member')} in all"
    curve = _curve(result, group)
    names = bucket_names(result, len(curve))
    told = [(name, value) for name, value in zip(names, curve, strict=True) if value is not None]
    picked = told[1:3] or told[:1]
    show = words.percent if is_rate(result) else words.number
    verb = " came back" if is_rate(result) else ""
    parts = [f"{show(value)}{verb} in {name[0].lower() + name[1:]}" for name, value in picked[:1]]
    parts += [f"{show(value)} in {name[0].lower() + name[1:]}" for name, value in picked[1:]]
    if not parts:
        return f"{what}: {who}; no bucket is over yet."
    return f"{what}: on average {words.join(parts)} ({who})."


def _spacing(dates: list[str]) -> str:
    """How far cohorts are apart, which the unit of the buckets need not be; "" for one cohort."""
    try:
        days = sorted(dt.date.fromisoformat(date[:10]) for date in dates)
    except ValueError:
        return ""
    gap = min(((b - a).days for a, b in pairwise(days)), default=0)
    return {1: "day", 7: "week"}.get(gap, "month" if 28 <= gap <= 31 else "")


def _segment_summary(result: RetentionQueryResult, split: list[Group]) -> str:
    rated = []
    for group in split:
        curve = _curve(result, group)
        if len(curve) > 1 and curve[1] is not None:
            rated.append((curve[1], " · ".join(group.path)))
    if len(rated) < 2:
        return summary(result)
    show = words.percent if is_rate(result) else words.number
    (high, best), (low, worst) = max(rated), min(rated)
    name = bucket_names(result, 2)[1].lower()
    return (
        f"{words.quoted(title(result))}: in {name}, {words.quoted(best)} is highest with "
        f"{show(high)}, {words.quoted(worst)} lowest with {show(low)}."
    )
