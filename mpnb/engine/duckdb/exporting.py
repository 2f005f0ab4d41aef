"""Stored events as lines of an export, or as rows: a stretch at a time.

Enters: a range of days, event names, an expression. Leaves: text or rows, piece by piece. The
surprise: a line is never made by itself: each property of a stretch becomes a column of texts, and
Arrow joins the columns, so a million lines take seconds and the memory of one stretch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb import axis, formula
from mpnb.engine.duckdb.column import Column
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.load.tokens import of_numbers, of_texts
from mpnb.engine.duckdb.store import Store

STRETCH = 20_000
"""Rows that are in memory as text at once."""
SHARED_VALUES = 50_000
"""Distinct values of a property that are kept as text while an export runs."""

Rows = npt.NDArray[np.int64]


def stream(
    store: Store, arguments: Mapping[str, Any], context: Context
) -> Iterator[list[dict[str, Any]]]:
    """Events for `stream_events`, oldest first, in lists of raw rows.

    Args:
        store: the events.
        arguments: the call's keywords: `from_date`, `to_date`, `events`, `where`, `limit`.
        context: notes what was done.
    """
    context.note("pass: events of some days by time")
    first, last = (date.fromisoformat(arguments[name]) for name in ("from_date", "to_date"))
    rows = chosen(store, first, last, arguments.get("events"), arguments.get("where"))
    for piece in lines(store, rows[: arguments.get("limit")]):
        yield orjson.loads(b"[" + piece[:-1].replace(b"\n", b",") + b"]")


def chosen(
    store: Store, first: date, last: date, events: list[str] | None, where: str | None
) -> Rows:
    """The rows of some days, by time; of one time by user."""
    mask = (store.day >= axis.day_number(first)) & (store.day <= axis.day_number(last))
    if events is not None:
        mask &= np.isin(store.events, events)[store.event]
    if where:
        mask &= formula.selected(store, where)
    rows = np.flatnonzero(mask)
    return rows[np.argsort(store.time[rows], kind="stable")]


def lines(store: Store, rows: Rows, milliseconds: bool = False) -> Iterator[bytes]:
    """The rows as JSON lines, in stretches; the next one is made while one is sent."""
    columns = [column for name in store.properties() if (column := store.column(name))]
    shared = {column.name: _shared(column) for column in columns}
    with ThreadPoolExecutor(1) as pool:
        waiting: Future[bytes] | None = None
        for start in range(0, len(rows), STRETCH):
            chosen = rows[start : start + STRETCH]
            made = pool.submit(_stretch, store, columns, shared, chosen, milliseconds)
            if waiting is not None:
                yield waiting.result()
            waiting = made
        if waiting is not None:
            yield waiting.result()


def _stretch(
    store: Store,
    columns: list[Column],
    shared: Mapping[str, pa.Array | None],
    rows: Rows,
    milliseconds: bool,
) -> bytes:
    opening = [b'{"event":%s,"properties":{"time":' % _quoted(name) for name in store.events]
    parts = [pa.array(opening, pa.large_binary()).take(pa.array(store.event[rows]))]
    parts.append(of_numbers(_clock(store)[rows] / (1 if milliseconds else 1000)))
    parts.append(_members("distinct_id", _ids(store, rows)))
    for column in columns:
        every = shared[column.name]
        if every is None:
            parts.append(_members(column.name, _tokens(column, rows)))
        else:
            parts.append(every.take(pa.array(column.codes[rows])))
    binary = [part.cast(pa.large_binary()) for part in parts]
    ends = pa.scalar(b"}}\n", pa.large_binary())
    joined = pc.binary_join_element_wise(*binary, ends, pa.scalar(b"", pa.large_binary()))
    return _bytes(joined)


def _shared(column: Column) -> pa.Array | None:
    """The member that each value of a column makes, by code; None where they are too many."""
    if column.kind == "number" or len(column.stored) > SHARED_VALUES:
        return None
    tokens = of_texts(column.stored) if column.text else column.stored.cast(pa.large_binary())
    known = np.arange(len(tokens)) > 0
    return _members(column.name, _where(tokens, known))


def _quoted(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")


def _clock(store: Store) -> npt.NDArray[np.int64]:
    """The times as they were sent: the project's wall clock where that is what is stored."""
    raw = store.settings.time_storage == "project_local"
    return store.arrays.vector("clock") if raw else store.time


def _ids(store: Store, rows: Rows) -> pa.Array:
    """The id of each row as JSON; null for rows without a user."""
    users = store.user[rows]
    known = users < store.n_users
    if not store.n_users:
        return pa.nulls(len(rows), pa.large_binary())
    names = store.users.array.take(pa.array(np.where(known, users, 0)))
    return _where(of_texts(names), known)


def _tokens(column: Column, rows: Rows) -> pa.Array:
    """The values of some rows as JSON; null where there is none."""
    if column.kind == "number":
        numbers = column.numbers[rows]
        return _where(of_numbers(numbers), ~np.isnan(numbers))
    codes = column.codes[rows].astype(np.int64)
    stored = column.stored.take(pa.array(codes))
    tokens = of_texts(stored) if column.text else stored.cast(pa.large_binary())
    return _where(tokens, codes != 0)


def _where(tokens: pa.Array, known: npt.NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(pa.array(known), tokens, pa.scalar(None, tokens.type))


def _members(name: str, tokens: pa.Array) -> pa.Array:
    """``,"name":value`` where there is a value, else nothing."""
    start = pa.scalar(b",%s:" % _quoted(name), pa.large_binary())
    empty = pa.scalar(b"", pa.large_binary())
    joined = pc.binary_join_element_wise(start, tokens.cast(pa.large_binary()), empty)
    return pc.fill_null(joined, empty)


def _bytes(texts: Any) -> bytes:
    """All texts of an array after one another, without copying them one by one."""
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    offsets = np.frombuffer(array.buffers()[1], np.int64)[
        array.offset : array.offset + len(array) + 1
    ]
    return memoryview(array.buffers()[2])[int(offsets[0]) : int(offsets[-1])].tobytes()
