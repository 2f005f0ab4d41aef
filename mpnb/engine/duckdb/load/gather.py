"""What a scan found, gathered by property, compiled.

Enters: the arrays that `scan` filled. Leaves: rows and codes, value texts and numbers, property by
property. The surprise: numbers are read here only where that is exact; else Python reads them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def by_key(entries: Any, n_keys: Any) -> Any:
    """Entries ordered by key, rows ascending within each; where each key's entries begin."""
    starts = np.zeros(n_keys + 1, np.int64)
    for i in range(len(entries)):
        starts[entries[i, 0] + 1] += 1
    for k in range(n_keys):
        starts[k + 1] += starts[k]
    fill = starts[:-1].copy()
    rows, codes = np.empty(len(entries), np.int32), np.empty(len(entries), np.int32)
    for i in range(len(entries)):
        place = fill[entries[i, 0]]
        rows[place], codes[place] = entries[i, 1], entries[i, 2]
        fill[entries[i, 0]] = place + 1
    return rows, codes, starts


@njit(nogil=True, cache=True)
def copy_texts(data: Any, texts: Any, n_keys: Any) -> Any:
    """The value texts one after another, by key and code; their offsets; where each key begins."""
    starts = np.zeros(n_keys + 1, np.int64)
    total = 0
    for i in range(len(texts)):
        starts[texts[i, 0] + 1] += 1
        total += texts[i, 2]
    for k in range(n_keys):
        starts[k + 1] += starts[k]
    offsets = np.zeros(len(texts) + 1, np.int64)
    for i in range(len(texts)):
        offsets[starts[texts[i, 0]] + texts[i, 3]] = texts[i, 2]
    for i in range(len(texts)):
        offsets[i + 1] += offsets[i]
    out = np.empty(total, np.uint8)
    for i in range(len(texts)):
        place, begin = offsets[starts[texts[i, 0]] + texts[i, 3] - 1], texts[i, 1]
        for j in range(texts[i, 2]):
            out[place + j] = data[begin + j]
    return out, offsets, starts


@njit(nogil=True, cache=True)
def to_doubles(text: Any, bounds: Any) -> Any:
    """The values of number texts, and whether all are numbers that are exact this way.

    Up to 15 digits and powers of ten up to 22 are exact doubles, and so is their quotient.
    """
    values = np.empty(len(bounds) - 1, np.float64)
    for i in range(len(values)):
        mantissa, digits, scale, fraction, sign = 0, 0, 1.0, False, 1.0
        for at in range(bounds[i], bounds[i + 1]):
            byte = text[at]
            if byte == 46:
                fraction = True
            elif 48 <= byte <= 57:
                mantissa = mantissa * 10 + (byte - 48)
                digits += 1
                if fraction:
                    scale *= 10.0
            elif byte == 45 and at == bounds[i]:
                sign = -1.0
            else:
                return values, False
        if digits > 15:
            return values, False
        values[i] = sign * mantissa / scale + 0.0
    return values, True
