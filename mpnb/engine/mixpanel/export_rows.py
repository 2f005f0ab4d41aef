"""Rows of an export one after the other, each once, also when the connection breaks in between.

Enters: a call. Leaves: lists of rows. The surprise: after a break the export is asked for again
as a whole, kept aside until its end is seen, and then only lines that were not handed over yet
follow; they are told by their hashes, since the order may change from one answer to the next.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from array import array
from collections.abc import Callable, Iterator
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.mixpanel.event_form import event_form
from mpnb.engine.mixpanel.export import (
    ATTEMPTS,
    IncompleteExport,
    ahead,
    exported,
    rows_of,
    worth_repeating,
)
from mpnb.engine.mixpanel.transport import Call, Transport
from mpnb.errors import MixpanelHeadlessError

Hashes = npt.NDArray[np.int64]
Row = dict[str, Any]
SHOWN = 3
BETWEEN_S = 1.0
"""The wait before an export that broke off is asked for again."""


class UnreadableLines(UserWarning):
    """Lines of an export that hold no event; they were left out."""


class _Unreadable:
    """The lines that hold no event: all counted, the first kept."""

    def __init__(self) -> None:
        self.count = 0
        self._shown: list[str] = []

    def add(self, line: bytes) -> None:
        self.count += 1
        if len(self._shown) < SHOWN:
            self._shown.append(repr(line[:80].decode("utf-8", "replace")))

    def tell(self) -> None:
        if self.count:
            shown = ", ".join(self._shown)
            warnings.warn(
                f"{self.count:,} lines of the export hold no event and were left out: {shown}",
                UnreadableLines,
                stacklevel=2,
            )


def event_rows(transport: Transport, call: Call, *, raw: bool) -> Iterator[list[Row]]:
    """The events of an export, in lists.

    Args:
        transport: what sends the call.
        call: see `export_call`.
        raw: rows as they come, instead of the form of `event_form`.

    Raises:
        IncompleteExport: it broke off `ATTEMPTS` times, or Mixpanel stopped it, or it changed
            between two attempts so that rows would be missing or come twice.
        APIError: it was refused.
    """
    unreadable = _Unreadable()
    read = _reading(raw, unreadable)
    with tempfile.TemporaryFile() as given:
        try:
            for piece in ahead(exported(transport, call)):
                rows = read(piece)
                _remember(given, piece)
                yield rows
        except MixpanelHeadlessError as problem:
            if not worth_repeating(problem):
                raise
            time.sleep(BETWEEN_S)
        else:
            unreadable.tell()
            return
        unreadable.count = 0
        yield from _rest(transport, call, read, given)
    unreadable.tell()


def _reading(raw: bool, unreadable: _Unreadable) -> Callable[[bytes], list[Row]]:
    def read(piece: bytes) -> list[Row]:
        rows, others = rows_of(piece)
        for _, line in others:
            unreadable.add(line)
        return rows if raw else _formed(rows, unreadable)

    return read


def _formed(rows: list[Row], unreadable: _Unreadable) -> list[Row]:
    """All rows in the form that people see; those without a time are left out and counted."""
    formed = []
    for row in rows:
        try:
            formed.append(event_form(row))
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            unreadable.add(repr(row).encode())
    return formed


def _remember(given: IO[bytes], piece: bytes) -> None:
    """Write down a number per line; eight bytes on disk, so that memory stays constant."""
    array("q", map(hash, piece.split(b"\n")[:-1])).tofile(given)


def _rest(
    transport: Transport, call: Call, read: Callable[[bytes], list[Row]], given: IO[bytes]
) -> Iterator[list[Row]]:
    """The lines that were not handed over yet, out of a new and whole answer."""
    given.seek(0)
    seen = np.frombuffer(given.read(), np.int64)
    with tempfile.TemporaryFile() as spool, tempfile.TemporaryFile() as hashes:
        sizes = _spooled(transport, call, spool, hashes)
        hashes.seek(0)
        again = np.frombuffer(hashes.read(), np.int64)
        wanted = ~handed_over(again, seen)
        if len(again) - wanted.sum() < len(seen):
            raise IncompleteExport(
                "The export broke off and was different when it was asked for again, so the rest "
                "cannot be told from what was handed over already. Start over, or use ws.pull."
            )
        spool.seek(0)
        first = 0
        for size in sizes:
            lines = spool.read(size).split(b"\n")[:-1]
            new = [line for line, new in zip(lines, wanted[first:], strict=False) if new]
            first += len(lines)
            if new:
                yield read(b"\n".join([*new, b""]))


def _spooled(transport: Transport, call: Call, spool: IO[bytes], hashes: IO[bytes]) -> list[int]:
    """Keep a whole answer aside; the sizes of its pieces."""
    for left in reversed(range(ATTEMPTS - 1)):
        for file in (spool, hashes):
            file.seek(0)
            file.truncate()
        sizes = []
        try:
            for piece in exported(transport, call):
                rows_of(piece)  # the server's note that it stopped must be found before rows leave
                spool.write(piece)
                _remember(hashes, piece)
                sizes.append(len(piece))
            return sizes
        except MixpanelHeadlessError as problem:
            if not left or not worth_repeating(problem):
                raise
            time.sleep(BETWEEN_S)
    raise AssertionError("the last attempt returns or raises")


def handed_over(again: Hashes, seen: Hashes) -> npt.NDArray[np.bool_]:
    """Which lines of a second answer were part of the first; of equal lines as many as there were.

    Args:
        again: a hash per line of the second answer.
        seen: a hash per line that was handed over.
    """
    order = np.argsort(again, kind="stable")
    ordered = again[order]
    rank = np.arange(len(again)) - np.searchsorted(ordered, ordered, "left")
    seen = np.sort(seen)
    times = np.searchsorted(seen, ordered, "right") - np.searchsorted(seen, ordered, "left")
    found = np.empty(len(again), bool)
    found[order] = rank < times
    return found
