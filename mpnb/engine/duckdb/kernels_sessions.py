"""Cutting sessions that configured events open and close.

Enters: all rows, user-major. Leaves: the session number of each row, -1 outside. Plain Python that
``compiled`` makes fast.
"""

from __future__ import annotations

from typing import Any


def between_events(
    offsets: Any,
    day: Any,
    event: Any,
    ignored: Any,
    opens: Any,
    closes: Any,
    out_session: Any,
    out_closed: Any,
) -> Any:
    """Number the sessions from an opening event to a closing one; returns how many there are.

    A start inside a session is an ordinary event, an end without a session makes none, and midnight
    cuts what is open: ``out_closed`` stays False for such a session.
    """
    n = 0
    for u in range(offsets.shape[0] - 1):
        is_open = False
        today = 0
        for j in range(offsets[u], offsets[u + 1]):
            if ignored[event[j]]:
                continue
            if is_open and day[j] != today:
                is_open = False
                n += 1
            if not is_open:
                if not opens[event[j]]:
                    continue
                is_open, today = True, day[j]
                out_session[j] = n
                continue
            out_session[j] = n
            if closes[event[j]]:
                out_closed[n] = True
                is_open = False
                n += 1
        if is_open:
            n += 1
    return n
