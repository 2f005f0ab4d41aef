"""Rules of bookmark params: sections, clauses, filters, times, breakdowns.

Enters a params object of any origin, leaves findings with paths into it. The surprise: what a
server might know and we do not (an operator, a date range type) is a warning; what cannot be
answered at all is an error.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mpnb.errors import ValidationError
from mpnb.params.validate_sorting import sorting_findings
from mpnb.query.check import bad_word, is_blank, is_word
from mpnb.query.frequency import FREQUENCY_OPERATORS
from mpnb.query.math import (
    FUNNEL_MATHS,
    INSIGHTS_MATHS,
    PER_USER_AGGREGATIONS,
    RETENTION_MATHS,
    WIRE_MATHS,
)
from mpnb.query.operators import COHORTS, COMBINATORS, OPERATORS, PROPERTY_TYPES

Findings = Iterator[ValidationError]

FILTER_VALUES_MAX = 1000
BEHAVIOR_TYPES = frozenset(
    {"event", "custom-event", "simple", "funnel", "retention", "cohort", "people", "addiction"}
)
CHART_TYPES = (
    "bar",
    "bar-stacked",
    "column",
    "stacked-column",
    "line",
    "stacked-line",
    "insights-metric",
    "metric",
    "pie",
    "table",
    "heatmap",
    "funnel-steps",
    "funnel-top-paths",
    "retention-curve",
    "frequency-curve",
    "sankey",
    "top-paths",
)
TIME_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
DATE_RANGE_TYPES = ("in the last", "between", "since", "on", "relative_after")
RESOURCE_TYPES = ("events", "people", "cohorts", "other", "all", "user", "event")
PER_USER = (*PER_USER_AGGREGATIONS, "session_replay_id_value")
WIRE_OPERATORS = frozenset(OPERATORS) | frozenset(FREQUENCY_OPERATORS)
MATHS: dict[str, Collection[str]] = {
    "insights": frozenset(WIRE_MATHS),
    "funnel": frozenset(FUNNEL_MATHS),
    "retention": frozenset(RETENTION_MATHS),
}
NEEDS_PROPERTY = frozenset(row.wire for row in INSIGHTS_MATHS.values() if row.needs == "required")
_MATH_KINDS = {"funnels": "funnel", "retention": "retention"}
_PROPERTY_KEYS = ("value", "propertyName", "customPropertyId", "customProperty")


def validate_bookmark(
    params: Mapping[str, Any], *, bookmark_type: str = "insights"
) -> list[ValidationError]:
    """Return what is wrong with the params of a report, errors and warnings; empty when nothing.

    Args:
        params: bookmark JSON with `sections` and `displayOptions`.
        bookmark_type: `insights`, `funnels` or `retention`; decides which math is legal.
    """
    return list(bookmark_findings(params, bookmark_type))


def bookmark_findings(params: Any, bookmark_type: str) -> Findings:
    """Yield what is wrong with the params of a report."""
    given = params if isinstance(params, Mapping) else {}
    sections, display = given.get("sections"), given.get("displayOptions")
    if not isinstance(sections, Mapping):
        yield _error("B1_MISSING_SECTIONS", "params", "The params need an object 'sections'.")
    if not isinstance(display, Mapping):
        yield _error(
            "B2_MISSING_DISPLAY_OPTIONS", "params", "The params need an object 'displayOptions'."
        )
    elif not is_word(display.get("chartType"), CHART_TYPES):
        yield bad_word(
            "B5_INVALID_CHART_TYPE",
            "displayOptions.chartType",
            display.get("chartType"),
            CHART_TYPES,
        )
    if isinstance(sections, Mapping):
        yield from _sections(sections, bookmark_type)
    if "sorting" in given:
        yield from sorting_findings(given["sorting"])


def _sections(sections: Mapping[str, Any], bookmark_type: str) -> Findings:
    show = sections.get("show")
    if show is None:
        yield _error("B3_MISSING_SHOW", "sections", "The sections need a list 'show'.")
    elif not isinstance(show, list) or not show:
        yield _error("B4_SHOW_EMPTY", "sections.show", "'show' is a list of at least one metric.")
    else:
        for index, clause in enumerate(show):
            yield from _show(clause, f"sections.show[{index}]", bookmark_type)
    for index, clause in enumerate(_listed(sections.get("time"))):
        yield from _time(clause, f"sections.time[{index}]")
    for index, clause in enumerate(_listed(sections.get("filter"))):
        yield from _filter(clause, f"sections.filter[{index}]")
    for index, clause in enumerate(_listed(sections.get("group"))):
        yield from _group(clause, f"sections.group[{index}]")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _error(code: str, path: str, message: str) -> ValidationError:
    return ValidationError(path, message, code)


def _warn(code: str, path: str, value: Any, legal: Collection[str]) -> ValidationError:
    return ValidationError(
        path, f"{value!r} is not known here; known: {', '.join(sorted(legal))}.", code, "warning"
    )


def _is_id(value: Any) -> bool:
    return type(value) is int and value > 0


def _show(clause: Any, path: str, bookmark_type: str) -> Findings:
    given = clause if isinstance(clause, Mapping) else {}
    kind = given.get("type")
    if kind == "formula" or "formula" in given or "definition" in given:
        yield from _formula(given, path, bookmark_type)
    elif kind == "warehouse" and "id" not in given:
        yield _error("B28_WAREHOUSE_MISSING_ID", path, "A warehouse metric is asked for by its id.")
    elif "id" in given and "behavior" not in given:
        yield from _reference(given, path)
    elif not isinstance(given.get("behavior"), Mapping):
        yield _error("B6_MISSING_BEHAVIOR", f"{path}.behavior", "A metric needs a behavior.")
    else:
        yield from _metric(given, path, bookmark_type)


def _reference(clause: Mapping[str, Any], path: str) -> Findings:
    if not _is_id(clause["id"]):
        yield _error(
            "B27_INVALID_REFERENCE_ID",
            f"{path}.id",
            f"The id of a saved metric is a positive whole number, not {clause['id']!r}.",
        )


def _formula(clause: Mapping[str, Any], path: str, bookmark_type: str) -> Findings:
    if "id" in clause:
        yield from _reference(clause, path)
    for index, operand in enumerate(_listed(clause.get("referencedMetrics"))):
        where = f"{path}.referencedMetrics[{index}]"
        if isinstance(operand, Mapping) and "id" in operand and "behavior" not in operand:
            if "type" not in operand:
                yield _error("B29_OPERAND_MISSING_TYPE", where, "A saved operand needs its type.")
            yield from _reference(operand, where)
        else:
            yield from _show(operand, where, bookmark_type)


def _metric(clause: Mapping[str, Any], path: str, bookmark_type: str) -> Findings:
    behavior = clause["behavior"]
    measurement = clause.get("measurement")
    measurement = measurement if isinstance(measurement, Mapping) else {}
    kind = behavior.get("type", "event")
    if not is_word(kind, BEHAVIOR_TYPES):
        yield _warn("B7_INVALID_BEHAVIOR_TYPE", f"{path}.behavior.type", kind, BEHAVIOR_TYPES)
    if kind == "cohort":
        yield from _cohort(behavior, measurement, path)
    else:
        if kind in ("event", "custom-event") and is_blank(behavior.get("name")):
            yield _error("B8_MISSING_EVENT_NAME", f"{path}.behavior", "The event has no name.")
        yield from _resource(behavior, f"{path}.behavior")
        yield from _math(measurement, kind, path, bookmark_type)
    yield from _measurement(measurement, f"{path}.measurement")
    yield from _behavior_filters(behavior, f"{path}.behavior")


def _cohort(behavior: Mapping[str, Any], measurement: Mapping[str, Any], path: str) -> Findings:
    where = f"{path}.behavior"
    if "id" in behavior:
        if not _is_id(behavior["id"]):
            yield _error(
                "B22_COHORT_BEHAVIOR_ID",
                f"{where}.id",
                f"A cohort id is a positive whole number, not {behavior['id']!r}.",
            )
    elif "raw_cohort" not in behavior:
        yield _error(
            "B22_COHORT_MISSING_IDENTIFIER", where, "The cohort needs an id or a definition."
        )
    if behavior.get("resourceType", "cohorts") != "cohorts":
        yield _error(
            "B23_COHORT_RESOURCE_TYPE",
            f"{where}.resourceType",
            f"The resource type of a cohort is 'cohorts', not {behavior['resourceType']!r}.",
        )
    if measurement.get("math", "unique") != "unique":
        yield _error(
            "B24_COHORT_MATH",
            f"{path}.measurement.math",
            f"A cohort is counted with 'unique', not {measurement['math']!r}.",
        )


def _math(measurement: Mapping[str, Any], kind: Any, path: str, bookmark_type: str) -> Findings:
    if "math" not in measurement:
        return
    word = measurement["math"]
    report = kind if kind in ("funnel", "retention") else _MATH_KINDS.get(bookmark_type, "insights")
    legal = MATHS[report]
    if not (isinstance(word, str) and word in legal):
        yield bad_word("B9_INVALID_MATH", f"{path}.measurement.math", word, sorted(legal))
    if isinstance(word, str) and word in NEEDS_PROPERTY and not measurement.get("property"):
        yield ValidationError(
            f"{path}.measurement.property",
            f"math {word!r} needs a property.",
            "B10_MATH_MISSING_PROPERTY",
            "warning",
        )


def _measurement(measurement: Mapping[str, Any], path: str) -> Findings:
    per_user = measurement.get("perUserAggregation")
    if per_user is not None and not is_word(per_user, PER_USER):
        yield bad_word(
            "B11_INVALID_PER_USER", f"{path}.perUserAggregation", per_user, PER_USER_AGGREGATIONS
        )
    prop = measurement.get("property")
    if isinstance(prop, Mapping) and "type" in prop and not is_word(prop["type"], PROPERTY_TYPES):
        yield _warn(
            "B17_INVALID_PROPERTY_TYPE", f"{path}.property.type", prop["type"], PROPERTY_TYPES
        )


def _behavior_filters(behavior: Mapping[str, Any], path: str) -> Findings:
    determiner = behavior.get("filtersDeterminer", "all")
    if not is_word(determiner, COMBINATORS):
        yield _warn(
            "B19_INVALID_FILTERS_DETERMINER", f"{path}.filtersDeterminer", determiner, COMBINATORS
        )
    for index, clause in enumerate(_listed(behavior.get("filters"))):
        yield from _filter(clause, f"{path}.filters[{index}]")
    for index, inner in enumerate(_listed(behavior.get("behaviors"))):
        if isinstance(inner, Mapping):
            yield from _behavior_filters(inner, f"{path}.behaviors[{index}]")


def _time(clause: Any, path: str) -> Findings:
    if not isinstance(clause, Mapping):
        yield _error("B12_INVALID_TIME_UNIT", path, f"A time is an object, not {clause!r}.")
        return
    if not is_word(clause.get("unit"), TIME_UNITS):
        yield bad_word("B12_INVALID_TIME_UNIT", f"{path}.unit", clause.get("unit"), TIME_UNITS)
    kind = clause.get("dateRangeType")
    if kind is not None and not is_word(kind, DATE_RANGE_TYPES):
        yield _warn("B13_INVALID_DATE_RANGE_TYPE", f"{path}.dateRangeType", kind, DATE_RANGE_TYPES)


def _filter(clause: Any, path: str) -> Findings:
    if not isinstance(clause, Mapping):
        yield _error("B14_INVALID_FILTER_TYPE", path, f"A filter is an object, not {clause!r}.")
        return
    kind, operator = clause.get("filterType"), clause.get("filterOperator")
    if kind is not None and not is_word(kind, PROPERTY_TYPES):
        yield bad_word("B14_INVALID_FILTER_TYPE", f"{path}.filterType", kind, PROPERTY_TYPES)
    if operator is not None and not is_word(operator, WIRE_OPERATORS):
        yield _warn(
            "B15_INVALID_FILTER_OPERATOR", f"{path}.filterOperator", operator, WIRE_OPERATORS
        )
    yield from _resource(clause, path)
    yield from _filter_property(clause, path)
    yield from _filter_value(clause.get("filterValue"), f"{path}.filterValue")
    if _is_cohort_filter(clause) and clause.get("value") != COHORTS:
        yield _error(
            "B25_COHORT_FILTER_VALUE", f"{path}.value", f"A cohort filter is on {COHORTS!r}."
        )
    for index, inner in enumerate(_listed(clause.get("listItemFilters"))):
        yield from _filter(inner, f"{path}.listItemFilters[{index}]")


def _resource(clause: Mapping[str, Any], path: str) -> Findings:
    resource = clause.get("resourceType")
    if resource is not None and not is_word(resource, RESOURCE_TYPES):
        yield _warn("B16_INVALID_RESOURCE_TYPE", f"{path}.resourceType", resource, RESOURCE_TYPES)


def _filter_property(clause: Mapping[str, Any], path: str) -> Findings:
    if not any(clause.get(key) not in (None, "") for key in _PROPERTY_KEYS):
        yield _error("B18_MISSING_FILTER_PROPERTY", path, "The filter names no property.")
    elif "customPropertyId" in clause and not _is_id(clause["customPropertyId"]):
        yield _error(
            "B18B_INVALID_CP_ID",
            f"{path}.customPropertyId",
            "The id of a custom property is a positive whole number, "
            f"not {clause['customPropertyId']!r}.",
        )


def _filter_value(value: Any, path: str) -> Findings:
    if isinstance(value, float) and not math.isfinite(value):
        yield _error("B20B_FILTER_VALUE_NOT_FINITE", path, f"{value!r} cannot be compared with.")
    if not isinstance(value, list):
        return
    if not value:
        yield _error("B20_EMPTY_FILTER_VALUE", path, "The list of values is empty.")
    if len(value) > FILTER_VALUES_MAX:
        yield _error(
            "B21_FILTER_VALUE_TOO_MANY",
            path,
            f"At most {FILTER_VALUES_MAX} values, not {len(value)}; save them as a cohort.",
        )
    for index, item in enumerate(value):
        if isinstance(item, float) and not math.isfinite(item):
            yield _error(
                "B20B_FILTER_VALUE_NOT_FINITE",
                f"{path}[{index}]",
                f"{item!r} cannot be compared with.",
            )


def _is_cohort_filter(clause: Mapping[str, Any]) -> bool:
    value = clause.get("filterValue")
    return (
        isinstance(value, list)
        and bool(value)
        and isinstance(value[0], Mapping)
        and "cohort" in value[0]
    )


def _group(clause: Any, path: str) -> Findings:
    if not isinstance(clause, Mapping):
        yield _error(
            "B17_INVALID_PROPERTY_TYPE", path, f"A breakdown is an object, not {clause!r}."
        )
        return
    kind = clause.get("propertyType")
    if kind is not None and not is_word(kind, PROPERTY_TYPES):
        yield _warn("B17_INVALID_PROPERTY_TYPE", f"{path}.propertyType", kind, PROPERTY_TYPES)
    yield from _resource(clause, path)
    if "cohorts" in clause and not _listed(clause["cohorts"]):
        yield _error("B26_EMPTY_COHORTS", f"{path}.cohorts", "The breakdown names no cohort.")
