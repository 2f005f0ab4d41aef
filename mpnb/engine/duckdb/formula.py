"""Formulas over columns: custom properties (section 12) and legacy selectors (section 13).

A formula and its inputs enter, a `Source` of values leaves. The surprise: a formula is evaluated
once per distinct combination of its inputs; only arithmetic over columns of numbers goes row by
row, and then as whole arrays.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from mpnb.engine.duckdb import evaluate, sources, values, vectors
from mpnb.engine.duckdb.caches import cached
from mpnb.engine.duckdb.sources import Array, Mask, Source
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query import formula as language
from mpnb.query.expression import Expression, FormulaError, Name, Property, walk

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

MAX_DENSE: Final = 1 << 22
"""Up to so many possible combinations of inputs are counted in a table, more are sorted."""


def source(
    store: Store,
    text: str,
    inputs: Mapping[str, tuple[Source, str]],
    within: Mask | None = None,
) -> Source:
    """The values of a custom property.

    Args:
        store: the events and profiles.
        text: the formula.
        inputs: for each letter its values and the type that they are declared to have; only a
            declared date-time is cast (X-1).
        within: the rows that count; others may stay undefined where that spares work.

    Returns:
        Native values, one per row, or per user when all inputs are of profiles.

    Raises:
        FormulaError: the formula cannot be read or run.
    """
    tree = language.parse(text, list(inputs))
    used = {node.name for node in walk(tree) if isinstance(node, Name)}
    given: dict[Hashable, Source] = {}
    for letter, (values_, kind) in inputs.items():
        if letter in used:
            given[letter] = _as_moments(store, values_) if kind == "datetime" else values_
    return _evaluated(store, tree, text, given, within=within)


def selector(
    store: Store,
    text: str,
    *,
    people: bool = False,
    behaviors: Mapping[str, Array] | None = None,
) -> Source:
    """The values of a legacy expression such as ``properties["plan"] == "pro"``.

    Args:
        store: the events and profiles.
        text: the expression.
        people: True when ``properties[…]`` means profile properties, as in user queries.
        behaviors: for ``behaviors["name"]``, a number per user under each name.
    """
    tree = language.parse(text)
    given: dict[Hashable, Source] = {}
    for node in walk(tree):
        if isinstance(node, Property):
            given[node.space, node.key] = _property(store, node, people, behaviors or {})
    return _evaluated(store, tree, text, given, per_user=people)


def selected(
    store: Store,
    text: str,
    *,
    people: bool = False,
    behaviors: Mapping[str, Array] | None = None,
) -> Mask:
    """Where a legacy expression is true: one per row, or per user with `people`."""
    found = selector(store, text, people=people, behaviors=behaviors)
    if found.kind != "dict":
        return np.zeros(len(found.array), np.bool_)
    true = np.array([value is True for value in found.values], np.bool_)
    return sources.take(true, found.array)


def _property(store: Store, node: Property, people: bool, behaviors: Mapping[str, Array]) -> Source:
    if node.space == "user" or (people and node.space == "properties"):
        return sources.profile_property(store, node.key)
    if node.space == "behaviors":
        if node.key not in behaviors:
            raise QueryError(f'The expression names behaviors["{node.key}"], which is not given.')
        key = ("behavior", node.key, behaviors[node.key].tobytes())
        return Source("number", behaviors[node.key].astype(float), key, per_user=True)
    if people:
        raise NotSupportedError(
            f'{node.space}["{node.key}"] is read from an event, and this question is about '
            "profiles; use properties[…]."
        )
    return sources.event_property(store, node.key)


def _as_moments(store: Store, given: Source) -> Source:
    """The same values cast to date-times."""
    ms = sources.as_ms(given)
    if ms is not None:
        return replace(given, kind="time", array=ms, key=("moments", given.key))
    coded = sources.as_dict(store, given)
    moments = [values.to_moment(value) for value in coded.values]
    return replace(coded, values=moments, key=("moments", given.key))


def _evaluated(
    store: Store,
    tree: Expression,
    text: str,
    given: Mapping[Hashable, Source],
    per_user: bool | None = None,
    within: Mask | None = None,
) -> Source:
    if per_user is None:
        per_user = bool(given) and all(one.per_user for one in given.values())
    if not per_user:
        given = {name: sources.spread(store, one) for name, one in given.items()}
    clock = sources.clock(store)
    inputs = tuple(sorted(((str(name), one.key) for name, one in given.items()), key=str))
    key = ("formula", text, inputs, per_user, clock.now_ms)
    count = store.n_users if per_user else store.n_rows
    long = _Long(sum(1 for _ in walk(tree)), text)
    arrays = partial(_as_arrays, store, tree, given, count, key, per_user, long)
    whole = cached(store, ("arrays", *key), arrays)
    if whole is not None:
        return whole
    code = evaluate.compiled(tree, text, clock)
    many = count > BLOCK and any(
        len(one.values) > BLOCK or not one.values for one in given.values()
    )
    if many and within is not None and not per_user:
        rows = np.flatnonzero(within)
        # The key is used once: values of some rows only are not worth keeping.
        return _by_combination(
            store, code, given, _blocks(rows), count, (key, object()), False, long
        )
    blocks = _blocks(np.arange(count)) if many else None
    return cached(
        store, key, lambda: _by_combination(store, code, given, blocks, count, key, per_user, long)
    )


BLOCK: Final = 1 << 18
"""Inputs with more distinct values than this are evaluated for so many rows at a time."""


def _blocks(rows: Array) -> list[Array]:
    return [rows[first : first + BLOCK] for first in range(0, len(rows), BLOCK)]


MANY_PARTS: Final = 64
"""A formula of more parts than this is worth finding out which of its inputs are equal."""

MAX_WORK_OF_ARRAYS: Final = 4_000_000_000
MAX_WORK_OF_VALUES: Final = 5_000_000
"""How many parts times values a very long formula may work through, some seconds at most."""

VERY_LONG: Final = 500
"""Formulas of at most so many parts are measured by their time alone."""


@dataclass(frozen=True)
class _Long:
    """How long a formula is: its number of parts, and its text to point at."""

    parts: int
    text: str

    def require(self, values_: int, most: int) -> None:
        """Raise when so many values are too many for a formula of this length."""
        if self.parts > VERY_LONG and self.parts * values_ > most:
            message = (
                f"The formula has {self.parts:,} parts and its inputs {values_:,} different "
                f"values, which is too much work; shorten it to {most // values_:,} parts."
            )
            raise FormulaError("FORMULA_TOO_MUCH_WORK", message, self.text, 0)


def _as_arrays(
    store: Store,
    tree: Expression,
    given: Mapping[Hashable, Source],
    count: int,
    key: Hashable,
    per_user: bool,
    long: _Long,
) -> Source | None:
    """The values by whole arrays, when all inputs are numbers and the formula allows it."""
    numbers = all(one.kind == "number" for one in given.values())
    which = None
    if given and long.parts > MANY_PARTS and (numbers or all(map(_is_numeric, given.values()))):
        inputs, which, count = _distinct(store, given, count)
        long.require(count, MAX_WORK_OF_ARRAYS)
    elif given and numbers:
        inputs = {name: vectors.Numeric(one.array) for name, one in given.items()}
    else:
        return None
    try:
        found = vectors.evaluate(tree, inputs, count)
    except vectors.NotVectors:
        return None
    if isinstance(found, vectors.Numeric):
        array = found.array if which is None else found.array[which]
        return Source("number", array, key, per_user=per_user)
    if isinstance(found, vectors.Boolean):
        codes = np.where(found.known, np.where(found.array, 2, 1), 0).astype(np.uint8)
        found = vectors.Coded(codes, (None, False, True))
    codes = found.array if which is None else found.array[which]
    return Source("dict", codes, key, list(found.values), per_user)


def _is_numeric(source: Source) -> bool:
    """Whether all values are numbers, also where they are kept as codes because they are few."""
    return source.kind == "number" or (
        source.kind == "dict" and all(type(value) is float for value in source.values[1:])
    )


def _distinct(
    store: Store, given: Mapping[Hashable, Source], count: int
) -> tuple[dict[Hashable, vectors.Numeric], Array, int]:
    """Numbers without repetition, which of them each entry has, and how many they are."""
    coded = {name: sources.as_dict(store, one) for name, one in given.items()}
    combinations, which = _combinations(list(coded.values()), count)
    places = np.array(combinations, np.int64).reshape(len(combinations), len(coded))
    inputs: dict[Hashable, vectors.Numeric] = {}
    for column, (name, one) in enumerate(coded.items()):
        numbers = np.array([np.nan, *one.values[1:]], np.float64)
        inputs[name] = vectors.Numeric(numbers[places[:, column]])
    return inputs, which, len(combinations)


def _by_combination(
    store: Store,
    code: evaluate.Code,
    given: Mapping[Hashable, Source],
    blocks: Sequence[Array] | None,
    count: int,
    key: Hashable,
    per_user: bool,
    long: _Long,
) -> Source:
    """The values by distinct combinations of the inputs' values.

    `blocks` are the rows to look at, part by part; None: all, as they are coded already.
    """
    found = sources.Distinct()
    if blocks is None:
        coded = {name: sources.as_dict(store, one) for name, one in given.items()}
        return found.source(_codes(code, coded, count, found, long), key, per_user)
    codes = np.zeros(count, np.int32)
    for rows in blocks:
        part = {n: sources.encode(replace(s, array=s.array[rows])) for n, s in given.items()}
        codes[rows] = _codes(code, part, len(rows), found, long)
    return found.source(codes, key, per_user)


def _codes(
    code: evaluate.Code,
    coded: Mapping[Hashable, Source],
    count: int,
    found: sources.Distinct,
    long: _Long,
) -> Array:
    """The code of each row's value; new values are added to `found`."""
    combinations, which = _combinations(list(coded.values()), count)
    long.require(len(combinations), MAX_WORK_OF_VALUES)
    results = []
    for combination in combinations:
        items = zip(coded.items(), combination, strict=True)
        results.append(code({name: one.values[place] for (name, one), place in items}))
    return found.codes(results)[which]


def _combinations(coded: Sequence[Source], count: int) -> tuple[list[tuple[int, ...]], Array]:
    """Distinct tuples of codes, and which of them each entry has."""
    which: Array = np.zeros(count, np.int64)
    tuples: list[tuple[int, ...]] = [()]
    for one in coded:
        width = len(one.values)
        joined = which * width + one.array
        present, which = _compressed(joined, len(tuples) * width)
        tuples = [(*tuples[place // width], place % width) for place in present.tolist()]
    return tuples, which


def _compressed(joined: Array, size: int) -> tuple[Array, Array]:
    """The distinct numbers below `size`, ascending, and the place of each entry among them."""
    if size > MAX_DENSE:
        present, places = np.unique(joined, return_inverse=True)
        return present, places
    present = np.flatnonzero(np.bincount(joined, minlength=size))
    lookup = np.zeros(size, np.int64)
    lookup[present] = np.arange(len(present))
    return present, lookup[joined]
