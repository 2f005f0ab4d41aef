"""Matching funnel attempts over user-major rows.

Enters: all rows and the rules. Leaves: one line per attempt with the row that took each step. The
surprise: these functions are plain Python that small stores run as they are; ``compiled`` makes
machine code of the same text for large ones.

``match`` copies the rows of each user that fit a step or an exclusion into ``own``, an array of
[fact, row] with these facts:

- TIME: ms, ascending.
- BITS: bit s is set where the row fits step s.
- BARS: bit i is set where the row may not stand between positions i and i+1 of an attempt.
- SESSION: session number, ascending, -1 outside of sessions (0 if unused).
- HOLD: code of the value that is held constant, -1 undefined (0 if nothing is held).
- ROW: row number in the store.
- USED: 1 + the bucket in which an attempt has used the row.

``blocks`` lists the groups of steps that may come in any order, as bits; in a loose funnel every
step is a block of its own. ``edges`` bounds the buckets of entries. Few arrays are passed on, and
none in tuples: numba counts references to each of them at every call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FOLLOWING = 0
"""A new attempt may start when the one before it has ended."""
AGGRESSIVE = 1
"""Every row that fits the first step is an attempt of its own."""

TIME, BITS, BARS, SESSION, HOLD, ROW, USED = range(7)
N_FACTS = 7

KEY, FROM_ROW, FROM_TIME, FROM_SESSION = range(4)
"""What is known of the chain of a held value: when its next attempt may start."""

_NEVER = -(1 << 62)


def is_taken(out_rows: Any, n: Any, count: Any, row: Any) -> Any:
    """True when attempt ``n`` has used the row already."""
    for i in range(count):  # noqa: SIM110 - any() over a generator does not compile
        if out_rows[n, i] == row:
            return True
    return False


def find_next(
    own: Any,
    m: Any,
    window: Any,
    sessions: Any,
    grace: Any,
    out_rows: Any,
    n: Any,
    count: Any,
    open_bits: Any,
    stamp: Any,
) -> Any:
    """First row that takes an open step after the last one of an attempt, or -1."""
    entry, j = out_rows[n, 0], out_rows[n, count - 1]
    floor = own[TIME, j] - grace
    while j > 0 and own[TIME, j - 1] >= floor:
        j -= 1
    while j < m and own[TIME, j] < floor:
        j += 1
    limit = own[TIME, entry] + window
    first_session, held = own[SESSION, entry], own[HOLD, entry]
    while j < m and own[TIME, j] <= limit and own[SESSION, j] < first_session + sessions:
        fitting = own[BITS, j] & open_bits != 0 and own[HOLD, j] == held and own[USED, j] != stamp
        if fitting and own[SESSION, j] >= first_session and not is_taken(out_rows, n, count, j):
            return j
        j += 1
    return -1


def find_bar(
    own: Any,
    m: Any,
    window: Any,
    sessions: Any,
    grace: Any,
    out_rows: Any,
    n: Any,
    count: Any,
    following: Any,
) -> Any:
    """First row that ends an attempt before ``following`` (-1: before its window ends), or -1."""
    entry, last = out_rows[n, 0], out_rows[n, count - 1]
    start = own[TIME, last] + max(grace, 0)
    end = own[TIME, entry] + window + 1
    if following >= 0:
        end = min(end, own[TIME, following] - max(grace, 0))
    bit = 1 << (count - 1)
    beyond = own[SESSION, entry] + sessions
    j = last + 1
    while j < m and own[TIME, j] < end and own[SESSION, j] < beyond:
        barring = own[TIME, j] > start and own[BARS, j] & bit != 0
        if barring and not is_taken(out_rows, n, count, j):
            return j
        j += 1
    return -1


def follow(
    own: Any,
    m: Any,
    blocks: Any,
    n_steps: Any,
    window: Any,
    sessions: Any,
    grace: Any,
    barred: Any,
    out_rows: Any,
    n: Any,
    stamp: Any,
) -> Any:
    """Extend attempt ``n``, whose entry is written.

    Returns how many steps it reached, and the first row at which the user may enter again; -1 when
    the attempt stays open until its window ends.
    """
    fitting = own[BITS, out_rows[n, 0]] & blocks[0]
    block = 0
    open_bits = blocks[0] & ~(fitting & -fitting)
    top = out_rows[n, 0]
    count = 1
    while count < n_steps:
        if open_bits == 0:
            block += 1
            open_bits = blocks[block]
        following = find_next(own, m, window, sessions, grace, out_rows, n, count, open_bits, stamp)
        if barred:
            bar = find_bar(own, m, window, sessions, grace, out_rows, n, count, following)
            if bar >= 0:
                return count, bar + 1
        if following < 0:
            return count, -1
        fitting = own[BITS, following] & open_bits
        open_bits = open_bits & ~(fitting & -fitting)
        out_rows[n, count] = following
        top = max(top, following)
        count += 1
    return count, top + 1


def find_slot(slots: Any, count: Any, key: Any) -> Any:
    """Index of a held value's chain, or ``count`` when it has none yet."""
    for i in range(count):
        if slots[KEY, i] == key:
            return i
    return count


def is_waiting(slots: Any, slot: Any, own: Any, e: Any) -> Any:
    """True when the chain's last attempt is not over at a row."""
    if e < slots[FROM_ROW, slot] or own[TIME, e] <= slots[FROM_TIME, slot]:
        return True
    return own[SESSION, e] <= slots[FROM_SESSION, slot]


def close(
    slots: Any,
    slot: Any,
    own: Any,
    e: Any,
    resume: Any,
    window: Any,
    sessions: Any,
    per_session: Any,
) -> Any:
    """Note when the next attempt of a chain may start, after the one that was entered at ``e``."""
    slots[KEY, slot] = own[HOLD, e]
    slots[FROM_ROW, slot] = resume
    slots[FROM_TIME, slot] = _NEVER
    slots[FROM_SESSION, slot] = -1
    if per_session:
        slots[FROM_SESSION, slot] = own[SESSION, e]
    elif resume < 0 and window < (1 << 60):
        slots[FROM_TIME, slot] = own[TIME, e] + window
    elif resume < 0:
        slots[FROM_SESSION, slot] = own[SESSION, e] + sessions - 1
    return 0


def gather(
    time: Any,
    event: Any,
    steps: Any,
    step_rows: Any,
    bars: Any,
    bar_rows: Any,
    session: Any,
    hold: Any,
    back: Any,
    entering: Any,
    start: Any,
    end: Any,
    lo: Any,
    hi: Any,
    own: Any,
) -> Any:
    """Copy the rows of a user that fit a step or a bar; returns their number.

    Rows before the first one that may enter cannot matter, but for those up to ``back`` ms
    earlier, which the grace of the steps lets in.
    """
    begin = lo
    while begin < hi and (steps[event[begin]] & entering == 0 or time[begin] < start):
        begin += 1
    if begin == hi or time[begin] >= end:
        return 0
    floor = time[begin] - back
    while begin > lo and time[begin - 1] >= floor:
        begin -= 1
    m = 0
    for j in range(begin, hi):
        fitting, barring = steps[event[j]], bars[event[j]]
        if fitting | barring == 0:
            continue
        if step_rows.shape[0] > 0:
            fitting &= step_rows[j]
        if bar_rows.shape[0] > 0:
            barring &= bar_rows[j]
        if fitting | barring == 0:
            continue
        own[TIME, m], own[BITS, m], own[BARS, m] = time[j], fitting, barring
        own[SESSION, m] = session[j] if session.shape[0] > 0 else 0
        own[HOLD, m] = hold[j] if hold.shape[0] > 0 else 0
        own[ROW, m], own[USED, m] = j, 0
        m += 1
    return m


def match_user(
    own: Any,
    m: Any,
    blocks: Any,
    edges: Any,
    n_steps: Any,
    window: Any,
    sessions: Any,
    grace: Any,
    barred: Any,
    mode: Any,
    single: Any,
    per_session: Any,
    slots: Any,
    n: Any,
    out_rows: Any,
    out_reached: Any,
    out_bucket: Any,
) -> Any:
    """Write the attempts of one user from line ``n`` on; returns the line after them."""
    n_slots, bucket, done = 0, 0, False
    entering = blocks[0]
    last = edges.shape[0] - 1
    for e in range(m):
        t = own[TIME, e]
        if t < edges[0] or own[BITS, e] & entering == 0 or own[SESSION, e] < 0 or own[HOLD, e] < 0:
            continue
        if t >= edges[last] or (done and last == 1):
            break
        while t >= edges[bucket + 1]:
            bucket += 1
            n_slots, done = 0, False
        stamp = bucket + 1
        if done or own[USED, e] == stamp:
            continue
        slot = find_slot(slots, n_slots, own[HOLD, e]) if mode == FOLLOWING else n_slots
        if slot < n_slots and is_waiting(slots, slot, own, e):
            continue
        out_rows[n, 0] = e
        reached, resume = follow(
            own, m, blocks, n_steps, window, sessions, grace, barred, out_rows, n, stamp
        )
        if mode == FOLLOWING:
            for i in range(reached):
                own[USED, out_rows[n, i]] = stamp
            close(slots, slot, own, e, resume, window, sessions, per_session)
            n_slots = max(n_slots, slot + 1)
            done = single
        out_reached[n], out_bucket[n] = reached, bucket
        n += 1
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
    grace: Any,
    barred: Any,
    mode: Any,
    single: Any,
    per_session: Any,
    first: Any,
    last: Any,
    out_rows: Any,
    out_reached: Any,
    out_bucket: Any,
) -> Any:
    """Write the attempts of users ``first`` to ``last``; returns their number.

    ``barred`` says whether anything is excluded. With mode FOLLOWING the attempts of a user follow
    each other, in each bucket and for each held value on its own; ``single`` keeps one of a bucket,
    ``per_session`` one of a session. AGGRESSIVE judges every entry on its own. ``grace`` is how
    many ms a step may come before the one ahead of it (FN-5); at -1 it must come later. Columns
    that no rule needs are empty.
    """
    size = longest(offsets, first, last)
    own = np.zeros((N_FACTS, size), np.int64)
    slots = np.zeros((4, size), np.int64)
    entering, start, end = blocks[0], edges[0], edges[-1]
    back = max(grace, 0) * (n_steps - 1)  # each step may come before the one ahead of it
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
            back,
            entering,
            start,
            end,
            lo,
            hi,
            own,
        )
        if m == 0:
            continue
        begin = n
        n = match_user(
            own,
            m,
            blocks,
            edges,
            n_steps,
            window,
            sessions,
            grace,
            barred,
            mode,
            single,
            per_session,
            slots,
            n,
            out_rows,
            out_reached,
            out_bucket,
        )
        to_store_rows(own, begin, n, out_rows, out_reached)
    return n


def longest(offsets: Any, first: Any, last: Any) -> Any:
    """The most rows that a user has, at least 1."""
    size = 1
    for u in range(first, last):
        size = max(size, offsets[u + 1] - offsets[u])
    return size


def to_store_rows(own: Any, begin: Any, end: Any, out_rows: Any, out_reached: Any) -> Any:
    """Turn places among a user's own rows into rows of the store."""
    for a in range(begin, end):
        for i in range(out_reached[a]):
            out_rows[a, i] = own[ROW, out_rows[a, i]]
    return 0
