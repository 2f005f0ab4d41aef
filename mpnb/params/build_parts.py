"""Clauses that kinds of report share: filters, breakdowns, times, measured properties.

Enter parts of a question, leave fresh JSON objects. The surprise: one inline custom property is
written in three ways (filter, breakdown, measurement), each as the server expects it there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from mpnb.query.breakdown import (
    Breakdown,
    CohortBreakdown,
    FrequencyBreakdown,
    GroupBy,
    is_bucketed,
    value_type,
)
from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertySpec
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.operators import COHORTS
from mpnb.query.window import TimeComparison, TimeRange

Clause = dict[str, Any]

DATASET = "$mixpanel"


def filters(items: Iterable[Filter | FrequencyFilter] | None) -> list[Clause]:
    """Write filters as a list of clauses."""
    return [filter_clause(item) for item in items] if items else []


def filter_clause(item: Filter | FrequencyFilter) -> Clause:
    """Write one filter."""
    if isinstance(item, FrequencyFilter):
        return _frequency_filter(item)
    if item._operator == "list_contains":
        return _list_filter(item)
    prop = item._property
    if isinstance(prop, str):
        kind = item._property_type
        clause: Clause = {
            "resourceType": item._resource_type,
            "filterType": kind,
            "defaultType": kind,
            "filterValue": _filter_value(item),
            "filterOperator": item._operator,
            "value": prop,
        }
    else:
        clause = _custom_filter(item, prop)
    if item._date_unit is not None:
        clause["filterDateUnit"] = item._date_unit
    return clause


def _filter_value(item: Filter) -> Any:
    value = item._value
    if not isinstance(value, list):
        return value
    return cohort_values(value) if item._property == COHORTS else value[:]


def cohort_values(values: list[Any]) -> list[Any]:
    """Write the members of a cohort filter, definitions as their JSON."""
    return [_cohort_value(value) for value in values]


def _cohort_value(value: Any) -> Any:
    member = value.get("cohort") if isinstance(value, dict) else None
    if not isinstance(member, dict):
        return value
    definition = member.get("raw_cohort")
    if not isinstance(definition, CohortDefinition):
        return {**value, "cohort": dict(member)}
    return {**value, "cohort": {**member, "raw_cohort": definition.to_clause()}}


def _custom_filter(item: Filter, prop: CustomPropertyRef | InlineCustomProperty) -> Clause:
    kind = item.value_type
    clause: Clause = {
        "resourceType": item._resource_type,
        "filterType": kind,
        "defaultType": kind,
        "filterValue": _filter_value(item),
        "filterOperator": item._operator,
        "dataset": DATASET,
    }
    if isinstance(prop, CustomPropertyRef):
        clause["customPropertyId"] = prop.id
    else:
        clause["resourceType"] = prop.resource_type
        clause["customProperty"] = custom_property(prop, kind)
    return clause


def custom_property(prop: InlineCustomProperty, kind: str | None) -> Clause:
    """Write a formula and its inputs; `kind` is the type of its result, None leaves it out."""
    clause: Clause = {
        "displayFormula": prop.formula,
        "composedProperties": {
            letter: {"value": item.name, "type": item.type, "resourceType": item.resource_type}
            for letter, item in prop.inputs.items()
        },
        "name": "",
        "description": "",
        "resourceType": prop.resource_type,
    }
    if kind is not None:
        clause["propertyType"] = kind
    return clause


def _list_filter(item: Filter) -> Clause:
    return {
        "dataset": DATASET,
        "value": item._property,
        "resourceType": item._resource_type,
        "filterType": item._property_type,
        "defaultType": item._property_type,
        "filterJoinType": "list",
        "listQuantifier": item._list_item_quantifier,
        "listItemFilters": [
            {**filter_clause(inner), "dataset": DATASET} for inner in item._list_item_filters or ()
        ],
        "filterOperator": "true",
        "filterValue": True,
    }


def _frequency_filter(item: FrequencyFilter) -> Clause:
    return {
        "dataset": DATASET,
        "resourceType": "people",
        "profileType": None,
        "search": "",
        "dataGroupId": None,
        "behavior": {
            **_frequency(item.event),
            "dateRange": _frequency_range(item),
            "filters": filters(item.event_filters),
        },
        "filterType": "number",
        "defaultType": "number",
        "filterOperator": item.operator,
        "filterValue": item.value,
        "propertyObjectKey": None,
        "value": frequency_label(item.event) if item.label is None else item.label,
    }


def _frequency(event: str) -> Clause:
    return {
        "aggregationOperator": "total",
        "behaviorType": "$frequency",
        "event": {"label": event, "value": event},
        "filtersOperator": "and",
    }


def frequency_label(event: str) -> str:
    """Return the name that a frequency has when none is given."""
    return f"{event} Frequency"


def _frequency_range(item: FrequencyFilter) -> Clause | None:
    if item.date_range_value is None:
        return None
    unit = item.date_range_unit
    window = {"unit": unit, "value": item.date_range_value}
    return {"type": "in the last", "unit": unit, "window": window}


def groups(items: Iterable[Breakdown], data_group: str | None) -> list[Clause]:
    """Write breakdowns; `data_group` is the id of the data group as text."""
    return [_group(item, data_group) for item in items]


def _group(item: Breakdown, data_group: str | None) -> Clause:
    if isinstance(item, CohortBreakdown):
        return _cohort_group(item, data_group)
    if isinstance(item, FrequencyBreakdown):
        return _frequency_group(item, data_group)
    if item._list_item_mode is not None:
        return _list_item_group(item)
    clause = _property_group(item, data_group)
    if is_bucketed(item):
        bounds = (
            ("bucketSize", item.bucket_size),
            ("min", item.bucket_min),
            ("max", item.bucket_max),
        )
        clause["customBucket"] = {key: value for key, value in bounds if value is not None}
    return clause


def _property_group(item: GroupBy, data_group: str | None) -> Clause:
    prop = item.property
    if isinstance(prop, str):
        return {
            "value": prop,
            "propertyName": prop,
            "resourceType": item.resource_type,
            "propertyType": item.property_type,
            "propertyDefaultType": item.property_type,
        }
    kind = value_type(item)
    clause: Clause = {
        "value": None,
        "resourceType": item.resource_type,
        "profileType": None,
        "search": "",
        "dataGroupId": data_group,
        "dataset": DATASET,
        "propertyType": kind,
        "typeCast": None,
        "unit": None,
        "isHidden": False,
    }
    if isinstance(prop, CustomPropertyRef):
        clause["customPropertyId"] = prop.id
    else:
        clause["resourceType"] = prop.resource_type
        clause["customProperty"] = custom_property(prop, kind)
    return clause


def _list_item_group(item: GroupBy) -> Clause:
    mode = item._list_item_mode
    assert mode is not None
    return {
        "dataset": DATASET,
        "value": item.property,
        "resourceType": item.resource_type,
        "joinPropertyType": "list",
        "propertyType": "object",
        "listItemGroup": {
            "resourceType": "user" if item.resource_type == "people" else "event",
            "propertyName": mode.sub,
            "propertyDefaultType": mode.sub_type,
            "propertyType": mode.sub_type,
        },
    }


def cohort_label(cohort: int | CohortDefinition, name: str | None) -> str:
    """Return the name that a cohort is shown under."""
    if name:
        return name
    return f"Cohort {cohort}" if isinstance(cohort, int) else "Cohort"


def _cohort_group(item: CohortBreakdown, data_group: str | None) -> Clause:
    label = cohort_label(item.cohort, item.name)
    sides = (False, True) if item.include_negated else (False,)
    return {
        "value": [f"Not In {label}" if negated else label for negated in sides],
        "resourceType": "events",
        "profileType": None,
        "search": "",
        "dataGroupId": data_group,
        "propertyType": None,
        "typeCast": None,
        "cohorts": [_cohort_side(item, label, negated, data_group) for negated in sides],
        "isHidden": False,
    }


def _cohort_side(
    item: CohortBreakdown, label: str, negated: bool, data_group: str | None
) -> Clause:
    clause: Clause = {"name": label, "negated": negated, "data_group_id": data_group}
    if isinstance(item.cohort, CohortDefinition):
        clause["raw_cohort"] = item.cohort.to_clause()
    else:
        clause["id"] = item.cohort
        clause["groups"] = []
    return clause


def _frequency_group(item: FrequencyBreakdown, data_group: str | None) -> Clause:
    return {
        "dataset": DATASET,
        "behavior": {**_frequency(item.event), "filters": [], "dateRange": None},
        "value": frequency_label(item.event) if item.label is None else item.label,
        "resourceType": "people",
        "propertyType": "number",
        "dataGroupId": data_group,
        "customBucket": {
            "bucketSize": item.bucket_size,
            "min": item.bucket_min,
            "max": item.bucket_max,
            "disabled": False,
        },
    }


def time(window: TimeRange, unit: str, today: date | None) -> list[Clause]:
    """Write a range; an open end becomes `today`, by default the system's date."""
    if window.from_date is None:
        return [
            {
                "dateRangeType": "in the last",
                "unit": unit,
                "window": {"unit": "day", "value": window.last},
            }
        ]
    return [
        {"dateRangeType": "between", "unit": unit, "value": [window.from_date, end(window, today)]}
    ]


def end(window: TimeRange, today: date | None) -> str:
    """Return the last day of a range that has a first day."""
    return window.to_date or (today or date.today()).isoformat()


def comparison(item: TimeComparison) -> Clause:
    """Write a comparison with another period."""
    return {"type": item.type, "value": item.unit if item.type == "relative" else item.date}


def measured(prop: PropertySpec) -> Clause:
    """Write the property of a measurement."""
    if isinstance(prop, str):
        return {"name": prop, "resourceType": "events"}
    if isinstance(prop, CustomPropertyRef):
        return {"customPropertyId": prop.id, "name": "", "resourceType": "events"}
    return {
        "customProperty": custom_property(prop, prop.property_type),
        "name": "",
        "resourceType": prop.resource_type,
        "dataset": DATASET,
        "dataGroupId": None,
    }


def data_group(identifier: int | None) -> str | None:
    """Return the id of a data group as the sections spell it."""
    return None if identifier is None else str(identifier)
