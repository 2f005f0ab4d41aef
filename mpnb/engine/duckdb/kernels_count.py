"""Counting kernels: one pass over rows that are sorted by user and time.

In go read-only columns (``jit.frozen``) and a range of rows that cuts no user in two; counts are
added to the output arrays. The surprise: no set of users is kept. Rows of a user are adjacent and
in time order, so one stamp per segment (which user, up to which bucket) tells whether a bucket has
counted the user before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = Any


@njit(cache=True, nogil=True, error_model="numpy")
def tally(
    event: Array,
    wanted: Array,
    tick: Array,
    first_tick: int,
    per: int,
    bucket_of: Array,
    codes: Array,
    segment_of: Array,
    mask: Array,
    user: Array,
    n_users: int,
    window: int,
    low: int,
    high: int,
    totals: Array,
    uniques: Array,
) -> None:
    """Count rows and distinct users per code and bucket; a user stays for ``window`` buckets.

    A row's bucket is ``bucket_of[(tick - first_tick) // per]`` and its segment
    ``segment_of[codes]``, -1 for none. Empty ``codes`` and ``mask`` mean one segment and no filter.
    """
    n_codes, n_buckets = totals.shape
    last_user = np.full(n_codes, -1, np.int64)
    covered = np.zeros(n_codes, np.int64)
    one_segment = codes.size == 0
    unfiltered = mask.size == 0
    n_ticks = bucket_of.size
    for i in range(low, high):
        if not wanted[event[i]]:
            continue
        since = tick[i] - first_tick
        if since < 0:
            continue
        step = since // per
        if step >= n_ticks:
            continue
        bucket = bucket_of[step]
        if bucket < 0:
            continue
        if not unfiltered and not mask[i]:
            continue
        code = np.int64(0) if one_segment else np.int64(segment_of[codes[i]])
        if code < 0:
            continue
        totals[code, bucket] += 1
        who = user[i]
        if who >= n_users:
            continue
        start = np.int64(bucket)
        if last_user[code] == who:
            start = max(start, covered[code])
        end = min(np.int64(bucket) + window, n_buckets)
        for b in range(start, end):
            uniques[code, b] += 1
        last_user[code] = who
        covered[code] = end


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
    n_ticks = bucket_of.size
    write = rows.size > 0
    found = 0
    for i in range(low, high):
        if not wanted[event[i]]:
            continue
        since = tick[i] - first_tick
        if since < 0:
            continue
        step = since // per
        if step >= n_ticks:
            continue
        bucket = bucket_of[step]
        if bucket < 0 or (not unfiltered and not mask[i]):
            continue
        if write:
            rows[found] = i
            buckets[found] = bucket
        found += 1
    return found
