"""What a chart is: traces, a layout, one sentence, and notes on what it leaves out.

A builder makes a ``Chart``; ``Chart.spec`` is plain Plotly JSON. The surprise: specs are bytes that
are kept in notebooks, so that floats are rounded and keys sorted here, at the one way out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mpnb.chart import theme, words
from mpnb.result import AnyResult

Trace = dict[str, Any]
MAX_POINTS = 720
"""Points that one chart shows at most, over all its lines; keeps a saved answer under 50 kB."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart before it is drawn.

    Attributes:
        title: what is shown; names from data are escaped by ``spec``.
        traces: Plotly traces, labels already escaped.
        layout: parts of the layout that differ from the theme.
        summary: one true sentence that says what the chart says.
        notes: what is left out, such as "12 of 340 segments shown".
        compares: whether the compared period, if any, is drawn.
    """

    title: str
    traces: list[Trace]
    summary: str
    layout: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    compares: bool = False

    def spec(self) -> dict[str, Any]:
        """Plain Plotly JSON: ``{"data": […], "layout": {…}}``."""
        subtitle = words.label(" · ".join(self.notes))
        title = words.label(words.shorten(self.title, 90))
        layout = theme.layout(title, subtitle, **self.layout)
        if not self.traces:
            layout.update(_empty_layout())
        tidied: dict[str, Any] = tidy({"data": self.traces, "layout": layout})
        return tidied


Builder = Callable[[Any], Chart]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One chart of the registry.

    Attributes:
        name: what people write after ``--show``.
        kinds: kinds of question whose answers it can show.
        fits: whether it can show this very answer.
        build: makes the chart.
        help: what it is good for, one line.
    """

    name: str
    kinds: tuple[str, ...]
    fits: Callable[[Any], bool]
    build: Builder
    help: str


def _empty_layout() -> dict[str, Any]:
    """A chart without data says so in its middle."""
    hidden = {"visible": False, "range": [0, 1], "fixedrange": True}
    note = {
        "text": "No data in this answer",
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 14},
    }
    return {"annotations": [note], "xaxis": hidden, "yaxis": hidden, "height": 200}


def tidy(value: Any) -> Any:
    """A copy with sorted keys and floats of six digits; NaN becomes null, unset keys go."""
    if isinstance(value, Mapping):
        return {key: tidy(value[key]) for key in sorted(value) if value[key] is not None}
    if isinstance(value, (list, tuple)):
        return [tidy(item) for item in value]
    if isinstance(value, float):
        return rounded(value)
    return value


def rounded(value: float) -> float | int | None:
    """A float with six significant digits; whole numbers become ints.

    >>> rounded(1 / 3), rounded(4.0), rounded(float("nan")), rounded(1234567.5)
    (0.333333, 4, None, 1234568)
    """
    if not math.isfinite(value):
        return None
    short = float(f"{value:.6g}") if abs(value) < 1e6 else float(round(value))
    return int(short) if short == int(short) else short


def thin(points: Sequence[Any], lines: int) -> tuple[int, str]:
    """(step, note): keep every step-th point, so that all lines together fit."""
    room = max(MAX_POINTS // max(lines, 1), 24)
    step = -(-len(points) // room)
    if step <= 1:
        return 1, ""
    shown = len(range(0, len(points), step))
    return step, f"every {_ordinal(step)} point drawn ({shown} of {words.number(len(points))})"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else ending}"


def cut(shown: int, total: int, noun: str, by: str = "largest") -> tuple[str, ...]:
    """The note that only some of many are shown; nothing when all are."""
    if shown >= total:
        return ()
    return (f"{shown} of {words.number(total)} {noun} shown, the {by}",)


def behavior(result: AnyResult) -> Mapping[str, Any]:
    """The first behaviour that the params ask about; empty when they do not say."""
    show = first_show(result)
    found = show.get("behavior")
    return found if isinstance(found, Mapping) else {}


def measurement(result: AnyResult) -> Mapping[str, Any]:
    """How the params measure; empty when they do not say."""
    found = first_show(result).get("measurement")
    return found if isinstance(found, Mapping) else {}


def first_show(result: AnyResult) -> Mapping[str, Any]:
    """The first entry of the "show" section of the params."""
    sections = result.params.get("sections")
    show = sections.get("show") if isinstance(sections, Mapping) else None
    return show[0] if isinstance(show, list) and show and isinstance(show[0], Mapping) else {}


def period(result: Any) -> str:
    """The range of an answer for sentences: "from 1 Mar 2025 to 7 Mar 2025"."""
    first = words.date(str(result.provenance.from_date or getattr(result, "from_date", ""))[:10])
    last = words.date(str(result.provenance.to_date or getattr(result, "to_date", ""))[:10])
    if not first or not last:
        return ""
    return f" on {first}" if first == last else f" from {first} to {last}"
