"""Keeps requests inside Mixpanel's limits, together with every other process of this machine.

Enters: what kind of request, of which project. Leaves: a slot to send it in, at once or after a
wait that is shown. The surprise: a slot is a lease that its holder renews; a process that is killed
stops renewing, and its place is free again after some seconds.

Source of the limits: the descriptions in Mixpanel's public OpenAPI files (queries, export) and its
Lexicon documentation. Pages of profiles have no documented hourly limit, only the five at once.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from mpnb.engine.mixpanel.countdown import Countdown, Show, shown
from mpnb.engine.mixpanel.database import Database, StateError
from mpnb.engine.mixpanel.lease import LEASE_S, Renewer
from mpnb.errors import RateLimitError

T = TypeVar("T")
Kind = Literal["query", "profiles", "export", "lexicon"]
OnLimit = Literal["wait", "raise"]

LOOK_AGAIN_S = 0.1
LONGEST_BLOCK_S = 3600.0
KEPT_S = 7200.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS slots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pool TEXT NOT NULL, taken REAL NOT NULL, lease REAL NOT NULL);
CREATE INDEX IF NOT EXISTS slots_by_pool ON slots (pool, taken);
CREATE TABLE IF NOT EXISTS blocks (pool TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS limits (pool TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

UPDATE_LEASE = "UPDATE slots SET lease = ? WHERE id = ?"


@dataclass(frozen=True)
class Limit:
    """How many requests of a kind: in an hour, a minute, a second, and at once; None is any."""

    an_hour: int | None = None
    a_minute: int | None = None
    a_second: int | None = None
    at_once: int | None = None

    def rates(self) -> list[tuple[int, float]]:
        """(count, seconds), the longest first."""
        every = [(self.an_hour, 3600.0), (self.a_minute, 60.0), (self.a_second, 1.0)]
        return [(count, seconds) for count, seconds in every if count is not None]


LIMITS: dict[Kind, Limit] = {
    "query": Limit(an_hour=60, at_once=5),
    "profiles": Limit(at_once=5),
    "export": Limit(an_hour=60, a_second=3, at_once=100),
    "lexicon": Limit(a_minute=5),
}


@dataclass(frozen=True)
class Pool:
    """What shares a limit: requests of a kind to a project on a host."""

    kind: Kind
    host: str
    project: str

    @classmethod
    def of(cls, kind: Kind, address: str, project: str) -> Pool:
        """The pool of an address such as ``https://mixpanel.com/api/query``."""
        return cls(kind, urlsplit(address).netloc, project)

    @property
    def key(self) -> str:
        """The pool as text."""
        return f"{self.host}|{self.project}|{self.kind}"


@dataclass(frozen=True)
class Left:
    """What a pool has left."""

    pool: Pool
    limit: Limit
    left: int | None
    """Requests that may be sent now; None where nothing counts them."""
    running: int
    next_at: float | None
    """When one more returns, in seconds since the epoch."""
    full_at: float | None
    """When all have returned."""
    blocked_until: float | None
    """Until when Mixpanel asked to wait."""


class Slot:
    """A place in the budget while it is held."""

    unused = False

    def give_back(self) -> None:
        """The request did not reach the server, so it does not count."""
        self.unused = True


@dataclass(frozen=True)
class _Wait:
    """Why there is no slot now."""

    until: float | None
    """When there will be one; None when another request has to end first."""
    reason: str


class Budget:
    """The slots of all projects.

    Args:
        file: shared by the processes of a machine; None counts in this process only.
        on_limit: wait for a slot, or raise `RateLimitError` when the hour's are used up.
        show: told while a call waits, and with None when it goes on.
    """

    def __init__(
        self, file: Path | None, on_limit: OnLimit = "wait", show: Show | None = None
    ) -> None:
        self._database = Database(file, SCHEMA)
        self._fallback = False
        self.on_limit: OnLimit = on_limit
        self._show = show or shown
        self._renewer = Renewer(self._renew)

    @staticmethod
    def pool(family: str, path: str, host: str, project: str) -> Pool | None:
        """What limit a call counts against; None when there is none."""
        kinds: dict[str, Kind] = {"query": "query", "engage": "profiles", "export": "export"}
        kind = kinds.get(family)
        if family == "app" and "/schemas" in path:
            kind = "lexicon"
        return Pool.of(kind, host, project) if kind else None

    @contextmanager
    def slot(self, pool: Pool) -> Iterator[Slot]:
        """A place to send one request in; the place at once is free again afterwards.

        Raises:
            RateLimitError: none is left and `on_limit` is ``"raise"``.
        """
        held = self._acquired(pool)
        slot = Slot()
        try:
            yield slot
        finally:
            self._release(held, slot)

    def block(self, pool: Pool, seconds: float) -> None:
        """Let nobody send to a pool for a while: Mixpanel asked for it."""
        until = time.time() + min(seconds, LONGEST_BLOCK_S)
        upsert = (
            "INSERT INTO blocks VALUES (?, ?) "
            "ON CONFLICT (pool) DO UPDATE SET until = max(until, excluded.until)"
        )
        self._write(upsert, [(pool.key, until)])

    def left(self, pool: Pool) -> Left:
        """What a pool has left now."""
        return self._run(lambda connection: _left(connection, pool, time.time()))

    def limit(self, pool: Pool, limit: Limit) -> None:
        """Set a pool's limit, for all processes and for good."""
        value = json.dumps(asdict(limit))
        self._write("INSERT OR REPLACE INTO limits VALUES (?, ?)", [(pool.key, value)])

    def reset(self, pool: Pool) -> None:
        """Forget what was counted and what was set; what is running still holds its place."""

        def forget(connection: sqlite3.Connection) -> None:
            now = time.time()
            connection.execute("DELETE FROM slots WHERE pool = ? AND lease < ?", (pool.key, now))
            connection.execute("UPDATE slots SET taken = 0 WHERE pool = ?", (pool.key,))
            connection.execute("DELETE FROM blocks WHERE pool = ?", (pool.key,))
            connection.execute("DELETE FROM limits WHERE pool = ?", (pool.key,))

        self._run(forget)

    def close(self) -> None:
        """Let go of the file; slots that are still held end by themselves."""
        self._database.close()

    def _acquired(self, pool: Pool) -> int:
        with Countdown(self._show, f"{pool.kind} of project {pool.project}") as countdown:
            while True:
                found = self._run(lambda c: _take(c, pool, time.time()))
                if isinstance(found, int):
                    self._renewer.hold(found)
                    return found
                if self.on_limit == "raise" and found.until is not None:
                    raise _used_up(pool, found)
                countdown.wait(found.until, found.reason, LOOK_AGAIN_S)

    def _release(self, held: int, slot: Slot) -> None:
        self._renewer.drop(held)
        if slot.unused:
            self._write("DELETE FROM slots WHERE id = ?", [(held,)])
        else:
            self._write(UPDATE_LEASE, [(0.0, held)])

    def _renew(self, slots: list[int], until: float) -> None:
        with suppress(StateError):
            self._write(UPDATE_LEASE, [(until, slot) for slot in slots])

    def _write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(statement, rows)

        self._run(write)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._database.run(work)
        except StateError as problem:
            if self._fallback:
                raise
            self._fallback = True
            self._database = Database(None, SCHEMA)
            warnings.warn(
                f"The request budget cannot be shared with other processes ({problem}); this "
                "process counts for itself.",
                stacklevel=2,
            )
            return self._database.run(work)


def _used_up(pool: Pool, wait: _Wait) -> RateLimitError:
    seconds = max(1, math.ceil((wait.until or 0.0) - time.time()))
    return RateLimitError(
        f"No {pool.kind} request of project {pool.project} is left: {wait.reason}. Nothing was "
        f"sent. One more returns in {seconds} s; on_limit='wait' waits for it.",
        retry_after=seconds,
        project_id=pool.project,
    )


def _take(connection: sqlite3.Connection, pool: Pool, now: float) -> int | _Wait:
    """A slot, or why there is none."""
    _tidy(connection, pool, now)
    wait = _blocked(connection, pool, now) or _counted(connection, pool, now)
    if wait is not None:
        return wait
    insert = "INSERT INTO slots (pool, taken, lease) VALUES (?, ?, ?)"
    made = connection.execute(insert, (pool.key, now, now + LEASE_S)).lastrowid
    assert made is not None
    return made


def _tidy(connection: sqlite3.Connection, pool: Pool, now: float) -> None:
    """Drop what is over; a clock that was set back must not lock anybody out."""
    connection.execute("DELETE FROM slots WHERE taken < ? AND lease < ?", (now - KEPT_S, now))
    connection.execute(
        "UPDATE slots SET taken = ?1 WHERE pool = ?2 AND taken > ?1", (now, pool.key)
    )
    late = now + LEASE_S
    connection.execute(
        "UPDATE slots SET lease = ?1 WHERE pool = ?2 AND lease > ?1", (late, pool.key)
    )
    connection.execute(
        "DELETE FROM blocks WHERE until < ? OR until > ?", (now, now + LONGEST_BLOCK_S + 1)
    )


def _blocked(connection: sqlite3.Connection, pool: Pool, now: float) -> _Wait | None:
    select = "SELECT until FROM blocks WHERE pool = ?"
    row = connection.execute(select, (pool.key,)).fetchone()
    return _Wait(row[0], "Mixpanel asked to wait") if row and row[0] > now else None


def _counted(connection: sqlite3.Connection, pool: Pool, now: float) -> _Wait | None:
    limit = _limit(connection, pool)
    waits = [
        _Wait(due, f"{count} {_per(seconds)} are used up")
        for count, seconds in limit.rates()
        if (due := _due(connection, pool, count, seconds, now)) is not None
    ]
    if waits:
        return max(waits, key=lambda wait: wait.until or 0.0)
    if limit.at_once is not None and _running(connection, pool, now) >= limit.at_once:
        return _Wait(None, f"{limit.at_once} at once are running")
    return None


def _due(
    connection: sqlite3.Connection, pool: Pool, count: int, seconds: float, now: float
) -> float | None:
    """When one more fits into a window of some seconds; None when one fits now."""
    window = seconds + margin(seconds)
    if count <= 0:
        return now + window
    select = (
        "SELECT taken FROM slots WHERE pool = ? AND taken > ? ORDER BY taken DESC LIMIT 1 OFFSET ?"
    )
    row = connection.execute(select, (pool.key, now - window, count - 1)).fetchone()
    return row[0] + window if row else None


def margin(seconds: float) -> float:
    """Added to a window, because requests do not arrive as evenly as they are sent."""
    return min(2.0, seconds / 20)


def _running(connection: sqlite3.Connection, pool: Pool, now: float) -> int:
    select = "SELECT count(*) FROM slots WHERE pool = ? AND lease > ?"
    return int(connection.execute(select, (pool.key, now)).fetchone()[0])


def _limit(connection: sqlite3.Connection, pool: Pool) -> Limit:
    row = connection.execute("SELECT value FROM limits WHERE pool = ?", (pool.key,)).fetchone()
    return Limit(**json.loads(row[0])) if row else LIMITS[pool.kind]


def _left(connection: sqlite3.Connection, pool: Pool, now: float) -> Left:
    _tidy(connection, pool, now)
    limit = _limit(connection, pool)
    blocked = _blocked(connection, pool, now)
    left, next_at, full_at = None, None, None
    for count, seconds in limit.rates()[:1]:
        window = seconds + margin(seconds)
        select = "SELECT taken FROM slots WHERE pool = ? AND taken > ? ORDER BY taken"
        used = [row[0] for row in connection.execute(select, (pool.key, now - window))]
        left = max(0, count - len(used))
        if used:
            next_at, full_at = used[0] + window, used[-1] + window
    running = _running(connection, pool, now)
    return Left(pool, limit, left, running, next_at, full_at, blocked.until if blocked else None)


def _per(seconds: float) -> str:
    return {3600.0: "an hour", 60.0: "a minute", 1.0: "a second"}[seconds]
