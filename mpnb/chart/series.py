"""The lines of an insights answer, named and ranked for drawing.

An answer enters, named lines leave, largest first. The surprise: where an answer is split, its
``$overall`` line is left out of drawings, because it would flatten the lines that were asked for;
tables and frames keep it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeGuard

from mpnb.chart import theme, words
from mpnb.chart.base import thin
from mpnb.result import QueryResult
from mpnb.result.base import OVERALL, local_time
from mpnb.result.insights import is_total, leaves

MAX_TICKED = 90
"""Dates up to which ticks are placed here, on points, and not by Plotly."""


class Line(NamedTuple):
    """One line: its name, its dates (local, without zone) and its values."""

    name: str
    dates: list[str]
    values: list[Any]

    @property
    def numbers(self) -> list[float]:
        """The values that are numbers."""
        return [value for value in self.values if is_number(value)]

    @property
    def size(self) -> float:
        """What ranks a line: the sum of its absolute values."""
        return sum(map(abs, self.numbers))


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value can be drawn."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def lines(result: QueryResult) -> list[Line]:
    """The lines that a chart draws, in the order of the answer."""
    found = list(leaves(result.series))
    split = {leaf.event for leaf in found if set(leaf.path) - {OVERALL}}
    kept = [leaf for leaf in found if leaf.event not in split or OVERALL not in leaf.path]
    if not kept:
        kept = found
    many = len({leaf.event for leaf in kept}) > 1
    return [
        Line(
            " · ".join((*((leaf.event,) if many or not leaf.path else ()), *leaf.path)),
            [local_time(key) for key in leaf.points],
            list(leaf.points.values()),
        )
        for leaf in kept
    ]


def events(result: QueryResult) -> str:
    """The metrics of an answer as a title."""
    return ", ".join(result.series) or "Insights"


def by(result: QueryResult) -> str:
    """The breakdowns of an answer as part of a title."""
    names = [words.flat(name) for name in result.headers[1:]]
    return f" by {words.join(names)}" if names else ""


def is_series(result: QueryResult) -> bool:
    """Whether the answer runs over dates."""
    return any(leaf.points and not is_total(leaf) for leaf in leaves(result.series))


def is_numeric(result: QueryResult) -> bool:
    """Whether the answer has numbers, or nothing at all."""
    values = (value for leaf in leaves(result.series) for value in leaf.points.values())
    return not result.series or any(map(is_number, values))


def largest(found: list[Line], most: int) -> list[Line]:
    """The largest lines, in the order of the answer."""
    ranked = sorted(range(len(found)), key=lambda at: (-found[at].size, at))
    return [found[at] for at in sorted(ranked[:most])]


def thinned(found: list[Line]) -> tuple[list[Line], tuple[str, ...]]:
    """Lines with few enough points to draw, and the note about it."""
    longest = max(found, key=lambda line: len(line.dates), default=Line("", [], []))
    step, note = thin(longest.dates, len(found))
    kept = [Line(line.name, line.dates[::step], line.values[::step]) for line in found]
    return kept, ((note,) if note else ())


def trace(line: Line, index: int, name: str, *, percent: bool = False) -> dict[str, Any]:
    """A Plotly line with its own colour, dash and marker."""
    few = len(line.dates) <= 45
    show = words.percent if percent else words.number
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "name": words.label(name),
        "x": line.dates,
        "y": [value if is_number(value) else None for value in line.values],
        "text": [show(value) for value in line.values] if percent else None,
        "line": {"color": theme.colour(index), "dash": theme.DASHES[index % 8], "width": 2},
        "marker": {"symbol": theme.SYMBOLS[index % 8], "size": 6},
        "connectgaps": False,
        "hovertemplate": f"%{{x}}<br>%{{{'text' if percent else 'y:,.6~g'}}}"
        f"<extra>{words.label(name)}</extra>",
    }


def time_axis(found: list[Line]) -> dict[str, Any]:
    """A date axis; its ticks stand on points, as far as there are not too many."""
    dates = sorted({date for line in found for date in line.dates})
    whole = all(date[10:] in ("", "T00:00:00") for date in dates)
    hover = "%-d %b %Y" if whole else "%-d %b %Y %H:%M"
    more: dict[str, Any] = {"tickformat": "%-d %b\n%Y"} if whole else {}
    if whole and 0 < len(dates) <= MAX_TICKED:
        ticks = dates[:: -(-len(dates) // 8)]
        more = {"tickvals": ticks, "ticktext": _tick_texts(ticks)}
    return theme.axis(type="date", hoverformat=hover, showgrid=False, **more)


def _tick_texts(dates: list[str]) -> list[str]:
    """Days as tick labels; the year stands below where it starts."""
    texts = []
    for at, date in enumerate(dates):
        day, _, year = words.date(date).rpartition(" ")
        new = at == 0 or dates[at - 1][:4] != date[:4]
        texts.append(f"{day}<br>{year}" if new else day)
    return texts
