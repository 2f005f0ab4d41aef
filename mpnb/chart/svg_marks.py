"""The few marks that static drawings are made of, as SVG text with presentation attributes only.

Numbers and plain texts enter, SVG elements leave. The surprise: no ids, styles, definitions or clip
paths, since notebook hosts drop or mix them up; patterns are drawn line by line, and text takes
``currentColor``, so that it reads on any background.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable

from mpnb.chart import theme, words

WIDTH = 720
DASH_ARRAYS = {
    "dash": "6 4",
    "dot": "2 3",
    "dashdot": "6 3 2 3",
    "longdash": "10 4",
    "longdashdot": "10 3 2 3",
}
HATCH = 7.0


def fixed(value: float) -> str:
    """A coordinate with at most one decimal.

    >>> fixed(3.0), fixed(3.14159), fixed(-0.01)
    ('3', '3.1', '0')
    """
    short = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short


def escape(text: object) -> str:
    """A text made harmless inside SVG and HTML."""
    return html.escape(words.flat(text), quote=True)


def text(
    x: float,
    y: float,
    content: str,
    *,
    anchor: str = "start",
    size: float = 12,
    fill: str = "",
    weight: str = "",
    tooltip: str = "",
) -> str:
    """One line of text; its baseline is at ``y``."""
    more = f' text-anchor="{anchor}"' if anchor != "start" else ""
    more += f' font-size="{fixed(size)}"' if size != 12 else ""
    more += f' fill="{fill}"' if fill else ""
    more += f' font-weight="{weight}"' if weight else ""
    inner = (f"<title>{escape(tooltip)}</title>" if tooltip else "") + escape(content)
    return f'<text x="{fixed(x)}" y="{fixed(y)}"{more}>{inner}</text>'


def rect(
    x: float, y: float, width: float, height: float, fill: str, *, tooltip: str = "", line: str = ""
) -> str:
    """A filled box, with an optional tooltip."""
    more = f' stroke="{line}"' if line else ""
    shape = (
        f'<rect x="{fixed(x)}" y="{fixed(y)}" width="{fixed(max(width, 0))}" '
        f'height="{fixed(max(height, 0))}" {paint("fill", fill)}{more}'
    )
    return f"{shape}><title>{escape(tooltip)}</title></rect>" if tooltip else f"{shape}/>"


def hit(x: float, y: float, width: float, height: float, key: str, tooltip: str) -> str:
    """An unseen box over a mark, by which a widget knows it; drawn on request only."""
    return (
        f'<rect x="{fixed(x)}" y="{fixed(y)}" width="{fixed(max(width, 3))}" '
        f'height="{fixed(max(height, 3))}" fill="transparent" data-mark="{key}">'
        f"<title>{escape(tooltip)}</title></rect>"
    )


def box(x: float, y: float, width: float, height: float) -> str:
    """A box as a part of a path."""
    side, up = fixed(max(width, 0)), fixed(max(height, 0))
    return f"M{fixed(x)} {fixed(y)}h{side}v{up}h-{side}z"


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = theme.GRID) -> str:
    """A thin straight line."""
    return (
        f'<line x1="{fixed(x1)}" y1="{fixed(y1)}" x2="{fixed(x2)}" y2="{fixed(y2)}" '
        f"{paint('stroke', stroke)}/>"
    )


def paint(attribute: str, colour: str) -> str:
    """A colour attribute; ``rgba()`` becomes a colour and an opacity, which all readers know.

    >>> paint("fill", "rgba(0,114,178,0.35)")
    'fill="#0072B2" fill-opacity="0.35"'
    """
    if not colour.startswith("rgba("):
        return f'{attribute}="{html.escape(colour)}"'
    red, green, blue, alpha = colour[5:-1].split(",")
    solid = f"#{int(red):02X}{int(green):02X}{int(blue):02X}"
    return f'{attribute}="{solid}" {attribute}-opacity="{float(alpha):g}"'


def polyline(points: Iterable[tuple[float, float] | None], colour: str, dash: str) -> str:
    """A line through points; None is a gap."""
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{fixed(point[0])} {fixed(point[1])}")
        pen = "L"
    if not parts:
        return ""
    dashes = f' stroke-dasharray="{DASH_ARRAYS[dash]}"' if dash in DASH_ARRAYS else ""
    shape = f'<path d="{"".join(parts)}" fill="none" {paint("stroke", colour)} stroke-width="2"'
    return f'{shape} stroke-linejoin="round"{dashes}/>'


def marker(x: float, y: float, symbol: str, colour: str, radius: float = 3.2) -> str:
    """A point as one of the theme's signs."""
    if symbol in ("circle", "circle-open"):
        fill = f'fill="{colour}"' if symbol == "circle" else f'fill="none" stroke="{colour}"'
        return f'<circle cx="{fixed(x)}" cy="{fixed(y)}" r="{fixed(radius)}" {fill}/>'
    corners = SYMBOL_SHAPES.get(symbol, SYMBOL_SHAPES["square"])
    path = "".join(
        f"{pen}{fixed(x + dx * radius)} {fixed(y + dy * radius)}" for pen, dx, dy in corners
    )
    if symbol in ("cross", "x"):
        return f'<path d="{path}" stroke="{colour}" stroke-width="2"/>'
    return f'<path d="{path}Z" fill="{colour}"/>'


SYMBOL_SHAPES: dict[str, tuple[tuple[str, float, float], ...]] = {
    "square": (("M", -1, -1), ("L", 1, -1), ("L", 1, 1), ("L", -1, 1)),
    "diamond": (("M", 0, -1.3), ("L", 1.3, 0), ("L", 0, 1.3), ("L", -1.3, 0)),
    "triangle-up": (("M", 0, -1.3), ("L", 1.2, 1), ("L", -1.2, 1)),
    "triangle-down": (("M", 0, 1.3), ("L", 1.2, -1), ("L", -1.2, -1)),
    "cross": (("M", -1.2, 0), ("L", 1.2, 0), ("M", 0, -1.2), ("L", 0, 1.2)),
    "x": (("M", -1, -1), ("L", 1, 1), ("M", -1, 1), ("L", 1, -1)),
}


def hatch(x: float, y: float, width: float, height: float, shape: str) -> str:
    """The pattern of a bar as one white path, cut to the bar."""
    if width < 4 or height < 4:
        return ""
    strokes = [
        *(_horizontal(x, y, width, height) if shape in ("-", "+") else []),
        *(_vertical(x, y, width, height) if shape in ("|", "+", ".") else []),
        *(_diagonal(x, y, width, height, 1) if shape in ("/", "x") else []),
        *(_diagonal(x, y, width, height, -1) if shape in ("\\", "x") else []),
    ]
    if not strokes:
        return ""
    dots = ' stroke-dasharray="1.5 5"' if shape == "." else ""
    path = "".join(f"M{fixed(a)} {fixed(b)}L{fixed(c)} {fixed(d)}" for a, b, c, d in strokes)
    return f'<path d="{path}" stroke="#FFFFFF" stroke-opacity="0.55" stroke-width="1.4"{dots}/>'


Stroke = tuple[float, float, float, float]


def _horizontal(x: float, y: float, width: float, height: float) -> list[Stroke]:
    count = int(height / HATCH)
    return [(x, y + at * HATCH, x + width, y + at * HATCH) for at in range(1, count + 1)]


def _vertical(x: float, y: float, width: float, height: float) -> list[Stroke]:
    count = int(width / HATCH)
    return [(x + at * HATCH, y, x + at * HATCH, y + height) for at in range(1, count + 1)]


def _diagonal(x: float, y: float, width: float, height: float, way: int) -> list[Stroke]:
    """Lines of 45 degrees; ``way`` 1 rises to the right, -1 falls."""
    strokes = []
    for at in range(1, int((width + height) / HATCH) + 1):
        offset = at * HATCH
        start, end = max(0.0, offset - height), min(width, offset)
        if way > 0:
            strokes.append((x + start, y + offset - start, x + end, y + offset - end))
        else:
            low, high = y + height - (offset - start), y + height - (offset - end)
            strokes.append((x + start, low, x + end, high))
    return strokes


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values that cover a range.

    >>> ticks(0, 1120), ticks(0, 0)
    ([0.0, 250.0, 500.0, 750.0, 1000.0], [0.0])
    """
    if not high > low:
        return [float(low)]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(at * step, 10) for at in range(first, math.floor(high / step + 1e-9) + 1)]


def fit(content: str, width: float, size: float = 12) -> str:
    """A text cut to a width in pixels."""
    plain = words.flat(content)
    if words.text_width(plain, size) <= width:
        return plain
    keep = len(plain)
    while keep > 1 and words.text_width(plain[:keep] + "…", size) > width:
        keep -= 1
    return plain[:keep].rstrip() + "…"


def wrap(content: str, width: float, most: int = 2, size: float = 12) -> list[str]:
    """A text on at most ``most`` lines of a width; the last is cut."""
    lines = [""]
    for word in words.flat(content).split():
        longer = f"{lines[-1]} {word}".strip()
        if words.text_width(longer, size) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}"
    return [fit(part, width, size) for part in lines]


def head(layout: dict[str, object]) -> tuple[list[str], float]:
    """(marks, height) of the title and the notes under it."""
    title = layout.get("title")
    found = title if isinstance(title, dict) else {}
    marks = [
        text(0, 16, fit(words.unlabel(found.get("text", "")), WIDTH, 15), size=15, weight="600")
    ]
    note = found.get("subtitle", {}).get("text", "")
    if note:
        marks.append(text(0, 34, fit(words.unlabel(note), WIDTH), fill=theme.TEXT))
    return marks, 44.0 if note else 28.0
