"""The time axis of a question: dates in, half-open buckets with their labels out.

``between`` turns the asked range into local dates, ``build`` cuts it into buckets, ``whole`` makes
the one bucket of a total. The surprise: a bucket that sticks out of the range keeps its calendar
label, even one before the first date, but its instants are clipped to the range, so that points add
up to totals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from mpnb.errors import QueryError

if TYPE_CHECKING:
    from mpnb.query.window import TimeRange

Int = npt.NDArray[np.int64]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
EPOCH = date(1970, 1, 1)
EPOCH_UTC = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_BUCKETS = 200_000


class Clock(Protocol):
    """What an axis needs to know of a store: its zone, its now and its calendar settings."""

    @property
    def timezone(self) -> ZoneInfo:
        """The project's zone."""
        ...

    @property
    def now(self) -> datetime:
        """The injected clock, aware."""
        ...

    @property
    def settings(self) -> Any:
        """Holds ``week_start`` (a weekday's name) and ``quarter_start`` (a month's number)."""
        ...


@dataclass(frozen=True, eq=False)
class Axis:
    """Consecutive buckets of one unit.

    Attributes:
        unit: hour, day, week, month or quarter.
        from_date: first local day of the range.
        to_date: last local day of the range, inclusive.
        keys: how a raw answer names each bucket: local start with UTC offset, or ``all``.
        labels: ISO date of the bucket's first day; hours are labelled like their key.
        starts_ms: first instant of each bucket inside the range, in ms since 1970 UTC.
        ends_ms: first instant after each bucket, clipped to the range.
        first_days: first local day of each bucket inside the range, days since 1970-01-01.
        last_days: last such day, inclusive.
        partial: True where the range or ``now`` cuts the calendar bucket short; a bucket is whole
            from its last millisecond on.
    """

    unit: str
    from_date: date
    to_date: date
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    starts_ms: Int
    ends_ms: Int
    first_days: Int
    last_days: Int
    partial: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def by_day(self) -> bool:
        """True when the local day alone decides a row's bucket."""
        return self.unit != "hour"

    @property
    def first_day(self) -> int:
        """First local day covered, as days since 1970-01-01."""
        return int(self.first_days[0])

    @cached_property
    def of_day(self) -> npt.NDArray[np.int32]:
        """Bucket of each day from ``first_day`` on, -1 between buckets (not for hours)."""
        lookup = np.full(int(self.last_days[-1]) - self.first_day + 1, -1, np.int32)
        for i, (first, last) in enumerate(zip(self.first_days, self.last_days, strict=True)):
            lookup[first - self.first_day : last - self.first_day + 1] = i
        return lookup

    def bucket(self, time_ms: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Bucket index of each instant, -1 outside of the range."""
        time = np.asarray(time_ms, np.int64)
        index = np.searchsorted(self.starts_ms, time, side="right") - 1
        inside = (index >= 0) & (time < self.ends_ms[index])
        return np.where(inside, index, -1).astype(np.int32)

    def bucket_of_days(self, days: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Bucket index of each local day, -1 outside of the range (not for hours)."""
        index = np.asarray(days, np.int64) - self.first_day
        inside = (index >= 0) & (index < len(self.of_day))
        return np.where(inside, self.of_day[np.where(inside, index, 0)], -1).astype(np.int32)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date that is ``number`` days after 1970-01-01."""
    return EPOCH + timedelta(days=int(number))


def millis(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware date-time, exactly."""
    return (moment - EPOCH_UTC) // timedelta(milliseconds=1)


def moment(ms: int, zone: ZoneInfo) -> datetime:
    """The local date-time of an instant in ms since 1970 UTC."""
    return (EPOCH_UTC + timedelta(milliseconds=int(ms))).astimezone(zone)


@lru_cache(maxsize=16_384)
def midnight(zone: ZoneInfo, day: date) -> int:
    """First instant of a local day in ms; of a repeated midnight the first."""
    start = millis(datetime(day.year, day.month, day.day, tzinfo=zone))
    if moment(start, zone).date() == day and moment(start - 1, zone).date() < day:
        return start
    return _first_instant(zone, day, start)


def _first_instant(zone: ZoneInfo, day: date, near: int) -> int:
    """Bisect for the change of date where a clock change swallows midnight."""
    low, high = near - DAY_MS, near + DAY_MS
    while high - low > 1:
        middle = (low + high) // 2
        if moment(middle, zone).date() >= day:
            high = middle
        else:
            low = middle
    return high


def today(clock: Clock) -> date:
    """The local date of ``now``."""
    return clock.now.astimezone(clock.timezone).date()


def between(clock: Clock, window: TimeRange) -> tuple[date, date]:
    """First and last local day of a time range; ``last`` counts days and includes today."""
    to_date = parse(window.to_date) if window.to_date else today(clock)
    if window.from_date:
        return parse(window.from_date), to_date
    return to_date - timedelta(days=window.last - 1), to_date


def parse(text: str) -> date:
    """The date of a text like 2025-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QueryError(f"{text!r} is not a date; write it as YYYY-MM-DD") from None


def build(
    clock: Clock, from_date: date | str, to_date: date | str, unit: str, *, before: int = 0
) -> Axis:
    """Cut the inclusive local range into buckets of ``unit``.

    ``before`` adds that many whole buckets in front of the range, for rolling windows.

    Raises:
        QueryError: the range is reversed, a date or the unit is none, or it has too many buckets.
    """
    first, last = _check(from_date, to_date)
    if unit == "hour":
        return _hours(clock, first, last, before)
    if unit not in _STARTS:
        raise QueryError(f"unknown unit {unit!r}; one of hour, {', '.join(_STARTS)}")
    spans = [*_earlier(clock, first, unit, before), *_spans(clock, first, last, unit)]
    return _from_spans(clock, first, last, unit, spans)


def whole(clock: Clock, from_date: date | str, to_date: date | str, unit: str = "day") -> Axis:
    """One bucket, named ``all``, over the whole range; ``unit`` stays the asked one."""
    first, last = _check(from_date, to_date)
    zone = clock.timezone
    return Axis(
        "day" if unit == "hour" else unit,
        first,
        last,
        ("all",),
        ("all",),
        np.array([midnight(zone, first)]),
        np.array([midnight(zone, last + timedelta(days=1))]),
        np.array([day_number(first)]),
        np.array([day_number(last)]),
        np.array([last >= today(clock)]),
    )


def date_range(clock: Clock, from_date: date, to_date: date) -> dict[str, str]:
    """The range as raw answers state it: first and last local second with UTC offset."""
    zone = clock.timezone
    end = moment(midnight(zone, to_date + timedelta(days=1)) - 1000, zone)
    return {
        "from_date": moment(midnight(zone, from_date), zone).isoformat(),
        "to_date": end.isoformat(timespec="seconds"),
    }


def _check(from_date: date | str, to_date: date | str) -> tuple[date, date]:
    first = parse(from_date) if isinstance(from_date, str) else from_date
    last = parse(to_date) if isinstance(to_date, str) else to_date
    if last < first:
        raise QueryError(f"the range is reversed: from {first} to {last}; swap the two dates")
    if (last - first).days >= MAX_BUCKETS:
        raise QueryError(f"the range from {first} to {last} is too long")
    return first, last


def _hours(clock: Clock, first: date, last: date, before: int) -> Axis:
    """Consecutive absolute hours: a spring day has 23 of them, an autumn day 25."""
    zone = clock.timezone
    start, end = midnight(zone, first), midnight(zone, last + timedelta(days=1))
    if (end - start) // HOUR_MS > MAX_BUCKETS:
        raise QueryError(f"too many hours from {first} to {last}; use a longer unit")
    starts = np.arange(start - before * HOUR_MS, end, HOUR_MS, dtype=np.int64)
    ends = np.minimum(starts + HOUR_MS, end)
    keys = tuple(moment(ms, zone).isoformat() for ms in starts.tolist())
    days = np.array([day_number(moment(ms, zone).date()) for ms in starts.tolist()])
    partial = ends - 1 > millis(clock.now)
    return Axis("hour", first, last, keys, keys, starts, ends, days, days, partial)


Span = tuple[date, date, date]
"""A bucket's calendar start, and its first and last day inside the range."""


def _spans(clock: Clock, first: date, last: date, unit: str) -> Iterator[Span]:
    start = _STARTS[unit](first, clock.settings)
    while start <= last:
        following = _next(start, unit)
        yield start, max(start, first), min(following - timedelta(days=1), last)
        start = following


def _earlier(clock: Clock, first: date, unit: str, count: int) -> list[Span]:
    start, spans = _STARTS[unit](first, clock.settings), []
    for _ in range(count):
        last = start - timedelta(days=1)
        start = _STARTS[unit](last, clock.settings)
        spans.append((start, start, last))
    return spans[::-1]


def _from_spans(clock: Clock, first: date, last: date, unit: str, spans: list[Span]) -> Axis:
    zone, now = clock.timezone, millis(clock.now)
    starts = [midnight(zone, begin) for _, begin, _ in spans]
    ends = [midnight(zone, end + timedelta(days=1)) for _, _, end in spans]
    cut = [
        begin > start or over - 1 > now or end + timedelta(days=1) < _next(start, unit)
        for (start, begin, end), over in zip(spans, ends, strict=True)
    ]
    return Axis(
        unit,
        first,
        last,
        tuple(moment(midnight(zone, start), zone).isoformat() for start, _, _ in spans),
        tuple(start.isoformat() for start, _, _ in spans),
        np.array(starts, np.int64),
        np.array(ends, np.int64),
        np.array([day_number(begin) for _, begin, _ in spans], np.int64),
        np.array([day_number(end) for _, _, end in spans], np.int64),
        np.array(cut, np.bool_),
    )


def _week_start(day: date, settings: Any) -> date:
    first = WEEKDAYS.index(str(settings.week_start).lower())
    return day - timedelta(days=(day.weekday() - first) % 7)


def _quarter_start(day: date, settings: Any) -> date:
    back = (day.month - int(settings.quarter_start)) % 3
    return add_months(day.replace(day=1), -back)


def add_months(day: date, months: int) -> date:
    """The same day some calendar months on; a missing day becomes the month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def _next(start: date, unit: str) -> date:
    if unit in ("day", "week"):
        return start + timedelta(days=7 if unit == "week" else 1)
    return add_months(start, 3 if unit == "quarter" else 1)


_STARTS: dict[str, Callable[[date, Any], date]] = {
    "day": lambda day, _: day,
    "week": _week_start,
    "month": lambda day, _: day.replace(day=1),
    "quarter": _quarter_start,
}
"""For each unit, the first day of the calendar bucket that holds a day."""
