"""Metrics: what an insights question counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import PropertySpec
from mpnb.query.filter import Filter
from mpnb.query.step import CustomEventRef
from mpnb.query.words import (
    FiltersCombinator,
    FunnelMathType,
    FunnelOrder,
    MathType,
    MetricRefType,
    PerUserAggregation,
    RetentionMathType,
    SegmentMethod,
)


@dataclass(frozen=True)
class Metric:
    """An event (or several, or a behavior) and how to count it."""

    event: str | CustomEventRef | Sequence[str | CustomEventRef] | SimpleBehavior | BehaviorRef
    math: MathType = "total"
    property: PropertySpec | None = None
    per_user: PerUserAggregation | None = None
    percentile_value: int | float | None = None
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"
    segment_method: SegmentMethod | None = None


@dataclass(frozen=True)
class MetricRef:
    """A metric that is saved in the project, by id, with changes to how it is shown."""

    id: int
    type: MetricRefType = field(default="metric", kw_only=True)
    label: str | None = field(default=None, kw_only=True)
    math: MathType | FunnelMathType | RetentionMathType | None = field(default=None, kw_only=True)
    property: PropertySpec | None = field(default=None, kw_only=True)
    per_user: PerUserAggregation | None = field(default=None, kw_only=True)
    percentile_value: int | float | None = field(default=None, kw_only=True)
    segment_method: SegmentMethod | None = field(default=None, kw_only=True)
    funnel_order: FunnelOrder | None = field(default=None, kw_only=True)
    step_index: int | None = field(default=None, kw_only=True)
    bucket_index: int | None = field(default=None, kw_only=True)
    hidden: bool | None = field(default=None, kw_only=True)
    overrides: Mapping[str, Any] | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class CohortMetric:
    """The size of a saved cohort over time."""

    cohort: int | CohortDefinition
    name: str | None = None


@dataclass(frozen=True)
class FunnelMetric:
    """A funnel as one line of an insights question."""

    behavior: FunnelBehavior | BehaviorRef
    math: FunnelMathType = "conversion_rate_unique"
    property: PropertySpec | None = None
    step_index: int | None = None
    label: str | None = None


@dataclass(frozen=True)
class RetentionMetric:
    """A retention as one line of an insights question."""

    behavior: RetentionBehavior | BehaviorRef
    math: RetentionMathType = "retention_rate"
    bucket_index: int | None = None
    retention_cumulative: bool = False
    property: PropertySpec | None = None
    label: str | None = None


FormulaOperand = Metric | CohortMetric | FunnelMetric | RetentionMetric | MetricRef


@dataclass(frozen=True)
class Formula:
    """Arithmetic over metrics: letters A, B, … name them in order."""

    expression: str
    label: str | None = None
    metrics: Sequence[FormulaOperand] | None = None


AnyMetric = FormulaOperand | Formula
