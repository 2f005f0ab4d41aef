"""The Export API: raw events as lines of JSON, read while they come and checked to the end.

Enters: a call and the transport. Leaves: the text of the answer in whole lines, or rows. The
surprise: an answer is only whole when its own end says so, the trailer of gzip or the length that
was promised; without that, or with the server's note that it stopped, it is `IncompleteExport`.
"""

from __future__ import annotations

import json
import queue
import threading
import zlib
from collections.abc import Generator, Iterator, Sequence
from typing import Any, ClassVar

import orjson

from mpnb.engine import halting
from mpnb.engine.mixpanel.transport import Call, Stream, Transport
from mpnb.errors import MixpanelHeadlessError

ATTEMPTS = 3
"""How often an answer that breaks off is asked for."""
AHEAD = 4
"""Pieces of text that are unpacked before somebody asks for them; bounds the memory."""
PIECE = 1 << 18
LEAVING_S = 1.0
BROKEN = frozenset({"STREAM_CUT", "EXPORT_INCOMPLETE"})
"""Codes of failures after which the same export is worth asking for again."""


class IncompleteExport(MixpanelHeadlessError):
    """The export stopped before its end; what came is not all there is."""

    default_code: ClassVar[str] = "EXPORT_INCOMPLETE"


def export_call(
    project_id: str,
    from_date: str,
    to_date: str,
    *,
    events: Sequence[str] | None = None,
    where: str | None = None,
    limit: int | None = None,
    milliseconds: bool = False,
) -> Call:
    """The request for the events of some days.

    Args:
        project_id: whose events.
        from_date: first day, ``YYYY-MM-DD``.
        to_date: last day, inclusive.
        events: only events of these names.
        where: only events that pass this expression.
        limit: the most events, up to 100,000.
        milliseconds: times to the millisecond instead of the second.
    """
    query = {
        "project_id": project_id,
        "from_date": from_date,
        "to_date": to_date,
        "event": json.dumps(list(events)) if events else None,
        "where": where or None,
        "limit": limit,
        "time_in_ms": True if milliseconds else None,
    }
    return Call("GET", "export", "/export", query, headers={"Accept-Encoding": "gzip"})


def packing(stream: Stream) -> str:
    """How an answer is packed, ``"gzip"`` or ``""``.

    Raises:
        IncompleteExport: it is packed in a way that nobody asked for, or its end could not be told
            from a lost connection.
    """
    packed = stream.headers.get("content-encoding", "").strip().lower()
    if packed in ("gzip", "x-gzip"):
        return "gzip"
    if packed not in ("", "identity"):
        raise IncompleteExport(f"The export is packed as {packed!r}, gzip was asked for.")
    if not framed(stream):
        raise IncompleteExport(
            "The export does not say where it ends (no length, no chunks, no gzip), so a lost "
            "connection would go unnoticed. Is there a proxy in between?"
        )
    return ""


def framed(stream: Stream) -> bool:
    """Whether the end of an answer can be told from a lost connection without gzip."""
    chunked = "chunked" in stream.headers.get("transfer-encoding", "").lower()
    return chunked or "content-length" in stream.headers


def unpacked(chunks: Iterator[bytes], *, empty: bool = False) -> Iterator[bytes]:
    """The text of a gzip stream, checked against its trailer.

    Args:
        chunks: the stream, cut anywhere.
        empty: whether no byte at all is a whole stream.

    Raises:
        IncompleteExport: it ends too early or is damaged, after all text before was given out.
    """
    stream = zlib.decompressobj(31)
    began = False
    try:
        for chunk in chunks:
            rest, began = chunk, True
            while rest:
                if stream.eof:
                    stream = zlib.decompressobj(31)
                text = stream.decompress(rest)
                if text:
                    yield text
                rest = stream.unused_data
    except zlib.error as problem:
        raise IncompleteExport(f"The export is damaged: {problem}. Ask again.") from problem
    if not stream.eof and (began or not empty):
        raise IncompleteExport("The export ends in the middle of its gzip stream. Ask again.")


def whole_lines(texts: Iterator[bytes]) -> Iterator[bytes]:
    """The same text in pieces that end with a line."""
    kept: list[bytes] = []
    size = 0
    for text in texts:
        cut = text.rfind(b"\n") + 1
        size += len(text)
        if not cut or size < PIECE:
            kept.append(text)
            continue
        yield b"".join([*kept, text[:cut]])
        kept, size = ([text[cut:]], len(text) - cut) if cut < len(text) else ([], 0)
    rest = b"".join(kept)
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def ahead(pieces: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The same pieces, fetched by a thread while the ones before are in use."""
    ready: queue.Queue[bytes | BaseException | None] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def offer(item: bytes | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def fetch() -> None:
        try:
            for piece in pieces:
                if not offer(piece):
                    return
            offer(None)
        except BaseException as problem:  # it is raised again where the pieces are used
            offer(problem)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    work = halting.carried(fetch, stopped)
    thread = threading.Thread(target=work, name="mpnb-export", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join(LEAVING_S)  # it may wait for a slow server, which nobody needs any more


def exported(transport: Transport, call: Call) -> Iterator[bytes]:
    """The text of an export in pieces of whole lines.

    Raises:
        IncompleteExport: it ends too early; `MixpanelHeadlessError` with the code ``STREAM_CUT``
            where the connection does.
        APIError: it was refused.
    """
    with transport.stream(call) as stream:
        yield from whole_lines(text_of(stream))


def text_of(stream: Stream) -> Iterator[bytes]:
    """The text of an answer, to its verified end."""
    if packing(stream) == "gzip":
        return unpacked(stream.raw, empty=framed(stream))
    return stream.raw


def worth_repeating(problem: MixpanelHeadlessError) -> bool:
    """Whether an export may succeed when it is asked for again."""
    return problem.code in BROKEN


def stopped_early(line: bytes) -> bool:
    """Whether a line that holds no event says that more is missing: a note, an error, a page."""
    if b"terminated" in line.lower() or line.lstrip()[:1] == b"<":
        return True
    try:
        record = orjson.loads(line)
    except ValueError:
        return False
    if not isinstance(record, dict) or "event" in record:
        return False
    return "error" in record or record.get("status") == "error"


def note_of(line: bytes) -> IncompleteExport:
    """The exception for the server's note that it stopped."""
    said = line.decode("utf-8", "replace").strip()[:200]
    if said.startswith("<"):
        return IncompleteExport(
            f"A web page came where events were expected: {said!r}. A proxy or a sign-in page may "
            "answer instead of Mixpanel, or MP_API_BASE_URL may be wrong.",
            details={"said": said},
        )
    return IncompleteExport(
        f"Mixpanel stopped the export before its end and said: {said!r}. "
        "Ask again, or for fewer days at a time.",
        details={"said": said},
    )


def rows_of(piece: bytes) -> tuple[list[dict[str, Any]], list[tuple[int, bytes]]]:
    """The events of a piece of whole lines, and its other lines with their place in it.

    Raises:
        IncompleteExport: a line is the server's note that it stopped.
    """
    lines = piece.count(b"\n")
    try:
        # One list is parsed in half the time of its lines; it must hold as many objects as lines.
        rows = orjson.loads(b"[" + piece[:-1].replace(b"\n", b",") + b"]")
        if len(rows) == lines and all(type(row) is dict and "event" in row for row in rows):
            return rows, []
    except ValueError:
        pass
    return _one_by_one(piece)


def _one_by_one(piece: bytes) -> tuple[list[dict[str, Any]], list[tuple[int, bytes]]]:
    rows: list[dict[str, Any]] = []
    others: list[tuple[int, bytes]] = []
    for number, line in enumerate(piece.split(b"\n")[:-1]):
        if not line.strip():
            continue
        row = _row(line)
        if row is None and stopped_early(line):
            raise note_of(line)
        if row is None:
            others.append((number, line))
        else:
            rows.append(row)
    return rows, others


def _row(line: bytes) -> dict[str, Any] | None:
    """The event of a line; bytes that are no UTF-8 become U+FFFD, as Mixpanel's clients do."""
    for text in (line, line.decode("utf-8", "replace")):
        try:
            row = orjson.loads(text)
        except ValueError:
            continue
        return row if isinstance(row, dict) and "event" in row else None
    return None
