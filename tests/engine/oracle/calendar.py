"""Days, buckets and ranges of section 4, by asking the zone about every instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.oracle.values import local

HOUR = 3_600_000
DAY = 24 * HOUR
LENGTHS = {
    "second": 1000,
    "minute": 60_000,
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": 30 * DAY,
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Bucket:
    """A bucket: its label, and what of it lies in the range (`end` is not inside)."""

    label: str
    start: int
    end: int
    last_day: date | None = None


class Calendar:
    """The calendar of a project."""

    def __init__(self, zone: ZoneInfo, week_start: str | None, quarter_start: int) -> None:
        self.zone, self.quarter_start = zone, quarter_start
        self.week_start = WEEKDAYS.index(week_start or "monday")
        self._starts: dict[date, int] = {}

    def day_of(self, ms: int) -> date:
        return local(ms, self.zone).date()

    def start(self, day: date) -> int:
        """T-2: the first instant of a local day."""
        if day not in self._starts:
            middle = (day - EPOCH).days * DAY
            low, high = middle - 2 * DAY, middle + 2 * DAY
            while high - low > 1000:
                half = (low + high) // 2000 * 1000
                low, high = (half, high) if self.day_of(half) < day else (low, half)
            self._starts[day] = high
        return self._starts[day]

    def end(self, day: date) -> int:
        return self.start(day + timedelta(days=1))

    def first_day(self, day: date, unit: str) -> date:
        """First day of the calendar interval that holds a day."""
        if unit == "week":
            return day - timedelta(days=(day.weekday() - self.week_start) % 7)
        if unit == "month":
            return day.replace(day=1)
        if unit == "quarter":
            while (day.month - self.quarter_start) % 3:
                day = day.replace(day=1) - timedelta(days=1)
            return day.replace(day=1)
        return day

    def next_first(self, first: date, unit: str) -> date:
        """First day of the interval after the one that begins on `first`."""
        step = {"day": 1, "week": 7, "month": 31, "quarter": 93}[unit]
        return self.first_day(first + timedelta(days=step), unit)

    def buckets(self, from_day: date, to_day: date, unit: str) -> list[Bucket]:
        if unit == "hour":
            return self._hours(from_day, to_day)
        found, first = [], self.first_day(from_day, unit)
        while first <= to_day:
            after = self.next_first(first, unit)
            last = min(after - timedelta(days=1), to_day)
            start = max(first, from_day)
            found.append(Bucket(first.isoformat(), self.start(start), self.end(last), last))
            first = after
        return found

    def _hours(self, from_day: date, to_day: date) -> list[Bucket]:
        found, at = [], self.start(from_day)
        while at < self.end(to_day):
            found.append(Bucket(local(at, self.zone).isoformat(), at, at + HOUR))
            at += HOUR
        return found

    def range(self, asked: Mapping[str, Any], now: int) -> tuple[date, date]:
        """T-10: the days of a question."""
        today = self.day_of(now)
        to = date.fromisoformat(asked["to_date"]) if asked.get("to_date") else today
        if asked.get("from_date"):
            return date.fromisoformat(asked["from_date"]), to
        return to - timedelta(days=(asked.get("last") or 30) - 1), to

    def compared(self, days: tuple[date, date], comparison: Any) -> tuple[date, date]:
        """I-27: the range to compare with."""
        length = days[1] - days[0]
        kind = comparison.kind.rpartition(".")[2]
        if kind == "absolute_start":
            start = date.fromisoformat(comparison["date"])
        elif kind == "absolute_end":
            start = date.fromisoformat(comparison["date"]) - length
        else:
            start = back(days[0], comparison["unit"])
        return start, start + length


def back(day: date, unit: str) -> date:
    """One calendar unit earlier; a day that the month lacks is its last."""
    if unit in ("day", "week"):
        return day - timedelta(days=7 if unit == "week" else 1)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)
