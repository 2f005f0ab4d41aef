"""When: the range of a question and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from mpnb.query.words import TimeComparisonType, TimeComparisonUnit


@dataclass(frozen=True)
class TimeRange:
    """The last so many units, or from a date (YYYY-MM-DD) to a date, today if it is left open."""

    last: int = 30
    from_date: str | None = None
    to_date: str | None = None


@dataclass(frozen=True)
class TimeComparison:
    """Another period to compare with."""

    type: TimeComparisonType
    unit: TimeComparisonUnit | None = None
    date: str | None = None

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
