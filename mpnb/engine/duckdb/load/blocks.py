"""A block: a stretch of rows in load order, each property coded by its distinct values.

Enters: Python rows (the reference reading of an export line). Leaves: a `Block`, the one form that
every source is brought into before it is sorted and stored. The surprise: a property that few rows
have lists its rows; one that most rows have holds a code for every row, 0 where it is undefined.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpnb.engine.duckdb.load.report import BadLine
from mpnb.engine.duckdb.load.tokens import of_numbers, to_token

NO_CODES = np.zeros(0, np.uint8)
NO_TOKENS = pa.array([], pa.large_binary())
LAST_INSTANT_MS = 253_402_300_800_000 - 172_800_000
"""Two days before the year 10000: later times have no date."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One property in one block.

    Attributes:
        rows: the rows that have it, ascending; None when `codes` has one entry per row.
        codes: 1-based index into `tokens`, 0 where the property is undefined.
        tokens: JSON text of the values; not necessarily distinct.
        numbers: in place of codes and tokens, when all values are numbers that hardly repeat: the
            value of each of `rows` or of every row, NaN where undefined.
    """

    rows: npt.NDArray[np.int32] | None
    codes: npt.NDArray[Any]
    tokens: pa.Array
    numbers: npt.NDArray[np.float64] | None = None

    @property
    def counted(self) -> bool:
        """Whether it has numbers in place of codes."""
        return self.numbers is not None

    def chunks(self) -> Iterator[pa.Array]:
        """The tokens, few at a time."""
        yield self.tokens

    def taken(self, codes: npt.NDArray[Any]) -> pa.Array:
        """The tokens of some codes, none of them 0."""
        return self.tokens.take(pa.array(codes.astype(np.int64) - 1))

    def coded(self) -> Piece:
        """The same piece with codes and tokens."""
        if self.numbers is None:
            return self
        known = ~np.isnan(self.numbers)
        values, where = np.unique(self.numbers[known], return_inverse=True)
        codes = np.zeros(len(self.numbers), code_type(len(values)))
        codes[known] = where + 1
        return Piece(self.rows, codes, of_numbers(values))


@dataclass(frozen=True, eq=False)
class Block:
    """Rows in load order.

    Attributes:
        clock: the time of each row in ms, its number read as UTC.
        order: place of each row in the load, ascending over all blocks of a load.
        event: the event's name as JSON text.
        ids: the distinct_id as stored.
        properties: every other property by name.
    """

    clock: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    event: Piece
    ids: Piece
    properties: dict[str, Piece] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.clock)

    def moved(self, shift: int) -> Block:
        """The same rows, later in the load."""
        return replace(self, order=self.order + shift)


class _Coder:
    """Collects one property, value by value."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.codes: list[int] = []
        self.known: dict[bytes, int] = {}

    def add(self, row: int, token: bytes) -> None:
        self.rows.append(row)
        self.codes.append(self.known.setdefault(token, len(self.known) + 1))

    def piece(self, length: int) -> Piece:
        rows, codes = np.array(self.rows, np.int32), np.array(self.codes, np.int32)
        return compact(rows, codes, pa.array(list(self.known), pa.large_binary()), length)


def compact(
    rows: npt.NDArray[np.int32], codes: npt.NDArray[Any], tokens: pa.Array, length: int
) -> Piece:
    """A piece in the smaller of its two forms, with the narrowest codes that hold the values."""
    codes = codes.astype(code_type(len(tokens)), copy=False)
    if len(rows) * 3 < length:
        return Piece(rows, codes, tokens)
    dense = np.zeros(length, codes.dtype)
    dense[rows] = codes
    return Piece(None, dense, tokens)


def compact_numbers(
    rows: npt.NDArray[np.int32], values: npt.NDArray[np.float64], length: int
) -> Piece:
    """A piece of numbers in the smaller of its two forms."""
    if len(rows) * 3 < length:
        return Piece(rows, NO_CODES, NO_TOKENS, values)
    dense = np.full(length, np.nan)
    dense[rows] = values
    return Piece(None, NO_CODES, NO_TOKENS, dense)


def code_type(distinct: int) -> type[np.unsignedinteger[Any]]:
    """The narrowest unsigned type for codes 0 to `distinct`."""
    if distinct < 1 << 8:
        return np.uint8
    return np.uint16 if distinct < 1 << 16 else np.uint32


class BlockBuilder:
    """Makes a block of Python rows."""

    def __init__(self) -> None:
        self._clock: list[int] = []
        self._order: list[int] = []
        self._event, self._ids = _Coder(), _Coder()
        self._properties: dict[str, _Coder] = {}

    def __len__(self) -> int:
        return len(self._clock)

    def add(self, event: Any, properties: Any, order: int) -> None:
        """Add an event as an export line holds it.

        Raises:
            BadLine: the row cannot be an event.
        """
        if not isinstance(event, str):
            raise BadLine("`event` is missing" if event is None else "`event` is not text")
        if not isinstance(properties, Mapping):
            raise BadLine("`properties` is missing or not an object")
        clock = clock_of(properties.get("time"))
        tokens = {str(name): to_token(value) for name, value in properties.items()}
        row = len(self._clock)
        self._clock.append(clock)
        self._order.append(order)
        self._event.add(row, to_token(event))
        self._add_properties(row, tokens)

    def _add_properties(self, row: int, tokens: dict[str, bytes]) -> None:
        del tokens["time"]
        owner = tokens.pop("distinct_id", b"null")
        if owner == b"null":
            owner = tokens.pop("$distinct_id", b"null")
        if owner != b"null":
            self._ids.add(row, owner)
        coders = self._properties
        for name, token in tokens.items():
            if token != b"null":
                coder = coders.get(name)
                if coder is None:
                    coder = coders[name] = _Coder()
                coder.add(row, token)

    def build(self) -> Block:
        """The block of all rows added so far."""
        length = len(self._clock)
        return Block(
            np.array(self._clock, np.int64),
            np.array(self._order, np.int64),
            self._event.piece(length),
            self._ids.piece(length),
            {name: coder.piece(length) for name, coder in self._properties.items()},
        )


def clock_of(time: Any) -> int:
    """Milliseconds of a stored `time`: seconds, or milliseconds from 1e10 on.

    Raises:
        BadLine: the time is missing, no number or beyond the calendar.
    """
    if time is None:
        raise BadLine("`time` is missing")
    if isinstance(time, bool) or not isinstance(time, int | float):
        raise BadLine("`time` is not a number")
    if isinstance(time, float) and not math.isfinite(time):
        raise BadLine("`time` is not a number")
    if time < 1e10:
        clock = time * 1000 if isinstance(time, int) else math.floor(time * 1000 + 0.5)
    else:
        clock = time if isinstance(time, int) else math.floor(time + 0.5)
    if abs(clock) >= LAST_INSTANT_MS or clock < -62_135_596_800_000 + 172_800_000:
        raise BadLine("`time` is not between the years 1 and 9999")
    return int(clock)
