"""Values and their casts (D-8, D-9), their labels and the statistics over numbers."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
NOT_SET = "(not set)"


class Instant:
    """A native date-time: milliseconds since 1970."""

    def __init__(self, ms: int) -> None:
        self.ms = ms


def number(value: Any) -> float | None:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, Instant):
        return value.ms / 1000
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value)
    return None


def short(value: float) -> str:
    """The shortest decimal form of a number."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def text(value: Any, zone: ZoneInfo) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return short(value)
    if isinstance(value, Instant):
        return local(value.ms, zone).strftime("%Y-%m-%dT%H:%M:%S")
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def truth(value: Any) -> bool:
    if isinstance(value, str):
        return value.lower() not in ("", "false")
    if isinstance(value, bool | int | float):
        return value != 0
    return value is not None


def local(ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone(zone)


def instant(value: Any, zone: ZoneInfo) -> int | date | None:
    """Milliseconds, or a floating date when the text says only a day; None when it is neither."""
    if isinstance(value, Instant):
        return value.ms
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return round(value if abs(value) >= 1e10 else value * 1000)
    found = ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    ms = round(moment.timestamp() * 1000) + math.floor(float(fraction or 0) * 1000)
    if offset not in (None, "Z"):
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
        ms -= round(shift.total_seconds() * 1000) * (-1 if offset[0] == "-" else 1)
    return ms


def day(value: Any, zone: ZoneInfo) -> date | None:
    """The local calendar date of a value."""
    found = instant(value, zone)
    return local(found, zone).date() if isinstance(found, int) else found


def elements(value: Any) -> list[Any]:
    """A list's elements, or the value itself."""
    return list(value) if isinstance(value, list) else [value]


def label(value: Any, zone: ZoneInfo) -> str:
    found = text(value, zone)
    return NOT_SET if found is None else found or "(empty string)"


def quantile(values: list[float], percent: float) -> float | None:
    """Type 7 (I-7)."""
    if not values:
        return None
    ordered = sorted(values)
    h = (len(ordered) - 1) * percent / 100
    low = math.floor(h)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (h - low) * (ordered[high] - ordered[low])


def distinct(values: list[Any]) -> int:
    """I-8: numbers by value, strings by case, types apart."""
    return len({(isinstance(v, bool), _kind(v), _key(v)) for v in values})


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) else type(value).__name__


def _key(value: Any) -> Any:
    if isinstance(value, Instant):
        return value.ms
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def same(one: Any, other: Any) -> bool:
    """Equal in type and value, numbers by value."""
    return (
        _kind(one) == _kind(other)
        and isinstance(one, bool) == isinstance(other, bool)
        and (_key(one) == _key(other))
    )


def numeric(value: Any) -> list[float]:
    """The numbers of a value: each element of a list, cast; undefined ones dropped."""
    return [n for n in map(number, elements(value)) if n is not None]


def aggregate(values: list[float], math_name: str, percent: float | None = None) -> float | None:
    """One number of many; None when there is nothing, except sums."""
    if math_name == "total":
        return math.fsum(values)
    if not values:
        return None
    simple = {"min": min, "max": max, "average": lambda v: math.fsum(v) / len(v)}
    if math_name in simple:
        found: float = simple[math_name](values)  # type: ignore[operator]
        return found
    fixed = {"median": 50.0, "p25": 25.0, "p75": 75.0, "p90": 90.0, "p99": 99.0}
    return quantile(values, percent if math_name == "percentile" else fixed[math_name])  # type: ignore[arg-type]
