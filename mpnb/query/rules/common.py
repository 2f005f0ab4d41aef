"""Rules that kinds of question share: dates, breakdowns, filters, names, custom properties.

Enter arguments as given, leave findings. The surprise: the path of a single breakdown or filter
has no index (`group_by`), that of one of several has (`group_by[1]`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from mpnb.errors import BookmarkValidationError, ParamTypeError, ValidationError
from mpnb.query import sound
from mpnb.query.breakdown import (
    CUSTOM_PROPERTY_TYPES,
    CohortBreakdown,
    FrequencyBreakdown,
    GroupBy,
    is_bucketed,
)
from mpnb.query.breakdown import value_type as group_type
from mpnb.query.check import (
    bad_word,
    date_message,
    date_problem,
    has_control,
    is_blank,
    is_finite,
    is_invisible,
    is_number,
    is_plain_name,
    is_word,
    items_of,
    shown,
)
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.operators import COHORTS, DATE_UNITS, OPERATORS, RESOURCE_TYPES
from mpnb.query.part import UNREADABLE, unreadable
from mpnb.query.window import LAST_DEFAULT, LAST_MAX, TimeComparison, TimeRange

Found = list[ValidationError]

FORMULA_MAX = 20_000
FILTER_WORDS = "Filter, FrequencyFilter or a list of them"
_LOG = logging.getLogger("mpnb")
_LETTER = re.compile(r"[A-Z]")


def error(found: Found, code: str, path: str, message: str) -> None:
    """Keep a finding of severity error."""
    found.append(ValidationError(path, message, code))


def refuse(code: str, path: str, message: str) -> NoReturn:
    """Raise one finding alone: nothing else can be judged."""
    raise BookmarkValidationError([ValidationError(path, message, code)])


def raise_all(check: Callable[[dict[str, Any], Found], None], given: dict[str, Any]) -> None:
    """Check arguments and raise all findings at once, if there are any; warnings are logged."""
    found: Found = []
    try:
        check(given, found)
    except UNREADABLE as problem:
        told = unreadable(problem)
        raise BookmarkValidationError([ValidationError("", told.message, told.code)]) from None
    if not found:
        return
    if any(finding.severity == "error" for finding in found):
        raise BookmarkValidationError(found)
    for finding in found:
        _LOG.warning("%s", finding)


def window(last: Any, from_date: Any, to_date: Any, found: Found) -> None:
    """Check the range of a question: V7 to V10, V15, V20."""
    if type(last) is not int or last <= 0:
        error(
            found,
            "V7_LAST_POSITIVE",
            "last",
            f"last must be a positive whole number, not {shown(last)}.",
        )
    elif last > LAST_MAX:
        error(
            found, "V20_LAST_TOO_LARGE", "last", f"last is {shown(last)}; at most {LAST_MAX} days."
        )
    if from_date is not None or to_date is not None:
        _dates(last, from_date, to_date, found)


def _dates(last: Any, from_date: Any, to_date: Any, found: Found) -> None:
    valid = True
    for name, value in (("from_date", from_date), ("to_date", to_date)):
        problem = None if value is None else date_problem(value)
        if problem:
            valid = valid and problem == "invalid"
            code = "V8_DATE_FORMAT" if problem == "format" else "V8_DATE_INVALID"
            error(found, code, name, date_message(name, value, problem))
    if from_date is None:
        error(found, "V9_TO_REQUIRES_FROM", "to_date", "to_date needs from_date too.")
    if last != LAST_DEFAULT:
        error(
            found,
            "V10_DATE_LAST_EXCLUSIVE",
            "last",
            "Give either dates or last, not both; drop one.",
        )
    if valid and from_date is not None and to_date is not None and from_date > to_date:
        error(
            found,
            "V15_DATE_ORDER",
            "from_date",
            f"from_date {from_date} lies after to_date {to_date}; swap them.",
        )


def time_range(last: int, from_date: str | None, to_date: str | None) -> TimeRange:
    """Make the range from arguments that are right."""
    if from_date is None:
        return TimeRange(last)
    return TimeRange(LAST_DEFAULT, from_date, to_date)


def data_group(identifier: Any, found: Found) -> None:
    """Check the id of a data group: DG1."""
    if identifier is not None and (type(identifier) is not int or identifier <= 0):
        error(
            found,
            "DG1_INVALID_DATA_GROUP_ID",
            "data_group_id",
            f"data_group_id must be a positive whole number, not {shown(identifier)}.",
        )


def comparison(value: Any, found: Found) -> None:
    """Check what a period is compared with: TC4."""
    if value is not None and not isinstance(value, TimeComparison):
        error(
            found,
            "TC4_INVALID_TIME_COMPARISON",
            "time_comparison",
            "time_comparison takes TimeComparison.relative('month') and the like, "
            f"not {shown(value)}.",
        )


def event_name(name: Any, path: str, codes: tuple[str, str, str], found: Found) -> None:
    """Check an event's name; codes are for blank, control characters and invisible ones."""
    if is_plain_name(name):
        return
    blank, control, invisible = codes
    if not isinstance(name, str) or is_blank(name):
        error(found, blank, path, f"Name one event here, not {shown(name)}.")
    elif has_control(name):
        error(found, control, path, f"{shown(name)} holds control characters; remove them.")
    elif is_invisible(name):
        error(found, invisible, path, f"{shown(name)} has only characters that nobody sees.")


def custom(prop: Any, path: str, found: Found) -> None:
    """Check a custom property: CP1 to CP6; names pass."""
    if isinstance(prop, str) or prop is None:
        return
    if isinstance(prop, CustomPropertyRef):
        if type(prop.id) is not int or prop.id <= 0:
            error(
                found,
                "CP1_INVALID_ID",
                path,
                f"The id of a custom property is a positive whole number, not {shown(prop.id)}.",
            )
    elif isinstance(prop, InlineCustomProperty):
        _inline(prop, path, found)
    else:
        error(found, "CP7_PROPERTY_TYPE", path, f"{shown(prop)} is no property; give a name.")


def _required(prop: Any, path: str, found: Found) -> None:
    if prop is None:
        error(found, "CP7_PROPERTY_TYPE", path, "Name a property here, not None.")
    custom(prop, path, found)


def _inline(prop: InlineCustomProperty, path: str, found: Found) -> None:
    if is_blank(prop.formula):
        error(found, "CP2_EMPTY_FORMULA", path, "The formula of the custom property is blank.")
    elif len(prop.formula) > FORMULA_MAX:
        error(
            found,
            "CP5_FORMULA_TOO_LONG",
            path,
            f"The formula has {len(prop.formula)} characters; at most {FORMULA_MAX}.",
        )
    if not isinstance(prop.inputs, Mapping) or not prop.inputs:
        error(found, "CP3_EMPTY_INPUTS", path, "The custom property needs inputs for its letters.")
        return
    if prop.property_type is not None and not is_word(prop.property_type, CUSTOM_PROPERTY_TYPES):
        found.append(bad_word("CP8_INVALID_TYPE", path, prop.property_type, CUSTOM_PROPERTY_TYPES))
    if not is_word(prop.resource_type, RESOURCE_TYPES):
        found.append(
            bad_word("CP9_INVALID_RESOURCE_TYPE", path, prop.resource_type, RESOURCE_TYPES)
        )
    for key, item in prop.inputs.items():
        if not isinstance(key, str) or not _LETTER.fullmatch(key):
            error(
                found, "CP4_INVALID_INPUT_KEY", path, f"Inputs are named A to Z, not {shown(key)}."
            )
        if is_blank(getattr(item, "name", None)):
            error(found, "CP6_EMPTY_INPUT_NAME", path, f"The input {shown(key)} names no property.")
        elif not isinstance(item, PropertyInput) or not _is_text(item.type, item.resource_type):
            error(
                found,
                "CP10_INPUT_TYPE",
                path,
                f"The input {shown(key)} must be a PropertyInput with words as its types.",
            )


def _is_text(*values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


def group_by(
    value: Any, found: Found, path: str = "group_by", blank: str = "GB1_EMPTY_PROPERTY"
) -> None:
    """Check breakdowns: GB1, V11, V12, V24 and custom properties."""
    if value is None:
        return
    items = value if isinstance(value, list | tuple) else (value,)
    for index, item in enumerate(items):
        if is_plain_name(item) or sound.breakdown(item):
            continue
        where = f"{path}[{index}]" if len(items) > 1 else path
        if isinstance(item, str):
            if is_blank(item):
                error(found, blank, where, "The property is blank; name one.")
        elif isinstance(item, GroupBy):
            _required(item.property, where, found)
            if is_bucketed(item):
                _buckets(item, where, found)


def _buckets(item: GroupBy, path: str, found: Found) -> None:
    bounds = (item.bucket_size, item.bucket_min, item.bucket_max)
    for bound in bounds:
        if bound is not None and not is_finite(bound):
            error(found, "V24_BUCKET_NOT_FINITE", path, f"{shown(bound)} cannot bound a bucket.")
    if item.bucket_size is None:
        error(found, "V11_BUCKET_REQUIRES_SIZE", path, "Buckets need bucket_size.")
        return
    if item.property_type != "number" or group_type(item) != "number":
        error(found, "V12B_BUCKET_REQUIRES_NUMBER", path, "Buckets need property_type='number'.")
    if item.bucket_min is None or item.bucket_max is None:
        error(found, "V12C_BUCKET_REQUIRES_BOUNDS", path, "Buckets need bucket_min and bucket_max.")


def breakdowns(value: Any) -> tuple[Any, ...]:
    """Return breakdowns as parts, plain names turned into `GroupBy`.

    Raises:
        ParamTypeError: BB1, an element is none.
    """
    if value is None:
        return ()
    items = value if isinstance(value, list | tuple) else (value,)
    return tuple([_breakdown(item) for item in items])


def _breakdown(item: Any) -> Any:
    if isinstance(item, str):
        return GroupBy(item)
    if isinstance(item, GroupBy | CohortBreakdown | FrequencyBreakdown):
        return item
    raise ParamTypeError(
        "A breakdown is a property's name, GroupBy, CohortBreakdown or FrequencyBreakdown, "
        f"not {shown(item)}.",
        "BB1_GROUP_BY_ELEMENT_TYPE",
    )


def where(value: Any, found: Found, *, frequency: bool = True) -> None:
    """Check the filters of a question: V25 and custom properties."""
    if value is None:
        return
    items = value if isinstance(value, list) else (value,)
    for index, item in enumerate(items):
        if sound.filter_(item):
            continue
        path = f"where[{index}]" if len(items) > 1 else "where"
        if isinstance(item, FrequencyFilter) and frequency:
            filters(item.event_filters, f"where[{index}].event_filters", found)
        elif isinstance(item, Filter):
            _filter(item, path, found)
        else:
            error(
                found,
                "V25_INVALID_FILTER_TYPE",
                path,
                f"where takes a {FILTER_WORDS if frequency else 'Filter or a list of them'}, "
                f"not {shown(item)}.",
            )


def filters(items: Any, path: str, found: Found) -> None:
    """Check the filters of a part, given as a list."""
    for index, item in enumerate(items_of(items)):
        if not sound.filter_(item):
            _filter(item, f"{path}[{index}]", found)


def _filter(item: Any, path: str, found: Found) -> None:
    if not isinstance(item, Filter):
        error(found, "V25_INVALID_FILTER_TYPE", path, f"A Filter stands here, not {shown(item)}.")
        return
    if not isinstance(item._property, str):
        _required(item._property, path, found)
    _value(item, path, found)
    if item._list_item_filters:
        filters(item._list_item_filters, f"{path}.item_filters", found)


def _value(item: Filter, path: str, found: Found) -> None:
    row = OPERATORS[item._operator]
    is_right = VALUE_CHECKS.get(row.value)
    if is_right is not None and item._property != COHORTS and not is_right(item._value):
        error(
            found,
            "FV2_VALUE_TYPE",
            path,
            f"{item._operator!r} takes {VALUE_WORDS[row.value]}, not {item._value!r}.",
        )
    unit = item._date_unit
    if unit is not None and not is_word(unit, DATE_UNITS):
        found.append(bad_word("FV3_INVALID_DATE_UNIT", path, unit, DATE_UNITS))
    if row.value in ("numbers", "dates") and is_right is not None and is_right(item._value):
        lower, upper = item._value
        if lower > upper:
            code = "FN1_BOUNDS_ORDER" if row.value == "numbers" else "FD2_DATE_ORDER"
            error(found, code, path, f"{shown(lower)} is greater than {shown(upper)}; swap them.")


def _is_pair(value: Any, check: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(check(item) for item in value)


def _is_day(value: Any) -> bool:
    return date_problem(value) is None


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_texts(value: Any) -> bool:
    return all(map(_is_scalar, value)) if isinstance(value, list) else _is_scalar(value)


VALUE_CHECKS: dict[str, Callable[[Any], bool]] = {
    "texts": _is_texts,
    "number": is_number,
    "numbers": lambda value: _is_pair(value, is_number),
    "text": lambda value: isinstance(value, str),
    "date": _is_day,
    "dates": lambda value: _is_pair(value, _is_day),
    "relative": is_number,
}
"""Kind of value → whether a value is of it; other kinds are judged in the params."""

VALUE_WORDS = {
    "texts": "text, a number or a list of these",
    "number": "a number",
    "numbers": "two numbers",
    "text": "text",
    "date": "a date like '2025-01-31'",
    "dates": "two dates like '2025-01-31'",
    "relative": "a number of units",
}


def where_parts(value: Any) -> tuple[Any, ...]:
    """Return the filters of a question as a tuple."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)
