"""Passes over all rows: counting by bucket and segment, and picking the rows of a metric.

A ``Grid`` says which bucket a row is in; ``tally`` counts rows and distinct users, ``select`` lists
matching rows. Both have a numpy form for small stores and a compiled form for large ones; the two
give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import jit
from mpnb.engine.duckdb.axis import HOUR_MS, Axis, day_of, midnight

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Array = npt.NDArray[Any]
Counts = npt.NDArray[np.int64]

NO_CODES = np.zeros(0, np.uint8)
NO_MASK = np.zeros(0, np.bool_)


@dataclass(frozen=True, eq=False)
class Grid:
    """Which bucket each row is in: ``bucket_of[(tick - first_tick) // per]``, -1 for none.

    ``starts_ms`` and ``ends_ms`` bound each bucket, half-open.
    """

    tick: Array
    first_tick: int
    per: int
    bucket_of: npt.NDArray[np.int32]
    starts_ms: npt.NDArray[np.int64]
    ends_ms: npt.NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many buckets there are."""
        return len(self.starts_ms)


@dataclass(frozen=True, eq=False)
class Segments:
    """Which segment each row is in: ``segment_of[codes]``, -1 for none; no codes: all in one."""

    codes: Array
    segment_of: npt.NDArray[np.int32]
    labels: list[str]

    @property
    def count(self) -> int:
        """How many segments there are."""
        return len(self.labels)

    def of(self, rows: Counts) -> Counts:
        """Segment of some rows."""
        if len(self.codes) == 0:
            return np.zeros(len(rows), np.int64)
        return self.segment_of[self.codes[rows]].astype(np.int64)


ONE_SEGMENT = Segments(NO_CODES, np.zeros(1, np.int32), [""])


def grid(store: Store, axis: Axis) -> Grid:
    """The grid of an axis: by local day, or by absolute hour."""
    bounds = axis.starts_ms, axis.ends_ms
    if axis.by_day:
        return Grid(store.day, axis.first_day, 1, axis.of_day, *bounds)
    return Grid(store.time, int(bounds[0][0]), HOUR_MS, _count_up(len(axis)), *bounds)


def fine_grid(store: Store, axis: Axis, window: int) -> tuple[Grid, npt.NDArray[np.int64]]:
    """A grid of single days (or hours) that reaches ``window - 1`` of them before the axis.

    Also returns the cell in which the window of each bucket ends. The cells have no bounds.
    """
    nothing = np.zeros(0, np.int64)
    if axis.by_day:
        first, ends = axis.first_day - window + 1, axis.last_days
        cells = np.zeros(int(ends[-1]) - first + 1, np.int64)
        return Grid(store.day, first, 1, _count_up(len(cells)), cells, nothing), ends - first
    first = int(axis.starts_ms[0]) - (window - 1) * HOUR_MS
    cells = np.zeros(len(axis) + window - 1, np.int64)
    made = Grid(store.time, first, HOUR_MS, _count_up(len(cells)), cells, nothing)
    return made, np.arange(window - 1, len(cells))


def window_grid(store: Store, axis: Axis, bucket: int, window: int) -> Grid:
    """One bucket: the ``window`` local days (or hours) that end with a bucket of the axis."""
    end_ms = axis.ends_ms[bucket : bucket + 1]
    if axis.by_day:
        first = int(axis.last_days[bucket]) - window + 1
        start_ms = np.array([midnight(store.timezone, day_of(first))], np.int64)
        return Grid(store.day, first, 1, np.zeros(window, np.int32), start_ms, end_ms)
    start_ms = axis.starts_ms[bucket : bucket + 1] - (window - 1) * HOUR_MS
    return Grid(store.time, int(start_ms[0]), HOUR_MS, np.zeros(window, np.int32), start_ms, end_ms)


def _count_up(count: int) -> npt.NDArray[np.int32]:
    return np.arange(count, dtype=np.int32)


def totals(
    store: Store,
    wanted: npt.NDArray[np.bool_],
    mask: npt.NDArray[np.bool_] | None,
    cells: Grid,
    split: Segments = ONE_SEGMENT,
    low: int = 0,
) -> Counts:
    """Rows (from row ``low`` on) per segment and bucket, an array of [segments, buckets]."""
    if store.n_rows < jit.FEW_ROWS:
        rows, bucket, code = _placed(store, wanted, mask, cells, split)
        return _binned(code[rows >= low], bucket[rows >= low], cells.size, split.count)
    kernel = jit.load("kernels_count").totals
    inputs = _inputs(store, wanted, mask, cells, split, cells.size)

    def work(first: int, last: int) -> Counts:
        counts = np.zeros(split.count * cells.size, np.int64)
        kernel(*inputs, max(first, low), last, counts)
        return counts

    parts = jit.spread(work, jit.splits(store.offsets, store.n_rows))
    return sum_parts(parts).reshape(split.count, cells.size)


def distinct(
    store: Store,
    wanted: npt.NDArray[np.bool_],
    mask: npt.NDArray[np.bool_] | None,
    cells: Grid,
    split: Segments = ONE_SEGMENT,
    window: int = 1,
) -> Counts:
    """Distinct users per segment and bucket, an array of [segments, buckets].

    With ``window`` above 1 a user counts in the bucket of the row and in the window - 1 after it.
    """
    if store.n_rows < jit.FEW_ROWS:
        rows, bucket, code = _placed(store, wanted, mask, cells, split)
        known = store.user[rows] < store.n_users
        places = rows[known], bucket[known], code[known]
        return _windows(store, *places, cells.size, split.count, window)
    kernels = jit.load("kernels_count")
    inputs = *_inputs(store, wanted, mask, cells, split, cells.size), jit.frozen(store.user)
    if window > 1:
        return _windows_compiled(store, wanted, mask, cells, split, window)

    def work(first: int, last: int) -> Counts:
        counts = np.zeros(split.count * cells.size, np.int64)
        kernels.distinct(*inputs, first, last, counts)
        return counts

    parts = jit.spread(work, jit.splits(store.offsets, int(store.offsets[-1])))
    return sum_parts(parts).reshape(split.count, cells.size)


def _windows_compiled(
    store: Store,
    wanted: npt.NDArray[np.bool_],
    mask: npt.NDArray[np.bool_] | None,
    cells: Grid,
    split: Segments,
    window: int,
) -> Counts:
    kernel = jit.load("kernels_count").windows
    inputs = *_inputs(store, wanted, mask, cells, split, 1), jit.frozen(store.user)

    def work(first: int, last: int) -> Counts:
        changes = np.zeros((split.count, cells.size + 1), np.int64)
        kernel(*inputs, first, last, window, changes)
        return changes

    parts = jit.spread(work, jit.splits(store.offsets, int(store.offsets[-1])))
    return sum_parts(parts).cumsum(axis=1)[:, :-1]


def _inputs(
    store: Store,
    wanted: npt.NDArray[np.bool_],
    mask: npt.NDArray[np.bool_] | None,
    cells: Grid,
    split: Segments,
    step: int,
) -> tuple[Any, ...]:
    """What all kernels take; ``step`` is the distance of two segments in the output."""
    places = np.where(split.segment_of < 0, -1, split.segment_of * step).astype(np.int32)
    return (
        jit.frozen(store.event),
        wanted,
        jit.frozen(cells.tick),
        cells.first_tick,
        cells.per,
        cells.bucket_of,
        jit.frozen(split.codes),
        places,
        jit.frozen(NO_MASK if mask is None else mask),
    )


def distinct_entries(cell: Counts, user: Counts, n_cells: int) -> Counts:
    """Distinct users per cell of entries that are sorted by user; all entries have one."""
    counts = np.zeros(n_cells, np.int64)
    jit.load("kernels_count").distinct(
        jit.frozen(np.zeros(len(cell), np.uint8)),
        np.ones(1, np.bool_),
        jit.frozen(cell.astype(np.int32)),
        0,
        1,
        _count_up(n_cells),
        jit.frozen(NO_CODES),
        np.zeros(1, np.int32),
        jit.frozen(NO_MASK),
        jit.frozen(user.astype(np.int32)),
        0,
        len(cell),
        counts,
    )
    return counts


def sum_parts(parts: list[Counts]) -> Counts:
    """Add up the arrays that the threads made."""
    first, *others = parts
    for other in others:
        first += other
    return first


def expand(where: Counts, rows: Counts) -> tuple[Counts, Counts]:
    """Join entries (their rows, ascending) to rows: position among ``rows``, and entry, of each."""
    low = np.searchsorted(where, rows, side="left")
    counts = np.searchsorted(where, rows, side="right") - low
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    entries = np.arange(total) + np.repeat(low - ends + counts, counts)
    return np.repeat(np.arange(len(rows)), counts), entries


def select(
    store: Store,
    wanted: npt.NDArray[np.bool_],
    mask: npt.NDArray[np.bool_] | None,
    cells: Grid,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Matching row numbers, ascending (so by user, then time), and the bucket of each."""
    if store.n_rows < jit.FEW_ROWS:
        return _select_numpy(store, wanted, mask, cells)
    kernel = jit.load("kernels_count").select
    inputs = (
        jit.frozen(store.event),
        wanted,
        jit.frozen(cells.tick),
        cells.first_tick,
        cells.per,
        cells.bucket_of,
        jit.frozen(NO_MASK if mask is None else mask),
    )

    def work(low: int, high: int) -> tuple[Array, Array]:
        nothing = np.zeros(0, np.int64), np.zeros(0, np.int32)
        found = kernel(*inputs, low, high, *nothing)
        outputs = np.empty(found, np.int64), np.empty(found, np.int32)
        if found:
            kernel(*inputs, low, high, *outputs)
        return outputs

    parts = jit.spread(work, jit.splits(store.offsets, store.n_rows))
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int32)
    return np.concatenate([r for r, _ in parts]), np.concatenate([b for _, b in parts])


def _select_numpy(
    store: Store, wanted: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_] | None, cells: Grid
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    passing = wanted[store.event]
    if mask is not None:
        passing &= mask
    rows = np.flatnonzero(passing)
    step = (cells.tick[rows].astype(np.int64) - cells.first_tick) // cells.per
    inside = (step >= 0) & (step < len(cells.bucket_of))
    bucket = cells.bucket_of[step[inside]]
    rows = rows[inside][bucket >= 0]
    return rows, bucket[bucket >= 0]


def _placed(
    store: Store,
    wanted: npt.NDArray[np.bool_],
    mask: npt.NDArray[np.bool_] | None,
    cells: Grid,
    split: Segments,
) -> tuple[Counts, Counts, Counts]:
    """Row, bucket and segment of everything that counts."""
    rows, bucket = _select_numpy(store, wanted, mask, cells)
    code = split.of(rows)
    kept = code >= 0
    return rows[kept], bucket[kept].astype(np.int64), code[kept]


def _binned(code: Counts, bucket: Counts, size: int, count: int) -> Counts:
    return np.bincount(code * size + bucket, minlength=count * size).reshape(count, size)


def _windows(
    store: Store, rows: Counts, bucket: Counts, code: Counts, size: int, n_codes: int, window: int
) -> Counts:
    """Distinct users per code and bucket, each staying for ``window`` buckets."""
    who = store.user[rows].astype(np.int64) * n_codes + code
    active = np.unique(who * size + bucket)
    who, bucket = active // size, active % size
    same = np.zeros(len(active), np.bool_)
    same[1:] = who[1:] == who[:-1]
    before = np.where(same, np.concatenate([[0], bucket[:-1]]) + window, 0)
    start = np.maximum(bucket, before)
    end = np.minimum(bucket + window, size)
    steps = np.zeros((n_codes, size + 1), np.int64)
    np.add.at(steps, (who % n_codes, np.minimum(start, end)), 1)
    np.add.at(steps, (who % n_codes, end), -1)
    return np.cumsum(steps, axis=1)[:, :size]
