"""Parts of a question as fields, and fields as cell text: metrics, steps, conditions, breakdowns.

Enters a part of a question, leaves a *part* ``{"text": …, "fields": … or None}``; and the other way
round. The surprise: fields are offered only where they write the same text as the printer of the
language; whatever else the vocabulary can say stays text, which is edited as text and never lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mpnb.query.breakdown import Breakdown, GroupBy
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.metric import AnyMetric, Metric
from mpnb.query.step import FlowStep, FunnelStep, RetentionEvent
from mpnb.text.print_filter import breakdown_text, filter_text
from mpnb.text.print_metric import (
    flow_step_text,
    funnel_step_text,
    metric_text,
    retention_step_text,
)
from mpnb.text.value import is_date, literal, name, string
from mpnb.text.words import DATED, OPERATORS

Fields = dict[str, Any]
Part = dict[str, Any]
Scalar = (str, int, float)
SHAPES = {row.text: row.shape for row in reversed(OPERATORS)}
"""How an operator is written → what follows it."""
DATES = frozenset(row.text for row in OPERATORS if row.implied == "datetime") | set(DATED)
"""Operators after which a date stands bare."""
EMPTY: dict[str, Any] = {"value": "", "list": [], "range": ["", ""], "relative": [7, "day"]}


def part(text: str, fields: Fields | None) -> Part:
    """A part; fields that would write another text are left out."""
    return {"text": text, "fields": fields if fields and write(fields) == text else None}


def write(fields: Mapping[str, Any]) -> str:
    """The cell text of fields."""
    return _WRITERS[fields["is"]](fields)


def text_of(one: Part) -> str:
    """The cell text of a part."""
    return write(one["fields"]) if one["fields"] else str(one["text"])


def missing(fields: Mapping[str, Any]) -> str:
    """What a person still has to choose; "" where nothing is missing."""
    if "event" in fields and not fields["event"]:
        return "Choose an event."
    if fields["is"] in ("condition", "by") and not fields["property"]:
        return "Choose a property."
    if fields["is"] == "metric" and fields["property"] == "":
        return "Choose a property to measure."
    if fields["is"] == "condition" and "" in fields["values"] and fields["operator"] not in TEXTS:
        return "Give a value."
    if (
        fields["is"] == "condition"
        and SHAPES[fields["operator"]] == "list"
        and not fields["values"]
    ):
        return "Give a value."
    return ""


TEXTS = frozenset({"=", "!="})
"""Operators for which an empty text is a value too."""


# --- conditions -----------------------------------------------------------------------------------


def condition(item: Filter | FrequencyFilter) -> Part:
    """One condition."""
    text = filter_text(item)
    for fields in _readings(item):
        if write(fields) == text:
            return part(text, fields)
    return part(text, None)


def _readings(item: Any) -> Iterator[Fields]:
    if not isinstance(item, Filter) or not isinstance(item._property, str):
        return
    for row in OPERATORS:
        held = _held(row.shape, item._value, item._date_unit)
        if row.wire == item._operator and all(isinstance(one, Scalar) for one in held):
            yield {
                "is": "condition",
                "property": item._property,
                "people": item._resource_type == "people",
                "operator": row.text,
                "values": held,
            }


def _held(shape: str, value: Any, unit: str | None) -> list[Any]:
    """The values of a filter as a list."""
    if shape == "state":
        return []
    if shape == "relative":
        return [value, unit]
    return list(value) if isinstance(value, list) else [value]


def new_condition(property: str = "", people: bool = False) -> Part:
    """A condition to fill in."""
    return {
        "text": "",
        "fields": {
            "is": "condition", "property": property, "people": people, "operator": "=",
            "values": [""],
        },
    }  # fmt: skip


def _write_condition(fields: Mapping[str, Any]) -> str:
    prop = ("user." if fields["people"] else "") + name(fields["property"])
    operator, values = fields["operator"], fields["values"]
    shape = SHAPES[operator]
    if shape == "state":
        return f"{prop} {operator}"
    if shape == "relative":
        count, unit = [*values, 7, "day"][:2] if len(values) < 2 else values
        return f"{prop} {operator} {count} {unit}" + ("" if count == 1 else "s")
    written = [_value(value, operator) for value in values]
    if shape == "list":
        return f"{prop} {operator} ({', '.join(written)})"
    if shape == "range":
        return f"{prop} {operator} {' and '.join(written)}"
    return f"{prop} {operator} {written[0] if written else literal('')}"


def _value(value: Any, operator: str) -> str:
    if operator in DATES and is_date(value):
        return str(value)
    return literal(value)


def fit(values: Sequence[Any], operator: str) -> list[Any]:
    """Values kept for another operator, as far as it has room for them."""
    shape = SHAPES[operator]
    if shape == "state":
        return []
    if shape == "relative":
        return list(EMPTY["relative"])
    held = [value for value in values if value != ""]
    if shape == "range":
        return [*held, "", ""][:2]
    return held if shape == "list" else [*held, ""][:1]


# --- breakdowns -----------------------------------------------------------------------------------


def breakdown(item: Breakdown) -> Part:
    """One breakdown."""
    text = breakdown_text(item)
    if not isinstance(item, GroupBy) or not isinstance(item.property, str):
        return part(text, None)
    fields = {
        "is": "by",
        "property": item.property,
        "people": item.resource_type == "people",
        "type": item.property_type,
        "size": item.bucket_size,
        "min": item.bucket_min,
        "max": item.bucket_max,
    }
    return part(text, fields)


def new_breakdown(property: str = "", people: bool = False, type: str = "string") -> Part:
    """A breakdown to fill in."""
    fields = {"is": "by", "property": property, "people": people, "type": type}
    return {"text": "", "fields": {**fields, "size": None, "min": None, "max": None}}


def _write_breakdown(fields: Mapping[str, Any]) -> str:
    size = fields["size"]
    text = ("user." if fields["people"] else "") + name(fields["property"])
    if fields["type"] != ("string" if size is None else "number"):
        text += f" as {fields['type']}"
    if size is None:
        return text
    ends = (("of", size), ("from", fields["min"]), ("to", fields["max"]))
    return f"{text} in buckets" + "".join(f" {word} {n}" for word, n in ends if n is not None)


# --- metrics and steps ----------------------------------------------------------------------------


def metric(item: AnyMetric) -> Part:
    """One metric of an insights question; formulas and references stay text."""
    text = metric_text(item)
    if not isinstance(item, Metric) or not isinstance(item.event, str):
        return part(text, None)
    fields = {
        "is": "metric",
        "math": item.math,
        "property": item.property,
        "percentile": item.percentile_value,
        "event": item.event,
        "per_user": item.per_user,
        **_conditions(item.filters, item.filters_combinator),
    }
    return part(text, fields if item.property is None or isinstance(item.property, str) else None)


def new_metric(event: str = "") -> Part:
    """A metric to fill in."""
    fields = {"is": "metric", "math": "total", "property": None, "percentile": None, "event": event}
    return {"text": "", "fields": {**fields, "per_user": None, "where": [], "any": False}}


def _write_metric(fields: Mapping[str, Any]) -> str:
    head = "" if fields["math"] == "total" else f"{fields['math']} "
    if fields["property"] is not None:
        rank = f"{fields['percentile']} " if fields["math"] == "percentile" else ""
        head = f"{fields['math']} {rank}{name(fields['property'])} of "
    per_user = f" per user {fields['per_user']}" if fields["per_user"] else ""
    return f"{head}{string(fields['event'])}{per_user}{_write_conditions(fields)}"


def step(item: FunnelStep | RetentionEvent | FlowStep) -> Part:
    """One step of a funnel, event of a retention or anchor of a flow."""
    writer: Any = {
        FunnelStep: funnel_step_text,
        RetentionEvent: retention_step_text,
        FlowStep: flow_step_text,
    }[type(item)]
    fields = {
        "is": "step",
        "event": item.event,
        "label": getattr(item, "label", None),
        **_conditions(item.filters, item.filters_combinator),
    }
    return part(writer(item), fields)


def new_step(event: str = "") -> Part:
    """A step to fill in."""
    fields: Fields = {"is": "step", "event": event, "label": None, "where": [], "any": False}
    return {"text": "", "fields": fields}


def _write_step(fields: Mapping[str, Any]) -> str:
    label = f" as {string(fields['label'])}" if fields["label"] else ""
    return f"{string(fields['event'])}{label}{_write_conditions(fields)}"


def _conditions(filters: Sequence[Any] | None, combinator: str) -> Fields:
    return {"where": [condition(item) for item in filters or ()], "any": combinator == "any"}


def _write_conditions(fields: Mapping[str, Any]) -> str:
    texts = [text_of(one) for one in fields["where"]]
    if not texts:
        return ""
    if fields["any"] and len(texts) == 1:
        return f" where any ({texts[0]})"
    return f" where {(' or ' if fields['any'] else ' and ').join(texts)}"


_WRITERS = {
    "condition": _write_condition,
    "by": _write_breakdown,
    "metric": _write_metric,
    "step": _write_step,
}
