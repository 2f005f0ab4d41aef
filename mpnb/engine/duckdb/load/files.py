"""Files of a source: which there are, what they hold, and their text in whole lines.

Enters: a path. Leaves: files in order of name, each as events, profiles or a table, and its text in
stretches that end with a line. The surprise: a gzip file that ends too early is read up to there.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson

from mpnb.engine.duckdb.load.report import LoadError

Kind = Literal["lines", "profile lines", "document", "csv", "parquet"]

STRETCH = 4_000_000
"""Bytes of text per stretch of lines."""
_CHUNK = 1 << 17
_PACKED = 7
_GZIP = b"\x1f\x8b"
_HEAD = 1 << 16
_KINDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".pq")


@dataclass(frozen=True)
class Source:
    """One file: its path, the name it has in reports, and what it holds."""

    path: Path
    name: str
    kind: Kind


class Truncated(Exception):
    """The compressed stream ends too early or is damaged; all text before has been given out."""


def sources(path: Path) -> tuple[list[Source], list[str]]:
    """The files of a path, and those of a folder that are left out, with the reason.

    Raises:
        LoadError: there is no such path, or nothing in it can be loaded.
    """
    if not path.exists():
        raise LoadError(f"there is no file or folder {path}")
    if path.is_file():
        return [Source(path, path.name, _kind(path))], []
    found: list[Source] = []
    skipped: list[str] = []
    for name in _names_in(path):
        try:
            found.append(Source(path / name, name, _kind(path / name)))
        except LoadError as error:
            skipped.append(f"{name}: {error}")
    if not found:
        raise LoadError(
            f"{path} holds no file that can be loaded; known are {', '.join(_KINDS)}, the text "
            "forms also with .gz"
        )
    return found, skipped


def _names_in(folder: Path) -> list[str]:
    """The files of a folder and of those in it, by name; what begins with a dot is nobody's."""
    below = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(
        path.as_posix() for path in below if not any(part.startswith(".") for part in path.parts)
    )


def _kind(path: Path) -> Kind:
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".parquet", ".pq")):
        return "parquet"
    if name.endswith((".csv", ".tsv")):
        return "csv"
    head = _head(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head and head[:1] not in b"{[":
        raise LoadError(f"{path.name} is no Mixpanel export: it does not begin with a JSON object")
    return _json_kind(path, head)


def _json_kind(path: Path, head: bytes) -> Kind:
    """Lines, or one document; of events or of profiles."""
    first = head.split(b"\n", 1)[0]
    lines = path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))
    try:
        record = orjson.loads(first)
    except ValueError:
        return "lines" if lines or b'"properties"' in first else "document"
    if not isinstance(record, dict) or "results" in record:
        return "document"
    if "event" in record:
        return "lines"
    return "profile lines" if "$properties" in record else "lines" if lines else "document"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        try:
            return next(_texts(file), b"")[:_HEAD]
        except Truncated:
            return b""


def text_size(found: list[Source]) -> int:
    """About how many bytes of text the files hold when they are unpacked."""
    sizes = [(source.path.stat().st_size, source.path.name) for source in found]
    return sum(size * (_PACKED if name.lower().endswith(".gz") else 1) for size, name in sizes)


def stretches(path: Path) -> Iterator[bytes]:
    """The text of a file in stretches of whole lines, each line with its newline.

    Raises:
        Truncated: after the last stretch, when the compressed stream ends too early.
    """
    parts: list[bytes] = []
    size, damage = 0, None
    with path.open("rb") as file:
        texts = _texts(file)
        while True:
            try:
                text = next(texts, None)
            except Truncated as error:
                text, damage = None, error
            if text is None:
                break
            parts.append(text)
            size += len(text)
            if size >= STRETCH and (cut := text.rfind(b"\n") + 1):
                parts[-1] = text[:cut]
                yield b"".join(parts)
                parts, size = [text[cut:]], len(text) - cut
    rest = b"".join(parts)
    if damage is not None:
        yield rest[: rest.rfind(b"\n") + 1]
        raise damage
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def _texts(file: BinaryIO) -> Iterator[bytes]:
    """The text of a file, decompressed when it is gzip."""
    chunk = file.read(_CHUNK)
    if not chunk.startswith(_GZIP):
        while chunk:
            yield chunk
            chunk = file.read(_CHUNK)
        return
    stream = zlib.decompressobj(31)
    try:
        while chunk:
            if text := stream.decompress(chunk):
                yield text
            chunk = stream.unused_data or file.read(_CHUNK)
            if stream.eof and chunk.startswith(_GZIP):
                stream = zlib.decompressobj(31)
            elif stream.eof:  # what follows the last member is padding
                return
    except zlib.error as error:
        raise Truncated(str(error)) from error
    if not stream.eof:
        raise Truncated("the file ends too early")


def document(path: Path) -> tuple[list[Any], list[Any]]:
    """The event rows and the engage records of one JSON document.

    It may be a list of either, an answer of the engage endpoint or of the event stream.

    Raises:
        LoadError: it is none of these, or no JSON.
    """
    try:
        value = orjson.loads(b"".join(stretches(path)))
    except (ValueError, Truncated) as error:
        raise LoadError(f"{path.name} is no JSON: {error}") from error
    records = value.get("results") if isinstance(value, dict) and "results" in value else value
    if isinstance(records, dict) and "events" in records:
        records = records["events"]
    if isinstance(records, dict):
        records = [records]
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise LoadError(f"{path.name} holds neither events nor profiles")
    events = [record for record in records if "event" in record]
    profiles = [record for record in records if "$properties" in record and "event" not in record]
    if len(events) + len(profiles) < len(records):
        raise LoadError(f"{path.name} holds neither events nor profiles")
    return events, profiles
