"""Metrics: what an insights question counts.

Enter: events or behaviors, and how to count them. Leave: frozen parts. The surprise: a `MetricRef`
changes only how a saved metric is shown; its filters cannot be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mpnb.errors import ParamTypeError, ParamValidationError
from mpnb.query import metric_formula
from mpnb.query.behavior import (
    BehaviorRef,
    FunnelBehavior,
    RetentionBehavior,
    SimpleBehavior,
    is_blank_property,
    require_behavior_event,
)
from mpnb.query.check import (
    is_blank,
    items_of,
    one_or_more,
    require_event,
    require_label,
    require_word,
)
from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import PropertySpec
from mpnb.query.filter import Filter
from mpnb.query.filter_checks import require_cohort
from mpnb.query.math import (
    FUNNEL_MATHS,
    INSIGHTS_MATHS,
    RETENTION_MATHS,
    SEGMENT_METHODS,
    Math,
    needs,
)
from mpnb.query.metric_ref import MetricRef
from mpnb.query.part import quick
from mpnb.query.step import CustomEventRef
from mpnb.query.words import (
    FiltersCombinator,
    FunnelMathType,
    MathType,
    PerUserAggregation,
    RetentionMathType,
    SegmentMethod,
)

__all__ = [
    "AnyMetric",
    "CohortMetric",
    "EventInput",
    "Formula",
    "FormulaOperand",
    "FunnelMetric",
    "Metric",
    "MetricRef",
    "RetentionMetric",
    "SavedMetricLike",
]


@quick
@dataclass(frozen=True)
class Metric:
    """An event (or several, or a behavior) and how to count it.

    Attributes:
        event: what is counted: an event's name, several of them, or a behavior.
        math: how it is counted.
        property: the property that the math is over.
        per_user: what is made of each user's values before the math.
        percentile_value: which percentile, 0 to 100, with
            ``math="percentile"``.
        filters: conditions on the event itself.
        filters_combinator: whether all of them must hold or any.
        segment_method: whether all rows of a user count for a segment, or the first.

    Raises:
        ParamValidationError: EV1, EV2, BH1, BH2, BH5, MT2, MT3, MT5, V13 or V26.
    """

    event: str | CustomEventRef | Sequence[str | CustomEventRef] | SimpleBehavior | BehaviorRef
    math: MathType = "total"
    property: PropertySpec | None = None
    per_user: PerUserAggregation | None = None
    percentile_value: int | float | None = None
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"
    segment_method: SegmentMethod | None = None

    def __post_init__(self) -> None:
        if isinstance(self.event, str):
            require_event(self.event, "Metric")
        else:
            self._check_event()
        if self.segment_method is not None:
            require_word(
                "MT2_INVALID_SEGMENT_METHOD", "segment_method", self.segment_method, SEGMENT_METHODS
            )
        if self.filters is not None:
            object.__setattr__(self, "filters", one_or_more(self.filters))
        if self.filters and isinstance(self.event, SimpleBehavior | BehaviorRef):
            raise ParamValidationError(
                "A behavior's filters stand on its events; give them there, not on the Metric.",
                "MT3_FILTERS_WITH_BEHAVIOR",
            )
        row = INSIGHTS_MATHS.get(self.math) if isinstance(self.math, str) else None
        if row is not None and row.needs == "required":
            self._check_measurement()

    def _check_event(self) -> None:
        event = self.event
        if isinstance(event, list | tuple):
            _check_events(event)
            object.__setattr__(self, "event", event[0] if len(event) == 1 else tuple(event))
        elif isinstance(event, BehaviorRef):
            _require_ref_type(event, "simple")
        elif not isinstance(event, CustomEventRef | SimpleBehavior):
            raise _event_type(event)

    def _check_measurement(self) -> None:
        if is_blank_property(self.property):
            raise ParamValidationError(
                f"math={self.math!r} needs a property: Metric(..., math={self.math!r}, "
                "property='amount').",
                "V13_METRIC_MATH_PROPERTY",
            )
        if self.math == "percentile" and self.percentile_value is None:
            raise ParamValidationError(
                "math='percentile' needs percentile_value, as in percentile_value=95.",
                "V26_PERCENTILE_REQUIRES_VALUE",
            )


def _check_events(events: Sequence[Any]) -> None:
    if not events:
        raise ParamValidationError("A metric needs at least one event.", "BH1_STEP_COUNT")
    for event in events:
        if not isinstance(event, str | CustomEventRef):
            raise _event_type(event)
        require_behavior_event(event)


def _event_type(event: Any) -> ParamValidationError:
    return ParamValidationError(
        "A metric's event is a name, a CustomEventRef, a list of these, a SimpleBehavior or a "
        f"BehaviorRef, not {event!r}.",
        "MT5_INVALID_EVENT_TYPE",
    )


def _require_ref_type(ref: BehaviorRef, kind: str) -> None:
    if ref.type != kind:
        raise ParamValidationError(
            f"The behavior {ref.id} is of type {ref.type!r}; a {kind} behavior is needed here.",
            "BH5_BEHAVIOR_REF_TYPE",
        )


def _require_index(name: str, value: Any) -> None:
    if value is not None and (type(value) is not int or value < 0):
        raise ParamValidationError(
            f"{name} must be a whole number, 0 or more, not {value!r}.", "MT4_INVALID_INDEX"
        )


@quick
@dataclass(frozen=True)
class CohortMetric:
    """The size of a saved cohort over time.

    Attributes:
        cohort: id of a saved cohort, or a definition.
        name: what the line is called.

    Raises:
        ParamValidationError: CM1, CM2, or CM5 for a cohort that is not saved.
    """

    cohort: int | CohortDefinition
    name: str | None = None

    def __post_init__(self) -> None:
        require_cohort(self.cohort, self.name, "CM")
        if isinstance(self.cohort, CohortDefinition):
            raise ParamValidationError(
                "The size of a cohort can be counted only for a saved cohort; give its id.",
                "CM5_INLINE_COHORT_METRIC",
            )


@quick
@dataclass(frozen=True)
class FunnelMetric:
    """A funnel as one line of an insights question; `step_index` picks a step, from 0.

    Attributes:
        behavior: the funnel, or a saved one.
        math: what is counted.
        property: the property that the math is over.
        step_index: which step, from 0; the last one when left out.
        label: what the line is called.

    Raises:
        ParamValidationError: BH5, F10, F11 or MT4.
    """

    behavior: FunnelBehavior | BehaviorRef
    math: FunnelMathType = "conversion_rate_unique"
    property: PropertySpec | None = None
    step_index: int | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        _require_behavior(self.behavior, FunnelBehavior, "funnel")
        require_label(self.label)
        _require_index("step_index", self.step_index)
        problem = _property_problem(self.math, self.property, FUNNEL_MATHS)
        if problem:
            raise ParamValidationError(
                f"math={self.math!r} {problem} property.",
                "F10_MATH_MISSING_PROPERTY"
                if problem == "needs a"
                else "F11_MATH_REJECTS_PROPERTY",
            )


@quick
@dataclass(frozen=True)
class RetentionMetric:
    """A retention as one line of an insights question; `bucket_index` picks a bucket, from 0.

    Attributes:
        behavior: the retention, or a saved one.
        math: what is counted.
        bucket_index: which bucket, from 0.
        retention_cumulative: whether a return counts in every later bucket too.
        property: the property that the math is over.
        label: what the line is called.

    Raises:
        ParamValidationError: BH3, BH5 or MT4.
    """

    behavior: RetentionBehavior | BehaviorRef
    math: RetentionMathType = "retention_rate"
    bucket_index: int | None = None
    retention_cumulative: bool = False
    property: PropertySpec | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        _require_behavior(self.behavior, RetentionBehavior, "retention")
        require_label(self.label)
        _require_index("bucket_index", self.bucket_index)
        problem = _property_problem(self.math, self.property, RETENTION_MATHS)
        if problem:
            raise ParamValidationError(
                f"math={self.math!r} {problem} property.", "BH3_PROPERTY_MATH"
            )


def _property_problem(math: Any, prop: Any, table: Mapping[str, Math]) -> str | None:
    """Say what a math and its property have against each other, as the verb of a sentence."""
    treats = needs(math, table)
    if treats == "required" and is_blank_property(prop):
        return "needs a"
    if prop is None:
        return None
    if treats == "refused":
        return "takes no"
    return "got a blank" if is_blank_property(prop) else None


def _require_behavior(value: Any, cls: type, kind: str) -> None:
    if isinstance(value, BehaviorRef):
        _require_ref_type(value, kind)
    elif not isinstance(value, cls):
        raise ParamTypeError(
            f"behavior must be a {cls.__name__} or a BehaviorRef, not {value!r}.",
            "BH6_BEHAVIOR_TYPE",
        )


FormulaOperand = Metric | CohortMetric | FunnelMetric | RetentionMetric | MetricRef


@quick
@dataclass(frozen=True)
class Formula:
    """Arithmetic over metrics: letters A, B, … name them in order.

    The letters mean the question's metrics, or those of `metrics` when given; the latter stay
    within the formula.

    Attributes:
        expression: arithmetic such as ``A / B * 100``.
        label: what the line is called.
        metrics: metrics of its own that the letters name; else those of the question.

    Raises:
        ParamValidationError: FM1 to FM7, MR2 or V16.
    """

    expression: str
    label: str | None = None
    metrics: Sequence[FormulaOperand] | None = None

    def __post_init__(self) -> None:
        if is_blank(self.expression):
            raise ParamValidationError(
                "The formula is blank; write one like 'A / B'.", "FM1_EMPTY_EXPRESSION"
            )
        require_label(self.label)
        if self.metrics is None:
            return
        operands = tuple(as_reference(item) for item in items_of(self.metrics))
        object.__setattr__(self, "metrics", operands)
        for item in operands:
            _require_operand(item)
        metric_formula.require(self.expression, len(operands))


def as_reference(item: Any) -> Any:
    """Return a saved metric or behavior as its reference, and everything else as it is."""
    to_ref = getattr(item, "to_ref", None)
    return item if to_ref is None else to_ref()


def _require_operand(item: Any) -> None:
    if isinstance(item, Formula) or (isinstance(item, MetricRef) and item.type == "formula"):
        raise ParamValidationError(
            "A formula cannot be an operand of a formula; write it out.", "FM3_NESTED_FORMULA"
        )
    if not isinstance(item, MetricRef):
        return
    if item.type == "warehouse":
        raise ParamValidationError(
            "A warehouse metric cannot be an operand of a formula.", "FM7_WAREHOUSE_OPERAND"
        )
    if item.given():
        raise ParamValidationError(
            f"A saved metric in a formula is taken as it is saved; drop "
            f"{', '.join(sorted(item.given()))}.",
            "MR2_OPERAND_OVERRIDE",
        )


class SavedMetricLike(Protocol):
    """A saved metric as the server returns it; it knows its reference."""

    def to_ref(self) -> MetricRef:
        """Return the reference for a question."""
        ...


AnyMetric = Metric | CohortMetric | FunnelMetric | RetentionMetric | MetricRef | Formula
EventInput = str | AnyMetric | SavedMetricLike
"""What an insights question counts: a name, a metric, or a saved metric."""
