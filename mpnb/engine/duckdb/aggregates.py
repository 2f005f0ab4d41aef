"""Aggregates of a property per user, and over one collection of numbers.

Values of counted rows enter; one number per user leaves, NaN where nothing can be said. The
surprise: nothing at all sums to 0 and has 0 distinct values, but has no average (C-4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from mpnb.engine.duckdb import numbers, sources
from mpnb.engine.duckdb.elements import Rows, elements
from mpnb.engine.duckdb.sources import Array, Source

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Aggregate = Callable[[Array, Array, int], Array]
"""Takes users (ascending), their values, and the number of users; gives one number per user."""


def _total(users: Array, found: Array, n_users: int) -> Array:
    return np.bincount(users, found, n_users)


def _average(users: Array, found: Array, n_users: int) -> Array:
    counts = np.bincount(users, minlength=n_users)
    with np.errstate(invalid="ignore"):
        averages: Array = np.bincount(users, found, n_users) / counts
    return averages


def _extreme(join: np.ufunc, start: float) -> Aggregate:
    def aggregate(users: Array, found: Array, n_users: int) -> Array:
        out = np.full(n_users, start)
        join.at(out, users, found)
        return np.where(np.isinf(out), np.nan, out)

    return aggregate


def _median(users: Array, found: Array, n_users: int) -> Array:
    order = np.lexsort((found, users))
    ordered = found[order]
    counts = np.bincount(users, minlength=n_users)
    first = np.cumsum(counts) - counts
    out = np.full(n_users, np.nan)
    some = counts > 0
    low, high = first + (counts - 1) // 2, first + counts // 2
    out[some] = (ordered[low[some]] + ordered[high[some]]) / 2
    return out


AGGREGATES: Final[dict[str, Aggregate | None]] = {
    "total": _total,
    "unique": None,
    "average": _average,
    "min": _extreme(np.minimum, np.inf),
    "max": _extreme(np.maximum, -np.inf),
    "median": _median,
}
"""The aggregations of a cohort's behaviors; "unique" works on values of any type."""


def per_user(store: Store, source: Source, rows: Rows, operator: str) -> Array:
    """One aggregate per user of a property over some rows; undefined values are left out."""
    within = np.zeros(store.n_rows, np.bool_)
    within[rows] = True
    aggregate = AGGREGATES[operator]
    if aggregate is None:
        return _distinct(store, source, within)
    found = numbers.of_source(store, source, within)
    values = found.values[rows] if found.rows is None else found.values
    users = store.user[rows if found.rows is None else found.rows]
    known = ~np.isnan(values)
    return aggregate(users[known], values[known], store.n_users)


def _distinct(store: Store, source: Source, within: Array) -> Array:
    items = elements(store, sources.spread(store, source), within)
    rows = np.flatnonzero(within) if items.rows is None else items.rows
    coded = sources.as_dict(store, items.source) if items.rows is None else items.source
    codes = coded.array[rows] if items.rows is None else coded.array
    known = codes != 0
    pairs = np.unique(store.user[rows[known]].astype(np.int64) * len(coded.values) + codes[known])
    return np.bincount(pairs // len(coded.values), minlength=store.n_users).astype(float)
