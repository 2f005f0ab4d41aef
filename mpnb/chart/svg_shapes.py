"""Heatmap, sankey, icicle and large numbers as SVG: what `svg.draw` uses for charts without axes.

Traces and layout of a spec enter, marks and their height leave. The surprise: bands of a sankey are
thick strokes and not areas, which needs a third of the bytes and looks the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from mpnb.chart import svg_hits, theme, words
from mpnb.chart import svg_marks as svg

Spec = dict[str, Any]
DARK, LIGHT = theme.INK, "#FFFFFF"
SHADES = 32
"""Steps of the scale; cells of one shade are one path."""
NODE = 14.0
PAD = 18.0


def draw_heatmap(spec: Spec) -> tuple[list[str], float]:
    """Rows and columns of shaded cells, with their texts where there is room."""
    heat = spec["data"][0]
    marks, top = svg.head(spec["layout"])
    rows = [words.unlabel(name) for name in heat["y"]]
    row = 26.0 if len(rows) < 16 else 18.0
    left = 12 + max((words.text_width(name) for name in rows), default=0)
    width = (svg.WIDTH - left) / max(len(heat["x"]), 1)
    marks += _column_names(heat["x"], left, width, top)
    top += 22
    marks += [
        svg.text(left - 8, top + row * (at + 0.5) + 4, name, anchor="end")
        for at, name in enumerate(rows)
    ]
    shades: dict[str, list[str]] = {}
    texts: dict[str, list[str]] = {}
    for across, down, value in _cells(heat["z"]):
        share = round(value / heat["zmax"] * SHADES) / SHADES
        x, y = left + width * across, top + row * down
        shades.setdefault(theme.scaled(share), []).append(svg.box(x + 1, y + 1, width - 2, row - 2))
        label = words.unlabel(heat["text"][down][across])
        if label:
            found = texts.setdefault(LIGHT if share > 0.7 else DARK, [])
            found.append(svg.text(x + width / 2, y + row / 2 + 4, label))
    marks += [f'<path d="{"".join(boxes)}" fill="{fill}"/>' for fill, boxes in shades.items()]
    if spec.get("marks known"):
        hits = [
            svg_hits.cell(heat, across, down, (left + width * across, top + row * down, width, row))
            for across, down, _ in _cells(heat["z"])
        ]
    else:
        hits = []
    size = "11" if width >= 48 else "9.5"
    marks += [
        f'<g fill="{fill}" font-size="{size}" text-anchor="middle">{"".join(found)}</g>'
        for fill, found in texts.items()
    ]
    return [*marks, *hits], top + row * len(rows) + 8


def _cells(rows: list[list[float | None]]) -> Iterator[tuple[int, int, float]]:
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if value is not None:
                yield across, down, value


def _column_names(names: list[str], left: float, width: float, top: float) -> list[str]:
    """As many names over the columns as have room."""
    widest = max((words.text_width(name) for name in names), default=0) + 6
    every = max(1, -(-int(widest) // max(int(width), 1)))
    marks = []
    for at in range(0, len(names), every):
        half = words.text_width(names[at]) / 2
        x = min(left + width * (at + 0.5), svg.WIDTH - half)
        marks.append(
            svg.text(x, top + 14, words.unlabel(names[at]), anchor="middle", fill=theme.TEXT)
        )
    return marks


def draw_sankey(spec: Spec) -> tuple[list[str], float]:
    """Nodes in columns, bands between them, names beside the nodes."""
    sankey = spec["data"][0]
    node, link = sankey["node"], sankey["link"]
    marks, top = svg.head(spec["layout"])
    height = spec["layout"]["height"] - 60.0
    sizes = _sizes(len(node["label"]), link)
    columns: dict[float, list[int]] = {}
    for at, x in enumerate(node["x"]):
        columns.setdefault(x, []).append(at)
    scale = min(
        (height - PAD * (len(found) - 1)) / max(sum(sizes[at] for at in found), 1)
        for found in columns.values()
    )
    order = sorted(columns)
    names = [words.unlabel(name) for name in node["customdata"]]
    ends = [words.text_width(names[at]) for at in columns[order[-1]]]
    width = svg.WIDTH - NODE - min(max(ends) + 8, 190)
    across = width / max(len(order) - 1, 1)
    boxes = _stack(columns, node["y"], sizes, scale, (width, top, height))
    tips = svg_hits.bands(sankey) if spec.get("marks known") else []
    marks += _bands(link, boxes, scale, tips)
    for at, (x, y, tall) in boxes.items():
        last = node["x"][at] == order[-1]
        marks.append(svg.rect(x, y, NODE, max(tall, 1), node["color"][at], tooltip=names[at]))
        shown = svg.fit(names[at], 190 if last else across - NODE - 6)
        marks.append(svg.text(x + NODE + 5, y + tall / 2 + 4, shown))
    bottom = max((y + tall for _, y, tall in boxes.values()), default=top)
    return marks, max(bottom, top + height) + 12


def _sizes(count: int, link: Spec) -> list[float]:
    """The size of each node: what flows in or out, whichever is more."""
    into, out = [0.0] * count, [0.0] * count
    for source, target, value in zip(link["source"], link["target"], link["value"], strict=True):
        out[source] += value
        into[target] += value
    return [max(a, b, 1e-9) for a, b in zip(into, out, strict=True)]


def _stack(
    columns: dict[float, list[int]],
    middles: list[float],
    sizes: list[float],
    scale: float,
    area: tuple[float, float, float],
) -> dict[int, tuple[float, float, float]]:
    """{node: (x, y, height)}: near their wished middles, in order, without overlap."""
    width, top, height = area
    boxes: dict[int, tuple[float, float, float]] = {}
    order = sorted(columns)
    for column, x in enumerate(order):
        left = width * (column / max(len(order) - 1, 1))
        below = top
        for at in sorted(columns[x], key=lambda at: middles[at]):
            tall = sizes[at] * scale
            y = max(below, top + middles[at] * height - tall / 2)
            boxes[at] = (left, y, tall)
            below = y + max(tall, 3) + PAD * 0.8
        spill = below - PAD * 0.8 - (top + height)
        for at in sorted(columns[x], key=lambda at: middles[at], reverse=True):
            if spill <= 0:
                break
            left, y, tall = boxes[at]
            boxes[at] = (left, max(y - spill, top), tall)
    return boxes


def _bands(
    link: Spec, boxes: dict[int, tuple[float, float, float]], scale: float, tips: list[str]
) -> list[str]:
    rows = list(zip(link["source"], link["target"], link["value"], link["color"], strict=True))
    leave = _offsets(rows, boxes, scale, own=0, other=1)
    arrive = _offsets(rows, boxes, scale, own=1, other=0)
    marks = []
    for at, (source, target, value, colour) in enumerate(rows):
        x0, x1 = boxes[source][0] + NODE, boxes[target][0]
        y0, y1, middle = leave[at], arrive[at], (x0 + x1) / 2
        path = (
            f"M{svg.fixed(x0)} {svg.fixed(y0)}C{svg.fixed(middle)} {svg.fixed(y0)} "
            f"{svg.fixed(middle)} {svg.fixed(y1)} {svg.fixed(x1)} {svg.fixed(y1)}"
        )
        width = svg.fixed(max(value * scale, 0.5))
        shape = f'<path d="{path}" fill="none" {svg.paint("stroke", colour)} stroke-width="{width}"'
        told = f' data-mark="0:{at}"><title>{svg.escape(tips[at])}</title></path>' if tips else "/>"
        marks.append(shape + told)
    return marks


def _offsets(
    rows: list[tuple[int, int, float, str]],
    boxes: dict[int, tuple[float, float, float]],
    scale: float,
    *,
    own: Literal[0, 1],
    other: Literal[0, 1],
) -> dict[int, float]:
    """{band: y of its middle at its own end}, ordered by where the other end lies."""
    used: dict[Any, float] = {}
    places = {}
    ends = [row[:2] for row in rows]
    ranked = sorted(range(len(rows)), key=lambda at: (boxes[ends[at][other]][1], at))
    for at in ranked:
        end, thick = ends[at][own], rows[at][2] * scale
        start = used.get(end, boxes[end][1])
        places[at] = start + thick / 2
        used[end] = start + thick
    return places


def draw_icicle(spec: Spec) -> tuple[list[str], float]:
    """Boxes that split from left to right; a box is as high as its share."""
    tree = spec["data"][0]
    marks, top = svg.head(spec["layout"])
    height = spec["layout"]["height"] - 60.0
    place = {own: at for at, own in enumerate(tree["ids"])}
    depth = 1 + max(own.count(".") for own in tree["ids"])
    width = svg.WIDTH / depth
    roots = [at for at, parent in enumerate(tree["parents"]) if not parent]
    total = sum(tree["values"][at] for at in roots) or 1
    spans: dict[int, tuple[float, float]] = {}
    used: dict[str, float] = {"": top}
    for at, parent in enumerate(tree["parents"]):
        if parent:
            above = place[parent]
            start = used.setdefault(parent, spans[above][0])
            tall = spans[above][1] * tree["values"][at] / (tree["values"][above] or 1)
        else:
            start, tall = used[""], height * tree["values"][at] / total
        spans[at] = (start, tall)
        used[parent] = start + tall
    for at, (y, tall) in spans.items():
        x = width * tree["ids"][at].count(".")
        label = words.unlabel(tree["labels"][at])
        if tall < 1:
            continue
        colour = tree["marker"]["colors"][at]
        marks.append(svg.rect(x + 1, y + 1, width - 2, tall - 2, colour, tooltip=label))
        if tall >= 14:
            shown = svg.fit(label, width - 14)
            marks.append(svg.text(x + 7, y + min(tall / 2, 40) + 4, shown, fill=theme.INK))
        if spec.get("marks known"):
            marks.append(svg.hit(x + 1, y + 1, width - 2, tall - 2, f"0:{at}", label))
    return marks, top + height + 8


def draw_numbers(spec: Spec) -> tuple[list[str], float]:
    """Large numbers side by side, each with its name above."""
    marks: list[str] = []
    for trace in spec["data"]:
        low, high = trace["domain"]["x"]
        x, room = svg.WIDTH * (low + high) / 2, svg.WIDTH * (high - low) - 12
        name = words.unlabel(trace["title"]["text"])
        value = words.number(trace["value"])
        size = min(44.0, 44.0 * room / max(words.text_width(value, 44), 1))
        marks.append(svg.text(x, 22, svg.fit(name, room, 13), anchor="middle", size=13))
        colour = trace["number"]["font"]["color"]
        marks.append(svg.text(x, 74, value, anchor="middle", size=size, fill=colour, weight="600"))
    return marks, 92.0


def draw_empty(spec: Spec) -> tuple[list[str], float]:
    """A chart without data: its title, and the words that say so."""
    marks, top = svg.head(spec["layout"])
    notes = spec["layout"].get("annotations") or [{"text": "No data"}]
    marks.append(svg.rect(0.5, top, svg.WIDTH - 1, 90, "rgba(128,132,140,0.06)"))
    marks.append(svg.text(svg.WIDTH / 2, top + 50, notes[0]["text"], anchor="middle", size=14))
    return marks, top + 98
