"""Keeps answers on disk, so that asking again costs no request, also after a restart.

Enters: who asks, where and what, and the answer. Leaves: the answer, while it is good. The
surprise: keys are hashes with a salt of this file's own, so neither a key nor anything else in the
file tells a secret; and a cache that cannot be used is no error, it only remembers nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import time
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from mpnb.engine.mixpanel.database import Database, StateError
from mpnb.engine.mixpanel.lease import LEASE_S, Renewer

T = TypeVar("T")

FRESH_S = 300.0
"""How long an answer is good whose range reaches today."""
MOST_BYTES = 256 * 2**20
TOUCHED_S = 60.0
"""How often it is noted that an answer was used; noting it every time would cost more than it."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
  key TEXT PRIMARY KEY, owner TEXT NOT NULL, project TEXT NOT NULL, what TEXT NOT NULL,
  stored REAL NOT NULL, expires REAL, used REAL NOT NULL, size INTEGER NOT NULL,
  body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS answers_by_use ON answers (used);
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, holder TEXT NOT NULL, lease REAL NOT NULL);
"""


@dataclass(frozen=True)
class Asked:
    """A question as the cache knows it."""

    key: str
    owner: str
    """Hash of who asks and where: what a listing is limited to."""
    project: str
    what: str
    """The question in a few words."""
    closed: bool
    """Whether its answer is good for ever."""


@dataclass(frozen=True)
class CacheEntry:
    """An answer that is kept."""

    what: str
    project: str
    stored_at: datetime
    expires_at: datetime | None
    """None: its range is over, so it is kept until space is needed."""
    used_at: datetime
    size: int
    """Bytes on disk."""


class Cache:
    """Answers on disk.

    Args:
        file: where; shared by processes.
        fresh_s: how long answers are good that reach today.
        most_bytes: all answers together; those not used for longest go first.
    """

    def __init__(
        self, file: Path | None, fresh_s: float = FRESH_S, most_bytes: int = MOST_BYTES
    ) -> None:
        self._database = Database(file, SCHEMA)
        self.fresh_s = fresh_s
        self._most_bytes = most_bytes
        self._salt = b""
        self._told = False
        self._me = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._renewer = Renewer(self._renew)

    def hash(self, *parts: Any) -> str:
        """A name for anything JSON-like, that cannot be traced back to it."""
        if not self._salt:
            self._salt = self._run(_salt) or secrets.token_bytes(32)
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.blake2b(text.encode(), key=self._salt, digest_size=20).hexdigest()

    def get(self, key: str) -> Any:
        """The answer, or None."""
        body = self._run(lambda connection: _read(connection, key, time.time()))
        if body is None:
            return None
        try:
            return json.loads(zlib.decompress(body))
        except (ValueError, zlib.error):
            return None

    def put(self, asked: Asked, answer: Any) -> None:
        """Keep an answer."""
        body = zlib.compress(json.dumps(answer).encode(), 1)
        if len(body) > self._most_bytes // 4:
            return
        now = time.time()
        expires = None if asked.closed else now + self.fresh_s
        row = (asked.key, asked.owner, asked.project, asked.what, now, expires, now)

        def write(connection: sqlite3.Connection) -> None:
            values = (*row, len(body), body)
            insert = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            connection.execute(insert, values)
            _make_room(connection, self._most_bytes, now)

        self._run(write)

    def entries(self, owner: str | None = None) -> list[CacheEntry]:
        """What is kept, the last used first; of one owner, or of all."""
        select = (
            "SELECT what, project, stored, expires, used, size FROM answers "
            "WHERE (?1 IS NULL OR owner = ?1) AND (expires IS NULL OR expires > ?2) "
            "ORDER BY used DESC, key"
        )
        found = self._run(lambda c: c.execute(select, (owner, time.time())).fetchall())
        return [_entry(row) for row in found or []]

    def clear(self, owner: str | None = None) -> int:
        """Forget answers, of one owner or of all; says how many."""

        def delete(connection: sqlite3.Connection) -> int:
            gone = connection.execute(
                "DELETE FROM answers WHERE ?1 IS NULL OR owner = ?1", (owner,)
            ).rowcount
            connection.execute("PRAGMA incremental_vacuum").fetchall()
            return gone

        return self._run(delete) or 0

    def claim(self, key: str) -> bool:
        """Take it on to ask a question; False while another process does."""
        now = time.time()

        def take(connection: sqlite3.Connection) -> bool:
            connection.execute("DELETE FROM claims WHERE lease < ?", (now,))
            insert = "INSERT OR IGNORE INTO claims VALUES (?, ?, ?)"
            return connection.execute(insert, (key, self._me, now + LEASE_S)).rowcount == 1

        taken = self._run(take)
        if taken:
            self._renewer.hold(key)
        return taken is not False  # where nothing can be written, everybody asks for himself

    def disclaim(self, key: str) -> None:
        """The question was asked, or could not be."""
        self._renewer.drop(key)
        delete = "DELETE FROM claims WHERE key = ? AND holder = ?"
        self._run(lambda c: c.execute(delete, (key, self._me)).rowcount)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _renew(self, keys: list[str], until: float) -> None:
        update = "UPDATE claims SET lease = ? WHERE key = ?"
        rows = [(until, key) for key in keys]
        self._run(lambda c: c.executemany(update, rows).rowcount)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        with suppress(StateError):
            return self._database.run(work)
        if not self._told:
            self._told = True
            warnings.warn(
                "Answers are not kept: the cache cannot be written (a full disk, or a folder that "
                "may not be written). Set MPNB_HOME to another folder.",
                stacklevel=3,
            )
        return None


def _salt(connection: sqlite3.Connection) -> bytes:
    made = secrets.token_bytes(32)
    connection.execute("INSERT OR IGNORE INTO facts VALUES ('salt', ?)", (made,))
    found = connection.execute("SELECT value FROM facts WHERE name = 'salt'").fetchone()[0]
    return bytes(found)


def _read(connection: sqlite3.Connection, key: str, now: float) -> bytes | None:
    select = "SELECT body, used FROM answers WHERE key = ? AND (expires IS NULL OR expires > ?)"
    row = connection.execute(select, (key, now)).fetchone()
    if row is None:
        return None
    if now - row[1] > TOUCHED_S:
        with suppress(sqlite3.DatabaseError):  # a full disk: it is read all the same
            connection.execute("UPDATE answers SET used = ? WHERE key = ?", (now, key))
    return bytes(row[0])


def _make_room(connection: sqlite3.Connection, most_bytes: int, now: float) -> None:
    """Drop what is no longer good, then what was not used for longest, until the rest fits."""
    connection.execute("DELETE FROM answers WHERE expires < ?", (now,))
    kept = (
        "SELECT key FROM (SELECT key, sum(size) OVER (ORDER BY used DESC, stored DESC, key) "
        "AS total FROM answers) WHERE total > ?"
    )
    connection.execute(f"DELETE FROM answers WHERE key IN ({kept})", (most_bytes,))
    connection.execute("PRAGMA incremental_vacuum").fetchall()


def _entry(row: tuple[Any, ...]) -> CacheEntry:
    what, project, stored, expires, used, size = row
    until = None if expires is None else _moment(expires)
    return CacheEntry(what, project, _moment(stored), until, _moment(used), size)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
