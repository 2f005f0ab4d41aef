"""Saved cohorts, custom events and custom properties, as given and as a store keeps them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from mpnb.engine.duckdb import cohorts, rows
from mpnb.engine.duckdb.settings import Settings
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import CustomPropertyRef, PropertyInput
from mpnb.query.filter import Filter
from tests.engine.stores import event, store_of

BUYERS = CohortDefinition(
    CohortCriteria.did_event(
        "Buy",
        at_least=1,
        within_months=3,
        where=[Filter.equals("p", "x"), Filter.greater_than("n", 1)],
    )
)
SAVED: dict[str, Any] = {
    "cohorts": [
        {"id": 1, "name": "Buyers", "definition": BUYERS},
        {
            "id": 2,
            "name": "Others",
            "definition": CohortDefinition(CohortCriteria.not_in_cohort(1)),
        },
        {"id": 3, "name": "Circle", "definition": CohortDefinition(CohortCriteria.in_cohort(4))},
        {"id": 4, "name": "Circle", "definition": CohortDefinition(CohortCriteria.in_cohort(3))},
    ],
    "custom_events": [
        {
            "id": 9,
            "name": "Any",
            "alternatives": [
                {"event": "View"},
                {"event": "Buy", "filters": [Filter.equals("p", "x"), Filter.greater_than("n", 1)]},
                {"event": "Buy", "filters": [Filter.starts_with("p", "x")]},
            ],
        },
        {"id": 10, "name": "Session", "alternatives": [{"event": "$session_start"}]},
        {"id": 11, "name": "Many", "alternatives": [{"event": f"E{i}"} for i in range(26)]},
    ],
    "custom_properties": [
        {
            "id": 5,
            "formula": "A * 2",
            "inputs": {"A": PropertyInput("n", "number")},
            "type": "number",
        }
    ],
}
EVENTS = [
    event("Buy", "u1", p="x", n=2),
    event("Buy", "u2", p="y", n=3),
    event("View", "u3", n=4),
    event("Other", "u4"),
]


@pytest.fixture(params=["as given", "as kept"])
def store(request: pytest.FixtureRequest) -> Store:
    saved = SAVED
    if request.param == "as kept":
        kept = json.loads(json.dumps(Settings.of(SAVED).to_dict()))
        saved = {name: kept[name] for name in SAVED}
    return store_of(EVENTS, **saved)


def test_cohorts(store: Store) -> None:
    assert cohorts.members(store, 1).tolist() == [True, False, False, False]
    assert cohorts.members(store, 2).tolist() == [False, True, True, True]
    assert cohorts.name_of(store, 1) == "Buyers"


@pytest.mark.parametrize(("cohort", "words"), [(3, "refers to itself"), (7, r"known: 1, 2, 3, 4")])
def test_hopeless_cohorts(store: Store, cohort: int, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        cohorts.members(store, cohort)


def test_custom_events(store: Store) -> None:
    match = rows.events(store, "$custom_event:9")
    assert match.rows().tolist() == [True, False, True, False]
    filtered = rows.events(store, ["$custom_event:9", "Other"], [Filter.is_set("n")])
    assert filtered.rows().tolist() == [True, False, True, False]


def test_hopeless_custom_events(store: Store) -> None:
    for event_id, words in ((10, "stored events"), (11, "26 alternatives"), (12, "known: 9")):
        with pytest.raises(QueryError, match=words):
            rows.events(store, f"$custom_event:{event_id}")
    with pytest.raises(NotSupportedError, match="session_start"):
        rows.events(store, "$session_start")


def test_custom_properties(store: Store) -> None:
    found = rows.numbers(store, CustomPropertyRef(5)).pairs()
    assert np.array(found).tolist() == [[0, 1, 2], [4, 6, 8]]


def test_all_events(store: Store) -> None:
    assert rows.events(store, "$all_events").rows().all()
    assert not rows.events(store, "Nothing").rows().any()
