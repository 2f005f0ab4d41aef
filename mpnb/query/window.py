"""When: the range of a question and what it is compared with.

Enter: counts of days and dates as text. Leave: frozen parts. The surprise: `last` counts days,
whatever the unit of the question is.
"""

from __future__ import annotations

from dataclasses import dataclass

from mpnb.errors import ParamValidationError
from mpnb.query.check import date_message, date_problem, require_word
from mpnb.query.part import quick
from mpnb.query.words import TimeComparisonType, TimeComparisonUnit

LAST_DEFAULT = 30
LAST_MAX = 3650
COMPARISON_TYPES = ("relative", "absolute-start", "absolute-end")
COMPARISON_UNITS = ("day", "week", "month", "quarter", "year")
TIME_UNITS = ("hour", "day", "week", "month", "quarter")


@quick
@dataclass(frozen=True)
class TimeRange:
    """The last so many days, or from a date (YYYY-MM-DD) to a date (today when left open).

    Attributes:
        last: number of days up to and including today; counts without dates.
        from_date: first day, YYYY-MM-DD.
        to_date: last day, included; today when left open.
    """

    last: int = LAST_DEFAULT
    from_date: str | None = None
    to_date: str | None = None


DEFAULT_RANGE = TimeRange()


@quick
@dataclass(frozen=True)
class TimeComparison:
    """Another period to compare with.

    Attributes:
        type: whether one unit earlier, or from or up to a date.
        unit: how much earlier.
        date: where the other period starts or ends, YYYY-MM-DD.

    Raises:
        ParamValidationError: TC0 to TC3B, with what to change.
    """

    type: TimeComparisonType
    unit: TimeComparisonUnit | None = None
    date: str | None = None

    def __post_init__(self) -> None:
        require_word("TC0_INVALID_TYPE", "type", self.type, COMPARISON_TYPES)
        if self.type == "relative":
            self._check_relative()
        else:
            self._check_absolute()

    def _check_relative(self) -> None:
        if self.unit is None:
            raise ParamValidationError(
                "A relative comparison needs a unit, as in TimeComparison.relative('month').",
                "TC1_REQUIRES_UNIT",
            )
        require_word("TC1B_INVALID_UNIT", "unit", self.unit, COMPARISON_UNITS)
        if self.date is not None:
            raise ParamValidationError(
                "A relative comparison takes no date; use TimeComparison.absolute_start(date).",
                "TC1_REJECTS_DATE",
            )

    def _check_absolute(self) -> None:
        if self.unit is not None:
            raise ParamValidationError(
                "An absolute comparison takes no unit; use TimeComparison.relative(unit).",
                "TC2_REJECTS_UNIT",
            )
        if self.date is None:
            raise ParamValidationError(
                "An absolute comparison needs a date like '2025-01-31'.", "TC2_REQUIRES_DATE"
            )
        problem = date_problem(self.date)
        if problem:
            code = "TC3_DATE_FORMAT" if problem == "format" else "TC3B_DATE_INVALID"
            raise ParamValidationError(date_message("date", self.date, problem), code)

    @classmethod
    def relative(cls, unit: TimeComparisonUnit) -> TimeComparison:
        """Compare with the period one unit earlier."""
        return cls("relative", unit=unit)

    @classmethod
    def absolute_start(cls, date: str) -> TimeComparison:
        """Compare with the period of the same length that starts on a date (YYYY-MM-DD)."""
        return cls("absolute-start", date=date)

    @classmethod
    def absolute_end(cls, date: str) -> TimeComparison:
        """Compare with the period of the same length that ends on a date (YYYY-MM-DD)."""
        return cls("absolute-end", date=date)
