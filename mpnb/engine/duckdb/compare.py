"""Time comparison: the second range of a question, as long as the first (I-27)."""

from __future__ import annotations

from datetime import date, timedelta

from mpnb.engine.duckdb.axis import add_months
from mpnb.errors import QueryError
from mpnb.query.window import TimeComparison

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}


def compared(asked: TimeComparison, first: date, last: date) -> tuple[date, date]:
    """First and last day of the range to compare ``first`` to ``last`` with.

    A relative comparison moves the start back by one calendar unit; a day that the month lacks is
    its last one. Both ranges have the same number of days.
    """
    length = last - first
    if asked.type == "absolute-end":
        end = _day(asked.date)
        return end - length, end
    start = _day(asked.date) if asked.type == "absolute-start" else _back(first, asked.unit)
    return start, start + length


def _back(day: date, unit: str | None) -> date:
    if unit in MONTHS:
        return add_months(day, -MONTHS[unit])
    if unit in DAYS:
        return day - timedelta(days=DAYS[unit])
    raise QueryError(f"cannot compare by {unit!r}; one of {', '.join((*DAYS, *MONTHS))}")


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise QueryError(f"{text!r} is not a date; write it as YYYY-MM-DD") from None
