"""Let a running question be stopped: who asks lends it a flag, and its passes look at the flag.

Enters: an event that another thread may set. Leaves: `HaltedError` at the next pass, wait or
read of an answer from the net. The surprise: nothing is killed, so that no cache of a store is left
half made; a pass that runs is finished, and a connection that is waited on is closed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_flags: ContextVar[tuple[threading.Event, ...]] = ContextVar("mpnb_halting", default=())
LOOK_AGAIN_S = 0.05


class HaltedError(Exception):
    """The question was stopped by the one who asked it."""


@contextmanager
def stopped_by(*flags: threading.Event) -> Iterator[None]:
    """What is asked inside, on this thread, stops once one of the flags is set."""
    token = _flags.set((*_flags.get(), *flags))
    try:
        yield
    finally:
        _flags.reset(token)


def look() -> None:
    """Go on, unless the question was stopped.

    Raises:
        HaltedError: it was.
    """
    if any(flag.is_set() for flag in _flags.get()):
        raise HaltedError


def is_watched() -> bool:
    """Whether somebody may stop what is asked on this thread."""
    return bool(_flags.get())


def sleep(seconds: float) -> None:
    """Wait; a question that is stopped waits no longer (HaltedError)."""
    if is_watched():
        wait(threading.Event(), seconds)
    else:  # the wait that everybody knows, and that tests of other people make short
        time.sleep(seconds)


def wait(event: threading.Event, seconds: float | None = None) -> None:
    """Wait for something of another thread, at most some seconds (HaltedError when stopped)."""
    if not is_watched():
        event.wait(seconds)
        return
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        look()
        left = LOOK_AGAIN_S if end is None else min(LOOK_AGAIN_S, end - time.monotonic())
        if left <= 0 or event.wait(left):
            return


def carried(work: Callable[..., T], *more: threading.Event) -> Callable[..., T]:
    """The same work for another thread, where the flags of this one and these stop it too."""
    flags = (*_flags.get(), *more)

    def run(*about: Any) -> T:
        with stopped_by(*flags):
            return work(*about)

    return run


class Threads:
    """Threads whose work stops with the one who asks for it; made by `threads`."""

    def __init__(self, pool: ThreadPoolExecutor, left: threading.Event) -> None:
        self._pool = pool
        self._left = left

    def submit(self, work: Callable[..., T], *about: Any) -> Future[T]:
        """Begin some work."""
        return self._pool.submit(carried(work, self._left), *about)

    def map(self, work: Callable[[Any], T], items: Any) -> list[T]:
        """Do the same to each item, side by side; what is made of them, in their order."""
        begun = [self.submit(work, item) for item in items]
        return [one.result() for one in begun]


@contextmanager
def threads(count: int) -> Iterator[Threads]:
    """Some threads; an error or an interrupt that leaves the block stops what they do."""
    left = threading.Event()
    with ThreadPoolExecutor(count) as pool:
        try:
            yield Threads(pool, left)
        except BaseException:
            left.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
