"""A small SQLite file that several processes share: opened late, private, and never in the way.

Enters: functions over a connection. Leaves: what they return, each run as one transaction. The
surprise: the journal is the old kind and nothing is forced to the disk, so that home folders on a
network work and a call costs microseconds; a process that is killed still leaves a whole file, and
one that a power cut broke is put aside and begun anew.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

BUSY_S = 10.0
CREATING = threading.Lock()
"""Held while a file is made, so that nobody of this process has it open yet."""
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class StateError(Exception):
    """The file cannot be used now: the disk is full, or the folder may not be written."""


class Database:
    """A file with tables.

    Args:
        file: where it is; None keeps the tables in memory.
        schema: statements that make the tables where they are missing.
    """

    def __init__(self, file: Path | None, schema: str) -> None:
        self._file = file
        self._schema = schema
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None
        self._process = 0

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something as one transaction that no other process comes into.

        Raises:
            StateError: the file cannot be read or written.
        """
        with self._lock:
            try:
                return self._transaction(work)
            except sqlite3.DatabaseError as problem:
                if getattr(problem, "sqlite_errorcode", 0) & 0xFF not in BROKEN:
                    raise StateError(f"{self._file}: {problem}") from None
            except OSError as problem:
                raise StateError(f"{self._file}: {problem.strerror}") from None
            self._put_aside()
            try:
                return self._transaction(work)
            except (sqlite3.DatabaseError, OSError) as problem:
                raise StateError(f"{self._file}: {problem}") from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._open is not None and self._process == os.getpid():
                self._open.close()
            self._open = None

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.DatabaseError):  # a full disk has ended it already
                connection.execute("ROLLBACK")
            raise
        return done

    def _connection(self) -> sqlite3.Connection:
        if self._open is None or self._process != os.getpid():  # a fork must open it again
            self._open = self._opened()
            self._process = os.getpid()
        return self._open

    def _opened(self) -> sqlite3.Connection:
        if self._file is not None:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(self._file)
        connection = sqlite3.connect(
            self._file or ":memory:",
            timeout=BUSY_S,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(self._schema)
        except BaseException:
            connection.close()
            raise
        return connection

    def _put_aside(self) -> None:
        """Move a broken file out of the way; whoever wants to look at it still can."""
        if self._open is not None:
            self._open.close()
            self._open = None
        if self._file is not None:
            with suppress(FileNotFoundError):
                self._file.rename(
                    self._file.with_name(f"{self._file.name}.broken-{time.time():.0f}")
                )


def _create(file: Path) -> None:
    """Make a private file where there is none; one that is there is not opened.

    Closing any handle of a file ends all locks that the process has on it, those of its other
    connections too (fcntl(2)), and two processes would write at once.
    """
    with CREATING, suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
