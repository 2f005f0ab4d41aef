"""Lines and bars as SVG: what `svg.draw` uses for traces on an x and a y axis.

Traces and layout of a spec enter, marks and their height leave. The surprise: only the parts of
Plotly that our own specs use are drawn: dates and categories, groups, stacks, overlays, patterns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mpnb.chart import svg_hits, theme, words
from mpnb.chart import svg_marks as svg

Spec = dict[str, Any]
MAX_BOXES = 80
"""Bars up to which each has its own mark with a tooltip and a pattern; more are one path."""


@dataclass(frozen=True)
class Frame:
    """The plot area in pixels, and the scales of the two axes."""

    left: float
    top: float
    width: float
    height: float
    along: Callable[[Any], float]
    up: Callable[[float], float]
    band: float


def draw(spec: Spec) -> tuple[list[str], float]:
    """Marks of a chart with axes, and the height of the drawing."""
    lying = any(trace.get("orientation") == "h" for trace in spec["data"])
    marks, top = svg.head(spec["layout"])
    if spec["layout"].get("showlegend"):
        legend, top = _legend(spec["data"], top)
        marks += legend
    body, bottom = (_lying if lying else _standing)(spec, top)
    return [*marks, *body], bottom


def _legend(traces: list[Spec], top: float) -> tuple[list[str], float]:
    """Names with their signs, in rows."""
    marks, x, y = [], 0.0, top + 8
    for trace in traces:
        if trace.get("showlegend") is False:
            continue
        name = words.unlabel(trace.get("name", ""))
        width = 26 + words.text_width(name) + 16
        if x and x + width > svg.WIDTH:
            x, y = 0.0, y + 18
        marks += _sign(trace, x, y)
        marks.append(svg.text(x + 26, y + 4, name))
        x += width
    return marks, y + 14


def _sign(trace: Spec, x: float, y: float) -> list[str]:
    if trace["type"] == "bar":
        shape = trace["marker"].get("pattern", {}).get("shape", "")
        box = svg.rect(x + 2, y - 6, 18, 12, trace["marker"]["color"])
        return [box, svg.hatch(x + 2, y - 6, 18, 12, shape)]
    style = trace["line"]
    marks = [svg.polyline([(x, y), (x + 20, y)], style["color"], style.get("dash", "solid"))]
    if "markers" in trace.get("mode", ""):
        marks.append(svg.marker(x + 10, y, trace["marker"]["symbol"], style["color"]))
    return marks


def _standing(spec: Spec, top: float) -> tuple[list[str], float]:
    layout, traces = spec["layout"], spec["data"]
    xaxis, yaxis = layout.get("xaxis", {}), layout.get("yaxis", {})
    low, high, levels = _values(traces, yaxis, layout.get("barmode", "group"))
    show = words_for(yaxis)
    left = 10 + max(words.text_width(show(level)) for level in levels)
    keys = list(dict.fromkeys(key for trace in traces for key in trace["x"]))
    width = svg.WIDTH - left - 12
    height = max(160.0, layout["height"] - top - 60)
    along, band = _along(keys, xaxis, left, width, any(t["type"] == "bar" for t in traces))
    span = (high - low) or 1
    frame = Frame(
        left, top + 6, width, height, along, lambda v: top + 6 + height * (high - v) / span, band
    )
    marks = [svg.line(left, frame.up(level), left + width, frame.up(level)) for level in levels]
    marks += [
        svg.text(left - 6, frame.up(level) + 4, show(level), anchor="end", fill=theme.TEXT)
        for level in levels
    ]
    marks += _bars(traces, layout.get("barmode", "group"), frame, layout.get("bargap", 0.2))
    marks += [
        mark for trace in traces if trace["type"] == "scatter" for mark in _line(trace, frame)
    ]
    marks += _notes(layout.get("annotations", []), keys, frame)
    if spec.get("marks known"):
        marks += svg_hits.standing(traces, layout, frame)
    labels, depth = _below(keys, xaxis, frame)
    return [*marks, *labels], top + 6 + height + depth


def words_for(axis: Spec) -> Callable[[float], str]:
    """How values of an axis are written."""
    if axis.get("tickformat") == ".0%":
        return lambda value: f"{value * 100:g} %"
    return words.number


def _values(traces: list[Spec], axis: Spec, barmode: str) -> tuple[float, float, list[float]]:
    """(low, high, ticks) of the values."""
    along = "x" if any(trace.get("orientation") == "h" for trace in traces) else "y"
    numbers = [v for trace in traces for v in trace[along] if v is not None]
    if barmode == "stack":
        sums: dict[Any, float] = {}
        for trace in traces:
            for key, value in zip(trace["x"], trace["y"], strict=True):
                sums[key] = sums.get(key, 0) + (value or 0)
        numbers = list(sums.values())
    low, high = min([0, *numbers]), max([0, *numbers])
    if "range" in axis:
        low, high = axis["range"]
    else:
        high = high if high > low else low + 1
        levels = svg.ticks(low, high)
        step = levels[1] - levels[0] if len(levels) > 1 else high - low
        high = levels[-1] if levels[-1] >= high else levels[-1] + step
    levels = [float(v) for v in axis.get("tickvals") or svg.ticks(low, high)]
    return low, max(high, levels[-1]), [level for level in levels if low <= level <= high] or [low]


def _along(
    keys: list[Any], axis: Spec, left: float, width: float, bars: bool
) -> tuple[Callable[[Any], float], float]:
    """(position of a key, width of its band); dates keep their distances."""
    if axis.get("type") == "date" and all(map(_seconds, keys)):
        times = sorted({_seconds(key) for key in keys})
        gaps = [b - a for a, b in pairwise(times)]
        span = times[-1] - times[0] if gaps else 0.0
        pad = (min(gaps) / 2 if gaps else 43200.0) if bars else 0.0
        whole = span + 2 * pad or 1.0
        band = width * (min(gaps) if gaps else whole) / whole
        first = times[0] - pad
        if not gaps:
            return (lambda key: left + width / 2), min(width, 120.0)
        return (lambda key: left + width * (_seconds(key) - first) / whole), band
    place = {key: at for at, key in enumerate(keys)}
    band = width / max(len(keys), 1)
    return (lambda key: left + band * (place[key] + 0.5)), band


def _seconds(key: Any) -> float:
    """A date as seconds; 0 for what is none (dates before 1970 do not occur)."""
    try:
        return dt.datetime.fromisoformat(str(key)).replace(tzinfo=dt.UTC).timestamp()
    except ValueError:
        return 0.0


def _bars(traces: list[Spec], barmode: str, frame: Frame, gap: float) -> list[str]:
    found = [trace for trace in traces if trace["type"] == "bar"]
    wide = frame.band * (1 - gap)
    slot = wide / len(found) if barmode == "group" and found else wide
    base: dict[Any, float] = {}
    marks = []
    many = sum(len(trace["x"]) for trace in found) > MAX_BOXES
    for index, trace in enumerate(found):
        colour = trace["marker"]["color"]
        shape = trace["marker"].get("pattern", {}).get("shape", "")
        boxes = []
        texts = _texts(trace, len(trace["x"]))
        for key, value, label in zip(trace["x"], trace["y"], texts, strict=True):
            if value is None:
                continue
            start = base.get(key, 0.0) if barmode == "stack" else 0.0
            base[key] = start + value
            x = frame.along(key) - wide / 2 + (index * slot if barmode == "group" else 0)
            y, foot = frame.up(start + value), frame.up(start)
            top, height = min(y, foot), abs(foot - y)
            tip = "" if trace.get("hoverinfo") == "skip" else _tip(trace, key, value)
            if many:
                boxes.append(svg.box(x, top, slot * 0.96, height))
                continue
            marks.append(svg.rect(x, top, slot * 0.96, height, colour, tooltip=tip))
            marks.append(svg.hatch(x, top, slot * 0.96, height, shape))
            marks += _above(label, x + slot * 0.48, top, slot)
        marks.append(f'<path d="{"".join(boxes)}" {svg.paint("fill", colour)}/>' if boxes else "")
    return [mark for mark in marks if mark]


def _texts(trace: Spec, count: int) -> list[str]:
    if trace.get("textposition") != "outside":
        return [""] * count
    return [str(text) for text in trace.get("text") or [""] * count]


def _tip(trace: Spec, key: Any, value: float) -> str:
    name = words.unlabel(trace.get("name", ""))
    return f"{words.date(words.unlabel(key))} · {name}: {words.number(value)}"


def _above(label: str, x: float, top: float, room: float) -> list[str]:
    """The text over a bar, one line per ``<br>``; left out where it is wider than its place."""
    lines = [words.unlabel(part) for part in label.split("<br>") if part]
    if any(words.text_width(part, 11) > room + 34 for part in lines):
        return []
    return [
        svg.text(x, top - 5 - 14 * (len(lines) - 1 - at), part, anchor="middle", size=11)
        for at, part in enumerate(lines)
    ]


def _line(trace: Spec, frame: Frame) -> list[str]:
    points = [
        None if value is None else (frame.along(key), frame.up(value))
        for key, value in zip(trace["x"], trace["y"], strict=True)
    ]
    if trace["mode"] == "markers":
        look = trace["marker"]
        return [
            svg.marker(*point, look["symbol"], look["color"], look["size"] / 2)
            for point in points
            if point
        ]
    style = trace["line"]
    marks = [svg.polyline(points, style["color"], style.get("dash", "solid"))]
    alone = sum(point is not None for point in points) == 1
    if ("markers" in trace.get("mode", "") or alone) and len(points) <= 45:
        symbol = trace["marker"]["symbol"]
        marks += [svg.marker(*point, symbol, style["color"]) for point in points if point]
    return [mark for mark in marks if mark]


def _notes(annotations: list[Spec], keys: list[Any], frame: Frame) -> list[str]:
    """Texts inside the plot; a place between categories is a number, as in Plotly."""
    marks = []
    for note in annotations:
        if note.get("xref") != "x":
            continue
        x = frame.left + frame.band * (note["x"] + 0.5)
        parts = str(note["text"]).split("<br>")
        for at, part in enumerate(reversed(parts)):
            y = frame.up(note["y"]) - 4 - 13 * at
            colour = str(note.get("font", {}).get("color", ""))
            marks.append(svg.text(x, y, part, anchor="middle", size=11, fill=colour))
    return marks if keys else []


def _below(keys: list[Any], axis: Spec, frame: Frame) -> tuple[list[str], float]:
    """(labels under the plot, their height); as many as have room."""
    y = frame.top + frame.height + 16
    if axis.get("type") == "date":
        texts = [(key, words.date(str(key))) for key in sorted(keys)]
        room = max(words.text_width(text) for _, text in texts) + 18 if texts else 1
        every = max(1, -(-len(texts) // max(1, int(frame.width / room))))
        texts = texts[::every]
        return [_date_label(frame, key, text, y) for key, text in texts], 30
    lines = [svg.wrap(words.unlabel(key), max(frame.band - 6, 40), 3) for key in keys]
    every = max(1, -(-40 // max(int(frame.band), 1))) if frame.band < 40 else 1
    marks = [
        svg.text(frame.along(key), y + 14 * at, part, anchor="middle", fill=theme.TEXT)
        for key, parts in list(zip(keys, lines, strict=True))[::every]
        for at, part in enumerate(parts)
    ]
    return marks, 16 + 14 * max((len(parts) for parts in lines), default=1)


def _date_label(frame: Frame, key: Any, text: str, y: float) -> str:
    half = words.text_width(text) / 2
    x = min(max(frame.along(key), half), svg.WIDTH - half)
    return svg.text(x, y, text, anchor="middle", fill=theme.TEXT)


def _lying(spec: Spec, top: float) -> tuple[list[str], float]:
    """Bars from left to right, the first category on top."""
    layout, traces = spec["layout"], spec["data"]
    keys = list(dict.fromkeys(key for trace in traces for key in trace["y"]))
    low, high, _ = _values(traces, layout.get("xaxis", {}), "group")
    names = [svg.fit(words.unlabel(key), 380) for key in keys]
    left = 10 + max((words.text_width(name) for name in names), default=0)
    room = max(
        (words.text_width(t) for trace in traces for t in trace.get("text") or []), default=0
    )
    width = svg.WIDTH - left - room - 16
    row = max(20.0, 8.0 + 13 * len(traces))
    span = (high - low) or 1
    zero = left + width * (0 - low) / span
    marks = [svg.line(zero, top, zero, top + row * len(keys), theme.LINE)]
    for at, (key, name) in enumerate(zip(keys, names, strict=True)):
        y = top + row * at
        full = words.unlabel(key)
        tip = full if name != full else ""
        marks.append(svg.text(left - 6, y + row / 2 + 4, name, anchor="end", tooltip=tip))
        slot = (row - 5) / max(len(traces), 1)
        for index, trace in enumerate(traces):
            marks += _lying_bar(trace, key, zero, y + 2 + slot * index, width / span, slot)
            if spec.get("marks known"):
                box = (zero, y + 2 + slot * index, width / span, slot)
                marks += svg_hits.lying(trace, index, key, box)
    return marks, top + row * len(keys) + 12


def _lying_bar(
    trace: Spec, key: Any, zero: float, y: float, scale: float, height: float
) -> list[str]:
    at = trace["y"].index(key) if key in trace["y"] else -1
    value = trace["x"][at] if at >= 0 else None
    if value is None:
        return []
    start, size = zero + min(value * scale, 0), abs(value * scale)
    shape = trace["marker"].get("pattern", {}).get("shape", "")
    marks = [
        svg.rect(start, y, size, height * 0.94, trace["marker"]["color"]),
        svg.hatch(start, y, size, height * 0.94, shape),
    ]
    label = words.unlabel((trace.get("text") or [""] * (at + 1))[at])
    marks.append(svg.text(start + size + 5, y + height / 2 + 4, label, size=11))
    return [mark for mark in marks if mark]
