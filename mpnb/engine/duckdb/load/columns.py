"""One property as a stored column.

Enters: where its values are and their JSON texts, block by block. Leaves: the arrays of the column
and the facts about it. The surprise: which of the four forms a column gets follows from its values
alone, so equal data is stored equally whatever files it came in.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.arrays import Target
from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Piece, code_type
from mpnb.engine.duckdb.load.spool import Coded
from mpnb.engine.duckdb.load.tokens import (
    are_texts,
    distinct,
    kinds,
    numbers,
    to_texts,
)

MANY_VALUES = 1 << 16
"""From so many distinct values on, a property of numbers is kept as numbers, not as codes."""
SPARSE = 8
"""A property that fewer than one row in this many has lists its rows."""
_SAMPLES = (1 << 17, 1 << 20)
STEP = 1 << 20
PLAIN = frozenset({"$insert_id"})
"""Properties whose values hardly ever repeat: their texts are not made distinct at load."""

Bools = npt.NDArray[np.bool_]
Facts = tuple[dict[str, Any], Bools]
Part = tuple[npt.NDArray[Any], Coded]
"""Where the values of a piece go, in its order; a place one beyond the end is dropped."""


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
    found, defined = _put_parts(target, key, length, parts, plain=name in PLAIN)
    return facts | found | {"count": int(np.count_nonzero(defined))}, defined


def _put_parts(
    target: Target, key: str, length: int, parts: Iterable[Part], *, plain: bool
) -> Facts:
    if plain:
        return _put_plain(target, key, length, parts)
    known = list(parts)
    if known and all(piece.numbers is not None for _, piece in known):
        numbers = np.full(length + 1, np.nan)
        for places, piece in known:
            numbers[places] = piece.numbers
        known.clear()
        return _put_numbers(target, key, numbers[:length])
    coded = [(places, piece.coded()) for places, piece in known]
    tokens, where = _distinct(piece.tokens for _, piece in coded)
    codes = np.zeros(length + 1, code_type(len(tokens)))
    shift = 0
    for places, piece in coded:
        size = len(piece.tokens)
        lookup = np.concatenate([[0], where[shift : shift + size] + 1]).astype(codes.dtype)
        codes[places] = lookup[piece.codes]
        shift += size
    return _put_coded(target, key, codes[:length], tokens)


def _put_plain(target: Target, key: str, length: int, parts: Iterable[Part]) -> Facts:
    """Write values that hardly repeat, part by part, so that they are in memory only once."""
    codes = np.zeros(length + 1, np.uint32)
    shift, types = 0, set[str]()
    parts, all_texts = list(parts), True
    for places, found in parts:
        piece = found.coded()
        tokens, local = piece.tokens, piece.codes
        types.update(kinds(tokens))
        all_texts = all_texts and are_texts(tokens)
        codes[places] = np.where(local != 0, local + np.uint32(shift), 0)
        shift += len(tokens)
    tokens_of = (piece.coded().tokens for _, piece in parts)
    _put_values(target, key, map(to_texts, tokens_of) if all_texts else tokens_of)
    facts = {"text": all_texts, "distinct": None, "types": sorted(types)}
    return _put_codes(target, key, codes[:length], facts)


def _put_numbers(target: Target, key: str, numbers: npt.NDArray[np.float64]) -> Facts:
    """Write numbers, as codes when there are few distinct ones."""
    if not any(_many(numbers[:some]) for some in _SAMPLES):
        piece = Piece(None, NO_CODES, NO_TOKENS, numbers).coded()
        if len(piece.tokens) < MANY_VALUES:
            tokens, rank = _in_text_order(piece.tokens)
            codes = np.concatenate([[0], rank + 1]).astype(piece.codes.dtype)[piece.codes]
            return _put_coded(target, key, codes, tokens)
    target.put(f"{key}.numbers", numbers)
    return {"form": "number", "distinct": None, "types": ["number"]}, ~np.isnan(numbers)


def _many(numbers: npt.NDArray[np.float64]) -> bool:
    return bool(pc.count_distinct(pa.array(numbers, from_pandas=True)).as_py() >= MANY_VALUES)


def _distinct(chunks: Iterable[pa.Array]) -> tuple[pa.Array, npt.NDArray[Any]]:
    """Distinct value texts and where each given text went; few are put into text order."""
    tokens, where = distinct(chunks)
    if len(tokens) >= MANY_VALUES:
        return tokens, where
    tokens, rank = _in_text_order(tokens)
    return tokens, rank[where]


def _in_text_order(tokens: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The tokens sorted, and the place that each went to."""
    order = pc.sort_indices(tokens)
    rank = np.empty(len(order), np.int64)
    rank[order.to_numpy()] = np.arange(len(order))
    return tokens.take(order), rank


def _put_coded(target: Target, key: str, codes: npt.NDArray[Any], tokens: pa.Array) -> Facts:
    codes, tokens = _only_used(codes, tokens)
    facts: dict[str, Any] = {"distinct": len(tokens), "types": kinds(tokens)}
    if len(tokens) >= MANY_VALUES:
        values = numbers(tokens)
        if values is not None:
            target.put(f"{key}.numbers", np.concatenate([[np.nan], values])[codes])
            return facts | {"form": "number"}, codes != 0
    text = are_texts(tokens)
    _put_values(target, key, [to_texts(tokens) if text else tokens])
    return _put_codes(target, key, codes, facts | {"text": text})


def _put_values(target: Target, key: str, chunks: Iterable[pa.Array]) -> None:
    """Write the values of a column behind a null."""
    strings = (chunk.cast(pa.large_string()) for chunk in chunks)
    target.put_texts(f"{key}.values", chain([pa.nulls(1, pa.large_string())], strings))


def _put_codes(target: Target, key: str, codes: npt.NDArray[Any], facts: dict[str, Any]) -> Facts:
    """Write the codes of a column, of all rows or of the few that have one."""
    defined = codes != 0
    if int(np.count_nonzero(defined)) * SPARSE < len(codes):
        rows = np.flatnonzero(defined).astype(np.int32)
        target.put(f"{key}.rows", rows)
        target.put(f"{key}.codes", codes[rows])
        return facts | {"form": "sparse"}, defined
    target.put(f"{key}.codes", codes)
    return facts | {"form": "dense"}, defined


def _only_used(codes: npt.NDArray[Any], tokens: pa.Array) -> tuple[npt.NDArray[Any], pa.Array]:
    """Leave out values that no row has: those of duplicates and of lines that turned out bad."""
    used = np.zeros(len(tokens) + 1, bool)
    for start in range(0, len(codes), STEP):
        used[codes[start : start + STEP]] = True
    used[0] = True
    if used.all():
        return codes, tokens
    rank = (np.cumsum(used) - 1).astype(code_type(int(used.sum()) - 1))
    return rank[codes], tokens.filter(pa.array(used[1:]))
