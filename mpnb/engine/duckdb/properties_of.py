"""Values of a property on the entries of a sample: numbers, distinct values, labels, touches.

A sample and a property go in; arrays that name the entry of each value come out. The surprise: a
list gives one value per element, so an entry may come several times, and undefined ones not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import numbers as numbers_of
from mpnb.engine.duckdb import passes, properties, sources
from mpnb.engine.duckdb.axis import DAY_MS
from mpnb.engine.duckdb.elements import elements
from mpnb.engine.duckdb.sample import Sample
from mpnb.engine.duckdb.values import NOT_SET, label, of_ms
from mpnb.query.custom import PropertySpec

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Ints = npt.NDArray[np.int64]
TOUCH_MS = 30 * DAY_MS


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers and the cell of each; ``at`` is the entry of the sample, where it is known."""

    cell: Ints
    value: npt.NDArray[np.float64]
    at: Ints | None


def _within(sample: Sample) -> npt.NDArray[np.bool_]:
    within = np.zeros(sample.store.n_rows, np.bool_)
    within[sample.rows] = True
    return within


def numbers(sample: Sample, spec: PropertySpec) -> Numbers:
    """The values cast to number; undefined ones dropped, lists by element."""
    store = sample.store
    within = _within(sample)
    found = numbers_of.of_source(store, properties.resolve(store, spec, within=within), within)
    if found.rows is None:
        value = found.values[sample.rows]
        at = np.flatnonzero(~np.isnan(value))
        return Numbers(sample.cell[at], value[at], at)
    at, entries = passes.expand(found.rows, sample.rows)
    value = found.values[entries]
    known = ~np.isnan(value)
    return Numbers(sample.cell[at[known]], value[known], at[known])


def value_codes(sample: Sample, spec: PropertySpec) -> tuple[Ints, Ints, int]:
    """Entry and code of each defined value, and a bound of the codes; lists by element.

    Equal codes are equal values: 1 and 1.0 share one, 1 and "1" do not.
    """
    at, codes, values = scalars(
        sample, properties.resolve(sample.store, spec, within=_within(sample))
    )
    return at[codes > 0], codes[codes > 0], len(values)


def scalars(sample: Sample, source: sources.Source) -> tuple[Ints, Ints, list[Any]]:
    """Entry and code of each value (0 is undefined), lists by element, and the distinct values."""
    store = sample.store
    source = sources.spread(store, source)
    items = elements(store, source, _within(sample))
    if items.rows is None:
        source = _narrowed(store, items.source, sample.rows)
        codes, at = source.array.astype(np.int64), np.arange(len(sample.rows))
    else:
        at, entries = passes.expand(items.rows, sample.rows)
        source = sources.as_dict(store, items.source)
        codes = source.array[entries].astype(np.int64)
    canonical, values = _canonical(source.values)
    return at, canonical[codes], values


def _narrowed(store: Store, source: sources.Source, rows: Ints) -> sources.Source:
    """The source over some rows only, as codes of distinct values."""
    if source.kind == "dict":
        picked = source.array[rows]
        return sources.Source("dict", picked, ("rows",), source.values)
    found, codes = np.unique(source.array[rows], return_inverse=True, equal_nan=True)
    undefined = np.isnan(found.astype(np.float64))
    kept = [None, *found[~undefined].tolist()]
    if source.kind == "time":
        kept = [None, *(of_ms(item) for item in kept[1:])]
    return sources.Source("dict", np.where(undefined[codes], 0, codes + 1), ("rows",), kept)


def _canonical(values: Any) -> tuple[Ints, list[Any]]:
    """Code of each distinct value after equal ones are made one; 0 is undefined."""
    place: dict[Any, int] = {sources.identity(None): 0}
    kept: list[Any] = [None]
    codes = np.empty(len(values), np.int64)
    for i, value in enumerate(values):
        code = codes[i] = place.setdefault(sources.identity(value), len(kept))
        if code == len(kept):
            kept.append(value)
    return codes, kept


def labelled(sample: Sample, spec: PropertySpec) -> tuple[Sample, Ints, list[str]]:
    """Entries that have the property (once per element), the label code of each, the labels."""
    at, codes, labels = texts(
        sample, properties.resolve(sample.store, spec, within=_within(sample))
    )
    known = codes > 0
    return sample.where(at[known]), codes[known] - 1, labels[1:]


def texts(sample: Sample, source: sources.Source) -> tuple[Ints, Ints, list[str]]:
    """Entry and label code of each value, each label once per entry, and the labels.

    Code 0 is undefined; an entry with a list comes once per distinct element.
    """
    at, codes, values = scalars(sample, source)
    place: dict[str, int] = {}
    zone = sample.store.timezone
    of_value = [1 + place.setdefault(label(value, zone), len(place)) for value in values[1:]]
    found = np.array([0, *of_value], np.int64)[codes]
    _, first = np.unique(at * (len(place) + 1) + found, return_index=True)
    first.sort()
    return at[first], found[first], [NOT_SET, *place]


def touches(sample: Sample, spec: PropertySpec) -> tuple[Sample, Ints]:
    """The row of the last touch of each entry, -1 for none.

    A touch is a row of the user, the entry's own included, that has the property, at most 30 days
    before the entry.
    """
    store = sample.store
    source = sources.spread(store, properties.resolve(store, spec))
    items = elements(store, source)
    last = np.full(store.n_rows, -1, np.int64)
    defined = np.flatnonzero(_defined(items.source))
    rows = defined if items.rows is None else items.rows[defined]
    last[rows] = rows
    last = np.maximum.accumulate(last) if len(last) else last
    touched = last[sample.rows]
    safe = np.maximum(touched, 0)
    good = (touched >= 0) & sample.known & (store.user[safe] == sample.user)
    good &= store.time[sample.rows] - store.time[safe] <= TOUCH_MS
    return sample, np.where(good, touched, -1)


def _defined(source: sources.Source) -> npt.NDArray[np.bool_]:
    if source.kind == "dict":
        return np.asarray(source.array != 0, np.bool_)
    return ~np.isnan(source.array.astype(np.float64))
