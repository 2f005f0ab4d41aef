"""A store as SQL sees it: DuckDB over the mapped columns.

Enters: a store. Leaves: a DuckDB connection whose views read the store's arrays without a copy. The
surprise: SQL names ignore case and property names do not, so a property whose name is taken gets a
number behind it; `column_names` says which.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from mpnb.engine.duckdb.column import Column

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

EVENT_COLUMNS = ("i", "t", "u", "e", "day")
USER_COLUMNS = ("u", "id")

MEMORY_LIMIT = "1GB"
THREADS = 2


def connection(store: Store) -> duckdb.DuckDBPyConnection:
    """A connection with the views `events`, `users` and `event_names`; it has no network."""
    spill = Path(tempfile.gettempdir()) / "mpnb-spill"
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        "allow_community_extensions": False,
    }
    made = duckdb.connect(":memory:", config=config)
    made.execute("SET enable_external_access = false")  # spilling was allowed before
    made.register("events", _events(store))
    made.register("users", _users(store))
    names = pa.table({"e": pa.array(range(len(store.events)), pa.uint16()), "name": store.events})
    made.register("event_names", names.cast(pa.schema([("e", pa.uint16()), ("name", pa.string())])))
    return made


def column_names(properties: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """A distinct SQL name for each property: its own, or with `_2`, `_3` … where that is taken."""
    used = {name.casefold() for name in taken}
    names = {}
    for name in properties:
        candidate, number = name or "_", 1
        while candidate.casefold() in used:
            number += 1
            candidate = f"{name}_{number}"
        used.add(candidate.casefold())
        names[name] = candidate
    return names


def sql_array(column: Column) -> pa.Array:
    """The column as Arrow: doubles, texts or booleans where all values are, else JSON text."""
    if column.kind == "number":
        return pa.array(column.numbers, from_pandas=True)
    values = column.stored
    if not column.text:
        kinds = {type(value) for value in column.values[1:]}
        if kinds == {bool}:
            return pa.array(column.values, pa.bool_()).take(pa.array(column.codes))
        if kinds and kinds <= {int, float}:
            values = pa.array([None, *map(float, column.values[1:])], pa.float64())
    return pa.DictionaryArray.from_arrays(pa.array(column.codes), values)


def _events(store: Store) -> pa.Table:
    arrays: dict[str, Any] = {
        "i": pa.array(np.arange(store.n_rows)),
        "t": pa.array(store.time),
        "u": pa.array(store.user),
        "e": pa.array(store.event),
        "day": pa.array(store.day),
    }
    arrays |= _properties(store.sql_names, {n: store.sql_column(n) for n in store.sql_names})
    return pa.table(arrays)


def _users(store: Store) -> pa.Table:
    arrays: dict[str, Any] = {
        "u": pa.array(np.arange(store.n_users, dtype=np.int32)),
        "id": store.users.array,
    }
    names = store.sql_profile_names
    arrays |= _properties(names, {name: store.profile_column(name) for name in names})
    return pa.table(arrays)


def _properties(names: Mapping[str, str], columns: Mapping[str, Column | None]) -> dict[str, Any]:
    return {names[name]: sql_array(column) for name, column in columns.items() if column}
