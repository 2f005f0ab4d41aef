"""Counting returns after births over user-major rows.

Enters: all rows (``tally_rows``), or picked births and returns (``tally_picked``). Leaves: counts
per segment, cohort and bucket. The surprise: these are plain Python, like all kernels of sequences;
``compiled`` makes them fast. Each birth is folded on its own: its returns are counted per bucket,
then the unbounded mode says in which buckets the user counts.

``own`` is an array of [fact, row] over births and returns, ``values`` what each return counts for:

- TIME: ms, ascending within a user.
- TICK: what distances are measured in, ms or the number of the calendar interval.
- COHORT: the cohort in which the row is a birth, -1 if in none.
- RETURNS: 1 where the row is a return.
- CODE: the segment of the row, -1 for none (``tally_rows`` only).
"""

from __future__ import annotations

from typing import Any

import numpy as np

ON = 0
ON_OR_BEFORE = 1
ON_OR_AFTER = 2
STREAK = 3

TIME, TICK, COHORT, RETURNS, CODE = range(5)
N_FACTS = 5

BIRTH_ROW, BIRTH_COHORT, BIRTH_SEGMENT = range(3)


def list_births(own: Any, seg_start: Any, seg_code: Any, lo: Any, hi: Any, births: Any) -> Any:
    """List a user's first birth row in each cohort and segment; returns their number."""
    n = 0
    begin = 0
    for j in range(lo, hi):
        cohort = own[COHORT, j]
        if cohort < 0:
            continue
        if n > 0 and births[BIRTH_COHORT, n - 1] != cohort:
            begin = n
        for k in range(seg_start[j], seg_start[j + 1]):
            known = False
            for b in range(begin, n):
                if births[BIRTH_SEGMENT, b] == seg_code[k]:
                    known = True
            if not known:
                births[BIRTH_ROW, n], births[BIRTH_COHORT, n] = j, cohort
                births[BIRTH_SEGMENT, n] = seg_code[k]
                n += 1
    return n


def count_returns(
    own: Any,
    values: Any,
    bracket: Any,
    per: Any,
    now: Any,
    lo: Any,
    hi: Any,
    birth: Any,
    counts: Any,
    sums: Any,
) -> Any:
    """Count the returns after a birth per bucket, and add their values; the last is for later."""
    counts[:] = 0
    sums[:] = 0.0
    beyond = counts.shape[0] - 1
    start, tick = own[TIME, birth], own[TICK, birth]
    j = birth
    while j > lo and own[TIME, j - 1] == start:
        j -= 1
    while j < hi and own[TIME, j] <= now:
        if own[RETURNS, j] != 0 and j != birth:
            distance = (own[TICK, j] - tick) // per
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
    own_values: Any,
) -> Any:
    """Copy a user's births, and the returns from the first of them on; returns how many rows.

    ``edges`` bound the cohorts; ``intervals`` has the starts of calendar intervals, or is empty.
    """
    begin = lo
    while begin < hi and (not born[event[begin]] or time[begin] < edges[0]):
        begin += 1
    if begin == hi or time[begin] >= edges[-1]:
        return 0
    while begin > lo and time[begin - 1] == time[begin]:
        begin -= 1
    m, cohort, interval = 0, 0, 0
    for j in range(begin, hi):
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
        own[TIME, m] = t
        own[TICK, m] = interval if intervals.shape[0] > 0 else t
        own[COHORT, m] = cohort if inside else -1
        own[RETURNS, m] = 1 if is_back else 0
        own[CODE, m] = codes[j] if codes.shape[0] > 0 else -1
        own_values[m] = values[j] if values.shape[0] > 0 else 1.0
        m += 1
    return m


def list_segments(own: Any, m: Any, starts: Any, listed: Any) -> Any:
    """For each row the segments that it is a birth of: everybody, and the one of its code."""
    n = 0
    for j in range(m):
        starts[j] = n
        if own[COHORT, j] >= 0:
            listed[n] = 0
            n += 1
            if own[CODE, j] >= 0:
                listed[n] = own[CODE, j] + 1
                n += 1
    starts[m] = n
    return n


def add_births(
    own: Any,
    values: Any,
    bracket: Any,
    per: Any,
    now: Any,
    mode: Any,
    cumulative: Any,
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
    before = -1
    for b in range(n):
        row, c, s = births[BIRTH_ROW, b], births[BIRTH_COHORT, b], births[BIRTH_SEGMENT, b]
        out_first[s, c] += 1
        if row != before:
            count_returns(own, values, bracket, per, now, lo, hi, row, counts, sums)
            fold(counts, sums, hits, mode, cumulative, own[RETURNS, row] != 0)
            before = row
        for k in range(hits.shape[0]):
            if hits[k]:
                out_users[s, c, k] += 1
                out_sums[s, c, k] += sums[k]
    return 0


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
    the rows of code s; ``codes`` is empty without a breakdown. ``TICK // per`` measures the
    distance of a return from its birth in units, and ``bracket`` maps that to a bucket. Returns
    after ``now`` are not counted.
    """
    size = 1
    for u in range(first, last):
        size = max(size, offsets[u + 1] - offsets[u])
    own, own_values = np.zeros((N_FACTS, size), np.int64), np.zeros(size)
    births = np.zeros((3, 2 * size), np.int64)
    counts = np.zeros(out_users.shape[2] + 1, np.int64)
    sums = np.zeros(out_users.shape[2] + 1)
    hits = np.zeros(out_users.shape[2], np.bool_)
    starts, listed = np.zeros(size + 1, np.int64), np.zeros(2 * size, np.int64)
    for u in range(first, last):
        m = gather(
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
            own_values,
        )
        if m == 0:
            continue
        list_segments(own, m, starts, listed)
        n = list_births(own, starts, listed, 0, m, births)
        add_births(
            own,
            own_values,
            bracket,
            per,
            now,
            mode,
            cumulative,
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


def tally_picked(
    offsets: Any,
    own: Any,
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

    The segments of a birth row j are ``seg_code[seg_start[j]:seg_start[j + 1]]``.
    """
    size = 1
    for u in range(first, last):
        size = max(size, seg_start[offsets[u + 1]] - seg_start[offsets[u]])
    births = np.zeros((3, size), np.int64)
    counts = np.zeros(out_users.shape[2] + 1, np.int64)
    sums = np.zeros(out_users.shape[2] + 1)
    hits = np.zeros(out_users.shape[2], np.bool_)
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        n = list_births(own, seg_start, seg_code, lo, hi, births)
        add_births(
            own,
            values,
            bracket,
            per,
            now,
            mode,
            cumulative,
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
