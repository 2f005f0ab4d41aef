"""JSON read byte by byte, compiled: where a value ends, whether it is plain, and its hash.

Enters: bytes and a place in them. Leaves: the place after what begins there, -1 when it is odd. The
surprise: nothing looks at the end of the data; every line ends in a newline, which no value may
hold, and eight bytes more can be read behind the last. Strings are read eight bytes at a time.
Compiled code of `scan` contains these functions: a change here needs its cache removed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from mpnb.engine.duckdb.load.words import first_byte, special_bytes, word_at

QUOTE, COMMA, COLON, BACKSLASH, OPEN, CLOSE = 34, 44, 58, 92, 123, 125
LAST_MS = 253_402_128_000_000


@njit(nogil=True, cache=True, inline="always")
def mixed(h: Any, word: Any) -> Any:
    """A hash with eight bytes more."""
    h = (h ^ np.uint64(word)) * np.uint64(0x9E3779B97F4A7C15)
    return h ^ (h >> np.uint64(29))


@njit(nogil=True, cache=True, forceinline=True)
def hash_of(data: Any, at: Any, end: Any) -> Any:
    """The hash of the bytes from `at` to `end`."""
    h = np.uint64(end - at)
    while at + 8 <= end:
        h = mixed(h, word_at(data, at))
        at += 8
    if at < end:
        rest = np.uint64(64 - 8 * (end - at))
        h = mixed(h, (word_at(data, at) << rest) >> rest)
    return h


@njit(nogil=True, cache=True, forceinline=True)
def after_blanks(data: Any, at: Any) -> Any:
    """The first place from `at` on that is no blank; lines end in a newline, so there is one."""
    while data[at] == 32 or data[at] == 9 or data[at] == 13:
        at += 1
    return at


@njit(nogil=True, cache=True, forceinline=True)
def string_at(data: Any, at: Any) -> Any:
    """The place after a string that begins at `at`, and whether it has escapes; -1: odd."""
    escaped = False
    at += 1
    while True:
        special = special_bytes(word_at(data, at))
        if special == 0:
            at += 8
            continue
        at += first_byte(special)
        byte = data[at]
        if byte == QUOTE:
            return at + 1, escaped
        if byte != BACKSLASH:
            return -1, escaped
        escaped = True
        at = _after_escape(data, at + 1)
        if at < 0:
            return -1, escaped


@njit(nogil=True, cache=True)
def _after_escape(data: Any, at: Any) -> Any:
    """The place after what follows a backslash; -1: odd."""
    byte = data[at]
    at += 1
    if byte == 117:
        for _ in range(4):
            digit = data[at]
            lower = digit | 32
            if not (48 <= digit <= 57 or 97 <= lower <= 102):
                return -1
            at += 1
    elif byte not in (QUOTE, BACKSLASH, 47, 98, 102, 110, 114, 116):
        return -1
    return at


@njit(nogil=True, cache=True, forceinline=True)
def after_digits(data: Any, at: Any) -> Any:
    """The first place from `at` on that is no digit."""
    while 48 <= data[at] <= 57:
        at += 1
    return at


@njit(nogil=True, cache=True, forceinline=True)
def number_at(data: Any, at: Any) -> Any:
    """The place after a number that begins at `at`; -1: odd."""
    if data[at] == 45:
        at += 1
    first = at
    at = after_digits(data, at)
    if at == first or (data[first] == 48 and at > first + 1):
        return -1
    if data[at] == 46:
        first = at + 1
        at = after_digits(data, first)
        if at == first:
            return -1
    if data[at] | 32 == 101:
        at += 1
        if data[at] == 43 or data[at] == 45:
            at += 1
        first = at
        at = after_digits(data, first)
        if at == first:
            return -1
    return at


@njit(nogil=True, cache=True, forceinline=True)
def nested_at(data: Any, at: Any) -> Any:
    """The place after a list or object; what is inside is checked later, text by text."""
    depth = 0
    while True:
        byte = data[at]
        if byte == QUOTE:
            at, _ = string_at(data, at)
            if at < 0:
                return -1
            continue
        if byte == 10:
            return -1
        if byte == OPEN or byte == 91:
            depth += 1
        elif byte == CLOSE or byte == 93:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1


@njit(nogil=True, cache=True, forceinline=True)
def literal_at(data: Any, at: Any) -> Any:
    """The place after true, false or null; -1: odd."""
    if data[at] == 116:
        if data[at + 1] == 114 and data[at + 2] == 117 and data[at + 3] == 101:
            return at + 4
    elif data[at] == 110:
        if data[at + 1] == 117 and data[at + 2] == 108 and data[at + 3] == 108:
            return at + 4
    elif data[at] == 102 and (
        data[at + 1] == 97 and data[at + 2] == 108 and data[at + 3] == 115 and data[at + 4] == 101
    ):
        return at + 5
    return -1


@njit(nogil=True, cache=True, forceinline=True)
def value_at(data: Any, at: Any, hashed: Any) -> Any:
    """The place after any value that begins at `at` (-1: odd), and its hash where wanted."""
    byte = data[at]
    if byte == QUOTE:
        end, _ = string_at(data, at)
    elif byte == 45 or 48 <= byte <= 57:
        end = number_at(data, at)
    elif byte == OPEN or byte == 91:
        end = nested_at(data, at)
    else:
        end = literal_at(data, at)
    h = np.uint64(0)
    if hashed and end > 0:
        h = hash_of(data, at, end)
    return end, h


@njit(nogil=True, cache=True, forceinline=True)
def clock_at(data: Any, at: Any, end: Any) -> Any:
    """Milliseconds of a `time` number, and whether it is plain enough to be read here."""
    mantissa, digits, scale, fraction = 0, 0, 1.0, False
    for i in range(at, end):
        byte = data[i]
        if byte == 46:
            fraction = True
        elif 48 <= byte <= 57:
            mantissa = mantissa * 10 + (byte - 48)
            digits += 1
            if fraction:
                scale *= 10.0
        else:
            return 0, False
    if digits > 15:
        return 0, False
    if fraction:
        time = mantissa / scale
        clock = int(np.floor((time * 1000.0 if time < 1e10 else time) + 0.5))
    else:
        clock = mantissa * 1000 if mantissa < 10_000_000_000 else mantissa
    return clock, clock < LAST_MS


@njit(nogil=True, cache=True, forceinline=True)
def same_bytes(data: Any, a: Any, b: Any, length: Any) -> Any:
    """Whether the bytes at two places are equal."""
    while length >= 8:
        if word_at(data, a) != word_at(data, b):
            return False
        a, b, length = a + 8, b + 8, length - 8
    if length <= 0:
        return True
    return ((word_at(data, a) ^ word_at(data, b)) << np.uint64(64 - 8 * length)) == 0
