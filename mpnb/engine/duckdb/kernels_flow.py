"""Tracing flows: what users do before, between and after anchors.

Enters: all rows, user-major, and which of them are visible, anchors or excluded. Leaves: a matrix
of nodes, one line per flow and one column per step. The surprise: plain Python that ``compiled``
makes fast; a column that no event took holds NONE, the drop-off DROPOFF, anchor i the number of
event codes plus i.

The visible rows of a user are copied into ``own``, an array of [fact, row] with these facts:

- TIME: ms, ascending.
- EVENT: code of the event, NONE for a virtual row, which appears only as an anchor.
- SESSION: session number, 0 when sessions do not matter.
- ANCHORS: bit i is set where the row can be anchor i.
- BARS: 1 where the row removes a flow that shows it.
- ROW: row number in the store.

``layout`` is an array of [fact, anchor]: the anchor's COLUMN, and how many events are shown AHEAD
of it and BEHIND it. Few arrays are passed on: numba counts references to each at every call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

INLINED = ("gather",)
"""Takes so many arrays that calling it would cost as much as what it does."""

NONE = -1
DROPOFF = -2

UNIQUE = 0
TOTAL = 1
SESSIONS = 2

TIME, EVENT, SESSION, ANCHORS, BARS, ROW = range(6)
N_FACTS = 6

COLUMN, AHEAD, BEHIND = range(3)


def gather(
    time: Any,
    event: Any,
    session: Any,
    anchors: Any,
    anchor_rows: Any,
    hidden: Any,
    keep: Any,
    excludes: Any,
    exclude_rows: Any,
    n_real: Any,
    collapse: Any,
    start: Any,
    end: Any,
    enough: Any,
    back: Any,
    lo: Any,
    hi: Any,
    own: Any,
) -> Any:
    """Copy a user's visible rows; returns their number, 0 if none is a first anchor.

    Events from ``n_real`` on are virtual. Not more than ``enough`` rows are copied after the first
    anchor; -1 copies all. Rows before it matter only when flows look back.
    """
    begin = lo
    while begin < hi and (anchors[event[begin]] & 1 == 0 or time[begin] < start):
        begin += 1
    if begin == hi or time[begin] >= end:
        return 0
    if back:
        begin = lo
    m, left, found = 0, enough, False
    before, before_session = np.int64(NONE), np.int64(NONE)
    for j in range(begin, hi):
        if time[j] < start:
            continue
        if time[j] >= end:
            break
        code = np.int64(event[j])
        if hidden[code] or (keep.shape[0] > 0 and not keep[j]):
            continue
        at = np.int64(session[j]) if session.shape[0] > 0 else np.int64(0)
        if code >= n_real:
            if anchors[code] == 0:
                continue
            before = np.int64(NONE)  # a session's end is no part of a run
        else:
            if at < 0 or (collapse and code == before and at == before_session):
                continue
            before, before_session = code, at
        bits = anchors[code]
        if anchor_rows.shape[0] > 0:
            bits &= anchor_rows[j]
        barring = excludes[code] and (exclude_rows.shape[0] == 0 or exclude_rows[j])
        own[TIME, m], own[SESSION, m], own[ANCHORS, m], own[ROW, m] = time[j], at, bits, j
        own[EVENT, m] = code if code < n_real else NONE
        own[BARS, m] = 1 if barring else 0
        m += 1
        if found:
            left -= 1
        found = found or bits & 1 != 0
        if found and left == 0:
            break
    return m if found else 0


def find_anchors(
    own: Any, m: Any, start: Any, limit: Any, last_session: Any, n_anchors: Any, anchor_at: Any
) -> Any:
    """Write the places of the anchors of a flow, from its first one on; returns how many."""
    anchor_at[0] = start
    reached = 1
    i = start + 1
    while i < m and reached < n_anchors:
        if own[TIME, i] > limit or own[SESSION, i] > last_session:
            break
        if own[ANCHORS, i] & (1 << reached) != 0:
            anchor_at[reached] = i
            reached += 1
        i += 1
    return reached


def place_after(own: Any, start: Any, stop: Any, most: Any, column: Any, nodes: Any) -> Any:
    """Put up to ``most`` events after an anchor; returns how many, and the place behind them."""
    placed = 0
    i = start
    while i < stop and placed < most:
        if own[EVENT, i] != NONE:
            placed += 1
            nodes[column + placed] = i
        i += 1
    return placed, i


def place_before(own: Any, stop: Any, start: Any, most: Any, column: Any, nodes: Any) -> Any:
    """Put up to ``most`` events before an anchor, back to place ``start``."""
    placed = 0
    i = stop - 1
    while i >= start and placed < most:
        if own[EVENT, i] != NONE:
            placed += 1
            nodes[column - placed] = i
        i -= 1
    return placed


def find_bounds(
    own: Any, m: Any, start: Any, window: Any, limit: Any, last_session: Any, back: Any
) -> Any:
    """First and last place + 1 of the rows inside the window around a first anchor."""
    t, s = own[TIME, start], own[SESSION, start]
    begin, stop = start, start + 1
    while back and begin > 0 and own[TIME, begin - 1] >= t - window:
        if own[SESSION, begin - 1] != s:
            break
        begin -= 1
    while stop < m and own[TIME, stop] <= limit and own[SESSION, stop] <= last_session:
        stop += 1
    return begin, stop


def trace(
    own: Any,
    m: Any,
    start: Any,
    window: Any,
    sessions: Any,
    layout: Any,
    nodes: Any,
    anchor_at: Any,
) -> Any:
    """Lay one flow out: ``nodes`` gets places in ``own``, ``anchor_at`` those of the anchors.

    Returns how many anchors were reached.
    """
    n_anchors = layout.shape[1]
    limit, last_session = own[TIME, start] + window, own[SESSION, start] + sessions - 1
    nodes[:] = NONE
    reached = find_anchors(own, m, start, limit, last_session, n_anchors, anchor_at)
    back = layout[BEHIND, 0] > 0
    begin, stop = find_bounds(own, m, start, window, limit, last_session, back)
    place_before(own, start, begin, layout[BEHIND, 0], layout[COLUMN, 0], nodes)
    for a in range(reached):
        column, ahead = layout[COLUMN, a], layout[AHEAD, a]
        nodes[column] = anchor_at[a]
        following = anchor_at[a + 1] if a + 1 < reached else stop
        placed, after = place_after(own, anchor_at[a] + 1, following, ahead, column, nodes)
        if a + 1 < reached:
            behind, target = layout[BEHIND, a + 1], layout[COLUMN, a + 1]
            place_before(own, following, after, behind, target, nodes)
        elif placed < ahead or reached < n_anchors:
            nodes[column + placed + 1] = DROPOFF
    return reached


def find_barred(own: Any, nodes: Any, anchor_at: Any, reached: Any) -> Any:
    """Place of the first traced row, anchors aside, that removes the flow, or -1."""
    for c in range(nodes.shape[0]):
        i = nodes[c]
        if i < 0 or own[BARS, i] == 0:
            continue
        is_anchor = False
        for a in range(reached):
            if anchor_at[a] == i:
                is_anchor = True
        if not is_anchor:
            return i
    return -1


def write_flow(
    own: Any,
    nodes: Any,
    layout: Any,
    reached: Any,
    n_codes: Any,
    n: Any,
    out_nodes: Any,
    out_rows: Any,
) -> Any:
    """Turn places into event codes and row numbers."""
    line = min(n, out_rows.shape[0] - 1)
    for c in range(nodes.shape[0]):
        i = nodes[c]
        out_nodes[n, c] = own[EVENT, i] if i >= 0 else i
        out_rows[line, c] = own[ROW, i] if i >= 0 else NONE
    for a in range(reached):
        out_nodes[n, layout[COLUMN, a]] = n_codes + a
    return 0


def resume(
    own: Any,
    i: Any,
    window: Any,
    sessions: Any,
    by_session: Any,
    n_anchors: Any,
    anchor_at: Any,
    reached: Any,
    barred: Any,
) -> Any:
    """After which place, instant and session a new flow may start, in totals of several anchors."""
    if barred >= 0:
        over = max(barred, i)
        return min(anchor_at[reached - 1], over) if reached == n_anchors else over, -1, -1
    if reached == n_anchors:
        return anchor_at[reached - 1], -1, -1
    if by_session:
        return i, -1, own[SESSION, i] + sessions - 1
    return i, own[TIME, i] + window, -1


def trace_flows(
    offsets: Any,
    time: Any,
    event: Any,
    session: Any,
    anchors: Any,
    anchor_rows: Any,
    hidden: Any,
    keep: Any,
    excludes: Any,
    exclude_rows: Any,
    n_real: Any,
    collapse: Any,
    start: Any,
    end: Any,
    enough: Any,
    window: Any,
    sessions: Any,
    counting: Any,
    layout: Any,
    first: Any,
    last: Any,
    out_nodes: Any,
    out_rows: Any,
    out_entry: Any,
    out_reached: Any,
) -> Any:
    """Write the flows of users ``first`` to ``last``; returns their number.

    ``anchors`` has the bits of the anchors that an event code fits, ``anchor_rows`` those that
    filters leave; arrays over rows are empty where they are not needed. ``out_rows`` may have a
    single line when nobody wants it.
    """
    size = 1
    for u in range(first, last):
        size = max(size, offsets[u + 1] - offsets[u])
    own = np.zeros((N_FACTS, size), np.int64)
    nodes = np.zeros(out_nodes.shape[1], np.int64)
    n_anchors, n_codes = layout.shape[1], anchors.shape[0]
    anchor_at = np.zeros(n_anchors, np.int64)
    back, by_session = layout[BEHIND, 0] > 0, session.shape[0] > 0
    n = 0
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        m = gather(
            time,
            event,
            session,
            anchors,
            anchor_rows,
            hidden,
            keep,
            excludes,
            exclude_rows,
            n_real,
            collapse,
            start,
            end,
            enough,
            back,
            lo,
            hi,
            own,
        )
        after, after_time, after_session = -1, start - 1, -1
        for i in range(m):
            if own[ANCHORS, i] & 1 == 0 or i <= after or own[SESSION, i] <= after_session:
                continue
            if own[TIME, i] <= after_time:
                continue
            reached = trace(own, m, i, window, sessions, layout, nodes, anchor_at)
            barred = find_barred(own, nodes, anchor_at, reached)
            if barred < 0:
                write_flow(own, nodes, layout, reached, n_codes, n, out_nodes, out_rows)
                out_entry[n], out_reached[n] = own[ROW, i], reached
                n += 1
            if counting == UNIQUE:
                break
            if counting == SESSIONS:
                after_session = own[SESSION, i]
            elif n_anchors > 1:
                after, until, after_session = resume(
                    own, i, window, sessions, by_session, n_anchors, anchor_at, reached, barred
                )
                after_time = max(start - 1, until)
    return n
