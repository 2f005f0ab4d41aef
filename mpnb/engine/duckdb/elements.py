"""Lists taken apart: from one value per row to one scalar value per item.

A `Source` enters, `Elements` leave: a source of scalars, and the row of each when a row may have
several. The surprise: a row with an empty list stays, with one undefined item, so that it can be
shown as ``(not set)``; whoever counts values drops the undefined ones anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import sources
from mpnb.engine.duckdb.caches import cached
from mpnb.engine.duckdb.sources import Mask, Source
from mpnb.errors import NotSupportedError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

MAX_ELEMENTS: Final = 1 << 27
"""How many elements lists may hold together; so many take some gigabytes."""


@dataclass(frozen=True, eq=False)
class Elements:
    """Scalar items; `rows` is the row of each, ascending, or None when row i has item i alone."""

    source: Source
    rows: Rows | None


@dataclass(frozen=True, eq=False)
class _Parts:
    """For each distinct value its items: `flat[starts[code]:starts[code] + counts[code]]`."""

    scalars: list[Any]
    flat: Codes
    starts: Rows
    counts: Rows


def elements(store: Store, source: Source, within: Mask | None = None) -> Elements:
    """The items of lists singly; other values are their own only item."""
    if source.kind != "dict" or not _has_lists(store, source):
        return Elements(source, None)
    return _explode(store, source, within, ("items",), lambda value: value)


def _has_lists(store: Store, source: Source) -> bool:
    name = ("has lists", source.key, source.per_user)
    return cached(store, name, lambda: any(isinstance(value, list) for value in source.values))


def list_items(store: Store, source: Source, key: str, within: Mask | None = None) -> Elements:
    """The value under `key` of each object in a list; no list, or no such key: undefined."""

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            return None
        return [item.get(key) if isinstance(item, dict) else None for item in value]

    return _explode(store, sources.as_dict(store, source), within, ("keys", key), read)


def _explode(
    store: Store,
    source: Source,
    within: Mask | None,
    kind: tuple[str, ...],
    read: Callable[[Any], Any],
) -> Elements:
    name = (*kind, source.key, source.per_user)
    parts = cached(store, name, lambda: _parts([read(value) for value in source.values]))
    source = sources.spread(store, source)
    rows = np.arange(len(source.array)) if within is None else np.flatnonzero(within)
    codes = source.array[rows]
    counts = parts.counts[codes]
    if int(counts.sum()) > MAX_ELEMENTS:
        raise NotSupportedError(
            f"The lists of these rows hold {int(counts.sum()):,} elements together; at most "
            f"{MAX_ELEMENTS:,} are told apart. Narrow the rows with a filter, or shorten the lists."
        )
    items = parts.flat[_ranges(parts.starts[codes], counts)]
    made = replace(source, array=items, values=parts.scalars, key=name)
    return Elements(made, np.repeat(rows, counts))


def _parts(values: Sequence[Any]) -> _Parts:
    items = [(value or [None]) if isinstance(value, list) else [value] for value in values]
    flat = [item for group in items for item in group]
    scalars, codes = sources.distinct_values(flat)
    counts = np.array([len(group) for group in items], np.int64)
    return _Parts(scalars, codes, np.cumsum(counts) - counts, counts)


def _ranges(starts: Rows, counts: Rows) -> Rows:
    """All indexes from each start on, as many as each count says, one after the other."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total, dtype=np.int64) + np.repeat(starts - ends + counts, counts)
