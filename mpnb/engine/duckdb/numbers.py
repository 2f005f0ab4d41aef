"""The numeric values of a property: cast per row, lists giving each of their elements (I-6).

A `Source` enters, `Numbers` leave: float64 with NaN for whatever does not cast. The surprise: when
lists are among the values there are several numbers per row, and `rows` says whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import sources, values
from mpnb.engine.duckdb.elements import Rows, elements
from mpnb.engine.duckdb.sources import Array, Mask, Source

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of rows.

    Attributes:
        values: float64, NaN for undefined; one per row, or one per entry of `rows`.
        rows: the row of each value, ascending; None when there is exactly one value per row.
    """

    values: npt.NDArray[np.float64]
    rows: Rows | None

    def pairs(self, within: Mask | None = None) -> tuple[Rows, npt.NDArray[np.float64]]:
        """Row and value of every defined number, rows ascending."""
        known = ~np.isnan(self.values)
        if self.rows is None:
            rows = np.flatnonzero(known if within is None else known & within)
            return rows, self.values[rows]
        kept = known if within is None else known & within[self.rows]
        return self.rows[kept], self.values[kept]


def of_source(store: Store, source: Source, within: Mask | None = None) -> Numbers:
    """The numbers of a source over rows; with `within` lists outside of it may be left out."""
    items = elements(store, source, within)
    if items.rows is not None:
        return Numbers(cast(store, items.source), items.rows)
    found = sources.spread_array(store, source, cast(store, source), np.nan)
    return Numbers(found, None)


def cast(store: Store, source: Source) -> Array:
    """Each scalar of a source cast to number, NaN when it does not cast."""
    plain = sources.as_numbers(source)
    if plain is not None:
        return plain
    zone = store.timezone

    def number(value: object) -> float:
        found = values.to_number(value, zone)
        return np.nan if found is None else found

    found = sources.table(store, source, ("number", zone.key), number, np.float64)
    return sources.take(found, source.array)


def cast_items(store: Store, source: Source) -> list[list[float]]:
    """The numbers in each distinct value of a dict source: its own, or those of its elements."""

    def items(value: object) -> list[float]:
        parts = value if isinstance(value, list) else [value]
        found = (values.to_number(part, store.timezone) for part in parts)
        return [number for number in found if number is not None]

    return [items(value) for value in source.values]
