"""The short pass for plain funnels gives what the general one gives, breakdowns included."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mpnb.engine.duckdb import compiled
from mpnb.engine.duckdb.store import Store
from mpnb.query.filter import Filter
from tests.engine.sequences.ask import Asker
from tests.engine.sequences.world import NOW, START, world

WINDOWS = [(2, "second"), (1, "hour"), (1, "day"), (2, "week")]


def draw(rng: random.Random) -> tuple[list[str], dict[str, Any]]:
    amount, unit = rng.choice(WINDOWS)
    asked: dict[str, Any] = {
        "from_date": "2025-01-01",
        "to_date": rng.choice(["2025-01-01", "2025-01-03"]),
        "conversion_window": amount,
        "conversion_window_unit": unit,
        "math": rng.choice(["conversion_rate_unique", "conversion_rate_total"]),
    }
    if rng.random() < 0.6:
        asked["group_by"] = rng.choice(["p", ["p", "xs"], "xs"])
    if rng.random() < 0.3:
        asked["where"] = Filter.equals("p", "a")
    return [rng.choice("AABBC") for _ in range(rng.randint(2, 4))], asked


@pytest.mark.parametrize("seed", range(4))
def test_the_short_pass_is_the_general_one(seed: int) -> None:
    rng = random.Random(700 + seed)
    for turn in range(150):
        ask, (steps, asked) = Asker(world(rng).store), draw(rng)
        general = ask.query_funnel(steps, **asked)
        with compiled.small_below(0):
            assert ask.query_funnel(steps, **asked) == general, f"turn {turn}: {steps} {asked}"


@pytest.mark.parametrize("rows", [0, 1_000_000], ids=["short", "general"])
@pytest.mark.parametrize("math", ["conversion_rate_unique", "conversion_rate_total"])
def test_each_step_may_come_before_the_one_ahead_of_it(rows: int, math: str) -> None:
    times = {"C": 0.0, "B": 1.9, "A": 3.8}
    lines = [
        {"event": name, "properties": {"time": START + t, "distinct_id": "u", "$insert_id": name}}
        for name, t in times.items()
    ]
    ask = Asker(Store.from_rows(lines, timezone="UTC", now=NOW))
    with compiled.small_below(rows):
        raw = ask.query_funnel(
            ["A", "B", "C"],
            from_date="2025-01-01",
            to_date="2025-01-01",
            conversion_window=1,
            math=math,
        )
    block = next(iter(raw["series"].values()))
    assert [cell["all"] for cell in block["count"].values()] == [1, 1, 1]
