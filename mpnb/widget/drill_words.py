"""A bucket or a segment of an answer in the words of a question: a range of days, filters.

Enters: the label of a bucket or the labels of a segment. Leaves: a range or filters. The surprise:
what the words cannot say exactly raises `CannotSayError`; nothing near is made instead.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from mpnb.query.breakdown import Breakdown, GroupBy
from mpnb.query.custom import PropertySpec
from mpnb.query.filter import Filter
from mpnb.query.window import TimeRange
from mpnb.result.base import OVERALL

NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
BUCKET = re.compile(
    rf"(?P<low>{NUMBER}) - (?P<high>{NUMBER})|< (?P<below>{NUMBER})|≥ (?P<above>{NUMBER})"
    rf"|(?P<one>{NUMBER})"
)
"""How a numeric segment is called: its lower bound belongs to it, its upper one does not."""
NOT_SET = "(not set)"


class CannotSayError(Exception):
    """The vocabulary has no words for a place; the message says which are missing."""


def day(label: Any) -> str:
    """A bucket label; one at midnight is a day."""
    text = "" if label is None else str(label)
    return text[:10] if text[10:] in ("", "T00:00:00") else text


def span(result: Any, date: str, unit: str) -> TimeRange:
    """The days of a bucket, cut to the range of the answer; all of it without a date."""
    first, last = result.from_date[:10], result.to_date[:10]
    if not date:
        return TimeRange(from_date=first, to_date=last)
    start, end = interval(date, unit)
    return TimeRange(from_date=max(start.isoformat(), first), to_date=min(end.isoformat(), last))


def interval(date: str, unit: str) -> tuple[dt.date, dt.date]:
    """First and last day of the bucket that begins on a date.

    Raises:
        CannotSayError: the bucket is shorter than a day.
    """
    if unit in ("minute", "hour") or len(date) > 10:
        raise CannotSayError("A range has whole days, so that an hour cannot be asked alone.")
    start = dt.date.fromisoformat(date)
    if unit in ("day", "week"):
        return start, start + dt.timedelta(days={"day": 0, "week": 6}[unit])
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start, dt.date(year, month + 1, 1) - dt.timedelta(days=1)


def segment(groups: tuple[Breakdown, ...], path: tuple[str, ...]) -> list[Filter]:
    """Filters that keep one segment.

    Raises:
        CannotSayError: a level is no plain property, or its label is no value of it.
    """
    if not set(path) - {OVERALL}:
        return []
    if len(groups) != len(path):
        raise CannotSayError("The segment has other levels than the question has breakdowns.")
    return [
        one
        for group, label in zip(groups, path, strict=True)
        if label != OVERALL
        for one in kept(group, label)
    ]


def kept(group: Breakdown, label: str) -> list[Filter]:
    """The filters that keep one segment of a breakdown.

    Raises:
        CannotSayError: it is no plain property, or the label is no value of it.
    """
    plain = isinstance(group, GroupBy) and isinstance(group.property, str)
    if not isinstance(group, GroupBy) or not plain or group._list_item_mode is not None:
        raise CannotSayError("This segment is no plain property, so that no filter keeps only it.")
    of: dict[str, Any] = {"resource_type": group.resource_type}
    if label == NOT_SET:
        return [Filter.is_not_set(group.property, **of)]
    if group.property_type == "boolean" and label in ("true", "false"):
        make = Filter.is_true if label == "true" else Filter.is_false
        return [make(group.property, **of)]
    if group.property_type == "string":
        return [Filter.equals(group.property, label, **of)]
    bounds = BUCKET.fullmatch(label) if group.property_type == "number" else None
    if bounds is not None:
        said = {key: text for key, text in bounds.groupdict().items() if text}
        return _between(group.property, said, of)
    raise CannotSayError(f"No filter keeps only the segment {label!r} of {group.property!r}.")


def _between(name: PropertySpec, bounds: dict[str, str], of: dict[str, Any]) -> list[Filter]:
    least = bounds.get("low") or bounds.get("above") or bounds.get("one")
    under = bounds.get("high") or bounds.get("below")
    most = bounds.get("one")
    return [
        *([Filter.at_least(name, number(least), **of)] if least else []),
        *([Filter.less_than(name, number(under), **of)] if under else []),
        *([Filter.at_most(name, number(most), **of)] if most else []),
    ]


def number(text: str) -> int | float:
    """A number as it is written."""
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
