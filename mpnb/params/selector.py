"""Filters on profiles as selector text: `properties["plan"] == "pro"`.

Enters a `Filter`, leaves text. The surprise: relative dates count in seconds, and a month is 30
days; some questions have no selector at all and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnb.errors import ParamValidationError
from mpnb.query.check import is_finite, require_date
from mpnb.query.filter import Filter
from mpnb.query.filter_checks import require_dates

UNIT_SECONDS = {"hour": 3600, "day": 86400, "week": 604800, "month": 2592000}
RELATIVE_MAX_SECONDS = 3650 * 86400


def selector(item: Filter) -> str:
    """Write a filter as selector text.

    Raises:
        ParamValidationError: ES1 to ES20, V8 or FD2; the filter has no selector.
    """
    if not isinstance(item._property, str):
        raise _error("ES1_PROPERTY_NOT_STRING", "Profiles filter by properties given by name.")
    write = _WRITERS.get(item._operator)
    if write is None:
        raise _error(
            "ES14_NO_SELECTOR_EQUIVALENT",
            f"Profiles cannot be asked {item._operator!r}; operators that they know: "
            f"{', '.join(_WRITERS)}.",
        )
    return write(item, property_ref(item._property))


def property_ref(name: str) -> str:
    """Write a reference to a property."""
    return f"properties[{quoted(name)}]"


def quoted(text: str) -> str:
    """Write text between quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _error(code: str, message: str) -> ParamValidationError:
    return ParamValidationError(message, code)


def _terms(item: Filter, codes: tuple[str, str]) -> list[str]:
    values = item._value
    if not isinstance(values, list):
        raise _error(codes[0], f"{item._operator!r} takes a list of values, not {values!r}.")
    terms = [_term(value) for value in values if isinstance(value, (str, int, float))]
    if not terms:
        raise _error(codes[1], f"{item._operator!r} has no value to compare with.")
    return terms


def _term(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else str(value)


def _equals(item: Filter, ref: str) -> str:
    terms = _terms(item, ("ES2_EQUALS_EXPECTS_LIST", "ES3_EQUALS_NO_TERMS"))
    parts = " or ".join([f"{ref} == {term}" for term in terms])
    return parts if len(terms) == 1 else f"({parts})"


def _not_equals(item: Filter, ref: str) -> str:
    terms = _terms(item, ("ES4_NOT_EQUALS_EXPECTS_LIST", "ES5_NOT_EQUALS_NO_TERMS"))
    return " and ".join([f"{ref} != {term}" for term in terms])


def _contains(item: Filter, ref: str) -> str:
    return f"{_text(item, 'ES6_CONTAINS_EXPECTS_STR')} in {ref}"


def _not_contains(item: Filter, ref: str) -> str:
    return f"not {_text(item, 'ES7_NOT_CONTAINS_EXPECTS_STR')} in {ref}"


def _text(item: Filter, code: str) -> str:
    if not isinstance(item._value, str):
        raise _error(code, f"{item._operator!r} takes text, not {item._value!r}.")
    return quoted(item._value)


def _compares(sign: str, code: str) -> Callable[[Filter, str], str]:
    def write(item: Filter, ref: str) -> str:
        if not is_finite(item._value):
            raise _error(code, f"{item._operator!r} takes a number, not {item._value!r}.")
        return f"{ref} {sign} {item._value}"

    return write


def _number_pair(item: Filter) -> tuple[Any, Any]:
    pair = item._value
    if not isinstance(pair, list) or len(pair) != 2:
        raise _error("ES10_BETWEEN_EXPECTS_PAIR", f"A range takes two numbers, not {pair!r}.")
    if not is_finite(pair[0]):
        raise _error("ES11_BETWEEN_LOWER_NOT_NUMBER", f"{pair[0]!r} is no number.")
    if not is_finite(pair[1]):
        raise _error("ES12_BETWEEN_UPPER_NOT_NUMBER", f"{pair[1]!r} is no number.")
    return pair[0], pair[1]


def _between(item: Filter, ref: str) -> str:
    lower, upper = _number_pair(item)
    return f"{ref} >= {lower} and {ref} <= {upper}"


def _not_between(item: Filter, ref: str) -> str:
    lower, upper = _number_pair(item)
    return f"({ref} < {lower} or {ref} > {upper})"


def _day(value: Any) -> str:
    if not isinstance(value, str):
        raise _error("ES15_DATE_EXPECTS_STR", f"A day is text like '2025-01-31', not {value!r}.")
    require_date("date", value)
    return value


def _start(day: str) -> str:
    return f'datetime("{day}T00:00:00")'


def _end(day: str) -> str:
    return f'datetime("{day}T23:59:59")'


def _span(item: Filter) -> tuple[str, str]:
    value = item._value
    if item._operator in ("was on", "was not on"):
        day = _day(value)
        return day, day
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(day, str) for day in value)
    ):
        raise _error("ES16_DATE_RANGE_EXPECTS_PAIR", f"A range takes two days, not {value!r}.")
    require_dates(value[0], value[1])
    return value[0], value[1]


def _in_span(item: Filter, ref: str) -> str:
    first, last = _span(item)
    return f"datetime({ref}) >= {_start(first)} and datetime({ref}) <= {_end(last)}"


def _outside_span(item: Filter, ref: str) -> str:
    first, last = _span(item)
    return f"(datetime({ref}) < {_start(first)} or datetime({ref}) > {_end(last)})"


def _before(item: Filter, ref: str) -> str:
    return f"datetime({ref}) < {_start(_day(item._value))}"


def _since(item: Filter, ref: str) -> str:
    return f"datetime({ref}) >= {_start(_day(item._value))}"


def _seconds(item: Filter) -> int:
    unit = UNIT_SECONDS.get(str(item._date_unit))
    if unit is None:
        raise _error(
            "ES18_RELATIVE_UNIT_INVALID",
            f"A relative time counts in {', '.join(UNIT_SECONDS)}, not {item._date_unit!r}.",
        )
    amount = item._value
    if type(amount) is not int or not 0 < amount * unit <= RELATIVE_MAX_SECONDS:
        raise _error(
            "ES17_RELATIVE_QUANTITY_INVALID",
            f"A relative time is a positive whole number, at most ten years, not {amount!r}.",
        )
    return amount * unit


def _in_the_last(item: Filter, ref: str) -> str:
    since = f"datetime(NOW - {_seconds(item)})"
    return f"datetime({ref}) >= {since} and datetime({ref}) < datetime(NOW)"


def _not_in_the_last(item: Filter, ref: str) -> str:
    since = f"datetime(NOW - {_seconds(item)})"
    return f"(datetime({ref}) < {since} or datetime({ref}) >= datetime(NOW))"


def _in_the_next(item: Filter, ref: str) -> str:
    until = f"datetime(NOW + {_seconds(item)})"
    return f"datetime({ref}) >= datetime(NOW) and datetime({ref}) < {until}"


_WRITERS: dict[str, Callable[[Filter, str], str]] = {
    "equals": _equals,
    "does not equal": _not_equals,
    "contains": _contains,
    "does not contain": _not_contains,
    "is greater than": _compares(">", "ES8_GT_EXPECTS_NUMBER"),
    "is less than": _compares("<", "ES9_LT_EXPECTS_NUMBER"),
    "is at least": _compares(">=", "ES19_AT_LEAST_EXPECTS_NUMBER"),
    "is at most": _compares("<=", "ES20_AT_MOST_EXPECTS_NUMBER"),
    "is between": _between,
    "not between": _not_between,
    "is set": lambda item, ref: f"defined({ref})",
    "is not set": lambda item, ref: f"not defined({ref})",
    "true": lambda item, ref: f"{ref} == true",
    "false": lambda item, ref: f"{ref} == false",
    "was on": _in_span,
    "was not on": _outside_span,
    "was before": _before,
    "was since": _since,
    "was between": _in_span,
    "was not between": _outside_span,
    "was in the": _in_the_last,
    "was not in the": _not_in_the_last,
    "was in the next": _in_the_next,
}
