"""All blocks of a load as one table in load order.

Enters: blocks. Leaves: whole columns over all their rows, and the values of chosen rows. The
surprise: it gives things away: pieces that were taken are forgotten, so that memory shrinks as the
store is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Piece, code_type
from mpnb.engine.duckdb.load.memory import give_back
from mpnb.engine.duckdb.load.spool import Coded, Rows
from mpnb.engine.duckdb.load.tokens import distinct, to_texts, to_values
from mpnb.engine.duckdb.room import STEP, Room, in_memory, stretches

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

INSERT_ID = "$insert_id"


Placed = tuple[int, int, Coded]
"""First row of a block, its number of rows, and the piece of a property in it."""


class Loaded:
    """Rows in load order."""

    def __init__(self, blocks: Sequence[Rows], room: Room = in_memory) -> None:
        blocks = [block for block in blocks if len(block)]
        self.room = room
        self.starts = np.cumsum([0, *(len(block) for block in blocks)])
        self.clock: Int64 = room(len(self), np.int64)
        high = max((int(block.order.max()) for block in blocks), default=0)
        self.order = room(len(self), np.int32 if high < 2**31 else np.int64)
        for start, block in zip(self.starts.tolist(), blocks, strict=False):
            self.clock[start : start + len(block)] = block.clock
            self.order[start : start + len(block)] = block.order
        places = list(zip(self.starts.tolist(), map(len, blocks), blocks, strict=False))
        self._events = [(start, size, block.event) for start, size, block in places]
        self._ids = [(start, size, block.ids) for start, size, block in places]
        self._pieces: dict[str, list[Placed]] = {}
        for start, size, block in places:
            for name, piece in block.properties.items():
                self._pieces.setdefault(name, []).extend(_split(start, size, piece))
        self.names = sorted(self._pieces)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def forget_rows(self) -> None:
        """Give away what orders the rows; their properties stay."""
        self.clock, self.order = np.zeros(0, np.int64), np.zeros(0, np.int32)
        for name in ("events", "ids"):
            self.__dict__.pop(name, None)

    def take_pieces(self, name: str) -> Iterator[Placed]:
        """The pieces of a property, which are forgotten here one by one."""
        pieces = self._pieces.pop(name)[::-1]
        while pieces:
            yield pieces.pop()

    @cached_property
    def events(self) -> tuple[npt.NDArray[Any], list[str]]:
        """A code per row into the event names, which are in text order."""
        codes, names = self._texts(self._events, narrow=True)
        self._events = []
        return codes, names.to_pylist()

    @cached_property
    def ids(self) -> tuple[Int32, pa.Array]:
        """A code per row into the stored ids, which are in text order; -1 without an id."""
        found = _without_empty(*self._texts(self._ids))
        self._ids = []
        give_back()
        return found

    def property_texts(self, name: str) -> tuple[Int32, pa.Array]:
        """A code per row into the property's values cast to string; -1 where undefined or empty."""
        pieces = self._pieces.get(name, [])
        return _without_empty(*self._texts([(a, n, piece.coded()) for a, n, piece in pieces]))

    def texts_at(self, name: str, rows: Int64) -> pa.Array:
        """The property of some rows, cast to string; null where undefined."""
        found = self._tokens_at(name, rows)
        known = found.is_valid().to_numpy(zero_copy_only=False)
        texts = to_texts(found.drop_null())
        return texts.take(pa.array(np.cumsum(known) - 1, mask=~known))

    def values_at(self, name: str, rows: Int64) -> list[Any]:
        """The property of some rows in native types; None where undefined."""
        found = self._tokens_at(name, rows)
        values = iter(to_values(found.drop_null()))
        return [next(values) if known else None for known in found.is_valid().to_pylist()]

    def _tokens_at(self, name: str, rows: Int64) -> pa.Array:
        """The property of some rows as JSON text; null where undefined."""
        order = np.argsort(rows, kind="stable")
        ascending = rows[order]
        known, chunks = np.zeros(len(rows), bool), []
        for start, length, piece in self._pieces.get(name, []):
            first, last = np.searchsorted(ascending, [start, start + length])
            if first == last:
                continue
            codes, tokens = _tokens_of(piece, ascending[first:last] - start)
            known[first:last] = codes != 0
            chunks.append(tokens)
        place = np.empty(len(rows), np.int64)
        place[order] = np.where(known, np.cumsum(known) - 1, -1)
        found = pa.chunked_array(chunks, pa.large_binary()).combine_chunks()
        return found.take(pa.array(place, mask=place < 0))

    def _texts(
        self, pieces: Sequence[Placed], *, narrow: bool = False
    ) -> tuple[npt.NDArray[Any], pa.Array]:
        """A code per row into distinct texts in text order; -1 where undefined.

        Codes that are never undefined may be as narrow as they can be.
        """
        sizes: list[int] = []
        tokens, where = distinct(chunks_of((piece for _, _, piece in pieces), sizes), self.room)
        encoded = to_texts(tokens).dictionary_encode()
        rank = np.empty(len(encoded.dictionary), np.int32)
        order = pc.sort_indices(encoded.dictionary)
        rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
        rank = rank[encoded.indices.to_numpy()]
        kind = code_type(len(order)) if narrow else np.int32
        codes, shift = self.room(len(self), kind), 0
        if not narrow:
            codes[:] = -1
        for (start, length, piece), size in zip(pieces, sizes, strict=True):
            local = np.zeros(size + 1, np.int32)
            local[0] = -1
            local[1:] = rank[where[shift : shift + size]]
            lay(codes[start : start + length], piece, local.astype(kind))
            shift += size
        return codes, encoded.dictionary.take(order)


def chunks_of(pieces: Iterable[Coded], sizes: list[int]) -> Iterator[pa.Array]:
    """The tokens of some pieces, few at a time, and how many each piece has."""
    for piece in pieces:
        size = 0
        for chunk in piece.chunks():
            size += len(chunk)
            yield chunk
        sizes.append(size)


def lay(codes: npt.NDArray[Any], piece: Coded, local: npt.NDArray[Any]) -> None:
    """Put what `local` says of each code of a piece in its rows of a block."""
    own, rows = piece.codes, piece.rows
    for part in stretches(len(own)):
        codes[part if rows is None else rows[part]] = local[own[part]]


def _split(start: int, size: int, piece: Coded) -> Iterator[Placed]:
    """A piece that holds a number for each of very many rows as several."""
    if size <= STEP or not piece.counted or piece.rows is not None:
        yield start, size, piece
        return
    numbers = cast("npt.NDArray[np.float64]", piece.numbers)
    for part in stretches(size):
        own = numbers[part]
        yield start + part.start, len(own), Piece(None, NO_CODES, NO_TOKENS, own)


def _tokens_of(piece: Coded, rows: Int64) -> tuple[npt.NDArray[Any], pa.Array]:
    """Of some rows of a block: 1-based codes, 0 where undefined, and the JSON texts of those."""
    numbers = piece.numbers
    if numbers is not None and piece.rows is None:
        found = Piece(None, NO_CODES, NO_TOKENS, numbers[rows]).coded()
        return found.codes, found.taken(found.codes[found.codes != 0])
    piece = piece.coded()
    own, listed = piece.codes, piece.rows
    if listed is None:
        codes = own[rows]
    else:
        at = np.minimum(np.searchsorted(listed, rows), len(listed) - 1)
        codes = np.where(listed[at] == rows, own[at], 0)
    return codes, piece.taken(codes[codes != 0])


def _without_empty(codes: Int32, texts: pa.Array) -> tuple[Int32, pa.Array]:
    """Codes and texts in text order without the empty text, whose rows become undefined."""
    if len(texts) and texts[0].as_py() == "":
        codes -= 1
        np.maximum(codes, -1, out=codes)
        return codes, texts[1:]
    return codes, texts
