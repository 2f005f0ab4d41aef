"""Clauses of a bookmark → parts of a question: properties, filters, breakdowns, time.

In: one JSON clause. Out: the part that builds it. A clause that the vocabulary cannot say raises
``Unreadable`` and is left out by ``each``; the caller finds it again as a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_args

from mpnb.errors import MixpanelHeadlessError
from mpnb.params.read_cohort import Unreadable, definition
from mpnb.query.breakdown import Breakdown, CohortBreakdown, GroupBy
from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import (
    CustomPropertyRef,
    InlineCustomProperty,
    PropertyInput,
    PropertySpec,
)
from mpnb.query.filter import Filter
from mpnb.query.frequency import FrequencyBreakdown, FrequencyFilter
from mpnb.query.window import TimeComparison, TimeRange
from mpnb.query.words import (
    CustomPropertyType,
    FilterDateUnit,
    FilterOperatorInput,
    FilterPropertyType,
    InputType,
    ResourceType,
)

T = TypeVar("T")
Clause = Mapping[str, Any]

OPERATORS: dict[str, str] = {
    "is equal to": "equals",
    "is not equal to": "does not equal",
    "between": "is between",
    "is greater than or equal to": "is at least",
    "is less than or equal to": "is at most",
    "in the last": "was in the",
    "not in the last": "was not in the",
    "in the next": "was in the next",
    "on": "was on",
    "not on": "was not on",
    "before": "was before",
    "since": "was since",
}
"""Spellings of operators in saved reports → the spelling that is built."""

_RESOURCES = {"event": "events", "user": "people"}


def get(clause: Clause, key: str, kind: type[T], default: Any = None) -> Any:
    """Return ``clause[key]`` when it has exactly that type, else ``default``."""
    value = clause.get(key)
    return value if type(value) is kind else default


def word(clause: Clause, key: str, legal: Any, default: Any = None) -> Any:
    """Return ``clause[key]`` when it is a word of the ``Literal`` type, else ``default``."""
    value = clause.get(key)
    return value if isinstance(value, str) and value in get_args(legal) else default


def section(clause: Clause, key: str) -> Clause:
    """Return the object under ``key``; an empty one when there is none."""
    value = clause.get(key)
    return value if isinstance(value, Mapping) else {}


def items(clause: Clause, key: str) -> list[Clause]:
    """Return the objects in the list under ``key``; an empty list when there is none."""
    value = clause.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def each(clauses: list[Clause], read: Callable[[Clause], T]) -> tuple[T, ...]:
    """Read what can be read, in order; the rest is left for the extras."""
    found = []
    for clause in clauses:
        try:
            found.append(read(clause))
        except (Unreadable, MixpanelHeadlessError):
            continue
    return tuple(found)


def property_spec(clause: Clause, *names: str) -> PropertySpec:
    """Read a property: custom, saved or inline, or the first of ``names`` that is text."""
    saved = get(clause, "customPropertyId", int)
    if saved is not None:
        return CustomPropertyRef(saved)
    if isinstance(clause.get("customProperty"), Mapping):
        return _inline(clause["customProperty"])
    for name in names:
        if isinstance(clause.get(name), str) and clause[name]:
            return str(clause[name])
    raise Unreadable("no property")


def _inline(clause: Clause) -> InlineCustomProperty:
    inputs = section(clause, "composedProperties")
    return InlineCustomProperty(
        get(clause, "displayFormula", str, ""),
        {letter: _input(value) for letter, value in inputs.items()},
        word(clause, "propertyType", CustomPropertyType),
        word(clause, "resourceType", ResourceType, "events"),
    )


def _input(clause: Any) -> PropertyInput:
    if not isinstance(clause, Mapping) or not isinstance(clause.get("value"), str):
        raise Unreadable("input of a custom property")
    resource = get(clause, "resourceType", str, "event")
    kind = word(clause, "type", InputType, "string")
    return PropertyInput(
        clause["value"], kind, "user" if resource in ("user", "people") else "event"
    )


def filters(clauses: list[Clause]) -> tuple[Filter, ...]:
    """Read property and cohort filters."""
    return each(clauses, property_filter)


def any_filters(clauses: list[Clause]) -> tuple[Filter | FrequencyFilter, ...]:
    """Read property, cohort and frequency filters."""
    return each(clauses, any_filter)


def any_filter(clause: Clause) -> Filter | FrequencyFilter:
    """Read one filter of ``sections.filter``."""
    if section(clause, "behavior").get("behaviorType") == "$frequency":
        return _frequency_filter(clause)
    return property_filter(clause)


def property_filter(clause: Clause) -> Filter:
    """Read a filter on an event, profile or custom property, on list items, or on a cohort."""
    if "listItemFilters" in clause:
        return _list_filter(clause)
    spec = property_spec(clause, "value", "propertyName")
    operator = get(clause, "filterOperator", str)
    kind = word(clause, "filterType", FilterPropertyType)
    if operator is None or kind is None or clause.get("filterValue") == []:
        raise Unreadable("filter without operator, type or value")
    if spec == "$cohorts":
        cohort = _cohort_filter(clause, operator)
        if cohort is not None:
            return cohort
    inline = isinstance(spec, InlineCustomProperty)
    return Filter(
        spec,
        cast("FilterOperatorInput", OPERATORS.get(operator, operator)),
        clause.get("filterValue"),
        kind,
        "events" if inline else resource(clause),  # type: ignore[arg-type]  # the part checks its words
        word(clause, "filterDateUnit", FilterDateUnit),
    )


def resource(clause: Clause) -> str:
    """Return whose property a clause means: ``"events"`` or ``"people"``."""
    spelled: str = get(clause, "resourceType", str, "events")
    return _RESOURCES.get(spelled, spelled)


def _list_filter(clause: Clause) -> Filter:
    conditions = items(clause, "listItemFilters")
    inner = filters(conditions)
    if not inner or len(inner) != len(conditions):
        raise Unreadable("list item filter")
    quantifier = get(clause, "listQuantifier", str)
    name = clause.get("value", clause.get("propertyName"))
    if not isinstance(name, str) or quantifier not in ("any", "all"):
        raise Unreadable("list filter")
    whose = resource(clause)
    return Filter.list_contains(name, *inner, quantifier=quantifier, resource_type=whose)  # type: ignore[arg-type]  # the part checks its words


def _cohort_filter(clause: Clause, operator: str) -> Filter | None:
    """Read a filter on one cohort; None when it is a filter on ``$cohorts`` of another form."""
    value = clause.get("filterValue")
    if not (isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping)):
        return None
    member = section(value[0], "cohort")
    negated = member.get("negated")
    if (operator, negated) == ("contains", False):
        return Filter.in_cohort(cohort(member), get(member, "name", str) or None)
    if (operator, negated) == ("does not contain", True):
        return Filter.not_in_cohort(cohort(member), get(member, "name", str) or None)
    return None


def cohort(member: Clause) -> int | CohortDefinition:
    """Read which cohort is meant: the id of a saved one, or a definition."""
    saved = get(member, "id", int)
    if saved is not None:
        return int(saved)
    return definition(section(member, "raw_cohort"), filters)


def _frequency_filter(clause: Clause) -> FrequencyFilter:
    behavior = section(clause, "behavior")
    event = section(behavior, "event").get("value")
    value, operator = clause.get("filterValue"), clause.get("filterOperator")
    if not isinstance(event, str) or isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable("frequency filter")
    window = section(section(behavior, "dateRange"), "window")
    return FrequencyFilter(
        event,
        value,
        operator,  # type: ignore[arg-type]  # the part checks its words
        get(window, "value", int),
        get(window, "unit", str),
        filters(items(behavior, "filters")) or None,
        _label(clause, event),
    )


def _label(clause: Clause, event: str) -> str | None:
    label = get(clause, "value", str)
    return None if label == f"{event} Frequency" else label


def breakdown(clause: Clause) -> Breakdown:
    """Read one clause of ``sections.group``."""
    if "cohorts" in clause:
        return _cohort_breakdown(clause)
    if section(clause, "behavior").get("behaviorType") == "$frequency":
        return _frequency_breakdown(clause)
    bucket = section(clause, "customBucket")
    inner = section(clause, "listItemGroup")
    if inner:
        name, sub = clause.get("value"), inner.get("propertyName")
        if not isinstance(name, str) or not isinstance(sub, str):
            raise Unreadable("list item breakdown")
        kind = get(inner, "propertyType", str, "string")
        return GroupBy.list_item(name, sub, sub_type=kind, resource_type=resource(clause))  # type: ignore[arg-type]  # the part checks its words
    spec = property_spec(clause, "propertyName", "value")
    inline = isinstance(spec, InlineCustomProperty)
    return GroupBy(
        spec,
        get(clause, "propertyType", str, "string"),
        _number(bucket, "bucketSize"),
        _number(bucket, "min"),
        _number(bucket, "max"),
        resource_type="events" if inline else resource(clause),  # type: ignore[arg-type]  # the part checks its words
    )


def _number(clause: Clause, key: str) -> int | float | None:
    value = clause.get(key)
    return value if type(value) in (int, float) else None


def _cohort_breakdown(clause: Clause) -> CohortBreakdown:
    members = items(clause, "cohorts")
    if not members or len({repr(cohort(member)) for member in members}) > 1 or len(members) > 2:
        raise Unreadable("breakdown by several cohorts")
    name = get(members[0], "name", str) or None
    return CohortBreakdown(cohort(members[0]), name, include_negated=len(members) == 2)


def _frequency_breakdown(clause: Clause) -> FrequencyBreakdown:
    event = section(section(clause, "behavior"), "event").get("value")
    if not isinstance(event, str):
        raise Unreadable("frequency breakdown")
    bucket = section(clause, "customBucket")
    return FrequencyBreakdown(
        event,
        get(bucket, "bucketSize", int, 1),
        get(bucket, "min", int, 0),
        get(bucket, "max", int, 10),
        _label(clause, event),
    )


def breakdowns(clauses: list[Clause]) -> tuple[Breakdown, ...]:
    """Read the clauses of ``sections.group``."""
    return each(clauses, breakdown)


def time_range(clause: Clause) -> TimeRange:
    """Read a clause of ``sections.time``; what it cannot say stays at the default."""
    kind, value = clause.get("dateRangeType"), clause.get("value")
    if kind == "between" and isinstance(value, list) and [type(v) for v in value] == [str, str]:
        return TimeRange(from_date=value[0], to_date=value[1])
    if kind == "on" and isinstance(value, str):
        return TimeRange(from_date=value, to_date=value)
    if kind == "since" and isinstance(value, str):
        return TimeRange(from_date=value)
    window = section(clause, "window")
    if window.get("unit") == "day":
        return TimeRange(get(window, "value", int, 30))
    return TimeRange()


def time_comparison(display: Clause) -> TimeComparison | None:
    """Read ``displayOptions.timeComparison``."""
    clause = section(display, "timeComparison")
    kind, value = clause.get("type"), get(clause, "value", str)
    if value is None:
        return None
    try:
        if kind == "relative":
            return TimeComparison.relative(value)
        if kind == "absolute-start":
            return TimeComparison.absolute_start(value)
        if kind == "absolute-end":
            return TimeComparison.absolute_end(value)
    except MixpanelHeadlessError:
        pass
    return None
