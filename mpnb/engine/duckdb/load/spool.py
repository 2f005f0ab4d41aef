"""Blocks that were read, kept in a file until the store is written, so that memory stays small.

Enters: blocks. Leaves: the same, with arrays that are read from the file when they are asked for,
each time anew. The surprise: the file has no name, so it is gone with the process, however that
ends.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpnb.engine.duckdb.load.blocks import NO_CODES, NO_TOKENS, Piece


class Coded(Protocol):
    """A property in a block: a `Piece`, or one that is read when it is asked for."""

    @property
    def rows(self) -> npt.NDArray[np.int32] | None:
        """As in `Piece`."""

    @property
    def codes(self) -> npt.NDArray[Any]:
        """As in `Piece`."""
        ...

    @property
    def tokens(self) -> pa.Array:
        """As in `Piece`."""

    @property
    def numbers(self) -> npt.NDArray[np.float64] | None:
        """As in `Piece`."""

    @property
    def counted(self) -> bool:
        """As in `Piece`."""
        ...

    def chunks(self) -> Iterator[pa.Array]:
        """As in `Piece`."""
        ...

    def taken(self, codes: npt.NDArray[Any]) -> pa.Array:
        """As in `Piece`."""
        ...

    def coded(self) -> Coded:
        """The same with codes and tokens."""
        ...


class Rows(Protocol):
    """Rows in load order: a `Block`, or one that is read when it is asked for."""

    @property
    def clock(self) -> npt.NDArray[np.int64]:
        """As in `Block`."""
        ...

    @property
    def order(self) -> npt.NDArray[np.int64]:
        """As in `Block`."""
        ...

    @property
    def event(self) -> Coded:
        """As in `Block`."""
        ...

    @property
    def ids(self) -> Coded:
        """As in `Block`."""
        ...

    @property
    def properties(self) -> Mapping[str, Coded]:
        """As in `Block`."""
        ...

    def moved(self, shift: int) -> Rows:
        """As in `Block`."""
        ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, eq=False, slots=True)
class _Held:
    """An array in the file."""

    spool: Spool
    at: int
    length: int
    dtype: np.dtype[Any]

    def read(self) -> npt.NDArray[Any]:
        found = np.empty(self.length, self.dtype)
        self.spool.read(memoryview(found.data).cast("B") if self.length else b"", self.at)
        return found


@dataclass(frozen=True, eq=False, slots=True)
class SpooledPiece:
    """A `Piece` in the file."""

    _rows: _Held | None
    _codes: _Held
    _numbers: _Held | None
    _bounds: _Held
    _text: _Held

    @property
    def rows(self) -> npt.NDArray[np.int32] | None:
        """As in `Piece`."""
        return None if self._rows is None else self._rows.read()

    @property
    def codes(self) -> npt.NDArray[Any]:
        """As in `Piece`."""
        return self._codes.read()

    @property
    def numbers(self) -> npt.NDArray[np.float64] | None:
        """As in `Piece`."""
        return None if self._numbers is None else self._numbers.read()

    @property
    def tokens(self) -> pa.Array:
        """As in `Piece`."""
        if self._bounds.length <= 1:
            return NO_TOKENS
        buffers = [None, pa.py_buffer(self._bounds.read()), pa.py_buffer(self._text.read())]
        return pa.Array.from_buffers(pa.large_binary(), self._bounds.length - 1, buffers)

    @property
    def counted(self) -> bool:
        """As in `Piece`."""
        return self._numbers is not None

    def chunks(self) -> Iterator[pa.Array]:
        """As in `Piece`."""
        yield self.tokens

    def taken(self, codes: npt.NDArray[Any]) -> pa.Array:
        """As in `Piece`."""
        return Piece(None, NO_CODES, self.tokens).taken(codes)

    def coded(self) -> Coded:
        """As in `Piece`."""
        if self._numbers is None:
            return self
        return Piece(self.rows, NO_CODES, NO_TOKENS, self.numbers).coded()


@dataclass(frozen=True, eq=False, slots=True)
class SpooledBlock:
    """A `Block` in the file; `shift` moves its rows within the load."""

    event: SpooledPiece
    ids: SpooledPiece
    properties: Mapping[str, SpooledPiece]
    _clock: _Held
    _order: _Held
    shift: int = 0

    def __len__(self) -> int:
        return self._clock.length

    @property
    def clock(self) -> npt.NDArray[np.int64]:
        """As in `Block`."""
        return self._clock.read()

    @property
    def order(self) -> npt.NDArray[np.int64]:
        """As in `Block`."""
        return self._order.read() + self.shift

    def moved(self, shift: int) -> SpooledBlock:
        """The same rows, later in the load."""
        return replace(self, shift=self.shift + shift)


class Spool:
    """A file for blocks; several threads may use it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  # see close
        self._lock = threading.Lock()
        self._end = 0

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def read(self, into: Any, at: int) -> None:
        """Fill a buffer from a place on.

        Raises:
            OSError: the file is shorter.
        """
        view = memoryview(into)
        while view:
            count = os.preadv(self._file.fileno(), [view], at)
            if count == 0:
                raise OSError("the file of what was read is shorter than what was written")
            view, at = view[count:], at + count

    def keep(self, block: Rows) -> SpooledBlock:
        """Write a block.

        Raises:
            OSError: the disk is full.
        """
        return SpooledBlock(
            self._piece(block.event),
            self._piece(block.ids),
            {name: self._piece(piece) for name, piece in block.properties.items()},
            self._add(block.clock),
            self._add(block.order),
        )

    def _piece(self, piece: Coded) -> SpooledPiece:
        rows, numbers, tokens = piece.rows, piece.numbers, piece.tokens
        _, bounds, text = tokens.buffers()
        offsets = np.frombuffer(bounds, np.int64)[tokens.offset :][: len(tokens) + 1]
        first, last = (int(offsets[0]), int(offsets[-1])) if len(tokens) else (0, 0)
        return SpooledPiece(
            None if rows is None else self._add(rows),
            self._add(piece.codes),
            None if numbers is None else self._add(numbers),
            self._add(offsets - first),
            self._add(np.frombuffer(text or b"", np.uint8)[first:last]),
        )

    def _add(self, array: npt.NDArray[Any]) -> _Held:
        data = np.ascontiguousarray(array)
        with self._lock:
            at = place = self._end
            self._end += data.nbytes
        view = memoryview(data.data).cast("B") if data.nbytes else memoryview(b"")
        while view:
            count = os.pwrite(self._file.fileno(), view, place)
            view, place = view[count:], place + count
        return _Held(self, at, len(data), data.dtype)
