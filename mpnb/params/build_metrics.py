"""Metrics as entries of `sections.show`, and the behaviors that they measure.

Enter metrics, leave JSON objects. The surprise: letters of a formula name the metrics before it,
so these metrics are hidden; a formula that brings its own operands hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mpnb.params.build_parts import DATASET, Clause, filters, measured
from mpnb.query.behavior import (
    BehaviorRef,
    FunnelBehavior,
    RetentionBehavior,
    SimpleBehavior,
    event_part,
    exclusion_parts,
    holding_parts,
    step_parts,
)
from mpnb.query.custom import PropertySpec
from mpnb.query.funnel import FunnelQuery
from mpnb.query.math import wire
from mpnb.query.metric import (
    AnyMetric,
    CohortMetric,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)


def show(metrics: Sequence[AnyMetric]) -> list[Clause]:
    """Write the metrics of an insights question."""
    hidden = any(isinstance(item, Formula) and not item.metrics for item in metrics)
    return [_shown(item, hidden) for item in metrics]


def _shown(item: AnyMetric, hidden: bool) -> Clause:
    if isinstance(item, Formula):
        return _formula(item)
    clause = operand(item)
    if hidden:
        clause["isHidden"] = True
    elif isinstance(item, CohortMetric):
        clause["isHidden"] = False
    return clause


def _formula(item: Formula) -> Clause:
    clause: Clause = {
        "type": "formula",
        "definition": item.expression,
        "measurement": {},
        "referencedMetrics": [_unnamed(operand(metric)) for metric in item.metrics or ()],
    }
    if item.label:
        clause["name"] = item.label
    return clause


def _unnamed(clause: Clause) -> Clause:
    # What stands inside a formula has no line of its own that a name could be for.
    return {key: value for key, value in clause.items() if key != "name"}


def operand(item: AnyMetric) -> Clause:
    """Write one metric, without saying whether it is shown."""
    if isinstance(item, Metric):
        return {"type": "metric", "behavior": _behavior(item), "measurement": _measurement(item)}
    if isinstance(item, MetricRef):
        return _reference(item)
    if isinstance(item, CohortMetric):
        return _cohort(item)
    if isinstance(item, FunnelMetric):
        return _funnel_metric(item)
    if isinstance(item, RetentionMetric):
        return _retention_metric(item)
    return _formula(item)


def _measurement(item: Metric) -> Clause:
    clause: Clause = {"math": wire(item.math)}
    if item.property is not None:
        clause["property"] = measured(item.property)
    if item.per_user is not None:
        clause["perUserAggregation"] = item.per_user
    if item.percentile_value is not None:
        clause["percentile"] = item.percentile_value
    if item.segment_method is not None:
        clause["segmentMethod"] = item.segment_method
    return clause


def _behavior(item: Metric) -> Clause:
    event = item.event
    if isinstance(event, BehaviorRef):
        return {"type": event.type, "id": event.id}
    if isinstance(event, str):
        clause: Clause = {"type": "event", "name": event}
    elif isinstance(event, CustomEventRef):
        clause = {"type": "custom-event", "id": event.id, "name": _name(event)}
    elif isinstance(event, SimpleBehavior):
        return _several(event.name, event.events)
    else:
        return _several(None, event, item)
    clause["resourceType"] = "events"
    clause["filtersDeterminer"] = item.filters_combinator
    clause["filters"] = filters(item.filters)
    return clause


def _several(
    name: str | None,
    events: Sequence[str | CustomEventRef | FunnelStep],
    metric: Metric | None = None,
) -> Clause:
    """Write events that count as one; the filters of a metric stand on each of them."""
    members = [_member(item) for item in events]
    if metric is not None:
        for member in members:
            member["filters"] = filters(metric.filters)
            member["filtersDeterminer"] = metric.filters_combinator
    return {
        "type": "simple",
        "name": name or joint_name(events),
        "behaviors": members,
        "resourceType": "events",
        "filtersDeterminer": "all",
        "filters": [],
    }


def joint_name(events: Iterable[str | CustomEventRef | FunnelStep]) -> str:
    """Return what several events that count as one are called when nobody names them."""
    labels = ((getattr(event, "label", None), _name(event)) for event in events)
    return " or ".join(name if label is None else label for label, name in labels)


def _name(event: str | CustomEventRef | FunnelStep) -> str:
    if isinstance(event, CustomEventRef):
        return f"$custom_event:{event.id}"
    return event if isinstance(event, str) else event.event


def _member(event: str | CustomEventRef | FunnelStep | RetentionEvent) -> Clause:
    if isinstance(event, CustomEventRef):
        return {
            "type": "custom-event",
            "id": event.id,
            "name": _name(event),
            "filters": [],
            "filtersDeterminer": "all",
        }
    if isinstance(event, str):
        event = FunnelStep(event)
    clause: Clause = {
        "type": "event",
        "id": None,
        "name": event.event,
        "filters": filters(event.filters),
        "filtersDeterminer": event.filters_combinator,
    }
    if isinstance(event, FunnelStep) and event.label is not None:
        clause["renamed"] = event.label
    return clause


def _cohort(item: CohortMetric) -> Clause:
    return {
        "type": "metric",
        "behavior": {
            "type": "cohort",
            "name": item.name or "",
            "resourceType": "cohorts",
            "dataGroupId": None,
            "dataset": DATASET,
            "filtersDeterminer": "all",
            "filters": [],
            "id": item.cohort,
        },
        "measurement": {"math": "unique", "property": None, "perUserAggregation": None},
    }


def _funnel_metric(item: FunnelMetric) -> Clause:
    clause = {
        "type": "metric",
        "behavior": funnel_behavior(item.behavior),
        "measurement": funnel_measurement(item.math, item.property, item.step_index),
    }
    if item.label:
        clause["name"] = item.label
    return clause


def funnel_measurement(math: str, prop: PropertySpec | None, step: int | None = None) -> Clause:
    """Write how a funnel is measured."""
    found = None if prop is None else measured(prop)
    if found is not None and isinstance(prop, str):
        found["type"] = "number"
    return {"math": math, "property": found, "stepIndex": step}


def funnel_behavior(behavior: FunnelBehavior | FunnelQuery | BehaviorRef) -> Clause:
    """Write a funnel, or the reference to a saved one; a question has a behavior's settings."""
    if isinstance(behavior, BehaviorRef):
        return {"type": "funnel", "id": behavior.id}
    if isinstance(behavior.steps, BehaviorRef):
        return funnel_behavior(behavior.steps)
    steps = step_parts(behavior.steps)
    order = behavior.order
    clause: Clause = {
        "type": "funnel",
        "resourceType": "events",
        "behaviors": [_ordered(step, order) for step in steps],
        "conversionWindowDuration": behavior.conversion_window,
        "conversionWindowUnit": behavior.conversion_window_unit,
        "funnelOrder": order,
        "exclusions": [
            _exclusion(item, len(steps)) for item in exclusion_parts(behavior.exclusions)
        ],
        "aggregateBy": [_held(item) for item in holding_parts(behavior.holding_constant)],
        "filter": [],
    }
    if behavior.reentry_mode is not None:
        clause["funnelReentryMode"] = behavior.reentry_mode
    return clause


def _ordered(step: FunnelStep, order: str) -> Clause:
    clause = _member(step)
    clause["funnelOrder"] = step.order or order
    return clause


def _exclusion(item: Exclusion, count: int) -> Clause:
    last = count if item.to_step is None else item.to_step + 1
    return {"event": item.event, "steps": {"from": item.from_step + 1, "to": last}}


def _held(item: HoldingConstant) -> Clause:
    return {"value": item.property, "resourceType": item.resource_type}


def _retention_metric(item: RetentionMetric) -> Clause:
    measurement = retention_measurement(item.math, item.retention_cumulative)
    if item.property is not None:
        measurement["property"] = measured(item.property)
    if item.bucket_index is not None:
        measurement["retentionBucketIndex"] = item.bucket_index
    clause = {
        "type": "metric",
        "behavior": retention_behavior(item.behavior),
        "measurement": measurement,
    }
    if item.label:
        clause["name"] = item.label
    return clause


def retention_measurement(math: str, cumulative: bool) -> Clause:
    """Write how a retention is measured."""
    clause: Clause = {"math": math}
    if cumulative:
        clause["retentionCumulative"] = True
    return clause


def retention_behavior(behavior: RetentionBehavior | RetentionQuery | BehaviorRef) -> Clause:
    """Write a retention, or the reference to a saved one; a question has its settings too."""
    if isinstance(behavior, BehaviorRef):
        return {"type": "retention", "id": behavior.id}
    born, back = behavior.born_event, behavior.return_event
    if isinstance(born, BehaviorRef):
        return retention_behavior(born)
    assert back is not None, "only a saved behavior goes without a return event"
    clause: Clause = {
        "type": "retention",
        "resourceType": "events",
        "behaviors": [
            _member(event_part(born)),
            _member(event_part(back)),
        ],
        "retentionUnit": behavior.retention_unit,
        "retentionAlignmentType": behavior.alignment,
        "retentionCustomBucketSizes": list(behavior.bucket_sizes or ()),
        "filter": [],
    }
    if behavior.unbounded_mode is not None:
        clause["retentionUnboundedMode"] = behavior.unbounded_mode
    return clause


def _reference(item: MetricRef) -> Clause:
    clause: Clause = {"type": item.type, "id": item.id}
    overrides = _overrides(item)
    if overrides:
        clause["overrides"] = overrides
    return clause


def _overrides(item: MetricRef) -> Clause:
    changes: Clause = _json(item.overrides) if item.overrides else {}
    if item.label is not None:
        changes["name"] = item.label
    if item.funnel_order is not None:
        changes["behavior"] = {**changes.get("behavior", {}), "funnelOrder": item.funnel_order}
    measurement = _measurement_changes(item)
    if measurement:
        changes["measurement"] = {**changes.get("measurement", {}), **measurement}
    if item.hidden is not None:
        changes["isHidden"] = item.hidden
    return changes


def _measurement_changes(item: MetricRef) -> Clause:
    rows = (
        ("math", None if item.math is None else wire(item.math)),
        ("property", None if item.property is None else measured(item.property)),
        ("perUserAggregation", item.per_user),
        ("percentile", item.percentile_value),
        ("segmentMethod", item.segment_method),
        ("stepIndex", item.step_index),
        ("retentionBucketIndex", item.bucket_index),
    )
    return {key: value for key, value in rows if value is not None}


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return value
