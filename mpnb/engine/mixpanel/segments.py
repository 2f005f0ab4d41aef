"""Days of a project as files: each fetched whole, checked to its end, and only then given its name.

Enters: a day. Leaves: a file of export lines whose name says the day, when it was asked for and
how many lines it has. The surprise: the name is the proof; a file that is being written has another
one, so whatever stops the writing, a day is there whole or not at all.
"""

from __future__ import annotations

import os
import re
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO

from mpnb.engine.mixpanel.export import (
    ATTEMPTS,
    export_call,
    framed,
    note_of,
    packing,
    stopped_early,
    unpacked,
    worth_repeating,
)
from mpnb.engine.mixpanel.transport import Stream, Transport
from mpnb.errors import MixpanelHeadlessError

LAST_ZONE = timedelta(hours=12)
"""A day is over everywhere when it is over twelve hours west of Greenwich."""

BETWEEN_S = 1.0
"""The wait before a day that broke off is asked for again, times the attempt."""

PART = "part-"
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d+)\.(\d+)\.jsonl\.gz")
_STRETCH = 1 << 20

Told = Callable[[int, int], None]
"""Told the lines and bytes of a day so far."""


@dataclass(frozen=True)
class Segment:
    """A day that is there whole.

    Attributes:
        day: which one.
        asked_ms: when it was asked for, Unix time in ms.
        lines: how many lines it has.
        path: its file, gzip.
    """

    day: date
    asked_ms: int
    lines: int
    path: Path

    @property
    def closed(self) -> bool:
        """Whether the day was over in every zone when it was asked for."""
        asked = datetime.fromtimestamp(self.asked_ms / 1000, UTC)
        return (asked - LAST_ZONE).date() > self.day


def segments(folder: Path) -> dict[date, Segment]:
    """The days of a folder; of a day that is there twice, the one that was asked for last."""
    found: dict[date, Segment] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            continue
        day = date.fromisoformat(match[1])
        made = Segment(day, int(match[2]), int(match[3]), path)
        if day not in found or found[day].asked_ms <= made.asked_ms:
            found[day] = made
    return dict(sorted(found.items()))


def tidy(folder: Path) -> None:
    """Remove what stopped writers left, and days that were fetched again since."""
    kept = {segment.path for segment in segments(folder).values()}
    for path in folder.iterdir():
        if path.name.startswith(PART) or (_NAME.fullmatch(path.name) and path not in kept):
            path.unlink(missing_ok=True)


def fetch(transport: Transport, project_id: str, day: date, folder: Path, told: Told) -> Segment:
    """Fetch a day into a folder; an answer that breaks off is asked for again, as a whole.

    Raises:
        IncompleteExport: it broke off `ATTEMPTS` times, or Mixpanel stopped it.
        APIError: it was refused.
        OSError: it cannot be written.
    """
    call = export_call(project_id, day.isoformat(), day.isoformat(), milliseconds=True)
    for left in reversed(range(ATTEMPTS)):
        asked_ms = time.time_ns() // 1_000_000
        part = folder / f"{PART}{uuid.uuid4().hex[:8]}"
        try:
            with part.open("xb") as file:
                with transport.stream(call) as stream:
                    lines = _written(stream, file, told)
                file.flush()
                os.fsync(file.fileno())
            final = folder / f"{day.isoformat()}.{asked_ms}.{lines}.jsonl.gz"
            os.replace(part, final)
            return Segment(day, asked_ms, lines, final)
        except MixpanelHeadlessError as problem:
            if not left or not worth_repeating(problem):
                raise
            time.sleep(BETWEEN_S * (ATTEMPTS - left))
        finally:
            part.unlink(missing_ok=True)
    raise AssertionError("the last attempt returns or raises")


def _written(stream: Stream, file: IO[bytes], told: Told) -> int:
    """Write an answer as gzip and return its lines; the answer is checked on the way."""
    counter = _Lines(told)
    if packing(stream) == "gzip":
        for text in unpacked(_copied(stream.raw, file), empty=framed(stream)):
            counter.add(text)
        if file.tell() == 0:
            file.write(zlib.compress(b"", wbits=31))
    else:
        packer = zlib.compressobj(1, wbits=31)
        for text in stream.raw:
            counter.add(text)
            file.write(packer.compress(text))
        file.write(packer.flush())
    return counter.end()


def _copied(chunks: Iterator[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        file.write(chunk)
        yield chunk


class _Lines:
    """Counts lines, and finds the server's note that it stopped: lines that begin no object."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._parts: list[bytes] = []
        self._size = 0
        self._bytes = 0
        self._lines = 0

    def add(self, text: bytes) -> None:
        self._parts.append(text)
        self._size += len(text)
        if self._size >= _STRETCH:
            self._count(b"".join(self._parts), last=False)

    def end(self) -> int:
        """The number of lines, when the text is over."""
        self._count(b"".join(self._parts), last=True)
        return self._lines

    def _count(self, text: bytes, *, last: bool) -> None:
        if last and text and not text.endswith(b"\n"):
            text += b"\n"
        cut = text.rfind(b"\n") + 1
        whole, rest = text[:cut], text[cut:]
        self._parts, self._size = [rest], len(rest)
        objects = whole.count(b'\n{"event"') + whole.startswith(b'{"event"')
        lines = whole.count(b"\n")
        if objects != lines:
            lines = _counted(whole)
        self._lines += lines
        self._bytes += len(whole)
        self._told(self._lines, self._bytes)


def _counted(whole: bytes) -> int:
    """The lines of a text that are not blank.

    Raises:
        IncompleteExport: one of them is the server's note that it stopped.
    """
    lines = [line for line in whole.split(b"\n") if line.strip()]
    for line in lines:
        if not line.startswith(b'{"event"') and stopped_early_at(line):
            raise note_of(line)
    return len(lines)


def stopped_early_at(line: bytes) -> bool:
    """Whether a line that may be an event is the server's note; an event may say anything."""
    return not (line.startswith(b"{") and b'"event"' in line) and stopped_early(line)
