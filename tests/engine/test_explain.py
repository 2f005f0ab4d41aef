"""The SQL that explains an answer counts what the answer counts."""

from __future__ import annotations

from typing import Any

import pytest

from mpnb.engine.duckdb import explain, sql
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.metric import Metric
from mpnb.query.retention import retention
from mpnb.query.users import UserQuery
from tests.engine.stores import NOON, event, profile, store_of

DAY = 86400
STORE = store_of(
    [
        event("Buy", "u1", NOON, n=5),
        event("Buy", "u1", NOON, n=50),
        event("Buy", "", NOON + DAY, n=50),
        event("It's --", "u2", NOON + DAY, n=1),
    ],
    [profile("u1", plan="pro"), profile("u2", plan="free")],
)
RANGE: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-02"}


def counts(statement: str) -> list[list[int]]:
    return [list(row[1:]) for row in sql.connection(STORE).execute(statement).fetchall()]


def test_insights() -> None:
    asked = insights(
        [Metric("Buy", filters=[Filter.greater_than("n", 10)]), "It's --"],
        where=Filter.is_set("n"),
        **RANGE,
    )
    first, second = explain.statements(STORE, asked)
    assert first.startswith("-- rows of 'Buy'\nSELECT")
    assert counts(first) == [[1, 1], [1, 0]]
    assert second.startswith('-- rows of "It\'s --"\nSELECT')
    assert counts(second) == [[1, 1]]


def test_sequences() -> None:
    steps = explain.statements(STORE, funnel(["Buy", "It's --"], **RANGE))
    assert [counts(step) for step in steps] == [[[2, 1], [1, 0]], [[1, 1]]]
    sides = explain.statements(STORE, retention("Buy", "Buy", **RANGE))
    assert [side.split("\n")[0] for side in sides] == [
        "-- rows of the born event",
        "-- rows of the return event",
    ]


def test_people() -> None:
    (statement,) = explain.statements(STORE, UserQuery(where=(Filter.equals("plan", "PRO"),)))
    assert sql.connection(STORE).execute(statement).fetchone() == (1,)


@pytest.mark.parametrize(
    "where",
    [Filter.in_cohort(CohortDefinition(CohortCriteria.has_property("plan", "pro")), name="p")],
)
def test_what_has_no_sql_says_so(where: Filter) -> None:
    (statement,) = explain.statements(STORE, insights("Buy", where=where, **RANGE))
    assert statement.splitlines()[1].startswith("-- A custom property or a cohort")
