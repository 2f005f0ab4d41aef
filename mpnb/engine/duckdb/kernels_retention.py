"""Counting returns after births over user-major rows.

Enters: all rows (``tally_rows``), or picked births and returns (``tally_picked``). Leaves: counts
per segment, cohort and bucket. The surprise: these are plain Python, like all kernels of sequences;
``compiled`` makes them fast. Each birth is folded on its own: its returns are counted per bucket,
then the unbounded mode says in which buckets the user counts.
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
    values: Any,
    lo: Any,
    hi: Any,
    birth: Any,
    counts: Any,
    sums: Any,
) -> Any:
    """Count the returns after a birth per bucket, and add up their values; the last cell is for all
    later ones."""
    counts[:] = 0
    sums[:] = 0.0
    beyond = counts.shape[0] - 1
    j = birth
    while j > lo and time[j - 1] == time[birth]:
        j -= 1
    while j < hi and time[j] <= now:
        if returns[j] and j != birth:
            distance = (tick[j] - tick[birth]) // per
            bucket = bracket[distance] if distance < bracket.shape[0] else beyond
            counts[bucket] += 1
            sums[bucket] += values[j]
        j += 1
    return 0


def fold(counts: Any, sums: Any, hits: Any, mode: Any, cumulative: Any, birth_returns: Any) -> Any:
    """Apply the unbounded mode: in which buckets the user counts, and with what sum of values."""
    n = hits.shape[0]
    for k in range(n):
        hits[k] = counts[k] > 0
    if mode == STREAK:
        hits[0] = hits[0] or birth_returns
        for k in range(1, n):
            hits[k] = hits[k] and hits[k - 1]
        for k in range(n):
            if not hits[k]:
                sums[k] = 0.0
    if mode == ON_OR_AFTER:
        for k in range(n - 1, -1, -1):
            counts[k] += counts[k + 1]
            sums[k] += sums[k + 1]
            hits[k] = counts[k] > 0
    if mode == ON_OR_BEFORE or cumulative:
        for k in range(1, n):
            hits[k] = hits[k] or hits[k - 1]
            sums[k] += sums[k - 1]
    return 0


def gather(
    time: Any,
    event: Any,
    born: Any,
    born_rows: Any,
    back: Any,
    back_rows: Any,
    keep: Any,
    codes: Any,
    values: Any,
    edges: Any,
    intervals: Any,
    lo: Any,
    hi: Any,
    own: Any,
) -> Any:
    """Copy a user's births and returns into own columns; returns how many, and if one is a birth.

    ``edges`` bound the cohorts. A tick is the instant, or the calendar interval when ``intervals``
    has their starts.
    """
    own_time, own_tick, own_cohort, own_code, own_returns, own_value = own
    m, cohort, interval, births = 0, 0, 0, 0
    for j in range(lo, hi):
        is_born, is_back = born[event[j]], back[event[j]]
        if not (is_born or is_back) or (keep.shape[0] > 0 and not keep[j]):
            continue
        if is_born and born_rows.shape[0] > 0:
            is_born = born_rows[j]
        if is_back and back_rows.shape[0] > 0:
            is_back = back_rows[j]
        t = time[j]
        inside = is_born and edges[0] <= t < edges[-1]
        if not (inside or is_back):
            continue
        while inside and t >= edges[cohort + 1]:
            cohort += 1
        while interval + 1 < intervals.shape[0] and t >= intervals[interval + 1]:
            interval += 1
        own_time[m] = t
        own_tick[m] = interval if intervals.shape[0] > 0 else t
        own_cohort[m] = cohort if inside else -1
        own_code[m] = codes[j] if codes.shape[0] > 0 else -1
        own_returns[m] = is_back
        own_value[m] = values[j] if values.shape[0] > 0 else 1.0
        births += inside
        m += 1
    return m, births > 0


def tally_rows(
    offsets: Any,
    time: Any,
    event: Any,
    born: Any,
    born_rows: Any,
    back: Any,
    back_rows: Any,
    keep: Any,
    codes: Any,
    values: Any,
    edges: Any,
    intervals: Any,
    bracket: Any,
    per: Any,
    now: Any,
    mode: Any,
    cumulative: Any,
    first: Any,
    last: Any,
    out_first: Any,
    out_users: Any,
    out_sums: Any,
) -> Any:
    """Add up births [segment, cohort], and users and sums of returns [segment, cohort, bucket].

    Every return has a value, 1 where ``values`` is empty. Segment 0 is everybody, segment s + 1
    the rows of code s; ``codes`` is empty without a breakdown. ``tick // per`` measures the
    distance of a return from its birth in units, and ``bracket`` maps that to a bucket. Returns
    after ``now`` are not counted.
    """
    size = 1
    for u in range(first, last):
        size = max(size, offsets[u + 1] - offsets[u])
    own_time, own_tick = np.zeros(size, np.int64), np.zeros(size, np.int64)
    own_cohort, own_code = np.zeros(size, np.int64), np.zeros(size, np.int64)
    own_returns, own_value = np.zeros(size, np.bool_), np.zeros(size)
    own = own_time, own_tick, own_cohort, own_code, own_returns, own_value
    births = (
        np.zeros(2 * size, np.int64),
        np.zeros(2 * size, np.int64),
        np.zeros(2 * size, np.int64),
    )
    counts = np.zeros(out_users.shape[2] + 1, np.int64)
    sums = np.zeros(out_users.shape[2] + 1)
    hits = np.zeros(out_users.shape[2], np.bool_)
    starts, listed = np.zeros(size + 1, np.int64), np.zeros(2 * size, np.int64)
    for u in range(first, last):
        m, is_born = gather(
            time,
            event,
            born,
            born_rows,
            back,
            back_rows,
            keep,
            codes,
            values,
            edges,
            intervals,
            offsets[u],
            offsets[u + 1],
            own,
        )
        if not is_born:
            continue
        list_segments(own_cohort, own_code, m, starts, listed)
        n = list_births(own_cohort, starts, listed, 0, m, births)
        add_births(
            own_time,
            own_tick,
            own_returns,
            bracket,
            per,
            now,
            mode,
            cumulative,
            own_value,
            0,
            m,
            n,
            births,
            counts,
            sums,
            hits,
            out_first,
            out_users,
            out_sums,
        )
    return 0


def list_segments(cohort: Any, code: Any, m: Any, starts: Any, listed: Any) -> Any:
    """For each row the segments that it is a birth of: everybody, and the one of its code."""
    n = 0
    for j in range(m):
        starts[j] = n
        if cohort[j] >= 0:
            listed[n] = 0
            n += 1
            if code[j] >= 0:
                listed[n] = code[j] + 1
                n += 1
    starts[m] = n
    return n


def add_births(
    time: Any,
    tick: Any,
    returns: Any,
    bracket: Any,
    per: Any,
    now: Any,
    mode: Any,
    cumulative: Any,
    values: Any,
    lo: Any,
    hi: Any,
    n: Any,
    births: Any,
    counts: Any,
    sums: Any,
    hits: Any,
    out_first: Any,
    out_users: Any,
    out_sums: Any,
) -> Any:
    """Add the births of one user, and what came of them, to the output."""
    rows, cohorts, segments = births
    for b in range(n):
        s, c = segments[b], cohorts[b]
        out_first[s, c] += 1
        if b == 0 or rows[b] != rows[b - 1]:
            count_returns(
                time, tick, returns, bracket, per, now, values, lo, hi, rows[b], counts, sums
            )
            fold(counts, sums, hits, mode, cumulative, returns[rows[b]])
        for k in range(hits.shape[0]):
            if hits[k]:
                out_users[s, c, k] += 1
                out_sums[s, c, k] += sums[k]
    return 0


def tally_picked(
    offsets: Any,
    time: Any,
    tick: Any,
    cohort: Any,
    returns: Any,
    values: Any,
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
    out_sums: Any,
) -> Any:
    """As ``tally_rows``, over picked rows, where a birth may be in any number of segments.

    ``cohort`` is -1 for rows that are no birth; the segments of a birth row j are
    ``seg_code[seg_start[j]:seg_start[j + 1]]``.
    """
    size = 1
    for u in range(first, last):
        size = max(size, seg_start[offsets[u + 1]] - seg_start[offsets[u]])
    births = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    counts = np.zeros(out_users.shape[2] + 1, np.int64)
    sums = np.zeros(out_users.shape[2] + 1)
    hits = np.zeros(out_users.shape[2], np.bool_)
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        n = list_births(cohort, seg_start, seg_code, lo, hi, births)
        add_births(
            time,
            tick,
            returns,
            bracket,
            per,
            now,
            mode,
            cumulative,
            values,
            lo,
            hi,
            n,
            births,
            counts,
            sums,
            hits,
            out_first,
            out_users,
            out_sums,
        )
    return 0
