"""Mixpanel's limits: how many requests an hour, a minute, a second, and how many at once.

Enters: requests by pool. Leaves: leave to go on, or a refusal with ``Retry-After``. The surprise: a
refused request does not count against the limit, so a client that waits as told gets through.

The numbers are those of https://docs.mixpanel.com/docs/tracking/limits and of the documentation of
each API: queries 60 an hour and 5 at once, pages of profiles 5 at once, raw exports 60 an hour and
3 a second, lexicon 5 a minute.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

from mpnb.emulator.messages import Refusal

Pool = Literal["query", "profiles", "export", "lexicon"]


@dataclass(frozen=True)
class Rule:
    """How much one pool takes."""

    windows: Mapping[float, int]
    """Seconds → requests in them."""
    at_once: int | None = None


REAL: Mapping[Pool, Rule] = {
    "query": Rule({3600.0: 60}, at_once=5),
    "profiles": Rule({}, at_once=5),
    "export": Rule({3600.0: 60, 1.0: 3}, at_once=100),
    "lexicon": Rule({60.0: 5}),
}
"""What Mixpanel allows a project."""
FREE = Rule({})
"""For pools without a rule."""


@dataclass
class _Use:
    times: deque[float] = field(default_factory=deque)
    running: int = 0
    taken: int = 0
    refused: int = 0
    most_at_once: int = 0


class Limits:
    """Counts requests against rules.

    Args:
        rules: the rule of each pool; a pool without one is not limited.
        clock: seconds that only go forward.
    """

    def __init__(
        self, rules: Mapping[Pool, Rule] = REAL, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._uses: dict[Pool, _Use] = {pool: _Use() for pool in get_args(Pool)}
        self._lock = threading.Lock()

    @contextmanager
    def taken(self, pool: Pool | None) -> Iterator[None]:
        """Hold a place in a pool.

        Raises:
            Refusal: status 429, with the seconds until there is a place.
        """
        if pool is None:
            yield
            return
        self._enter(pool)
        try:
            yield
        finally:
            with self._lock:
                self._uses[pool].running -= 1

    def traffic(self) -> dict[str, dict[str, int]]:
        """Pool → requests it took and refused, how many ran at once at most, how many run now."""
        with self._lock:
            return {
                pool: {
                    "taken": use.taken,
                    "refused": use.refused,
                    "most_at_once": use.most_at_once,
                    "running": use.running,
                }
                for pool, use in self._uses.items()
            }

    def _enter(self, pool: Pool) -> None:
        with self._lock:
            use, now, rule = self._uses[pool], self._clock(), self._rules.get(pool, FREE)
            try:
                _check(pool, rule, use, now)
            except Refusal:
                use.refused += 1
                raise
            use.times.append(now)
            while use.times and use.times[0] <= now - max(rule.windows, default=0.0):
                use.times.popleft()
            use.taken += 1
            use.running += 1
            use.most_at_once = max(use.most_at_once, use.running)


def _check(pool: Pool, rule: Rule, use: _Use, now: float) -> None:
    """Refuse what is too much.

    Raises:
        Refusal: status 429.
    """
    if rule.at_once is not None and use.running >= rule.at_once:
        raise _refused(f"{rule.at_once} {pool} requests are running already", 1)
    for seconds, most in rule.windows.items():
        recent = [moment for moment in use.times if moment > now - seconds]
        if len(recent) >= most:
            wait = recent[-most] + seconds - now
            raise _refused(f"{most} {pool} requests in {seconds:g} s are all there is", wait)


def _refused(reason: str, wait: float) -> Refusal:
    seconds = max(1, math.ceil(wait))
    headers = {"Retry-After": str(seconds)}
    return Refusal(429, f"Too many requests: {reason}. Try again in {seconds} s.", headers)
