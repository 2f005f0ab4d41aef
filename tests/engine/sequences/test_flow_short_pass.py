"""The short pass for plain flows gives what the general one gives."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mpnb.engine.duckdb import compiled
from mpnb.query.filter import Filter
from mpnb.query.step import FlowStep
from tests.engine.sequences.ask import Asker
from tests.engine.sequences.world import world

WINDOWS = [(1, "hour"), (1, "day"), (2, "week")]


def draw(rng: random.Random) -> tuple[Any, dict[str, Any]]:
    amount, unit = rng.choice(WINDOWS)
    asked: dict[str, Any] = {
        "from_date": "2025-01-01",
        "to_date": rng.choice(["2025-01-01", "2025-01-03"]),
        "conversion_window": amount,
        "conversion_window_unit": unit,
        "forward": rng.randint(0, 4),
        "cardinality": rng.choice([1, 2, 50]),
        "mode": rng.choice(["sankey", "paths", "tree"]),
    }
    if rng.random() < 0.3:
        asked["hidden_events"] = rng.sample("ABX", rng.randint(1, 2))
    if rng.random() < 0.3:
        asked["where"] = Filter.equals("p", "a")
    if rng.random() < 0.3:
        asked["segments"] = "p"
    event = rng.choice("ABC")
    if rng.random() < 0.3:
        return FlowStep(event, filters=(Filter.equals("p", "b"),)), asked
    return event, asked


@pytest.mark.parametrize("seed", range(4))
def test_the_short_pass_is_the_general_one(seed: int) -> None:
    rng = random.Random(800 + seed)
    for turn in range(150):
        ask, (event, asked) = Asker(world(rng).store), draw(rng)
        general = ask.query_flow(event, **asked)
        with compiled.small_below(0):
            assert ask.query_flow(event, **asked) == general, f"turn {turn}: {event} {asked}"
