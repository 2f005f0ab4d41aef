"""Several breakdowns counted in one pass give what the sample of their rows gives."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mpnb.engine.duckdb import dimension, insights
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.store import Store
from mpnb.query.filter import Filter
from mpnb.query.insights import insights as ask

START = 1_735_689_600


def rows(rng: random.Random) -> list[dict[str, Any]]:
    made = []
    for number in range(rng.randint(0, 60)):
        properties: dict[str, Any] = {
            "time": START + rng.randint(-50_000, 400_000),
            "$insert_id": f"{number:04}",
            **{name: rng.choice("ab1") for name in "pqr" if rng.random() < 0.7},
        }
        if rng.random() < 0.9:
            properties["distinct_id"] = rng.choice("uvw")
        made.append({"event": rng.choice("AB"), "properties": properties})
    return made


@pytest.mark.parametrize("math", ["total", "unique", "wau"])
@pytest.mark.parametrize("seed", range(4))
def test_one_pass_is_the_sample(math: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(f"{math}{seed}")
    for _ in range(10):
        made = rows(rng)
        store = Store.from_rows(made, timezone="UTC", now="2025-01-06T12:00:00+00:00")
        question = ask(
            "A",
            math=math,
            group_by=rng.choice([["p", "q"], ["q", "p", "r"]]),
            where=Filter.equals("p", ["a", "1"]) if rng.random() < 0.4 else None,
            from_date="2025-01-01",
            to_date="2025-01-05",
        )
        fast = insights.answer(store, question, Context())
        with monkeypatch.context() as patch:
            patch.setattr(dimension, "MAX_CROSSED", 0)
            assert insights.answer(store, question, Context()) == fast
