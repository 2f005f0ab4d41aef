"""Filters of flow steps, in the segmentation format that only they use.

Enters a `Filter`, leaves a JSON object. The surprise: numbers are written as text, days as
MM/DD/YYYY, and "before" is `>` and "since" is `<`, as if the age of the value were compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnb.errors import ParamTypeError, ParamValidationError
from mpnb.params.build_parts import Clause
from mpnb.query.check import require_date
from mpnb.query.filter import Filter

STRING_OPERATORS = {
    "equals": "==",
    "does not equal": "!=",
    "contains": "in",
    "does not contain": "not in",
    "is set": "set",
    "is not set": "not set",
}
NUMBER_OPERATORS = {
    "equals": "==",
    "does not equal": "!=",
    "is greater than": ">",
    "is less than": "<",
    "is at least": ">=",
    "is at most": "<=",
    "is between": "><",
    "not between": "!><",
    "is set": "is set",
    "is not set": "is not set",
}
DATE_OPERATORS = {
    "was on": "==",
    "was not on": "!=",
    "was before": ">",
    "was since": "<",
    "was between": "><",
    "was not between": "!><",
    "was in the": ">",
}
SOURCES = {"events": "properties", "people": "user"}


def step_filter(item: Filter) -> Clause:
    """Write a filter of a flow step.

    Raises:
        ParamValidationError: SG1 to SG4, the operator or type has no form there.
        ParamTypeError: BB3 for a custom property.
    """
    if not isinstance(item._property, str):
        raise ParamTypeError(
            "A flow step filters by properties, not by custom properties.",
            "BB3_FLOW_PROPERTY_FILTER_TYPE",
        )
    kind = item._property_type
    write = _WRITERS.get(kind)
    if write is None:
        raise ParamValidationError(
            f"A flow step cannot filter a property of type {kind!r}; "
            f"types that it can: {', '.join(_WRITERS)}.",
            "SG4_UNSUPPORTED_PROPERTY_TYPE",
        )
    return {
        "property": {
            "name": item._property,
            "source": SOURCES[item._resource_type],
            "type": kind,
        },
        "type": kind,
        "selected_property_type": kind,
        "filter": write(item),
    }


def _operator(item: Filter, table: dict[str, str], code: str) -> str:
    wire = table.get(item._operator)
    if wire is None:
        raise ParamValidationError(
            f"A flow step cannot ask {item._operator!r} of a {item._property_type} property; "
            f"operators that it can: {', '.join(table)}.",
            code,
        )
    return wire


def _string(item: Filter) -> Clause:
    operator = _operator(item, STRING_OPERATORS, "SG1_UNKNOWN_STRING_OPERATOR")
    value = item._value
    operand = "" if value is None else (value[:] if isinstance(value, list) else value)
    return {"operator": operator, "operand": operand}


def _number(item: Filter) -> Clause:
    operator = _operator(item, NUMBER_OPERATORS, "SG2_UNKNOWN_NUMBER_OPERATOR")
    return {"operator": operator, "operand": _texts(item._value)}


def _texts(value: Any) -> Any:
    if isinstance(value, list):
        return [str(part) for part in value]
    return "" if value is None else str(value)


def _date(item: Filter) -> Clause:
    operator = _operator(item, DATE_OPERATORS, "SG3_UNKNOWN_DATETIME_OPERATOR")
    value = item._value
    if item._operator == "was in the":
        clause: Clause = {"operator": operator, "operand": value}
        if item._date_unit is not None:
            clause["unit"] = f"{item._date_unit}s"
        return clause
    days = [_day(day) for day in value] if isinstance(value, list) else _day(value)
    return {"operator": operator, "operand": days}


def _day(value: Any) -> str:
    require_date("date", value)
    year, month, day = str(value).split("-")
    return f"{month}/{day}/{year}"


def _boolean(item: Filter) -> Clause:
    if item._operator not in ("true", "false"):
        raise ParamValidationError(
            f"A flow step cannot ask {item._operator!r} of a true/false property; "
            "use is_true or is_false.",
            "SG4_UNSUPPORTED_PROPERTY_TYPE",
        )
    return {"operand": item._operator}


_WRITERS: dict[str, Callable[[Filter], Clause]] = {
    "string": _string,
    "number": _number,
    "datetime": _date,
    "boolean": _boolean,
}
