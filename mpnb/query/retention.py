"""The retention question: do users who did one thing come back to do another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mpnb.query.behavior import BehaviorRef
from mpnb.query.breakdown import Breakdown
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.question import Question
from mpnb.query.step import RetentionEvent
from mpnb.query.window import DEFAULT_RANGE, TimeComparison, TimeRange
from mpnb.query.words import (
    Kind,
    QueryTimeUnit,
    RetentionAlignment,
    RetentionMathType,
    RetentionMode,
    RetentionUnboundedMode,
    TimeUnit,
)


@dataclass(frozen=True, kw_only=True)
class RetentionQuery(Question):
    """Share of a born cohort that returns, per bucket of time after birth."""

    kind: ClassVar[Kind] = "retention"

    born_event: RetentionEvent | BehaviorRef
    return_event: RetentionEvent | None
    retention_unit: TimeUnit = "week"
    alignment: RetentionAlignment = "birth"
    bucket_sizes: tuple[int, ...] | None = None
    range: TimeRange = DEFAULT_RANGE
    unit: QueryTimeUnit = "day"
    math: RetentionMathType = "retention_rate"
    group_by: tuple[Breakdown, ...] = ()
    where: tuple[Filter | FrequencyFilter, ...] = ()
    mode: RetentionMode = "curve"
    unbounded_mode: RetentionUnboundedMode | None = None
    retention_cumulative: bool = False
    time_comparison: TimeComparison | None = None
    data_group_id: int | None = None
