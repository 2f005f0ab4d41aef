"""Question → the Python call that a person would write.

In: any of the five questions. Out: source such as ``ws.query_funnel(["Signup", "Purchase"])``,
defaults left out, at most 88 columns wide. The surprise: a question that holds something beyond
the vocabulary, or breaks its rules, cannot be said as such a call; it is printed as
``ws.run_params({…})``.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from mpnb.errors import MixpanelHeadlessError
from mpnb.query import forms
from mpnb.query.flow import FlowQuery, flow
from mpnb.query.funnel import FunnelQuery, funnel
from mpnb.query.insights import InsightsQuery, insights
from mpnb.query.metric import Formula, Metric
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery, retention
from mpnb.query.users import UserQuery, users
from mpnb.query.words import Kind
from mpnb.text.code import call, layout, literal
from mpnb.text.python_parts import node

RUN: dict[Kind, str] = {
    "insights": "run_params",
    "funnel": "run_funnel_params",
    "retention": "run_retention_params",
    "flow": "run_flow_params",
    "users": "run_user_params",
}
"""Kind → the method that runs params as they are."""

FACTORIES: dict[Kind, tuple[str, Callable[..., Question]]] = {
    "insights": ("query", insights),
    "funnel": ("query_funnel", funnel),
    "retention": ("query_retention", retention),
    "flow": ("query_flow", flow),
    "users": ("query_user", users),
}
"""Kind → the method that asks, and the factory whose arguments it takes."""

Arguments = dict[str, Any]
Spelled = tuple[list[Any], Arguments]


def to_python(query: Question, ws: str = "ws", name: str | None = None) -> str:
    """Return the source of the call that asks the question.

    Args:
        query: one of the five questions.
        ws: the name that the workspace has in the source.
        name: assign the answer to this name; None prints the bare call.

    Raises:
        ValueError: ``name`` is not a name in Python.
    """
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        raise ValueError(f"{name!r} is not a name in Python")
    before = "" if name is None else f"{name} = "
    method, _ = FACTORIES[query.kind]
    if forms.load("meaning")(query) or not keeps_rules(query):
        return layout(call(f"{ws}.{RUN[query.kind]}", [literal(query.to_params())]), before)
    positional, named = _SPELLERS[query.kind](query)
    keywords = {key: node(value) for key, value in named.items()}
    return layout(call(f"{ws}.{method}", [node(value) for value in positional], keywords), before)


def keeps_rules(query: Question) -> bool:
    """Tell whether the API takes the question; a report saved by others may break its rules."""
    _, factory = FACTORIES[query.kind]
    positional, named = _SPELLERS[query.kind](query)
    try:
        factory(*positional, **named)
    except MixpanelHeadlessError:
        return False
    return True


def _changed(query: Question, *names: str) -> Arguments:
    """Return the fields that differ from their defaults, sequences as lists."""
    defaults = {field.name: field.default for field in fields(query)}
    values = {name: getattr(query, name) for name in names}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value != defaults[name]
    }


def _one(values: Sequence[Any]) -> Any:
    """Return the only value, or a list of them."""
    return values[0] if len(values) == 1 else list(values)


def _singles(named: Arguments) -> Arguments:
    """Take single breakdowns, filters and the like out of their lists."""
    singles = ("group_by", "where", "segments", "holding_constant")
    return {
        key: _one(value) if key in singles and isinstance(value, list) else value
        for key, value in named.items()
    }


def _when(query: Any) -> Arguments:
    when = query.range
    if when.from_date is None and when.to_date is None:
        return {} if when.last == 30 else {"last": when.last}
    dates = {"from_date": when.from_date, "to_date": when.to_date}
    return {key: date for key, date in dates.items() if date is not None}


_LAST = ("mode", "time_comparison", "data_group_id")


def _insights(query: InsightsQuery) -> Spelled:
    metrics, tail = list(query.metrics), {}
    last = metrics[-1]
    plain = not any(isinstance(metric, Formula) for metric in metrics[:-1])
    if len(metrics) > 1 and isinstance(last, Formula) and last.metrics is None and plain:
        metrics.pop()
        tail = {"formula": last.expression, "formula_label": last.label}
    events, measurement = _events(metrics)
    rest = _changed(query, "unit", "group_by", "where", "rolling", "cumulative", *_LAST)
    said = {key: value for key, value in tail.items() if value is not None}
    return [events], {**measurement, **said, **_when(query), **_singles(rest)}


_MEASUREMENT = {
    "math": "math",
    "math_property": "property",
    "per_user": "per_user",
    "percentile_value": "percentile_value",
}
"""Argument of the query → field of a metric."""


def _events(metrics: Sequence[Any]) -> tuple[Any, Arguments]:
    """Say the metrics; plain events that are counted alike need only their names."""
    counted = {tuple(repr(getattr(m, f, None)) for f in _MEASUREMENT.values()) for m in metrics}
    if len(counted) > 1 or not all(_is_plain(metric) for metric in metrics):
        return _one(metrics), {}
    shared, default = metrics[0], Metric("event")
    named = {
        argument: getattr(shared, field)
        for argument, field in _MEASUREMENT.items()
        if getattr(shared, field) != getattr(default, field)
    }
    return _one([metric.event for metric in metrics]), named


def _is_plain(metric: Any) -> bool:
    """Tell whether a metric is an event's name and how to count it, nothing else."""
    return (
        isinstance(metric, Metric)
        and isinstance(metric.event, str)
        and (metric.property is None or isinstance(metric.property, str))
        and not metric.filters
        and metric.filters_combinator == "all"
        and metric.segment_method is None
    )


def _funnel(query: FunnelQuery) -> Spelled:
    steps = list(query.steps) if isinstance(query.steps, tuple) else query.steps
    window = _changed(query, "conversion_window", "conversion_window_unit", "order")
    counted = _changed(query, "unit", "math", "math_property", "group_by", "where")
    around = _changed(query, "exclusions", "holding_constant", "mode", "reentry_mode", *_LAST[1:])
    return [steps], {**window, **_when(query), **_singles({**counted, **around})}


def _retention(query: RetentionQuery) -> Spelled:
    events = [event for event in (query.born_event, query.return_event) if event is not None]
    curve = _changed(query, "retention_unit", "alignment", "bucket_sizes")
    counted = _changed(query, "unit", "math", "group_by", "where", "mode", "unbounded_mode")
    rest = _changed(query, "retention_cumulative", *_LAST[1:])
    return events, {**curve, **_when(query), **_singles({**counted, **rest})}


def _flow(query: FlowQuery) -> Spelled:
    window = _changed(query, "conversion_window", "conversion_window_unit")
    shape = _changed(query, "count_type", "cardinality", "collapse_repeated", "hidden_events")
    rest = _changed(query, "mode", "where", "data_group_id", "segments", "exclusions")
    named = {**_changed(query, "forward", "reverse"), **_when(query), **window, **shape}
    return [_one(query.steps)], {**named, **_singles(rest)}


def _users(query: UserQuery) -> Spelled:
    names = [field.name for field in fields(query) if field.name != "extras"]
    return [], _singles(_changed(query, *names))


_SPELLERS: dict[Kind, Callable[[Any], Spelled]] = {
    "insights": _insights,
    "funnel": _funnel,
    "retention": _retention,
    "flow": _flow,
    "users": _users,
}
