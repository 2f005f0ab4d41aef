"""Checks of filter values that raise with a code; they know no `Filter`.

Enter values of any type, leave nothing or an exception that says what to change. The surprise:
numbers in bounds are compared only when both are numbers; the kind of question judges the rest.
"""

from __future__ import annotations

import math
from typing import Any

from mpnb.errors import ParamTypeError, ParamValidationError
from mpnb.query.check import is_finite, is_number, nearest, require_date, require_word, shown
from mpnb.query.operators import PUBLIC_NAMES, QUANTIFIERS

_EQUALITY = {"equals": True, "does not equal": False}
YES_NO = frozenset({"true", "false"})
_SET = frozenset({"is set", "is not set"})


def settled(wire: str, value: Any, *, boolean: bool, number: bool) -> tuple[str, Any]:
    """Return operator and value as they are stored, or raise when they do not go together.

    `boolean` and `number` say that the property is known to be of that type.
    """
    if boolean:
        return _settled_boolean(wire, value)
    if wire in YES_NO and value is not None:
        raise boolean_value(wire, value)
    if number and wire in _EQUALITY and isinstance(value, list):
        return wire, [numeric(item) for item in value]
    return wire, value


def _settled_boolean(wire: str, value: Any) -> tuple[str, Any]:
    if wire in _EQUALITY:
        one = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(one, bool):
            raise boolean_value(wire, value)
        return ("true" if one == _EQUALITY[wire] else "false"), None
    if wire in YES_NO and value is not None:
        raise boolean_value(wire, value)
    if wire not in YES_NO and wire not in _SET:
        raise ParamValidationError(
            f"{shown(wire)} cannot be asked of a true/false property. "
            "Use is_true, is_false, is_set or is_not_set.",
            "FO2_OPERATOR_NEEDS_OTHER_TYPE",
        )
    return wire, value


def settled_items(items: Any, quantifier: Any) -> tuple[Any, ...]:
    """Return the conditions on a list's items as a tuple, or raise LC1, LC2, LC4 or LC8."""
    if not items:
        raise ParamValidationError(
            "list_contains needs conditions on the items.", "LC1_MISSING_ITEM_FILTERS"
        )
    if quantifier is None:
        raise ParamValidationError(
            "list_contains needs a quantifier: 'any' or 'all'.", "LC2_MISSING_QUANTIFIER"
        )
    require_word("LC4_INVALID_QUANTIFIER", "quantifier", quantifier, QUANTIFIERS)
    if any(getattr(item, "_operator", None) == "list_contains" for item in items):
        raise nested()
    return tuple(items)


def require_keyword(key: str, value: Any) -> None:
    """Raise LC5 or LC6 unless a keyword of `list_contains` names a key and its texts."""
    if not key.strip():
        raise ParamValidationError(
            "A keyword of list_contains names a key of the items; it is blank.",
            "LC5_EMPTY_KWARG_KEY",
        )
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ParamTypeError(
            f"{key} must be text or a list of text, not {shown(value)}. For other types give a "
            f"filter, as in list_contains(..., Filter.greater_than({shown(key)}, 5)).",
            "LC6_KWARG_VALUE_TYPE",
        )


def require_cohort(cohort: Any, name: Any, family: str) -> None:
    """Raise `<family>1`/`<family>2` unless the value can be a cohort with this name."""
    if isinstance(cohort, bool) or (isinstance(cohort, int) and cohort <= 0):
        raise ParamValidationError(
            f"A cohort id is a positive whole number, not {shown(cohort)}.",
            f"{family}1_COHORT_ID_NOT_POSITIVE",
        )
    if not isinstance(cohort, int) and not hasattr(cohort, "to_dict"):
        raise ParamTypeError(
            f"A cohort is a saved cohort's id or a CohortDefinition, not {shown(cohort)}.",
            f"{family}3_COHORT_TYPE",
        )
    if name is not None and (not isinstance(name, str) or not name.strip()):
        raise ParamValidationError(
            "The name of a cohort is blank; leave it out or give one.",
            f"{family}2_COHORT_NAME_EMPTY",
        )


def require_dates(from_date: str, to_date: str) -> None:
    """Raise unless both are dates and in order."""
    require_date("from_date", from_date)
    require_date("to_date", to_date)
    if from_date > to_date:
        raise ParamValidationError(
            f"from_date {from_date} lies after to_date {to_date}; swap them.", "FD2_DATE_ORDER"
        )


def require_quantity(quantity: Any) -> None:
    """Raise unless the quantity is positive."""
    if not is_finite(quantity) or quantity <= 0:
        raise ParamValidationError(
            f"quantity must be a positive whole number, not {shown(quantity)}.",
            "FD1_QUANTITY_NOT_POSITIVE",
        )


def require_order(lower: Any, upper: Any) -> None:
    """Raise when two numbers are in the wrong order."""
    # Other types pass: what a bound may be depends on the kind of question, which says so itself.
    if is_number(lower) and is_number(upper) and lower > upper:
        raise ParamValidationError(
            f"min_val {shown(lower)} is greater than max_val {shown(upper)}; swap them.",
            "FN1_BOUNDS_ORDER",
        )


def numeric(item: Any) -> Any:
    """Return the value as a number, or raise."""
    if is_number(item):
        return item
    try:
        number = float(item)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ParamValidationError(
            f"The property is a number, so it cannot equal {shown(item)}. Give a number.",
            "FV1_NUMBER_EXPECTED",
        )
    return int(number) if number.is_integer() else number


def unknown_operator(operator: Any) -> ParamValidationError:
    """Make the error for an operator that does not exist."""
    near = nearest(operator, PUBLIC_NAMES)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return ParamValidationError(
        f"{shown(operator)} is no filter operator.{hint} Operators: {', '.join(PUBLIC_NAMES)}.",
        "FO1_UNKNOWN_OPERATOR",
    )


def boolean_value(wire: str, value: Any) -> ParamValidationError:
    """Make the error for a true/false question asked with something else."""
    return ParamValidationError(
        f"A true/false property is asked for with True or False; {shown(wire)} got {shown(value)}. "
        "Use Filter.is_true or Filter.is_false.",
        "FO3_BOOLEAN_VALUE",
    )


def nested() -> ParamValidationError:
    """Make the error for list_contains inside list_contains."""
    return ParamValidationError(
        "list_contains cannot stand inside list_contains.", "LC8_NESTED_LIST_CONTAINS"
    )
