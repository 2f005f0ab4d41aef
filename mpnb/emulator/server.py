"""The HTTP side: sockets in, sockets out; what is asked and answered stands elsewhere.

Enters: connections on loopback. Leaves: answers, whole with their length or chunked, gzipped when
the client takes that. The surprise: this is the standard library's server, a thread a connection:
it keeps connections alive, and an emulator on loopback needs no more (see docs/decisions.md).
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import sys
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from mpnb.emulator.faults import Fault
from mpnb.emulator.messages import Answer, Refusal, Request, as_json

MOST_BODY = 256 * 2**20
"""Bytes of a request, packed or not."""
WORTH_PACKING = 1000
IDLE_S = 120

Handle = Callable[[Request], AbstractContextManager[tuple[Answer, Fault]]]


class Server(ThreadingHTTPServer):
    """Listens on loopback and hands requests to a function."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, handle: Handle, port: int = 0) -> None:
        self.handle = handle
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> threading.Thread:
        """Answer in a thread of its own."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        return thread

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            traceback.print_exc()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mpnb-emulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    timeout = IDLE_S

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: addresses may hold secrets."""

    def _answer(self) -> None:
        try:
            request = self._request()
        except Refusal as refusal:
            self.close_connection = True  # the rest of the body was not read
            self._send(refused(refusal, self.path.partition("?")[0]), Fault())
            return
        handle = cast(Server, self.server).handle
        with handle(request) as (answer, fault):
            self._send(answer, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self._content(headers)
        query = parse_qs(parts.query, keep_blank_values=True)
        path = parts.path
        return Request(self.command, unquote(path), query, headers, content, path)

    def _content(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            content = b"".join(self._chunks())
        else:
            length = headers.get("content-length", "0")
            if not length.isdigit() or int(length) > MOST_BODY:
                raise Refusal(413, f"A body has at most {MOST_BODY:,} bytes.")
            content = self.rfile.read(int(length))
        if headers.get("content-encoding", "").lower() != "gzip":
            return content
        return _unpacked(content)

    def _chunks(self) -> Iterator[bytes]:
        total = 0
        while size := self._chunk_size():
            total += size
            if total > MOST_BODY:
                raise Refusal(413, f"A body has at most {MOST_BODY:,} bytes.")
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _chunk_size(self) -> int:
        try:
            return int(self.rfile.readline().split(b";")[0], 16)
        except ValueError:
            raise Refusal(400, "The body is not chunked as it says.") from None

    def _send(self, answer: Answer, fault: Fault) -> None:
        packed = "gzip" in self.headers.get("Accept-Encoding", "").lower()
        if isinstance(answer.body, bytes):
            self._send_whole(answer, answer.body, packed, fault)
        else:
            self._send_pieces(answer, answer.body, packed, fault)

    def _send_whole(self, answer: Answer, body: bytes, packed: bool, fault: Fault) -> None:
        packed = packed and len(body) >= WORTH_PACKING
        body = gzip.compress(body, 1, mtime=0) if packed else body
        self._head(answer, packed, {"Content-Length": str(len(body))})
        if fault.cut is not None and fault.cut < len(body):
            self.wfile.write(body[: fault.cut])
            self._hang_up(fault.stall)
        else:
            self.wfile.write(body)
            self.wfile.flush()

    def _send_pieces(
        self, answer: Answer, pieces: Iterable[bytes], packed: bool, fault: Fault
    ) -> None:
        chunked = self.request_version != "HTTP/1.0"
        self.close_connection = self.close_connection or not chunked
        self._head(answer, packed, {"Transfer-Encoding": "chunked"} if chunked else {})
        left = fault.cut
        for piece in _packed(pieces) if packed else pieces:
            sent = piece if left is None else piece[:left]
            if sent:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent) if chunked else sent)
            if left is not None:
                left -= len(sent)
                if left <= 0:
                    self._hang_up(fault.stall)
                    return
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _head(self, answer: Answer, packed: bool, framing: dict[str, str]) -> None:
        self.send_response(answer.status)
        headers = {"Content-Type": answer.type, **framing, **answer.headers}
        if packed:
            headers["Content-Encoding"] = "gzip"
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _hang_up(self, stall: float) -> None:
        self.wfile.flush()
        time.sleep(stall)
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def refused(refusal: Refusal, path: str) -> Answer:
    """The answer that says why there is none, as Mixpanel's APIs say it."""
    said = {"status": "error", "error": refusal.message, "request": path, **refusal.body}
    answer = as_json(said, refusal.status)
    return Answer(answer.body, refusal.status, headers=refusal.headers)


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _unpacked(content: bytes) -> bytes:
    """A gzipped body; one that would fill the memory is refused."""
    opener = zlib.decompressobj(31)
    try:
        whole = opener.decompress(content, MOST_BODY)
    except zlib.error:
        raise Refusal(400, "The body is not gzip as its header says.") from None
    if opener.unconsumed_tail:
        raise Refusal(413, f"A body has at most {MOST_BODY:,} bytes.")
    if not opener.eof:
        raise Refusal(400, "The gzip body ends in the middle.")
    return whole
