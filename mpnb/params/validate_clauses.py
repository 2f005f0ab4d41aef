"""Rules of single clauses of bookmark params (filters, times, breakdowns), and of their findings.

Enters a clause and its place, leaves findings in a list. The surprise: a place is a chain of keys
that is written out only when there is something to say of it, since params are nearly always right.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, TypeGuard

from mpnb.errors import ValidationError
from mpnb.params.known import (
    DATE_RANGE_TYPES,
    OPERATORS,
    PROPERTY_TYPES,
    RESOURCE_TYPES,
    TIME_UNITS,
)
from mpnb.query.check import bad_word, is_word
from mpnb.query.operators import COHORTS

FILTER_VALUES_MAX = 1000
_OTHER_NAMES = ("propertyName", "customPropertyId", "customProperty")
_MEMBERSHIPS = ("contains", "does not contain")
Found = list[ValidationError]
Place = tuple[Any, ...]
"""Where a clause stands: the place around it, the key there, and perhaps the index in its list.

It is written out only when there is something to say of it: params that are right, which nearly all
are, cost no texts.
"""


def written(place: Place) -> str:
    """Return the path of a place, as findings have it."""
    outer, key, *index = place
    before = written(outer) if isinstance(outer, tuple) else outer
    return f"{before}{key}" if not index else f"{before}{key}[{index[0]}]"


def is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether the value is a JSON object; dicts and texts are told without asking further."""
    return type(value) is dict or (type(value) is not str and isinstance(value, Mapping))


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def blame(found: Found, code: str, path: str, message: str) -> None:
    """Keep an error."""
    found.append(ValidationError(path, message, code))


def warn(found: Found, code: str, path: str, value: Any, legal: Collection[str]) -> None:
    """Keep a warning about a word that is not known here."""
    known = ", ".join(sorted(legal))
    found.append(
        ValidationError(path, f"{value!r} is not known here; known: {known}.", code, "warning")
    )


def is_id(value: Any) -> bool:
    """Whether the value can be the id of a saved thing."""
    return type(value) is int and value > 0


def time(clause: Any, path: Place, found: Found) -> None:
    """Check one time clause: B12, B13."""
    if not is_object(clause):
        blame(
            found, "B12_INVALID_TIME_UNIT", written(path), f"A time is an object, not {clause!r}."
        )
        return
    unit = clause.get("unit")
    if unit is not None and not is_word(unit, TIME_UNITS):
        found.append(bad_word("B12_INVALID_TIME_UNIT", f"{written(path)}.unit", unit, TIME_UNITS))
    kind = clause.get("dateRangeType")
    if kind is not None and not is_word(kind, DATE_RANGE_TYPES):
        warn(
            found,
            "B13_INVALID_DATE_RANGE_TYPE",
            f"{written(path)}.dateRangeType",
            kind,
            DATE_RANGE_TYPES,
        )


def filter_(clause: Any, path: Place, found: Found) -> None:
    """Check one filter and those inside it: B14 to B21, B25."""
    if not is_object(clause):
        blame(
            found,
            "B14_INVALID_FILTER_TYPE",
            written(path),
            f"A filter is an object, not {clause!r}.",
        )
        return
    kind, operator = clause.get("filterType"), clause.get("filterOperator")
    if kind is not None and not is_word(kind, PROPERTY_TYPES):
        found.append(
            bad_word("B14_INVALID_FILTER_TYPE", f"{written(path)}.filterType", kind, PROPERTY_TYPES)
        )
    if operator is not None and not is_word(operator, OPERATORS):
        warn(
            found,
            "B15_INVALID_FILTER_OPERATOR",
            f"{written(path)}.filterOperator",
            operator,
            OPERATORS,
        )
    resource(clause, path, found)
    _filter_property(clause, path, found)
    _filter_value(clause.get("filterValue"), (path, ".filterValue"), found)
    if _is_cohort_filter(clause) and clause.get("value") != COHORTS:
        blame(
            found,
            "B25_COHORT_FILTER_VALUE",
            f"{written(path)}.value",
            f"A cohort filter is on {COHORTS!r}.",
        )
    for index, inner in enumerate(listed(clause.get("listItemFilters"))):
        filter_(inner, (path, ".listItemFilters", index), found)


def resource(clause: Mapping[str, Any], path: Place, found: Found) -> None:
    """Check whose property a clause is about: B16."""
    resource = clause.get("resourceType")
    if resource is not None and not is_word(resource, RESOURCE_TYPES):
        warn(
            found,
            "B16_INVALID_RESOURCE_TYPE",
            f"{written(path)}.resourceType",
            resource,
            RESOURCE_TYPES,
        )


def _filter_property(clause: Mapping[str, Any], path: Place, found: Found) -> None:
    named = clause.get("value") or any(clause.get(key) not in (None, "") for key in _OTHER_NAMES)
    if not named:
        blame(found, "B18_MISSING_FILTER_PROPERTY", written(path), "The filter names no property.")
    elif "customPropertyId" in clause and not is_id(clause["customPropertyId"]):
        blame(
            found,
            "B18B_INVALID_CP_ID",
            f"{written(path)}.customPropertyId",
            "The id of a custom property is a positive whole number, "
            f"not {clause['customPropertyId']!r}.",
        )


def _filter_value(value: Any, path: Place, found: Found) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        blame(
            found,
            "B20B_FILTER_VALUE_NOT_FINITE",
            written(path),
            f"{value!r} cannot be compared with.",
        )
    if not isinstance(value, list):
        return
    if not value:
        blame(found, "B20_EMPTY_FILTER_VALUE", written(path), "The list of values is empty.")
    if len(value) > FILTER_VALUES_MAX:
        blame(
            found,
            "B21_FILTER_VALUE_TOO_MANY",
            written(path),
            f"At most {FILTER_VALUES_MAX} values, not {len(value)}; save them as a cohort.",
        )
    for index, item in enumerate(value):
        if isinstance(item, float) and not math.isfinite(item):
            blame(
                found,
                "B20B_FILTER_VALUE_NOT_FINITE",
                f"{written(path)}[{index}]",
                f"{item!r} cannot be compared with.",
            )


def _is_cohort_filter(clause: Mapping[str, Any]) -> bool:
    if clause.get("filterType") != "list" or clause.get("filterOperator") not in _MEMBERSHIPS:
        return False
    value = clause.get("filterValue")
    return isinstance(value, list) and bool(value) and is_object(value[0]) and "cohort" in value[0]


def group(clause: Any, path: Place, found: Found) -> None:
    """Check one breakdown: B16, B17, B26."""
    if not is_object(clause):
        blame(
            found,
            "B17_INVALID_PROPERTY_TYPE",
            written(path),
            f"A breakdown is an object, not {clause!r}.",
        )
        return
    kind = clause.get("propertyType")
    if kind is not None and not is_word(kind, PROPERTY_TYPES):
        warn(
            found,
            "B17_INVALID_PROPERTY_TYPE",
            f"{written(path)}.propertyType",
            kind,
            PROPERTY_TYPES,
        )
    resource(clause, path, found)
    if clause.get("cohorts") is not None and not listed(clause["cohorts"]):
        blame(
            found, "B26_EMPTY_COHORTS", f"{written(path)}.cohorts", "The breakdown names no cohort."
        )
