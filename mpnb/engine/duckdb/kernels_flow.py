"""Tracing flows: what users do before, between and after anchors.

Enters: all rows, user-major, and which of them are visible, anchors or excluded. Leaves: a matrix
of nodes, one line per flow and one column per step. The surprise: plain Python that ``compiled``
makes fast; a column that no event took holds NONE, the drop-off DROPOFF, anchor i the number of
event codes plus i.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NONE = -1
DROPOFF = -2

UNIQUE = 0
TOTAL = 1
SESSION = 2


def session_at(session: Any, row: Any) -> Any:
    """Session number of a row; 0 for every row when sessions do not matter."""
    return np.int64(session[row]) if session.shape[0] > 0 else np.int64(0)


def fits_anchor(event: Any, anchors: Any, anchor_rows: Any, row: Any, bit: Any) -> Any:
    """True when a row can be the anchor of that bit."""
    if anchors[event[row]] & bit == 0:
        return False
    return anchor_rows.shape[0] == 0 or anchor_rows[row] & bit != 0


def gather(
    time: Any,
    event: Any,
    session: Any,
    anchors: Any,
    hidden: Any,
    keep: Any,
    anchor_rows: Any,
    n_real: Any,
    collapse: Any,
    start: Any,
    end: Any,
    enough: Any,
    back: Any,
    lo: Any,
    hi: Any,
    seq: Any,
) -> Any:
    """List a user's visible rows; returns their number, 0 if none is a first anchor.

    Events from ``n_real`` on are virtual. Not more than ``enough`` rows are listed after the first
    anchor; -1 lists all. Rows before it matter only when flows look back.
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
        if code >= n_real:
            if anchors[code] == 0:
                continue
        else:
            at = session_at(session, j)
            if at < 0 or (collapse and code == before and at == before_session):
                continue
            before, before_session = code, at
        seq[m] = j
        m += 1
        if found:
            left -= 1
        elif fits_anchor(event, anchors, anchor_rows, j, 1):
            found = True
        if found and left == 0:
            break
    return m if found else 0


def find_anchor(
    time: Any,
    event: Any,
    session: Any,
    anchors: Any,
    anchor_rows: Any,
    seq: Any,
    start: Any,
    m: Any,
    bit: Any,
    limit: Any,
    last_session: Any,
) -> Any:
    """Index of the next anchor inside the window, or -1."""
    for i in range(start, m):
        j = seq[i]
        if time[j] > limit or session_at(session, j) > last_session:
            return -1
        if fits_anchor(event, anchors, anchor_rows, j, bit):
            return i
    return -1


def place_after(
    event: Any, seq: Any, start: Any, stop: Any, n_real: Any, most: Any, column: Any, nodes: Any
) -> Any:
    """Put up to ``most`` events after an anchor; returns how many, and the index behind them."""
    placed = 0
    i = start
    while i < stop and placed < most:
        if event[seq[i]] < n_real:
            placed += 1
            nodes[column + placed] = i
        i += 1
    return placed, i


def place_before(
    event: Any, seq: Any, stop: Any, start: Any, n_real: Any, most: Any, column: Any, nodes: Any
) -> Any:
    """Put up to ``most`` events before an anchor at ``column``, back to index ``start``."""
    placed = 0
    i = stop - 1
    while i >= start and placed < most:
        if event[seq[i]] < n_real:
            placed += 1
            nodes[column - placed] = i
        i -= 1
    return placed


def trace(
    time: Any,
    event: Any,
    session: Any,
    anchors: Any,
    anchor_rows: Any,
    n_real: Any,
    window: Any,
    sessions: Any,
    forward: Any,
    reverse: Any,
    columns: Any,
    seq: Any,
    m: Any,
    start: Any,
    nodes: Any,
    anchor_at: Any,
) -> Any:
    """Lay one flow out: ``nodes`` gets indices into ``seq``, ``anchor_at`` those of the anchors.

    Returns how many anchors were reached.
    """
    n_anchors = columns.shape[0]
    t, s = time[seq[start]], session_at(session, seq[start])
    limit, last_session = t + window, s + sessions - 1
    anchor_at[0] = start
    reached = 1
    while reached < n_anchors:
        i = find_anchor(
            time,
            event,
            session,
            anchors,
            anchor_rows,
            seq,
            anchor_at[reached - 1] + 1,
            m,
            1 << reached,
            limit,
            last_session,
        )
        if i < 0:
            break
        anchor_at[reached] = i
        reached += 1
    begin = start
    while begin > 0:
        j = seq[begin - 1]
        if time[j] < t - window or session_at(session, j) != s:
            break
        begin -= 1
    stop = start
    while stop < m and time[seq[stop]] <= limit and session_at(session, seq[stop]) <= last_session:
        stop += 1
    place_before(event, seq, start, begin, n_real, reverse[0], columns[0], nodes)
    for a in range(reached):
        nodes[columns[a]] = anchor_at[a]
        following = anchor_at[a + 1] if a + 1 < reached else stop
        placed, after = place_after(
            event, seq, anchor_at[a] + 1, following, n_real, forward[a], columns[a], nodes
        )
        if a + 1 < reached:
            place_before(
                event, seq, following, after, n_real, reverse[a + 1], columns[a + 1], nodes
            )
        elif placed < forward[a] or reached < n_anchors:
            nodes[columns[a] + placed + 1] = DROPOFF
    return reached


def find_excluded(
    event: Any, excludes: Any, exclude_rows: Any, seq: Any, nodes: Any, anchor_at: Any, reached: Any
) -> Any:
    """Index of the first traced row, anchors aside, that removes the flow, or -1."""
    for c in range(nodes.shape[0]):
        i = nodes[c]
        if i < 0 or not excludes[event[seq[i]]]:
            continue
        if exclude_rows.shape[0] > 0 and not exclude_rows[seq[i]]:
            continue
        is_anchor = False
        for a in range(reached):
            if anchor_at[a] == i:
                is_anchor = True
        if not is_anchor:
            return i
    return -1


def write_flow(
    event: Any,
    seq: Any,
    nodes: Any,
    columns: Any,
    reached: Any,
    n_codes: Any,
    out_nodes: Any,
    out_rows: Any,
) -> Any:
    """Turn indices into event codes and row numbers."""
    for c in range(nodes.shape[0]):
        i = nodes[c]
        out_nodes[c] = event[seq[i]] if i >= 0 else i
        out_rows[c] = seq[i] if i >= 0 else NONE
    for a in range(reached):
        out_nodes[columns[a]] = n_codes + a
    return 0


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
    forward: Any,
    reverse: Any,
    columns: Any,
    first: Any,
    last: Any,
    out_nodes: Any,
    out_rows: Any,
    out_entry: Any,
    out_reached: Any,
) -> Any:
    """Write the flows of users ``first`` to ``last``; returns their number.

    ``anchors`` has the bits of the anchors that an event code fits, ``anchor_rows`` those that
    filters leave (empty without filters); ``keep`` and ``exclude_rows`` may be empty as well.
    ``columns`` is where each anchor stands. ``out_rows`` may have a single line when unwanted.
    """
    longest = 1
    for u in range(first, last):
        longest = max(longest, offsets[u + 1] - offsets[u])
    seq = np.zeros(longest, np.int64)
    width = out_nodes.shape[1]
    nodes = np.zeros(width, np.int64)
    n_anchors = columns.shape[0]
    anchor_at = np.zeros(n_anchors, np.int64)
    n_codes = anchors.shape[0]
    back = reverse[0] > 0
    n = 0
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        m = gather(
            time,
            event,
            session,
            anchors,
            hidden,
            keep,
            anchor_rows,
            n_real,
            collapse,
            start,
            end,
            enough,
            back,
            lo,
            hi,
            seq,
        )
        from_index, from_time, from_session = 0, start - 1, -1
        for i in range(m):
            j = seq[i]
            at = session_at(session, j)
            if i < from_index or time[j] <= from_time or at <= from_session:
                continue
            if not fits_anchor(event, anchors, anchor_rows, j, 1):
                continue
            nodes[:] = NONE
            reached = trace(
                time,
                event,
                session,
                anchors,
                anchor_rows,
                n_real,
                window,
                sessions,
                forward,
                reverse,
                columns,
                seq,
                m,
                i,
                nodes,
                anchor_at,
            )
            barred = find_excluded(event, excludes, exclude_rows, seq, nodes, anchor_at, reached)
            if barred < 0:
                rows = out_rows[min(n, out_rows.shape[0] - 1)]
                write_flow(event, seq, nodes, columns, reached, n_codes, out_nodes[n], rows)
                out_entry[n] = j
                out_reached[n] = reached
                n += 1
            if counting == UNIQUE:
                break
            if counting == SESSION:
                from_session = at
            elif n_anchors > 1:
                if reached == n_anchors:
                    from_index = anchor_at[reached - 1] + 1
                elif session.shape[0] > 0:
                    from_session = at + sessions - 1
                else:
                    from_time = time[j] + window
                if barred >= 0:
                    over = max(barred, i) + 1
                    from_index = min(from_index, over) if reached == n_anchors else over
                    from_time, from_session = start - 1, -1
    return n
