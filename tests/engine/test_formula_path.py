"""Any formula over any values, asked as a question: an answer or a coded error, nothing else."""

from __future__ import annotations

import contextlib
import random
from functools import lru_cache
from typing import Any

import pytest

from mpnb import params
from mpnb.engine.duckdb import rows
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.errors import MixpanelHeadlessError
from mpnb.query.breakdown import GroupBy
from mpnb.query.custom import InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter
from mpnb.query.insights import InsightsQuery, insights
from mpnb.query.metric import Metric
from tests.engine.stores import NOON, event, store_of
from tests.engine.test_formula import any_formula

EXTREMES: list[Any] = [
    *(10**400, -(10**400), 1e308, -1e308, 5e-324, 2**63, -(2**63), -0.0, True, None),
    *(253402300799999, 253402300800000, -62135596800000, "9999-12-31T23:59:59.999Z"),
    *("0001-01-01", "10000-01-01", "2025-02-30", "12e400", "NaN", "inf", "", "x"),
    *([1, "2025-01-01", 10**400], {"k": 1}, [{"k": 1e308}]),
]
KINDS: tuple[Any, ...] = ("string", "number", "boolean", "datetime")
DAYS = GroupBy("p", "datetime")
RANGE: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-02"}


@lru_cache
def engine(zone: str) -> DuckEngine:
    given_rows = []
    for at, value in enumerate(EXTREMES):
        other = EXTREMES[(7 * at + 5) % len(EXTREMES)]
        given = {letter: (value, other)[n % 2] for n, letter in enumerate("ABCDEFGHI")}
        given_rows.append(event("Act", f"u{at}", NOON + at, **given))
    return DuckEngine(store_of(given_rows, timezone=zone))


def question(pick: random.Random, kind: Any) -> InsightsQuery:
    text = any_formula(pick, pick.randint(1, 3))
    inputs = {letter: PropertyInput(letter, pick.choice(KINDS)) for letter in "ABCDEFGHI"}
    computed = InlineCustomProperty(text, inputs, kind)
    number = InlineCustomProperty(text, inputs, "number")
    match pick.randrange(4):
        case 0:
            return insights("Act", group_by=GroupBy(computed, kind), **RANGE)
        case 1:
            size = pick.choice((1e-300, 1, 1e300))
            return insights("Act", group_by=GroupBy(number, "number", size, -1e308, 1e308), **RANGE)
        case 2:
            maths: tuple[Any, ...] = ("total", "average", "median", "unique_values", "max")
            return insights(Metric("Act", math=pick.choice(maths), property=number), **RANGE)
    tests = (Filter.greater_than(number, 5), Filter.in_the_last(computed, 3, "month"))
    return insights("Act", where=pick.choice(tests), **RANGE)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_any_formula_is_answered_or_refused(zone: str, seed: int) -> None:
    pick = random.Random(f"{zone} {seed}")
    for _ in range(20):
        with contextlib.suppress(MixpanelHeadlessError):
            asked = question(pick, pick.choice(KINDS))
            engine(zone).run("insights", params.build(asked))


@pytest.mark.parametrize(
    ("zone", "value", "label"),
    [
        ("America/Los_Angeles", -62135596800000, "0001-01-01"),
        ("Pacific/Kiritimati", 253402300799000, "9999-12-31"),
    ],
)
def test_days_at_the_ends_of_the_calendar(zone: str, value: int, label: str) -> None:
    # The calendar has no day before or after, so that the one of UTC stands.
    found = rows.labels(store_of([event("Act", "u", p=value)], timezone=zone), DAYS)
    assert label in found.labels
