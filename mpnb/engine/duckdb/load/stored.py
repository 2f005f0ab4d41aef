"""A store read back as a block, so that more can be loaded on top of it.

Enters: the arrays of a store. Leaves: one block in its order, and its profiles. The surprise: rows
come back with the place they had in their first load, which still decides ties; and the columns
stay where they are mapped, of which texts are made some at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpnb.engine.duckdb.arrays import Arrays
from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Piece, code_type
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.engine.duckdb.load.spool import Coded
from mpnb.engine.duckdb.load.tokens import of_texts, to_token
from mpnb.engine.duckdb.room import Room, in_memory, stretches

Vector = npt.NDArray[Any]
TEXTS = 1 << 16
"""Texts that are made at a time."""


@dataclass(frozen=True, eq=False)
class StoredPiece:
    """A property of a store, as `Piece`.

    Attributes:
        rows: the rows that have it, None when `codes` has one entry per row.
        codes: 1-based index into `values`.
        values: texts, or JSON texts.
        text: whether they are texts.
    """

    rows: npt.NDArray[np.int32] | None
    codes: Vector
    values: pa.Array
    text: bool
    numbers: npt.NDArray[np.float64] | None = None
    counted: bool = False

    @property
    def tokens(self) -> pa.Array:
        """As in `Piece`."""
        return self._tokens(self.values)

    def chunks(self) -> Iterator[pa.Array]:
        """As in `Piece`."""
        for start in range(0, len(self.values), TEXTS):
            yield self._tokens(self.values[start : start + TEXTS])

    def taken(self, codes: Vector) -> pa.Array:
        """As in `Piece`."""
        return self._tokens(self.values.take(pa.array(codes.astype(np.int64) - 1)))

    def coded(self) -> Coded:
        """As in `Piece`."""
        return self

    def _tokens(self, values: pa.Array) -> pa.Array:
        return of_texts(values) if self.text else values.cast(pa.large_binary())


@dataclass(frozen=True, eq=False)
class StoredBlock:
    """A `Block` over a store."""

    clock: npt.NDArray[np.int64]
    order: Vector
    event: Coded
    ids: Coded
    properties: dict[str, Coded] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.clock)

    def moved(self, shift: int) -> StoredBlock:
        """As in `Block`; nothing is loaded ahead of a store."""
        if shift:
            raise ValueError("a store is what was loaded first")
        return self


def stored_block(arrays: Arrays, room: Room = in_memory) -> StoredBlock:
    """All events of a store; `room` is where long arrays are made."""
    meta = arrays.meta
    raw = "clock" in meta["raw"]
    names = [to_token(name) for name in meta["events"]]
    event = _from_one(arrays.vector("event"), len(names), room)
    return StoredBlock(
        clock=arrays.vector("clock" if raw else "time"),
        order=arrays.vector("order"),
        event=Piece(None, event, pa.array(names, pa.large_binary())),
        ids=_ids(arrays, raw, room),
        properties={facts["name"]: _property(arrays, facts) for facts in meta["columns"]},
    )


def stored_profiles(arrays: Arrays) -> Profiles:
    """All profile records of a store."""
    return Profiles.read(arrays.texts("profiles"))


def _ids(arrays: Arrays, raw: bool, room: Room) -> Coded:
    texts = arrays.texts("id_names") if raw else _with_events(arrays)
    codes = _from_one(arrays.vector("ids" if raw else "user"), len(texts), room)
    return StoredPiece(None, codes, texts, True)


def _with_events(arrays: Arrays) -> pa.Array:
    """The ids of users with events; those known from profiles alone come back with these."""
    return arrays.texts("users")[: arrays.meta["n_event_users"]]


def _from_one(codes: Vector, distinct: int, room: Room) -> Vector:
    """Codes that begin with 1, and 0 for those that stand for nothing."""
    made = room(len(codes), code_type(distinct))
    for part in stretches(len(codes)):
        own = codes[part].astype(np.int64) + 1
        own[own > distinct] = 0
        made[part] = own
    return made


def _property(arrays: Arrays, facts: dict[str, Any]) -> Coded:
    key, form = facts["key"], facts["form"]
    if form == "number":
        return Piece(None, NO_CODES, NO_TOKENS, arrays.vector(f"{key}.numbers"))
    rows = arrays.vector(f"{key}.rows") if form == "sparse" else None
    values = arrays.texts(f"{key}.values")[1:]
    return StoredPiece(rows, arrays.vector(f"{key}.codes"), values, facts["text"])
