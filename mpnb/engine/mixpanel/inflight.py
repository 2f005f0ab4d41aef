"""A question that is being asked is not asked again: the second asker waits for the same answer.

Enters: a question's key and how to ask it. Leaves: the answer, and how it was had. The surprise:
threads of a process share by waiting on one another, processes by a claim in the cache's file; when
the one who asks is interrupted or killed, a waiting one takes over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpnb.engine import halting
from mpnb.engine.mixpanel.cache import Asked, Cache

LOOK_AGAIN_S = 0.05


@dataclass
class _Flight:
    """A question under way."""

    landed: threading.Event
    answer: Any = None
    problem: Exception | None = None
    done: bool = False


_FLIGHTS: dict[str, _Flight] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Had:
    """An answer, and whether it cost anything."""

    answer: Any
    cached: bool


def had(
    cache: Cache,
    asked: Asked,
    ask: Callable[[], Any],
    *,
    refresh: bool = False,
    keep: bool = True,
) -> Had:
    """The answer to a question: kept, on its way, or asked now.

    Args:
        cache: where answers are kept.
        asked: the question.
        ask: sends it.
        refresh: ask although an answer is kept.
        keep: whether answers are kept at all; without, only threads share what is on its way.
    """
    if not keep:
        return together(asked.key, lambda: Had(ask(), False))
    if not refresh:
        kept = cache.get(asked.key)
        if kept is not None:
            return Had(kept, True)
    return together(
        asked.key + ("!" if refresh else ""), lambda: _asked(cache, asked, ask, refresh)
    )


def together(key: str, ask: Callable[[], Had]) -> Had:
    """Ask once for all threads that want the same; each of them gets the answer, or the error."""
    while True:
        with _LOCK:
            flight = _FLIGHTS.get(key)
            leads = flight is None
            if flight is None:
                flight = _FLIGHTS[key] = _Flight(threading.Event())
        if leads:
            return _lead(key, flight, ask)
        halting.wait(flight.landed)
        if flight.problem is not None:
            raise flight.problem
        if flight.done:
            return Had(flight.answer, True)


def _lead(key: str, flight: _Flight, ask: Callable[[], Had]) -> Had:
    try:
        found = ask()
        flight.answer, flight.done = found.answer, True
        return found
    except halting.HaltedError:
        raise  # who asked lost interest; the next one may have not
    except Exception as problem:
        flight.problem = problem
        raise
    finally:  # an interrupt leaves neither answer nor error: the next one takes over
        with _LOCK:
            del _FLIGHTS[key]
        flight.landed.set()


def _asked(cache: Cache, asked: Asked, ask: Callable[[], Any], refresh: bool) -> Had:
    if refresh:
        answer = ask()
        cache.put(asked, answer)
        return Had(answer, False)
    while not cache.claim(asked.key):
        halting.sleep(LOOK_AGAIN_S)
    try:
        kept = cache.get(asked.key)  # whoever held the claim before may have had it
        if kept is not None:
            return Had(kept, True)
        answer = ask()
        cache.put(asked, answer)
        return Had(answer, False)
    finally:
        cache.disclaim(asked.key)
