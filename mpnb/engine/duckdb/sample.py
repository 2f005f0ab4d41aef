"""The qualifying rows of one metric, with the bucket and the segment of each.

Filters, breakdowns and a grid go in; a ``Sample`` comes out, from which every measurement is
computed. The surprise: a row with a list value, or in several cohorts, stands in the sample once
per segment, so a sample may hold more entries than there are rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import jit, passes
from mpnb.engine.duckdb.dimension import Coded, Dimension
from mpnb.engine.duckdb.frame import Frame, Order, Path
from mpnb.errors import QueryError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Ints = npt.NDArray[np.int64]

MAX_CELLS = 30_000_000
"""Segments times buckets that an answer may have while it is worked out."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Entries (row, bucket, segment) of one metric, by user, then time.

    Attributes:
        store: where the rows are.
        rows: row number of each entry.
        bucket: bucket index of each entry.
        code: index into ``paths`` of each entry.
        paths: the segments.
        n_buckets: how many buckets there are.
        orders: see ``Frame``.
        before: how many of the buckets lie before the range.
    """

    store: Store
    rows: Ints
    bucket: Ints
    code: Ints
    paths: list[Path]
    n_buckets: int
    orders: tuple[Order, ...] = ()
    before: int = 0

    @property
    def n_cells(self) -> int:
        """Segments times buckets."""
        return len(self.paths) * self.n_buckets

    @cached_property
    def cell(self) -> Ints:
        """Segment and bucket of each entry as one number."""
        return self.code * self.n_buckets + self.bucket

    @cached_property
    def user(self) -> Ints:
        """User code of each entry; ``store.n_users`` where the row has none."""
        return self.store.user[self.rows].astype(np.int64)

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """Entries that have a user."""
        return self.user < self.store.n_users

    def where(self, kept: npt.NDArray[Any]) -> Sample:
        """Only some of the entries (a mask or positions); the segments stay."""
        return replace(self, rows=self.rows[kept], bucket=self.bucket[kept], code=self.code[kept])

    def frame(self, flat: npt.NDArray[Any], zero: bool) -> Frame:
        """The frame of one value per cell."""
        values = flat.reshape(len(self.paths), self.n_buckets)
        return Frame(self.paths, values, zero, self.orders)


def draw(
    store: Store,
    wanted: npt.NDArray[np.bool_],
    mask: npt.NDArray[np.bool_] | None,
    cells: passes.Grid,
    before: int = 0,
) -> Sample:
    """The rows of wanted event codes that pass the mask, without a breakdown."""
    rows, bucket = passes.select(store, wanted, mask, cells)
    one = np.zeros(len(rows), np.int64)
    return Sample(store, rows, bucket.astype(np.int64), one, [()], cells.size, before=before)


def first_per_user(sample: Sample) -> Sample:
    """The first row of each user in each bucket; rows without a user all stay."""
    keys = sample.user * sample.n_cells + sample.cell
    _, first = np.unique(keys, return_index=True)
    kept = ~sample.known
    kept[first] = True
    return sample.where(kept)


def split(sample: Sample, dimensions: Sequence[Dimension], cells: passes.Grid) -> Sample:
    """Break the sample down; only segments that occur remain."""
    if not dimensions:
        return sample
    rows, bucket, code, size = sample.rows, sample.bucket, sample.code, 1
    parts = []
    for dimension in dimensions:
        part = dimension.of(sample.store, rows, bucket, cells)
        if part.at is not None:
            rows, bucket, code = rows[part.at], bucket[part.at], code[part.at]
        code = code * len(part.labels) + part.codes
        size *= len(part.labels)
        parts.append(part)
    present, code = _compact(code, size)
    if len(present) * sample.n_buckets > MAX_CELLS:
        raise QueryError(
            f"{len(present):,} segments over {sample.n_buckets:,} points are too many to hold; "
            "filter the rows, use a longer unit, or ask for a total"
        )
    paths = _paths(present, [part.labels for part in parts])
    orders = tuple(_order(part) for part in parts)
    made = Sample(sample.store, rows, bucket, code, paths, sample.n_buckets, orders, sample.before)
    return _merged(made)


def _order(part: Coded) -> Order:
    return {name: i for i, name in enumerate(part.labels)} if part.ordered else None


def _compact(code: Ints, size: int) -> tuple[Ints, Ints]:
    """Codes that occur, ascending, and each entry's place among them."""
    if size > 4 * len(code) + 1024:
        return np.unique(code, return_inverse=True)
    seen = np.bincount(code, minlength=size) > 0
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[code]


def _paths(codes: Ints, labels: Sequence[list[str]]) -> list[Path]:
    levels = []
    for names in reversed(labels):
        codes, part = np.divmod(codes, len(names))
        levels.append([names[i] for i in part.tolist()])
    return list(zip(*reversed(levels), strict=True))


def _merged(sample: Sample) -> Sample:
    """Segments with equal labels (a 1 and a "1") become one."""
    if len(set(sample.paths)) == len(sample.paths):
        return sample
    place: dict[Path, int] = {}
    codes = np.array([place.setdefault(path, len(place)) for path in sample.paths], np.int64)
    merged = replace(sample, code=codes[sample.code], paths=list(place))
    keys = merged.rows * merged.n_cells + merged.cell
    _, first = np.unique(keys, return_index=True)
    return merged.where(np.sort(first))


def distinct_users(sample: Sample) -> Ints:
    """Number of distinct users in each cell."""
    known = sample.known
    user, cell = sample.user[known], sample.cell[known]
    if len(user) < jit.FEW_ROWS:
        pairs = np.unique(user * sample.n_cells + cell)
        return np.bincount(pairs % max(sample.n_cells, 1), minlength=sample.n_cells)
    return passes.distinct_entries(cell, user, sample.n_cells)
