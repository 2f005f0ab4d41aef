"""A small HTTP server on a real socket: answers as a function says, and remembers what came."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Give:
    """An answer."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    cut_at: int | None = None
    """Close the connection after so many bytes of the body."""

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Server(ThreadingHTTPServer):
    """Listens on the loopback address; `got` is what came, `most` the most at once."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[Got], Give]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.got: list[Got] = []
        self.lock = threading.Lock()
        self.now = 0
        self.most = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def handle_one(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        got = Got(self.command, self.path, headers, self.rfile.read(length), time.time())
        with self.server.lock:
            self.server.got.append(got)
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        try:
            give = self.server.answer(got)
            time.sleep(give.after_s)
        finally:
            with self.server.lock:
                self.server.now -= 1
        self.respond(give)

    def respond(self, give: Give) -> None:
        content = give.content()
        self.send_response(give.status)
        for name, value in {"Content-Type": "application/json", **give.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: give.cut_at])
        if give.cut_at is not None:
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(answer: Callable[[Got], Give]) -> Iterator[Server]:
    """A server that runs while the block does."""
    server = Server(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_order(*gives: Give) -> Callable[[Got], Give]:
    """Answers one after the other; the last one again and again."""
    left = list(gives)
    lock = threading.Lock()

    def answer(got: Got) -> Give:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


class Silent:
    """Takes requests, sends what it is given, and then nothing until the client goes away."""

    def __init__(self, *sends: bytes) -> None:
        self.sends = list(sends)
        self.asked = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._take, args=(line,), daemon=True).start()

    def _take(self, line: socket.socket) -> None:
        with line, suppress(ConnectionResetError):
            while came := line.recv(65536):
                if came.startswith((b"GET ", b"POST ")):
                    line.sendall(self.sends.pop(0) if self.sends else b"")
                    self.asked.release()
        self.ended.release()


@contextmanager
def silent(*sends: bytes) -> Iterator[Silent]:
    """A server that sends one of these for each request, and for later ones nothing."""
    server = Silent(*sends)
    try:
        yield server
    finally:
        server.socket.close()
