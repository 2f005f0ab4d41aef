"""Question → the Python call that a person would write.

In: any of the five questions. Out: source such as ``ws.query_funnel(["Signup", "Purchase"])``,
defaults left out, at most 88 columns wide. The surprise: a question that holds something beyond
the vocabulary cannot be said as such a call; it is printed as ``ws.run_params({…})``.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from mpnb.query import forms
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import Formula, Metric
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.users import UserQuery
from mpnb.query.words import Kind
from mpnb.text.code import Node, brackets, call, layout, literal
from mpnb.text.python_parts import one_or_list, part, short

RUN: dict[Kind, str] = {
    "insights": "run_params",
    "funnel": "run_funnel_params",
    "retention": "run_retention_params",
    "flow": "run_flow_params",
    "users": "run_user_params",
}
"""Kind → the method that runs params as they are."""

Arguments = dict[str, Node]


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
    if forms.load("meaning")(query):
        return layout(call(f"{ws}.{RUN[query.kind]}", [literal(query.to_params())]), before)
    method, positional, named = _SPELLERS[type(query)](query)
    return layout(call(f"{ws}.{method}", positional, named), before)


Spelled = tuple[str, list[Node], Arguments]


def _changed(query: Question, spell: Mapping[str, Callable[[Any], Node]]) -> Arguments:
    """Return the arguments that differ from their defaults, in the order of ``spell``.

    A key is a field of the question, and the name of the argument.
    """
    defaults = {field.name: field.default for field in fields(query)}
    values = {key: getattr(query, key) for key in spell}
    return {
        key: spell[key](value)
        for key, value in values.items()
        if defaults[key] is MISSING or value != defaults[key]
    }


def _when(query: Any) -> Arguments:
    when = query.range
    if when.from_date is None and when.to_date is None:
        return {} if when.last == 30 else {"last": literal(when.last)}
    dates = {"from_date": when.from_date, "to_date": when.to_date}
    return {key: literal(date) for key, date in dates.items() if date is not None}


def _listed(value: Sequence[Any]) -> Node:
    return brackets([short(item) for item in value])


_SHARED: dict[str, Callable[[Any], Node]] = {
    "group_by": one_or_list,
    "where": one_or_list,
}
_LAST: dict[str, Callable[[Any], Node]] = {
    "mode": literal,
    "time_comparison": part,
    "data_group_id": literal,
}


def _insights(query: InsightsQuery) -> Spelled:
    metrics, tail = list(query.metrics), {}
    last = metrics[-1]
    if len(metrics) > 1 and isinstance(last, Formula) and last.metrics is None:
        before = metrics[:-1]
        if not any(isinstance(metric, Formula) for metric in before):
            metrics, tail = before, {"formula": literal(last.expression)}
            if last.label is not None:
                tail["formula_label"] = literal(last.label)
    events, measurement = _events(metrics)
    named = {
        **measurement,
        **tail,
        **_when(query),
        **_changed(query, {"unit": literal, **_SHARED, "rolling": literal, "cumulative": literal}),
        **_changed(query, _LAST),
    }
    return "query", [events], named


_MEASUREMENT = {
    "math": "math",
    "math_property": "property",
    "per_user": "per_user",
    "percentile_value": "percentile_value",
}
"""Argument of the query → field of a metric."""


def _events(metrics: Sequence[Any]) -> tuple[Node, Arguments]:
    """Say the metrics; plain events that are counted alike need only their names."""
    counted = {tuple(repr(getattr(m, f, None)) for f in _MEASUREMENT.values()) for m in metrics}
    if len(counted) == 1 and all(_is_plain(metric) for metric in metrics):
        shared, default = metrics[0], Metric("")
        named = {
            argument: literal(getattr(shared, field))
            for argument, field in _MEASUREMENT.items()
            if getattr(shared, field) != getattr(default, field)
        }
        names = [literal(metric.event) for metric in metrics]
        return (names[0] if len(names) == 1 else brackets(names)), named
    return one_or_list(metrics), {}


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
    steps = _listed(query.steps) if isinstance(query.steps, tuple) else part(query.steps)
    window = {"conversion_window": literal, "conversion_window_unit": literal, "order": literal}
    counted = {"unit": literal, "math": literal, "math_property": part, **_SHARED}
    between = {
        "exclusions": _listed,
        "holding_constant": one_or_list,
        "mode": literal,
        "reentry_mode": literal,
    }
    named = {
        **_changed(query, window),
        **_when(query),
        **_changed(query, counted),
        **_changed(query, {**between, **_LAST}),
    }
    return "query_funnel", [steps], named


def _retention(query: RetentionQuery) -> Spelled:
    events = [short(event) for event in (query.born_event, query.return_event) if event is not None]
    curve = {"retention_unit": literal, "alignment": literal, "bucket_sizes": _listed}
    counted = {"unit": literal, "math": literal, **_SHARED, "mode": literal}
    named = {
        **_changed(query, curve),
        **_when(query),
        **_changed(query, {**counted, "unbounded_mode": literal, "retention_cumulative": literal}),
        **_changed(query, _LAST),
    }
    return "query_retention", events, named


def _flow(query: FlowQuery) -> Spelled:
    window = {"conversion_window": literal, "conversion_window_unit": literal}
    shape = {
        "count_type": literal,
        "cardinality": literal,
        "collapse_repeated": literal,
        "hidden_events": _listed,
        "mode": literal,
        "where": one_or_list,
        "data_group_id": literal,
        "segments": one_or_list,
        "exclusions": _listed,
    }
    named = {
        **_changed(query, {"forward": literal, "reverse": literal}),
        **_when(query),
        **_changed(query, {**window, **shape}),
    }
    return "query_flow", [one_or_list(query.steps)], named


def _users(query: UserQuery) -> Spelled:
    said = dict.fromkeys(field.name for field in fields(query) if field.name != "extras")
    spell: dict[str, Callable[[Any], Node]] = dict.fromkeys(said, part)
    spell["where"] = lambda where: literal(where) if isinstance(where, str) else one_or_list(where)
    return "query_user", [], _changed(query, spell)


_SPELLERS: dict[type[Question], Callable[[Any], Spelled]] = {
    InsightsQuery: _insights,
    FunnelQuery: _funnel,
    RetentionQuery: _retention,
    FlowQuery: _flow,
    UserQuery: _users,
}
