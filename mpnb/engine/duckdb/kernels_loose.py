"""The hot case of funnels: one loose attempt per user, a window of time, one range of entries.

Enters: all rows. Leaves: the rows of one attempt per user. The surprise: this says nothing that
``kernels_funnel`` does not say too; it is there because it needs a third of the time.
"""

from __future__ import annotations

from typing import Any

from mpnb.engine.duckdb.kernels_funnel import is_taken


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
    grace: Any,
    first: Any,
    last: Any,
    out_rows: Any,
    out_reached: Any,
) -> Any:
    """Write one attempt for each of the users ``first`` to ``last`` that enters; returns how many.

    ``steps`` has the bits of each event code, ``step_rows`` those that step filters leave to a row
    (empty without filters).
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
            floor = time[j] - grace
            while j > lo and time[j - 1] >= floor:
                j -= 1
            bit = 1 << count
            while j < hi and time[j] <= limit:
                fitting = steps[event[j]] & bit != 0 and (not filtered or step_rows[j] & bit != 0)
                fitting = fitting and time[j] >= floor
                if fitting and not is_taken(out_rows, n, count, j):
                    break
                j += 1
            if j == hi or time[j] > limit:
                break
            out_rows[n, count] = j
            count += 1
        out_reached[n] = count
        n += 1
    return n
