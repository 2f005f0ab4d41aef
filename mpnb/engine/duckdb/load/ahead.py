"""The lines of one file, read by several threads while they come, and kept in a spool.

Enters: text in whole lines, piece by piece. Leaves: blocks and bad lines, in the order of the text.
The surprise: places in the load count from the file's first line, so that a file can be read before
it is known what is loaded ahead of it.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from mpnb.engine.duckdb import jit
from mpnb.engine.duckdb.load.lines import read_lines
from mpnb.engine.duckdb.load.memory import give_back
from mpnb.engine.duckdb.load.spool import Rows, Spool

AHEAD = 3
"""Stretches of lines that are in work at once; bounds the memory."""
GIVE_BACK = 32_000_000
"""Bytes of text after which free memory is given back; what threads free is seldom used again."""


@dataclass
class FileRead:
    """What a file holds.

    Attributes:
        blocks: its events; their order counts lines of the file, from 0.
        bad: the lines that hold no event, by number from 0, and why.
        lines: how many lines it has, empty ones included.
    """

    blocks: list[Rows] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    lines: int = 0


class Readers:
    """Threads that read lines."""

    def __init__(self, spool: Spool | None) -> None:
        self._spool = spool
        self._size = 0
        self._pool = ThreadPoolExecutor(jit.threads(), thread_name_prefix="mpnb-read")

    def close(self) -> None:
        """Let the threads go; what they still have to do is not done."""
        self._pool.shutdown(cancel_futures=True)

    def begin(self, *, compiled: bool) -> FileReader:
        """Begin to read a file."""
        return FileReader(self, compiled)

    def submit(self, data: bytes, line: int, compiled: bool) -> Future[FileRead]:
        """Read a stretch of whole lines."""
        self._size += len(data)
        if self._size > GIVE_BACK:
            self._size = 0
            give_back()
        return self._pool.submit(self._read, data, line, compiled)

    def _read(self, data: bytes, line: int, compiled: bool) -> FileRead:
        read = read_lines(data, line, line, compiled=compiled)
        blocks: list[Rows] = [*read.blocks]
        if self._spool is not None:
            blocks = [self._spool.keep(block) for block in blocks]
        return FileRead(blocks, read.bad)


class FileReader:
    """One file that is being read."""

    def __init__(self, readers: Readers, compiled: bool) -> None:
        self._readers = readers
        self._compiled = compiled
        self._running: deque[Future[FileRead]] = deque()
        self._found = FileRead()

    def add(self, data: bytes, lines: int) -> None:
        """Take some whole lines, and how many they are; waits when too much is in work.

        Raises:
            OSError: the spool is full.
        """
        self._running.append(self._readers.submit(data, self._found.lines, self._compiled))
        self._found.lines += lines
        while len(self._running) > AHEAD:
            self._take()

    def end(self) -> FileRead:
        """What the file holds."""
        while self._running:
            self._take()
        return self._found

    def _take(self) -> None:
        read = self._running.popleft().result()
        self._found.blocks += read.blocks
        self._found.bad += read.bad
