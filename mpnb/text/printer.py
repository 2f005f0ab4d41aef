"""Question → cell text: any of the five questions enters, its canonical body leaves.

The surprise: what equals its default is not printed, so an empty users question is an empty body;
and a saved report that breaks a rule is printed as `params {…}`, since clauses would be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mpnb.errors import MixpanelHeadlessError, NotSupportedError
from mpnb.query.behavior import BehaviorRef
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import Exclusion
from mpnb.query.users import UserQuery
from mpnb.query.window import TimeComparison, TimeRange
from mpnb.query.words import Kind
from mpnb.text.print_filter import (
    breakdown_text,
    cohort_text,
    filter_text,
    property_text,
    unsayable,
)
from mpnb.text.print_metric import (
    cadence_clauses,
    exclusions_text,
    flow_step_text,
    funnel_step_text,
    held_text,
    metric_text,
    retention_step_text,
    window_clause,
)
from mpnb.text.python import keeps_rules
from mpnb.text.value import date, is_date, json_text, name, number, string
from mpnb.text.words import AGGREGATES, DIRECTIONS

_AGGREGATES = {aggregate: word for word, aggregate in AGGREGATES.items()}
_DIRECTIONS = {order: word for word, order in DIRECTIONS.items()}


def print_query(query: Question) -> str:
    """Return a question in the cell language, one clause a line, defaults left out.

    `parse(print(query), query.kind)` gives the same question back. A question that breaks rules,
    as saved reports may, is one clause `params {…}`.

    Raises:
        NotSupportedError: a part for which the language has no words.
    """
    whole = _whole(query)
    if whole is not None:
        return whole
    return "\n".join([*_PRINTERS[query.kind](query), *_extras(query)])


def _whole(query: Question) -> str | None:
    """The question as its params, where its clauses would not be taken back; None: they would."""
    try:
        if keeps_rules(query):
            _PRINTERS[query.kind](query)
            return None
    except NotSupportedError:
        pass
    try:
        return f"params {json_text(query.to_params())}"
    except MixpanelHeadlessError:
        return None  # nothing that was ever saved: unfinished, and its clauses say what is there


def cell(query: Question, name: str | None = None) -> str:
    """Return a question as a whole cell, with its `%%mpquery kind name` line."""
    first = " ".join(["%%mpquery", query.kind, *([] if name is None else [_cell_name(name)])])
    return f"{first}\n{print_query(query)}"


def _cell_name(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not a name in Python, so a cell cannot have it.")
    return name


def _changed(value: Any, default: Any, text: str) -> list[str]:
    return [] if value == default else [text]


def _listed(word: str, texts: Sequence[str]) -> list[str]:
    return [f"{word} {', '.join(texts)}"] if texts else []


# --- shared clauses -----------------------------------------------------------------------------


def _where(query: Any) -> list[str]:
    texts = [filter_text(item) for item in query.where]
    return [f"where {' and '.join(texts)}"] if texts else []


def _by(items: Sequence[Any]) -> list[str]:
    return _listed("by", [breakdown_text(item) for item in items])


def _range(when: TimeRange, unit: str = "day") -> list[str]:
    per = "" if unit == "day" else f"per {unit}"
    if when.from_date is None:
        if when.to_date is not None:
            raise unsayable("A range that has an end but no beginning")
        days = "" if when.last == 30 else f"last {when.last} day" + ("" if when.last == 1 else "s")
        text = f"{days} {per}".strip()
        return [text] if text else []
    if when.last != 30:
        raise unsayable("A range of dates together with a number of days")
    ends = "" if when.to_date is None else f" to {date(when.to_date)}"
    word = "since" if when.to_date is None else "from"
    return [f"{word} {date(when.from_date)}{ends} {per}".strip()]


def _compare(comparison: TimeComparison | None) -> list[str]:
    if comparison is None:
        return []
    if comparison.type == "relative":
        return [f"compare with previous {comparison.unit}"]
    word = "starting" if comparison.type == "absolute-start" else "ending"
    return [f"compare {word} {date(comparison.date or '')}"]


def _group(query: Any) -> list[str]:
    return [] if query.data_group_id is None else [f"data group {query.data_group_id}"]


def _extras(query: Question) -> list[str]:
    return [f"extra {json_text(item.path)} = {json_text(item.value)}" for item in query.extras]


# --- the five kinds -----------------------------------------------------------------------------


def _insights(query: InsightsQuery) -> list[str]:
    return [
        *(metric_text(metric) for metric in query.metrics),
        *_by(query.group_by),
        *_where(query),
        *_range(query.range, query.unit),
        *([] if query.rolling is None else [f"rolling {query.rolling}"]),
        *_changed(query.cumulative, False, "cumulative"),
        *_changed(query.mode, "timeseries", f"show {query.mode}"),
        *_compare(query.time_comparison),
        *_group(query),
    ]


def _funnel(query: FunnelQuery) -> list[str]:
    steps = query.steps
    if isinstance(steps, BehaviorRef):
        subject = f"behavior {steps.id}"
    else:
        subject = " -> ".join(funnel_step_text(step) for step in steps)
    of = "" if query.math_property is None else f" of {property_text(query.math_property)}"
    plain = query.math == "conversion_rate_unique" and not of
    return [
        subject,
        *window_clause(query.conversion_window, query.conversion_window_unit, 14),
        *_changed(query.order, "loose", f"order {query.order}"),
        *_excluding(query),
        *_listed("holding", [held_text(item) for item in query.holding_constant]),
        *([] if query.reentry_mode is None else [f"reentry {query.reentry_mode}"]),
        *([] if plain else [f"math {query.math}{of}"]),
        *_by(query.group_by),
        *_where(query),
        *_range(query.range, query.unit),
        *_changed(query.mode, "steps", f"show {query.mode}"),
        *_compare(query.time_comparison),
        *_group(query),
    ]


def _excluding(query: FunnelQuery) -> list[str]:
    plain = [item.event if item == Exclusion(item.event) else item for item in query.exclusions]
    return [f"excluding {exclusions_text(plain)}"] if plain else []


def _retention(query: RetentionQuery) -> list[str]:
    born, back = query.born_event, query.return_event
    if isinstance(born, BehaviorRef):
        subject = f"behavior {born.id}"
    elif back is None:
        raise unsayable("A retention without a return event")
    else:
        subject = f"{retention_step_text(born)} -> {retention_step_text(back)}"
    return [
        subject,
        *cadence_clauses(query.retention_unit, query.bucket_sizes),
        *_changed(query.alignment, "birth", f"align {query.alignment}"),
        *([] if query.unbounded_mode is None else [f"unbounded {query.unbounded_mode}"]),
        *_changed(query.retention_cumulative, False, "cumulative"),
        *_changed(query.math, "retention_rate", f"math {query.math}"),
        *_by(query.group_by),
        *_where(query),
        *_range(query.range, query.unit),
        *_changed(query.mode, "curve", f"show {query.mode}"),
        *_compare(query.time_comparison),
        *_group(query),
    ]


def _flow(query: FlowQuery) -> list[str]:
    return [
        " -> ".join(flow_step_text(step) for step in query.steps),
        *_changed(query.forward, 3, f"forward {query.forward}"),
        *_changed(query.reverse, 0, f"back {query.reverse}"),
        *_changed(query.cardinality, 3, f"top {query.cardinality}"),
        *_changed(query.collapse_repeated, False, "collapse"),
        *_listed("hide", [string(event) for event in query.hidden_events]),
        *_listed("excluding", [string(event) for event in query.exclusions]),
        *window_clause(query.conversion_window, query.conversion_window_unit, 7),
        *_changed(query.count_type, "unique", f"count {query.count_type}"),
        *_by(query.segments),
        *_where(query),
        *_range(query.range),
        *_changed(query.mode, "sankey", f"show {query.mode}"),
        *_group(query),
    ]


def _users(query: UserQuery) -> list[str]:
    return [
        *_user_subject(query),
        *_user_where(query),
        *([] if query.cohort is None else [f"cohort {cohort_text(query.cohort)}"]),
        *_changed(query.include_all_users, False, "all users"),
        *([] if query.segment_by is None else [f"by cohort {_numbers(query.segment_by) or '()'}"]),
        *_sort(query),
        *([] if query.search is None else [f"search {string(query.search)}"]),
        *([] if query.distinct_id is None else [f"id {string(query.distinct_id)}"]),
        *_listed("ids", [string(one) for one in query.distinct_ids or ()]),
        *_as_of(query.as_of),
        *([] if query.group_id is None else [f"group {string(query.group_id)}"]),
        *_changed(query.limit, 1, "no limit" if query.limit is None else f"limit {query.limit}"),
        *_changed(query.parallel, False, "parallel"),
        *_changed(query.workers, 5, f"workers {query.workers}"),
    ]


def _user_subject(query: UserQuery) -> list[str]:
    lines = []
    if query.properties:
        lines += _listed("show", [name(prop) for prop in query.properties])
    elif query.mode == "profiles":
        lines.append("profiles")
    percentile = "" if query.percentile is None else f" {number(query.percentile)}"
    of = "" if query.aggregate_property is None else f" of {name(query.aggregate_property)}"
    aggregate = f"{_AGGREGATES[query.aggregate]}{percentile}{of}"
    return [*lines, *_changed(aggregate, "count", aggregate)]


def _user_where(query: UserQuery) -> list[str]:
    if isinstance(query.where, str):
        return [f"where selector {string(query.where)}"]
    return _where(query)


def _sort(query: UserQuery) -> list[str]:
    by = [] if query.sort_by is None else [name(query.sort_by)]
    order = [] if query.sort_order == "descending" else [_DIRECTIONS[query.sort_order]]
    return [" ".join(["sort", *by, *order])] if by or order else []


def _as_of(moment: str | int | None) -> list[str]:
    if moment is None:
        return []
    text = str(moment) if isinstance(moment, int) or is_date(moment) else string(moment)
    return [f"as of {text}"]


def _numbers(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))


_PRINTERS: dict[Kind, Callable[[Any], list[str]]] = {
    "insights": _insights,
    "funnel": _funnel,
    "retention": _retention,
    "flow": _flow,
    "users": _users,
}
