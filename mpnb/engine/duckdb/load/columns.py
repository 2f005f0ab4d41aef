"""One property as a stored column.

Enters: where its values are and their JSON texts, block by block. Leaves: the arrays of the column
and the facts about it. The surprise: which of the four forms a column gets follows from its values
alone, so equal data is stored equally whatever files it came in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.arrays import Target
from mpnb.engine.duckdb.load.blocks import code_type
from mpnb.engine.duckdb.load.tokens import distinct, numbers

MANY_VALUES = 1 << 16
"""From so many distinct values on, a property of numbers is kept as numbers, not as codes."""
SPARSE = 8
"""A property that fewer than one row in this many has lists its rows."""
PLAIN = frozenset({"$insert_id"})
"""Properties whose values hardly ever repeat: their texts are not made distinct at load."""

Part = tuple[npt.NDArray[Any], npt.NDArray[Any], pa.Array]
"""Places in the store (one beyond the end is dropped), codes (1-based, 0 undefined), texts."""


def put_column(
    target: Target, key: str, name: str, length: int, parts: Iterable[Part]
) -> dict[str, Any]:
    """Write one column.

    Args:
        target: where its arrays go, as `KEY.codes`, `KEY.tokens`, `KEY.numbers`, `KEY.rows`.
        key: what the arrays are called.
        name: the property's name.
        length: rows of the store.
        parts: its values.

    Returns:
        Facts: `name`, `key`, `form` (number, dense, sparse), `count` of defined rows, `distinct`,
        and `unique`, False when equal values may have several codes.
    """
    known = list(parts)
    unique = name not in PLAIN
    tokens, where = _texts([part[2] for part in known], unique)
    codes = np.zeros(length + 1, code_type(len(tokens)))
    shift = 0
    for places, local, part in known:
        lookup = np.concatenate([[0], where[shift : shift + len(part)] + 1]).astype(codes.dtype)
        codes[places] = lookup[local]
        shift += len(part)
    return _put(target, key, name, codes[:length], tokens, unique)


def _texts(chunks: list[pa.Array], unique: bool) -> tuple[pa.Array, npt.NDArray[Any]]:
    """Value texts and where each given text went; few values are put into text order."""
    if not unique:
        whole = pa.chunked_array(chunks, pa.large_binary()).combine_chunks()
        return whole, np.arange(len(whole))
    tokens, where = distinct(chunks)
    if len(tokens) >= MANY_VALUES:
        return tokens, where
    order = pc.sort_indices(tokens)
    rank = np.empty(len(order), np.int64)
    rank[order.to_numpy()] = np.arange(len(order))
    return tokens.take(order), rank[where]


def _put(
    target: Target, key: str, name: str, codes: npt.NDArray[Any], tokens: pa.Array, unique: bool
) -> dict[str, Any]:
    rows = np.flatnonzero(codes).astype(np.int32)
    facts = {
        "name": name,
        "key": key,
        "count": len(rows),
        "distinct": len(tokens),
        "unique": unique,
    }
    if len(tokens) >= MANY_VALUES and unique:
        values = numbers(tokens)
        if values is not None:
            target.put(f"{key}.numbers", np.concatenate([[np.nan], values])[codes])
            return {**facts, "form": "number"}
    target.put(f"{key}.tokens", tokens)
    if len(rows) * SPARSE < len(codes):
        target.put(f"{key}.rows", rows)
        target.put(f"{key}.codes", codes[rows])
        return {**facts, "form": "sparse"}
    target.put(f"{key}.codes", codes)
    return {**facts, "form": "dense"}
