"""The one project of an emulator: its events, who may ask, and what was sent but is not stored yet.

Enters: a local store, events and profile changes. Leaves: an engine that answers. The surprise:
what is imported waits until the next question, because a store is written anew with each addition;
a store that is not the emulator's own is copied before the first.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mpnb.emulator.entities import Row
from mpnb.emulator.saved_parts import SavedParts, computable
from mpnb.emulator.updates import Change, changed
from mpnb.engine.duckdb import folder
from mpnb.engine.duckdb.arrays import Arrays, FolderArrays, MemoryArrays
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.engine.duckdb.load.assemble import assemble
from mpnb.engine.duckdb.load.blocks import BlockBuilder
from mpnb.engine.duckdb.load.spool import Rows
from mpnb.engine.duckdb.load.stored import stored_block, stored_profiles
from mpnb.engine.duckdb.settings import Settings
from mpnb.engine.duckdb.store import Store

Event = tuple[str, dict[str, Any]]
"""Name and properties."""


@dataclass(frozen=True)
class Identity:
    """What the emulated project is called."""

    project_id: int = 12345
    workspace_id: int = 777
    organization_id: int = 9
    name: str = "Emulated project"


@dataclass
class _Pending:
    events: list[Event] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.events or self.changes)


class Project:
    """Events, profiles, and the engine over them.

    Args:
        engine: answers from the data that the emulator starts with.
        place: a store's folder that may be added to; None keeps additions for the emulator's life.
        identity: ids and name of the project.
    """

    def __init__(
        self, engine: DuckEngine, place: Path | None = None, identity: Identity | None = None
    ) -> None:
        self.identity = identity or Identity()
        self._engine = engine
        self._place = place
        self._pending = _Pending()
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.RLock()
        self._settings = engine.store.settings
        """The data's own; the engine's have the saved parts beside them."""
        self._saved: SavedParts | None = None
        self._seen: list[list[Row]] = []

    def know(self, saved: SavedParts) -> None:
        """Let questions name what is saved from now on."""
        self._saved = saved

    @contextmanager
    def engine(self) -> Iterator[DuckEngine]:
        """The engine, for one caller at a time, over all that was sent so far.

        The compiled kernels use all cores for one question; two at once would only wait on them.
        """
        with self._lock:
            self._store_pending()
            self._look_at_saved()
            yield self._engine

    def store(self) -> Store:
        """The events and profiles as they are now; they do not change while they are read."""
        with self.engine() as engine:
            return engine.store

    def now(self) -> datetime:
        """The project's clock."""
        return self._engine.now()

    def latest(self) -> float:
        """The last second that an event may have: an hour from now, by whichever clock is later."""
        return max(self.now(), datetime.now(UTC)).timestamp() + 3600

    def add_events(self, events: list[Event]) -> None:
        """Take events; they are there at the next question."""
        with self._lock:
            self._pending.events += events

    def change_profiles(self, changes: list[Change]) -> None:
        """Take changes of profiles; they are there at the next question."""
        with self._lock:
            self._pending.changes += changes

    def close(self) -> None:
        """Store what waits, where it stays; take away what was only for the emulator."""
        with self._lock:
            if self._place is not None and self._own is None:
                self._store_pending()
            if self._own is not None:
                self._own.cleanup()

    def _store_pending(self) -> None:
        if not self._pending:
            return
        pending, self._pending = self._pending, _Pending()
        self._open(self._written(self._engine.store, pending), self._settings)
        self._seen = []

    def _look_at_saved(self) -> None:
        """Open the same data with other settings when something was saved or changed."""
        rows = self._saved.rows() if self._saved else []
        if self._saved is None or rows == self._seen or not any(rows + self._seen):
            return
        arrays, settings = self._engine.store.arrays, self._saved.over(self._settings)
        self._open(arrays, settings)
        good = computable(self._engine.store, settings)
        if good is not settings:
            self._open(arrays, good)
        self._seen = rows

    def _open(self, arrays: Arrays, settings: Settings) -> None:
        old = self._engine.store
        store = Store(arrays, now=old.now if _is_pinned(old) else None, settings=settings)
        self._engine = DuckEngine(store, self._engine.source)

    def _written(self, old: Store, pending: _Pending) -> Arrays:
        if isinstance(old.arrays, MemoryArrays):
            return _assembled(old, pending, MemoryArrays(), self._settings)
        if self._place is None:
            self._own = tempfile.TemporaryDirectory(prefix="mpnb-emulator-")
            self._place = Path(self._own.name)
            _copy(old.arrays, self._place)
        with folder.locked(self._place), folder.writing(self._place) as target:
            written = _assembled(old, pending, target, self._settings)
            assert isinstance(written, FolderArrays)
            return folder.switch(self._place, written)


def _copy(arrays: Arrays, place: Path) -> None:
    """A store's current version, copied to where it may be added to."""
    assert isinstance(arrays, FolderArrays)
    shutil.copytree(arrays.folder, place / arrays.folder.name)
    (place / "current").write_text(arrays.folder.name + "\n")


def _assembled(old: Store, pending: _Pending, target: Any, settings: Settings) -> Arrays:
    block = stored_block(old.arrays, target.room)
    builder = BlockBuilder()
    first = int(block.order.max()) + 1 if len(block) else 0
    for order, (name, properties) in enumerate(pending.events, first):
        builder.add(name, properties, order)
    profiles = changed(stored_profiles(old.arrays), pending.changes)
    blocks: list[Rows] = [block, builder.build()]
    return assemble(blocks, profiles, old.timezone, old.settings, target)


def _is_pinned(store: Store) -> bool:
    """Whether a store's clock stands still: it is not the time at which it was opened."""
    return abs((datetime.now(store.now.tzinfo) - store.now).total_seconds()) > 86_400
