"""Reads values, properties, filters and breakdowns from the tree.

The surprise: a comparison with a date is a date filter (`created >= 2025-01-01` is "since"), and
the type of a property follows from the value unless `as` names it.
"""

from __future__ import annotations

from typing import Any

from lark import Token

from mpnb.query.breakdown import (
    CohortBreakdown,
    FrequencyBreakdown,
    GroupBy,
    ListItemGroupMode,
)
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.text.read_value import json_value, tree
from mpnb.text.reading import Node, Reading, rule
from mpnb.text.value import is_date
from mpnb.text.words import BY_TEXT, DATED, TIMES, Operator

# --- properties ---------------------------------------------------------------------------------


def property_parts(reading: Reading, node: Node) -> tuple[Any, str]:
    """Return what a `property` node names, and whether it is of events or people."""
    user = isinstance(node.children[0], Token)
    child = node.children[-1]
    assert not isinstance(child, Token)
    return reading.read(child), "people" if user else "events"


def event_only(reading: Reading, node: Node, instead: str) -> Any:
    """Read a property where one of a profile cannot stand."""
    named, resource = property_parts(reading, node)
    if resource == "people":
        raise reading.error(node, "A profile property cannot be named here.", instead)
    return named


@rule("property")
def _property(reading: Reading, node: Node) -> tuple[Any, str]:
    return property_parts(reading, node)


@rule("custom_ref")
def _custom_ref(reading: Reading, node: Node) -> CustomPropertyRef:
    return CustomPropertyRef(reading.whole(tree(node.children[0])))


@rule("custom_formula")
def _custom_formula(reading: Reading, node: Node) -> InlineCustomProperty:
    people = isinstance(node.children[0], Token)
    trees = [child for child in node.children if not isinstance(child, Token)]
    typed = [reading.read(child) for child in trees if child.data == "typed"]
    inputs: dict[str, PropertyInput] = {}
    for child in trees:
        if child.data == "input":
            letter, value = reading.read(child)
            if letter in inputs:
                raise reading.error(child, f"The input {letter} is there twice.")
            inputs[letter] = value
    formula = reading.read(trees[0])
    return InlineCustomProperty(
        formula, inputs, typed[0] if typed else None, "people" if people else "events"
    )


@rule("input")
def _input(reading: Reading, node: Node) -> tuple[str, PropertyInput]:
    letter, *rest = node.children
    user = isinstance(rest[0], Token)
    trees = [reading.read(child) for child in rest if not isinstance(child, Token)]
    kind: Any = trees[1] if len(trees) > 1 else "string"
    return str(letter), PropertyInput(trees[0], kind, "user" if user else "event")


@rule("typed")
def _typed(reading: Reading, node: Node) -> Any:
    return str(node.children[0])


@rule("label")
def _label(reading: Reading, node: Node) -> Any:
    return reading.only(node)


# --- filters ------------------------------------------------------------------------------------


@rule("filters_all", "filters_any")
def _filters(reading: Reading, node: Node) -> tuple[str, list[Any]]:
    return str(node.data).removeprefix("filters_"), reading.all(node)


@rule("filters_none")
def _filters_none(reading: Reading, node: Node) -> tuple[str, None]:
    return "any", None


@rule("filtered")
def _filtered(reading: Reading, node: Node) -> tuple[str, list[Any] | None]:
    combinator, filters = reading.only(node)
    for child, found in zip(tree(node.children[0]).children, filters or (), strict=True):
        if isinstance(found, FrequencyFilter):
            raise reading.error(
                child,
                "How often users did an event cannot be a condition on one event.",
                "Write it in a where clause on a line of its own.",
            )
    return combinator, filters


@rule("property_filter")
def _property_filter(reading: Reading, node: Node) -> Filter:
    named, resource, kind, test = test_parts(reading, node)
    operator, value, implied, unit = test
    return Filter(named, operator, value, kind or implied, resource, unit)  # type: ignore[arg-type]  # the part checks its words


def test_parts(reading: Reading, node: Node) -> tuple[Any, str, str | None, Any]:
    """Return the property, its owner, its type if it is named, and the test of a filter."""
    trees = [tree(child) for child in node.children]
    named, resource = property_parts(reading, trees[0])
    kind = reading.read(trees[1]) if len(trees) > 2 else None
    return named, resource, kind, reading.read(trees[-1])


Test = tuple[str, Any, str, str | None]
"""Wire operator, value, implied property type, unit of a relative date."""


def _operator(node: Node) -> Operator:
    return BY_TEXT[" ".join(str(node.children[0]).split())]


@rule("test_value")
def _test_value(reading: Reading, node: Node) -> Test:
    operator = _operator(node)
    value = reading.read(tree(node.children[1]))
    if operator.implied == "number" and is_date(value):
        if operator.text not in DATED:
            raise reading.error(
                node,
                f"{operator.text} does not take a date.",
                "Write on, before or since (or < and >=).",
            )
        return DATED[operator.text], value, "datetime", None
    if operator.text in ("=", "!="):
        return operator.wire, [value], "boolean" if isinstance(value, bool) else "string", None
    return operator.wire, value, operator.implied, None


@rule("test_list")
def _test_list(reading: Reading, node: Node) -> Test:
    operator = _operator(node)
    values = [reading.read(tree(child)) for child in node.children[1:]]
    return operator.wire, values, operator.implied, None


@rule("test_range")
def _test_range(reading: Reading, node: Node) -> Test:
    operator = _operator(node)
    values = [reading.read(tree(child)) for child in node.children[1:]]
    if any(is_date(value) for value in values):
        return DATED[operator.text], values, "datetime", None
    return operator.wire, values, operator.implied, None


@rule("test_relative")
def _test_relative(reading: Reading, node: Node) -> Test:
    count, unit = reading.whole(tree(node.children[1])), reading.read(tree(node.children[2]))
    return _operator(node).wire, count, "datetime", unit


@rule("test_state")
def _test_state(reading: Reading, node: Node) -> Test:
    operator = _operator(node)
    return operator.wire, None, str(operator.implied), None


@rule("test_raw")
def _test_raw(reading: Reading, node: Node) -> Test:
    found = reading.by_rule(node)
    return found["string"], found.get("raw_value"), "string", found.get("raw_unit")


@rule("raw_value")
def _raw_value(reading: Reading, node: Node) -> Any:
    return json_value(reading, node.children[0])


@rule("raw_unit")
def _raw_unit(reading: Reading, node: Node) -> Any:
    return reading.only(node)


@rule("list_filter")
def _list_filter(reading: Reading, node: Node) -> Filter:
    at = next(index for index, child in enumerate(node.children) if isinstance(child, Token))
    named, resource = property_parts(reading, tree(node.children[0]))
    kind: Any = reading.read(tree(node.children[1])) if at > 1 else "object"
    items = tuple(reading.read(tree(child)) for child in node.children[at + 1 :])
    return Filter(
        named,
        "list_contains",
        None,
        kind,
        resource,  # type: ignore[arg-type]  # the part checks its words
        _list_item_filters=items,
        _list_item_quantifier=str(node.children[at]),  # type: ignore[arg-type]  # the part checks its words
    )


@rule("cohort_filter")
def _cohort_filter(reading: Reading, node: Node) -> Filter:
    cohort = reading.read(tree(node.children[1]))
    label = reading.read(tree(node.children[2])) if len(node.children) > 2 else None
    negated = isinstance(node.children[0], Token) and node.children[0].type == "NOT_IN_COHORT"
    make = Filter.not_in_cohort if negated else Filter.in_cohort
    return make(cohort, label)


@rule("did")
def _did(reading: Reading, node: Node) -> FrequencyFilter:
    found = reading.by_rule(node)
    for odd in ("did_with", "did_between"):
        if odd in found:
            raise reading.error(
                node,
                "This can be said of a cohort only.",
                'Write: in cohort (did "Event" at least 3 times within 30 days).',
            )
    if "did_times" not in found:
        raise reading.error(node, "How often?", 'Write: did "Event" at least 3 times.')
    operator, value = found["did_times"]
    count, unit = found.get("did_within", (None, None))
    return FrequencyFilter(
        found["string"],
        value,
        operator,
        count,
        unit,
        found.get("did_where"),
        found.get("label"),
    )


@rule("did_where")
def _did_where(reading: Reading, node: Node) -> list[Any]:
    return reading.all(node)


@rule("did_times")
def _did_times(reading: Reading, node: Node) -> tuple[str, int | float]:
    phrase = " ".join(str(node.children[0]).split())
    return TIMES[phrase], reading.read(tree(node.children[1]))


@rule("did_within")
def _did_within(reading: Reading, node: Node) -> tuple[int, str]:
    return reading.whole(tree(node.children[0])), reading.read(tree(node.children[1]))


@rule("did_between", "did_with")
def _pair_of(reading: Reading, node: Node) -> tuple[Any, ...]:
    return tuple(str(part) for part in reading.all(node))


# --- breakdowns ---------------------------------------------------------------------------------


@rule("property_breakdown")
def _property_breakdown(reading: Reading, node: Node) -> GroupBy:
    found = reading.by_rule(node)
    first = tree(node.children[0])
    named, resource = reading.read(first)
    size, low, high = found.get("buckets", (None, None, None))
    kind: Any = found.get("typed") or ("number" if size is not None else None)
    return GroupBy(named, kind or "string", size, low, high, found.get("item"), resource)


@rule("item")
def _item(reading: Reading, node: Node) -> ListItemGroupMode:
    found = reading.by_rule(node)
    return ListItemGroupMode(found["name"], found.get("typed", "string"))


@rule("buckets")
def _buckets(reading: Reading, node: Node) -> tuple[Any, Any, Any]:
    found = reading.by_rule(node)
    return found["number"], found.get("low"), found.get("high")


@rule("low", "high")
def _bound(reading: Reading, node: Node) -> Any:
    return reading.only(node)


@rule("only")
def _only(reading: Reading, node: Node) -> bool:
    return True


@rule("cohort_breakdown")
def _cohort_breakdown(reading: Reading, node: Node) -> CohortBreakdown:
    cohort = reading.read(tree(node.children[0]))
    rest = {str(tree(child).data): reading.read(tree(child)) for child in node.children[1:]}
    return CohortBreakdown(cohort, rest.get("label"), include_negated="only" not in rest)


@rule("frequency_breakdown")
def _frequency_breakdown(reading: Reading, node: Node) -> FrequencyBreakdown:
    found = reading.by_rule(node)
    size, low, high = found.get("buckets", (1, 0, 10))
    return FrequencyBreakdown(
        found["string"],
        size,
        0 if low is None else low,
        10 if high is None else high,
        found.get("label"),
    )
