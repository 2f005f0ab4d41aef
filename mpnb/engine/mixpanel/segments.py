"""Days of a project as files: each fetched whole, checked to its end, and only then given its name.

Enters: days. Leaves: a file of export lines whose name says the days, when they were asked for and
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
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from mpnb.engine.mixpanel.export import (
    ATTEMPTS,
    ahead,
    export_call,
    framed,
    note_of,
    packing,
    stopped_early,
    unpacked,
    worth_repeating,
)
from mpnb.engine.mixpanel.spans import Span, over
from mpnb.engine.mixpanel.transport import Stream, Transport
from mpnb.errors import MixpanelHeadlessError

BETWEEN_S = 1.0
"""The wait before a day that broke off is asked for again, times the attempt."""

PART = "part-"
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:_(\d{4}-\d\d-\d\d))?\.(\d+)\.(\d+)\.jsonl\.gz")
_STRETCH = 4_000_000
_NEWLINE = ord("\n")
_BEGIN = b'{"event"'
_BEGIN_WORD = np.frombuffer(_BEGIN, np.uint64)[0]

R = TypeVar("R", bound="Reader | None")
Told = Callable[[int, int], None]
"""Told the lines and bytes of a day so far."""


class Reader(Protocol):
    """Who reads the lines while they come."""

    def add(self, data: bytes, lines: int) -> None:
        """Take some whole lines, and how many they are."""


@dataclass(frozen=True)
class Segment:
    """Days that are there whole.

    Attributes:
        span: which ones.
        asked_ms: when they were asked for, Unix time in ms.
        lines: how many lines they have.
        path: their file, gzip.
    """

    span: Span
    asked_ms: int
    lines: int
    path: Path

    @property
    def closed(self) -> bool:
        """Whether all its days were over in every zone when they were asked for."""
        return over(self.span.last, self.asked_ms)


def segments(folder: Path) -> dict[date, Segment]:
    """What a folder has, by day.

    Of days that are there twice, those that were asked for last count. A segment that lost a day
    to a later one is not there at all, because its lines do not tell the days apart.
    """
    found: dict[date, Segment] = {}
    named = [made for path in folder.glob("*.jsonl.gz") if (made := _named(path))]
    for segment in sorted(named, key=lambda s: (s.asked_ms, s.path.name), reverse=True):
        days = list(segment.span.days())
        if not any(day in found for day in days):
            found |= dict.fromkeys(days, segment)
    return dict(sorted(found.items()))


def _named(path: Path) -> Segment | None:
    """What a file's name says it has."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    first = date.fromisoformat(match[1])
    last = date.fromisoformat(match[2]) if match[2] else first
    return Segment(Span(first, last), int(match[3]), int(match[4]), path)


def tidy(folder: Path) -> None:
    """Remove what stopped writers left, and days that were fetched again since."""
    kept = {segment.path for segment in segments(folder).values()}
    for path in folder.iterdir():
        if path.name.startswith(PART) or (_NAME.fullmatch(path.name) and path not in kept):
            path.unlink(missing_ok=True)


def fetch(
    transport: Transport,
    project_id: str,
    span: Span,
    folder: Path,
    told: Told,
    begin: Callable[[], R],
) -> tuple[Segment, R]:
    """Fetch days into a folder; an answer that breaks off is asked for again, as a whole.

    Args:
        transport: what sends the request.
        project_id: whose days.
        span: which days.
        folder: where their file goes.
        told: told how much came.
        begin: makes a reader of an answer's lines, or None; that of the whole answer is returned.

    Raises:
        IncompleteExport: it broke off `ATTEMPTS` times, or Mixpanel stopped it.
        APIError: it was refused.
        OSError: it cannot be written.
    """
    first, last = span.first.isoformat(), span.last.isoformat()
    call = export_call(project_id, first, last, milliseconds=True)
    days = first if len(span) == 1 else f"{first}_{last}"
    for left in reversed(range(ATTEMPTS)):
        asked_ms = time.time_ns() // 1_000_000
        part = folder / f"{PART}{uuid.uuid4().hex[:8]}"
        reader = begin()
        try:
            with part.open("xb") as file:
                with transport.stream(call) as stream:
                    lines = _written(stream, file, told, reader)
                file.flush()
                os.fsync(file.fileno())
            final = folder / f"{days}.{asked_ms}.{lines}.jsonl.gz"
            os.replace(part, final)
            return Segment(span, asked_ms, lines, final), reader
        except MixpanelHeadlessError as problem:
            if not left or not worth_repeating(problem):
                raise
            time.sleep(BETWEEN_S * (ATTEMPTS - left))
        finally:
            part.unlink(missing_ok=True)
    raise AssertionError("the last attempt returns or raises")


def _written(stream: Stream, file: IO[bytes], told: Told, reader: Reader | None) -> int:
    """Write an answer as gzip and return its lines; the answer is checked on the way.

    A thread receives, writes and unpacks, while the lines that came before are counted and read.
    """
    counter = _Lines(told, reader)
    if packing(stream) == "gzip":
        texts = unpacked(_copied(stream.raw, file), empty=framed(stream))
    else:
        texts = _packed(stream.raw, file)
    with closing(ahead(texts)) as coming:
        for text in coming:
            counter.add(text)
    if file.tell() == 0:
        file.write(zlib.compress(b"", wbits=31))
    return counter.end()


def _copied(chunks: Iterator[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        file.write(chunk)
        yield chunk


def _packed(texts: Iterator[bytes], file: IO[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for text in texts:
        file.write(packer.compress(text))
        yield text
    file.write(packer.flush())


class _Lines:
    """Counts lines, and finds the server's note that it stopped: lines that begin no object."""

    def __init__(self, told: Told, reader: Reader | None) -> None:
        self._told = told
        self._reader = reader
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
        ends = np.flatnonzero(np.frombuffer(whole, np.uint8) == _NEWLINE)
        self._lines += len(ends) if _all_events(whole, ends) else _counted(whole)
        if self._reader is not None and whole:
            self._reader.add(whole, len(ends))
        self._bytes += len(whole)
        self._told(self._lines, self._bytes)


def _all_events(whole: bytes, ends: npt.NDArray[np.intp]) -> bool:
    """Whether all lines begin as events do; seen word by word, because most texts are."""
    if len(whole) < len(_BEGIN) or not whole.startswith(_BEGIN):
        return not whole
    words = np.ndarray(len(whole) - len(_BEGIN) + 1, np.uint64, whole, strides=(1,))
    begins = ends[:-1] + 1
    return bool(begins.max(initial=0) < len(words) and (words[begins] == _BEGIN_WORD).all())


def _counted(whole: bytes) -> int:
    """The lines of a text that are not blank.

    Raises:
        IncompleteExport: one of them is the server's note that it stopped.
    """
    lines = [line for line in whole.split(b"\n") if line.strip()]
    for line in lines:
        if not line.startswith(_BEGIN) and stopped_early_at(line):
            raise note_of(line)
    return len(lines)


def stopped_early_at(line: bytes) -> bool:
    """Whether a line that may be an event is the server's note; an event may say anything."""
    return not (line.startswith(b"{") and b'"event"' in line) and stopped_early(line)
