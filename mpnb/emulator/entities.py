"""The embedded entity store: dashboards, reports, cohorts and the like, as rows of JSON.

Enters: rows to make, change, take away. Leaves: rows. The surprise: ids count up across all
collections and are never used again; the file, if there is one, is replaced whole at each change.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mpnb.errors import ConfigError

Row = dict[str, Any]
FIRST_ID = 1001


class Entities:
    """Rows by collection.

    Args:
        path: a JSON file that they stay in; None keeps them for the emulator's life.
        clock: gives the moment that is written beside a row, ISO format.
    """

    def __init__(self, path: Path | None, clock: Callable[[], str]) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.RLock()
        self._state: dict[str, Any] = {"next_id": FIRST_ID, "rows": {}, "values": {}, "history": {}}
        if path is not None and path.exists():
            self._state = _read(path)

    def rows(self, collection: str) -> list[Row]:
        """The rows of a collection in the order in which they were made."""
        with self._lock:
            return [dict(row) for row in self._table(collection).values()]

    def find(self, collection: str, key: str) -> Row | None:
        """A row by its key."""
        with self._lock:
            row = self._table(collection).get(key)
            return None if row is None else dict(row)

    def new_id(self) -> int:
        """An id that no row has or had."""
        with self._lock:
            number: int = self._state["next_id"]
            self._state["next_id"] = number + 1
            return number

    def new_uuid(self) -> str:
        """An id of the other kind; the same one in the same order of calls."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mpnb:{self.new_id()}"))

    def put(self, collection: str, key: str, row: Mapping[str, Any], what: str) -> Row:
        """Keep a row, and that it was created, updated and so on."""
        with self._lock:
            now = self._clock()
            made = {"created": now, **row, "modified": now}
            self._table(collection)[key] = made
            self._note(collection, key, what, now)
            self._write()
            return dict(made)

    def delete(self, collection: str, key: str) -> bool:
        """Take a row away; False when there was none."""
        with self._lock:
            found = self._table(collection).pop(key, None) is not None
            if found:
                self._note(collection, key, "deleted", self._clock())
                self._write()
            return found

    def history(self, collection: str, key: str) -> list[Row]:
        """What happened to a row, oldest first."""
        with self._lock:
            return list(self._state["history"].get(f"{collection}/{key}", ()))

    def value(self, name: str, default: Any = None) -> Any:
        """A single thing that is kept by name."""
        with self._lock:
            return self._state["values"].get(name, default)

    def set_value(self, name: str, value: Any) -> None:
        """Keep a single thing; None forgets it."""
        with self._lock:
            self._state["values"][name] = value
            self._write()

    def _table(self, collection: str) -> dict[str, Row]:
        table: dict[str, Row] = self._state["rows"].setdefault(collection, {})
        return table

    def _note(self, collection: str, key: str, what: str, now: str) -> None:
        entry = {"action": what, "created": now, "user": {"id": 1, "name": "Emulator"}}
        self._state["history"].setdefault(f"{collection}/{key}", []).append(entry)

    def _write(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self._state, ensure_ascii=False, indent=1)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=self._path.parent, prefix=self._path.name, delete=False
        ) as file:
            file.write(text)
        os.replace(file.name, self._path)


def _read(path: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(path.read_text("utf-8"))
        lacking = {"next_id", "rows", "values", "history"} - state.keys()
        if lacking:
            raise KeyError(", ".join(sorted(lacking)))
    except (ValueError, KeyError, TypeError) as problem:
        raise ConfigError(
            f"The emulator's state, {path.name}, cannot be read ({problem}). Repair it, or move it "
            "away to start with nothing."
        ) from None
    return state
