"""People: how one property is spread over profiles, and aggregates by cohort as bars.

The surprise: which property to draw is chosen here, the one that most profiles have and that has
few enough values to compare; ids, addresses and times of last contact are passed over.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from mpnb.chart import theme, words
from mpnb.chart.bar import bars
from mpnb.chart.base import Chart, cut
from mpnb.chart.series import is_number
from mpnb.result import UserQueryResult

MAX_BARS = 12
BINS = 12


def fits_distribution(result: UserQueryResult) -> bool:
    """Profiles with a property worth drawing."""
    return result.mode == "profiles" and bool(_property(result))


def fits_bar(result: UserQueryResult) -> bool:
    """An aggregate by segment."""
    return result.mode == "aggregate" and bool(_segments(result))


def _columns(result: UserQueryResult) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for profile in result.profiles:
        for name, value in (profile.get("properties") or {}).items():
            if value is not None and not isinstance(value, (dict, list)):
                found.setdefault(name, []).append(value)
    return found


def _property(result: UserQueryResult) -> str:
    """The property to draw; "" when there is none."""
    scored = []
    for name, values in sorted(_columns(result).items()):
        distinct = len(set(map(str, values)))
        numeric = all(map(is_number, values))
        if distinct > 1 and (numeric or distinct <= max(MAX_BARS, len(values) // 3)):
            scored.append((len(values), not numeric, -distinct, name))
    return max(scored)[-1] if scored else ""


def build_distribution(result: UserQueryResult) -> Chart:
    """Bars of how many people have each value, or each range of values."""
    name = _property(result)
    values = _columns(result).get(name, [])
    numeric = bool(values) and all(map(is_number, values)) and len(set(values)) > MAX_BARS
    counted = _bins(values) if numeric else Counter(map(_text, values)).most_common()
    shown = counted if numeric else counted[:MAX_BARS]
    ticks = [words.label(text) for text in words.distinct([text for text, _ in shown], 24)]
    made = bars(0, name, ticks, [size for _, size in shown])
    made["text"] = [words.number(size) if size else "" for _, size in shown]
    made.update({"textposition": "outside", "cliponaxis": False})
    made["hovertemplate"] = "%{x}<br>%{text}<extra></extra>"
    return Chart(
        title=f"{name or 'People'} of {words.plural(result.total, 'profile')}",
        traces=[made] if shown else [],
        summary=_summary(result, name, values, counted),
        notes=cut(len(shown), len(counted), "values"),
        layout={
            "bargap": 0.06 if numeric else 0.3,
            "xaxis": theme.axis(type="category", showgrid=False),
            "yaxis": theme.values(),
        },
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bins(values: list[float]) -> list[tuple[str, int]]:
    """Ranges of a round width, from the smallest to the largest value."""
    low, high = min(values), max(values)
    rough = (high - low) / BINS or 1
    power = 10 ** math.floor(math.log10(rough))
    width = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
    start = math.floor(low / width) * width
    sizes = Counter(math.floor((value - start) / width + 1e-9) for value in values)
    bounds = [words.number(rounded(start + at * width)) for at in range(max(sizes) + 2)]
    return [(f"{bounds[at]} – {bounds[at + 1]}", sizes[at]) for at in range(max(sizes) + 1)]


def rounded(value: float) -> float | int:
    """A bound without the noise of adding floats."""
    short = float(f"{value:.10g}")
    return int(short) if short == int(short) else short


def _summary(
    result: UserQueryResult, name: str, values: list[Any], counted: list[tuple[str, int]]
) -> str:
    people = words.plural(result.total, "profile")
    if not name:
        return f"{people} in this answer."
    text, size = max(counted, key=lambda pair: pair[1])
    return (
        f"{words.number(len(values))} of {people} have {words.quoted(name)}; most often it is "
        f"{words.quoted(text)} ({words.percent(size / len(values))})."
    )


def _segments(result: UserQueryResult) -> list[tuple[str, str, float]]:
    """(segment, measure, value) of an aggregate that is split."""
    if not result.meta.get("segmented") or not isinstance(result.aggregate_data, dict):
        return []
    found = []
    for segment, data in result.aggregate_data.items():
        cells = data if isinstance(data, dict) else {"value": data}
        found += [(str(segment), str(key), value) for key, value in cells.items()]
    return [cell for cell in found if is_number(cell[2])]


def build_bar(result: UserQueryResult) -> Chart:
    """Lying bars, one per segment, in groups where there are several measures."""
    cells = _segments(result)
    segments = list(dict.fromkeys(segment for segment, _, _ in cells))[:MAX_BARS]
    measures = list(dict.fromkeys(measure for _, measure, _ in cells))[: theme.MAX_LINES]
    table = {(segment, measure): value for segment, measure, value in cells}
    ticks = [words.label(text) for text in words.distinct(segments, 34)]
    traces = []
    for index, measure in enumerate(measures):
        values = [table.get((segment, measure)) for segment in segments]
        made = bars(index, words.shorten(measure), values, ticks, orientation="h")
        made["text"] = [words.number(value) for value in values]
        made.update({"textposition": "outside", "cliponaxis": False})
        made["hovertemplate"] = (
            f"%{{y}}<br>%{{text}}<extra>{words.label(words.shorten(measure))}</extra>"
        )
        traces.append(made)
    action = str(result.meta.get("action") or "People")
    top = max(cells, key=lambda cell: cell[2], default=("", "", 0.0))
    return Chart(
        title=f"{action} by segment",
        traces=traces,
        summary=f"Of {words.plural(len(segments), 'segment')}, {words.quoted(top[0])} has the "
        f"highest {words.quoted(top[1])} with {words.number(top[2])}.",
        layout={
            "height": 110 + 30 * max(len(segments), 2),
            "margin": {"l": 56, "r": 72, "t": 48, "b": 40},
            "xaxis": theme.values(),
            "yaxis": theme.axis(type="category", autorange="reversed", showgrid=False),
            "showlegend": len(traces) > 1,
        },
    )
