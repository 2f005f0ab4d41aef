"""Matching funnel attempts over user-major rows.

Enters: the rows that matter to a funnel (``match``) or all rows (``match_first``). Leaves: one line
per attempt with the row that took each step. The surprise: these functions are plain Python that
small stores run as they are; ``compiled`` makes machine code of the same text for large ones.

The columns of ``match`` are aligned and hold only rows that fit a step or an exclusion:

- ``time``: ms, ascending within a user; ``offsets``: first row of each user, and the end.
- ``bits``: bit s is set where the row fits step s.
- ``bars``: bit i is set where the row may not stand between positions i and i+1 of an attempt.
- ``session``: session number, ascending within a user, -1 outside of sessions (0 if unused).
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
    lo: Any,
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
    while j > lo and time[j - 1] >= floor:
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
    lo: Any,
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
            time, bits, session, hold, lo, hi, window, sessions, rows, count, open_bits, used, stamp
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


def match(
    offsets: Any,
    time: Any,
    bits: Any,
    bars: Any,
    session: Any,
    hold: Any,
    blocks: Any,
    edges: Any,
    n_steps: Any,
    window: Any,
    sessions: Any,
    barred: Any,
    mode: Any,
    single: Any,
    per_session: Any,
    first: Any,
    last: Any,
    out_rows: Any,
    out_reached: Any,
    out_bucket: Any,
    used: Any,
) -> Any:
    """Write the attempts of users ``first`` to ``last``; returns their number.

    Attempts of a user follow each other, in each bucket and for each held value on its own.
    ``single`` keeps one of a bucket, ``per_session`` one of a session; AGGRESSIVE judges every
    entry on its own. ``used`` has a zero for each row.
    """
    longest = 1
    for u in range(first, last):
        longest = max(longest, offsets[u + 1] - offsets[u])
    keys = np.zeros(longest, np.int64)
    from_row = np.zeros(longest, np.int64)
    from_time = np.zeros(longest, np.int64)
    from_session = np.zeros(longest, np.int64)
    n = 0
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        slots, bucket, done = 0, 0, False
        for e in range(lo, hi):
            t = time[e]
            if t < edges[0] or bits[e] & blocks[0] == 0 or session[e] < 0 or hold[e] < 0:
                continue
            if t >= edges[-1]:
                break
            while t >= edges[bucket + 1]:
                bucket += 1
                slots, done = 0, False
            stamp = bucket + 1
            if done or used[e] == stamp:
                continue
            slot = find_slot(keys, slots, hold[e]) if mode == FOLLOWING else slots
            if slot < slots and (
                e < from_row[slot] or t <= from_time[slot] or session[e] <= from_session[slot]
            ):
                continue
            out_rows[n, 0] = e
            reached, resume = follow(
                time,
                bits,
                bars,
                session,
                hold,
                lo,
                hi,
                blocks,
                n_steps,
                window,
                sessions,
                barred,
                out_rows[n],
                used,
                stamp,
            )
            out_reached[n] = reached
            out_bucket[n] = bucket
            if mode == FOLLOWING:
                for i in range(reached):
                    used[out_rows[n, i]] = stamp
                slots = max(slots, slot + 1)
                keys[slot] = hold[e]
                from_row[slot], from_time[slot], from_session[slot] = resume, _NEVER, -1
                if per_session:
                    from_session[slot] = session[e]
                elif resume < 0:
                    close_at_window_end(
                        from_time, from_session, slot, t, window, session[e], sessions
                    )
                done = single
            n += 1
    return n


def close_at_window_end(
    from_time: Any,
    from_session: Any,
    slot: Any,
    t: Any,
    window: Any,
    session: Any,
    sessions: Any,
) -> Any:
    """Let a held value's next attempt start only after the window, of time or of sessions."""
    if window < (1 << 60):
        from_time[slot] = t + window
    else:
        from_session[slot] = session + sessions - 1


def match_first(
    offsets: Any,
    time: Any,
    event: Any,
    steps: Any,
    step_rows: Any,
    start: Any,
    end: Any,
    n_steps: Any,
    window: Any,
    first: Any,
    last: Any,
    out_rows: Any,
    out_reached: Any,
) -> Any:
    """The hot case of ``match``, over all rows: one loose attempt per user, a window of time.

    ``steps`` has the bits of each event code, ``step_rows`` those that step filters leave to a row
    (empty without filters). Nothing is excluded or held. Returns the number of attempts.
    """
    filtered = step_rows.shape[0] > 0
    n = 0
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        j = lo
        while j < hi and (
            steps[event[j]] & 1 == 0 or time[j] < start or (filtered and step_rows[j] & 1 == 0)
        ):
            j += 1
        if j == hi or time[j] >= end:
            continue
        out_rows[n, 0] = j
        limit = time[j] + window
        count = 1
        while count < n_steps:
            floor = time[j] - GRACE_MS
            while j > lo and time[j - 1] >= floor:
                j -= 1
            bit = 1 << count
            while j < hi and time[j] <= limit:
                fitting = steps[event[j]] & bit != 0 and (not filtered or step_rows[j] & bit != 0)
                if fitting and not is_taken(out_rows[n], count, j):
                    break
                j += 1
            if j == hi or time[j] > limit:
                break
            out_rows[n, count] = j
            count += 1
        out_reached[n] = count
        n += 1
    return n
