"""Where a local workspace keeps its reports: one JSON file that several processes may share.

Enters: reports to keep. Leaves: reports by id. The surprise: ids count up and are never used
again, so that a link to a deleted report cannot show another one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from mpnb.entity.bookmark import (
    Bookmark,
    BulkUpdateBookmarkEntry,
    CreateBookmarkParams,
    UpdateBookmarkParams,
)
from mpnb.errors import ConfigError, QueryError

T = TypeVar("T")
State = dict[str, Any]


class Shelf:
    """The reports of a local workspace.

    Args:
        path: the file they stand in; None keeps them in memory only.
        clock: gives the time that is written beside a report, ISO format.
    """

    def __init__(self, path: Path | None, clock: Callable[[], str]) -> None:
        self._path = path
        self._clock = clock
        self._memory = _empty()

    def all(self) -> list[Bookmark]:
        """Every report, oldest first."""
        reports = self._read()["reports"]
        return [_bookmark(reports[key]) for key in sorted(reports, key=int)]

    def get(self, report_id: int) -> Bookmark:
        """One report.

        Raises:
            QueryError: there is no report with that id.
        """
        return _bookmark(self._entry(self._read(), report_id))

    def keep(
        self,
        name: str,
        bookmark_type: str,
        params: dict[str, Any],
        *,
        description: str | None = None,
        replace: bool = True,
        limit: int | None = 1,
    ) -> Bookmark:
        """Keep params under a name; with `replace`, in place of the report that has them.

        `limit` is how many profiles a users report lists, which its params do not say.
        """
        same = [r for r in self.all() if r.name == name and r.bookmark_type == bookmark_type]
        if same and replace:
            change = UpdateBookmarkParams(params=params, description=description)
            return self._limited(self.update(same[-1].id, change).id, limit)
        new = {"name": name, "type": bookmark_type, "params": params, "description": description}
        return self._limited(self.create(CreateBookmarkParams.model_validate(new)).id, limit)

    def _limited(self, report_id: int, limit: int | None) -> Bookmark:
        def put(state: State) -> Bookmark:
            entry = self._entry(state, report_id)
            if entry["type"] == "users":
                entry["limit"] = limit
            return _bookmark(entry)

        return self._change(put)

    def create(self, params: CreateBookmarkParams) -> Bookmark:
        """Keep a new report and give it an id."""

        def add(state: State) -> Bookmark:
            now, number = self._clock(), state["next_id"]
            body = params.model_dump(by_alias=True, exclude_none=True)
            state["reports"][str(number)] = {"id": number, "created": now, "modified": now, **body}
            state["next_id"] = number + 1
            return _bookmark(state["reports"][str(number)])

        return self._change(add)

    def update(
        self, report_id: int, params: UpdateBookmarkParams | BulkUpdateBookmarkEntry
    ) -> Bookmark:
        """Change the parts of a report that are given."""

        def change(state: State) -> Bookmark:
            entry = self._entry(state, report_id)
            entry.update(params.model_dump(exclude_none=True), modified=self._clock())
            return _bookmark(entry)

        return self._change(change)

    def delete(self, report_id: int) -> None:
        """Take a report off the shelf for good."""

        def remove(state: State) -> None:
            self._entry(state, report_id)
            del state["reports"][str(report_id)]

        self._change(remove)

    def _entry(self, state: State, report_id: int) -> dict[str, Any]:
        entry: dict[str, Any] | None = state["reports"].get(str(report_id))
        if entry is None:
            known = ", ".join(sorted(state["reports"], key=int)) or "none yet"
            raise QueryError(f"There is no report {report_id} here. Reports: {known}.")
        return entry

    def _read(self) -> State:
        if self._path is None:
            return self._memory
        if not self._path.exists():
            return _empty()
        try:
            state: State = json.loads(self._path.read_text("utf-8"))
            if not {"reports", "next_id"} <= state.keys():
                raise KeyError("reports or next_id")
        except (ValueError, KeyError, TypeError) as problem:
            raise ConfigError(
                f"The file of local reports, {self._path.name}, cannot be read ({problem}). "
                "Repair it, or move it away to start with no reports."
            ) from None
        return state

    def _change(self, change: Callable[[State], T]) -> T:
        """Read, change and write as one step, for all processes on the machine."""
        lock = FileLock(f"{self._path}.lock") if self._path else nullcontext()
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            state = self._read()
            answer = change(state)
            if self._path:
                _write(self._path, state)
        return answer


def _empty() -> State:
    return {"next_id": 1, "reports": {}}


def _bookmark(entry: dict[str, Any]) -> Bookmark:
    return Bookmark.model_validate(entry)


def _write(path: Path, state: State) -> None:
    """Replace the file in one step; a process killed half-way leaves the old one."""
    text = json.dumps(state, ensure_ascii=False, indent=1, sort_keys=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)
