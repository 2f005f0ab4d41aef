"""Casts and labels of single values, as the semantics define them (D-8, D-9, appendix B).

A native JSON value enters, one of another type or a label leaves; undefined is None. A date-time is
an aware ``datetime``; the surprise: a text with only a date is a ``date``, the same day in every
zone, and becomes an instant (local midnight) only where one is needed.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from mpnb.engine.duckdb import axis

NOT_SET: Final = "(not set)"
EMPTY_TEXT: Final = "(empty string)"
NON_NUMERIC: Final = "(non-numeric values)"

DURATIONS_MS: Final[dict[str, int]] = {
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 7 * 86_400_000,
    "month": 30 * 86_400_000,
}
"""Exact lengths of units, in milliseconds (T-9); a calendar month is another thing."""

MS_FROM: Final = 1e10
"""A number beyond this is milliseconds since 1970, below it is seconds."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Moment = datetime | date
"""An instant, or a floating calendar date."""

_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"([T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


@dataclass(frozen=True)
class Clock:
    """What values are read with: the project's zone, and the time that counts as now."""

    zone: ZoneInfo
    now: datetime

    @property
    def now_ms(self) -> int:
        """Now in milliseconds since 1970."""
        return axis.millis(self.now)

    @property
    def today(self) -> date:
        """The local date of now."""
        return self.now.astimezone(self.zone).date()


def is_number(value: Any) -> bool:
    """Whether a value is a JSON number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def to_number(value: Any, zone: ZoneInfo) -> float | None:
    """The number a value casts to; None when it does not."""
    if isinstance(value, bool | int | float):
        number = _float(value)
    elif isinstance(value, str):
        number = float(value) if _NUMBER.fullmatch(value) else math.nan
    elif isinstance(value, date):
        number = to_ms(value, zone) / 1000
    else:
        return None
    return number if math.isfinite(number) else None


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def to_text(value: Any, zone: ZoneInfo) -> str | None:
    """The text a value casts to; None only for undefined."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        return _local(value, zone).isoformat(timespec="seconds")[:19]
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(_plain(value, zone), ensure_ascii=False, separators=(",", ":"))


def number_text(value: float) -> str:
    """The shortest decimal form: ``5.0`` is ``5``, ``0.1`` is ``0.1``, never an exponent."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if not math.isfinite(value):
        return str(value)
    text = repr(value)
    return format(Decimal(text), "f").removesuffix(".0") if "e" in text else text.removesuffix(".0")


def shortest_number(text: str) -> float | None:
    """The number whose shortest decimal form is that text, None when there is none."""
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) and number_text(number) == text else None


def _plain(value: Any, zone: ZoneInfo) -> Any:
    """A JSON value whose whole numbers are written without a fraction, dates as text."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, list):
        return [_plain(item, zone) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, zone) for key, item in value.items()}
    return to_text(value, zone) if isinstance(value, date) else value


def to_boolean(value: Any) -> bool:
    """The boolean a value casts to; undefined is false."""
    if isinstance(value, str):
        return value != "" and value.lower() != "false"
    if isinstance(value, bool | int | float):
        return value != 0
    return value is not None


def to_moment(value: Any) -> Moment | None:
    """The date-time a value casts to: an instant, or a floating date for a text like 2025-01-31."""
    if isinstance(value, str):
        return _read_moment(value)
    if isinstance(value, date):
        return value
    if not is_number(value):
        return None
    milliseconds = _float(value) * (1 if abs(value) > MS_FROM else 1000)
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return None


def _read_moment(text: str) -> Moment | None:
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, clock, hour, minute, second, fraction, offset = match.groups()
    try:
        if clock is None:
            return date(int(year), int(month), int(day))
        microsecond = int((fraction or "0")[:6].ljust(6, "0"))
        parts = (int(year), int(month), int(day), int(hour), int(minute), int(second or 0))
        return datetime(*parts, microsecond, tzinfo=UTC) - _offset(offset)
    except (ValueError, OverflowError):
        return None


def _offset(text: str | None) -> timedelta:
    if text is None or text == "Z":
        return timedelta(0)
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    length = timedelta(hours=hours, minutes=minutes)
    return -length if text[0] == "-" else length


def to_ms(moment: Moment, zone: ZoneInfo) -> float:
    """Milliseconds since 1970 of an instant; a floating date counts from local midnight."""
    if isinstance(moment, datetime):
        return (moment - EPOCH) / timedelta(milliseconds=1)
    return float(day_start_ms(moment, zone))


def of_ms(milliseconds: float) -> datetime:
    """The instant of a time in milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def local_day(moment: Moment, zone: ZoneInfo) -> date:
    """The calendar day of a moment in the project's zone."""
    return _local(moment, zone).date() if isinstance(moment, datetime) else moment


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock of an instant; at the calendar's two ends that of UTC."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


def day_start_ms(day: date, zone: ZoneInfo) -> int:
    """The first instant of a local day (T-2), in ms since 1970."""
    try:
        return axis.midnight(zone, day)
    except OverflowError:  # the first and the last day that a date can name
        return round(
            (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH).total_seconds() * 1000
        )


def add_days(day: date, days: int) -> date:
    """A day so many days later; stays inside the calendar's first and last day."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def label(value: Any, zone: ZoneInfo) -> str:
    """The breakdown label of one value that is no list."""
    text = to_text(value, zone)
    if text is None:
        return NOT_SET
    return text or EMPTY_TEXT
