"""The local copy of a project: its folder, which days it has, and the store made from them.

Enters: whose project. Leaves: days as files, and a store. The surprise: the store is always made
from the files; a note beside it says from which, and when note and store disagree, because
something stopped in between, the store is made anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from mpnb.engine.duckdb import folder
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.engine.duckdb.load import LoadReport, load
from mpnb.engine.duckdb.load.ahead import FileRead
from mpnb.engine.duckdb.store import Store
from mpnb.engine.either import EitherEngine
from mpnb.engine.mixpanel.engine import MixpanelEngine
from mpnb.engine.mixpanel.regions import base_url
from mpnb.engine.mixpanel.segments import Segment, segments
from mpnb.engine.mixpanel.transport import Scope
from mpnb.errors import ConfigError, MixpanelHeadlessError
from mpnb.folders import home

Loading = Callable[[str, float], None]
_PROFILES = re.compile(r"profiles\.(\d+)\.(\d+)\.jsonl\.gz")


class PullError(MixpanelHeadlessError):
    """The local copy could not be filled; what was there before is still there."""

    default_code = "PULL_FAILED"


@dataclass(frozen=True)
class Note:
    """From which files the store was made, and which version of it."""

    version: str = ""
    days: tuple[str, ...] = ()
    profiles: str = ""
    timezone: str = ""


@dataclass(frozen=True)
class Copy:
    """The folder of a project's local copy.

    Attributes:
        place: the folder.
        project_id: whose data.
    """

    place: Path
    project_id: str
    days: Path = field(init=False)
    store: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", self.place / "days")
        object.__setattr__(self, "store", self.place / "store")

    @classmethod
    def of(cls, scope: Scope) -> Copy:
        """The copy of a project; another server, such as a test server, has another one."""
        parts = urlsplit(base_url("export", scope.region))
        host = re.sub(r"[^A-Za-z0-9.]+", "-", parts.netloc)
        return cls(home() / "projects" / f"{host}-{scope.project_id}", scope.project_id)

    def segments(self) -> dict[date, Segment]:
        """The days that were fetched whole."""
        return segments(self.days) if self.days.is_dir() else {}

    def profiles(self) -> Path | None:
        """The file of the profiles that were fetched last."""
        found = [path for path in self.place.glob("profiles.*") if _PROFILES.fullmatch(path.name)]
        return max(found, key=lambda path: int(path.name.split(".")[1]), default=None)

    def note(self) -> Note:
        """From which files the store was made; nothing when it is not known."""
        try:
            kept = json.loads((self.place / "loaded.json").read_bytes())
        except (OSError, ValueError):
            return Note()
        return Note(kept["version"], tuple(kept["days"]), kept["profiles"], kept["timezone"])

    def _write_note(self, note: Note) -> None:
        part = self.place / "loaded.part"
        part.write_text(json.dumps(vars(note), indent=1) + "\n")
        os.replace(part, self.place / "loaded.json")

    def fill(
        self,
        timezone: str,
        settings: dict[str, Any] | None,
        tell: Loading,
        ready: Mapping[Path, FileRead] | None = None,
    ) -> LoadReport | None:
        """Make the store hold what the files hold; None when it does already.

        Args:
            timezone: the project's zone.
            settings: the project's settings.
            tell: told how far it is.
            ready: files that were read while they came.

        Raises:
            PullError: the files hold other lines than when they were fetched.
        """
        files = {segment.path.name: segment for segment in self.segments().values()}
        note, profiles = self._trusted(timezone), self.profiles()
        named = profiles.name if profiles else ""
        kept = set(note.days) <= set(files) and bool(note.version)
        new = [files[name] for name in files if not kept or name not in note.days]
        if kept and not new and note.profiles == named and settings is None:
            return None
        report, arrays = load(
            [segment.path for segment in new] or None,
            self.store,
            profiles=profiles if not kept or note.profiles != named else None,
            timezone=timezone,
            settings=settings,
            progress=tell,
            ready=ready,
            keep="nothing" if not kept else "all" if note.profiles == named else "events",
        )
        self._check(report, new)
        self._write_note(Note(arrays.meta["version"], tuple(files), named, timezone))
        return report

    def _trusted(self, timezone: str) -> Note:
        """The note, when the store is still the one that it speaks of."""
        note = self.note()
        if not folder.exists(self.store) or note.timezone != timezone:
            return Note()
        version = folder.current(self.store).meta["version"]
        return note if note.version == version else Note()

    def _check(self, report: LoadReport, loaded: list[Segment]) -> None:
        expected = sum(segment.lines for segment in loaded)
        if report.truncated or report.lines + report.bad_lines != expected:
            (self.place / "loaded.json").unlink(missing_ok=True)
            raise PullError(
                f"The files of the local copy hold {report.lines + report.bad_lines:,} lines, "
                f"{expected:,} were fetched: they were damaged since. ws.pull(…, refresh=True) "
                "fetches them again."
            )

    def open(self) -> DuckEngine:
        """The engine over the store.

        Raises:
            ConfigError: nothing was pulled yet.
        """
        if not folder.exists(self.store):
            raise ConfigError(
                f"Project {self.project_id} has no local copy yet: "
                "ws.pull('2025-01-01', '2025-01-31') or %mp pull makes one."
            )
        note = self.note()
        last = note.days[-1].partition(".")[0][-10:] if note.days else "nothing"
        source = f"local copy of project {self.project_id} (pulled to {last})"
        return DuckEngine(Store.open(self.store), source)

    def either(self, remote: MixpanelEngine, mode: Literal["local", "auto"]) -> EitherEngine:
        """This copy and Mixpanel as one engine.

        Raises:
            ConfigError: only the copy may answer, and nothing was pulled yet.
        """
        there = mode == "local" or folder.exists(self.store)
        local = self.open() if there else None

        def covers(first: date, last: date) -> bool:
            # A pinned data view shows a part of the project; the copy has all of it.
            return remote.scope.workspace_id is None and self.covers(first, last)

        return EitherEngine(local, remote, mode, covers)

    def covers(self, first: date, last: date) -> bool:
        """Whether the store has all of the project's days from `first` to `last`.

        The days of an export may be cut in UTC or in the project's zone, so that outside of UTC
        the days around are needed too.
        """
        note = self.note()
        loaded = set(note.days)
        around = timedelta(days=0 if note.timezone == "UTC" else 1)
        have = {day for day, s in self.segments().items() if s.closed and s.path.name in loaded}
        count = (last - first + 2 * around).days + 1
        return all(first - around + timedelta(days=n) in have for n in range(count))
