"""The filter operators: one row per operator, each a test of one value and one of whole arrays.

A `Filter` enters `condition`, a `Condition` leaves; `passes` runs it over a source. The surprise:
date operators are half-open spans of instants, because a local day is one, so that the same
comparison serves text, numbers and event times.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from mpnb.engine.duckdb import evaluate, operands, sources, values
from mpnb.engine.duckdb.sources import Array, Mask, Source
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query import formula as language
from mpnb.query.custom import InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Test = Callable[[Any, Any, values.Clock], bool]


@dataclass(frozen=True)
class Operator:
    """One row of `OPERATORS`.

    Attributes:
        prepare: the filter's operand, checked and brought into the form that the tests take.
        test: whether one value that is no list passes.
        numbers: the same over an array of numbers with NaN for undefined, if there is a short way.
        casts: True when `numbers` also serves instants, cast to Unix seconds.
        spans: True when the operand is a span of instants, so that arrays of instants have one too.
        negates: the operator of which this is the exact negation (F-3).
        whole: True when a list is looked at as a whole, not element by element (F-7).
    """

    prepare: operands.Prepare
    test: Test | None = None
    numbers: Callable[[Array, Any, values.Clock], Mask] | None = None
    casts: bool = False
    spans: bool = False
    negates: str | None = None
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Condition:
    """An operator with its operand, ready to be applied to values of one property."""

    operator: Operator
    operand: Any
    clock: values.Clock
    key: tuple[str, Hashable, str]
    positive: Condition | None = None

    def holds(self, value: Any) -> bool:
        """Whether one native value passes."""
        if self.positive is not None:
            return not self.positive.holds(value)
        test = self.operator.test
        assert test is not None
        if isinstance(value, list) and not self.operator.whole:
            return any(test(item, self.operand, self.clock) for item in value)
        return test(value, self.operand, self.clock)

    def over(self, source: Source) -> Mask | None:
        """Which entries of numbers or instants pass; None when there is no short way."""
        if self.positive is not None:
            found = self.positive.over(source)
            return None if found is None else ~found
        if self.operator.spans:
            ms = sources.as_ms(source)
            return None if ms is None else self.operand.over(ms)
        if self.operator.numbers is None or (source.kind == "time" and not self.operator.casts):
            return None
        numbers = sources.as_numbers(source)
        if numbers is None:
            return None
        return self.operator.numbers(numbers, self.operand, self.clock)


def condition(filter_: Filter, clock: values.Clock) -> Condition:
    """The condition that a filter on a property puts on the property's values.

    Raises:
        NotSupportedError: the operator is not known here.
        QueryError: the operand does not fit the operator.
    """
    name = ALIASES.get(filter_._operator, filter_._operator)
    row = OPERATORS.get(name)
    if row is None:
        raise NotSupportedError(
            f"The local engine has no filter operator {filter_._operator!r}; "
            f"it has {', '.join(sorted(OPERATORS))}."
        )
    operand = row.prepare(filter_, clock)
    key = (name, _key(operand), clock.zone.key)
    if row.negates is None:
        return Condition(row, operand, clock, key)
    positive = Condition(OPERATORS[row.negates], operand, clock, (row.negates, *key[1:]))
    return Condition(row, operand, clock, key, positive)


def _key(operand: Any) -> Hashable:
    if isinstance(operand, Items):
        return (operand.every, *((inner.key, inner.condition.key) for inner in operand.filters))
    return cast(Hashable, operand)


def passes(store: Store, source: Source, wanted: Condition) -> Mask:
    """Which entries of a source pass, one per row or user of the source."""
    found = wanted.over(source)
    if found is not None:
        return found
    if wanted.key[0] in ("is set", "is not set"):
        defined = sources.known(source)
        return defined if wanted.positive is None else ~defined
    coded = sources.as_dict(store, source)
    lookup = sources.table(store, coded, wanted.key, wanted.holds, np.bool_)
    return sources.take(lookup, coded.array)


# --- items of lists -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Items:
    """What `list_contains` asks of the objects in a list: inner conditions by key (F-8)."""

    filters: tuple[Inner, ...]
    every: bool

    def match(self, item: Any) -> bool:
        """Whether one item is an object that satisfies all inner filters at once."""
        return isinstance(item, dict) and all(
            inner.condition.holds(inner.read(item)) for inner in self.filters
        )


@dataclass(frozen=True, eq=False)
class Inner:
    """One inner condition: what it reads of an item, and the name of that for look-up tables."""

    key: Hashable
    read: Callable[[dict[str, Any]], Any]
    condition: Condition


def _items(filter_: Filter, clock: values.Clock) -> Items:
    inner = [_inner(part, clock) for part in filter_._list_item_filters or ()]
    if not inner:
        raise QueryError(f"{operands.said(filter_)} has no inner filter.")
    return Items(tuple(inner), filter_._list_item_quantifier == "all")


def _inner(part: Filter, clock: values.Clock) -> Inner:
    """A condition on a key of an item, or on a formula whose inputs are its keys (F-8, X-1)."""
    wanted, name = condition(part, clock), part._property
    if isinstance(name, str):
        return Inner(name, lambda item: item.get(name), wanted)
    if not isinstance(name, InlineCustomProperty):
        raise NotSupportedError(
            "A saved custom property inside list_contains reads properties of events, not keys of "
            "the list's objects; write it out as an InlineCustomProperty over those keys."
        )
    inputs = name.inputs
    if any(given.resource_type == "user" for given in inputs.values()):
        raise NotSupportedError(
            "A custom property inside list_contains reads the keys of the list's objects, which "
            'no profile has; leave out resource_type="user".'
        )
    code = evaluate.compiled(language.parse(name.formula, list(inputs)), name.formula, clock)

    def read(item: dict[str, Any]) -> Any:
        return code({letter: _native(item, given) for letter, given in inputs.items()})

    letters = tuple((letter, given.name, given.type) for letter, given in inputs.items())
    return Inner((name.formula, letters, clock.now_ms), read, wanted)


def _native(item: Mapping[str, Any], given: PropertyInput) -> Any:
    """An input's native value; only a declared date-time is cast (X-1)."""
    value = item.get(given.name)
    return values.to_moment(value) if given.type == "datetime" else value


# --- tests of one value -------------------------------------------------------------------------


def _equals(value: Any, wanted: operands.Texts, clock: values.Clock) -> bool:
    if isinstance(value, bool):
        if value in wanted.booleans:
            return True
    elif isinstance(value, int | float) and value in wanted.numbers:
        return True
    if not wanted.texts:
        return False
    text = values.to_text(value, clock.zone)
    return text is not None and text.lower() in wanted.texts


def _of_text(compare: Callable[[str, str], bool]) -> Test:
    def test(value: Any, wanted: str, clock: values.Clock) -> bool:
        text = values.to_text(value, clock.zone)
        return text is not None and compare(text.lower(), wanted)

    return test


def _of_number(compare: Callable[[Any, Any], Any]) -> Test:
    def test(value: Any, wanted: Any, clock: values.Clock) -> bool:
        number = values.to_number(value, clock.zone)
        return number is not None and bool(compare(number, wanted))

    return test


def _of_moment(value: Any, span: operands.Span, clock: values.Clock) -> bool:
    moment = values.to_moment(value)
    return moment is not None and span.has(values.to_ms(moment, clock.zone))


def _is_set(value: Any, _: None, clock: values.Clock) -> bool:
    return value is not None


def _is_true(value: Any, _: None, clock: values.Clock) -> bool:
    return value is not None and values.to_boolean(value)


def _is_false(value: Any, _: None, clock: values.Clock) -> bool:
    return value is not None and not values.to_boolean(value)


def _contains_items(value: Any, wanted: Items, clock: values.Clock) -> bool:
    if not isinstance(value, list):
        return False
    if wanted.every:
        return bool(value) and all(map(wanted.match, value))
    return any(map(wanted.match, value))


# --- tests of arrays of numbers -----------------------------------------------------------------


def _equals_numbers(numbers: Array, wanted: operands.Texts, clock: values.Clock) -> Mask:
    alike = set(wanted.numbers)
    for text in wanted.texts:
        number = values.shortest_number(text)
        if number is not None:
            alike.add(number)
    found = np.zeros(len(numbers), np.bool_)
    for number in alike:
        found |= numbers == number
    return found


def _inside(number: Any, bounds: tuple[float, float]) -> Any:
    return (number >= bounds[0]) & (number <= bounds[1])


def _outside(number: Any, bounds: tuple[float, float]) -> Any:
    return (number < bounds[0]) | (number > bounds[1])


def _number_row(compare: Callable[[Any, Any], Any], pair: bool = False) -> Operator:
    def numbers(array: Array, wanted: Any, clock: values.Clock) -> Mask:
        found: Mask = compare(array, wanted)
        return found

    return Operator(
        operands.two_numbers if pair else operands.one_number,
        _of_number(compare),
        numbers,
        casts=True,
    )


def _moment_row(prepare: operands.Prepare) -> Operator:
    return Operator(prepare, _of_moment, spans=True)


OPERATORS: Final[Mapping[str, Operator]] = {
    "equals": Operator(operands.to_texts, _equals, _equals_numbers),
    "does not equal": Operator(operands.to_texts, negates="equals"),
    "contains": Operator(operands.one_text, _of_text(lambda text, wanted: wanted in text)),
    "does not contain": Operator(operands.one_text, negates="contains"),
    "starts with": Operator(operands.one_text, _of_text(str.startswith)),
    "ends with": Operator(operands.one_text, _of_text(str.endswith)),
    "is greater than": _number_row(lambda number, bound: number > bound),
    "is less than": _number_row(lambda number, bound: number < bound),
    "is at least": _number_row(lambda number, bound: number >= bound),
    "is at most": _number_row(lambda number, bound: number <= bound),
    "is between": _number_row(_inside, pair=True),
    "not between": _number_row(_outside, pair=True),
    "is set": Operator(
        operands.nothing, _is_set, lambda n, _, __: ~np.isnan(n), casts=True, whole=True
    ),
    "is not set": Operator(operands.nothing, negates="is set"),
    "true": Operator(operands.nothing, _is_true, lambda n, _, __: (n != 0) & ~np.isnan(n)),
    "false": Operator(operands.nothing, _is_false, lambda n, _, __: n == 0),
    "was on": _moment_row(operands.days(first=True, last=True)),
    "was not on": _moment_row(operands.days(first=True, last=True, inside=False)),
    "was before": _moment_row(operands.days(first=False, last=False)),
    "was since": _moment_row(operands.days(first=True, last=False)),
    "was between": _moment_row(operands.two_days(inside=True)),
    "was not between": _moment_row(operands.two_days(inside=False)),
    "was in the": _moment_row(operands.last_span(inside=True)),
    "was not in the": _moment_row(operands.last_span(inside=False)),
    "was in the next": _moment_row(operands.next_span),
    "list_contains": Operator(_items, _contains_items, whole=True),
}
"""Every operator as the wire spells it, and what it tests (F-1 to F-10)."""

ALIASES: Final[Mapping[str, str]] = {"is equal to": "equals", "is not equal to": "does not equal"}


def every(masks: Sequence[Mask], combinator: str) -> Mask:
    """Masks joined: all of them ("all"), or any one ("any")."""
    join = np.logical_and if combinator == "all" else np.logical_or
    found: Mask = join.reduce(masks) if len(masks) > 1 else masks[0]
    return found
