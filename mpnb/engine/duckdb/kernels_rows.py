"""Picking the rows that matter to a sequence question, with the users' new offsets.

Enters: all rows, user-major, and which events (and rows) matter. Leaves: their row numbers. Plain
Python that ``compiled`` makes fast.
"""

from __future__ import annotations

from typing import Any


def count_rows(
    offsets: Any, event: Any, wanted: Any, mask: Any, first: Any, last: Any, counts: Any
) -> Any:
    """Write how many wanted rows each user has; returns the sum. An empty mask passes all."""
    filtered = mask.shape[0] > 0
    total = 0
    for u in range(first, last):
        n = 0
        for j in range(offsets[u], offsets[u + 1]):
            if wanted[event[j]] and (not filtered or mask[j]):
                n += 1
        counts[u] = n
        total += n
    return total


def pick_rows(
    offsets: Any, event: Any, wanted: Any, mask: Any, first: Any, last: Any, out: Any
) -> Any:
    """Write the wanted row numbers of users ``first`` to ``last``."""
    filtered = mask.shape[0] > 0
    n = 0
    for j in range(offsets[first], offsets[last]):
        if wanted[event[j]] and (not filtered or mask[j]):
            out[n] = j
            n += 1
    return n
