"""Questions about profiles as params of the engage endpoint.

Enters a `UserQuery`, leaves a flat object of text values. The surprise: lists and cohorts are JSON
inside JSON, and what only steers the fetching (limit, parallel, workers) is no part of the params.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from mpnb.errors import BookmarkValidationError, ParamValidationError, ValidationError
from mpnb.params.build_flow import cohort_member
from mpnb.params.build_parts import Clause
from mpnb.params.selector import property_ref, selector
from mpnb.query.check import bad_word
from mpnb.query.cohort import CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.operators import COHORTS
from mpnb.query.rules.users import AGGREGATES, SORT_ORDERS
from mpnb.query.users import UserQuery

_ACTION = re.compile(
    r"count\(\)|(?:extremes|numeric_summary)\(properties\[\".+\"\]\)"
    r"|percentile\(properties\[\".+\"\], [0-9.]+\)",
    re.DOTALL,
)


def build(query: UserQuery, today: date | None) -> Clause:
    """Write a question about profiles.

    Raises:
        BookmarkValidationError: U_FILTER, U_COHORT, UP1 or UP4; all findings at once.
    """
    params: Clause = {}
    params.update(_where(query))
    if query.mode == "profiles":
        params.update(_profiles(query))
    else:
        params.update(_aggregate(query))
    if query.group_id is not None:
        params["data_group_id"] = query.group_id
    findings = list(_findings(params))
    if findings:
        raise BookmarkValidationError(findings)
    return params


def _where(query: UserQuery) -> Clause:
    if isinstance(query.where, str):
        params: Clause = {"where": query.where}
        cohort = None
    else:
        params = _selectors([item for item in query.where if item._property != COHORTS])
        cohort = _cohort_filter([item for item in query.where if item._property == COHORTS])
    if query.cohort is not None:
        cohort = _cohort(query.cohort)
    if cohort is not None:
        params["filter_by_cohort"] = json.dumps(cohort)
        params["include_all_users"] = query.include_all_users
    return params


def _selectors(filters: Sequence[Filter]) -> Clause:
    texts, findings = [], []
    cause: ParamValidationError | None = None
    for item in filters:
        try:
            texts.append(selector(item))
        except ParamValidationError as error:
            cause = cause or error
            findings.append(ValidationError("where", error.message, "U_FILTER"))
    if findings:
        raise BookmarkValidationError(findings) from cause
    return {"where": " and ".join(texts)} if texts else {}


def _cohort(cohort: int | CohortDefinition) -> Clause:
    if isinstance(cohort, CohortDefinition):
        return {"raw_cohort": cohort.to_clause()}
    return {"id": cohort}


def _cohort_filter(filters: Sequence[Filter]) -> Clause | None:
    if not filters:
        return None
    try:
        member = cohort_member(filters[0])
    except ParamValidationError as error:
        finding = ValidationError("where", error.message, "U_COHORT")
        raise BookmarkValidationError([finding]) from error
    for key in ("raw_cohort", "id"):
        if key in member:
            return {key: member[key]}
    message = "A cohort filter names no cohort; make it with Filter.in_cohort."
    raise BookmarkValidationError([ValidationError("where", message, "U_COHORT")])


def _profiles(query: UserQuery) -> Clause:
    params: Clause = {}
    if query.properties is not None:
        params["output_properties"] = json.dumps(list(query.properties))
    if query.sort_by is not None:
        params["sort_key"] = property_ref(query.sort_by)
        params["sort_order"] = query.sort_order
    if query.as_of is not None:
        params["as_of_timestamp"] = _timestamp(query.as_of)
    if query.distinct_id is not None:
        params["distinct_id"] = query.distinct_id
    if query.distinct_ids is not None:
        params["distinct_ids"] = json.dumps(list(query.distinct_ids))
    if query.search is not None:
        params["search"] = query.search
    return params


def _timestamp(as_of: str | int) -> int:
    if isinstance(as_of, int):
        return as_of
    return int(datetime.fromisoformat(as_of).replace(tzinfo=UTC).timestamp())


def _aggregate(query: UserQuery) -> Clause:
    params: Clause = {"action": _action(query)}
    if query.segment_by is not None:
        params["segment_by_cohorts"] = json.dumps(
            {str(cohort): True for cohort in query.segment_by}
        )
    return params


def _action(query: UserQuery) -> str:
    if query.aggregate == "count":
        return "count()"
    ref = property_ref(query.aggregate_property or "")
    extra = f", {query.percentile}" if query.aggregate == "percentile" else ""
    return f"{query.aggregate}({ref}{extra})"


def _findings(params: Clause) -> Iterator[ValidationError]:
    order: Any = params.get("sort_order", "ascending")
    if order not in SORT_ORDERS:
        yield bad_word("UP1", "sort_order", order, SORT_ORDERS)
    action = params.get("action", "count()")
    if not _ACTION.fullmatch(action):
        yield ValidationError(
            "action",
            f"{action!r} is no aggregate; use {', '.join(AGGREGATES)} with a property's name.",
            "UP4",
        )
