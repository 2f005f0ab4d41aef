"""Funnels: steps with conversion and time, conversion over dates, and steps by segment.

The surprise: an answer that has segments or dates but no overall line is drawn by its parts; no
total is added up, since a person may be in several parts.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from mpnb.chart import theme, words
from mpnb.chart.bar import bars
from mpnb.chart.base import Chart, behavior, cut, measurement
from mpnb.chart.measure import unit
from mpnb.chart.series import Line, thinned, time_axis, trace
from mpnb.result import FunnelQueryResult
from mpnb.result.base import OVERALL, day
from mpnb.result.funnel import Block
from mpnb.result.read import cut_short

MAX_STEPS = 12
DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 31, "quarter": 92}
MAX_TIMES = 6
"""Steps up to which the time between two bars has room; the table has it always."""


def fits_steps(result: FunnelQueryResult) -> bool:
    """Steps need an overall line (an empty answer is drawn as empty steps)."""
    return bool(result.steps_data) or not result.blocks


def fits_trends(result: FunnelQueryResult) -> bool:
    """Trends need dates."""
    return any(block.date for block in result.blocks)


def fits_segments(result: FunnelQueryResult) -> bool:
    """Segments need a breakdown and no dates."""
    return bool(_segments(result))


def names(result: FunnelQueryResult) -> list[str]:
    """The events of the steps."""
    steps = result.steps_data or next((block.steps for block in result.blocks), [])
    return [str(step.get("event", "")) for step in steps]


def build_steps(result: FunnelQueryResult) -> Chart:
    """Bars that shrink from step to step; what is lost stays as a pale rest."""
    steps = result.steps_data[:MAX_STEPS]
    entered = 1.0 if steps and steps[0].get("count") else 0.0
    ticks = _ticks([step["event"] for step in steps])
    shares = [_share(step, index) for index, step in enumerate(steps)]
    texts = [
        f"{words.percent(share)}<br>{words.number(step.get('count'))}"
        for step, share in zip(steps, shares, strict=True)
    ]
    reached = bars(0, "Converted", ticks, shares)
    reached.update({"text": texts, "textposition": "outside", "cliponaxis": False})
    reached["hovertemplate"] = "%{x}<br>%{text}<extra></extra>"
    whole = bars(0, "All", ticks, [entered] * len(steps))
    whole["marker"] = {"color": theme.LOST}
    whole["hoverinfo"] = "skip"
    del whole["hovertemplate"]
    return Chart(
        title=_title(result),
        traces=[whole, reached] if steps else [],
        summary=summary(result),
        notes=cut(len(steps), len(result.steps_data), "steps", "first"),
        layout={
            "barmode": "overlay",
            "bargap": 0.45,
            "height": 380,
            "annotations": _times(steps),
            "xaxis": theme.axis(type="category", showgrid=False),
            "yaxis": theme.axis(
                range=[0, 1.22], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]
            ),
        },
    )


def _ticks(events: list[str]) -> list[str]:
    """Step labels; numbered, so that two steps of one event stay two bars."""
    return [words.label(f"{at}. {words.shorten(event, 24)}") for at, event in enumerate(events, 1)]


def _share(step: dict[str, Any], index: int) -> float:
    """Share of the entries that reach a step; the first is whole where anybody entered."""
    if index == 0:
        return 1.0 if step.get("count") else 0.0
    return float(step.get("overall_conv_ratio") or 0)


def _times(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The average time from the step before, between two bars."""
    if len(steps) > MAX_TIMES:
        return []
    return [
        {
            "x": index - 0.5,
            "y": 0.02,
            "xref": "x",
            "yref": "y",
            "yanchor": "bottom",
            "showarrow": False,
            "align": "center",
            "text": f"→ {words.duration(step['avg_time'])}",
            "font": {"size": 11},
        }
        for index, step in enumerate(steps)
        if index and step.get("count") and step.get("avg_time")
    ]


def build_segments(result: FunnelQueryResult) -> Chart:
    """Groups of bars: one group per step, one bar per segment."""
    every = _segments(result)
    ranked = sorted(every, key=lambda block: -(block.steps[0].get("count") or 0))
    kept = [block for block in every if block in ranked[: theme.MAX_LINES]]
    ticks = _ticks(names(result)[:MAX_STEPS])
    labels = words.distinct([" · ".join(block.path) for block in kept])
    traces = []
    for index, (block, name) in enumerate(zip(kept, labels, strict=True)):
        shares = [_share(step, at) for at, step in enumerate(block.steps[:MAX_STEPS])]
        made = bars(index, name, ticks, shares)
        few = len(kept) * len(ticks) <= 16
        made["text"] = [words.percent(share) for share in shares]
        made["textposition"] = "outside" if few else "none"
        made["cliponaxis"] = False
        made["textfont"] = {"size": 10}
        made["hovertemplate"] = f"%{{x}}<br>%{{text}}<extra>{words.label(name)}</extra>"
        traces.append(made)
    return Chart(
        title=f"{_title(result)}, by segment",
        traces=traces,
        summary=_segment_summary(every),
        notes=cut(len(kept), len(every), "segments"),
        layout={
            "barmode": "group",
            "bargap": 0.3,
            "height": 380,
            "showlegend": True,
            "xaxis": theme.axis(type="category", showgrid=False),
            "yaxis": theme.axis(
                range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]
            ),
        },
    )


def _segments(result: FunnelQueryResult) -> list[Block]:
    return [
        block
        for block in result.blocks
        if block.steps and not block.date and set(block.path) - {OVERALL} and block.path
    ]


def _segment_summary(found: list[Block]) -> str:
    rated = [(_last(block), " · ".join(block.path)) for block in found]
    if not rated:
        return "No segment of this funnel has data."
    (high, best), (low, worst) = max(rated), min(rated)
    if len(rated) == 1:
        return f"{words.quoted(best)} converts {words.percent(high)} of its entries."
    return (
        f"Of {len(rated)} segments, {words.quoted(best)} converts best with {words.percent(high)}, "
        f"{words.quoted(worst)} least with {words.percent(low)}."
    )


def _last(block: Block) -> float:
    return float(block.steps[-1].get("overall_conv_ratio") or 0) if block.steps else 0.0


def build_trends(result: FunnelQueryResult) -> Chart:
    """Conversion to the last step over dates, one line per segment."""
    dated: dict[tuple[str, ...], list[Block]] = {}
    for block in result.blocks:
        if block.date:
            dated.setdefault(block.path, []).append(block)
    split = any(set(path) - {OVERALL} for path in dated)
    paths = [path for path in dated if not split or set(path) - {OVERALL}]
    ranked = sorted(paths, key=lambda path: -sum(b.steps[0].get("count") or 0 for b in dated[path]))
    kept = [path for path in paths if path in ranked[: theme.MAX_LINES]]
    found = [
        Line(
            " · ".join(path) or "Conversion",
            [block.date for block in dated[path]],
            [_last(block) for block in dated[path]],
        )
        for path in kept
    ]
    drawn, notes = thinned(found)
    labels = words.distinct([line.name for line in drawn])
    traces = [
        trace(line, index, name, percent=True)
        for index, (line, name) in enumerate(zip(drawn, labels, strict=True))
    ]
    return Chart(
        title=f"{_title(result)}, over time",
        traces=traces,
        summary=_trend_summary([_settled(result, line) for line in found]),
        notes=(*cut(len(kept), len(paths), "segments"), *notes, *cut_short(result)),
        layout={
            "xaxis": time_axis(drawn),
            "yaxis": theme.axis(rangemode="tozero", tickformat=".0%"),
            "showlegend": len(traces) > 1,
        },
    )


def _settled(result: FunnelQueryResult, line: Line) -> Line:
    """The dates whose bucket is whole and whose entries have had their time to convert."""
    partial = {day(key) for key in result.meta.get("incomplete") or []}
    found = behavior(result)
    length, of = found.get("conversionWindowDuration"), found.get("conversionWindowUnit")
    wait = length * DAYS.get(str(of), 0) if isinstance(length, int) else 0
    end = (result.computed_at or result.to_date)[:10]
    kept = [
        at
        for at, date in enumerate(line.dates)
        if day(date) not in partial and _days(date[:10], end) >= wait + DAYS.get(unit(result), 0)
    ]
    return Line(line.name, [line.dates[at] for at in kept], [line.values[at] for at in kept])


def _days(start: str, end: str) -> float:
    """Days between two dates; without end for what is no date."""
    try:
        return (dt.date.fromisoformat(end) - dt.date.fromisoformat(start)).days
    except ValueError:
        return math.inf


def _trend_summary(found: list[Line]) -> str:
    told = [line for line in found if line.dates]
    if not told:
        return "No entries of this funnel have had their whole time to convert yet."
    if len(told) > 1:
        return _trends_summary(told)
    line = told[0]
    first, last = words.date(line.dates[0]), words.date(line.dates[-1])
    if len(line.dates) == 1:
        return f"Conversion is {words.percent(line.values[0])} for entries of {first}."
    best = max(range(len(line.dates)), key=lambda at: line.values[at])
    top = f"; best is {words.date(line.dates[best])} with {words.percent(line.values[best])}"
    return (
        f"Conversion is {words.percent(line.values[0])} for entries of {first} and "
        f"{words.percent(line.values[-1])} for those of {last}, the last with their whole time "
        f"to convert{'' if best in (0, len(line.values) - 1) else top}."
    )


def _trends_summary(told: list[Line]) -> str:
    latest = max(line.dates[-1] for line in told)
    ends = [(line.values[-1], line.name) for line in told if line.dates[-1] == latest]
    (high, best), (low, worst) = max(ends), min(ends)
    return (
        f"Of the entries of {words.date(latest)}, the last with their whole time to convert, "
        f"{words.quoted(best)} converts best with {words.percent(high)}, "
        f"{words.quoted(worst)} least with {words.percent(low)}."
    )


def _title(result: FunnelQueryResult) -> str:
    events = [words.shorten(name, 24) for name in names(result)]
    if len(events) > 5:
        events = [*events[:2], f"{len(events) - 3} more", events[-1]]
    return " → ".join(events) or "Funnel"


def noun(result: FunnelQueryResult) -> str:
    """What a funnel counts: people, entries or sessions."""
    math = str(measurement(result).get("math") or "")
    if math.endswith("_session"):
        return "sessions"
    return "entries" if math.endswith("_total") or math == "total" else "people"


def window(result: FunnelQueryResult) -> str:
    """The conversion window for sentences: " within 7 days"."""
    found = behavior(result)
    length, unit = found.get("conversionWindowDuration"), found.get("conversionWindowUnit")
    if not isinstance(length, int) or not isinstance(unit, str):
        return ""
    return f" within {words.plural(length, unit)}"


def summary(result: FunnelQueryResult) -> str:
    """How many make it, and where most are lost."""
    steps = result.steps_data
    if not steps or not steps[0].get("count"):
        if result.blocks and not steps:
            found = _segments(result)
            return _segment_summary(found) if found else build_trends(result).summary
        name = words.quoted(steps[0]["event"]) if steps else "the first step"
        return f"Nobody did {name} in this range, so that the funnel is empty."
    first, last = steps[0], steps[-1]
    who = noun(result)
    link = "who did" if who == "people" else "with"
    opening = f"{words.counted(first['count'], who)} {link} {words.quoted(first['event'])}"
    if len(steps) == 1:
        return f"There {'is' if first['count'] == 1 else 'are'} {opening}."
    counts = [step.get("count") or 0 for step in steps]
    at = max(range(1, len(steps)), key=lambda index: counts[index - 1] - counts[index])
    loss = counts[at - 1] - counts[at]
    left, right = (words.quoted(step["event"]) for step in (steps[at - 1], steps[at]))
    worst = (
        f"; the largest loss is {words.number(loss)} between {left} and {right}" if loss > 0 else ""
    )
    share = words.percent(last.get("overall_conv_ratio"))
    return f"Of {opening}, {share} reached {words.quoted(last['event'])}{window(result)}{worst}."
