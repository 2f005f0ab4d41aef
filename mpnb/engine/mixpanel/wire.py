"""The connections of a client, read so that a question that is stopped closes its own at once.

Enters: an httpx client. Leaves: the same client; a thread that waits for an answer looks at its
flag many times a second. The surprise: httpx has no call that ends a request of another thread, so
its connections are opened through a layer of ours; where a later httpx keeps them elsewhere, the
client stays as it was and a stopped request is let go of instead.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from mpnb.engine import halting

LOOK_AGAIN_S = 0.1


def watched(client: Any) -> Any:
    """The client, with connections that a stopped question closes."""
    ways = [getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()]
    for way in ways:
        pool = getattr(way, "_pool", None)
        opener = getattr(pool, "_network_backend", None)
        if opener is not None:
            pool._network_backend = _Opener(opener)  # type: ignore[union-attr]  # it has one
    return client


def as_it_came(response: Any) -> Iterator[bytes]:
    """The body of an answer, still packed; a client that somebody brought may have read it."""
    chunks = response.stream if response.is_stream_consumed else response.iter_raw()
    return iter(chunks)


class _Opener:
    """Opens connections; has the methods of the one that it stands for."""

    def __init__(self, own: Any) -> None:
        self._own = own
        library = sys.modules[type(own).__module__.partition(".")[0]]
        self._quiet: type[Exception] = library.ReadTimeout

    def connect_tcp(self, *where: Any, **how: Any) -> Any:
        return _Line(self._own.connect_tcp(*where, **how), self._quiet)

    def connect_unix_socket(self, *where: Any, **how: Any) -> Any:
        return _Line(self._own.connect_unix_socket(*where, **how), self._quiet)

    def sleep(self, seconds: float) -> None:
        halting.sleep(seconds)


class _Line:
    """One connection. Its reads are cut into short ones where somebody may stop them."""

    def __init__(self, own: Any, quiet: type[Exception]) -> None:
        self._own = own
        self._quiet = quiet

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if not halting.is_watched():
            return bytes(self._own.read(max_bytes, timeout))
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            halting.look()
            left = LOOK_AGAIN_S if end is None else min(LOOK_AGAIN_S, end - time.monotonic())
            try:
                return bytes(self._own.read(max_bytes, max(left, 0.001)))
            except self._quiet:
                if end is not None and time.monotonic() >= end:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        halting.look()
        self._own.write(buffer, timeout)

    def close(self) -> None:
        self._own.close()

    def start_tls(self, *how: Any, **more: Any) -> Any:
        return _Line(self._own.start_tls(*how, **more), self._quiet)

    def get_extra_info(self, info: str) -> Any:
        return self._own.get_extra_info(info)
