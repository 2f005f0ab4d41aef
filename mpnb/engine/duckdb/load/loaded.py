"""All blocks of a load as one table in load order.

Enters: blocks. Leaves: whole columns over all their rows, and the values of chosen rows. The
surprise: it gives things away: pieces that were taken are forgotten, so that memory shrinks as the
store is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Piece, code_type
from mpnb.engine.duckdb.load.memory import give_back
from mpnb.engine.duckdb.load.spool import Coded, Rows
from mpnb.engine.duckdb.load.tokens import distinct, to_texts, to_values

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

INSERT_ID = "$insert_id"


Placed = tuple[int, int, Coded]
"""First row of a block, its number of rows, and the piece of a property in it."""


class Loaded:
    """Rows in load order."""

    def __init__(self, blocks: Sequence[Rows]) -> None:
        blocks = [block for block in blocks if len(block)]
        self.starts = np.cumsum([0, *(len(block) for block in blocks)])
        self.clock: Int64 = np.empty(len(self), np.int64)
        high = max((int(block.order.max()) for block in blocks), default=0)
        self.order = np.empty(len(self), np.int32 if high < 2**31 else np.int64)
        for start, block in zip(self.starts.tolist(), blocks, strict=False):
            self.clock[start : start + len(block)] = block.clock
            self.order[start : start + len(block)] = block.order
        places = list(zip(self.starts.tolist(), map(len, blocks), blocks, strict=False))
        self._events = [(start, size, block.event) for start, size, block in places]
        self._ids = [(start, size, block.ids) for start, size, block in places]
        self._pieces: dict[str, list[Placed]] = {}
        for start, size, block in places:
            for name, piece in block.properties.items():
                self._pieces.setdefault(name, []).append((start, size, piece))
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
        codes, names = self._texts(self._events)
        self._events = []
        return codes.astype(code_type(len(names))), names.to_pylist()

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
            codes, tokens = _codes_at(piece, ascending[first:last] - start, length)
            known[first:last] = codes != 0
            chunks.append(tokens.take(pa.array(codes[codes != 0].astype(np.int64) - 1)))
        place = np.empty(len(rows), np.int64)
        place[order] = np.where(known, np.cumsum(known) - 1, -1)
        found = pa.chunked_array(chunks, pa.large_binary()).combine_chunks()
        return found.take(pa.array(place, mask=place < 0))

    def _texts(self, pieces: Sequence[Placed]) -> tuple[Int32, pa.Array]:
        """A code per row into distinct texts in text order; -1 where undefined."""
        sizes: list[int] = []
        tokens, where = distinct(_counted((piece.tokens for _, _, piece in pieces), sizes))
        encoded = to_texts(tokens).dictionary_encode()
        rank = np.empty(len(encoded.dictionary), np.int32)
        order = pc.sort_indices(encoded.dictionary)
        rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
        rank = rank[encoded.indices.to_numpy()]
        codes, shift = np.full(len(self), -1, np.int32), 0
        for (start, length, piece), size in zip(pieces, sizes, strict=True):
            local = np.concatenate([np.array([-1], np.int32), rank[where[shift : shift + size]]])
            codes[start : start + length] = local[dense(piece, length)]
            shift += size
        return codes, encoded.dictionary.take(order)


def _counted(chunks: Iterable[pa.Array], sizes: list[int]) -> Iterator[pa.Array]:
    """The same lists of texts, with the length of each kept."""
    for chunk in chunks:
        sizes.append(len(chunk))
        yield chunk


def _codes_at(piece: Coded, rows: Int64, length: int) -> tuple[Int32, pa.Array]:
    """1-based codes of some rows of a block, 0 where undefined, and the JSON texts."""
    numbers = piece.numbers
    if numbers is not None and piece.rows is None:
        found = Piece(None, NO_CODES, NO_TOKENS, numbers[rows]).coded()
        return found.codes.astype(np.int32), found.tokens
    piece = piece.coded()
    return dense(piece, length)[rows], piece.tokens


def dense(piece: Coded, length: int) -> Int32:
    """A code per row of the block, 0 where undefined."""
    rows = piece.rows
    if rows is None:
        return piece.codes.astype(np.int32)
    codes = np.zeros(length, np.int32)
    codes[rows] = piece.codes
    return codes


def _without_empty(codes: Int32, texts: pa.Array) -> tuple[Int32, pa.Array]:
    """Codes and texts in text order without the empty text, whose rows become undefined."""
    if len(texts) and texts[0].as_py() == "":
        return np.maximum(codes - 1, -1).astype(np.int32), texts[1:]
    return codes, texts
