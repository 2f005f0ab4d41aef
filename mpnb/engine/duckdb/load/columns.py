"""One property as a stored column.

Enters: where its values are and their JSON texts, block by block. Leaves: the arrays of the column
and the facts about it. The surprise: which of the four forms a column gets follows from its values
alone, so equal data is stored equally whatever files it came in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.arrays import Target
from mpnb.engine.duckdb.load.blocks import code_type
from mpnb.engine.duckdb.load.loaded import chunks_of
from mpnb.engine.duckdb.load.spool import Coded
from mpnb.engine.duckdb.load.tokens import (
    LIMIT,
    are_texts,
    distinct,
    kinds,
    numbers,
    of_numbers,
    to_texts,
)
from mpnb.engine.duckdb.room import Room, filled, stretches, taken

MANY_VALUES = 1 << 16
"""From so many distinct values on, a property of numbers is kept as numbers, not as codes."""
SPARSE = 8
"""A property that fewer than one row in this many has lists its rows."""
PLAIN = frozenset({"$insert_id"})
"""Properties whose values hardly ever repeat: their texts are not made distinct at load."""

Vector = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]
Facts = tuple[dict[str, Any], Bools]


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of a property and where its values go.

    Attributes:
        piece: the values.
        places: the place of each row of its block; one beyond the end is dropped.
    """

    piece: Coded
    places: Vector

    def lay(self, column: Vector, values: Vector) -> None:
        """Put a value for each entry of the piece in its place."""
        rows = self.piece.rows
        for part in stretches(len(values)):
            column[self.places[part if rows is None else rows[part]]] = values[part]

    def lay_codes(self, column: Vector, piece: Coded, change: Callable[[Vector], Vector]) -> None:
        """Put what `change` makes of the codes of the piece, itself or made of its numbers."""
        rows, codes = piece.rows, piece.codes
        for part in stretches(len(codes)):
            column[self.places[part if rows is None else rows[part]]] = change(codes[part])


def put_column(
    target: Target, key: str, name: str, length: int, parts: Iterable[Part]
) -> tuple[dict[str, Any], Bools]:
    """Write one column.

    Args:
        target: where its arrays go.
        key: what the arrays are called: `KEY.codes` (0 undefined) with `KEY.values` (null first;
            JSON text, or the texts themselves when all values are text), or `KEY.numbers`; and
            `KEY.rows` for a sparse column.
        name: the property's name.
        length: rows of the store.
        parts: its values.

    Returns:
        Facts: `name`, `key`, `form` (number, dense, sparse), `count` of defined rows, `distinct`
        values (None where they were not counted), JSON `types` of the values, `unique`, False when
        equal values may have several codes, and `text`, True when all values are strings; and on
        which rows the column is defined.
    """
    facts = {"name": name, "key": key, "unique": name not in PLAIN}
    put = _put_plain if name in PLAIN else _put_parts
    found, defined = put(target, key, length, list(parts))
    return facts | found | {"count": int(np.count_nonzero(defined))}, defined


def _put_parts(target: Target, key: str, length: int, parts: list[Part]) -> Facts:
    values = _all_numbers(target.room, length, parts)
    if values is not None:
        return _put_numbers(target, key, values)
    sizes: list[int] = []
    tokens, where = _distinct(chunks_of((part.piece.coded() for part in parts), sizes), target.room)
    codes = filled(target.room, length + 1, code_type(len(tokens)), 0)
    shift = 0
    for part, size in zip(parts, sizes, strict=True):
        lookup = np.zeros(size + 1, codes.dtype)
        lookup[1:] = where[shift : shift + size]
        lookup[1:] += 1
        part.lay_codes(codes, part.piece.coded(), lookup.__getitem__)
        shift += size
    del where
    return _put_coded(target, key, codes[:length], tokens)


def _all_numbers(room: Room, length: int, parts: list[Part]) -> Doubles | None:
    """A number per row, NaN where undefined; None unless pieces have numbers and all values are."""
    if not any(part.piece.counted for part in parts):
        return None
    column = filled(room, length + 1, np.float64, np.nan)
    for part in parts:
        values = part.piece.numbers if part.piece.counted else _as_numbers(part.piece)
        if values is None:
            return None
        part.lay(column, values)
    return cast("Doubles", column[:length])


def _as_numbers(piece: Coded) -> Doubles | None:
    """The numbers of a piece of codes; None when a value is none that `of_numbers` writes alike."""
    values = numbers(piece.tokens)
    if values is None or not (np.abs(values) <= LIMIT).all():
        return None
    found: Doubles = np.concatenate([[np.nan], values + 0.0])[piece.codes]
    return found


def _put_plain(target: Target, key: str, length: int, parts: list[Part]) -> Facts:
    """Write values that hardly repeat, part by part, so that they are in memory only once."""
    codes = filled(target.room, length + 1, np.uint32, 0)
    shift, types, all_texts = 0, set[str](), True
    for part in parts:
        piece = part.piece.coded()
        size = 0
        for tokens in piece.chunks():
            types.update(kinds(tokens))
            all_texts = all_texts and are_texts(tokens)
            size += len(tokens)
        part.lay_codes(codes, piece, _later(shift))
        shift += size
    chunks = (tokens for part in parts for tokens in part.piece.coded().chunks())
    _put_values(target, key, map(to_texts, chunks) if all_texts else chunks)
    facts = {"text": all_texts, "distinct": None, "types": sorted(types)}
    return _put_codes(target, key, codes[:length], facts)


def _later(shift: int) -> Callable[[Vector], Vector]:
    """Moves codes up behind those that came before; 0 stays."""
    return lambda codes: np.where(codes != 0, codes + np.uint32(shift), np.uint32(0))


def _put_numbers(target: Target, key: str, column: Doubles) -> Facts:
    """Write numbers, as codes when there are few distinct ones."""
    known = _few(column)
    if known is None:
        target.put(f"{key}.numbers", column)
        return {"form": "number", "distinct": None, "types": ["number"]}, _defined(target, column)
    tokens, rank = _in_text_order(of_numbers(known))
    lookup = np.append(rank + 1, 0).astype(code_type(len(tokens)))
    codes = target.room(len(column), lookup.dtype)
    for part in stretches(len(column)):  # NaN is behind all that is known
        codes[part] = lookup[np.searchsorted(known, column[part])]
    return _put_coded(target, key, codes, tokens)


def _few(column: Doubles) -> Doubles | None:
    """The distinct numbers in order; None when there are `MANY_VALUES` or more."""
    known = np.zeros(0)
    for part in stretches(len(column)):
        own = column[part]
        known = np.unique(np.concatenate([known, own[~np.isnan(own)]]))
        if len(known) >= MANY_VALUES:
            return None
    return known


def _distinct(chunks: Iterable[pa.Array], room: Room) -> tuple[pa.Array, Vector]:
    """Distinct value texts and where each given text went; few are put into text order."""
    tokens, where = distinct(chunks, room)
    if len(tokens) >= MANY_VALUES:
        return tokens, where
    tokens, rank = _in_text_order(tokens)
    return tokens, taken(rank.astype(np.int32), where, room)


def _in_text_order(tokens: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The tokens sorted, and the place that each went to."""
    order = pc.sort_indices(tokens)
    rank = np.empty(len(order), np.int64)
    rank[order.to_numpy()] = np.arange(len(order))
    return tokens.take(order), rank


def _put_coded(target: Target, key: str, codes: Vector, tokens: pa.Array) -> Facts:
    codes, tokens = _only_used(target.room, codes, tokens)
    facts: dict[str, Any] = {"distinct": len(tokens), "types": kinds(tokens)}
    if len(tokens) >= MANY_VALUES:
        values = numbers(tokens)
        if values is not None:
            column = taken(np.concatenate([[np.nan], values]), codes, target.room)
            target.put(f"{key}.numbers", column)
            return facts | {"form": "number"}, _defined(target, column)
    text = are_texts(tokens)
    _put_values(target, key, [to_texts(tokens) if text else tokens])
    return _put_codes(target, key, codes, facts | {"text": text})


def _put_values(target: Target, key: str, chunks: Iterable[pa.Array]) -> None:
    """Write the values of a column behind a null."""
    strings = (chunk.cast(pa.large_string()) for chunk in chunks)
    target.put_texts(f"{key}.values", chain([pa.nulls(1, pa.large_string())], strings))


def _put_codes(target: Target, key: str, codes: Vector, facts: dict[str, Any]) -> Facts:
    """Write the codes of a column, of all rows or of the few that have one."""
    defined = _defined(target, codes)
    count = int(np.count_nonzero(defined))
    if count * SPARSE < len(codes):
        rows, end = target.room(count, np.int32), 0
        for part in stretches(len(codes)):
            some = np.flatnonzero(defined[part])
            rows[end : end + len(some)] = some + part.start
            end += len(some)
        target.put(f"{key}.rows", rows)
        target.put(f"{key}.codes", taken(codes, rows, target.room))
        return facts | {"form": "sparse"}, defined
    target.put(f"{key}.codes", codes)
    return facts | {"form": "dense"}, defined


def _defined(target: Target, column: Vector) -> Bools:
    """Which rows of a column of codes or of numbers have a value."""
    found = target.room(len(column), bool)
    for part in stretches(len(column)):
        own = column[part]
        found[part] = own == own if own.dtype == np.float64 else own != 0
    return found


def _only_used(room: Room, codes: Vector, tokens: pa.Array) -> tuple[Vector, pa.Array]:
    """Leave out values that no row has: those of duplicates and of lines that turned out bad."""
    used = np.zeros(len(tokens) + 1, bool)
    for part in stretches(len(codes)):
        used[codes[part]] = True
    used[0] = True
    if used.all():
        return codes, tokens
    rank = (np.cumsum(used) - 1).astype(code_type(int(used.sum()) - 1))
    return taken(rank, codes, room), tokens.filter(pa.array(used[1:]))
