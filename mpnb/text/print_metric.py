"""Events, metrics, behaviors and steps → text: parts enter, the words of a cell leave.

The surprise: labels and settings come before `where`, because conditions reach to the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.metric import (
    AnyMetric,
    CohortMetric,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FlowStep,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.text.print_filter import filters_text, label_text, property_text, unsayable
from mpnb.text.value import json_text, name, number, string
from mpnb.text.words import CADENCES

_EXPRESSION = re.compile(
    r"(?:[A-Z0-9.(+-]|(?<=\d)e(?=[+-]?\d))(?:[A-Z0-9.+*/^()% \t-]|(?<=\d)e(?=[+-]?\d))*"
)
_CADENCES = {unit: word for word, unit in CADENCES.items()}


def metric_text(metric: AnyMetric) -> str:
    """Return one line of an insights question."""
    match metric:
        case Metric():
            return _metric(metric)
        case MetricRef():
            return _metric_ref(metric)
        case CohortMetric():
            if not isinstance(metric.cohort, int):
                raise unsayable("A cohort metric over a definition")
            return f"cohort {metric.cohort}{label_text(metric.name)}"
        case FunnelMetric():
            return _funnel_metric(metric)
        case RetentionMetric():
            return _retention_metric(metric)
        case Formula():
            return _formula(metric)
    raise unsayable(f"A metric of type {type(metric).__name__}")


# --- metrics ------------------------------------------------------------------------------------


def _metric(metric: Metric) -> str:
    text, percentile = _head(metric), metric.percentile_value
    text += event_text(metric.event)
    if metric.per_user is not None:
        text += f" per user {metric.per_user}"
    if metric.segment_method is not None:
        text += f" segment {metric.segment_method}"
    if percentile is not None and metric.math != "percentile":
        text += f" percentile {number(percentile)}"
    return text + filters_text(metric.filters, metric.filters_combinator)


def _head(metric: Metric) -> str:
    """Return the math and its property, as far as `of`."""
    if metric.math == "percentile":
        if metric.property is None or metric.percentile_value is None:
            raise unsayable("A percentile without its number or its property")
        return f"percentile {number(metric.percentile_value)} {property_text(metric.property)} of "
    if metric.property is not None:
        return f"{metric.math} {property_text(metric.property)} of "
    return "" if metric.math == "total" else f"{metric.math} "


def event_text(event: Any) -> str:
    """Return what a metric counts."""
    match event:
        case str():
            return string(event)
        case CustomEventRef():
            return f"custom event {event.id}"
        case BehaviorRef():
            return f"behavior {event.id}"
        case SimpleBehavior():
            members = ", ".join(_member(item) for item in event.events)
            return f"behavior ({members}){label_text(event.name)}"
        case Sequence():
            return f"any of ({', '.join(event_text(item) for item in event)})"
    raise unsayable(f"An event of type {type(event).__name__}")


def _settings(metric: Any, *names: str) -> str:
    """Return the settings that are given, in this order."""
    given = [(setting, getattr(metric, setting)) for setting in names]
    return "".join(_SETTINGS[setting](value) for setting, value in given if value is not None)


_SETTINGS: dict[str, Any] = {
    "type": lambda value: "" if value == "metric" else f" type {value}",
    "math": " math {}".format,
    "property": lambda value: f" of {property_text(value)}",
    "percentile_value": lambda value: f" percentile {number(value)}",
    "per_user": " per user {}".format,
    "segment_method": " segment {}".format,
    "funnel_order": " order {}".format,
    "step_index": lambda value: f" step {value + 1}",
    "bucket_index": " bucket {}".format,
    "hidden": lambda value: " hidden" if value else " shown",
    "overrides": lambda value: f" overrides {json_text(value)}",
    "label": label_text,
}


def _metric_ref(metric: MetricRef) -> str:
    return f"metric {metric.id}{_settings(metric, *_SETTINGS)}"


def _funnel_metric(metric: FunnelMetric) -> str:
    plain = metric.math == "conversion_rate_unique"
    math = "" if plain else f" math {metric.math}"
    behavior = metric.behavior
    body = str(behavior.id) if isinstance(behavior, BehaviorRef) else _funnel(behavior)
    return f"funnel {body}{math}{_settings(metric, 'property', 'step_index', 'label')}"


def _retention_metric(metric: RetentionMetric) -> str:
    math = "" if metric.math == "retention_rate" else f" math {metric.math}"
    behavior = metric.behavior
    body = str(behavior.id) if isinstance(behavior, BehaviorRef) else _retention(behavior)
    cumulative = " cumulative" if metric.retention_cumulative else ""
    rest = _settings(metric, "property", "bucket_index", "label")
    return f"retention {body}{math}{cumulative}{rest}"


def _formula(formula: Formula) -> str:
    expression = formula.expression
    bare = expression == expression.strip() and _EXPRESSION.fullmatch(expression)
    text = f"formula {expression if bare else string(expression)}"
    if formula.metrics is not None:
        text += f" of ({', '.join(metric_text(item) for item in formula.metrics)})"
    return text + label_text(formula.label)


# --- behaviors ----------------------------------------------------------------------------------


def _funnel(behavior: FunnelBehavior) -> str:
    parts = [
        " -> ".join(_member(step) for step in behavior.steps),
        *window_clause(behavior.conversion_window, behavior.conversion_window_unit, 14),
        *([] if behavior.order == "loose" else [f"order {behavior.order}"]),
        *_some("excluding", behavior.exclusions, exclusions_text),
        *_some("holding", behavior.holding_constant, _held),
        *([] if behavior.reentry_mode is None else [f"reentry {behavior.reentry_mode}"]),
    ]
    return f"({', '.join(parts)})"


def _retention(behavior: RetentionBehavior) -> str:
    parts = [
        f"{_retention_member(behavior.born_event)} -> {_retention_member(behavior.return_event)}",
        *cadence_clauses(behavior.retention_unit, behavior.bucket_sizes),
        *([] if behavior.alignment == "birth" else [f"align {behavior.alignment}"]),
        *([] if behavior.unbounded_mode is None else [f"unbounded {behavior.unbounded_mode}"]),
    ]
    return f"({', '.join(parts)})"


def window_clause(count: int, unit: str, default: int) -> list[str]:
    """Return the clause of a conversion window, nothing for the default in days."""
    if (count, unit) == (default, "day"):
        return []
    return [f"within {count} {unit}" + ("" if count == 1 else "s")]


def cadence_clauses(unit: str, sizes: Sequence[int] | None) -> list[str]:
    """Return the clauses of a retention's unit and buckets, as far as they are no defaults."""
    if sizes:
        return [f"at {unit}s {', '.join(map(str, sizes))}"]
    return [*([] if unit == "week" else [_CADENCES[unit]]), *([] if sizes is None else ["at"])]


def exclusions_text(exclusions: Sequence[str | Exclusion]) -> str:
    """Return excluded events with the steps between which they are excluded."""
    return ", ".join(_exclusion(item) for item in exclusions)


def _exclusion(item: str | Exclusion) -> str:
    if isinstance(item, str):
        return string(item)
    if item.to_step is not None:
        return f"{string(item.event)} between {item.from_step + 1} and {item.to_step + 1}"
    return f"{string(item.event)} after {item.from_step + 1}"


def _some(word: str, given: Any, write: Callable[[Any], str]) -> list[str]:
    """Return a clause with a list, `()` for an empty one; nothing when it is not given."""
    return [] if given is None else [f"{word} {write(given) or '()'}"]


def _held(given: Any) -> str:
    items = [given] if isinstance(given, str | HoldingConstant) else given
    return ", ".join(held_text(item, explicit=True) for item in items)


def held_text(item: str | HoldingConstant, *, explicit: bool = False) -> str:
    """Return a property held constant; `explicit` tells a part from a plain name."""
    if isinstance(item, str):
        return name(item)
    if item.resource_type == "people":
        return f"user.{name(item.property)}"
    return f"event.{name(item.property)}" if explicit else name(item.property)


# --- steps --------------------------------------------------------------------------------------


def _member(item: Any) -> str:
    """Return an event inside a behavior; a step that says nothing more is marked as one."""
    if not isinstance(item, FunnelStep):
        return event_text(item)
    text = funnel_step_text(item)
    return f"step {text}" if text == string(item.event) else text


def _retention_member(item: str | RetentionEvent) -> str:
    if isinstance(item, str):
        return string(item)
    text = retention_step_text(item)
    return f"step {text}" if text == string(item.event) else text


def funnel_step_text(step: FunnelStep) -> str:
    """Return one step of a funnel."""
    order = "" if step.order is None else f" order {step.order}"
    filters = filters_text(step.filters, step.filters_combinator)
    return f"{string(step.event)}{label_text(step.label)}{order}{filters}"


def retention_step_text(event: RetentionEvent) -> str:
    """Return the born or the return event of a retention."""
    return string(event.event) + filters_text(event.filters, event.filters_combinator)


def flow_step_text(step: FlowStep) -> str:
    """Return one anchor of a flow."""
    text = string(step.event)
    if step.session_event is not None and step.event == f"$session_{step.session_event}":
        text = f"session {step.session_event}"
    elif step.session_event is not None:
        raise unsayable("A session anchor under another name")
    text += label_text(step.label)
    text += "" if step.forward is None else f" forward {step.forward}"
    text += "" if step.reverse is None else f" back {step.reverse}"
    return text + filters_text(step.filters, step.filters_combinator)
