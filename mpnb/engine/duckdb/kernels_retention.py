"""Counting returns after births over user-major rows.

Enters: the rows that are births or returns, aligned columns. Leaves: counts per segment, cohort and
bucket. The surprise: like all kernels of sequences these are plain Python; ``compiled`` makes them
fast. Each birth is folded on its own: its returns are counted per bucket, then the unbounded mode
says in which buckets the user counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ON = 0
ON_OR_BEFORE = 1
ON_OR_AFTER = 2
STREAK = 3


def list_births(cohort: Any, seg_start: Any, seg_code: Any, lo: Any, hi: Any, out: Any) -> Any:
    """List a user's first birth row in each cohort and segment; returns their number."""
    rows, cohorts, segments = out
    n = 0
    begin = 0
    for j in range(lo, hi):
        if cohort[j] < 0:
            continue
        if n > 0 and cohorts[n - 1] != cohort[j]:
            begin = n
        for k in range(seg_start[j], seg_start[j + 1]):
            known = False
            for b in range(begin, n):
                if segments[b] == seg_code[k]:
                    known = True
            if not known:
                rows[n], cohorts[n], segments[n] = j, cohort[j], seg_code[k]
                n += 1
    return n


def count_returns(
    time: Any,
    tick: Any,
    returns: Any,
    bracket: Any,
    per: Any,
    now: Any,
    lo: Any,
    hi: Any,
    birth: Any,
    counts: Any,
) -> Any:
    """Count the returns after a birth per bucket; the last cell is for all later ones."""
    counts[:] = 0
    beyond = counts.shape[0] - 1
    j = birth
    while j > lo and time[j - 1] == time[birth]:
        j -= 1
    while j < hi and time[j] <= now:
        if returns[j] and j != birth:
            distance = (tick[j] - tick[birth]) // per
            counts[bracket[distance] if distance < bracket.shape[0] else beyond] += 1
        j += 1
    return 0


def fold(counts: Any, hits: Any, mode: Any, cumulative: Any, birth_returns: Any) -> Any:
    """Apply the unbounded mode: in which buckets the user counts, and with how many events."""
    n = hits.shape[0]
    for k in range(n):
        hits[k] = counts[k] > 0
    if mode == STREAK:
        hits[0] = hits[0] or birth_returns
        for k in range(1, n):
            hits[k] = hits[k] and hits[k - 1]
        for k in range(n):
            if not hits[k]:
                counts[k] = 0
    if mode == ON_OR_AFTER:
        for k in range(n - 1, -1, -1):
            counts[k] += counts[k + 1]
            hits[k] = counts[k] > 0
    if mode == ON_OR_BEFORE or cumulative:
        for k in range(1, n):
            hits[k] = hits[k] or hits[k - 1]
            counts[k] += counts[k - 1]
    return 0


def tally(
    offsets: Any,
    time: Any,
    tick: Any,
    cohort: Any,
    returns: Any,
    seg_start: Any,
    seg_code: Any,
    bracket: Any,
    per: Any,
    now: Any,
    mode: Any,
    cumulative: Any,
    first: Any,
    last: Any,
    out_first: Any,
    out_users: Any,
    out_events: Any,
) -> Any:
    """Add up births [segment, cohort], and users and return events [segment, cohort, bucket].

    ``tick // per`` measures the distance of a return from its birth in units, and ``bracket`` maps
    that to a bucket. ``cohort`` is -1 for rows that are no birth; the segments of a birth row j are
    ``seg_code[seg_start[j]:seg_start[j + 1]]``. Returns after ``now`` are not counted.
    """
    n_buckets = out_users.shape[2]
    longest = 1
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        longest = max(longest, seg_start[hi] - seg_start[lo])
    births = np.zeros(longest, np.int64)
    cohorts = np.zeros(longest, np.int64)
    segments = np.zeros(longest, np.int64)
    counts = np.zeros(n_buckets + 1, np.int64)
    hits = np.zeros(n_buckets, np.bool_)
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        n = list_births(cohort, seg_start, seg_code, lo, hi, (births, cohorts, segments))
        for b in range(n):
            s, c = segments[b], cohorts[b]
            out_first[s, c] += 1
            if b == 0 or births[b] != births[b - 1]:
                birth = births[b]
                count_returns(time, tick, returns, bracket, per, now, lo, hi, birth, counts)
                fold(counts, hits, mode, cumulative, returns[birth])
            for k in range(n_buckets):
                out_users[s, c, k] += hits[k]
                out_events[s, c, k] += counts[k]
    return 0
