"""The retention question: do users who did one thing come back to do another.

Enter the public arguments (`retention`), leaves a frozen question in normal form. The surprise: a
saved behavior stands in `born_event` and leaves no return event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mpnb.query.behavior import BehaviorRef, SavedBehaviorLike, event_part
from mpnb.query.breakdown import Breakdown, GroupByInput
from mpnb.query.filter import Filter, FrequencyFilter, WhereInput
from mpnb.query.metric import as_reference
from mpnb.query.part import quick
from mpnb.query.question import Question
from mpnb.query.rules import common
from mpnb.query.rules import retention as rules
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


@quick
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
    """Days that count."""
    unit: QueryTimeUnit = "day"
    math: RetentionMathType = "retention_rate"
    group_by: tuple[Breakdown, ...] = ()
    where: tuple[Filter | FrequencyFilter, ...] = ()
    mode: RetentionMode = "curve"
    unbounded_mode: RetentionUnboundedMode | None = None
    retention_cumulative: bool = False
    time_comparison: TimeComparison | None = None
    data_group_id: int | None = None


def retention(
    born_event: str | RetentionEvent | BehaviorRef | SavedBehaviorLike,
    return_event: str | RetentionEvent | None = None,
    *,
    retention_unit: TimeUnit = "week",
    alignment: RetentionAlignment = "birth",
    bucket_sizes: Sequence[int] | None = None,
    from_date: str | None = None,
    to_date: str | None = None,
    last: int = 30,
    unit: QueryTimeUnit = "day",
    math: RetentionMathType = "retention_rate",
    group_by: GroupByInput = None,
    where: WhereInput = None,
    mode: RetentionMode = "curve",
    unbounded_mode: RetentionUnboundedMode | None = None,
    retention_cumulative: bool = False,
    time_comparison: TimeComparison | None = None,
    data_group_id: int | None = None,
) -> RetentionQuery:
    """Make a retention question: do users who did one thing come back to do another.

    Args:
        born_event: what makes a user part of a cohort, or a saved behavior.
        return_event: what counts as coming back.
        retention_unit: length of a bucket.
        alignment: buckets from the birth itself, or from the start of its period.
        bucket_sizes: rising ends of uneven buckets, in units, at most 730.
        from_date: first day (YYYY-MM-DD); without it the range is the last days.
        to_date: last day (YYYY-MM-DD), today when left open.
        last: number of days up to today, 1 to 3650.
        unit: length of the periods in which cohorts are born.
        math: what is counted.
        group_by: a property's name, a breakdown, or a list of them.
        where: a filter or a list of filters; all must hold.
        mode: the curve, a trend, or a table.
        unbounded_mode: whether returns count for earlier or later buckets too.
        retention_cumulative: count a return in every later bucket.
        time_comparison: another period to show beside this one.
        data_group_id: count groups of this kind instead of users.

    Raises:
        BookmarkValidationError: arguments break rules; all findings at once.
        ParamValidationError: a part is wrong in itself.
    """
    given = dict(locals())
    given["born_event"] = born = _event(as_reference(born_event))
    given["return_event"] = back = _event(return_event)
    common.raise_all(rules.question, given)
    return RetentionQuery(
        born_event=born,
        return_event=back,
        retention_unit=retention_unit,
        alignment=alignment,
        bucket_sizes=tuple(bucket_sizes) if bucket_sizes else None,
        range=common.time_range(last, from_date, to_date),
        unit=unit,
        math=math,
        group_by=common.breakdowns(group_by),
        where=common.where_parts(where),
        mode=mode,
        unbounded_mode=unbounded_mode,
        retention_cumulative=retention_cumulative,
        time_comparison=time_comparison,
        data_group_id=data_group_id,
    )


def _event(event: Any) -> Any:
    return event_part(event) if isinstance(event, str) else event
