"""The way back from the browser: a small server on this machine, or a pasted address.

Enters: the state of a sign-in. Leaves: the code that Mixpanel gave. The surprise: both ways are
open at once; where the browser runs on another machine than Python, the page it is sent back to
does not open, and its address is what is pasted.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from mpnb.errors import OAuthError

PORTS = (19284, 19285, 19286, 19287)
PATIENCE_S = 300.0

PROMPT = "Paste the address here (or press Enter once the browser says that you are signed in): "

PAGE = (
    b"<!DOCTYPE html><meta charset='utf-8'><title>mpnb</title>"
    b"<body style='font-family:sans-serif;margin:4rem'><h1>%s</h1><p>%s</p>"
)


@dataclass(frozen=True)
class Answer:
    """What the browser was sent back with."""

    code: str = ""
    state: str | None = None
    error: str = ""
    description: str = ""


class Callback:
    """Listens on the first of the known ports that is free.

    Raises:
        OAuthError: all are in use (``OAUTH_PORT_ERROR``).
    """

    def __init__(self) -> None:
        self._came = threading.Event()
        self.answer: Answer | None = None
        self._server = self._listen()
        self.port = int(self._server.server_port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )
        self._thread.start()

    def wait(self, seconds: float) -> Answer | None:
        """The answer, as soon as it is there."""
        self._came.wait(seconds)
        return self.answer

    def __enter__(self) -> Callback:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _listen(self) -> ThreadingHTTPServer:
        for port in PORTS:
            try:
                return _Server(("127.0.0.1", port), self._handler())
            except OSError:
                continue
        raise OAuthError(
            f"Ports {PORTS[0]} to {PORTS[-1]} are all in use; signing in needs one of them. "
            "End another sign-in that waits, then try again.",
            "OAUTH_PORT_ERROR",
        )

    def _take(self, answer: Answer) -> None:
        if self.answer is None:
            self.answer = answer
            self._came.set()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        callback = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                answer = parse(self.path)
                asked = bool(answer and (answer.code or answer.error))
                status, title, text = (200, b"Signed in", b"You can close this page.")
                if not asked or answer is None:
                    status, title, text = 404, b"Nothing here", b"This page waits for Mixpanel."
                elif answer.error:
                    title, text = b"Not signed in", b"Mixpanel said no. Python says more."
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(PAGE % (title, text))
                if asked and answer is not None:
                    # What a browser brings must have a state; only a pasted code may lack it.
                    callback._take(replace(answer, state=answer.state or ""))

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the address holds the code."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it lets two sign-ins share a port

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a browser hangs up."""


def parse(text: str) -> Answer | None:
    """What an address, its query, or a bare code says; None when there is nothing in it."""
    text = text.strip()
    query = urlsplit(text).query if "?" in text else text
    found = {key: values[0] for key, values in parse_qs(query.lstrip("?")).items()}
    if "code" in found or "error" in found:
        return Answer(
            code=found.get("code", ""),
            state=found.get("state"),
            error=found.get("error", ""),
            description=found.get("error_description", ""),
        )
    bare = text and not any(c in text for c in " ?&=/\t")
    return Answer(code=text) if bare else None


def code_of(answer: Answer | None, state: str) -> str:
    """The code, if the answer belongs to this sign-in.

    A code that was pasted alone has no state; it is bound to this sign-in by PKCE.

    Raises:
        OAuthError: nobody answered in time, Mixpanel said no, or the answer is another sign-in's.
    """
    if answer is None:
        raise OAuthError(
            f"No answer from the browser within {PATIENCE_S / 60:.0f} minutes. Try again; where "
            "the browser runs on another machine, paste the address it ends on.",
            "OAUTH_TIMEOUT",
        )
    if answer.error:
        said = f"Mixpanel did not sign you in: {answer.error} {answer.description}".strip()
        raise OAuthError(f"{said}.", "OAUTH_AUTH_DENIED", {"error": answer.error})
    if answer.state is not None and answer.state != state:
        raise OAuthError(
            "The answer belongs to another sign-in. Start again and use its own page.",
            "OAUTH_STATE_MISMATCH",
        )
    return answer.code


def wait_for_answer(
    callback: Callback, ask: Callable[[str], str] | None, patience_s: float = PATIENCE_S
) -> Answer | None:
    """The first answer that comes, from the browser or pasted.

    Args:
        callback: the server that waits.
        ask: reads a line from the person; None waits for the browser only.
        patience_s: how long to wait for the browser.

    Raises:
        OAuthError: what was pasted is neither an address nor a code (``OAUTH_PASTE_ERROR``).
    """
    if ask is None:
        return callback.wait(patience_s)
    pasted = _line(callback, ask, patience_s)
    if callback.answer is not None or not pasted.strip():
        return callback.wait(patience_s)
    answer = parse(pasted)
    if answer is None:
        raise OAuthError(
            "That is neither the address of the page that the browser ended on (it has code=… in "
            "it) nor a code. Start again.",
            "OAUTH_PASTE_ERROR",
        )
    return answer


def _line(callback: Callback, ask: Callable[[str], str], patience_s: float) -> str:
    """A line from the person; in a terminal it ends by itself when the browser answers."""
    if ask is not input or not _waits_well():
        try:
            return ask(PROMPT)
        except EOFError:
            return ""
    print(PROMPT, end="", file=sys.stderr, flush=True)
    end = time.monotonic() + patience_s
    while time.monotonic() < end and callback.answer is None:
        if select.select([sys.stdin], [], [], 0.2)[0]:
            return sys.stdin.readline()
    print(file=sys.stderr)
    return ""


def _waits_well() -> bool:
    """Whether standard input is a terminal that can be waited for beside the browser."""
    try:
        return sys.platform != "win32" and sys.stdin.isatty() and sys.stdin.fileno() >= 0
    except (AttributeError, OSError, ValueError):
        return False
