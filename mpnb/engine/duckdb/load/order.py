"""The order of a store's rows, and which of them are duplicates.

Enters: rows in load order. Leaves: a permutation, user by user. The surprise: only rows of one user
at one instant are compared by more than two numbers, so text is looked at for ties alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb import jit
from mpnb.engine.duckdb.load.loaded import INSERT_ID, Loaded
from mpnb.engine.duckdb.room import STEP, Room, chosen, filled, in_memory, taken

AnyInt = npt.NDArray[Any]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

PROCESSED = "mp_processing_time_ms"
MANY_ROWS = 1_000_000
"""From so many rows on they are ordered by compiled passes."""
MANY_TEXTS = 1 << 19
"""So many rows are compared by their texts at a time."""


class Ties(Protocol):
    """What decides between rows of one user at one instant."""

    names: list[str]
    order: AnyInt

    def texts_at(self, name: str, rows: AnyInt) -> pa.Array:
        """A property of some rows, cast to string; null where undefined."""


def sorted_rows(
    loaded: Ties,
    rows: AnyInt,
    user: Int32,
    time: Int64,
    event: AnyInt,
    room: Room = in_memory,
) -> AnyInt:
    """`rows` ordered by (user, time, $insert_id with absent as empty, event name, load order).

    Args:
        loaded: the rows in load order.
        rows: which of them to order.
        user: user code of each of `rows`, a large one for rows without a user.
        time: instant of each row of `loaded`.
        event: code of each row of `loaded`; codes are in text order.
        room: where long arrays are made.
    """
    if len(rows) == 0:
        return rows
    sort = _by_pass if len(rows) >= MANY_ROWS else _by_sort
    ordered, tied = sort(rows, user, time, room)
    out = taken(rows, ordered, room)

    def same(first: int, last: int) -> Bool:
        """Whether each place is of one key with the place before it."""
        who, when = user[ordered[first - 1 : last]], time[out[first - 1 : last]]
        return np.asarray((np.diff(who) == 0) & (np.diff(when) == 0))

    for first, last in _spans(tied, same):
        where = first + np.flatnonzero(tied[first:last])
        ties = out[where]
        who, when = user[ordered[where]], time[ties]
        changed = (np.diff(who) != 0) | (np.diff(when) != 0)
        out[where] = _break_ties(loaded, ties, np.append(0, np.cumsum(changed)), event)
    return out


def _spans(marked: Bool, same: Callable[[int, int], Bool]) -> Iterator[tuple[int, int]]:
    """Ranges of places with some marked ones, about `MANY_TEXTS` at most, cut between keys.

    Args:
        marked: which places matter.
        same: of a range of places, whether each is of one key with the place before it.
    """
    count, length = int(np.count_nonzero(marked)), len(marked)
    if count == 0:
        return
    step, first = max(1, length // -(-count // MANY_TEXTS)), 0
    while first < length:
        last = min(first + step, length)
        while last < length:
            stop = min(last + STEP, length)
            cut = np.flatnonzero(~same(last, stop))
            if len(cut):
                last += int(cut[0])
                break
            last = stop
        if marked[first:last].any():
            yield first, last
        first = last


def _by_sort(rows: AnyInt, user: Int32, time: Int64, room: Room) -> tuple[AnyInt, Bool]:
    """Places in `rows` by user, then time, and which of them have an equal neighbour."""
    key = _key(user, time[rows])
    order = np.argsort(key, kind="stable")
    return order, _tied(key[order])


def _by_pass(rows: AnyInt, user: Int32, time: Int64, room: Room) -> tuple[AnyInt, Bool]:
    """The same without a key and a sort over all rows: user by user, in compiled code."""
    passes = jit.load("load.ordering")
    user, time = jit.frozen(user), jit.frozen(time)
    rows = jit.frozen(rows.astype(np.int32, copy=False))
    order = room(len(rows), np.int32)
    offsets = passes.by_user(user, int(user.max()) + 1, order)
    tied = filled(room, len(rows), bool, False)

    def sort(low: int, high: int) -> None:
        passes.by_time(time, rows, order, offsets, low, high, tied)

    jit.spread(sort, jit.user_splits(offsets))
    return order, tied


def without_duplicates(
    loaded: Loaded, rows: AnyInt, ids: Int32, clock: Int64, event: AnyInt
) -> AnyInt:
    """Drop the rows that are equal to another in event, distinct_id, time and $insert_id.

    The row with the greatest processing time stays; of equals the one loaded last.

    Args:
        loaded: the rows in load order.
        rows: its rows, ordered by `sorted_rows` over the stored ids and times.
        ids: stored id of each row of `loaded`.
        clock: stored time of each row of `loaded`.
        event: event code of each row of `loaded`.
    """
    if INSERT_ID not in loaded.names or len(rows) == 0:
        return rows
    again = filled(loaded.room, len(rows), bool, False)
    a, b = rows[1:], rows[:-1]
    for start in range(0, len(a), STEP):
        here, there, part = (x[start : start + STEP] for x in (a, b, again[1:]))
        part[:] = (ids[here] == ids[there]) & (clock[here] == clock[there])
        part &= event[here] == event[there]
    for first, last in _spans(again, lambda first, last: again[first:last]):
        where = first + np.flatnonzero(again[first:last])
        again[where] = _same_insert_id(loaded, rows[where], rows[where - 1])
    if not again.any():
        return rows
    keep = filled(loaded.room, len(rows), bool, True)
    for first, last in _spans(again, lambda first, last: again[first:last]):
        next_is = np.append(again[first + 1 : last], False)
        member = first + np.flatnonzero(again[first:last] | next_is)
        keep[member] = _survivors(loaded, rows[member], np.cumsum(~again[member]))
    return chosen(rows, keep, loaded.room)


def _key(user: Int32, time: Int64) -> Int64:
    """One number per row that orders by user, then time."""
    low, high = int(time.min()), int(time.max())
    span = high - low + 1
    if span * (int(user.max()) + 2) < 2**63:
        return user * np.int64(span) + (time - low)
    order = np.lexsort((time, user))
    changed = (np.diff(user[order]) != 0) | (np.diff(time[order]) != 0)
    key = np.empty(len(user), np.int64)
    key[order] = np.concatenate([[0], np.cumsum(changed)])
    return key


def _tied(key: Int64) -> Bool:
    """Which entries of a sorted array have an equal neighbour."""
    tied = np.zeros(len(key), bool)
    equal = key[1:] == key[:-1]
    tied[1:] |= equal
    tied[:-1] |= equal
    return tied


def _break_ties(loaded: Ties, rows: AnyInt, key: Int64, event: AnyInt) -> AnyInt:
    """Order rows whose key is tied; `key` is ascending."""
    insert_id = pa.nulls(len(rows), pa.large_string())
    if INSERT_ID in loaded.names:
        insert_id = loaded.texts_at(INSERT_ID, rows)
    table = pa.table(
        {
            "key": key,
            "insert_id": pc.fill_null(insert_id, ""),
            "event": event[rows],
            "order": loaded.order[rows],
        }
    )
    keys = [(name, "ascending") for name in table.column_names]
    ordered: AnyInt = rows[pc.sort_indices(table, sort_keys=keys).to_numpy()]
    return ordered


def _same_insert_id(loaded: Loaded, a: AnyInt, b: AnyInt) -> Bool:
    left, right = loaded.texts_at(INSERT_ID, a), loaded.texts_at(INSERT_ID, b)
    same = pc.fill_null(pc.equal(left, right), False)
    return np.asarray(same.to_numpy(zero_copy_only=False), bool)


def _survivors(loaded: Loaded, rows: AnyInt, group: Int64) -> Bool:
    """Which of the rows is the one of its group that stays; `group` is ascending."""
    found = loaded.values_at(PROCESSED, rows)
    when = np.array([v if isinstance(v, int | float) else -np.inf for v in found], np.float64)
    best = np.lexsort((loaded.order[rows], when, group))
    last = np.append(np.diff(group[best]) != 0, True)
    keep = np.zeros(len(rows), bool)
    keep[best[last]] = True
    return keep
