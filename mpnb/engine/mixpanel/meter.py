"""What a workspace shows of its project's budget and of its kept answers.

Enters: the budget and the cache of this machine, and a project. Leaves: objects that say what is
left, when it returns and what is kept, and that change it. The surprise: looking costs no request.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mpnb.engine.mixpanel.budget import LIMITS, Budget, Kind, Left, Limit, OnLimit, Pool
from mpnb.engine.mixpanel.cache import Cache, CacheEntry
from mpnb.errors import ParamValidationError

NAMES: dict[Kind, str] = {
    "query": "queries",
    "profiles": "pages of profiles",
    "export": "exports",
    "lexicon": "lexicon calls",
}


class ProjectBudget:
    """The requests that a project has left, counted over all processes of this machine.

    Args:
        budget: the machine's.
        pools: the project's pools.
    """

    def __init__(self, budget: Budget, pools: Sequence[Pool]) -> None:
        self._budget = budget
        self._pools = {pool.kind: pool for pool in pools}

    @property
    def on_limit(self) -> OnLimit:
        """What a call does when nothing is left: ``"wait"`` or ``"raise"``."""
        return self._budget.on_limit

    @on_limit.setter
    def on_limit(self, value: OnLimit) -> None:
        if value not in ("wait", "raise"):
            raise ParamValidationError(f"on_limit is 'wait' or 'raise', not {value!r}.")
        self._budget.on_limit = value

    def left(self, kind: Kind = "query") -> int | None:
        """How many requests of a kind may be sent now; None where nothing counts them."""
        return self._budget.left(self._pool(kind)).left

    def returns_at(self, kind: Kind = "query") -> datetime | None:
        """When one more request of a kind returns; None when none is used."""
        moment = self._budget.left(self._pool(kind)).next_at
        return None if moment is None else datetime.fromtimestamp(moment).astimezone()

    def set(
        self,
        kind: Kind = "query",
        *,
        an_hour: int | None = None,
        a_minute: int | None = None,
        a_second: int | None = None,
        at_once: int | None = None,
    ) -> None:
        """Set a limit of this project, for all processes and for good; what is left out is free.

        Raises:
            ParamValidationError: there is no such kind, or a number is below 1.
        """
        given = {
            "an_hour": an_hour,
            "a_minute": a_minute,
            "a_second": a_second,
            "at_once": at_once,
        }
        wrong = [name for name, value in given.items() if value is not None and value < 1]
        if wrong:
            raise ParamValidationError(f"{wrong[0]} is at least 1, not {given[wrong[0]]}.")
        self._budget.limit(self._pool(kind), Limit(**given))

    def reset(self, kind: Kind | None = None) -> None:
        """Forget what was counted and set, of one kind or of all."""
        for pool in self._pools.values() if kind is None else (self._pool(kind),):
            self._budget.reset(pool)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(requests, left, at once, returns) for each kind, in words."""
        return [_row(self._budget.left(pool)) for pool in self._pools.values()]

    def _pool(self, kind: Kind) -> Pool:
        if kind not in self._pools:
            raise ParamValidationError(f"There is no kind {kind!r}: {', '.join(LIMITS)}.")
        return self._pools[kind]

    def __repr__(self) -> str:
        project = next(iter(self._pools.values())).project
        return "\n".join([f"Budget of project {project}", *_columns(self.rows())])

    def _repr_html_(self) -> str:
        return table(("requests", "left", "at once", "returns"), self.rows())


class ProjectCache:
    """The answers that are kept for an account and project.

    Args:
        cache: the machine's; None when answers are not kept.
        owner: hash of who asks, and where.
    """

    def __init__(self, cache: Cache | None, owner: str) -> None:
        self._cache = cache
        self._owner = owner

    @property
    def is_on(self) -> bool:
        """Whether answers are kept."""
        return self._cache is not None

    def entries(self, *, everybody: bool = False) -> list[CacheEntry]:
        """The answers, the last used first; `everybody` lists those of other projects too."""
        if self._cache is None:
            return []
        return self._cache.entries(None if everybody else self._owner)

    def clear(self, *, everybody: bool = False) -> int:
        """Forget them; says how many there were."""
        return 0 if self._cache is None else self._cache.clear(None if everybody else self._owner)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(question, stored, good until, bytes) for each answer, in words."""
        return [
            (
                entry.what,
                _clock(entry.stored_at.timestamp()),
                "space is needed" if entry.expires_at is None else _until(entry.expires_at),
                f"{entry.size:,}",
            )
            for entry in self.entries()
        ]

    def __repr__(self) -> str:
        if not self.is_on:
            return "Answers are not kept (cache=False)."
        return "\n".join([f"{len(self.entries())} answers kept", *_columns(self.rows())])

    def _repr_html_(self) -> str:
        return table(("question", "stored", "good until", "bytes"), self.rows())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table; everything in it is text."""
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _row(left: Left) -> tuple[str, str, str, str]:
    limit = left.limit
    rates = limit.rates()
    count = "not counted" if left.left is None else f"{left.left} of {rates[0][0]} {_per(rates[0])}"
    more = "".join(f", {number} {_per((number, seconds))}" for number, seconds in rates[1:])
    at_once = f"{left.running}" + (f" of {limit.at_once}" if limit.at_once else "")
    return NAMES[left.pool.kind], count + more, at_once + " running", _returns(left)


def _returns(left: Left) -> str:
    if left.blocked_until is not None:
        return f"Mixpanel asked to wait until {_clock(left.blocked_until)}"
    if left.next_at is None or left.full_at is None:
        return "all are there"
    if left.full_at - left.next_at < 1:
        return f"at {_clock(left.next_at)}"
    return f"the next at {_clock(left.next_at)}, all by {_clock(left.full_at)}"


def _per(rate: tuple[int, float]) -> str:
    return {3600.0: "an hour", 60.0: "a minute", 1.0: "a second"}[rate[1]]


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).strftime("%H:%M:%S")


def _until(moment: datetime) -> str:
    return _clock(moment.timestamp())


def _columns(rows: Sequence[Sequence[Any]]) -> list[str]:
    widths = [max(len(str(row[at])) for row in rows) for at in range(len(rows[0]))] if rows else []
    return [
        "  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
