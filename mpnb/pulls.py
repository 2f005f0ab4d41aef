"""Pulling a project: the days that are missing, the profiles, then the store made from them.

Enters: days. Leaves: a `PullReport`, and a local copy that answers questions. The surprise: a day
that is there whole is not asked for again, unless it was not over yet when it was asked for; so a
pull that was stopped goes on where it was, and pulling every morning costs two days.
"""

from __future__ import annotations

import gzip
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson
from filelock import FileLock, Timeout

from mpnb.engine.duckdb.load import LoadReport
from mpnb.engine.duckdb.load.ahead import FileRead, FileReader, Readers
from mpnb.engine.duckdb.load.lines import COMPILED_FROM
from mpnb.engine.duckdb.load.spool import Spool
from mpnb.engine.mixpanel.engine import MixpanelEngine
from mpnb.engine.mixpanel.export import worth_repeating
from mpnb.engine.mixpanel.segments import PART, Segment, fetch, tidy
from mpnb.engine.mixpanel.spans import Span, spans
from mpnb.engine.mixpanel.transport import Call
from mpnb.errors import ConfigError, MixpanelHeadlessError
from mpnb.pulled import Copy, PullError

WORKERS = 5


@dataclass(frozen=True)
class PullProgress:
    """How far a pull is.

    Attributes:
        stage: what is being done.
        day: the day that is being fetched.
        days: how many days are done.
        of_days: how many there are to fetch.
        events: events that were fetched.
        bytes: bytes of text that were fetched, unpacked.
        share: of the loading, the share that is done, 0 to 1.
    """

    stage: Literal["days", "profiles", "load", "done"]
    day: date | None = None
    days: int = 0
    of_days: int = 0
    events: int = 0
    bytes: int = 0
    share: float = 0.0

    def __str__(self) -> str:
        if self.stage == "days":
            size = f"{self.events:,} events, {self.bytes / 1e6:,.0f} MB"
            return f"{self.day} ({self.days + 1} of {self.of_days} days): {size}"
        if self.stage == "profiles":
            return f"profiles: {self.events:,}"
        return f"loading: {self.share:.0%}" if self.stage == "load" else f"{self.events:,} events"


Tell = Callable[[PullProgress], None]


@dataclass
class PullReport:
    """What a pull did.

    Attributes:
        from_date: first day that was asked for.
        to_date: last day, not after today.
        fetched: days that were fetched now.
        kept: how many days were there already.
        events: events that were fetched now.
        profiles: profiles that were fetched now; None when they were not asked for.
        loaded: what the load did; None when the store held all of it.
        place: the folder of the local copy.
        seconds: how long it took.
    """

    from_date: str
    to_date: str
    place: Path
    fetched: list[str] = field(default_factory=list)
    kept: int = 0
    events: int = 0
    profiles: int | None = None
    loaded: LoadReport | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        known = f", {self.kept} were there" if self.kept else ""
        people = "" if self.profiles is None else f", {self.profiles:,} profiles"
        text = (
            f"{self.from_date} to {self.to_date}: {len(self.fetched)} days fetched{known}, "
            f"{self.events:,} events{people}, {self.seconds:,.1f} s"
        )
        return text if self.loaded is None else f"{text}\n{self.loaded}"


def pull(
    engine: MixpanelEngine,
    from_date: str,
    to_date: str,
    *,
    timezone: str | None,
    profiles: bool,
    refresh: bool,
    settings: dict[str, Any] | None,
    progress: Tell | bool | None,
) -> PullReport:
    """Fill the local copy of a project; see `Workspace.pull`."""
    started = time.monotonic()
    copy = Copy.of(engine.scope)
    copy.days.mkdir(parents=True, exist_ok=True)
    tell = progress if callable(progress) else _line(progress)
    with _only(copy):
        zone = timezone or _timezone(engine, copy)
        last = min(date.fromisoformat(to_date), _today(zone))
        report = PullReport(from_date, last.isoformat(), copy.place)
        wanted = list(_days(date.fromisoformat(from_date), last))
        if not wanted:
            raise ConfigError(f"{from_date} is in the future: there is nothing to pull yet.")
        with closing(_Ahead(copy)) as read:
            try:
                tidy(copy.days)
                _fetch(engine, copy, wanted, refresh, report, tell, read)
                if profiles:
                    report.profiles = _profiles(engine, copy, tell)
            except MixpanelHeadlessError:
                _fill(copy, zone, settings, tell, read)  # the days that were fetched are not lost
                raise
            except OSError as problem:
                raise _disk(copy, problem) from problem
            report.loaded = _fill(copy, zone, settings, tell, read)
        tidy(copy.days)
    report.seconds = time.monotonic() - started
    tell(PullProgress("done", events=report.events))
    return report


class _Ahead:
    """Reads days while they come, from where reading by compiled code is worth its start."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._readers: Readers | None = None
        self._spool: Spool | None = None
        self.ready: dict[Path, FileRead] = {}

    def begin(self, size: int) -> FileReader | None:
        """A reader for the next answer, when `size` bytes of text came before it."""
        if size < COMPILED_FROM:
            return None
        if self._readers is None:
            self._spool = Spool(self._copy.place)
            self._readers = Readers(self._spool)
        return self._readers.begin(compiled=True)

    def take(self, segment: Segment, reader: FileReader | None) -> None:
        """Keep what was read of a segment that is whole."""
        if reader is not None:
            self.ready[segment.path] = reader.end()

    def close(self) -> None:
        """Forget everything."""
        if self._readers is not None:
            self._readers.close()
        if self._spool is not None:
            self._spool.close()


def _fill(
    copy: Copy, zone: str, settings: dict[str, Any] | None, tell: Tell, read: _Ahead
) -> LoadReport | None:
    def told(_: str, share: float) -> None:
        tell(PullProgress("load", share=share))

    try:
        return copy.fill(zone, settings, told, read.ready)
    except OSError as problem:
        raise _disk(copy, problem) from problem


def _disk(copy: Copy, problem: OSError) -> PullError:
    return PullError(
        f"The local copy cannot be written: {problem.strerror or problem}. Make room in "
        f"{copy.place} (MPNB_HOME says where it is) and pull again: finished days are kept.",
        details={"error": str(problem)},
    )


def _only(copy: Copy) -> Any:
    """Hold the copy for this process.

    Raises:
        PullError: another one is pulling the same project.
    """
    lock = FileLock(copy.place / "lock")
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        raise PullError(
            f"Another process pulls project {copy.project_id} right now; wait until it is done."
        ) from None


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def _today(zone: str) -> date:
    """The last day that an export takes, whether its days are cut in UTC or in the zone."""
    now = datetime.now(UTC)
    return min(now.date(), now.astimezone(ZoneInfo(zone)).date())


def _timezone(engine: MixpanelEngine, copy: Copy) -> str:
    """The project's zone, from the session, the copy, or Mixpanel.

    Raises:
        ConfigError: none of them knows.
    """
    known = getattr(getattr(engine.scope, "project", None), "timezone", None)
    found = known or copy.note().timezone
    if found:
        return str(found)
    try:
        answer = engine.transport.send(Call("GET", "app", "/me"))
    except MixpanelHeadlessError:
        answer = {}
    results = answer.get("results", answer) if isinstance(answer, Mapping) else {}
    projects = results.get("projects") or {}
    found = (projects.get(engine.scope.project_id) or {}).get("timezone")
    if not found:
        raise ConfigError(
            f"The timezone of project {engine.scope.project_id} is not known, and days and hours "
            "depend on it: ws.pull(…, timezone='Europe/Rome'). Mixpanel shows it in the project's "
            "settings."
        )
    return str(found)


def _fetch(
    engine: MixpanelEngine,
    copy: Copy,
    wanted: list[date],
    refresh: bool,
    report: PullReport,
    tell: Tell,
    read: _Ahead,
) -> None:
    have = copy.segments()
    missing = [day for day in wanted if refresh or day not in have or not have[day].closed]
    report.kept = len(wanted) - len(missing)
    left = engine.budget.left("export") if engine.budget is not None else None
    there = {day: segment.span for day, segment in have.items()}
    todo = deque(spans(missing, there, left, time.time_ns() // 1_000_000))
    told = _Told(tell, sum(map(len, todo)))
    while todo:
        span = todo.popleft()
        told.begin(span)
        try:
            segment, reader = fetch(
                engine.transport,
                engine.scope.project_id,
                span,
                copy.days,
                told,
                lambda: read.begin(told.size),
            )
        except MixpanelHeadlessError as problem:
            if len(span) == 1 or not worth_repeating(problem):
                raise
            todo.extendleft(reversed(span.halves()))  # fewer days at a time may come through
            continue
        told.done(span)
        read.take(segment, reader)
        report.fetched += [day.isoformat() for day in span.days()]
        report.events += segment.lines


class _Told:
    """Adds up what the days before had, for the progress of those that are fetched."""

    def __init__(self, tell: Tell, of_days: int) -> None:
        self._tell = tell
        self._of = of_days
        self._days = 0
        self._day = date.min
        self._before = (0, 0)
        self._now = (0, 0)

    def begin(self, span: Span) -> None:
        """The next days begin."""
        self._day, self._now = span.first, (0, 0)

    def done(self, span: Span) -> None:
        """The days are there."""
        self._days += len(span)
        self._before = (self._before[0] + self._now[0], self._before[1] + self._now[1])

    @property
    def size(self) -> int:
        """Bytes of text that came before the days that are fetched now."""
        return self._before[1]

    def __call__(self, lines: int, size: int) -> None:
        self._now = (lines, size)
        events, total = self._before[0] + lines, self._before[1] + size
        self._tell(PullProgress("days", self._day, self._days, self._of, events, total))


def _profiles(engine: MixpanelEngine, copy: Copy, tell: Tell) -> int:
    """Fetch all profiles into one file, which replaces the one before when it is whole."""
    asked_ms = time.time_ns() // 1_000_000
    for left in copy.place.glob(f"{PART}*"):
        left.unlink()
    part, count = copy.place / f"{PART}profiles", 0
    before = copy.profiles()
    records = engine.call("stream_profiles", {"parallel": True, "workers": WORKERS})
    try:
        with gzip.open(part, "wb", compresslevel=1) as file:
            for record in records:
                file.write(orjson.dumps(record) + b"\n")
                count += 1
                if count % 1000 == 0:
                    tell(PullProgress("profiles", events=count))
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(part, copy.place / f"profiles.{asked_ms}.{count}.jsonl.gz")
    finally:
        part.unlink(missing_ok=True)
    if before is not None:
        before.unlink(missing_ok=True)
    return count


def _line(wanted: bool | None) -> Tell:
    """One line that is written over, in a terminal or a notebook; else nothing."""
    shown = sys.stderr.isatty() or "ipykernel" in sys.modules if wanted is None else wanted
    if not shown:
        return lambda told: None
    last = [0.0]

    def tell(told: PullProgress) -> None:
        now = time.monotonic()
        if told.stage == "done":
            print(f"\r{'':78}\r", end="", file=sys.stderr, flush=True)
        elif now - last[0] > 0.1:
            last[0] = now
            print(f"\r{str(told)[:78]:78}", end="", file=sys.stderr, flush=True)

    return tell
