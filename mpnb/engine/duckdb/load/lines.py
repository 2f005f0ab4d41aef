"""Stretches of export lines to blocks: the compiled reading where it pays, Python for the rest.

Enters: whole lines as bytes, and the number of the first. Leaves: blocks and the lines that are no
events, each with a reason. The surprise: both readings give equal blocks; the compiled one passes
on every line that is not plain.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpnb.engine.duckdb import jit
from mpnb.engine.duckdb.load.blocks import (
    NO_CODES,
    NO_TOKENS,
    Block,
    BlockBuilder,
    Piece,
    compact,
    compact_numbers,
)
from mpnb.engine.duckdb.load.report import BadLine

Vector = npt.NDArray[Any]

COMPILED_FROM = 80_000_000
"""Bytes of text in a source from which on the compiled reading is worth its start."""

MANY = 1000
"""From so many values in a stretch on, numbers that hardly repeat are kept as doubles."""


@dataclass
class Read:
    """What came out of a stretch of lines."""

    blocks: list[Block] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    rows: int = 0


def read_lines(data: bytes, first_line: int, order: int, *, compiled: bool) -> Read:
    """Read whole lines.

    Args:
        data: the lines, each with its newline.
        first_line: number of the first line in its file, from 0.
        order: place of the first line in the load.
        compiled: use the compiled reading.
    """
    if compiled and sys.byteorder == "little" and _is_utf8(data):
        read = _scanned(data, first_line, order)
        if read is not None:
            return read
    read, builder = Read(), BlockBuilder()
    for number, line in enumerate(data.split(b"\n")):
        _read_line(line, first_line + number, order + number, builder, read)
    return _finished(read, builder)


def parse_line(line: bytes) -> Any:
    """The JSON value of a line.

    Raises:
        BadLine: it is no JSON, or an object in it has a key twice.
    """
    try:
        return _DECODER.decode(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadLine(_reason(error)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; one that has a key twice has no certain meaning."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"the key {json.dumps(twice, ensure_ascii=False)} occurs twice")
    return found


class _Twice(ValueError):
    """A key occurs twice in an object."""


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)


def _reason(error: Exception) -> str:
    if isinstance(error, _Twice):
        return str(error)
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "not valid UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg} at character {error.pos + 1}"
    return f"not valid JSON: {error}"


def _read_line(line: bytes, number: int, order: int, builder: BlockBuilder, read: Read) -> None:
    """Add a line to the builder, or to what is bad."""
    if not line.strip():
        return
    try:
        value = parse_line(line)
        if not isinstance(value, dict):
            raise BadLine("not an object")
        builder.add(value.get("event"), value.get("properties"), order)
    except BadLine as error:
        read.bad.append((number, str(error)))


def _finished(read: Read, builder: BlockBuilder) -> Read:
    if len(builder):
        read.blocks.append(builder.build())
        read.rows += len(builder)
    return read


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _scanned(data: bytes, first_line: int, order: int) -> Read | None:
    """The compiled reading; None when a nested value is no JSON: lines must be looked at."""
    kernel, gather = jit.load("load.scan"), jit.load("load.gather")
    tail = b"".join(b'"' + key + b'"' for key in kernel.HEAD) + bytes(8)
    whole = np.frombuffer(data + tail, np.uint8)
    lengths = np.array([len(key) for key in kernel.HEAD])
    rows, entries, texts, keys, odd, nested = kernel.scan(
        whole, len(data), lengths, data.count(b"\n"), data.count(b":")
    )
    pieces = _pieces(kernel, gather, whole, entries, texts, keys, len(rows))
    if nested and not all(_is_json(piece.tokens) for piece in pieces.values()):
        return None
    read, builder = Read(), BlockBuilder()
    if len(rows):
        event, ids = pieces.pop(_EVENT), pieces.pop("distinct_id", _NOTHING)
        line = rows[:, 1]
        read.blocks.append(Block(rows[:, 0].copy(), line + order, event, ids, pieces))
        read.rows = len(rows)
    for number, start, end in odd.tolist():
        _read_line(data[start:end], first_line + number, order + number, builder, read)
    return _finished(read, builder)


_EVENT = "\0event"
_NOTHING = Piece(np.zeros(0, np.int32), NO_CODES, NO_TOKENS)


def _pieces(
    kernel: ModuleType,
    gather: ModuleType,
    whole: Vector,
    entries: Vector,
    texts: Vector,
    keys: Vector,
    length: int,
) -> dict[str, Piece]:
    """A piece for each key that has values."""
    rows, codes, starts = gather.by_key(entries, kernel.MAX_KEYS + 1)
    out, offsets, first = gather.copy_texts(whole, texts, kernel.MAX_KEYS + 1)
    names = [bytes(whole[at : at + n]).decode("utf-8") for at, n in keys.tolist()]
    named = [*zip([_EVENT, *names[1:]], range(len(names)), strict=True)]
    pieces = {}
    for name, key in [*named, ("event", kernel.MAX_KEYS)]:
        part = slice(int(starts[key]), int(starts[key + 1]))
        if part.start == part.stop:
            continue
        here, there = int(first[key]), int(first[key + 1])
        text = out[offsets[here] : offsets[there]].copy()  # a block's columns are freed one by one
        bounds = offsets[here : there + 1] - offsets[here]
        if there - here > MANY and 2 * (there - here) > part.stop - part.start:
            values, exact = gather.to_doubles(text, bounds)
            if exact and name != "distinct_id":
                pieces[name] = compact_numbers(rows[part], values[codes[part] - 1], length)
                continue
        tokens = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), there - here, [None, pa.py_buffer(bounds), pa.py_buffer(text)]
        )
        pieces[name] = compact(rows[part], codes[part], tokens, length)
    return pieces


def _is_json(tokens: pa.Array) -> bool:
    """Whether the lists and objects among value texts are JSON all through."""
    return all(_parses(token) for token in tokens.to_pylist() if token[:1] in (b"[", b"{"))


def _parses(token: bytes) -> bool:
    try:
        _DECODER.decode(token.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return True
