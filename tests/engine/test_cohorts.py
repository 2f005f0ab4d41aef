"""Who belongs to a cohort (section 11)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mpnb.engine.duckdb import cohorts, rows
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError
from mpnb.query.cohort import CohortCriteria as Criteria
from mpnb.query.cohort import CohortDefinition
from mpnb.query.filter import Filter
from tests.engine.stores import event, profile, store_of

DAY = 86400
NOW = 1738386000
"""2025-02-01T05:00:00Z, midnight in New York."""


@pytest.fixture(scope="module")
def store() -> Store:
    events = [
        event("Buy", "a", NOW - 7 * DAY, v=10),
        event("Buy", "a", NOW, v=30),
        event("Buy", "a", NOW + 1, v=1000),
        event("Buy", "b", NOW - 7 * DAY - 1, v="50"),
        event("Buy", "b", NOW - 3 * DAY, v=["1", 2, "x"], p="US"),
        event("View", "c", NOW - DAY, v=5),
        event("Buy", "", NOW - DAY, v=5),
    ]
    people = [
        profile("a", plan="Pro", age=30, tags=["x", "y"], born="2000-05-05"),
        profile("b", plan="free", age="40", born="2000-05-05T12:00:00Z"),
        profile("p", plan=None, active=True),
    ]
    return store_of(events, people, timezone="America/New_York", now="2025-02-01T05:00:00+00:00")


def who(store: Store, *criteria: Any, **options: Any) -> str:
    found = cohorts.members(store, CohortDefinition(*criteria), **options)
    return "".join(store.users[i] for i in np.flatnonzero(found))


CASES: list[tuple[Any, str]] = [
    (Criteria.did_event("Buy", at_least=2, within_days=7), "a"),
    (Criteria.did_event("Buy", at_least=1, within_days=7), "ab"),
    (Criteria.did_event("Buy", exactly=1, within_days=7), "b"),
    (Criteria.did_event("Buy", at_most=1, within_days=7), "bcp"),
    (Criteria.did_event("Buy", at_least=2, within_weeks=2), "ab"),
    (Criteria.did_not_do_event("Buy", within_days=30), "cp"),
    (Criteria.did_event("Buy", at_least=1, from_date="2025-01-24", to_date="2025-01-24"), "b"),
    (Criteria.did_event("Buy", at_least=1, from_date="2025-01-25", to_date="2025-01-25"), "a"),
    (Criteria.did_event("Buy", at_least=1, from_date="2025-02-01", to_date="2025-03-01"), "a"),
    (Criteria.did_event("Buy", at_least=1, within_days=30, where=Filter.equals("p", "us")), "b"),
    (
        Criteria.did_event(
            "Buy",
            at_least=1,
            within_days=30,
            where=Filter.equals("plan", "pro", resource_type="people"),
        ),
        "a",
    ),
    (Criteria.did_event("$all_events", at_least=1, within_days=30), "abc"),
    (Criteria.has_property("plan", "pro"), "a"),
    (Criteria.has_property("plan", "pro", operator="not_equals"), "bcp"),
    (Criteria.has_property("plan", "R", operator="contains"), "ab"),
    (Criteria.has_property("plan", "R", operator="not_contains"), "cp"),
    (Criteria.has_property("age", 35, operator="greater_than"), "b"),
    (Criteria.has_property("age", 40, property_type="number"), "b"),
    (Criteria.has_property("age", 40, operator="not_equals", property_type="number"), "acp"),
    (Criteria.has_property("age", 30), "a"),
    (Criteria.has_property("age", 40), ""),
    (Criteria.has_property("active", True, property_type="boolean"), "p"),
    (Criteria.has_property("tags", ["y", "z"], property_type="list"), "a"),
    (Criteria.has_property("born", "2000-05-05", property_type="datetime"), "ab"),
    (Criteria.property_is_set("plan"), "ab"),
    (Criteria.property_is_not_set("plan"), "cp"),
    (
        CohortDefinition.any_of(
            CohortDefinition.all_of(
                Criteria.has_property("plan", "pro"),
                Criteria.did_event("View", at_least=1, within_days=30),
            ),
            Criteria.did_event("View", at_least=1, within_days=30),
        ),
        "c",
    ),
]


@pytest.mark.parametrize(("criteria", "wanted"), CASES, ids=[str(i) for i in range(len(CASES))])
def test_members(store: Store, criteria: Any, wanted: str) -> None:
    assert who(store, criteria) == wanted


AGGREGATES = [
    ("total", "at_least", 40, "a"),
    ("total", "at_most", 3, "cbp"),
    ("average", "at_least", 20, "a"),
    ("min", "at_most", 10, "ab"),
    ("max", "at_least", 30, "a"),
    ("median", "exactly", 20, "a"),
    ("unique", "exactly", 3, "b"),
    ("unique", "exactly", 0, "cp"),
    ("average", "at_most", 1000, "ab"),
]


@pytest.mark.parametrize(("operator", "how", "value", "wanted"), AGGREGATES)
def test_aggregates(store: Store, operator: Any, how: str, value: int, wanted: str) -> None:
    limits: dict[str, Any] = {how: value}
    criterion = Criteria.did_event(
        "Buy", within_days=7, aggregation=operator, aggregation_property="v", **limits
    )
    assert sorted(who(store, criterion)) == sorted(wanted)


def test_windows_count_back_from_another_instant(store: Store) -> None:
    criterion = Criteria.did_event("Buy", at_least=1, within_days=1)
    assert who(store, criterion) == "a"
    assert who(store, criterion, asof_ms=(NOW - 3 * DAY) * 1000) == "b"
    assert who(store, criterion, asof_ms=(NOW + 1) * 1000) == "a"


def test_rows_without_a_user_are_in_no_cohort(store: Store) -> None:
    everybody = CohortDefinition(Criteria.did_event("Nothing", at_most=5, within_days=1))
    inside = rows.mask(store, [Filter.in_cohort(everybody, name="all")])
    outside = rows.mask(store, [Filter.not_in_cohort(everybody, name="all")])
    assert inside is not None
    assert outside is not None
    assert inside.tolist() == [True] * 6 + [False]
    assert outside.tolist() == [False] * 6 + [True]


@pytest.mark.parametrize(
    "raw",
    [
        {"selector": {"property": "behaviors", "value": "b", "operator": ">=", "operand": 1}},
        {"selector": {"operator": "xor", "children": [{"property": "cohort"}]}},
        {"selector": {"property": "user", "value": "p", "operator": "~", "operand": 1}},
        {"selector": {"property": "user", "value": "p", "operator": ">", "operand": "2025-01-01"}},
        {
            "selector": {"property": "behaviors", "value": "b", "operator": ">=", "operand": 1},
            "behaviors": {
                "b": {"count": {"event_selector": {"event": "A"}}, "window": {"unit": "x"}}
            },
        },
        {"what": 1},
    ],
)
def test_what_is_not_known_is_refused(store: Store, raw: dict[str, Any]) -> None:
    with pytest.raises(NotSupportedError):
        cohorts.members(store, raw)
