"""Parts of the shape that nearly all parts have, about which no rule has anything to say.

Enters a part, leaves True when neither the rules of questions nor those of params could find
anything in it. The surprise: False says nothing; the rules are asked then. It saves most questions
from being gone through twice, and a property test holds it to the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from mpnb.query.breakdown import GroupBy
from mpnb.query.check import date_problem, is_plain_name, is_word
from mpnb.query.filter import Filter
from mpnb.query.math import INSIGHTS_MATHS
from mpnb.query.metric import Formula, Metric
from mpnb.query.operators import (
    COMBINATORS,
    DATE_UNITS,
    OPERATORS,
    PROPERTY_TYPES,
    ValueKind,
)
from mpnb.query.step import FunnelStep, RetentionEvent

MOST_VALUES = 1000
_TEXTS, _WHOLE = frozenset({str, int}), frozenset({int})
_MATHS = {
    word: row.needs
    for word, row in INSIGHTS_MATHS.items()
    if word not in ("histogram", "percentile")
}
"""Math → how it treats a property, but for those that need another setting."""

PLAIN_MATHS = frozenset(word for word, needs in _MATHS.items() if needs != "required")
"""Maths that are complete as they stand."""


def filter_(item: Any) -> bool:
    """Whether the part is a plain condition on a named property."""
    if type(item) is not Filter:
        return False
    prop = item._property
    if not is_plain_name(prop) or item._property_type not in PROPERTY_TYPES:
        return False
    if item._date_unit is not None and not is_word(item._date_unit, DATE_UNITS):
        return False
    check = _VALUES.get(item._operator)
    return check is not None and check(item._value)


def filters(items: Any) -> bool:
    """Whether all are plain conditions."""
    return all(map(filter_, items))


def breakdown(item: Any) -> bool:
    """Whether the part is a plain breakdown by a named property."""
    if type(item) is not GroupBy or type(item.property) is not str:
        return False
    if item._list_item_mode is not None:
        return False
    bounds = (item.bucket_size, item.bucket_min, item.bucket_max)
    if bounds == (None, None, None):
        return True
    return item.property_type == "number" and all(type(bound) is int for bound in bounds)


def metric(item: Any) -> bool:
    """Whether the part is one named event, counted in a plain way."""
    if type(item) is not Metric or not is_plain_name(item.event) or not isinstance(item.math, str):
        return False
    needs, prop = _MATHS.get(item.math), item.property
    if needs is None or item.per_user is not None or item.percentile_value is not None:
        return False
    if prop is not None and (needs == "refused" or not is_plain_name(prop)):
        return False
    items = item.filters
    return item.filters_combinator in COMBINATORS and (items is None or filters(items))


def shown(item: Any) -> bool:
    """Whether the part is such a metric, or a formula over the letters of the question."""
    return metric(item) or (type(item) is Formula and item.metrics is None)


def step(item: Any) -> bool:
    """Whether the part is one named event of a funnel or a retention, plainly filtered."""
    if type(item) is FunnelStep:
        if item.order is not None:
            return False
    elif type(item) is not RetentionEvent:
        return False
    if not is_plain_name(item.event):
        return False
    items = item.filters
    return item.filters_combinator in COMBINATORS and (items is None or filters(items))


def _text(value: Any) -> bool:
    return type(value) is str


def _texts(value: Any) -> bool:
    if type(value) is list:
        return 0 < len(value) <= MOST_VALUES and _TEXTS.issuperset(map(type, value))
    return type(value) in _TEXTS


def _number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and isfinite(value))


def _numbers(value: Any) -> bool:
    if type(value) is not list or len(value) != 2 or not _WHOLE.issuperset(map(type, value)):
        return False
    return bool(value[0] <= value[1])


def _date(value: Any) -> bool:
    return date_problem(value) is None


def _dates(value: Any) -> bool:
    if type(value) is not list or len(value) != 2 or not all(map(_date, value)):
        return False
    return bool(value[0] <= value[1])


def _nothing(value: Any) -> bool:
    return value is None


_KINDS: dict[ValueKind, Callable[[Any], bool]] = {
    "text": _text,
    "texts": _texts,
    "number": _number,
    "numbers": _numbers,
    "date": _date,
    "dates": _dates,
    "relative": _number,
    "nothing": _nothing,
}
_VALUES = {word: _KINDS[row.value] for word, row in OPERATORS.items() if row.value in _KINDS}
