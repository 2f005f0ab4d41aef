"""Matching funnel attempts over user-major rows.

Enters: all rows and the rules. Leaves: one line per attempt with the row that took each step. The
surprise: these functions are plain Python that small stores run as they are; ``compiled`` makes
machine code of the same text for large ones.

``match`` copies the rows of each user that fit a step or an exclusion into columns of their own:

- ``time``: ms, ascending.
- ``bits``: bit s is set where the row fits step s.
- ``bars``: bit i is set where the row may not stand between positions i and i+1 of an attempt.
- ``session``: session number, ascending, -1 outside of sessions (0 if unused).
- ``hold``: code of the value that is held constant, -1 undefined (0 if nothing is held).

``blocks`` lists the groups of steps that may come in any order, as bits; in a loose funnel every
step is a block of its own. ``edges`` bounds the buckets of entries. Arrays are passed one by one,
not as a tuple: numba would count references at every use of a member.
"""

from __future__ import annotations

from typing import Any

import numpy as np

GRACE_MS = 2000
"""Steps this close together may come in either order."""

FOLLOWING = 0
"""A new attempt may start when the one before it has ended."""
AGGRESSIVE = 1
"""Every row that fits the first step is an attempt of its own."""

_NEVER = -(1 << 62)


def is_taken(rows: Any, count: Any, row: Any) -> Any:
    """True when an attempt has used the row already."""
    for i in range(count):  # noqa: SIM110 - any() over a generator does not compile
        if rows[i] == row:
            return True
    return False


def find_next(
    time: Any,
    bits: Any,
    session: Any,
    hold: Any,
    hi: Any,
    window: Any,
    sessions: Any,
    rows: Any,
    count: Any,
    open_bits: Any,
    used: Any,
    stamp: Any,
) -> Any:
    """First row that takes an open step after the last one of an attempt, or -1."""
    entry, j = rows[0], rows[count - 1]
    floor = time[j] - GRACE_MS
    while j > 0 and time[j - 1] >= floor:
        j -= 1
    limit = time[entry] + window
    first_session = session[entry]
    while j < hi and time[j] <= limit and session[j] < first_session + sessions:
        fitting = bits[j] & open_bits != 0 and hold[j] == hold[entry] and used[j] != stamp
        if fitting and session[j] >= first_session and not is_taken(rows, count, j):
            return j
        j += 1
    return -1


def find_bar(
    time: Any,
    bars: Any,
    session: Any,
    hi: Any,
    window: Any,
    sessions: Any,
    rows: Any,
    count: Any,
    following: Any,
) -> Any:
    """First row that ends an attempt before ``following`` (-1: before its window ends), or -1."""
    entry, last = rows[0], rows[count - 1]
    start = time[last] + GRACE_MS
    end = time[entry] + window + 1
    if following >= 0:
        end = min(end, time[following] - GRACE_MS)
    bit = 1 << (count - 1)
    j = last + 1
    while j < hi and time[j] < end and session[j] < session[entry] + sessions:
        if time[j] > start and bars[j] & bit != 0 and not is_taken(rows, count, j):
            return j
        j += 1
    return -1


def follow(
    time: Any,
    bits: Any,
    bars: Any,
    session: Any,
    hold: Any,
    hi: Any,
    blocks: Any,
    n_steps: Any,
    window: Any,
    sessions: Any,
    barred: Any,
    rows: Any,
    used: Any,
    stamp: Any,
) -> Any:
    """Extend the attempt whose entry is ``rows[0]``.

    Returns how many steps it reached, and the first row at which the user may enter again; -1 when
    the attempt stays open until its window ends.
    """
    fitting = bits[rows[0]] & blocks[0]
    block = 0
    open_bits = blocks[0] & ~(fitting & -fitting)
    count = 1
    while count < n_steps:
        if open_bits == 0:
            block += 1
            open_bits = blocks[block]
        following = find_next(
            time, bits, session, hold, hi, window, sessions, rows, count, open_bits, used, stamp
        )
        if barred:
            bar = find_bar(time, bars, session, hi, window, sessions, rows, count, following)
            if bar >= 0:
                return count, bar + 1
        if following < 0:
            return count, -1
        fitting = bits[following] & open_bits
        open_bits = open_bits & ~(fitting & -fitting)
        rows[count] = following
        count += 1
    top = rows[0]
    for i in range(1, count):
        top = max(top, rows[i])
    return count, top + 1


def find_slot(keys: Any, count: Any, key: Any) -> Any:
    """Index of a held value's chain, or ``count`` when it has none yet."""
    for i in range(count):
        if keys[i] == key:
            return i
    return count


def gather(
    time: Any,
    event: Any,
    steps: Any,
    step_rows: Any,
    bars: Any,
    bar_rows: Any,
    session: Any,
    hold: Any,
    entering: Any,
    edges: Any,
    lo: Any,
    hi: Any,
    own: Any,
) -> Any:
    """Copy the rows of a user that fit a step or a bar into own columns; returns their number.

    Rows before the first one that may enter cannot matter, but for those within its grace.
    """
    begin = lo
    while begin < hi and (steps[event[begin]] & entering == 0 or time[begin] < edges[0]):
        begin += 1
    if begin == hi or time[begin] >= edges[-1]:
        return 0
    floor = time[begin] - GRACE_MS
    while begin > lo and time[begin - 1] >= floor:
        begin -= 1
    own_row, own_time, own_bits, own_bars, own_session, own_hold = own
    m = 0
    for j in range(begin, hi):
        code = event[j]
        fitting, barring = steps[code], bars[code]
        if fitting | barring == 0:
            continue
        if step_rows.shape[0] > 0:
            fitting &= step_rows[j]
        if bar_rows.shape[0] > 0:
            barring &= bar_rows[j]
        if fitting | barring == 0:
            continue
        own_row[m], own_time[m], own_bits[m], own_bars[m] = j, time[j], fitting, barring
        own_session[m] = session[j] if session.shape[0] > 0 else 0
        own_hold[m] = hold[j] if hold.shape[0] > 0 else 0
        m += 1
    return m


def match_user(
    time: Any,
    bits: Any,
    bars: Any,
    session: Any,
    hold: Any,
    m: Any,
    blocks: Any,
    edges: Any,
    n_steps: Any,
    window: Any,
    sessions: Any,
    rules: Any,
    slots: Any,
    n: Any,
    out_rows: Any,
    out_reached: Any,
    out_bucket: Any,
    used: Any,
) -> Any:
    """Write the attempts of one user from line ``n`` on; returns the line after them."""
    barred, mode, single, per_session = rules
    keys, from_row, from_time, from_session = slots
    n_slots, bucket, done = 0, 0, False
    for e in range(m):
        t = time[e]
        if t < edges[0] or bits[e] & blocks[0] == 0 or session[e] < 0 or hold[e] < 0:
            continue
        if t >= edges[-1] or (done and edges.shape[0] == 2):
            break
        while t >= edges[bucket + 1]:
            bucket += 1
            n_slots, done = 0, False
        stamp = bucket + 1
        if done or used[e] == stamp:
            continue
        slot = find_slot(keys, n_slots, hold[e]) if mode == FOLLOWING else n_slots
        if slot < n_slots and (
            e < from_row[slot] or t <= from_time[slot] or session[e] <= from_session[slot]
        ):
            continue
        rows = out_rows[n]
        rows[0] = e
        reached, resume = follow(
            time,
            bits,
            bars,
            session,
            hold,
            m,
            blocks,
            n_steps,
            window,
            sessions,
            barred,
            rows,
            used,
            stamp,
        )
        out_reached[n], out_bucket[n] = reached, bucket
        n += 1
        if mode == AGGRESSIVE:
            continue
        for i in range(reached):
            used[rows[i]] = stamp
        done = single
        n_slots = max(n_slots, slot + 1)
        keys[slot] = hold[e]
        from_row[slot], from_time[slot], from_session[slot] = resume, _NEVER, -1
        if per_session:
            from_session[slot] = session[e]
        elif resume < 0:
            from_time[slot], from_session[slot] = window_end(t, window, session[e], sessions)
    return n


def match(
    offsets: Any,
    time: Any,
    event: Any,
    steps: Any,
    step_rows: Any,
    bars: Any,
    bar_rows: Any,
    session: Any,
    hold: Any,
    blocks: Any,
    edges: Any,
    n_steps: Any,
    window: Any,
    sessions: Any,
    rules: Any,
    first: Any,
    last: Any,
    out_rows: Any,
    out_reached: Any,
    out_bucket: Any,
) -> Any:
    """Write the attempts of users ``first`` to ``last``; returns their number.

    ``rules`` are: whether anything is excluded; FOLLOWING, where attempts of a user follow each
    other in each bucket and for each held value, or AGGRESSIVE, where every entry is judged on its
    own; whether to keep one attempt of a bucket; whether to keep one of a session. Columns that
    are not needed are empty.
    """
    size = longest(offsets, first, last)
    own = own_columns(size)
    own_row, own_time, own_bits, own_bars, own_session, own_hold = own
    slots = (
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
    )
    used = np.zeros(size, np.int64)
    n = 0
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        m = gather(
            time,
            event,
            steps,
            step_rows,
            bars,
            bar_rows,
            session,
            hold,
            blocks[0],
            edges,
            lo,
            hi,
            own,
        )
        begin = n
        n = match_user(
            own_time,
            own_bits,
            own_bars,
            own_session,
            own_hold,
            m,
            blocks,
            edges,
            n_steps,
            window,
            sessions,
            rules,
            slots,
            n,
            out_rows,
            out_reached,
            out_bucket,
            used,
        )
        for i in range(m):
            used[i] = 0
        to_store_rows(own_row, begin, n, out_rows, out_reached)
    return n


def longest(offsets: Any, first: Any, last: Any) -> Any:
    """The most rows that a user has, at least 1."""
    size = 1
    for u in range(first, last):
        size = max(size, offsets[u + 1] - offsets[u])
    return size


def own_columns(size: Any) -> Any:
    """Scratch columns for the rows of one user: row, time, bits, bars, session, hold."""
    return (
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
    )


def to_store_rows(own_row: Any, begin: Any, end: Any, out_rows: Any, out_reached: Any) -> Any:
    """Turn places among a user's own rows into rows of the store."""
    for a in range(begin, end):
        for i in range(out_reached[a]):
            out_rows[a, i] = own_row[out_rows[a, i]]
    return 0


def window_end(t: Any, window: Any, session: Any, sessions: Any) -> Any:
    """The time, and the session, after which a user whose attempt timed out may enter again."""
    if window < (1 << 60):
        return t + window, -1
    return _NEVER, session + sessions - 1
