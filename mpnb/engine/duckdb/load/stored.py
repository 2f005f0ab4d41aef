"""A store read back as a block, so that more can be loaded on top of it.

Enters: the arrays of a store. Leaves: one block in its order, and its profiles. The surprise: rows
come back with the place they had in their first load, which still decides ties.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from mpnb.engine.duckdb.arrays import Arrays
from mpnb.engine.duckdb.load.blocks import Block, Piece, code_type
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.engine.duckdb.load.tokens import LIMIT, to_token

Vector = npt.NDArray[Any]


def stored_block(arrays: Arrays) -> Block:
    """All events of a store."""
    meta = arrays.meta
    raw = "clock" in meta["raw"]
    names = [to_token(name) for name in meta["events"]]
    event = arrays.vector("event").astype(np.int64) + 1
    return Block(
        clock=arrays.vector("clock" if raw else "time"),
        order=arrays.vector("order"),
        event=_piece(event, pa.array(names, pa.large_binary())),
        ids=_ids(arrays, raw),
        properties={facts["name"]: _property(arrays, facts) for facts in meta["columns"]},
    )


def stored_profiles(arrays: Arrays) -> Profiles:
    """All profile records of a store."""
    return Profiles.read(arrays.texts("profiles"))


def _ids(arrays: Arrays, raw: bool) -> Piece:
    texts = arrays.texts("id_names" if raw else "users")
    tokens = pa.array([to_token(text) for text in texts.to_pylist()], pa.large_binary())
    codes = arrays.vector("ids" if raw else "user").astype(np.int64) + 1
    return _piece(np.where(codes > len(tokens), 0, codes), tokens)


def _property(arrays: Arrays, facts: dict[str, Any]) -> Piece:
    key, form = facts["key"], facts["form"]
    if form == "number":
        return _numbers(arrays.vector(f"{key}.numbers"))
    rows = arrays.vector(f"{key}.rows") if form == "sparse" else None
    return Piece(rows, arrays.vector(f"{key}.codes"), arrays.texts(f"{key}.tokens"))


def _numbers(numbers: Vector) -> Piece:
    values, codes = np.unique(numbers[~np.isnan(numbers)], return_inverse=True)
    whole = (values == np.floor(values)) & (np.abs(values) <= LIMIT)
    tokens = np.empty(len(values), object)
    tokens[whole] = _texts(values[whole].astype(np.int64))
    tokens[~whole] = _texts(values[~whole])
    spread = np.zeros(len(numbers), np.int64)
    spread[~np.isnan(numbers)] = codes + 1
    return _piece(spread, pa.array(tokens.tolist(), pa.large_binary()))


def _texts(values: Vector) -> list[bytes]:
    listed = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    return listed.split(b",") if listed else []


def _piece(codes: Vector, tokens: pa.Array) -> Piece:
    return Piece(None, codes.astype(code_type(len(tokens))), tokens)
