"""Keeps leases alive while their holder lives.

Enters: what is held. Leaves: a call every few seconds that renews it. The surprise: nothing has to
be cleaned up after a process that was killed; it stops renewing, and others go on.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

LEASE_S = 20.0
"""How long a lease lasts when it is not renewed."""
RENEW_S = 5.0


class Renewer(Generic[K]):
    """Renews what is held, from one thread that lives while there is something.

    Args:
        renew: given what is held and until when; must not raise.
    """

    def __init__(self, renew: Callable[[list[K], float], None]) -> None:
        self._renew = renew
        self._held: set[K] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    def hold(self, key: K) -> None:
        """Renew this from now on."""
        with self._lock:
            if self._process != os.getpid():  # threads and leases stay behind in a fork
                self._held, self._thread, self._process = set(), None, os.getpid()
            self._held.add(key)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="mpnb-lease", daemon=True)
                self._thread.start()

    def drop(self, key: K) -> None:
        """Renew this no more."""
        with self._lock:
            self._held.discard(key)

    def _loop(self) -> None:
        while True:
            time.sleep(RENEW_S)
            with self._lock:
                held = list(self._held)
                if not held:
                    self._thread = None
                    return
            self._renew(held, time.time() + LEASE_S)
