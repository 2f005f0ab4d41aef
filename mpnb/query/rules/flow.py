"""Rules of flows.

Enter arguments as given, leave findings. The surprise: a flow needs at least one step forward or
back over all its anchors together, not for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from mpnb.query import sound
from mpnb.query.check import (
    bad_word,
    date_problem,
    has_control,
    is_finite,
    is_number,
    is_word,
    items_of,
    shown,
)
from mpnb.query.filter import Filter
from mpnb.query.operators import COMBINATORS
from mpnb.query.rules import common
from mpnb.query.rules.common import Found, error
from mpnb.query.step import FlowStep

CARDINALITY_MAX = 50
WINDOW_MAX = {"day": 366, "week": 52, "month": 12, "session": 1}
COUNT_TYPES = ("unique", "total", "session")
MODES = ("sankey", "paths", "tree")
WORDS = (
    ("FL_INVALID_COUNT_TYPE", "count_type", COUNT_TYPES),
    ("FL_INVALID_MODE", "mode", MODES),
    ("FL_INVALID_WINDOW_UNIT", "conversion_window_unit", tuple(WINDOW_MAX)),
)
"""Code → argument and the words that it may be."""
STEP_CODES = ("FL2_EMPTY_STEP_EVENT", "FL2_CONTROL_CHAR_STEP_EVENT", "FL2_INVISIBLE_STEP_EVENT")


def question(given: dict[str, Any], found: Found) -> None:
    """Check a flow question; `given["steps"]` are parts already."""
    steps = given["steps"]
    _types(given, steps, found)
    if found:  # numbers and names can be judged only when they are such
        return
    if not steps:
        error(found, "FL1_EMPTY_STEPS", "steps", "A flow needs an event to start from.")
    elif not any(_reach(given, step) for step in steps):
        error(found, "FL5_NO_DIRECTION", "forward", "Ask for steps forward, or reverse, or both.")
    for index, step in enumerate(steps):
        common.event_name(step.event, f"steps[{index}]", STEP_CODES, found)
        for place, item in enumerate(items_of(step.filters)):
            common.custom(item._property, f"steps[{index}].filters[{place}]", found)
    _more_types(given, found)
    _sizes(given, found)
    for code, name, legal in WORDS:
        if not is_word(given[name], legal):
            found.append(bad_word(code, name, given[name], legal))
    common.window(given["last"], given["from_date"], given["to_date"], found)
    _not_to_come(given, found)
    _where(given["where"], found)
    common.group_by(given["segments"], found, "segments")
    common.data_group(given["data_group_id"], found)


def _types(given: dict[str, Any], steps: Sequence[FlowStep], found: Found) -> None:
    for name in ("forward", "reverse"):
        code = f"FL_TYPE_{name.upper()}"
        if type(given[name]) is not int:
            _whole(code, name, given[name], found)
        for index, step in enumerate(steps):
            count = getattr(step, name)
            count = given[name] if count is None else count
            if count is not None and type(count) is not int:
                _whole(code, f"steps[{index}].{name}", count, found)
    for index, step in enumerate(steps):
        _step(step, f"steps[{index}]", found)
    _names(given["hidden_events"], "hidden_events", "FL_INVALID_HIDDEN_EVENT_TYPE", found)


def _more_types(given: dict[str, Any], found: Found) -> None:
    if not isinstance(given["collapse_repeated"], bool):
        error(
            found,
            "FL_TYPE_COLLAPSE_REPEATED",
            "collapse_repeated",
            f"True or False stands here, not {given['collapse_repeated']!r}.",
        )
    _names(given["exclusions"], "exclusions", "FL_INVALID_EXCLUSION_TYPE", found)


def _whole(code: str, path: str, value: Any, found: Found) -> None:
    error(found, code, path, f"A whole number, 0 to 5, stands here, not {shown(value)}.")


def _reach(given: dict[str, Any], step: FlowStep) -> int:
    forward = given["forward"] if step.forward is None else step.forward
    reverse = given["reverse"] if step.reverse is None else step.reverse
    return int(forward) + int(reverse)


def _not_to_come(given: dict[str, Any], found: Found) -> None:
    # An open end is today in the params of a flow, and these have no other form for it.
    first = given["from_date"]
    today = date.today().isoformat()
    if given["to_date"] is None and date_problem(first) is None and first > today:
        error(found, "V15_DATE_ORDER", "from_date", f"from_date {first} lies after today.")


def _step(step: FlowStep, path: str, found: Found) -> None:
    if step.filters_combinator not in COMBINATORS:
        found.append(
            bad_word(
                "FL_INVALID_FILTERS_COMBINATOR",
                f"{path}.filters_combinator",
                step.filters_combinator,
                COMBINATORS,
            )
        )
    for index, item in enumerate(items_of(step.filters)):
        where = f"{path}.filters[{index}]"
        if sound.filter_(item):
            continue
        if not isinstance(item, Filter):
            error(
                found, "V25_INVALID_FILTER_TYPE", where, f"A Filter stands here, not {shown(item)}."
            )
        else:
            _control(item, where, found)
            _finite(item, where, found)


def _control(item: Filter, path: str, found: Found) -> None:
    name = item._property
    if isinstance(name, str) and has_control(name):
        error(
            found,
            "FL_FILTER_CONTROL_CHAR",
            path,
            f"{shown(name)} holds control characters; remove them.",
        )


def _where(where: Any, found: Found) -> None:
    if where is None:
        return
    common.where(where, found, frequency=False)
    items = common.where_parts(where)
    for index, item in enumerate(items):
        if isinstance(item, Filter) and not sound.filter_(item):
            path = f"where[{index}]" if len(items) > 1 else "where"
            _control(item, path, found)
            _finite(item, path, found)


def _finite(item: Filter, path: str, found: Found) -> None:
    # The other kinds find this in what they build; flows are built without sections.
    for value in items_of(item._value):
        if is_number(value) and not is_finite(value):
            error(
                found,
                "B20B_FILTER_VALUE_NOT_FINITE",
                path,
                f"{shown(value)} cannot be compared with.",
            )


def _sizes(given: dict[str, Any], found: Found) -> None:
    cardinality = given["cardinality"]
    if type(cardinality) is not int or not 1 <= cardinality <= CARDINALITY_MAX:
        error(
            found,
            "FL6_CARDINALITY_RANGE",
            "cardinality",
            f"cardinality must be 1 to {CARDINALITY_MAX}, not {shown(cardinality)}.",
        )
    window, unit = given["conversion_window"], given["conversion_window_unit"]
    _window(window, unit, found)
    if given["count_type"] == "session" and unit != "session":
        error(
            found,
            "FL9_SESSION_REQUIRES_SESSION_WINDOW",
            "count_type",
            "Counting sessions needs conversion_window=1, conversion_window_unit='session'.",
        )


def _window(window: Any, unit: Any, found: Found) -> None:
    path = "conversion_window"
    if type(window) is not int:
        error(
            found,
            "FL7_CONVERSION_WINDOW_TYPE",
            path,
            f"A whole number stands here, not {shown(window)}.",
        )
        return
    if unit == "session" and window != 1:
        error(found, "FL10_SESSION_WINDOW_REQUIRES_ONE", path, "A session window is 1 session.")
    if window <= 0:
        error(found, "FL7_CONVERSION_WINDOW_POSITIVE", path, f"It must be positive, not {window}.")
    elif unit != "session" and is_word(unit, WINDOW_MAX) and window > WINDOW_MAX[unit]:
        error(
            found,
            "FL7_CONVERSION_WINDOW_MAX",
            path,
            f"It is {window}; at most {WINDOW_MAX[unit]} {unit}s.",
        )


def _names(value: Any, path: str, code: str, found: Found) -> None:
    if value is None:
        return
    items = value if isinstance(value, list | tuple) else (value,)
    if isinstance(value, str):
        error(found, code, path, f"Give a list of events: [{shown(value)}].")
        return
    for index, item in enumerate(items):
        if not isinstance(item, str):
            error(found, code, f"{path}[{index}]", f"Name an event here, not {shown(item)}.")
