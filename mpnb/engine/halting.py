"""Let a running question be stopped: who asks lends it a flag, and its passes look at the flag.

Enters: an event that another thread may set. Leaves: `HaltedError` at the next pass. The surprise:
nothing is killed, so that no cache of a store is left half made; a pass that runs is finished.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_flag: ContextVar[threading.Event | None] = ContextVar("mpnb_halting", default=None)


class HaltedError(Exception):
    """The question was stopped by the one who asked it."""


@contextmanager
def stopped_by(flag: threading.Event) -> Iterator[None]:
    """What is asked inside, on this thread, stops once the flag is set."""
    token = _flag.set(flag)
    try:
        yield
    finally:
        _flag.reset(token)


def look() -> None:
    """Go on, unless the question was stopped.

    Raises:
        HaltedError: it was.
    """
    flag = _flag.get()
    if flag is not None and flag.is_set():
        raise HaltedError
