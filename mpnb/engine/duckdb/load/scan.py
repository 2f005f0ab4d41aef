"""The compiled reading of plain export lines: one pass over the bytes, straight to codes.

Enters: a stretch of whole lines as bytes. Leaves: arrays with the time of each row, and per value
its property, row and code; value texts are only pointed at. The surprise: it reads what exports
look like and nothing else. Any line with something odd about it (escaped keys, a key twice, no
time, a syntax error) is handed back to the reference reading in Python, which decides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from mpnb.engine.duckdb.load.grammar import (
    CLOSE,
    COLON,
    COMMA,
    OPEN,
    QUOTE,
    after_blanks,
    clock_at,
    hash_of,
    mixed,
    same_bytes,
    string_at,
    value_at,
)
from mpnb.engine.duckdb.load.words import borrowed

EVENT, PROPERTIES, ID, TIME, ALIAS = 0, 1, 2, 3, 4
HEAD = (b"event", b"properties", b"distinct_id", b"time", b"$distinct_id")
"""Keys with a meaning, quoted behind the lines; they have the first key codes."""

MAX_KEYS = 4096
"""A stretch with more keys than this is read in Python from there on."""

# One array of work holds everything that is written while reading: an array more to pass around
# costs as much as reading a value. Places in it:
_ENTRIES, _TEXTS, KEYS_FOUND, _NESTED, _ENTRIES_AT, _TEXTS_AT, _SLOTS_AT, _MASK = range(8)
_KEY_TABLE = 8
_SEEN, _DISTINCT, _PLAIN, _NEXT, _LAST_ROW, _START, _LENGTH, _WIDTH = range(8)
_KEY_SLOTS = 4 * MAX_KEYS
_KEY_SLOTS_AT = _KEY_TABLE + (MAX_KEYS + 1) * _WIDTH
_VALUES_AT = _KEY_SLOTS_AT + _KEY_SLOTS

_SAMPLE = 2048
NO_CLOCK = -(2**62)


@njit(nogil=True, cache=True, forceinline=True)
def _key(data: Any, at: Any, end: Any, h: Any, work: Any) -> Any:
    """The code of a key, a new one when it is not known; MAX_KEYS when there are too many."""
    slot = np.int64(h & np.uint64(_KEY_SLOTS - 1))
    while work[_KEY_SLOTS_AT + slot] >= 0:
        known = work[_KEY_SLOTS_AT + slot]
        entry = _KEY_TABLE + known * _WIDTH
        if work[entry + _LENGTH] == end - at and same_bytes(
            data, work[entry + _START], at, end - at
        ):
            return np.int64(known)
        slot = (slot + 1) & (_KEY_SLOTS - 1)
    count = np.int64(work[KEYS_FOUND])
    if count < MAX_KEYS:
        work[_KEY_SLOTS_AT + slot] = count
        entry = _KEY_TABLE + count * _WIDTH
        work[entry + _START], work[entry + _LENGTH] = at, end - at
        work[KEYS_FOUND] += 1
    return count


@njit(nogil=True, cache=True, forceinline=True)
def _code(data: Any, at: Any, end: Any, h: Any, key: Any, work: Any) -> Any:
    """The code of a value within its key; values that hardly repeat are not looked up."""
    facts = _KEY_TABLE + key * _WIDTH
    work[facts + _SEEN] += 1
    plain = work[facts + _PLAIN] == 1
    if not plain:
        h = mixed(h, key)
        mask, slots = np.int64(work[_MASK]), np.int64(work[_SLOTS_AT])
        slot = np.int64(h >> np.uint64(20)) & mask
        while work[slots + slot] >= 0:
            known = work[slots + slot]
            if (
                work[known] == key
                and work[known + 2] == end - at
                and same_bytes(data, work[known + 1], at, end - at)
            ):
                return work[known + 3]
            slot = (slot + 1) & mask
        work[slots + slot] = work[_TEXTS_AT] + 4 * work[_TEXTS]
    work[facts + _DISTINCT] += 1
    code = work[facts + _DISTINCT]
    text = work[_TEXTS_AT] + 4 * work[_TEXTS]
    work[text], work[text + 1], work[text + 2], work[text + 3] = key, at, end - at, code
    work[_TEXTS] += 1
    if not plain and work[facts + _SEEN] >= _SAMPLE and 2 * code > work[facts + _SEEN]:
        work[facts + _PLAIN] = 1
    return code


@njit(nogil=True, cache=True, forceinline=True)
def _take(data: Any, at: Any, end: Any, h: Any, key: Any, row: Any, work: Any) -> Any:
    """Enter a value."""
    code = _code(data, at, end, h, key, work)
    entry = work[_ENTRIES_AT] + 3 * work[_ENTRIES]
    work[entry], work[entry + 1], work[entry + 2] = key, row, code
    work[_ENTRIES] += 1


@njit(nogil=True, cache=True, forceinline=True)
def _expected(data: Any, at: Any, key: Any, work: Any) -> Any:
    """The place after the key at `at` if it is the one expected, else -1."""
    facts = _KEY_TABLE + key * _WIDTH
    length = work[facts + _LENGTH]
    end = at + 1 + length
    if data[end] == QUOTE and same_bytes(data, work[facts + _START], at + 1, length):
        return end + 1
    return -1


@njit(nogil=True, cache=True, forceinline=True)
def _property_key(data: Any, at: Any, row: Any, before: Any, work: Any) -> Any:
    """The place of the value of the property at `at` (-1: odd), and the property's key."""
    follows = _KEY_TABLE + before * _WIDTH + _NEXT
    key = np.int64(work[follows])  # lines repeat the order of their keys
    end = _expected(data, at, key, work)
    if end < 0:
        end, escaped = string_at(data, at)
        if end < 0 or escaped:
            return -1, key
        key = _key(data, at + 1, end - 1, hash_of(data, at + 1, end - 1), work)
        if key >= MAX_KEYS or key == ALIAS:
            return -1, key
        work[follows] = key
    last_row = _KEY_TABLE + key * _WIDTH + _LAST_ROW
    if work[last_row] == row:
        return -1, key
    work[last_row] = row
    if data[end] != COLON:
        end = after_blanks(data, end)
        if data[end] != COLON:
            return -1, key
    return (end + 1 if data[end + 1] > 32 else after_blanks(data, end + 1)), key


@njit(nogil=True, cache=True)
def _properties(data: Any, at: Any, row: Any, work: Any) -> Any:
    """Take all properties; the place after them (-1: odd) and the clock."""
    clock, key = NO_CLOCK, EVENT
    if data[at] != OPEN:
        return -1, clock
    at = after_blanks(data, at + 1)
    while data[at] == QUOTE:
        at, key = _property_key(data, at, row, key, work)
        if at < 0:
            return -1, clock
        store = key if key != EVENT else MAX_KEYS
        end, h = value_at(data, at, work[_KEY_TABLE + store * _WIDTH + _PLAIN] == 0)
        if end < 0:
            return -1, clock
        if key == TIME:
            clock, plain = clock_at(data, at, end)
            if not plain:
                return -1, clock
        elif data[at] != 110:
            work[_NESTED] |= data[at] == OPEN or data[at] == 91
            _take(data, at, end, h, store, row, work)
        at = end if data[end] > 32 else after_blanks(data, end)
        if data[at] == CLOSE:
            return at + 1, clock
        if data[at] != COMMA:
            return -1, clock
        at = at + 1 if data[at + 1] == QUOTE else after_blanks(data, at + 1)
    return -1, clock


@njit(nogil=True, cache=True)
def _row(data: Any, at: Any, size: Any, row: Any, work: Any) -> Any:
    """Take a line whose `{` is at `at`; its end (-1: odd) and the clock."""
    clock, seen = NO_CLOCK, 0
    at = after_blanks(data, at + 1)
    while data[at] == QUOTE:
        name = at + 1
        at, _ = string_at(data, at)
        if at < 0:
            return -1, clock
        length = at - 1 - name
        at = after_blanks(data, at)
        if data[at] != COLON:
            return -1, clock
        at = after_blanks(data, at + 1)
        if length == 5 and not seen & 1 and same_bytes(data, name, size + 1, 5):
            seen |= 1
            end, h = (-1, np.uint64(0)) if data[at] != QUOTE else value_at(data, at, True)
            if end > 0:
                _take(data, at, end, h, EVENT, row, work)
            at = end
        elif length == 10 and not seen & 2 and same_bytes(data, name, size + 8, 10):
            seen |= 2
            at, clock = _properties(data, at, row, work)
        else:
            return -1, clock
        if at < 0:
            return -1, clock
        at = after_blanks(data, at)
        if data[at] == CLOSE:
            at = after_blanks(data, at + 1)
            good = seen == 3 and clock != NO_CLOCK and data[at] == 10
            return (at if good else -1), clock
        if data[at] != COMMA:
            return -1, clock
        at = after_blanks(data, at + 1)
    return -1, clock


@njit(nogil=True, cache=True)
def _workspace(data: Any, size: Any, lengths: Any, values: Any) -> Any:
    """The work array, with the keys that have a meaning entered."""
    width = 1024
    while width < 2 * values:
        width *= 2
    work = np.empty(_VALUES_AT + width + 7 * values, np.int32)
    work[:_KEY_SLOTS_AT] = 0
    work[_KEY_SLOTS_AT : _VALUES_AT + width] = -1
    for key in range(MAX_KEYS + 1):
        work[_KEY_TABLE + key * _WIDTH + _LAST_ROW] = -1
    work[_SLOTS_AT], work[_MASK] = _VALUES_AT, width - 1
    work[_ENTRIES_AT] = _VALUES_AT + width
    work[_TEXTS_AT] = _VALUES_AT + width + 3 * values
    place = size
    for length in lengths:
        h = hash_of(data, place + 1, place + 1 + length)
        _key(data, place + 1, place + 1 + length, h, work)
        place += length + 2
    return work


@njit(nogil=True, cache=True)
def scan(data: Any, size: Any, lengths: Any, lines: Any, values: Any) -> Any:
    """Read lines.

    Args:
        data: the lines, each with its newline, then the quoted `HEAD` keys and eight bytes; uint8.
        size: where the lines end.
        lengths: length of each of those keys.
        lines: number of lines.
        values: an upper bound of the number of values.

    Returns:
        rows (clock, line), entries (key, row, code), texts (key, start, length, code),
        keys (start, length), odd lines (line, start, end), whether there are nested values.
    """
    held = _workspace(data, size, lengths, values + lines)
    data, work = borrowed(data), borrowed(held)
    rows, odd = np.empty((lines, 2), np.int64), np.empty((lines, 3), np.int64)
    n_rows, n_odd, line, start = 0, 0, 0, 0
    while start < size:
        at, first = after_blanks(data, start), work[_ENTRIES]
        if data[at] != 10:
            end, clock = -1, NO_CLOCK
            if data[at] == OPEN:
                end, clock = _row(data, at, size, n_rows, work)
            if end >= 0:
                rows[n_rows, 0], rows[n_rows, 1] = clock, line
                n_rows, at = n_rows + 1, end
            else:
                while data[at] != 10:
                    at += 1
                odd[n_odd, 0], odd[n_odd, 1], odd[n_odd, 2] = line, start, at
                n_odd, work[_ENTRIES] = n_odd + 1, first
                for key in range(work[KEYS_FOUND]):
                    work[_KEY_TABLE + key * _WIDTH + _LAST_ROW] = -1
        start, line = at + 1, line + 1
    entries = held[work[_ENTRIES_AT] : work[_ENTRIES_AT] + 3 * work[_ENTRIES]]
    texts = held[work[_TEXTS_AT] : work[_TEXTS_AT] + 4 * work[_TEXTS]]
    keys = np.empty((work[KEYS_FOUND], 2), np.int32)
    for key in range(len(keys)):
        facts = _KEY_TABLE + key * _WIDTH
        keys[key, 0], keys[key, 1] = work[facts + _START], work[facts + _LENGTH]
    return (
        rows[:n_rows],
        entries.reshape(-1, 3),
        texts.reshape(-1, 4),
        keys,
        odd[:n_odd],
        work[_NESTED] != 0,
    )
