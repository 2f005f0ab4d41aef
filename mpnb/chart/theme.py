"""One look for all charts: colours, signs and the small template that every spec carries.

The palette is derived from Okabe and Ito's, which stays apart for colour-blind readers; text is a
middle grey that reads on white and on near-black paper, and the paper is transparent. The
surprise: colour is never the only sign. Lines differ in dash and marker, bars in pattern.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C7AE6", "#8A8F98")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "x",
    "triangle-down",
    "circle-open",
)
PATTERNS = ("", "/", ".", "\\", "x", "-", "+", "|")
TEXT = "#757B84"
GRID = "rgba(128,132,140,0.22)"
LINE = "rgba(128,132,140,0.55)"
INK = "#10202E"
"""Text on a light box, whatever the page is."""
QUIET = "#9AA0A8"
LOST = "rgba(128,132,140,0.20)"
LOSS = "#EDBF99"
SCALE = ((0.0, "#EEF5FA"), (0.5, "#74B3D8"), (1.0, "#00568A"))
"""Light to dark, for heatmaps."""

FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
CONFIG: dict[str, Any] = {"displayModeBar": False, "displaylogo": False, "responsive": False}
"""`responsive` would let a chart vanish when JupyterLab hides the page to change its theme: Plotly
then measures a height of nothing. JupyterLab's own renderer keeps the width of the page anyway."""
MAX_LINES = len(PALETTE)
NUMBERS = ",.6~g"
"""How Plotly writes numbers: 1,234 and 0.5, not 1.2k."""


def colour(index: int) -> str:
    """The colour of the n-th line or bar."""
    return PALETTE[index % len(PALETTE)]


def faded(hex_colour: str, alpha: float) -> str:
    """A palette colour with transparency.

    >>> faded("#0072B2", 0.35)
    'rgba(0,114,178,0.35)'
    """
    red, green, blue = (int(hex_colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def pale(hex_colour: str) -> str:
    """A palette colour mixed with white, to write on in `INK`.

    >>> pale("#0072B2")
    '#80B8D8'
    """
    mixed = [round((int(hex_colour[at : at + 2], 16) + 255) / 2) for at in (1, 3, 5)]
    return "#{:02X}{:02X}{:02X}".format(*mixed)


def scaled(share: float) -> str:
    """The colour of the heatmap scale at a share of 0 to 1."""
    share = min(max(share, 0.0), 1.0)
    for (low, start), (high, end) in pairwise(SCALE):
        if share <= high:
            part = (share - low) / (high - low)
            mixed = [
                round(int(start[at : at + 2], 16) * (1 - part) + int(end[at : at + 2], 16) * part)
                for at in (1, 3, 5)
            ]
            return "#{:02X}{:02X}{:02X}".format(*mixed)
    return SCALE[-1][1]


def axis(**more: Any) -> dict[str, Any]:
    """An axis with the quiet grid of the theme."""
    base = {"gridcolor": GRID, "linecolor": LINE, "zerolinecolor": LINE, "automargin": True}
    return {**base, "ticks": "", **more}


def values(**more: Any) -> dict[str, Any]:
    """An axis of numbers from zero, written in full."""
    return axis(rangemode="tozero", tickformat=NUMBERS, **more)


def layout(title: str, subtitle: str, **more: Any) -> dict[str, Any]:
    """The layout of a chart: the template, a title on the left, and the chart's own parts."""
    head: dict[str, Any] = {"text": title, "x": 0.01, "xanchor": "left"}
    head["font"] = {"size": 15}
    if subtitle:
        head["subtitle"] = {"text": subtitle, "font": {"size": 12}}
    base: dict[str, Any] = {
        "title": head,
        "font": {"color": TEXT, "family": FONT, "size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(PALETTE),
        "margin": {"l": 56, "r": 24, "t": 64 if subtitle else 48, "b": 40},
        "height": 360,
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": -0.18, "yanchor": "top"},
        "showlegend": False,
    }
    return {**base, **more}
