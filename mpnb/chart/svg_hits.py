"""Unseen boxes over the marks of a drawing, by which a widget names them and opens them.

Traces and the places of their marks enter, boxes with a key and a title leave. The surprise: they
are drawn on request only; what is saved in a notebook has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.chart import svg_marks as svg
from mpnb.chart import words

if TYPE_CHECKING:
    from mpnb.chart.svg_axes import Frame

Spec = dict[str, Any]
REACH = 16.0
"""Width and height of the box around a point."""
MOST = 400
"""Marks of a drawing up to which each has its box; the table has every row."""


def standing(traces: list[Spec], layout: Spec, frame: Frame) -> list[str]:
    """Boxes over points, and over upright bars from the axis to their end."""
    told = [trace for trace in traces if trace.get("hoverinfo") != "skip"]
    if sum(len(trace["x"]) for trace in told) > MOST:
        return []
    bars = [trace for trace in traces if trace["type"] == "bar"]
    mode, wide = layout.get("barmode", "group"), frame.band * (1 - layout.get("bargap", 0.2))
    slot = wide / max(len(bars), 1) if mode == "group" else wide
    base: dict[Any, float] = {}
    made = []
    for at, trace in enumerate(traces):
        place = next((n for n, bar in enumerate(bars) if bar is trace), 0)
        for number, (key, value) in enumerate(zip(trace["x"], trace["y"], strict=True)):
            if value is None or trace.get("hoverinfo") == "skip":
                continue
            mark, tip = f"{at}:{number}", _tip(trace, number, key, value)
            if trace["type"] != "bar":
                reach = min(REACH, max(frame.band, 3))
                x, y = frame.along(key) - reach / 2, frame.up(value) - REACH / 2
                made.append(svg.hit(x, y, reach, REACH, mark, tip))
                continue
            start = base.get(key, 0.0) if mode == "stack" else 0.0
            base[key] = start + value
            ends = sorted((frame.up(start), frame.up(start + value)))
            x = frame.along(key) - wide / 2 + (place * slot if mode == "group" else 0)
            made.append(svg.hit(x, ends[0], slot, ends[1] - ends[0], mark, tip))
    return made


def lying(trace: Spec, at: int, key: Any, place: tuple[float, float, float, float]) -> list[str]:
    """A box over a lying bar; `place` is where zero is, its top, its scale and its height."""
    zero, y, scale, height = place
    number = trace["y"].index(key) if key in trace["y"] else -1
    value = trace["x"][number] if number >= 0 else None
    if value is None:
        return []
    name = words.unlabel(trace.get("name", ""))
    tip = f"{words.unlabel(key)} · {name}: {words.number(value)}"
    x = zero + min(value * scale, 0)
    return [svg.hit(x, y, abs(value * scale), height, f"{at}:{number}", tip)]


def cell(heat: Spec, across: int, down: int, box: tuple[float, float, float, float]) -> str:
    """A box over a cell of a heatmap; its number counts the cells of all rows before it."""
    x, y, width, height = box
    value = heat["z"][down][across]
    share = ":.1%" in heat["hovertemplate"]
    said = words.percent(value) if share else words.number(value)
    tip = f"{words.unlabel(heat['y'][down])} · {words.unlabel(heat['x'][across])}: {said}"
    return svg.hit(x, y, width, height, f"{down}:{across}", tip)


def bands(sankey: Spec) -> list[str]:
    """What each band of a sankey says."""
    link = sankey["link"]
    labels = [words.unlabel(name) for name in sankey["node"]["customdata"]]
    names = [label.rpartition(" · ")[0] or label for label in labels]  # without the node's size
    ends = zip(link["source"], link["target"], link["value"], strict=True)
    return [f"{names[a]} → {names[b]}: {words.number(value)}" for a, b, value in ends]


def _tip(trace: Spec, number: int, key: Any, value: float) -> str:
    name = words.unlabel(trace.get("name", ""))
    text = trace.get("text")
    said = str(text[number]).replace("<br>", ", ") if text else words.number(value)
    return f"{words.date(words.unlabel(key))} · {name}: {words.unlabel(said)}"
