"""Small stores for tests: one event per row of properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mpnb.engine.duckdb.store import Store

NOON = 1735732800
"""2025-01-01T12:00:00Z."""


def event(name: str, user: str, time: float = NOON, **properties: Any) -> dict[str, Any]:
    return {"event": name, "properties": {"time": time, "distinct_id": user, **properties}}


def profile(user: str, **properties: Any) -> dict[str, Any]:
    return {"$distinct_id": user, "$properties": properties}


def store_of(
    events: Iterable[Mapping[str, Any]],
    profiles: Sequence[Mapping[str, Any]] = (),
    *,
    timezone: str = "UTC",
    now: str = "2025-02-01T00:00:00+00:00",
    **settings: Any,
) -> Store:
    return Store.from_rows(events, profiles, timezone=timezone, now=now, settings=settings)


def store_of_values(
    values: Sequence[Any], *, timezone: str = "UTC", now: str = "2025-02-01T00:00:00+00:00"
) -> Store:
    """A store with one event for each value, under property `p`, in the same order; ... is absent."""
    rows = [
        event("A", f"u{i:04}", NOON + i, **({} if value is ... else {"p": value}))
        for i, value in enumerate(values)
    ]
    return store_of(rows, timezone=timezone, now=now)
