"""Conversion over dates in a sentence, told of entries that have had their time to convert.

Lines of conversion enter, a sentence leaves. The surprise: the last dates of a funnel always look
worse, because their entries may still convert; they are drawn and not spoken of.
"""

from __future__ import annotations

import datetime as dt
import math

from mpnb.chart import words
from mpnb.chart.base import behavior
from mpnb.chart.measure import unit
from mpnb.chart.series import Line
from mpnb.result import FunnelQueryResult
from mpnb.result.base import day

DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 31, "quarter": 92}
"""Days that a unit lasts at most."""


def settled(result: FunnelQueryResult, line: Line) -> Line:
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


def sentence(found: list[Line]) -> str:
    """What a reader would say of conversion over settled dates."""
    told = [line for line in found if line.dates]
    if not told:
        return "No entries of this funnel have had their whole time to convert yet."
    if len(told) > 1:
        return _several(told)
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


def _several(told: list[Line]) -> str:
    latest = max(line.dates[-1] for line in told)
    ends = [(line.values[-1], line.name) for line in told if line.dates[-1] == latest]
    (high, best), (low, worst) = max(ends), min(ends)
    return (
        f"Of the entries of {words.date(latest)}, the last with their whole time to convert, "
        f"{words.quoted(best)} converts best with {words.percent(high)}, "
        f"{words.quoted(worst)} least with {words.percent(low)}."
    )
