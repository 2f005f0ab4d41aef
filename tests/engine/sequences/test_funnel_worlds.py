"""Funnels over small random worlds: engine in Python, engine compiled, and the oracle agree."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mpnb.engine.duckdb import compiled
from mpnb.query.filter import Filter
from mpnb.query.step import Exclusion, FunnelStep
from tests.engine.sequences import oracle_funnel as oracle
from tests.engine.sequences.ask import Asker
from tests.engine.sequences.world import START, World, world

DAY = 86_400_000
FROM, TO = "2025-01-01", "2025-01-03"
WHOLE = [(START * 1000, START * 1000 + 3 * DAY)]
DAYS = [(START * 1000 + i * DAY, START * 1000 + (i + 1) * DAY) for i in range(3)]
MATHS = {
    "unique": "conversion_rate_unique",
    "total": "conversion_rate_total",
    "session": "conversion_rate_session",
}


def draw(rng: random.Random) -> tuple[oracle.Rules, list[Any], dict[str, Any]]:
    """The same random question as rules for the oracle, and as steps and arguments of a call."""
    names = [rng.choice("AABBCX") for _ in range(rng.randint(2, 4))]
    rules = oracle.Rules(names, ranges=WHOLE, counting=rng.choice(["unique", "unique", *MATHS]))
    asked: dict[str, Any] = {"from_date": FROM, "to_date": TO, "math": MATHS[rules.counting]}
    steps: list[Any] = list(names)
    amount, unit, ms = rng.choice(
        [(2, "second", 2000), (1, "hour", 3_600_000), (1, "day", DAY), (2, "week", 14 * DAY)]
    )
    rules.window = ms
    if rng.random() < 0.2:
        amount, unit, rules.n_sessions = rng.choice([1, 2]), "session", 0
        rules.n_sessions = amount
    asked |= {"conversion_window": amount, "conversion_window_unit": unit}
    if rng.random() < 0.3:
        rules.order = [rng.random() < 0.7 for _ in names]
        steps = [
            FunnelStep(name, order=None if free else "loose")
            for name, free in zip(names, rules.order, strict=True)
        ]
        asked["order"] = "any"
    if rng.random() < 0.4:
        begin = rng.randint(0, len(names) - 2)
        end = rng.randint(begin + 1, len(names) - 1)
        rules.exclusions = [(rng.choice("XYC"), begin, end)]
        asked["exclusions"] = [Exclusion(*rules.exclusions[0])]
    if rng.random() < 0.25:
        rules.hold = asked["holding_constant"] = ["p"]
    if rng.random() < 0.35:
        rules.reentry = asked["reentry_mode"] = rng.choice(["optimized", "aggressive", "basic"])
    if rng.random() < 0.25:
        rules.ranges, asked["mode"] = DAYS, "trends"
    return rules, steps, asked


def lines(raw: Any, trends: bool) -> list[Any]:
    block = next(iter(raw["series"].values()))
    return [figures(inner) for inner in (block.values() if trends else [block])]


def figures(block: Any) -> tuple[Any, Any, Any]:
    counts, times, starts = (
        [cell["all"] for cell in block[name].values()]
        for name in ("count", "avg_time", "avg_time_from_start")
    )
    return counts, times, starts


def same(found: list[Any], wanted: list[Any], why: str) -> None:
    assert len(found) == len(wanted), why
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine[0] == theirs[0], why
        for k in (1, 2):
            assert mine[k] == pytest.approx(theirs[k]), why


@pytest.mark.parametrize("seed", range(12))
def test_answers_are_those_of_the_oracle(seed: int) -> None:
    rng = random.Random(seed)
    for turn in range(40):
        here, (rules, steps, asked) = world(rng), draw(rng)
        why = f"seed {seed} turn {turn}: {steps} {asked}"
        raw = Asker(here.store).query_funnel(steps, **asked)
        same(lines(raw, "mode" in asked), oracle.figures(here, rules), why)


@pytest.mark.parametrize("seed", range(4))
def test_compiled_answers_are_the_same(seed: int) -> None:
    rng = random.Random(100 + seed)
    for turn in range(40):
        here, (_, steps, asked) = world(rng), draw(rng)
        ask = Asker(here.store)
        plain = ask.query_funnel(steps, **asked)
        with compiled.small_below(0):
            assert ask.query_funnel(steps, **asked) == plain, f"turn {turn}: {steps} {asked}"


@pytest.mark.parametrize("seed", range(4))
def test_segments_and_filters_act_on_attempts(seed: int) -> None:
    rng = random.Random(200 + seed)
    for turn in range(40):
        here, (rules, steps, asked) = world(rng), draw(rng)
        asked.pop("mode", None)
        rules.ranges = WHOLE
        why = f"seed {seed} turn {turn}: {steps} {asked}"
        check_segments(here, rules, steps, asked, why)
        filtered = Asker(here.store).query_funnel(steps, where=Filter.equals("p", "a"), **asked)
        wanted = oracle.figures(here, rules, keep=lambda a: oracle.first_defined(a, "p") == "a")
        same(lines(filtered, False), wanted, why)


def check_segments(here: World, rules: oracle.Rules, steps: Any, asked: Any, why: str) -> None:
    for name, labels in (("p", {"a": "a", "b": "b", "1": 1}), ("xs", {"k": "k", "l": "l"})):
        raw = Asker(here.store).query_funnel(steps, group_by=name, **asked)
        block = next(iter(raw["series"].values()))
        for label, value in {**labels, "(not set)": None}.items():

            def inside(attempt: Any, name: str = name, value: Any = value) -> bool:
                found = oracle.first_defined(attempt, name)
                return value in found if isinstance(found, list) else found == value

            wanted = oracle.figures(here, rules, inside)
            if wanted[0][0][0] == 0:
                assert label not in block, why
            else:
                same([figures(block[label])], wanted, f"{why} {name}={label}")
        same([figures(block["$overall"])], oracle.figures(here, rules), why)
