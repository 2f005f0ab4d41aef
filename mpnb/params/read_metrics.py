"""Show clauses of a bookmark → metrics, formulas, references and behaviors.

In: one clause of ``sections.show`` (or of a formula's ``referencedMetrics``). Out: the part that
builds it. The surprise: ``isHidden`` is not read, because building hides a metric exactly when a
formula over the visible metrics follows it; a report that differs keeps the key as an extra.
"""

from __future__ import annotations

from typing import Any, Literal

from mpnb.errors import MixpanelHeadlessError
from mpnb.params.build_metrics import joint_name
from mpnb.params.read_cohort import Unreadable
from mpnb.params.read_parts import (
    Clause,
    cohort,
    each,
    filters,
    get,
    items,
    property_spec,
    section,
    word,
)
from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.custom import PropertySpec
from mpnb.query.metric import (
    AnyMetric,
    CohortMetric,
    Formula,
    FormulaOperand,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.query.words import (
    ConversionWindowUnit,
    FiltersCombinator,
    FunnelMathType,
    FunnelOrder,
    FunnelReentryMode,
    MathType,
    PerUserAggregation,
    ResourceType,
    RetentionAlignment,
    RetentionMathType,
    RetentionUnboundedMode,
    SegmentMethod,
    TimeUnit,
)

WIRE_MATHS = {"custom_percentile": "percentile", "conversion_rate": "conversion_rate_unique"}
"""Spellings of math on the wire → the word of the vocabulary."""

AnyMath = Literal[MathType, FunnelMathType, RetentionMathType]

REFERENCES = ("metric", "formula", "warehouse")


def metric(clause: Clause) -> AnyMetric:
    """Read one clause of ``sections.show``."""
    if clause.get("type") == "formula" and isinstance(clause.get("definition"), str):
        operands = each(items(clause, "referencedMetrics"), operand)
        return Formula(clause["definition"], get(clause, "name", str), operands or None)
    return operand(clause)


def operand(clause: Clause) -> FormulaOperand:
    """Read a metric that is not a formula."""
    if "behavior" not in clause:
        return _reference(clause)
    behavior = section(clause, "behavior")
    kind = behavior.get("type")
    if kind == "funnel":
        return _funnel_metric(clause, behavior)
    if kind == "retention":
        return _retention_metric(clause, behavior)
    if kind == "cohort":
        return CohortMetric(cohort(behavior), get(behavior, "name", str) or None)
    return _event_metric(section(clause, "measurement"), behavior)


def _event_metric(measurement: Clause, behavior: Clause) -> Metric:
    event = _event(behavior)
    if isinstance(event, tuple) and not items(behavior, "filters"):
        behavior = items(behavior, "behaviors")[0]  # the metric's filters stand on each event
    return Metric(
        event,
        math(measurement, MathType, "total"),
        measured(measurement),
        word(measurement, "perUserAggregation", PerUserAggregation),
        _number(measurement.get("percentile")),
        filters(items(behavior, "filters")) or None,
        word(behavior, "filtersDeterminer", FiltersCombinator, "all"),
        word(measurement, "segmentMethod", SegmentMethod),
    )


def _number(value: Any) -> int | float | None:
    return value if type(value) in (int, float) else None


def math(measurement: Clause, legal: Any, default: str) -> Any:
    """Return the word for how a clause counts, when it is one of the ``Literal`` type."""
    spelled = get(measurement, "math", str, default)
    return word({"math": WIRE_MATHS.get(spelled, spelled)}, "math", legal, default)


def measured(measurement: Clause) -> PropertySpec | None:
    """Read the property that is measured, or None."""
    clause = section(measurement, "property")
    return property_spec(clause, "name", "value") if clause else None


def _event(
    behavior: Clause,
) -> str | CustomEventRef | tuple[str | CustomEventRef, ...] | SimpleBehavior | BehaviorRef:
    kind, name = behavior.get("type"), behavior.get("name")
    if kind == "simple" and "behaviors" in behavior:
        return _several(behavior)
    if kind == "simple" and type(behavior.get("id")) is int:
        return BehaviorRef(behavior["id"], "simple")
    if kind == "custom-event" and type(behavior.get("id")) is int:
        return CustomEventRef(behavior["id"])
    if kind in ("event", "simple", None) and isinstance(name, str):
        return name
    raise Unreadable(f"metric of type {kind}")


def _several(behavior: Clause) -> tuple[str | CustomEventRef, ...] | SimpleBehavior:
    """Read several events counted as one: a plain list of names where that builds the same."""
    clauses = items(behavior, "behaviors")
    events = [_member(clause) for clause in clauses]
    name = get(behavior, "name", str)
    if name != joint_name(events):
        return SimpleBehavior(events, name)
    plain = tuple(event for event in map(_bare, events) if event is not None)
    alike = len({repr((c.get("filters"), c.get("filtersDeterminer"))) for c in clauses}) == 1
    return plain if alike and len(plain) == len(events) > 1 else SimpleBehavior(events)


def _bare(event: str | CustomEventRef | FunnelStep) -> str | CustomEventRef | None:
    """Return an event without its filters, if there is nothing else that it says."""
    if not isinstance(event, FunnelStep):
        return event
    return event.event if event.label is None and event.order is None else None


def _member(clause: Clause) -> str | CustomEventRef | FunnelStep:
    if clause.get("type") == "custom-event" and type(clause.get("id")) is int:
        return CustomEventRef(clause["id"])
    made: str | FunnelStep = _plain(funnel_step(clause, None))
    return made


def _reference(clause: Clause) -> MetricRef:
    """Read a saved metric; changes beyond the named ones are kept as free overrides."""
    saved, kind = get(clause, "id", int), clause.get("type")
    if saved is None or kind not in REFERENCES:
        raise Unreadable("reference to a saved metric")
    overrides = section(clause, "overrides")
    if not overrides:
        return MetricRef(saved, type=kind)
    named = _overrides(overrides)
    if named is not None:
        try:
            return MetricRef(saved, type=kind, **named)
        except MixpanelHeadlessError:
            pass
    return MetricRef(saved, type=kind, overrides=overrides)


_MEASUREMENT = {
    "math": "math",
    "property": "property",
    "perUserAggregation": "per_user",
    "percentile": "percentile_value",
    "segmentMethod": "segment_method",
    "stepIndex": "step_index",
    "retentionBucketIndex": "bucket_index",
}


def _overrides(overrides: Clause) -> dict[str, Any] | None:
    """Return the keyword arguments that build ``overrides``, or None when none do."""
    measurement, behavior = section(overrides, "measurement"), section(overrides, "behavior")
    if not set(overrides) <= {"name", "measurement", "behavior", "isHidden"}:
        return None
    if not set(measurement) <= set(_MEASUREMENT) or not set(behavior) <= {"funnelOrder"}:
        return None
    found = {_MEASUREMENT[key]: value for key, value in measurement.items()}
    if "math" in found:
        found["math"] = math(measurement, AnyMath, "")
        if not found["math"]:
            return None
    if "property" in found:
        found["property"] = measured(measurement)
    named = {"label": overrides.get("name"), "hidden": overrides.get("isHidden"), **found}
    if behavior:
        named["funnel_order"] = behavior["funnelOrder"]
    return {key: value for key, value in named.items() if value is not None}


def _funnel_metric(clause: Clause, behavior: Clause) -> FunnelMetric:
    measurement = section(clause, "measurement")
    saved = behavior_ref(behavior, "funnel")
    return FunnelMetric(
        FunnelBehavior(**_plainly(funnel(behavior))) if saved is None else saved,
        math(measurement, FunnelMathType, "conversion_rate_unique"),
        measured(measurement),
        get(measurement, "stepIndex", int),
        get(clause, "name", str),
    )


def _plainly(found: dict[str, Any]) -> dict[str, Any]:
    """Turn parts that are only a name into the name: behaviors keep what they are given."""
    return {
        key: tuple(map(_plain, value)) if isinstance(value, tuple) else _plain(value)
        for key, value in found.items()
    }


def _plain(part: Any) -> Any:
    for kind in (FunnelStep, RetentionEvent, Exclusion, HoldingConstant):
        if type(part) is kind:
            name = part.property if isinstance(part, HoldingConstant) else part.event
            return name if part == kind(name) else part
    return part


def behavior_ref(behavior: Clause, kind: Any) -> BehaviorRef | None:
    """Return the reference to a saved behavior, or None when the behavior is spelled out."""
    saved = get(behavior, "id", int)
    return BehaviorRef(saved, kind) if saved is not None and "behaviors" not in behavior else None


def funnel(behavior: Clause) -> dict[str, Any]:
    """Read a funnel behavior as the arguments of ``FunnelBehavior``; also of a funnel question."""
    order = word(behavior, "funnelOrder", FunnelOrder, "loose")
    steps = tuple(funnel_step(step, order) for step in items(behavior, "behaviors"))
    found: dict[str, Any] = {
        "steps": steps,
        "conversion_window": get(behavior, "conversionWindowDuration", int, 14),
        "conversion_window_unit": word(
            behavior, "conversionWindowUnit", ConversionWindowUnit, "day"
        ),
        "order": order,
        "reentry_mode": word(behavior, "funnelReentryMode", FunnelReentryMode),
    }
    excluded = tuple(_exclusion(clause, len(steps)) for clause in items(behavior, "exclusions"))
    held = each(items(behavior, "aggregateBy"), _held)
    return {**found, "exclusions": excluded or None, "holding_constant": held or None}


def funnel_step(clause: Clause, order: str | None) -> FunnelStep:
    """Read a step; its own order is None when it is the funnel's."""
    own = word(clause, "funnelOrder", FunnelOrder)
    return FunnelStep(
        _name(clause),
        get(clause, "renamed", str),
        filters(items(clause, "filters")) or None,
        word(clause, "filtersDeterminer", FiltersCombinator, "all"),
        None if own == order else own,
    )


def _name(clause: Clause) -> str:
    name = clause.get("name")
    if not isinstance(name, str):
        raise Unreadable("step without a name")
    return name


def _exclusion(clause: Clause, count: int) -> Exclusion:
    steps, event = section(clause, "steps"), clause.get("event")
    if not isinstance(event, str):
        raise Unreadable("exclusion without an event")
    start, stop = get(steps, "from", int, 1), get(steps, "to", int, count)
    return Exclusion(event, start - 1, None if stop == count else stop - 1)


def _held(clause: Clause) -> HoldingConstant:
    if not isinstance(clause.get("value"), str):
        raise Unreadable("property held constant")
    return HoldingConstant(clause["value"], word(clause, "resourceType", ResourceType, "events"))


def _retention_metric(clause: Clause, behavior: Clause) -> RetentionMetric:
    measurement = section(clause, "measurement")
    saved = behavior_ref(behavior, "retention")
    return RetentionMetric(
        RetentionBehavior(**_plainly(retention(behavior))) if saved is None else saved,
        math(measurement, RetentionMathType, "retention_rate"),
        get(measurement, "retentionBucketIndex", int),
        get(measurement, "retentionCumulative", bool, False),
        measured(measurement),
        get(clause, "name", str),
    )


def retention(behavior: Clause) -> dict[str, Any]:
    """Read a retention behavior as the arguments of ``RetentionBehavior``."""
    events = items(behavior, "behaviors")
    if len(events) != 2:
        raise Unreadable("retention without two events")
    sizes = get(behavior, "retentionCustomBucketSizes", list, [])
    return {
        "born_event": retention_event(events[0]),
        "return_event": retention_event(events[1]),
        "retention_unit": word(behavior, "retentionUnit", TimeUnit, "week"),
        "alignment": word(behavior, "retentionAlignmentType", RetentionAlignment, "birth"),
        "bucket_sizes": tuple(size for size in sizes if type(size) is int) or None,
        "unbounded_mode": word(behavior, "retentionUnboundedMode", RetentionUnboundedMode),
    }


def retention_event(clause: Clause) -> RetentionEvent:
    """Read the born or the return event."""
    return RetentionEvent(
        _name(clause),
        filters(items(clause, "filters")) or None,
        word(clause, "filtersDeterminer", FiltersCombinator, "all"),
    )
