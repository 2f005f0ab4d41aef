"""The hot case of funnels: loose attempts, a window of time, one range of entries.

Enters: all rows. Leaves: the rows of one attempt per user, or of all that follow each other. The
surprise: this says nothing that ``kernels_funnel`` does not say too; it is there because it needs a
third of the time.
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
        for k in range(count, n_steps):  # a slice would cost more than all of this
            out_rows[n, k] = -1
        out_reached[n] = count
        n += 1
    return n


def match_chain(
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
    codes: Any,
    label_of: Any,
    missing: Any,
    seen: Any,
    first: Any,
    last: Any,
    out_rows: Any,
    out_reached: Any,
) -> Any:
    """Write the attempts of the users ``first`` to ``last`` that follow each other.

    With ``codes`` (one per row, empty without) an attempt whose label an earlier one of the user
    has is left out; ``label_of[codes]`` is a row's label, ``missing`` the one that gives way to the
    next row's. ``seen`` has a place for each label, -1 before. A user's first attempt always stays.
    """
    filtered = step_rows.shape[0] > 0
    n = 0
    for u in range(first, last):
        lo, hi = offsets[u], offsets[u + 1]
        begin, j = n, lo
        while True:
            while j < hi and (
                steps[event[j]] & 1 == 0 or time[j] < start or (filtered and step_rows[j] & 1 == 0)
            ):
                j += 1
            if j == hi or time[j] >= end:
                break
            entry, top = j, j
            out_rows[n, 0] = j
            limit = time[j] + window
            count = 1
            while count < n_steps:
                floor = time[j] - grace
                while j > lo and time[j - 1] >= floor:
                    j -= 1
                bit = 1 << count
                while j < hi and time[j] <= limit:
                    fitting = steps[event[j]] & bit != 0
                    fitting = fitting and (not filtered or step_rows[j] & bit != 0)
                    fitting = fitting and time[j] >= floor
                    if j < entry and fitting:  # within the grace, earlier attempts may have been
                        fitting = not is_used(out_rows, out_reached, begin, n, j)
                    if fitting and not is_taken(out_rows, n, count, j):
                        break
                    j += 1
                if j == hi or time[j] > limit:
                    break
                out_rows[n, count] = j
                top = max(top, j)
                count += 1
            for k in range(count, n_steps):
                out_rows[n, k] = -1
            out_reached[n] = count
            n += 1
            if count == n_steps:
                j = top + 1  # the next entry may follow at once; else it comes after the window
        if codes.shape[0] > 0:
            n = keep_labels(codes, label_of, missing, seen, u, begin, n, out_rows, out_reached)
    return n


def is_used(out_rows: Any, out_reached: Any, begin: Any, end: Any, row: Any) -> Any:
    """True when one of the attempts ``begin`` to ``end`` has taken the row."""
    for a in range(begin, end):  # noqa: SIM110 - any() over a generator does not compile
        if is_taken(out_rows, a, out_reached[a], row):
            return True
    return False


def keep_labels(
    codes: Any,
    label_of: Any,
    missing: Any,
    seen: Any,
    user: Any,
    begin: Any,
    end: Any,
    out_rows: Any,
    out_reached: Any,
) -> Any:
    """Move a user's attempts with a label of their own together; returns the line after them."""
    n = begin
    for a in range(begin, end):
        label = label_of[codes[out_rows[a, 0]]]
        for k in range(1, out_reached[a]):
            if label != missing:
                break
            label = label_of[codes[out_rows[a, k]]]
        if a > begin and seen[label] == user:
            continue
        seen[label] = user
        if n < a:
            for k in range(out_rows.shape[1]):
                out_rows[n, k] = out_rows[a, k]
            out_reached[n] = out_reached[a]
        n += 1
    return n
