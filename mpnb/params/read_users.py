"""Engage params → ``UserQuery``.

In: the flat object of the profile endpoints, in which lists and cohorts are JSON inside text. Out:
the question. The surprise: a selector such as ``properties["plan"] == "pro"`` becomes filters only
if all of it is in the forms that filters are written in; otherwise it stays the text that it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mpnb.errors import BookmarkValidationError, MixpanelHeadlessError
from mpnb.params.build import compose
from mpnb.params.loads import loads
from mpnb.params.read_cohort import Unreadable
from mpnb.params.read_parts import Clause, cohort, get, word
from mpnb.query.cohort import CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.users import UserQuery
from mpnb.query.words import SortOrder

KEYS = frozenset(
    {
        "where",
        "action",
        "filter_by_cohort",
        "include_all_users",
        "output_properties",
        "sort_key",
        "sort_order",
        "search",
        "distinct_id",
        "distinct_ids",
        "data_group_id",
        "as_of_timestamp",
        "segment_by_cohorts",
    }
)
"""The keys of engage params; an object with other keys only is not one."""

_QUOTED = r'(?:[^"\\]|\\.)*'
_PROPERTY = rf'properties\["({_QUOTED})"\]'
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_SECONDS = (("day", 86_400), ("hour", 3_600))

_ONE = rf'{_PROPERTY} == (?:"({_QUOTED})"|({_NUMBER}))'
_BARE = re.sub(r"(?<!\\)\((?!\?)", "(?:", _ONE)
_EITHER = re.compile(rf"\(({_BARE}(?: or {_BARE})+)\)", re.DOTALL)
_ACTION = re.compile(rf"(\w+)\({_PROPERTY}(?:, ({_NUMBER}))?\)")


def users(params: Clause) -> UserQuery:
    """Read engage params; a selector is read as filters only if they build the same text."""
    text = get(params, "where", str)
    conditions = selector(text or "")
    if conditions:
        try:
            if compose(UserQuery(where=conditions)).get("where") == text:
                return _users(params, conditions)
        except MixpanelHeadlessError:
            pass
    return _users(params, () if text is None else text)


def _users(params: Clause, where: tuple[Filter, ...] | str) -> UserQuery:
    aggregate, measured, percentile = _action(get(params, "action", str))
    sort_key = re.fullmatch(_PROPERTY, get(params, "sort_key", str, ""))
    properties, ids = _names(params, "output_properties"), _names(params, "distinct_ids")
    return UserQuery(
        where=where,
        cohort=_cohort(params),
        properties=properties,
        sort_by=_unescape(sort_key[1]) if sort_key else None,
        sort_order=word(params, "sort_order", SortOrder, "descending"),
        search=get(params, "search", str),
        distinct_id=get(params, "distinct_id", str),
        distinct_ids=ids,
        group_id=get(params, "data_group_id", str),
        as_of=get(params, "as_of_timestamp", int),
        mode="aggregate" if "action" in params else "profiles",
        aggregate=aggregate,  # type: ignore[arg-type]  # a word of the tables
        aggregate_property=measured,
        percentile=percentile,
        segment_by=_segments(params),
        include_all_users=get(params, "include_all_users", bool, False),
    )


def _action(action: str | None) -> tuple[str, str | None, float | None]:
    """Return aggregate, property and percentile of an action such as ``count()``."""
    match = _ACTION.fullmatch(action or "")
    if match is None or match[1] not in ("extremes", "percentile", "numeric_summary"):
        return "count", None, None
    return match[1], _unescape(match[2]), None if match[3] is None else _number(match[3])


def _embedded(params: Clause, key: str) -> Any:
    """Return the JSON value inside the text under ``key``, or None."""
    text = params.get(key)
    if not isinstance(text, str):
        return None
    try:  # wrapped into an object, because only those are parsed strictly
        return loads(f'{{"value": {text}}}')["value"]
    except (BookmarkValidationError, KeyError):
        return None


def _names(params: Clause, key: str) -> tuple[str, ...] | None:
    value = _embedded(params, key)
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    return None


def _cohort(params: Clause) -> int | CohortDefinition | None:
    value = _embedded(params, "filter_by_cohort")
    try:
        return cohort(value) if isinstance(value, Mapping) else None
    except Unreadable:
        return None


def _segments(params: Clause) -> tuple[int, ...] | None:
    value = _embedded(params, "segment_by_cohorts")
    if not isinstance(value, Mapping) or not all(key.isdecimal() for key in value):
        return None
    return tuple(int(key) for key in value)


def selector(text: str) -> tuple[Filter, ...] | None:
    """Read a selector as filters, or None when it says something that filters do not say."""
    found: list[Filter] = []
    start = 0
    while start < len(text):
        condition = _condition(text, start)
        if condition is None:
            return None
        part, end = condition
        if text[end : end + 5] not in ("", " and ") or text.endswith(" and "):
            return None
        together = _together(found[-1], part) if found else None
        found[-1:] = [together] if together else [*found[-1:], part]
        start = end + 5
    return tuple(found)


def _together(one: Filter, other: Filter) -> Filter | None:
    """Make one condition of two that say which values a property has not."""
    if not one._operator == other._operator == "does not equal":
        return None
    values = [*one._value, *other._value]
    joined = replace(one, _value=values)
    return joined if joined == replace(other, _value=values) else None


def _condition(text: str, start: int) -> tuple[Filter, int] | None:
    for pattern, operator, kind in _FORMS:
        match = pattern.match(text, start)
        if match:
            return _filter(match.groupdict(), operator, kind), match.end()
    return _alternatives(text, start)


def _filter(found: dict[str, str | None], operator: str, kind: str) -> Filter:
    """Make the filter of a form from the parts that the form names."""
    value, unit = _value(found, kind), None
    if found.get("seconds"):
        value, unit = _quantity(int(found["seconds"] or 0))
    if operator in ("equals", "does not equal"):
        value = [value]
    return Filter(_unescape(found["property"] or ""), operator, value, kind, "events", unit)  # type: ignore[arg-type]  # a word of the tables


def _value(found: dict[str, str | None], kind: str) -> Any:
    low, high = found.get("low"), found.get("high")
    if low is not None and high is not None:
        return [_number(low), _number(high)] if kind == "number" else [low, high]
    if low is not None:
        return low if kind == "datetime" else _number(low)
    text = found.get("text")
    return None if text is None else _unescape(text)


def _alternatives(text: str, start: int) -> tuple[Filter, int] | None:
    """Read ``(properties["p"] == "a" or properties["p"] == "b")``."""
    whole = _EITHER.match(text, start)
    if whole is None:
        return None
    parts = list(re.finditer(_ONE, whole[1], re.DOTALL))
    names = {part[1] for part in parts}
    if len(names) != 1:
        return None
    values = [_number(part[3]) if part[2] is None else _unescape(part[2]) for part in parts]
    return Filter(_unescape(names.pop()), "equals", values), whole.end()


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _quantity(seconds: int) -> tuple[int, str]:
    """Return a number of seconds in days if it is whole days, else in hours.

    Weeks and months are durations of 7 and 30 days, so days say the same.
    """
    unit, size = next((row for row in _SECONDS if seconds % row[1] == 0), ("second", 1))
    return seconds // size, unit


def _compile(form: str) -> re.Pattern[str]:
    """Make a pattern from a form: P the property (p: the same again), V text, L and H bounds."""
    words = {
        "P": rf'properties\["(?P<property>{_QUOTED})"\]',
        "p": r'properties\["(?P=property)"\]',
        "V": rf'"(?P<text>{_QUOTED})"',
        "L": rf"(?P<low>{_NUMBER})",
        "H": rf"(?P<high>{_NUMBER})",
        "DAY": r'datetime\("(?P<low>\d{4}-\d\d-\d\d)T00:00:00"\)',
        "LASTDAY": r'datetime\("(?P<low>\d{4}-\d\d-\d\d)T23:59:59"\)',
        "SAMEDAY": r'datetime\("(?P=low)T23:59:59"\)',
        "END": r'datetime\("(?P<high>\d{4}-\d\d-\d\d)T23:59:59"\)',
        "AGO": r"datetime\(NOW - (?P<seconds>\d+)\)",
        "AHEAD": r"datetime\(NOW \+ (?P<seconds>\d+)\)",
        "NOW": r"datetime\(NOW\)",
        "TIME": r'datetime\(properties\["(?P<property>' + _QUOTED + r')"\]\)',
        "time": r'datetime\(properties\["(?P=property)"\]\)',
        "DEFINED": rf'defined\(properties\["(?P<property>{_QUOTED})"\]\)',
    }
    spelled = " ".join(words.get(word, word) for word in form.split())
    return re.compile(spelled.replace("( ", r"\(").replace(" )", r"\)"), re.DOTALL)


_FORMS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (_compile(form), operator, kind)
    for form, operator, kind in (
        ("TIME >= DAY and time <= SAMEDAY", "was on", "datetime"),
        ("( TIME < DAY or time > SAMEDAY )", "was not on", "datetime"),
        ("TIME >= DAY and time <= END", "was between", "datetime"),
        ("( TIME < DAY or time > END )", "was not between", "datetime"),
        ("TIME >= AGO and time < NOW", "was in the", "datetime"),
        ("( TIME < AGO or time >= NOW )", "was not in the", "datetime"),
        ("TIME >= NOW and time < AHEAD", "was in the next", "datetime"),
        ("TIME < DAY", "was before", "datetime"),
        ("TIME >= DAY", "was since", "datetime"),
        ("P >= L and p <= H", "is between", "number"),
        ("( P < L or p > H )", "not between", "number"),
        ("P == V", "equals", "string"),
        ("P != V", "does not equal", "string"),
        ("P == true", "true", "boolean"),
        ("P == false", "false", "boolean"),
        ("P == L", "equals", "string"),
        ("P != L", "does not equal", "string"),
        ("P > L", "is greater than", "number"),
        ("P < L", "is less than", "number"),
        ("P >= L", "is at least", "number"),
        ("P <= L", "is at most", "number"),
        ("V in P", "contains", "string"),
        ("not V in P", "does not contain", "string"),
        ("DEFINED", "is set", "string"),
        ("not DEFINED", "is not set", "string"),
    )
)
