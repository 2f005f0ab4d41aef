"""All blocks of a load as one table in load order.

Enters: blocks. Leaves: whole columns over all their rows, and the values of chosen rows. The
surprise: nothing is joined before it is asked for; codes are joined, value texts are not copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Block, Piece
from mpnb.engine.duckdb.load.tokens import distinct, to_texts, to_values

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

INSERT_ID = "$insert_id"


class Loaded:
    """Rows in load order."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = [block for block in blocks if len(block)]
        self.starts = np.cumsum([0, *(len(block) for block in self.blocks)])
        self.clock = _joined([block.clock for block in self.blocks], np.int64)
        self.order = _joined([block.order for block in self.blocks], np.int64)
        self.names = sorted({name for block in self.blocks for name in block.properties})
        self._cache: dict[str, tuple[Int32, pa.Array]] = {}

    def __len__(self) -> int:
        return int(self.starts[-1])

    def pieces(self, name: str) -> Iterator[tuple[int, int, Piece]]:
        """First row, number of rows and piece of each block that has the property."""
        for start, block in zip(self.starts, self.blocks, strict=False):
            if name in block.properties:
                yield int(start), len(block), block.properties[name]

    def events(self) -> tuple[Int32, list[str]]:
        """A code per row into the event names, which are in text order."""
        codes, names = self._texts([block.event for block in self.blocks])
        return codes, names.to_pylist()

    def ids(self) -> tuple[Int32, pa.Array]:
        """A code per row into the stored ids, which are in text order; -1 without an id."""
        codes, texts = self._texts([block.ids for block in self.blocks])
        if len(texts) and texts[0].as_py() == "":  # text order: the empty id is the first
            return _shift(codes), texts[1:]
        return codes, texts

    def property_texts(self, name: str) -> tuple[Int32, pa.Array]:
        """A code per row into the property's values cast to string; -1 where undefined or empty."""
        parts = [
            block.properties.get(name, Piece(np.zeros(0, np.int32), NO_CODES, NO_TOKENS)).coded()
            for block in self.blocks
        ]
        codes, texts = self._texts(parts)
        if len(texts) and texts[0].as_py() == "":
            return _shift(codes), texts[1:]
        return codes, texts

    def texts_at(self, name: str, rows: Int64) -> pa.Array:
        """The property of some rows, cast to string; null where undefined."""
        codes, tokens = self._joined_property(name)
        at = codes[rows]
        taken = pa.array(at.astype(np.int64) - 1, mask=at == 0)
        used = tokens.take(taken)
        if used.null_count == 0:
            return to_texts(used)
        texts = to_texts(used.drop_null())
        position = np.cumsum(at != 0) - 1
        return texts.take(pa.array(position, mask=at == 0))

    def numbers_at(self, name: str, rows: Int64) -> npt.NDArray[np.float64]:
        """The property of some rows as doubles; NaN where undefined or no number."""
        values = np.full(len(self), np.nan)
        for start, length, piece in self.pieces(name):
            part = values[start : start + length]
            if piece.numbers is not None:
                part[slice(None) if piece.rows is None else piece.rows] = piece.numbers
                continue
            known = [v if isinstance(v, int | float) else np.nan for v in to_values(piece.tokens)]
            part[:] = np.array([np.nan, *known], np.float64)[dense(piece, length)]
        return values[rows]

    def values_at(self, name: str, rows: Int64) -> list[Any]:
        """The property of some rows in native types; None where undefined."""
        codes, tokens = self._joined_property(name)
        at = codes[rows]
        found = iter(to_values(tokens.take(pa.array(at[at != 0].astype(np.int64) - 1))))
        return [next(found) if code else None for code in at]

    def _joined_property(self, name: str) -> tuple[Int32, pa.Array]:
        """A 1-based code per row into value texts that may repeat; 0 where undefined."""
        if name not in self._cache:
            codes, chunks, shift = np.zeros(len(self), np.int32), [], 0
            for start, length, found in self.pieces(name):
                piece = found.coded()
                part = dense(piece, length)
                codes[start : start + length] = np.where(part != 0, part + shift, 0)
                chunks.append(piece.tokens)
                shift += len(piece.tokens)
            tokens = pa.chunked_array(chunks, pa.large_binary()).combine_chunks()
            self._cache[name] = codes, tokens
        return self._cache[name]

    def _texts(self, pieces: Sequence[Piece]) -> tuple[Int32, pa.Array]:
        """A code per row into distinct texts in text order; -1 where undefined."""
        tokens, where = distinct([piece.tokens for piece in pieces])
        encoded = to_texts(tokens).dictionary_encode()
        rank = np.empty(len(encoded.dictionary), np.int32)
        order = pc.sort_indices(encoded.dictionary)
        rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
        lookup = rank[encoded.indices.to_numpy()][where]
        codes, shift = np.full(len(self), -1, np.int32), 0
        for start, block, piece in zip(self.starts, self.blocks, pieces, strict=False):
            local = np.concatenate([[-1], lookup[shift : shift + len(piece.tokens)]])
            codes[start : start + len(block)] = local[dense(piece, len(block))]
            shift += len(piece.tokens)
        return codes, encoded.dictionary.take(order)


def dense(piece: Piece, length: int) -> Int32:
    """A code per row of the block, 0 where undefined."""
    if piece.rows is None:
        return piece.codes.astype(np.int32)
    codes = np.zeros(length, np.int32)
    codes[piece.rows] = piece.codes
    return codes


def _shift(codes: Int32) -> Int32:
    """Codes without the first text: its rows become undefined."""
    return np.maximum(codes - 1, -1).astype(np.int32)


def _joined(parts: Sequence[Any], dtype: Any) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)
