"""The funnel question: how many users go through steps in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mpnb.query.behavior import BehaviorRef
from mpnb.query.breakdown import Breakdown
from mpnb.query.custom import PropertySpec
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.question import Question
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


@dataclass(frozen=True, kw_only=True)
class FunnelQuery(Question):
    """Conversion through steps within a window."""

    kind: ClassVar[Kind] = "funnel"

    steps: tuple[FunnelStep, ...] | BehaviorRef
    conversion_window: int = 14
    conversion_window_unit: ConversionWindowUnit = "day"
    order: FunnelOrder = "loose"
    range: TimeRange = DEFAULT_RANGE
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
