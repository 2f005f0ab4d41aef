"""Picking the rows that matter to a sequence question, with the users' new offsets.

Enters: all rows, user-major, and which events (and rows) matter. Leaves: their row numbers. Also
here: the choice of one sequence per user and group. Plain Python that ``compiled`` makes fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np


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


def mark_best(one: Any, group: Any, score: Any, out: Any) -> Any:
    """Mark for each user and group the item with the highest score, the first one on ties.

    The items of a user are adjacent; within them groups come in any order.
    """
    n = one.shape[0]
    groups, best = np.zeros(max(n, 1), np.int64), np.zeros(max(n, 1), np.int64)
    begin, known = 0, 0
    for i in range(n):
        if i > begin and one[i] != one[begin]:
            for k in range(known):
                out[best[k]] = True
            begin, known = i, 0
        k = 0
        while k < known and groups[k] != group[i]:
            k += 1
        if k == known:
            groups[k], best[k] = group[i], i
            known += 1
        elif score[i] > score[best[k]]:
            best[k] = i
    for k in range(known):
        out[best[k]] = True
    return 0
