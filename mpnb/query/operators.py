"""The table of filter operators: one row each, with all that is known about it.

Enters a name, leaves a row. The surprise: the wire says `true` and `list_contains` has no wire
operator of its own (it is written as `true` over a join), which is why `OPERATORS` is keyed by the
public operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mpnb.query.words import FilterOperator, FilterPropertyType

ValueKind = Literal[
    "texts", "text", "number", "numbers", "nothing", "date", "dates", "relative", "items"
]


@dataclass(frozen=True, slots=True)
class Operator:
    """One filter operator."""

    wire: FilterOperator
    factory: str
    value: ValueKind
    property_type: FilterPropertyType
    text: str
    help: str


_ROWS = (
    Operator("equals", "equals", "texts", "string", "=", "is one of the values"),
    Operator("does not equal", "not_equals", "texts", "string", "!=", "is none of the values"),
    Operator("contains", "contains", "text", "string", "contains", "contains the text"),
    Operator(
        "does not contain", "not_contains", "text", "string", "does not contain", "lacks the text"
    ),
    Operator("starts with", "starts_with", "text", "string", "starts with", "begins with the text"),
    Operator("ends with", "ends_with", "text", "string", "ends with", "ends with the text"),
    Operator("is set", "is_set", "nothing", "string", "is set", "has a value"),
    Operator("is not set", "is_not_set", "nothing", "string", "is not set", "has no value"),
    Operator("is greater than", "greater_than", "number", "number", ">", "is greater"),
    Operator("is less than", "less_than", "number", "number", "<", "is less"),
    Operator("is at least", "at_least", "number", "number", ">=", "is greater or equal"),
    Operator("is at most", "at_most", "number", "number", "<=", "is less or equal"),
    Operator(
        "is between", "between", "numbers", "number", "between", "lies between two numbers, both in"
    ),
    Operator(
        "not between", "not_between", "numbers", "number", "not between", "lies outside two numbers"
    ),
    Operator("true", "is_true", "nothing", "boolean", "is true", "is true"),
    Operator("false", "is_false", "nothing", "boolean", "is false", "is false"),
    Operator("was on", "on", "date", "datetime", "on", "falls on the day"),
    Operator("was not on", "not_on", "date", "datetime", "not on", "falls on another day"),
    Operator("was before", "before", "date", "datetime", "before", "lies before the day"),
    Operator("was since", "since", "date", "datetime", "since", "lies on or after the day"),
    Operator(
        "was between", "date_between", "dates", "datetime", "between", "lies between two days"
    ),
    Operator(
        "was not between",
        "date_not_between",
        "dates",
        "datetime",
        "not between",
        "lies outside two days",
    ),
    Operator(
        "was in the", "in_the_last", "relative", "datetime", "in the last", "lies in the last N"
    ),
    Operator(
        "was not in the",
        "not_in_the_last",
        "relative",
        "datetime",
        "not in the last",
        "lies outside the last N",
    ),
    Operator(
        "was in the next",
        "in_the_next",
        "relative",
        "datetime",
        "in the next",
        "lies in the next N",
    ),
    Operator("list_contains", "list_contains", "items", "object", "has", "has items that match"),
)

OPERATORS: dict[str, Operator] = {row.wire: row for row in _ROWS}
"""Every operator by its public name."""

ALIASES: dict[str, str] = {
    **{row.factory: row.wire for row in _ROWS if row.factory not in OPERATORS},
    "in_cohort": "contains",
    "not_in_cohort": "does not contain",
    "is equal to": "equals",
}
"""Other names that the constructor of `Filter` takes."""

PUBLIC_NAMES: dict[str, str] = {**{wire: wire for wire in OPERATORS}, **ALIASES}
"""Every name that may be given for an operator → the operator."""

COHORTS = "$cohorts"
"""The property that stands for membership in a cohort."""

PROPERTY_TYPES = ("string", "number", "boolean", "datetime", "list", "object")
DATE_UNITS = ("hour", "day", "week", "month")
RESOURCE_TYPES = ("events", "people")
COMBINATORS = ("all", "any")
QUANTIFIERS = ("any", "all")
