"""Local workspaces: open events from files, tables or rows, and the shop that comes with mpnb.

Enters: a source of events. Leaves: a `Workspace` that needs no account and no network. The
surprise: what is read from files is kept as a store in the state folder, under a name made from
the files, their sizes and times, so that opening them again takes milliseconds.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from mpnb import shop
from mpnb.engine.duckdb import folder
from mpnb.engine.duckdb.arrays import FORMAT, FolderArrays
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.engine.duckdb.load import LoadError, LoadReport, load
from mpnb.engine.duckdb.load.assemble import assemble
from mpnb.engine.duckdb.settings import Settings
from mpnb.engine.duckdb.store import Store
from mpnb.entity.shelf import Shelf
from mpnb.errors import ParamValidationError
from mpnb.folders import home
from mpnb.shop.block import block
from mpnb.shop.block import profiles as shop_profiles
from mpnb.shop.events import log
from mpnb.shop.people import people
from mpnb.shop.visits import visits
from mpnb.workspace import Workspace

DEMO_NOW = "2025-06-30T23:59:59.999+00:00"
"""The demo's today never moves, so that what was written about it stays true."""


def local(
    source: Any,
    *,
    profiles: Any = None,
    timezone: str = "UTC",
    now: datetime | str | None = None,
    settings: Mapping[str, Any] | None = None,
    mapping: Mapping[str, str] | None = None,
    store: str | Path | None = None,
    strict: bool = False,
) -> Workspace:
    """Open a local workspace over events of your own.

    Args:
        source: Mixpanel raw exports (``.jsonl``, ``.jsonl.gz``), Parquet or CSV: a file, a folder,
            or several; or a data frame; or a list of export rows; or a store's folder.
        profiles: engage profiles: a file, a list of records, or a data frame with a column
            ``$distinct_id``.
        timezone: the project's zone (IANA name); dates and buckets are in it.
        now: the moment that counts as now, for "last N days"; by default the real one.
        settings: the project's settings: identity, week_start, saved cohorts and the like.
        mapping: for tables, which column is what:
            ``{"event": "action", "time": "at", "distinct_id": "user"}``.
        store: a folder to keep the store in, added to when it is there already; by default a folder
            of mpnb's own for files, and memory for tables and rows.
        strict: stop at the first line that is no event, instead of leaving such lines out.

    Returns:
        A workspace; `Workspace.loaded` says what was read, if anything was.

    Raises:
        LoadError: the source cannot be read, or holds nothing that is an event.
        ParamValidationError: the zone, the moment or a setting is none.
    """
    if source is None:
        raise LoadError("there is no source: give a path, rows or a data frame")
    _checked(timezone, now)
    paths = _paths(source)
    if store is None and len(paths) == 1 and folder.exists(paths[0]):
        return _opened(paths[0], None, timezone=None, now=now, settings=settings)
    kept = {"timezone": timezone, "settings": settings}
    place = Path(store) if store is not None else None
    if place is None and paths and (profiles is None or _paths(profiles)):
        place = home() / "stores" / _name(paths, profiles, mapping, {**kept, "strict": strict})
        if folder.exists(place):
            return _opened(place, None, now=now, **kept)
    report, arrays = load(
        source,
        place,
        profiles=profiles,
        timezone=timezone,
        settings=settings,
        mapping=mapping,
        strict=strict,
    )
    _tell(report)
    if place is not None:
        return _opened(place, report, now=now, **kept)
    held = Store(arrays, now=_moment(now, timezone), settings=Settings.of(settings))
    return _workspace(held, "local data", None, report)


def demo() -> Workspace:
    """The shop that comes with mpnb: half a year, 46,000 people, about a million events.

    Made at first use (some seconds), kept in the state folder, the same everywhere; its today is
    30 June 2025.
    """
    place = home() / "stores" / f"demo-{_shop_version()}"
    if not folder.exists(place):
        everybody = people()
        events = log(everybody, visits(everybody))
        about = shop_profiles(everybody, events)
        zone = ZoneInfo("UTC")
        with folder.locked(place), folder.writing(place) as target:
            written = assemble([block(events)], about, zone, Settings(), target)
            assert isinstance(written, FolderArrays)
            folder.switch(place, written)
    opened = Store.open(place, now=DEMO_NOW)
    return _workspace(opened, "demo shop", place, None)


def _shop_version() -> str:
    """Names the code that makes the shop, so that data of an older release is not used."""
    sources = sorted(Path(shop.__file__).parent.glob("*.py"))
    code = b"".join(path.read_bytes() for path in sources)
    return hashlib.sha256(b"%d:" % FORMAT + code).hexdigest()[:12]


def _opened(place: Path, report: LoadReport | None, **given: Any) -> Workspace:
    return _workspace(Store.open(place, **given), f"local store {place.name}", place, report)


def _workspace(
    store: Store, source: str, place: Path | None, report: LoadReport | None
) -> Workspace:
    engine = DuckEngine(store, source)
    shelf = Shelf(place / "reports.json" if place else None, lambda: engine.now().isoformat())
    return Workspace._local(engine, shelf, report)


def _paths(source: Any) -> list[Path]:
    """The paths of a source, if it is made of paths."""
    if isinstance(source, (str, Path)):
        return [Path(source).expanduser()]
    if isinstance(source, Sequence) and source and all(isinstance(s, (str, Path)) for s in source):
        return [Path(item).expanduser() for item in source]
    return []


def _name(
    paths: list[Path], profiles: Any, mapping: Mapping[str, str] | None, kept: Mapping[str, Any]
) -> str:
    """A store's name: the first file's, and a hash of all that decides what is in it."""
    files = [*paths, *_paths(profiles)]
    facts = [
        (str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns)
        for path in files
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.is_file()
    ]
    chosen = Settings.of(kept["settings"])
    decides = [FORMAT, facts, mapping, kept["timezone"], chosen.identity, chosen.time_storage]
    decides += ["strict"] if kept["strict"] else []
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]
    return f"{paths[0].name.partition('.')[0] or 'data'}-{digest}"


def _tell(report: LoadReport) -> None:
    """Warn about lines and files that were left out; nothing is lost silently."""
    if report.bad_lines or report.truncated or report.skipped:
        warnings.warn(str(report), stacklevel=3)


def _checked(timezone: str, now: datetime | str | None) -> None:
    """Refuse a zone or a moment that is none, before anything is read."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = difflib.get_close_matches(str(timezone), available_timezones(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ParamValidationError(
            f"there is no time zone {timezone!r}{hint} Give an IANA name, such as 'Europe/Rome'."
        ) from error
    try:
        _moment(now, timezone)
    except ValueError as error:
        raise ParamValidationError(
            f"now is {now!r}; give an ISO date and time, such as '2025-06-30T12:00'."
        ) from error


def _moment(now: datetime | str | None, timezone: str) -> datetime | None:
    if not isinstance(now, str):
        return now
    moment = datetime.fromisoformat(now)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
