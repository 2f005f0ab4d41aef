"""Rules of flows.

Enter arguments as given, leave findings. The surprise: a flow needs at least one step forward or
back over all its anchors together, not for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpnb.query.check import bad_word, has_control, is_finite, is_number, is_word, items_of
from mpnb.query.filter import Filter
from mpnb.query.operators import COMBINATORS
from mpnb.query.rules import common
from mpnb.query.rules.common import Findings, error
from mpnb.query.step import FlowStep

CARDINALITY_MAX = 50
WINDOW_MAX = {"day": 366, "week": 52, "month": 12, "session": 1}
COUNT_TYPES = ("unique", "total", "session")
MODES = ("sankey", "paths", "tree")
STEP_CODES = ("FL2_EMPTY_STEP_EVENT", "FL2_CONTROL_CHAR_STEP_EVENT", "FL2_INVISIBLE_STEP_EVENT")


def question(given: dict[str, Any]) -> Findings:
    """Check a flow question; `given["steps"]` are parts already."""
    steps = given["steps"]
    yield from _directions(given, steps)
    for index, step in enumerate(steps):
        yield from _step(step, f"steps[{index}]")
    if not steps:
        yield error("FL1_EMPTY_STEPS", "steps", "A flow needs an event to start from.")
    yield from _sizes(given)
    for code, name, legal in (
        ("FL_INVALID_COUNT_TYPE", "count_type", COUNT_TYPES),
        ("FL_INVALID_MODE", "mode", MODES),
        ("FL_INVALID_WINDOW_UNIT", "conversion_window_unit", tuple(WINDOW_MAX)),
    ):
        if not is_word(given[name], legal):
            yield bad_word(code, name, given[name], legal)
    if not isinstance(given["collapse_repeated"], bool):
        yield error(
            "FL_TYPE_COLLAPSE_REPEATED",
            "collapse_repeated",
            f"True or False stands here, not {given['collapse_repeated']!r}.",
        )
    yield from _names(given["hidden_events"], "hidden_events", "FL_INVALID_HIDDEN_EVENT_TYPE")
    yield from _names(given["exclusions"], "exclusions", "FL_INVALID_EXCLUSION_TYPE")
    yield from common.window(given["last"], given["from_date"], given["to_date"])
    yield from _where(given["where"])
    yield from common.group_by(given["segments"], "segments")
    yield from common.data_group(given["data_group_id"])


def _directions(given: dict[str, Any], steps: Sequence[FlowStep]) -> Findings:
    clear = True
    for name in ("forward", "reverse"):
        code = f"FL_TYPE_{name.upper()}"
        if type(given[name]) is not int:
            clear = False
            yield _whole(code, name, given[name])
        for index, step in enumerate(steps):
            count = getattr(step, name)
            if type(given[name] if count is None else count) is not int:
                clear = False
                yield _whole(code, f"steps[{index}].{name}", count)
    if clear and steps and not any(_reach(given, step) for step in steps):
        yield error("FL5_NO_DIRECTION", "forward", "Ask for steps forward, or reverse, or both.")


def _whole(code: str, path: str, value: Any) -> Any:
    return error(code, path, f"A whole number, 0 to 5, stands here, not {value!r}.")


def _reach(given: dict[str, Any], step: FlowStep) -> int:
    forward = given["forward"] if step.forward is None else step.forward
    reverse = given["reverse"] if step.reverse is None else step.reverse
    return int(forward) + int(reverse)


def _step(step: FlowStep, path: str) -> Findings:
    yield from common.event_name(step.event, path, STEP_CODES)
    if step.filters_combinator not in COMBINATORS:
        yield bad_word(
            "FL_INVALID_FILTERS_COMBINATOR",
            f"{path}.filters_combinator",
            step.filters_combinator,
            COMBINATORS,
        )
    for index, item in enumerate(items_of(step.filters)):
        where = f"{path}.filters[{index}]"
        if not isinstance(item, Filter):
            yield error("V25_INVALID_FILTER_TYPE", where, f"A Filter stands here, not {item!r}.")
        else:
            yield from _control(item, where)
            yield from _finite(item, where)


def _control(item: Filter, path: str) -> Findings:
    name = item._property
    if isinstance(name, str) and has_control(name):
        yield error(
            "FL_FILTER_CONTROL_CHAR", path, f"{name!r} holds control characters; remove them."
        )


def _where(where: Any) -> Findings:
    yield from common.where(where, frequency=False)
    listed = isinstance(where, list)
    for index, item in enumerate(common.where_parts(where)):
        if isinstance(item, Filter):
            path = f"where[{index}]" if listed else "where"
            yield from _control(item, path)
            yield from _finite(item, path)


def _finite(item: Filter, path: str) -> Findings:
    # The other kinds find this in what they build; flows are built without sections.
    for value in items_of(item._value):
        if is_number(value) and not is_finite(value):
            yield error("B20B_FILTER_VALUE_NOT_FINITE", path, f"{value!r} cannot be compared with.")


def _sizes(given: dict[str, Any]) -> Findings:
    cardinality = given["cardinality"]
    if type(cardinality) is not int or not 1 <= cardinality <= CARDINALITY_MAX:
        yield error(
            "FL6_CARDINALITY_RANGE",
            "cardinality",
            f"cardinality must be 1 to {CARDINALITY_MAX}, not {cardinality!r}.",
        )
    window, unit = given["conversion_window"], given["conversion_window_unit"]
    longest = WINDOW_MAX.get(unit) if isinstance(unit, str) else None
    path = "conversion_window"
    if type(window) is not int:
        yield error(
            "FL7_CONVERSION_WINDOW_TYPE", path, f"A whole number stands here, not {window!r}."
        )
    elif window <= 0:
        yield error("FL7_CONVERSION_WINDOW_POSITIVE", path, f"It must be positive, not {window}.")
    elif unit == "session" and window != 1:
        yield error("FL10_SESSION_WINDOW_REQUIRES_ONE", path, "A session window is 1 session.")
    elif longest is not None and window > longest:
        yield error(
            "FL7_CONVERSION_WINDOW_MAX", path, f"It is {window}; at most {longest} {unit}s."
        )
    if given["count_type"] == "session" and unit != "session":
        yield error(
            "FL9_SESSION_REQUIRES_SESSION_WINDOW",
            "count_type",
            "Counting sessions needs conversion_window=1, conversion_window_unit='session'.",
        )


def _names(value: Any, path: str, code: str) -> Findings:
    items = value if isinstance(value, list | tuple) else (() if value is None else (value,))
    if isinstance(value, str):
        yield error(code, path, f"Give a list of events: [{value!r}].")
        return
    for index, item in enumerate(items):
        if not isinstance(item, str):
            yield error(code, f"{path}[{index}]", f"Name an event here, not {item!r}.")
