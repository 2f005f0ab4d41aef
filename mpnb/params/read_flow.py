"""Flow bookmark → ``FlowQuery``.

In: the params of a flow (a flat object with ``steps``). Out: the question. The surprises: a step's
own forward and reverse are set aside as the question's when all steps agree; and step filters have
a language of their own, with numbers and dates as text, in which "before D" is ``> D``.
"""

from __future__ import annotations

import re
from typing import Any

from mpnb.params.read_cohort import Unreadable
from mpnb.params.read_parts import (
    Clause,
    breakdowns,
    cohort,
    each,
    filters,
    get,
    items,
    section,
    word,
)
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.step import FlowStep
from mpnb.query.window import TimeRange
from mpnb.query.words import FlowConversionWindowUnit, FlowCountType, FlowSessionEvent

MODES = {"graph": "sankey", "list": "paths", "tree": "tree"}
"""``flows_merge_type`` → mode."""

STRING_OPERATORS = {
    "==": "equals",
    "!=": "does not equal",
    "in": "contains",
    "not in": "does not contain",
    "set": "is set",
    "not set": "is not set",
}
NUMBER_OPERATORS = {
    "==": "equals",
    "!=": "does not equal",
    ">": "is greater than",
    "<": "is less than",
    ">=": "is at least",
    "<=": "is at most",
    "><": "is between",
    "!><": "not between",
    "is set": "is set",
    "is not set": "is not set",
}
DATE_OPERATORS = {
    "==": "was on",
    "!=": "was not on",
    ">": "was before",
    "<": "was since",
    "><": "was between",
    "!><": "was not between",
}
UNITS = {"hours": "hour", "days": "day", "weeks": "week", "months": "month"}

_DATE = re.compile(r"(\d\d)/(\d\d)/(\d{4})")


def flow(params: Clause) -> FlowQuery:
    """Read the params of a flow."""
    raw = items(params, "steps")
    forward = _common(raw, "forward", 3)
    reverse = _common(raw, "reverse", 0)
    window = section(params, "conversion_window")
    return FlowQuery(
        steps=each(raw, lambda step: _step(step, forward, reverse)),
        forward=forward,
        reverse=reverse,
        range=_range(section(params, "date_range")),
        conversion_window=get(window, "value", int, 7),
        conversion_window_unit=word(window, "unit", FlowConversionWindowUnit, "day"),
        count_type=word(params, "count_type", FlowCountType, "unique"),
        cardinality=get(params, "cardinality_threshold", int, 3),
        collapse_repeated=get(params, "collapse_repeated", bool, False),
        hidden_events=_names(params, "hidden_events"),
        mode=MODES.get(get(params, "flows_merge_type", str, "graph"), "sankey"),  # type: ignore[arg-type]  # a word of the tables
        where=(*_event_filters(params), *_cohort_filter(params)),
        data_group_id=get(params, "data_group_id", int),
        segments=breakdowns(items(params, "segments")),
        exclusions=_names(params, "exclusions"),
    )


def _common(steps: list[Clause], key: str, default: int) -> int:
    """Return the number that all steps share, else the default."""
    numbers = {get(step, key, int, default) for step in steps}
    return int(numbers.pop()) if len(numbers) == 1 else default


def _names(params: Clause, key: str) -> tuple[str, ...]:
    value = get(params, key, list, [])
    return tuple(value) if all(isinstance(name, str) for name in value) else ()


def _range(clause: Clause) -> TimeRange:
    start, end = clause.get("from_date"), clause.get("to_date")
    if clause.get("type") == "between" and isinstance(start, str) and isinstance(end, str):
        return TimeRange(from_date=start, to_date=end)
    window = section(clause, "from_date")
    return TimeRange(get(window, "value", int, 30)) if window.get("unit") == "day" else TimeRange()


def _step(clause: Clause, forward: int, reverse: int) -> FlowStep:
    event, label = get(clause, "event", str), get(clause, "step_label", str)
    if event is None:
        raise Unreadable("step without an event")
    own = get(clause, "forward", int), get(clause, "reverse", int)
    return FlowStep(
        event,
        None if own[0] == forward else own[0],
        None if own[1] == reverse else own[1],
        None if label == event else label,
        each(items(clause, "property_filter_params_list"), step_filter) or None,
        "any" if clause.get("bool_op") == "or" else "all",
        word(clause, "session_event", FlowSessionEvent),
    )


def _event_filters(params: Clause) -> tuple[Filter, ...]:
    clause = section(params, "filter_by_event")
    return filters(items(clause, "children")) if clause.get("operator") == "and" else ()


def _cohort_filter(params: Clause) -> tuple[Filter, ...]:
    def read(clause: Clause) -> Filter:
        make = Filter.not_in_cohort if clause.get("negated") is True else Filter.in_cohort
        return make(cohort(clause), get(clause, "name", str) or None)

    clause = section(params, "filter_by_cohort")
    return each([clause], read) if clause else ()


def step_filter(clause: Clause) -> Filter:
    """Read one condition of a step."""
    prop, test = section(clause, "property"), section(clause, "filter")
    name, kind = get(prop, "name", str), get(clause, "type", str)
    whose = "people" if prop.get("source") == "user" else "events"
    readers = {
        "string": _string_test,
        "number": _number_test,
        "boolean": _boolean_test,
        "datetime": _date_test,
    }
    if name is None or kind not in readers:
        raise Unreadable("step filter")
    operator, value, unit = readers[kind](test)
    return Filter(name, operator, value, kind, whose, unit)  # type: ignore[arg-type]  # a word of the tables


Test = tuple[str, Any, str | None]


def _operator(test: Clause, words: dict[str, str]) -> str:
    word = words.get(get(test, "operator", str, ""))
    if word is None:
        raise Unreadable("operator of a step filter")
    return word


def _string_test(test: Clause) -> Test:
    word = _operator(test, STRING_OPERATORS)
    return word, None if word in ("is set", "is not set") else test.get("operand"), None


def _number_test(test: Clause) -> Test:
    word = _operator(test, NUMBER_OPERATORS)
    if word in ("is set", "is not set"):
        return word, None, None
    operand = test.get("operand")
    if isinstance(operand, list):
        return word, [_to_number(text) for text in operand], None
    return word, _to_number(operand), None


def _to_number(text: Any) -> int | float:
    try:
        return int(text)
    except (TypeError, ValueError):
        pass
    try:
        return float(text)
    except (TypeError, ValueError):
        raise Unreadable("number of a step filter") from None


def _boolean_test(test: Clause) -> Test:
    operand = test.get("operand")
    if operand not in ("true", "false") or "operator" in test:
        raise Unreadable("boolean step filter")
    return str(operand), None, None


def _date_test(test: Clause) -> Test:
    operand = test.get("operand")
    if type(operand) is int and test.get("operator") == ">":
        return "was in the", operand, UNITS.get(get(test, "unit", str, ""))
    word = _operator(test, DATE_OPERATORS)
    if isinstance(operand, list):
        return word, [_to_date(text) for text in operand], None
    return word, _to_date(operand), None


def _to_date(text: Any) -> str:
    match = _DATE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Unreadable("date of a step filter")
    month, day, year = match.groups()
    return f"{year}-{month}-{day}"
