"""Counting kernels: one pass over rows that are sorted by user and time.

In go read-only columns (``jit.frozen``) and a range of rows that cuts no user in two; counts are
added to the output arrays. The surprise: no set of users is kept. Rows of a user are adjacent, so
one stamp per cell (the user counted last) tells whether the user was counted before.

A row's bucket is ``bucket_of[(tick - first_tick) // per]``, its segment starts at the cell
``cell_of[codes]``; -1 means none. Empty ``codes`` and ``mask`` mean one segment and no filter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = Any


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _bucket(tick: Any, first_tick: int, per: int, bucket_of: Array) -> Any:
    """The bucket of a tick; the division is left out where it is by one, as it is slow."""
    since = np.int64(tick) - first_tick
    if per != 1:
        since = since // per
    step = np.uint64(since)  # before the first tick this is beyond the last
    return bucket_of[step] if step < np.uint64(bucket_of.size) else np.int32(-1)


@njit(cache=True, nogil=True, error_model="numpy")
def totals(
    event: Array,
    wanted: Array,
    tick: Array,
    first_tick: int,
    per: int,
    bucket_of: Array,
    codes: Array,
    cell_of: Array,
    mask: Array,
    low: int,
    high: int,
    counts: Array,
) -> None:
    """Count rows per cell; without a branch on the event, which nobody can predict."""
    one_segment = codes.size == 0
    unfiltered = mask.size == 0
    for i in range(low, high):
        bucket = _bucket(tick[i], first_tick, per, bucket_of)
        if bucket < 0:
            continue
        counted = wanted[event[i]]
        cell = np.int32(0)
        if not one_segment:
            cell = cell_of[codes[i]]
            counted &= cell >= 0
            cell = max(cell, np.int32(0))
        if not unfiltered:
            counted &= mask[i]
        counts[np.uint32(cell + bucket)] += np.int64(counted)


@njit(cache=True, nogil=True, error_model="numpy")
def distinct(
    event: Array,
    wanted: Array,
    tick: Array,
    first_tick: int,
    per: int,
    bucket_of: Array,
    codes: Array,
    cell_of: Array,
    mask: Array,
    user: Array,
    low: int,
    high: int,
    counts: Array,
) -> None:
    """Count distinct users per cell; each cell remembers the user it counted last."""
    one_segment = codes.size == 0
    unfiltered = mask.size == 0
    last = np.full(counts.size, -1, np.int32)
    for i in range(low, high):
        if not wanted[event[i]]:
            continue
        bucket = _bucket(tick[i], first_tick, per, bucket_of)
        place = np.int32(0) if one_segment else cell_of[codes[i]]
        if bucket < 0 or place < 0 or not (unfiltered or mask[i]):
            continue
        cell = np.uint32(place + bucket)
        who = user[i]
        counts[cell] += np.int64(last[cell] != who)  # without a branch this is much faster
        last[cell] = who


@njit(cache=True, nogil=True, error_model="numpy")
def windows(
    event: Array,
    wanted: Array,
    tick: Array,
    first_tick: int,
    per: int,
    bucket_of: Array,
    codes: Array,
    cell_of: Array,
    mask: Array,
    user: Array,
    low: int,
    high: int,
    window: int,
    changes: Array,
) -> None:
    """Count distinct users who stay for ``window`` buckets after each row of theirs.

    ``changes`` has [segments, buckets + 1]: +1 where a user comes in, -1 where the stay ends.
    ``cell_of`` counts segments here. Rows of a user must be in time order.
    """
    n_buckets = changes.shape[1] - 1
    last = np.full(changes.shape[0], -1, np.int64)
    covered = np.zeros(changes.shape[0], np.int64)
    one_segment = codes.size == 0
    unfiltered = mask.size == 0
    for i in range(low, high):
        if not wanted[event[i]]:
            continue
        bucket = np.int64(_bucket(tick[i], first_tick, per, bucket_of))
        segment = np.int32(0) if one_segment else cell_of[codes[i]]
        if bucket < 0 or segment < 0 or not (unfiltered or mask[i]):
            continue
        who = user[i]
        start = max(bucket, covered[segment]) if last[segment] == who else bucket
        end = min(bucket + window, n_buckets)
        if start < end:
            changes[segment, start] += 1
            changes[segment, end] -= 1
            covered[segment] = end
            last[segment] = who


@njit(cache=True, nogil=True, error_model="numpy")
def select(
    event: Array,
    wanted: Array,
    tick: Array,
    first_tick: int,
    per: int,
    bucket_of: Array,
    mask: Array,
    low: int,
    high: int,
    rows: Array,
    buckets: Array,
) -> int:
    """Write the matching rows and their buckets; empty outputs only count them."""
    unfiltered = mask.size == 0
    write = rows.size > 0
    found = 0
    for i in range(low, high):
        if not wanted[event[i]]:
            continue
        bucket = _bucket(tick[i], first_tick, per, bucket_of)
        if bucket < 0 or not (unfiltered or mask[i]):
            continue
        if write:
            rows[found] = i
            buckets[found] = bucket
        found += 1
    return found
