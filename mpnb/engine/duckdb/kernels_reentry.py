"""Matching funnel attempts that run side by side (re-entry mode "optimized").

Rows enter as in ``kernels_funnel``, whose ``own`` holds those of a user. The surprise: rows are
taken strictly in order here, without the grace that lets close steps change places.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mpnb.engine.duckdb.kernels_funnel import (
    BITS,
    HOLD,
    N_FACTS,
    SESSION,
    TIME,
    find_bar,
    gather,
    longest,
    to_store_rows,
)

OPEN, BLOCK = range(2)
"""What is known of a running attempt: bits of its open steps (0: it is over), and its block."""


def pick_attempt(
    own: Any,
    m: Any,
    window: Any,
    sessions: Any,
    grace: Any,
    barred: Any,
    row: Any,
    first: Any,
    n: Any,
    out_rows: Any,
    out_reached: Any,
    state: Any,
) -> Any:
    """The side-by-side attempt that a row advances, or -1; closes those that are over."""
    recent = -1
    for a in range(first, n):
        if state[OPEN, a] == 0:
            continue
        entry = out_rows[a, 0]
        late = own[TIME, row] > own[TIME, entry] + window
        if late or own[SESSION, row] >= own[SESSION, entry] + sessions:
            state[OPEN, a] = 0
            continue
        if (
            barred
            and find_bar(own, m, window, sessions, grace, out_rows, a, out_reached[a], row) >= 0
        ):
            state[OPEN, a] = 0
            continue
        same = own[HOLD, row] == own[HOLD, entry] and own[SESSION, row] >= own[SESSION, entry]
        if own[BITS, row] & state[OPEN, a] == 0 or not same:
            continue
        if out_reached[a] > 1:
            return a
        recent = a
    return recent


def advance(
    own: Any,
    row: Any,
    a: Any,
    blocks: Any,
    n_steps: Any,
    out_rows: Any,
    out_reached: Any,
    state: Any,
) -> Any:
    """Let a row take the first step of an attempt that is open to it."""
    fitting = own[BITS, row] & state[OPEN, a]
    out_rows[a, out_reached[a]] = row
    out_reached[a] += 1
    state[OPEN, a] &= ~(fitting & -fitting)
    if state[OPEN, a] == 0 and out_reached[a] < n_steps:
        state[BLOCK, a] += 1
        state[OPEN, a] = blocks[state[BLOCK, a]]
    return 0


def match_user(
    own: Any,
    m: Any,
    blocks: Any,
    start: Any,
    end: Any,
    n_steps: Any,
    window: Any,
    sessions: Any,
    grace: Any,
    barred: Any,
    state: Any,
    n: Any,
    out_rows: Any,
    out_reached: Any,
) -> Any:
    """Write the attempts of one user with entries from ``start`` to ``end``, from line ``n`` on.

    Returns the line after them.
    """
    oldest = n
    for j in range(m):
        if own[TIME, j] < start or own[BITS, j] == 0:
            continue
        while oldest < n and state[OPEN, oldest] == 0:
            oldest += 1
        entering = own[TIME, j] < end
        if not entering and oldest == n:
            break
        a = pick_attempt(
            own, m, window, sessions, grace, barred, j, oldest, n, out_rows, out_reached, state
        )
        if a < 0:
            outside = own[SESSION, j] < 0 or own[HOLD, j] < 0
            if not entering or outside or own[BITS, j] & blocks[0] == 0:
                continue
            a = n
            n += 1
            out_reached[a], state[OPEN, a], state[BLOCK, a] = 0, blocks[0], 0
        advance(own, j, a, blocks, n_steps, out_rows, out_reached, state)
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

    An entry is every row that may enter and advances no open attempt. A row advances the first
    attempt that is past its first step, else the most recent entry. The arguments are those of
    ``kernels_funnel.match``; mode, single and per_session mean nothing here.
    """
    own = np.zeros((N_FACTS, longest(offsets, first, last)), np.int64)
    state = np.zeros((2, max(out_reached.shape[0], 1)), np.int64)
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
            grace,
            blocks[0],
            edges[0],
            edges[-1],
            lo,
            hi,
            own,
        )
        begin = n
        for bucket in range(edges.shape[0] - 1):
            before = n
            n = match_user(
                own,
                m,
                blocks,
                edges[bucket],
                edges[bucket + 1],
                n_steps,
                window,
                sessions,
                grace,
                barred,
                state,
                n,
                out_rows,
                out_reached,
            )
            out_bucket[before:n] = bucket
        to_store_rows(own, begin, n, out_rows, out_reached)
    return n
