"""How often users did an event: as a filter and as a breakdown.

Enter: an event and thresholds. Leave: frozen parts. The surprise: both read the user's events of
the whole project unless a date range is given, not those of the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mpnb.errors import ParamValidationError
from mpnb.query.check import (
    is_blank,
    is_finite,
    is_number,
    one_or_more,
    require_label,
    require_word,
)
from mpnb.query.part import quick
from mpnb.query.words import FrequencyFilterOperator, FrequencyUnit

if TYPE_CHECKING:
    from mpnb.query.filter import Filter

FREQUENCY_OPERATORS = (
    "is at least",
    "is at most",
    "is greater than",
    "is less than",
    "is equal to",
)
FREQUENCY_UNITS = ("day", "week", "month")


@quick
@dataclass(frozen=True)
class FrequencyFilter:
    """Keep users who did an event some number of times, if wanted in the last days or weeks.

    Attributes:
        event: the event whose frequency decides.
        value: how often.
        operator: how the frequency is compared with the value.
        date_range_value: how many units the window has; without it the row's own bucket
            counts.
        date_range_unit: unit of the window.
        event_filters: conditions on the counted event.
        label: what the filter is called.

    Raises:
        ParamValidationError: FF1 to FF5, with what to change.
    """

    event: str
    value: int | float
    operator: FrequencyFilterOperator = "is at least"
    date_range_value: int | None = None
    date_range_unit: FrequencyUnit | None = None
    event_filters: Sequence[Filter] | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        if is_blank(self.event):
            raise ParamValidationError("event is blank; name an event.", "FF1_EMPTY_EVENT")
        require_label(self.label)
        require_word("FF2_INVALID_OPERATOR", "operator", self.operator, FREQUENCY_OPERATORS)
        if not is_number(self.value) or self.value < 0:
            raise ParamValidationError(
                f"value must be a number of times, 0 or more, not {self.value!r}.",
                "FF3_VALUE_NEGATIVE",
            )
        self._check_range()
        object.__setattr__(self, "event_filters", one_or_more(self.event_filters))

    def _check_range(self) -> None:
        amount, unit = self.date_range_value, self.date_range_unit
        if (amount is None) != (unit is None):
            raise ParamValidationError(
                "date_range_value and date_range_unit come together: give both or none.",
                "FF4_DATE_RANGE_PAIR",
            )
        if amount is None:
            return
        if not is_finite(amount) or amount <= 0:
            raise ParamValidationError(
                f"date_range_value must be a positive whole number, not {amount!r}.",
                "FF5_DATE_RANGE_VALUE_NOT_POSITIVE",
            )
        require_word("FF6_INVALID_DATE_RANGE_UNIT", "date_range_unit", unit, FREQUENCY_UNITS)


@quick
@dataclass(frozen=True)
class FrequencyBreakdown:
    """Break down by how often users did an event, in buckets.

    Attributes:
        event: the event whose frequency decides.
        bucket_size: width of a bucket.
        bucket_min: start of the first bucket; less stands under ``< min``.
        bucket_max: end of the last bucket; more stands under ``≥ max``.
        label: what the breakdown is called.

    Raises:
        ParamValidationError: FB1 to FB4, with what to change.
    """

    event: str
    bucket_size: int = 1
    bucket_min: int = 0
    bucket_max: int = 10
    label: str | None = None

    def __post_init__(self) -> None:
        if is_blank(self.event):
            raise ParamValidationError("event is blank; name an event.", "FB1_EMPTY_EVENT")
        require_label(self.label)
        if not is_finite(self.bucket_size) or self.bucket_size <= 0:
            raise ParamValidationError(
                f"bucket_size must be positive, not {self.bucket_size!r}.",
                "FB2_BUCKET_SIZE_NOT_POSITIVE",
            )
        if not is_finite(self.bucket_min) or self.bucket_min < 0:
            raise ParamValidationError(
                f"bucket_min must be 0 or more, not {self.bucket_min!r}.",
                "FB4_BUCKET_MIN_NEGATIVE",
            )
        if not is_finite(self.bucket_max) or self.bucket_min >= self.bucket_max:
            raise ParamValidationError(
                f"bucket_min {self.bucket_min} must be below bucket_max {self.bucket_max}.",
                "FB3_BUCKET_ORDER",
            )
