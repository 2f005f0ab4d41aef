"""A load from start to end: read the sources, put them on top of the store, switch to the result.

Enters: what to load and where to. Leaves: a report, and the store's new arrays. The surprise: the
whole store is written anew each time; that is what keeps it sorted and free of duplicates.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from mpnb.engine.duckdb import folder
from mpnb.engine.duckdb.arrays import Arrays, FolderArrays, MemoryArrays
from mpnb.engine.duckdb.load import files, tables
from mpnb.engine.duckdb.load.ahead import FileRead, Readers
from mpnb.engine.duckdb.load.assemble import assemble
from mpnb.engine.duckdb.load.blocks import BlockBuilder
from mpnb.engine.duckdb.load.lines import COMPILED_FROM, parse_line
from mpnb.engine.duckdb.load.profiles import Profiles, profile_of
from mpnb.engine.duckdb.load.report import BadLine, LoadError, LoadReport
from mpnb.engine.duckdb.load.spool import Rows, Spool
from mpnb.engine.duckdb.load.stored import stored_block, stored_profiles
from mpnb.engine.duckdb.settings import Settings

Progress = Callable[[str, float], None]


@dataclass
class _Job:
    """What has been read so far."""

    mapping: Mapping[str, str] | None
    strict: bool
    tell: Progress
    report: LoadReport = field(default_factory=LoadReport)
    blocks: list[Rows] = field(default_factory=list)
    profiles: Profiles = field(default_factory=Profiles)
    order: int = 0
    compiled: bool = False
    keep_profiles: bool = True
    spool: Spool | None = None
    ready: Mapping[Path, FileRead] = field(default_factory=dict)

    def bad(self, file: str, line: int, reason: str) -> None:
        self.report.add_problem(file, line + 1, reason, strict=self.strict)

    def add(self, block: Rows) -> None:
        if len(block):
            self.blocks.append(block)
            self.report.lines += len(block)


def load(
    source: Any,
    dest: str | Path | None,
    *,
    profiles: Any = None,
    timezone: str | None = None,
    settings: Mapping[str, Any] | Settings | None = None,
    mapping: Mapping[str, str] | None = None,
    strict: bool = False,
    progress: Progress | None = None,
    keep: Literal["all", "events", "nothing"] = "all",
    ready: Mapping[Path, FileRead] | None = None,
) -> tuple[LoadReport, Arrays]:
    """Load events and profiles into a store; what it holds already stays, unless `keep` says less.

    Args:
        source: a file or folder, several of them, export rows, a table or data frame; or None.
        dest: the store's folder, made when it is not there; None keeps the result in memory.
        profiles: engage records: a file, a list, or an answer of the engage endpoint.
        timezone: the project's zone; None keeps the store's, for a new store UTC.
        settings: the project's settings; None keeps the store's.
        mapping: for tables: our names (event, time, distinct_id, …) to theirs.
        strict: stop at the first bad line.
        progress: told what is being done and the share of it that is done.
        keep: what stays of a store that is there: all, its events (profiles are replaced), or
            nothing (it is written anew, and takes over in one step).
        ready: files of the source that were read already.

    Returns:
        What was done, and the arrays of the store.

    Raises:
        LoadError: a source cannot be read, or holds no event at all; the store is unchanged.
    """
    started = time.monotonic()
    job = _Job(mapping, strict, progress or (lambda stage, share: None), ready=ready or {})
    if dest is None:
        arrays = _run(job, source, profiles, None, timezone, settings, MemoryArrays())
    else:
        place = Path(dest)
        with folder.locked(place), folder.writing(place) as target:
            stays = folder.exists(place) and keep != "nothing"
            old = folder.current(place) if stays else None
            job.keep_profiles = keep == "all"
            with contextlib.closing(Spool(place)) as job.spool:
                written = _run(job, source, profiles, old, timezone, settings, target)
            assert isinstance(written, FolderArrays)
            arrays = folder.switch(place, written)
    return _finish(job.report, arrays, started), arrays


def _run(
    job: _Job,
    source: Any,
    profiles: Any,
    old: Arrays | None,
    timezone: str | None,
    settings: Mapping[str, Any] | Settings | None,
    target: Any,
) -> Arrays:
    zone, chosen = timezone or "UTC", Settings.of(settings)
    if old is not None:
        zone = timezone or old.meta["timezone"]
        chosen = chosen if settings is not None else Settings.of(old.meta["settings"])
        block = stored_block(old, target.room)
        job.blocks.append(block)
        if job.keep_profiles:
            job.profiles.records += stored_profiles(old).records
        job.order = int(block.order.max()) + 1 if len(block) else 0
    _read(job, source)
    _read_profiles(job, profiles)
    if job.report.bad_lines and not job.report.lines and not job.report.profiles:
        first = job.report.problems[0]
        raise LoadError(f"nothing could be loaded, {first.file} is no export: {first}")
    return assemble(job.blocks, job.profiles, ZoneInfo(zone), chosen, target, job.tell)


def _finish(report: LoadReport, arrays: Arrays, started: float) -> LoadReport:
    meta = arrays.meta
    report.rows, report.users, report.version = meta["n_rows"], meta["n_users"], meta["version"]
    report.duplicates = meta["n_loaded"] - meta["n_rows"]
    report.seconds = time.monotonic() - started
    return report


def _read(job: _Job, source: Any) -> None:
    if source is None:
        return
    if isinstance(source, str | Path):
        _read_path(job, Path(source))
    elif tables.is_table(source):
        _read_batches(job, "the table", tables.frame_batches(source, job.mapping))
    elif isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise LoadError(f"cannot load {type(source).__name__}: give a path, rows or a data frame")
    else:
        items = list(source)
        if items and all(isinstance(item, str | Path) for item in items):
            paths = [Path(item) for item in items]
            left = [path for path in paths if path not in job.ready]
            job.compiled = _text_size(left) >= COMPILED_FROM
            for path in paths:
                _read_path(job, path)
        else:
            _read_rows(job, "the rows", items)


def _text_size(paths: list[Path]) -> int:
    return sum(files.text_size(files.sources(path)[0]) for path in paths)


def _read_path(job: _Job, path: Path) -> None:
    if path in job.ready:
        _take(job, path.name, job.ready[path])
        job.report.files.append(path.name)
        return
    found, skipped = files.sources(path)
    job.report.skipped += skipped
    job.compiled = job.compiled or files.text_size(found) >= COMPILED_FROM
    for number, source in enumerate(found):
        job.tell("read", number / len(found))
        try:
            _READERS[source.kind](job, source)
        except LoadError as error:
            if len(found) == 1 or job.strict or source.kind != "document":
                raise
            job.report.skipped.append(str(error))
            continue
        job.report.files.append(source.name)


def _read_lines(job: _Job, source: files.Source) -> None:
    readers = Readers(job.spool if job.compiled else None)
    try:
        reading = readers.begin(compiled=job.compiled)
        for data, _, lines in _stretches(job, source):
            reading.add(data, lines)
        _take(job, source.name, reading.end())
    finally:
        readers.close()


def _stretches(job: _Job, source: files.Source) -> Iterator[tuple[bytes, int, int]]:
    """Stretches of lines, with their first line's number and how many they are.

    A truncated end is reported.
    """
    line = 0
    try:
        for data in files.stretches(source.path):
            lines = data.count(b"\n")
            yield data, line, lines
            line += lines
    except files.Truncated as error:
        job.report.truncated.append(f"{source.name}, line {line + 1}: {error}")


def _take(job: _Job, name: str, read: FileRead) -> None:
    for number, reason in read.bad:
        job.bad(name, number, reason)
    for block in read.blocks:
        job.add(block.moved(job.order))
    job.order += read.lines


def _read_profile_lines(job: _Job, source: files.Source) -> None:
    for data, first, _ in _stretches(job, source):
        for line, text in enumerate(data.split(b"\n")[:-1], first):
            if text.strip():
                _read_profile(job, source.name, line, text)


def _read_profile(job: _Job, name: str, line: int, record: Any) -> None:
    """Take an engage record, or its text."""
    try:
        parsed = parse_line(record) if isinstance(record, bytes) else record
        job.profiles.records.append(profile_of(parsed))
        job.report.profiles += 1
    except BadLine as error:
        job.bad(name, line, error.message)


def _read_document(job: _Job, source: files.Source) -> None:
    events, profiles = files.document(source.path)
    _read_rows(job, source.name, events)
    for number, record in enumerate(profiles):
        _read_profile(job, source.name, number, record)


def _read_rows(job: _Job, name: str, rows: list[Any]) -> None:
    builder = BlockBuilder()
    for number, row in enumerate(rows):
        try:
            if not isinstance(row, Mapping):
                raise BadLine("not an object")
            builder.add(row.get("event"), row.get("properties"), job.order)
        except BadLine as error:
            job.bad(name, number, error.message)
        job.order += 1
    job.add(builder.build())


def _read_csv(job: _Job, source: files.Source) -> None:
    ragged: list[int] = []  # rows that are in no batch, but count as lines

    def bad(line: int, reason: str) -> None:
        ragged.append(line)
        job.bad(source.name, line, reason)

    def line_of(row: int) -> int:
        line = row + 1  # the header is the first line
        for skipped in sorted(ragged):
            line += skipped <= line
        return line

    batches = tables.csv_batches(source.path, job.mapping, bad)
    _read_batches(job, source.name, batches, line_of=line_of, typed=False)


def _read_parquet(job: _Job, source: files.Source) -> None:
    _read_batches(job, source.name, tables.parquet_batches(source.path, job.mapping))


def _read_batches(
    job: _Job,
    name: str,
    batches: Iterator[dict[str, Any]],
    *,
    line_of: Callable[[int], int] = lambda row: row,
    typed: bool = True,
) -> None:
    first = 0
    for columns in batches:

        def bad(row: int, reason: str, first: int = first) -> None:
            job.bad(name, line_of(first + row), reason)

        block, length = tables.block_of(columns, job.order, bad, typed=typed)
        job.add(block)
        job.order += length
        first += length


def _read_profiles(job: _Job, profiles: Any) -> None:
    if profiles is None:
        return
    if isinstance(profiles, str | Path):
        _read_profile_path(job, Path(profiles))
        return
    if tables.is_table(profiles):
        profiles = tables.profile_records(profiles)
    if isinstance(profiles, Mapping):
        profiles = profiles.get("results", [profiles])
    items = list(profiles)
    if items and all(isinstance(item, str | Path) for item in items):
        for item in items:
            _read_profile_path(job, Path(item))
        return
    for number, record in enumerate(items):
        _read_profile(job, "the profiles", number, record)


def _read_profile_path(job: _Job, path: Path) -> None:
    found, _ = files.sources(path)
    for source in found:
        if source.kind == "document":
            _read_document(job, source)
        else:
            _read_profile_lines(job, source)
        job.report.files.append(source.name)


_READERS: dict[files.Kind, Callable[[_Job, files.Source], None]] = {
    "lines": _read_lines,
    "profile lines": _read_profile_lines,
    "document": _read_document,
    "csv": _read_csv,
    "parquet": _read_parquet,
}
