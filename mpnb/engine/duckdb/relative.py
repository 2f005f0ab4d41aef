"""Ranges that params say in weeks or months, as reports of Mixpanel do: a number of days instead.

A question with its extras enters, one without those extras leaves. The surprise: a week is 7 days
and a month 30 (T-9), as calendar months appear only in buckets; like `last`, the days end today.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mpnb.query.window import TimeRange

UNIT_DAYS = {"day": 1, "week": 7, "month": 30}
WINDOWS = (("sections", "time", 0, "window"), ("date_range", "from_date"))
MAX_DAYS = 36_500


def settled(question: Any) -> Any:
    """The question over a number of days, when its extras say a number of weeks or months.

    Anything else in extras stays there for `engine.refuse_extras` to judge.
    """
    for window in WINDOWS:
        found = {one.path[-1]: one for one in question.extras if one.path[:-1] == window}
        unit = found["unit"].value if "unit" in found else None
        if unit in UNIT_DAYS and set(found) <= {"unit", "value"} and _is_last(question.range):
            count = found["value"].value if "value" in found else question.range.last
            if type(count) is int and 0 < count * UNIT_DAYS[unit] <= MAX_DAYS:
                others = tuple(one for one in question.extras if one not in found.values())
                days = TimeRange(count * UNIT_DAYS[unit])
                return replace(question, range=days, extras=others)
    return question


def _is_last(range_: TimeRange) -> bool:
    return range_.from_date is None and range_.to_date is None
