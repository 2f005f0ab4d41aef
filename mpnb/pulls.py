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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson
from filelock import FileLock, Timeout

from mpnb.engine.duckdb.load import LoadReport
from mpnb.engine.mixpanel.engine import MixpanelEngine
from mpnb.engine.mixpanel.segments import PART, fetch, tidy
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
        try:
            tidy(copy.days)
            _fetch(engine, copy, wanted, refresh, report, tell)
            if profiles:
                report.profiles = _profiles(engine, copy, tell)
        except MixpanelHeadlessError:
            _fill(copy, zone, settings, tell)  # the days that were fetched are not lost
            raise
        except OSError as problem:
            raise _disk(copy, problem) from problem
        report.loaded = _fill(copy, zone, settings, tell)
        tidy(copy.days)
    report.seconds = time.monotonic() - started
    tell(PullProgress("done", events=report.events))
    return report


def _fill(copy: Copy, zone: str, settings: dict[str, Any] | None, tell: Tell) -> LoadReport | None:
    try:
        return copy.fill(zone, settings, lambda _, share: tell(PullProgress("load", share=share)))
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
) -> None:
    have = copy.segments()
    missing = [day for day in wanted if refresh or day not in have or not have[day].closed]
    report.kept = len(wanted) - len(missing)
    told = _Told(tell, len(missing))
    for day in missing:
        told.begin(day)
        segment = fetch(engine.transport, engine.scope.project_id, day, copy.days, told)
        report.fetched.append(day.isoformat())
        report.events += segment.lines


class _Told:
    """Adds up what the days before had, for the progress of the one that is fetched."""

    def __init__(self, tell: Tell, of_days: int) -> None:
        self._tell = tell
        self._of = of_days
        self._days = -1
        self._day = date.min
        self._before = (0, 0)
        self._now = (0, 0)

    def begin(self, day: date) -> None:
        """The next day begins."""
        self._days, self._day = self._days + 1, day
        self._before = (self._before[0] + self._now[0], self._before[1] + self._now[1])
        self._now = (0, 0)

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
