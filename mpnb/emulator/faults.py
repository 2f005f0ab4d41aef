"""Faults on request: what a client must survive, switched on by the client or by a test.

Enters: the header ``X-Mpnb-Fault``, or a body posted to the control address. Leaves: a `Fault` that
the server applies while it answers. The surprise: a fault of the header is for that request only;
armed ones are for the next requests of anybody, so clients that cannot send headers meet them too.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace

from mpnb.emulator.messages import JSON, Answer, Refusal

HEADER = "x-mpnb-fault"
PAGE = (
    b"<!DOCTYPE html><html><head><title>Service unavailable</title></head>"
    b"<body><h1>Something is wrong on our side</h1></body></html>"
)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer."""

    latency: float = 0.0
    """Seconds to wait before answering."""
    status: int | None = None
    """Answer with this status instead of asking."""
    retry_after: str | None = None
    """The header of that name, beside `status`."""
    cut: int | None = None
    """Close the connection after so many bytes of the body, as they are on the wire."""
    stall: float = 0.0
    """Seconds to wait before that, with the connection open."""
    malformed: bool = False
    """Answer with half of the JSON."""
    html: bool = False
    """Answer with a page, and status 200."""

    def instead(self) -> Answer | None:
        """The answer that stands in for the real one, if there is one."""
        if self.html:
            return Answer(PAGE, self.status or 200, "text/html; charset=utf-8")
        if self.status is None:
            return None
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        said = b'{"status": "error", "error": "a fault that was asked for"}'
        return Answer(said, self.status, JSON, headers)

    def spoiled(self, answer: Answer) -> Answer:
        """An answer with half of its body."""
        if not self.malformed:
            return answer
        whole = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
        return replace(answer, body=whole[: max(1, len(whole) // 2)])


def parse(text: str) -> Fault:
    """Read ``latency=0.5; status=429; retry-after=2; cut=1000; stall=5; malformed; html``.

    Raises:
        Refusal: a word that is no fault, or a number that is none.
    """
    fault = Fault()
    for word in filter(None, (part.strip() for part in text.split(";"))):
        name, _, value = word.partition("=")
        try:
            fault = _with(fault, name.strip().lower(), value.strip())
        except ValueError:
            raise Refusal(
                400,
                f"{word!r} is no fault: latency=SECONDS, status=CODE, retry-after=SECONDS, "
                "cut=BYTES, stall=SECONDS, malformed, html.",
            ) from None
    return fault


def _with(fault: Fault, name: str, value: str) -> Fault:
    if name == "latency":
        return replace(fault, latency=float(value))
    if name == "status":
        return replace(fault, status=int(value))
    if name == "retry-after":
        return replace(fault, retry_after=value)
    if name == "cut":
        return replace(fault, cut=int(value))
    if name == "stall":
        return replace(fault, stall=float(value))
    if name == "malformed" and not value:
        return replace(fault, malformed=True)
    if name == "html" and not value:
        return replace(fault, html=True)
    raise ValueError(name)


@dataclass(frozen=True)
class Armed:
    """A fault that waits for requests whose path holds a text."""

    fault: Fault
    path: str


class Faults:
    """The faults that wait for the next requests."""

    def __init__(self) -> None:
        self._waiting: deque[Armed] = deque()
        self._lock = threading.Lock()

    def arm(self, text: str, times: int = 1, path: str = "") -> None:
        """Let the next `times` requests whose path holds `path` meet a fault."""
        with self._lock:
            self._waiting.extend([Armed(parse(text), path)] * times)

    def clear(self) -> None:
        """Forget what waits."""
        with self._lock:
            self._waiting.clear()

    def of(self, path: str, header: str | None) -> Fault:
        """The fault of a request: its own, else the first that waits for its path."""
        if header is not None:
            return parse(header)
        with self._lock:
            for armed in self._waiting:
                if armed.path in path:
                    self._waiting.remove(armed)
                    return armed.fault
        return Fault()

    def __len__(self) -> int:
        return len(self._waiting)
