"""Matching funnel attempts that run side by side (re-entry mode "optimized").

The columns are those of ``kernels_funnel``. The surprise: rows are taken strictly in order here,
without the grace that lets close steps change places.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mpnb.engine.duckdb.kernels_funnel import (
    find_bar,
    gather,
    longest,
    own_columns,
    to_store_rows,
)


def pick_attempt(
    time: Any,
    bits: Any,
    bars: Any,
    session: Any,
    hold: Any,
    hi: Any,
    window: Any,
    sessions: Any,
    barred: Any,
    row: Any,
    first: Any,
    n: Any,
    out_rows: Any,
    out_reached: Any,
    open_of: Any,
) -> Any:
    """The side-by-side attempt that a row advances, or -1; closes those that are over."""
    recent = -1
    for a in range(first, n):
        if open_of[a] == 0:
            continue
        entry = out_rows[a, 0]
        if time[row] > time[entry] + window or session[row] >= session[entry] + sessions:
            open_of[a] = 0
            continue
        if barred:
            rows, count = out_rows[a], out_reached[a]
            if find_bar(time, bars, session, hi, window, sessions, rows, count, row) >= 0:
                open_of[a] = 0
                continue
        if bits[row] & open_of[a] == 0 or hold[row] != hold[entry] or session[row] < session[entry]:
            continue
        if out_reached[a] > 1:
            return a
        recent = a
    return recent


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
    barred: Any,
    state: Any,
    n: Any,
    out_rows: Any,
    out_reached: Any,
    out_bucket: Any,
) -> Any:
    """Write the attempts of one user from line ``n`` on; returns the line after them."""
    open_of, block_of = state
    for bucket in range(edges.shape[0] - 1):
        oldest = n
        for j in range(m):
            if time[j] < edges[bucket] or bits[j] == 0:
                continue
            while oldest < n and open_of[oldest] == 0:
                oldest += 1
            entering = time[j] < edges[bucket + 1]
            if not entering and oldest == n:
                break
            a = pick_attempt(
                time,
                bits,
                bars,
                session,
                hold,
                m,
                window,
                sessions,
                barred,
                j,
                oldest,
                n,
                out_rows,
                out_reached,
                open_of,
            )
            if a < 0:
                if not entering or bits[j] & blocks[0] == 0 or session[j] < 0 or hold[j] < 0:
                    continue
                a = n
                n += 1
                out_reached[a], out_bucket[a] = 0, bucket
                open_of[a], block_of[a] = blocks[0], 0
            fitting = bits[j] & open_of[a]
            out_rows[a, out_reached[a]] = j
            out_reached[a] += 1
            open_of[a] = open_of[a] & ~(fitting & -fitting)
            if open_of[a] == 0 and out_reached[a] < n_steps:
                block_of[a] += 1
                open_of[a] = blocks[block_of[a]]
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

    An entry is every row that may enter and advances no open attempt. A row advances the first
    attempt that is past its first step, else the most recent entry.
    """
    own = own_columns(longest(offsets, first, last))
    own_row, own_time, own_bits, own_bars, own_session, own_hold = own
    state = np.zeros(out_reached.shape[0], np.int64), np.zeros(out_reached.shape[0], np.int64)
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
            rules[0],
            state,
            n,
            out_rows,
            out_reached,
            out_bucket,
        )
        to_store_rows(own_row, begin, n, out_rows, out_reached)
    return n
