"""Rules of bookmark params: sections, clauses, filters, times, breakdowns.

Enters a params object of any origin, leaves findings with paths into it. The surprise: what a
server might know and we do not (an operator, a date range type) is a warning; what cannot be
answered at all is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mpnb.errors import ValidationError
from mpnb.params.known import BEHAVIOR_TYPES, CHART_TYPES, MATHS, PER_USER, PROPERTY_TYPES
from mpnb.params.validate_clauses import (
    Found,
    Place,
    blame,
    filter_,
    group,
    is_id,
    is_object,
    listed,
    resource,
    time,
    warn,
    written,
)
from mpnb.params.validate_sorting import sorting_findings
from mpnb.query.check import bad_word, is_blank, is_word, shown
from mpnb.query.math import INSIGHTS_MATHS, PER_USER_AGGREGATIONS
from mpnb.query.operators import COMBINATORS

NEEDS_PROPERTY = frozenset(
    word
    for row in INSIGHTS_MATHS.values()
    if row.needs == "required"
    for word in (row.name, row.wire)
)
_NEEDED = {
    "sections": "B1_MISSING_SECTIONS",
    "displayOptions": "B2_MISSING_DISPLAY_OPTIONS",
}
_MATH_KINDS = {"funnels": "funnel", "retention": "retention"}


def validate_bookmark(
    params: Mapping[str, Any], *, bookmark_type: str = "insights"
) -> list[ValidationError]:
    """Return what is wrong with the params of a report, errors and warnings; empty when nothing.

    Args:
        params: bookmark JSON with `sections` and `displayOptions`.
        bookmark_type: `insights`, `funnels` or `retention`; decides which math is legal.
    """
    return bookmark_findings(params, bookmark_type)


def bookmark_findings(params: Any, bookmark_type: str) -> Found:
    """Return what is wrong with the params of a report."""
    found: Found = []
    given = params if isinstance(params, Mapping) else {}
    for key, code in _NEEDED.items():
        if key not in given:
            blame(found, code, "params", f"The params need an object {key!r}.")
        elif not is_object(given[key]):
            blame(found, code, key, f"An object stands here, not {shown(given[key])}.")
    sections, display = given.get("sections"), given.get("displayOptions")
    if not is_object(sections):
        return found
    if is_object(display):
        _display(display, found)
    _sections(sections, bookmark_type, found)
    if "sorting" in given:
        found.extend(sorting_findings(given["sorting"]))
    return found


def _display(display: Mapping[str, Any], found: Found) -> None:
    chart = display.get("chartType")
    if not is_word(chart, CHART_TYPES):
        path = "displayOptions" if chart is None else "displayOptions.chartType"
        found.append(bad_word("B5_INVALID_CHART_TYPE", path, chart, CHART_TYPES))


def _sections(sections: Mapping[str, Any], bookmark_type: str, found: Found) -> None:
    show = sections.get("show")
    if show is None:
        blame(found, "B3_MISSING_SHOW", "sections", "The sections need a list 'show'.")
    elif not isinstance(show, list) or not show:
        blame(found, "B4_SHOW_EMPTY", "sections.show", "'show' is a list of at least one metric.")
    else:
        for index, clause in enumerate(show):
            _show(clause, ("sections", ".show", index), bookmark_type, found)
    for index, clause in enumerate(listed(sections.get("time"))):
        time(clause, ("sections", ".time", index), found)
    for index, clause in enumerate(listed(sections.get("filter"))):
        filter_(clause, ("sections", ".filter", index), found)
    for index, clause in enumerate(listed(sections.get("group"))):
        group(clause, ("sections", ".group", index), found)


def _show(clause: Any, path: Place, bookmark_type: str, found: Found) -> None:
    given = clause if is_object(clause) else {}
    kind = given.get("type")
    if kind == "formula" or "formula" in given:
        _formula(given, path, bookmark_type, found)
    elif kind == "warehouse" and "id" not in given:
        blame(
            found,
            "B28_WAREHOUSE_MISSING_ID",
            written(path),
            "A warehouse metric is asked for by its id.",
        )
    elif given.get("id") is not None and "behavior" not in given:
        _reference(given, path, found)
    elif not is_object(given.get("behavior")):
        where = written(path) if given.get("behavior") is None else f"{written(path)}.behavior"
        blame(found, "B6_MISSING_BEHAVIOR", where, "A metric needs a behavior.")
    else:
        _metric(given, path, bookmark_type, found)


def _reference(clause: Mapping[str, Any], path: Place, found: Found) -> None:
    if not is_id(clause["id"]):
        blame(
            found,
            "B27_INVALID_REFERENCE_ID",
            f"{written(path)}.id",
            f"The id of a saved metric is a positive whole number, not {clause['id']!r}.",
        )


def _formula(clause: Mapping[str, Any], path: Place, bookmark_type: str, found: Found) -> None:
    if "id" in clause:
        _reference(clause, path, found)
    for index, operand in enumerate(listed(clause.get("referencedMetrics"))):
        where: Place = (path, ".referencedMetrics", index)
        if isinstance(operand, Mapping) and "id" in operand and "behavior" not in operand:
            if operand.get("type") is None:
                blame(
                    found,
                    "B29_OPERAND_MISSING_TYPE",
                    written(where),
                    "A saved operand needs its type.",
                )
            _reference(operand, where, found)
        else:
            _show(operand, where, bookmark_type, found)


def _metric(clause: Mapping[str, Any], path: Place, bookmark_type: str, found: Found) -> None:
    behavior = clause["behavior"]
    measurement = clause.get("measurement")
    measurement = measurement if is_object(measurement) else {}
    kind = behavior.get("type")
    if kind is not None and not is_word(kind, BEHAVIOR_TYPES):
        warn(
            found,
            "B7_INVALID_BEHAVIOR_TYPE",
            f"{written(path)}.behavior.type",
            kind,
            BEHAVIOR_TYPES,
        )
    if kind == "cohort":
        _cohort(behavior, measurement, path, found)
    elif _is_named(kind, behavior) and is_blank(behavior.get("name")):
        blame(found, "B8_MISSING_EVENT_NAME", f"{written(path)}.behavior", "The event has no name.")
    _math(measurement, kind, path, bookmark_type, found)
    _measurement(measurement, (path, ".measurement"), found)
    _behavior_filters(behavior, (path, ".behavior"), found)


def _is_named(kind: Any, behavior: Mapping[str, Any]) -> bool:
    return kind in ("event", "custom-event") or (kind == "simple" and "id" not in behavior)


def _cohort(
    behavior: Mapping[str, Any], measurement: Mapping[str, Any], path: Place, found: Found
) -> None:
    where = f"{written(path)}.behavior"
    if behavior.get("id") is not None:
        if not is_id(behavior["id"]):
            blame(
                found,
                "B22_COHORT_BEHAVIOR_ID",
                f"{where}.id",
                f"A cohort id is a positive whole number, not {behavior['id']!r}.",
            )
    elif behavior.get("raw_cohort") is None:
        blame(
            found, "B22_COHORT_MISSING_IDENTIFIER", where, "The cohort needs an id or a definition."
        )
    if behavior.get("resourceType") not in (None, "cohorts"):
        blame(
            found,
            "B23_COHORT_RESOURCE_TYPE",
            f"{where}.resourceType",
            f"The resource type of a cohort is 'cohorts', not {behavior['resourceType']!r}.",
        )
    if measurement.get("math") not in (None, "unique"):
        blame(
            found,
            "B24_COHORT_MATH",
            f"{written(path)}.measurement.math",
            f"A cohort is counted with 'unique', not {measurement['math']!r}.",
        )


def _math(
    measurement: Mapping[str, Any], kind: Any, path: Place, bookmark_type: str, found: Found
) -> None:
    word = measurement.get("math")
    if word is None:
        return
    report = kind if kind in ("funnel", "retention") else _MATH_KINDS.get(bookmark_type, "insights")
    legal = MATHS[report]
    if not (isinstance(word, str) and word in legal):
        found.append(
            bad_word("B9_INVALID_MATH", f"{written(path)}.measurement.math", word, sorted(legal))
        )
    if isinstance(word, str) and word in NEEDS_PROPERTY and measurement.get("property") is None:
        found.append(
            ValidationError(
                f"{written(path)}.measurement.property",
                f"math {word!r} needs a property.",
                "B10_MATH_MISSING_PROPERTY",
                "warning",
            )
        )


def _measurement(measurement: Mapping[str, Any], path: Place, found: Found) -> None:
    per_user = measurement.get("perUserAggregation")
    if per_user is not None and not is_word(per_user, PER_USER):
        found.append(
            bad_word(
                "B11_INVALID_PER_USER",
                f"{written(path)}.perUserAggregation",
                per_user,
                PER_USER_AGGREGATIONS,
            )
        )
    prop = measurement.get("property")
    if not is_object(prop):
        return
    resource(prop, (path, ".property"), found)
    kind = prop.get("type")
    if kind is not None and not is_word(kind, PROPERTY_TYPES):
        warn(
            found,
            "B17_INVALID_PROPERTY_TYPE",
            f"{written(path)}.property.type",
            kind,
            PROPERTY_TYPES,
        )


def _behavior_filters(behavior: Mapping[str, Any], path: Place, found: Found) -> None:
    determiner = behavior.get("filtersDeterminer")
    if determiner is not None and not is_word(determiner, COMBINATORS):
        warn(
            found,
            "B19_INVALID_FILTERS_DETERMINER",
            f"{written(path)}.filtersDeterminer",
            determiner,
            COMBINATORS,
        )
    for index, clause in enumerate(listed(behavior.get("filters"))):
        filter_(clause, (path, ".filters", index), found)
    for index, inner in enumerate(listed(behavior.get("behaviors"))):
        if isinstance(inner, Mapping):
            _behavior_filters(inner, (path, ".behaviors", index), found)
