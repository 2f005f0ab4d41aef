"""The hot case of flows: one flow per user, from one anchor, forward, within a window of time.

Enters: all rows. Leaves: a line of nodes per user, as ``kernels_flow`` describes them. The
surprise: this says nothing that ``kernels_flow`` does not say too; it copies no rows, and so needs
a third of the time.
"""

from __future__ import annotations

from typing import Any

from mpnb.engine.duckdb.kernels_flow import DROPOFF, NONE


def trace_ahead(
    offsets: Any,
    time: Any,
    event: Any,
    anchors: Any,
    anchor_rows: Any,
    hidden: Any,
    keep: Any,
    start: Any,
    end: Any,
    window: Any,
    ahead: Any,
    first: Any,
    last: Any,
    out_nodes: Any,
    out_rows: Any,
    out_entry: Any,
) -> Any:
    """Write the flows of users ``first`` to ``last``; returns their number.

    ``anchors`` says of each event code whether it fits the anchor, ``anchor_rows`` of each row what
    filters leave (empty without), ``keep`` which rows are seen at all (empty: all). ``out_nodes``
    is [node, flow]. ``out_rows``, of the same form, may have no flows when nobody wants it.
    """
    filtered, chosen = keep.shape[0] > 0, anchor_rows.shape[0] > 0
    with_rows = out_rows.shape[1] > 0
    n_codes = anchors.shape[0]
    n = 0
    for u in range(first, last):
        j, hi = offsets[u], offsets[u + 1]
        while j < hi and (
            anchors[event[j]] & 1 == 0
            or time[j] < start
            or (filtered and not keep[j])
            or (chosen and anchor_rows[j] & 1 == 0)
        ):
            j += 1
        if j == hi or time[j] >= end:
            continue
        limit = min(time[j] + window, end - 1)
        out_nodes[0, n], out_entry[n] = n_codes, j
        if with_rows:
            out_rows[0, n] = j
        placed = 0
        i = j + 1
        while placed < ahead and i < hi and time[i] <= limit:
            if not hidden[event[i]] and (not filtered or keep[i]):
                placed += 1
                out_nodes[placed, n] = event[i]
                if with_rows:
                    out_rows[placed, n] = i
            i += 1
        for k in range(placed + 1, ahead + 1):
            out_nodes[k, n] = DROPOFF if k == placed + 1 else NONE
            if with_rows:
                out_rows[k, n] = NONE
        n += 1
    return n
