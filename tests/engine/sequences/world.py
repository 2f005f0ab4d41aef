"""Small random worlds: few users, few events, many ties and gaps around the grace of two seconds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from mpnb.engine.duckdb.store import Store

START = 1_735_689_600  # 2025-01-01T00:00:00Z
NOW = "2025-01-12T12:00:00+00:00"
EVENTS = ("A", "B", "C", "X", "Y")
GAPS = (0, 0, 1, 2, 2.001, 3, 60, 1800, 1801, 3600, 40_000, 86_400)


@dataclass(frozen=True)
class Row:
    """One event as the oracles see it; `at` is its place among its user's events."""

    user: str
    t: int
    name: str
    p: Any
    xs: Any
    at: int

    def get(self, key: str) -> Any:
        return getattr(self, key)


@dataclass(frozen=True)
class World:
    rows: dict[str, list[Row]]
    store: Store


def world(rng: random.Random) -> World:
    lines: list[dict[str, Any]] = []
    for user in ("u1", "u2", "u3")[: rng.randint(1, 3)]:
        t: float = START + rng.choice((-3600, -1, 0, 5, 50_000))
        for _ in range(rng.randint(1, 14)):
            t += rng.choice(GAPS)
            lines.append(line(rng, user, t, len(lines)))
    if rng.random() < 0.3:
        lines.append({"event": "A", "properties": {"time": START + 5, "$insert_id": "none"}})
    store = Store.from_rows(lines, timezone="UTC", now=NOW)
    return World(ordered(lines), store)


def line(rng: random.Random, user: str, t: float, number: int) -> dict[str, Any]:
    properties: dict[str, Any] = {"time": t, "distinct_id": user, "$insert_id": f"{number:04d}"}
    value = rng.choice((None, "a", "b", 1))
    if value is not None:
        properties["p"] = value
    items = rng.choice((None, ["k"], ["k", "l"], ["l", "l"]))
    if items is not None:
        properties["xs"] = items
    return {"event": rng.choice(EVENTS), "properties": properties}


def ordered(lines: list[dict[str, Any]]) -> dict[str, list[Row]]:
    users: dict[str, list[Any]] = {}
    for one in lines:
        given = one["properties"]
        if "distinct_id" in given:
            users.setdefault(given["distinct_id"], []).append((given, one["event"]))
    found = {}
    for user, events in sorted(users.items()):
        events.sort(key=lambda pair: (round(pair[0]["time"] * 1000), pair[0]["$insert_id"]))
        found[user] = [
            Row(user, round(g["time"] * 1000), name, g.get("p"), g.get("xs"), at)
            for at, (g, name) in enumerate(events)
        ]
    return found


def sessions(rows: list[Row]) -> list[int]:
    """Session of each row of a user: 30 minutes, cut at midnight."""
    numbers: list[int] = []
    for before, row in zip([None, *rows], rows, strict=False):
        if before is None:
            numbers.append(0)
            continue
        new = row.t - before.t > 1_800_000 or row.t // 86_400_000 != before.t // 86_400_000
        numbers.append(numbers[-1] + new)
    return numbers
