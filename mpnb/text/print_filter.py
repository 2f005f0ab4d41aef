"""Filters, properties, cohorts and breakdowns → text: parts enter, clauses leave.

The surprise: a filter is written with its usual word only when that reads back as the same filter;
whatever else the constructor allows is written as `operator "…" value …`, so nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mpnb.errors import NotSupportedError
from mpnb.query.breakdown import Breakdown, CohortBreakdown, FrequencyBreakdown, GroupBy
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertySpec
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.text.value import date, is_date, json_text, literal, name, number, string
from mpnb.text.words import DATED, OPERATORS, TIMES, UNITS, Operator

_TIMES = {operator: phrase for phrase, operator in TIMES.items()}


def unsayable(what: str) -> NotSupportedError:
    """Return the error for a part that the cell language has no words for."""
    return NotSupportedError(
        f"{what} cannot be said in a cell. Ask in Python, or change the question."
    )


# --- properties ---------------------------------------------------------------------------------


def property_text(prop: PropertySpec, resource: str = "events") -> str:
    """Return a property: a name, `user.` before one of a profile, or a custom property."""
    prefix = "user." if resource == "people" else ""
    if isinstance(prop, CustomPropertyRef):
        return f"{prefix}custom property {prop.id}"
    if isinstance(prop, InlineCustomProperty):
        return prefix + _computed(prop)
    return prefix + name(prop)


def _computed(prop: InlineCustomProperty) -> str:
    owner = "user " if prop.resource_type == "people" else ""
    parts = [string(prop.formula) + (f" as {prop.property_type}" if prop.property_type else "")]
    for letter, source in prop.inputs.items():
        if not letter.isidentifier():
            raise unsayable(f"The input {letter!r} of a computed property")
        user = "user." if source.resource_type == "user" else ""
        kind = "" if source.type == "string" else f" as {source.type}"
        parts.append(f"{letter} = {user}{name(source.name)}{kind}")
    return f"custom {owner}property ({', '.join(parts)})"


# --- filters ------------------------------------------------------------------------------------


def filters_text(filters: Sequence[Any] | None, combinator: str = "all") -> str:
    """Return ` where …` for the conditions on one event; nothing when there are none."""
    if filters is None:
        return "" if combinator == "all" else " where any"
    texts = [filter_text(item) for item in filters]
    if combinator == "any":
        return " where " + (" or ".join(texts) if len(texts) > 1 else f"any ({''.join(texts)})")
    return " where " + (" and ".join(texts) or "()")


def filter_text(item: Filter | FrequencyFilter) -> str:
    """Return one condition."""
    if isinstance(item, FrequencyFilter):
        return _frequency(item)
    if item._operator == "list_contains":
        return _list_item(item)
    return _cohort_filter(item) or _property_filter(item)


def _property_filter(item: Filter) -> str:
    prop = property_text(item._property, item._resource_type)
    for text, implied in _tests(item):
        kind = "" if item._property_type == implied else f" as {item._property_type}"
        return f"{prop}{kind} {text}"
    kind = "" if item._property_type == "string" else f" as {item._property_type}"
    value = "" if item._value is None else f" value {json_text(item._value)}"
    unit = "" if item._date_unit is None else f" unit {string(item._date_unit)}"
    return f"{prop}{kind} operator {string(item._operator)}{value}{unit}"


def _tests(item: Filter) -> Iterator[tuple[str, str]]:
    """Yield the ways to write operator and value, each with the type that it implies."""
    for row in OPERATORS:
        if row.wire != item._operator:
            continue
        if row.shape != "relative" and item._date_unit is not None:
            continue
        text = _test(row, item._value, item._date_unit)
        if text is not None:
            one_bool = row.text in ("=", "!=") and isinstance(item._value[0], bool)
            yield text, "boolean" if one_bool else row.implied


def _test(row: Operator, value: Any, unit: str | None) -> str | None:
    """Return an operator with its value, or None when the value does not fit the operator."""
    match row.shape:
        case "state":
            return row.text if value is None else None
        case "relative":
            fits = type(value) is int and unit in UNITS
            return f"{row.text} {_count(value, unit)}" if fits else None
        case "list":
            fits = isinstance(value, list) and len(value) != 1 and all(map(_is_scalar, value))
            return f"{row.text} ({', '.join(map(literal, value))})" if fits else None
        case "range":
            return _range(row, value)
    if row.text in ("=", "!="):
        fits = isinstance(value, list) and len(value) == 1 and _is_scalar(value[0])
        return f"{row.text} {literal(value[0])}" if fits else None
    if not _is_scalar(value) or (row.implied == "number" and is_date(value)):
        return None
    dated = row.implied == "datetime" and is_date(value)
    return f"{row.text} {date(value) if dated else literal(value)}"


def _range(row: Operator, value: Any) -> str | None:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_scalar, value)):
        return None
    dated = any(map(is_date, value))
    if dated != (row.wire == DATED[row.text]):
        return None
    low, high = (date(item) if is_date(item) else literal(item) for item in value)
    return f"{row.text} {low} and {high}"


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _count(count: int, unit: str | None) -> str:
    return f"{count} {unit}" + ("" if count == 1 else "s")


def _list_item(item: Filter) -> str:
    if item._value is not None or item._date_unit is not None or not item._list_item_filters:
        raise unsayable("A list_contains filter with a value of its own")
    kind = "" if item._property_type == "object" else f" as {item._property_type}"
    items = " and ".join(filter_text(inner) for inner in item._list_item_filters)
    prop = property_text(item._property, item._resource_type)
    return f"{prop}{kind} has {item._list_item_quantifier} ({items})"


def _cohort_filter(item: Filter) -> str | None:
    """Return membership in a cohort, or None when the filter is another one."""
    value = item._value
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        return None
    member = value[0].get("cohort")
    if not isinstance(member, dict):
        return None
    cohort, label = member.get("id", member.get("raw_cohort")), member.get("name")
    negated = item._operator == "does not contain"
    make = Filter.not_in_cohort if negated else Filter.in_cohort
    if not isinstance(cohort, int | CohortDefinition) or make(cohort, label or None) != item:
        return None
    return f"{'not ' if negated else ''}in cohort {cohort_text(cohort)}{label_text(label or None)}"


def label_text(label: str | None) -> str:
    """Return ` as "label"`, nothing without a label."""
    return "" if label is None else f" as {string(label)}"


def _frequency(item: FrequencyFilter) -> str:
    where = "" if item.event_filters is None else f" where {_bracketed(item.event_filters)}"
    text = f"did {string(item.event)}{where} {_TIMES[item.operator]} {number(item.value)} times"
    if item.date_range_value is not None:
        text += f" in the last {_count(item.date_range_value, item.date_range_unit)}"
    return text + label_text(item.label)


def _bracketed(filters: Sequence[Filter]) -> str:
    return "(" + " and ".join(filter_text(item) for item in filters) + ")"


# --- cohorts ------------------------------------------------------------------------------------


def cohort_text(cohort: int | CohortDefinition) -> str:
    """Return a cohort by its id, or its definition."""
    return str(cohort) if isinstance(cohort, int) else definition_text(cohort)


def definition_text(cohort: CohortDefinition) -> str:
    """Return a cohort's definition in parentheses."""
    parts = [
        definition_text(item) if isinstance(item, CohortDefinition) else _criterion(item)
        for item in cohort._criteria
    ]
    if cohort._operator == "or" and len(parts) == 1:
        return f"any ({parts[0]})"
    return "(" + f" {cohort._operator} ".join(parts) + ")"


def _criterion(item: CohortCriteria) -> str:
    factory, call = item.made_by or ("", {})
    text = None
    if factory == "did_event":
        text = _did(call)
    elif factory == "did_not_do_event":
        text = f"did not {string(call['event'])} {_when(call)}"
    elif factory == "has_property":
        text = _has_property(call)
    elif factory in ("in_cohort", "not_in_cohort"):
        text = f"{factory.replace('_', ' ')} {call['cohort_id']}"
    return text or _raw_criterion(item)


def _raw_criterion(item: CohortCriteria) -> str:
    raw = {"selector": item._selector_node, "key": item._behavior_key, "behavior": item._behavior}
    return "criterion " + json_text({key: part for key, part in raw.items() if part is not None})


def _did(call: Any) -> str:
    text = f"did {string(call['event'])}"
    where = call.get("where")
    if where is not None:
        text += " where " + _bracketed([where] if isinstance(where, Filter) else where)
    summed = call.get("aggregation") is not None
    if summed:
        text += f" with {call['aggregation']} {name(call['aggregation_property'])}"
    for key, phrase in (("at_least", "at least"), ("at_most", "at most"), ("exactly", "exactly")):
        if call.get(key) is not None:
            text += f" {phrase} {number(call[key])}" + ("" if summed else " times")
    return f"{text} {_when(call)}"


def _when(call: Any) -> str:
    for unit in ("day", "week", "month"):
        if call.get(f"within_{unit}s") is not None:
            return f"within {_count(call[f'within_{unit}s'], unit)}"
    return f"from {date(call['from_date'])} to {date(call['to_date'])}"


_OPERATORS = {
    "equals": "=",
    "not_equals": "!=",
    "contains": "contains",
    "not_contains": "does not contain",
    "greater_than": ">",
    "less_than": "<",
    "is_set": "is set",
    "is_not_set": "is not set",
}


def _has_property(call: Any) -> str | None:
    text, value = _OPERATORS[call.get("operator", "equals")], call["value"]
    listed = isinstance(value, list | tuple)
    if listed and text in ("=", "!="):
        text = {"=": "in", "!=": "not in"}[text]
    implied = next(row.implied for row in OPERATORS if row.text == text)
    if text in ("=", "!=") and isinstance(value, bool):
        implied = "boolean"
    if text.startswith("is "):
        test = text if value == "" else None
    elif listed:
        several = text in ("in", "not in")  # the other operators take one value in a cell
        test = f"{text} ({', '.join(map(literal, value))})" if several else None
    else:
        dated = implied == "number" and is_date(value)
        test = None if dated else f"{text} {literal(value)}"
    kind = call.get("property_type", "string")
    typed = "" if kind == implied else f" as {kind}"
    return None if test is None else f"{name(call['property'])}{typed} {test}"


# --- breakdowns ---------------------------------------------------------------------------------


def breakdown_text(item: Breakdown) -> str:
    """Return one breakdown."""
    if isinstance(item, CohortBreakdown):
        only = "" if item.include_negated else " only"
        return f"cohort {cohort_text(item.cohort)}{label_text(item.name)}{only}"
    if isinstance(item, FrequencyBreakdown):
        sizes = (item.bucket_size, item.bucket_min, item.bucket_max)
        buckets = "" if sizes == (1, 0, 10) else _buckets(*sizes)
        return f"frequency of {string(item.event)}{buckets}{label_text(item.label)}"
    return _property_breakdown(item)


def _property_breakdown(item: GroupBy) -> str:
    size = item.bucket_size
    if size is None and (item.bucket_min is not None or item.bucket_max is not None):
        raise unsayable("Bounds of buckets without a bucket size")
    implied = "string" if size is None else "number"
    kind = "" if item.property_type == implied else f" as {item.property_type}"
    mode = item._list_item_mode
    if mode is not None:
        sub = "" if mode.sub_type == "string" else f" as {mode.sub_type}"
        kind += f" item {name(mode.sub)}{sub}"
    buckets = "" if size is None else _buckets(size, item.bucket_min, item.bucket_max)
    return f"{property_text(item.property, item.resource_type)}{kind}{buckets}"


def _buckets(size: Any, low: Any, high: Any) -> str:
    text = f" in buckets of {number(size)}"
    text += "" if low is None else f" from {number(low)}"
    return text + ("" if high is None else f" to {number(high)}")
