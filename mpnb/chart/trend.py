"""What a reader would say of lines over time, in one sentence.

The lines of an answer enter, a sentence leaves. The surprise: a bucket that the range or the
present cuts short is drawn but not spoken of, since the last week looks like a fall on its Tuesday;
and daily numbers are compared by weeks, since a Sunday says little about a Saturday.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from mpnb.chart import words
from mpnb.chart.base import period
from mpnb.chart.measure import additive, analysis, phrase, unit
from mpnb.chart.series import Line, by, events, is_number, lines
from mpnb.result import QueryResult
from mpnb.result.base import local_time

WEEK = 7
LONGEST_DAILY = 2 * WEEK
"""Days from which on the last seven are compared with the seven before."""


class Points(NamedTuple):
    """The points of a line that are spoken of, and whether some were left out."""

    name: str
    points: list[tuple[str, float]]
    cut: bool

    @property
    def last(self) -> float:
        """The last value."""
        return self.points[-1][1]


def sentence(result: QueryResult, found: list[Line]) -> str:
    """What a reader would say of the lines."""
    partial = {local_time(key) for key in result.meta.get("incomplete") or []}
    told = [whole(line, partial) for line in found if line.numbers]
    if not told:
        return f"{words.quoted(title(result))} has no data{period(result)}."
    if analysis(result) == "cumulative":
        return _grown(result, found)
    if len(told) == 1:
        return _one(result, told[0], found)
    return _many(result, told, found)


def title(result: QueryResult) -> str:
    """The metrics and breakdowns of an answer."""
    return events(result) + phrase(result) + by(result)


def whole(line: Line, partial: Iterable[str]) -> Points:
    """The points of a line whose bucket is whole; all of them where none is."""
    pairs = list(zip(line.dates, line.values, strict=True))
    every = [(date, value) for date, value in pairs if is_number(value)]
    kept = [(date, value) for date, value in every if date not in set(partial)]
    return Points(line.name, kept or every, bool(kept) and len(kept) < len(every))


def when(date: str, size: str) -> str:
    """A bucket as a time of a sentence.

    >>> when("2025-03-03", "week"), when("2025-03-01", "month"), when("2025-03-03", "day")
    ('in the week of 3 Mar 2025', 'in Mar 2025', 'on 3 Mar 2025')
    """
    if size in ("week", "quarter"):
        return f"in the {size} of {words.date(date)}"
    if size == "month":
        return f"in {words.date(date).partition(' ')[2]}"
    return f"{'at' if size == 'hour' else 'on'} {words.date(date)}"


def change(start: float, end: float) -> str:
    """How a value changed: ", up 20.0 %"; nothing where there is no share to say."""
    if start <= 0 or end < 0 or start == end:
        return ""
    return f", {'up' if end > start else 'down'} {words.percent(abs(end / start - 1))}"


def _grown(result: QueryResult, found: list[Line]) -> str:
    """Running totals: where they stand at the end, whole or not."""
    ends = [(line.numbers[-1], line.name) for line in found if line.numbers]
    (top, most), (low, least) = max(ends), min(ends)
    if len(ends) == 1:
        return f"{words.quoted(most)} adds up to {words.number(top)}{period(result)}."
    return (
        f"{words.quoted(title(result))} adds up{period(result)}: {words.quoted(most)} most with "
        f"{words.number(top)}, {words.quoted(least)} least with {words.number(low)}."
    )


def _one(result: QueryResult, line: Points, found: list[Line]) -> str:
    size, points = unit(result), line.points
    (first, start), (last, end) = points[0], points[-1]
    name = words.quoted(line.name + ("" if by(result) else phrase(result)))
    if len(points) == 1:
        return f"{name} was {words.number(start)} {when(first, size)}."
    high = max(value for _, value in points)
    if high == min(value for _, value in points):
        cut = f" in every whole {size}" if line.cut else " throughout"
        span = f"from {words.date(first)} to {words.date(last)}"
        return f"{name} was {words.number(high)}{cut}, {span}."
    best = next(date for date, value in reversed(points) if value == high)
    top = f"; the highest was {words.number(high)} {when(best, size)}"
    weeks = _weeks(points, size)
    if weeks:
        days = "whole days" if line.cut else "days"
        opening = f"{name} averaged {words.number(weeks[1])} a day in the last 7 {days}"
        return f"{opening}{_against(*weeks)}{top}{_total(result, found)}."
    at, then = when(first, size), when(last, size)
    if line.cut:
        at = f"in the first whole {size} ({words.date(first)})"
        then = f"in the last ({words.date(last)})"
    went = f"from {words.number(start)} {at} to {words.number(end)} {then}{change(start, end)}"
    top = ", its highest" if best == last else top
    return f"{name} went {went}{top}{_total(result, found)}."


def _total(result: QueryResult, found: list[Line]) -> str:
    """All buckets together, whole or not, where they add up."""
    if not additive(result):
        return ""
    total = sum(value for line in found for value in line.numbers)
    other = result.comparison
    if other is None:
        return f"; {words.number(total)} in all"
    before = sum(value for line in lines(other) for value in line.numbers)
    told = change(before, total)
    against = f"{told.removeprefix(', ')} on" if told else "against"
    share = f"{words.number(total)} in all, {against} {words.number(before)}"
    return f"; {share} in the compared period"


def _weeks(points: list[tuple[str, float]], size: str) -> tuple[float, float] | None:
    """Averages of the seven days before the last seven, and of those; None without 14 days."""
    if size != "day" or len(points) < LONGEST_DAILY:
        return None
    tail = points[-LONGEST_DAILY:]
    days = [dt.date.fromisoformat(date[:10]) for date, _ in tail]
    if (days[-1] - days[0]).days != LONGEST_DAILY - 1:
        return None
    before, after = (sum(v for _, v in part) / WEEK for part in (tail[:WEEK], tail[WEEK:]))
    return before, after


def _against(before: float, after: float) -> str:
    """How the last week differs from the one before."""
    if before == after:
        return ", as in the 7 days before"
    told = change(before, after)
    if not told:
        return f", {words.number(before)} in the 7 days before"
    return f"{told} on the 7 days before"


def _many(result: QueryResult, told: list[Points], found: list[Line]) -> str:
    name = words.quoted(title(result))
    if additive(result):
        sums = [(sum(line.numbers), line.name) for line in found if line.numbers]
        return f"{name}{period(result)}: {_ranked(sums, ' in all')}."
    size = unit(result)
    latest = max(line.points[-1][0] for line in told)
    ends = [(line.last, line.name) for line in told if line.points[-1][0] == latest]
    cut = any(line.cut for line in told)
    moment = f"in the last whole {size} ({words.date(latest)})" if cut else when(latest, size)
    return f"{name}: {moment}, {_ranked(ends, '')}."


def _ranked(values: list[tuple[Any, str]], more: str) -> str:
    """The highest and the lowest of some values; all of two."""
    ranked = sorted(values, key=lambda pair: (-pair[0], pair[1]))
    (top, most), (low, least) = ranked[0], ranked[-1]
    if len(ranked) == 1:
        return f"{words.quoted(most)} has {words.number(top)}{more}"
    if top == low:
        return f"all {len(ranked):,} are at {words.number(top)}{more}"
    return (
        f"{words.quoted(most)} is highest with {words.number(top)}{more}, "
        f"{words.quoted(least)} lowest with {words.number(low)}"
    )
