"""A small server that answers as the Export, engage and ingestion APIs do, with faults on request.

Enters: what each path answers with. Leaves: an address, and the requests that came. The surprise: it
speaks over a real socket, so that a cut connection is a cut connection.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body parsed, unpacked where it is gzip."""
        packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


@dataclass(frozen=True)
class Answer:
    """What is sent back; `cut` bytes of the body only, when it is given."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False
    chunked: bool = False
    unframed: bool = False
    cut: int | None = None


Answering = Callable[[Asked], Answer]


class Server:
    """Answers by a function, and remembers what was asked."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.asked: list[Asked] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16

            def do_GET(self) -> None:
                server._handle(self)

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def _handle(self, http: BaseHTTPRequestHandler) -> None:
        size = int(http.headers.get("content-length") or 0)
        parts = urlsplit(http.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in http.headers.items()}
        asked = Asked(http.command, parts.path, query, headers, http.rfile.read(size))
        self.asked.append(asked)
        _send(http, self.answering(asked))

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def _send(http: BaseHTTPRequestHandler, answer: Answer) -> None:
    body = gzip.compress(answer.body, 1, mtime=0) if answer.packed else answer.body
    http.send_response(answer.status)
    for name, value in answer.headers.items():
        http.send_header(name, value)
    if answer.packed:
        http.send_header("Content-Encoding", "gzip")
    if answer.chunked:
        http.send_header("Transfer-Encoding", "chunked")
    elif not answer.unframed:
        http.send_header("Content-Length", str(len(body)))
    http.end_headers()
    sent = body if answer.cut is None else body[: answer.cut]
    ended = answer.cut is None
    try:
        for place in range(0, len(sent), 1 << 16):
            part = sent[place : place + (1 << 16)]
            http.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if answer.chunked else part)
        if answer.chunked and ended:
            http.wfile.write(b"0\r\n\r\n")
        http.wfile.flush()
    except OSError:
        ended = False
    http.close_connection = answer.unframed or not ended


@contextmanager
def serving(answering: Answering) -> Iterator[Server]:
    """A server while a block runs."""
    server = Server(answering)
    server.start()
    try:
        yield server
    finally:
        server.stop()
