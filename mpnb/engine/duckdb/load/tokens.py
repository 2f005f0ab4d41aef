"""Values as JSON text: the form in which the store keeps every value that is not a plain number.

Enters: JSON text of values, as found in files or written from Python values. Leaves: distinct,
canonical texts and the codes that point at them. The surprise: `5`, `5.0` and `5e0` are one value
(JSON has one kind of number), but `5` and `"5"` never are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.load.memory import give_back
from mpnb.engine.duckdb.room import Room, in_memory, joined, taken

LIMIT = 2**53
"""Integers up to here are exact in a double; larger ones are kept digit by digit."""

GROUP = 1 << 17
"""So many texts are made distinct at a time, or as many as are known already."""

_LONG = 1e22
"""Whole numbers from here on are written with an exponent; below, a double has all its digits."""
_ODD_NUMBER = r"[eE]|\.[0-9]*0$|^-0|\.[0-9]{16}|[0-9]{17}"
_WORDS = {None: b"null", True: b"true", False: b"false"}
_KINDS = {b'"': "string", b"t": "boolean", b"f": "boolean", b"[": "list", b"{": "object"}
_quoted = json.encoder.encode_basestring
_HALF_PAIR = re.compile("[\ud800-\udfff]")

Codes = npt.NDArray[np.int32]


def to_token(value: Any) -> bytes:
    """The JSON text of a Python value; NaN and infinities become null.

    Raises:
        TypeError: the value has no JSON form.
    """
    try:
        if type(value) is str:
            return _quoted(value).encode("utf-8")
        if type(value) is int:
            return b"%d" % value
        if value is None or value is True or value is False:
            return _WORDS[value]
        found = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
        return bytes(memoryview(found))  # orjson's own bytes keep a kilobyte each
    except (TypeError, UnicodeEncodeError):  # integers beyond 64 bits, halves of surrogate pairs
        text = json.dumps(_mended(value), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8")


def to_value(token: bytes) -> Any:
    """The value of one JSON text.

    Raises:
        ValueError: the text is no JSON.
    """
    if len(token) > 17 and not token.startswith(b'"'):  # orjson rounds integers beyond 64 bits
        return json.loads(token, parse_constant=_no_constant)
    try:
        return orjson.loads(token)
    except ValueError:
        return _mended(json.loads(token, parse_constant=_no_constant))


def to_values(tokens: pa.Array) -> list[Any]:
    """The values of many JSON texts, in order."""
    if len(tokens) == 0:
        return []
    if not _has(tokens, r"^[^\"].{17}"):
        try:
            return list(orjson.loads(b"[" + b",".join(tokens.to_pylist()) + b"]"))
        except ValueError:
            pass
    return [to_value(token) for token in tokens.to_pylist()]


def to_text(value: Any) -> str:
    """A value cast to string: text as it is, numbers in shortest form, the rest as JSON."""
    return value if isinstance(value, str) else canonical(to_token(value)).decode("utf-8")


def to_texts(tokens: pa.Array) -> pa.Array:
    """The values of many JSON texts, each cast to string."""
    if len(tokens) and not _has(tokens, r'^[^"]|\\'):
        quoted = pc.binary_slice(tokens.cast(pa.large_binary()), 1, -1)
        return quoted.cast(pa.large_string())
    return pa.array([to_text(value) for value in to_values(tokens)], pa.large_string())


def of_texts(texts: pa.Array) -> pa.Array:
    """The JSON texts of strings."""
    if _has(texts, r'["\\\x00-\x1f]'):
        return pa.array([to_token(text) for text in texts.to_pylist()], pa.large_binary())
    quote = pa.scalar('"', pa.large_string())
    joined = pc.binary_join_element_wise(quote, texts, quote, pa.scalar("", pa.large_string()))
    return joined.cast(pa.large_binary())


def of_numbers(values: npt.NDArray[np.float64]) -> pa.Array:
    """The JSON texts of numbers, none of them NaN."""
    whole = (values == np.floor(values)) & (np.abs(values) <= LIMIT)
    tokens = np.empty(len(values), object)
    tokens[whole] = _listed(values[whole].astype(np.int64))
    tokens[~whole] = _listed(values[~whole])
    return pa.array(tokens.tolist(), pa.large_binary())


def _listed(values: npt.NDArray[Any]) -> list[bytes]:
    text = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    return text.split(b",") if text else []


def are_texts(tokens: pa.Array) -> bool:
    """Whether all values are strings."""
    return not _has(tokens, '^[^"]')


def kinds(tokens: pa.Array) -> list[str]:
    """The JSON types among values: string, number, boolean, list, object; in text order."""
    found = pc.unique(pc.binary_slice(tokens, 0, 1)).to_pylist()
    return sorted({_KINDS.get(first, "number") for first in found})


def canonical(token: bytes) -> bytes:
    """The one JSON text of a value: shortest numbers, no needless escapes, no blanks."""
    value = to_value(token)
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONG:
        value = int(value)
    return to_token(value)


def distinct(chunks: Iterable[pa.Array], room: Room = in_memory) -> tuple[pa.Array, Codes]:
    """The distinct values of several lists of JSON texts, and where each text went.

    Few lists are in memory at a time; `room` is where the long array is made.

    Returns:
        The canonical texts in order of first appearance, and one index into them per input text.
    """
    known, codes = _encoded(chunks, room)
    mended = _canonical_all(known)
    if mended is None:
        return known, codes
    again = mended.dictionary_encode()
    return again.dictionary, taken(again.indices.to_numpy(), codes, room)


def _encoded(chunks: Iterable[pa.Array], room: Room) -> tuple[pa.Array, Codes]:
    """The distinct texts in order of first appearance, and where each went; some at a time."""
    known = pa.array([], pa.large_binary())
    places: list[Codes] = []
    held: list[pa.Array] = []
    for last, chunk in _marked(chunks):
        held.append(chunk)
        if last or sum(map(len, held)) >= max(GROUP, len(known)):
            encoded = pa.chunked_array([known, *held], pa.large_binary()).dictionary_encode()
            held.clear()
            found = [
                chunk.indices.to_numpy() for chunk in encoded.chunks
            ]  # empty ones are left out
            places.append(joined(room, found, np.int32)[len(known) :])
            known = encoded.chunk(0).dictionary if encoded.num_chunks else known
            del encoded, found
            if len(places) > 1:
                give_back()
    return known, joined(room, places, np.int32)


def _marked(chunks: Iterable[pa.Array]) -> Iterator[tuple[bool, pa.Array]]:
    """Each array, and whether it is the last one."""
    before = None
    for chunk in chunks:
        if before is not None:
            yield False, before
        before = chunk
    if before is not None:
        yield True, before


def numbers(tokens: pa.Array) -> npt.NDArray[np.float64] | None:
    """The values as doubles, or None when one is no number or not exact as a double."""
    if len(tokens) == 0 or _has(tokens, "^[^-0-9]"):
        return None
    values = to_values(tokens)
    if any(isinstance(value, int) and int(float(value)) != value for value in values):
        return None
    return np.array(values, np.float64)


def _canonical_all(tokens: pa.Array) -> pa.Array | None:
    """Canonical texts, None when they all are already."""
    odd = pc.match_substring_regex(tokens, rf"\\|^[\[{{]|^[-0-9].*(?:{_ODD_NUMBER})|^-0")
    where = np.flatnonzero(odd.to_numpy(zero_copy_only=False))
    if len(where) == 0:
        return None
    listed = tokens.to_pylist()
    for i in where:
        listed[i] = canonical(listed[i])
    return pa.array(listed, pa.large_binary())


def _has(tokens: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(tokens, pattern)).as_py())


def _mended(value: Any) -> Any:
    """The value with halves of surrogate pairs replaced: text that was cut in mid-character."""
    if isinstance(value, str):
        return _HALF_PAIR.sub("\ufffd", value)
    if isinstance(value, list | tuple):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(str(key)): _mended(item) for key, item in value.items()}
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
