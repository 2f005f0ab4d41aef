"""Flow questions as params JSON.

Enters a `FlowQuery`, leaves a fresh params object. The surprise: flows have a format of their own,
with three spellings of a filter: per step (a segmentation filter), on events, and on one cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from mpnb.errors import ParamTypeError, ParamValidationError
from mpnb.params.build_parts import (
    Clause,
    cohort_values,
    data_group,
    end,
    filter_clause,
    groups,
)
from mpnb.params.step_filter import step_filter
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.operators import COHORTS
from mpnb.query.step import FlowStep
from mpnb.query.window import TimeRange

CHARTS = {"sankey": ("sankey", "graph"), "paths": ("top-paths", "list"), "tree": ("sankey", "tree")}
"""Mode → chart type and merge type."""


def build(query: FlowQuery, today: date | None) -> Clause:
    """Write a flow question.

    Raises:
        ParamTypeError, ParamValidationError: a filter has no form in flows.
    """
    chart, merge = CHARTS[query.mode]
    params: Clause = {
        "steps": [_step(step, query) for step in query.steps],
        "date_range": _date_range(query.range, today),
        "chartType": chart,
        "flows_merge_type": merge,
        "count_type": query.count_type,
        "cardinality_threshold": query.cardinality,
        "version": 2,
        "conversion_window": {
            "unit": query.conversion_window_unit,
            "value": query.conversion_window,
        },
        "anchor_position": 1,
        "collapse_repeated": query.collapse_repeated,
        "show_custom_events": True,
        "hidden_events": list(query.hidden_events),
        "exclusions": list(query.exclusions),
    }
    if query.data_group_id is not None:
        params["data_group_id"] = query.data_group_id
    if query.where:
        params.update(_where(query.where))
    if query.segments:
        params["segments"] = groups(query.segments, data_group(query.data_group_id))
    return params


def _step(step: FlowStep, query: FlowQuery) -> Clause:
    clause: Clause = {
        "event": step.event,
        "step_label": step.label or step.event,
        "forward": query.forward if step.forward is None else step.forward,
        "reverse": query.reverse if step.reverse is None else step.reverse,
        "bool_op": "or" if step.filters_combinator == "any" else "and",
        "property_filter_params_list": [step_filter(item) for item in step.filters or ()],
    }
    if step.session_event is not None:
        clause["session_event"] = step.session_event
    return clause


def _date_range(window: TimeRange, today: date | None) -> Clause:
    if window.from_date is None:
        since = {"unit": "day", "value": window.last}
        return {"type": "in the last", "from_date": since, "to_date": "$now"}
    return {"type": "between", "from_date": window.from_date, "to_date": end(window, today)}


def _where(where: Sequence[Filter]) -> Clause:
    cohorts = [item for item in where if item._property == COHORTS]
    others = [item for item in where if item._property != COHORTS]
    if len(cohorts) > 1:
        raise ParamValidationError(
            "A flow takes one cohort filter; join the cohorts in a CohortDefinition.",
            "BB5_FLOW_MULTIPLE_COHORT_FILTERS",
        )
    params: Clause = {}
    if cohorts:
        params["filter_by_cohort"] = _cohort(cohorts[0])
    if others:
        children = [_event_filter(item) for item in others]
        params["filter_by_event"] = {"operator": "and", "children": children}
    return params


def _event_filter(item: Filter) -> Clause:
    if not isinstance(item._property, str):
        raise ParamTypeError(
            "A flow filters by properties, not by custom properties.",
            "BB3_FLOW_PROPERTY_FILTER_TYPE",
        )
    clause = filter_clause(item)
    del clause["defaultType"]
    clause["propertyName"] = clause.pop("value")
    return clause


def _cohort(item: Filter) -> Clause:
    member = cohort_member(item)
    clause: Clause = {
        "name": member.get("name", ""),
        "negated": member.get("negated", item._operator == "does not contain"),
    }
    key = "raw_cohort" if "raw_cohort" in member else "id"
    if key in member:
        clause[key] = member[key]
    return clause


def cohort_member(item: Filter) -> Clause:
    """Return the cohort that a cohort filter names.

    Raises:
        ParamValidationError: BB6, BB7 or BB8 when the value has another shape.
    """
    values = item._value
    if not isinstance(values, list) or not values:
        raise _malformed("BB6_COHORT_VALUE_NOT_LIST", values)
    value: Any = cohort_values(values)[0]
    if not isinstance(value, dict):
        raise _malformed("BB7_COHORT_VALUE_NOT_DICT", values)
    member = value.get("cohort")
    if not isinstance(member, dict):
        raise _malformed("BB8_COHORT_KEY_MISSING", values)
    return member


def _malformed(code: str, value: Any) -> ParamValidationError:
    return ParamValidationError(
        f"A cohort filter cannot hold {value!r}; make it with Filter.in_cohort.", code
    )
