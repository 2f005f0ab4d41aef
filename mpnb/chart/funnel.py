"""Funnels: steps with conversion and time, conversion over dates, and steps by segment.

The surprise: an answer that has segments or dates but no overall line is drawn by its parts; no
total is added up, since a person may be in several parts.
"""

from __future__ import annotations

from typing import Any

from mpnb.chart import settled, theme, words
from mpnb.chart.bar import bars
from mpnb.chart.base import Chart, behavior, cut, measurement
from mpnb.chart.series import Line, thinned, time_axis, trace
from mpnb.result import FunnelQueryResult
from mpnb.result.base import OVERALL
from mpnb.result.funnel import Block
from mpnb.result.read import cut_short

MAX_STEPS = 12
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
    reached["text"] = texts
    reached["textposition"] = "none"
    reached["hovertemplate"] = "%{x}<br>%{text}<extra></extra>"
    # The labels stand above the whole bar, where nothing is behind them.
    whole = _background("All", theme.LOST, ticks, [entered] * len(steps))
    whole.update({"text": texts, "textposition": "outside", "cliponaxis": False})
    worst = _largest_loss(steps)
    loss = [shares[at - 1] if at == worst else None for at in range(len(steps))]
    lost = [_background("Largest loss", theme.LOSS, ticks, loss)] if worst else []
    before = _before(result, ticks)
    return Chart(
        title=_title(result),
        traces=[whole, *lost, reached, *before] if steps else [],
        compares=bool(before),
        summary=summary(result),
        notes=(
            *cut(len(steps), len(result.steps_data), "steps", "first"),
            *(("◇ the compared period",) if before else ()),
        ),
        layout={
            "barmode": "overlay",
            "bargap": 0.45,
            "height": 380,
            "annotations": [*_times(steps), *_loss_label(steps, shares, worst)],
            "xaxis": theme.axis(type="category", showgrid=False),
            "yaxis": theme.axis(
                range=[0, 1.22], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]
            ),
        },
    )


def _before(result: FunnelQueryResult, ticks: list[str]) -> list[dict[str, Any]]:
    """How many reached each step in the compared period, as marks on the bars."""
    other = result.comparison
    if other is None or len(other.steps_data) < len(ticks):
        return []
    steps = other.steps_data[: len(ticks)]
    shares = [_share(step, at) for at, step in enumerate(steps)]
    counts = [step.get("count") for step in steps]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Compared period",
            "x": ticks,
            "y": [None, *shares[1:]],  # all of both periods enter
            "text": [
                f"{words.percent(share)}<br>{words.number(size)}"
                for share, size in zip(shares, counts, strict=True)
            ],
            "marker": {
                "symbol": "diamond",
                "size": 11,
                "color": theme.colour(1),
                "line": {"color": "#FFFFFF", "width": 1},
            },
            "hovertemplate": "%{x}<br>%{text}<extra>Compared period</extra>",
        }
    ]


def _background(
    name: str, colour: str, ticks: list[str], values: list[float | None] | list[float]
) -> dict[str, Any]:
    """Bars behind the bars, which say nothing of their own."""
    made = bars(0, name, ticks, list(values))
    made["marker"] = {"color": colour}
    made["hoverinfo"] = "skip"
    del made["hovertemplate"]
    return made


def _largest_loss(steps: list[dict[str, Any]]) -> int:
    """The step before which most are lost; 0 where nobody is."""
    counts = [step.get("count") or 0 for step in steps]
    worst = max(range(1, len(steps)), key=lambda at: counts[at - 1] - counts[at], default=0)
    return worst if worst and counts[worst - 1] > counts[worst] else 0


def _loss_label(steps: list[dict[str, Any]], shares: list[float], at: int) -> list[dict[str, Any]]:
    """How many are lost, in the middle of the loss; nothing where it has no room."""
    if not at or shares[at - 1] - shares[at] < 0.1:
        return []
    lost = (steps[at - 1].get("count") or 0) - (steps[at].get("count") or 0)
    return [
        {
            "x": at,
            "y": (shares[at - 1] + shares[at]) / 2 - 0.03,
            "xref": "x",
            "yref": "y",
            "yanchor": "bottom",
            "showarrow": False,
            "text": f"−{words.number(lost)}",
            "font": {"color": theme.INK, "size": 11},
        }
    ]


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
            "text": _time(words.duration(step["avg_time"]), len(steps)),
            "font": {"size": 11},
        }
        for index, step in enumerate(steps)
        if index and step.get("count") and step.get("avg_time")
    ]


def _time(text: str, steps: int) -> str:
    """A time as wide as the gap between the bars of so many steps."""
    if steps <= 3:
        return f"→ {text}"
    parts = text.split(" ")
    return (
        text if steps == 4 or len(parts) < 4 else f"{' '.join(parts[:2])}<br>{' '.join(parts[2:])}"
    )


def build_segments(result: FunnelQueryResult) -> Chart:
    """Groups of bars: one group per step, one bar per segment."""
    every, kept = _segments(result), largest_segments(result)
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


def largest_segments(result: FunnelQueryResult) -> list[Block]:
    """The segments that are drawn: those with most entries, in the order of the answer."""
    every = _segments(result)
    ranked = sorted(every, key=lambda block: -(block.steps[0].get("count") or 0))
    return [block for block in every if block in ranked[: theme.MAX_LINES]]


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
        f"Of {len(rated):,} segments, {words.quoted(best)} converts best with "
        f"{words.percent(high)}, {words.quoted(worst)} least with {words.percent(low)}."
    )


def _last(block: Block) -> float:
    return float(block.steps[-1].get("overall_conv_ratio") or 0) if block.steps else 0.0


def _dated(result: FunnelQueryResult) -> dict[tuple[str, ...], list[Block]]:
    """The blocks of each segment by date; of all users where nothing is split."""
    dated: dict[tuple[str, ...], list[Block]] = {}
    for block in result.blocks:
        if block.date:
            dated.setdefault(block.path, []).append(block)
    split = any(set(path) - {OVERALL} for path in dated)
    return {path: of for path, of in dated.items() if not split or set(path) - {OVERALL}}


def drawn_trends(result: FunnelQueryResult) -> list[tuple[str, ...]]:
    """The segments that trends draw: those with most entries, in the order of the answer."""
    dated = _dated(result)
    ranked = sorted(dated, key=lambda path: -sum(b.steps[0].get("count") or 0 for b in dated[path]))
    return [path for path in dated if path in ranked[: theme.MAX_LINES]]


def build_trends(result: FunnelQueryResult) -> Chart:
    """Conversion to the last step over dates, one line per segment."""
    dated, kept = _dated(result), drawn_trends(result)
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
        summary=settled.sentence([settled.settled(result, line) for line in found]),
        notes=(*cut(len(kept), len(dated), "segments"), *notes, *cut_short(result)),
        layout={
            "xaxis": time_axis(drawn),
            "yaxis": theme.axis(rangemode="tozero", tickformat=".0%"),
            "showlegend": len(traces) > 1,
        },
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


def _than(result: FunnelQueryResult) -> str:
    """The conversion of the compared period, as a part of a sentence."""
    other = result.comparison
    if other is None or not other.steps_data or not other.steps_data[0].get("count"):
        return ""
    share = words.percent(other.steps_data[-1].get("overall_conv_ratio"))
    return f" ({share} in the compared period)"


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
    at, worst = _largest_loss(steps), ""
    if at:
        loss = (steps[at - 1].get("count") or 0) - (steps[at].get("count") or 0)
        left, right = (words.quoted(step["event"]) for step in (steps[at - 1], steps[at]))
        worst = f"; the largest loss is {words.number(loss)} between {left} and {right}"
    share = words.percent(last.get("overall_conv_ratio"))
    end = words.quoted(last["event"])
    return f"Of {opening}, {share} reached {end}{window(result)}{_than(result)}{worst}."
