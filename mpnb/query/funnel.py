"""The funnel question: how many users go through steps in order.

Enter the public arguments (`funnel`), leaves a frozen question in normal form. The surprise: a
saved behavior brings its steps and settings, so these cannot be given beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mpnb.query import behavior
from mpnb.query.behavior import BehaviorRef, SavedBehaviorLike
from mpnb.query.breakdown import Breakdown, GroupByInput
from mpnb.query.check import items_of
from mpnb.query.custom import PropertySpec
from mpnb.query.filter import Filter, FrequencyFilter, WhereInput
from mpnb.query.metric import as_reference
from mpnb.query.part import quick
from mpnb.query.question import Question
from mpnb.query.rules import common
from mpnb.query.rules import funnel as rules
from mpnb.query.step import Exclusion, FunnelStep, HoldingConstant
from mpnb.query.window import DEFAULT_RANGE, TimeComparison, TimeRange
from mpnb.query.words import (
    ConversionWindowUnit,
    FunnelMathType,
    FunnelMode,
    FunnelOrder,
    FunnelReentryMode,
    Kind,
    QueryTimeUnit,
)


@quick
@dataclass(frozen=True, kw_only=True)
class FunnelQuery(Question):
    """Conversion through steps within a window."""

    kind: ClassVar[Kind] = "funnel"

    steps: tuple[FunnelStep, ...] | BehaviorRef
    conversion_window: int = 14
    conversion_window_unit: ConversionWindowUnit = "day"
    order: FunnelOrder = "loose"
    range: TimeRange = DEFAULT_RANGE
    """Days that count."""
    unit: QueryTimeUnit = "day"
    math: FunnelMathType = "conversion_rate_unique"
    math_property: PropertySpec | None = None
    group_by: tuple[Breakdown, ...] = ()
    where: tuple[Filter | FrequencyFilter, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    holding_constant: tuple[HoldingConstant, ...] = ()
    mode: FunnelMode = "steps"
    reentry_mode: FunnelReentryMode | None = None
    time_comparison: TimeComparison | None = None
    data_group_id: int | None = None


def funnel(
    steps: Sequence[str | FunnelStep] | BehaviorRef | SavedBehaviorLike,
    *,
    conversion_window: int = 14,
    conversion_window_unit: ConversionWindowUnit = "day",
    order: FunnelOrder = "loose",
    from_date: str | None = None,
    to_date: str | None = None,
    last: int = 30,
    unit: QueryTimeUnit = "day",
    math: FunnelMathType = "conversion_rate_unique",
    math_property: PropertySpec | None = None,
    group_by: GroupByInput = None,
    where: WhereInput = None,
    exclusions: Sequence[str | Exclusion] | None = None,
    holding_constant: str | HoldingConstant | Sequence[str | HoldingConstant] | None = None,
    mode: FunnelMode = "steps",
    reentry_mode: FunnelReentryMode | None = None,
    time_comparison: TimeComparison | None = None,
    data_group_id: int | None = None,
) -> FunnelQuery:
    """Make a funnel question: how many users go through the steps in order.

    Args:
        steps: events or steps, 2 to 100, or a saved behavior.
        conversion_window: how long the whole way may take, in the unit.
        conversion_window_unit: unit of the window, or `session`.
        order: steps in order with others between (`loose`), or in any order.
        from_date: first day (YYYY-MM-DD); without it the range is the last days.
        to_date: last day (YYYY-MM-DD), today when left open.
        last: number of days up to today, 1 to 3650.
        unit: length of the periods of a trend.
        math: what is counted.
        math_property: the property that the math is over.
        group_by: a property's name, a breakdown, or a list of them.
        where: a filter or a list of filters; all must hold.
        exclusions: events that must not happen on the way.
        holding_constant: up to three properties that must keep their value.
        mode: the steps, a trend, or a table.
        reentry_mode: how users enter again.
        time_comparison: another period to show beside this one.
        data_group_id: count groups of this kind instead of users.

    Raises:
        BookmarkValidationError: arguments break rules; all findings at once.
        ParamValidationError: a part is wrong in itself.
    """
    given = dict(locals())
    given["steps"] = steps = as_reference(steps)
    excluded: tuple[Exclusion, ...] = ()
    held: tuple[HoldingConstant, ...] = ()
    if not isinstance(steps, BehaviorRef):
        excluded = behavior.exclusion_parts(exclusions)
        held = behavior.holding_parts(holding_constant)
        given["steps"] = steps = behavior.step_parts(items_of(steps))
    common.raise_all(rules.question, given)
    return FunnelQuery(
        steps=steps,
        conversion_window=conversion_window,
        conversion_window_unit=conversion_window_unit,
        order=order,
        range=common.time_range(last, from_date, to_date),
        unit=unit,
        math=math,
        math_property=math_property,
        group_by=common.breakdowns(group_by),
        where=common.where_parts(where),
        exclusions=excluded,
        holding_constant=held,
        mode=mode,
        reentry_mode=reentry_mode,
        time_comparison=time_comparison,
        data_group_id=data_group_id,
    )
