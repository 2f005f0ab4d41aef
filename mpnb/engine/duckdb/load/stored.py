"""A store read back as a block, so that more can be loaded on top of it.

Enters: the arrays of a store. Leaves: one block in its order, and its profiles. The surprise: rows
come back with the place they had in their first load, which still decides ties.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpnb.engine.duckdb.arrays import Arrays
from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Block, Piece, code_type
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.engine.duckdb.load.tokens import of_texts, to_token

Vector = npt.NDArray[Any]


def stored_block(arrays: Arrays) -> Block:
    """All events of a store."""
    meta = arrays.meta
    raw = "clock" in meta["raw"]
    names = [to_token(name) for name in meta["events"]]
    event = arrays.vector("event").astype(np.int64) + 1
    return Block(
        clock=arrays.vector("clock" if raw else "time"),
        order=arrays.vector("order").astype(np.int64),
        event=_piece(event, pa.array(names, pa.large_binary())),
        ids=_ids(arrays, raw),
        properties={facts["name"]: _property(arrays, facts) for facts in meta["columns"]},
    )


def stored_profiles(arrays: Arrays) -> Profiles:
    """All profile records of a store."""
    return Profiles.read(arrays.texts("profiles"))


def _ids(arrays: Arrays, raw: bool) -> Piece:
    texts = arrays.texts("id_names" if raw else "users")
    tokens = of_texts(texts)
    codes = arrays.vector("ids" if raw else "user").astype(np.int64) + 1
    return _piece(np.where(codes > len(tokens), 0, codes), tokens)


def _property(arrays: Arrays, facts: dict[str, Any]) -> Piece:
    key, form = facts["key"], facts["form"]
    if form == "number":
        return Piece(None, NO_CODES, NO_TOKENS, arrays.vector(f"{key}.numbers"))
    rows = arrays.vector(f"{key}.rows") if form == "sparse" else None
    values = arrays.texts(f"{key}.values")[1:]
    tokens = of_texts(values) if facts["text"] else values.cast(pa.large_binary())
    return Piece(rows, arrays.vector(f"{key}.codes"), tokens)


def _piece(codes: Vector, tokens: pa.Array) -> Piece:
    return Piece(None, codes.astype(code_type(len(tokens))), tokens)
