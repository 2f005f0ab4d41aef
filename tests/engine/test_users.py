"""Questions about people (section 10)."""

from __future__ import annotations

from typing import Any

import pytest

import mpnb
from mpnb.engine.duckdb import users
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.store import Store
from mpnb.errors import MixpanelHeadlessError, QueryError
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.users import UserQuery
from tests.engine.stores import NOON, event, profile, store_of

DAY = 86400


@pytest.fixture(scope="module")
def store() -> Store:
    people = [
        profile(
            "d", ltv=10, plan="Pro", **{"$email": "D@x.com", "$last_seen": "2025-01-01T00:00:00"}
        ),
        profile("b", ltv="7", plan="free", tags=["VIP"]),
        profile("a", ltv=10, plan="pro", n=[1, "2", "x"]),
        profile("c", plan=None),
        profile("e", ltv=2.5),
    ]
    events = [event("Buy", "a"), event("Buy", "z"), event("Buy", "d", NOON - 10 * DAY, kind="big")]
    definition = CohortDefinition(CohortCriteria.did_event("Buy", at_least=1, within_days=60))
    saved = [{"id": 1, "name": "Buyers", "definition": definition}]
    return store_of(events, people, now="2025-01-02T00:00:00+00:00", cohorts=saved)


def ids(store: Store, limit: int | None = None, **asked: Any) -> str:
    question = UserQuery(mode="profiles", **asked)
    page = users.answer(store, question, Context(limit=limit))
    return "".join(record["$distinct_id"] for record in page["results"])


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "abcde"),
    ({"where": (Filter.equals("plan", "PRO"),)}, "ad"),
    ({"where": (Filter.not_equals("plan", "PRO"),)}, "bce"),
    ({"where": (Filter.greater_than("ltv", 5), Filter.is_set("plan"))}, "abd"),
    ({"where": (Filter.in_cohort(1),)}, "ad"),
    ({"where": 'properties["ltv"] > 5'}, "ad"),
    ({"where": 'user["plan"] == "pro" or not defined(properties["plan"])'}, "acde"),
    ({"cohort": 1}, "ad"),
    ({"cohort": 1, "include_all_users": True}, "adz"),
    ({"cohort": 1, "as_of": "2024-12-25"}, "d"),
    ({"cohort": 1, "as_of": NOON - 11 * DAY}, ""),
    ({"distinct_id": "c"}, "c"),
    ({"distinct_ids": ("e", "nobody", "a")}, "ae"),
    ({"search": "d@X"}, "d"),
    ({"search": "E"}, "be"),
    ({"sort_by": "ltv", "sort_order": "ascending"}, "eadbc"),
    ({"sort_by": "ltv", "sort_order": "descending"}, "badec"),
    ({"sort_by": "nothing"}, "abcde"),
]


@pytest.mark.parametrize(("asked", "wanted"), CASES, ids=[str(case[0]) for case in CASES])
def test_who(store: Store, asked: dict[str, Any], wanted: str) -> None:
    assert ids(store, **asked) == wanted


def test_a_page_says_how_many_there_are(store: Store) -> None:
    page = users.answer(store, UserQuery(mode="profiles"), Context(limit=2))
    assert [record["$distinct_id"] for record in page["results"]] == ["a", "b"]
    assert (page["total"], page["page"], page["session_id"], page["status"]) == (5, 0, None, "ok")


def test_asked_for_properties_are_there_even_when_missing(store: Store) -> None:
    question = UserQuery(mode="profiles", properties=("$email", "plan"), distinct_ids=("d", "c"))
    records = users.answer(store, question, Context())["results"]
    assert [record["$properties"] for record in records] == [
        {"$email": None, "plan": None},
        {"$email": "D@x.com", "plan": "Pro", "$last_seen": "2025-01-01T00:00:00"},
    ]


AGGREGATES: list[tuple[dict[str, Any], Any]] = [
    ({}, 5),
    ({"where": (Filter.equals("plan", "pro"),)}, 2),
    ({"aggregate": "extremes", "aggregate_property": "ltv"}, {"max": 10, "min": 2.5}),
    ({"aggregate": "extremes", "aggregate_property": "n"}, {"max": 2, "min": 1}),
    ({"aggregate": "extremes", "aggregate_property": "no"}, {"max": None, "min": None}),
    (
        {"aggregate": "percentile", "aggregate_property": "ltv", "percentile": 50},
        {"percentile": 50, "result": 8.5},
    ),
    (
        {"aggregate": "numeric_summary", "aggregate_property": "n"},
        {"count": 2, "mean": 1.5, "var": 0.25, "sum_of_squares": 5},
    ),
    ({"segment_by": (1,)}, {"1": 2}),
]


@pytest.mark.parametrize(("asked", "wanted"), AGGREGATES, ids=[str(case[0]) for case in AGGREGATES])
def test_aggregates(store: Store, asked: dict[str, Any], wanted: Any) -> None:
    assert users.answer(store, UserQuery(**asked), Context())["results"] == wanted


def streamed(store: Store, **arguments: Any) -> str:
    return "".join(r["$distinct_id"] for r in users.stream(store, arguments, Context()))


def test_stream_with_behaviors(store: Store) -> None:
    bought = {"name": "b", "window": "7d", "event_selectors": [{"event": "Buy"}]}
    assert streamed(store, behaviors=[bought], where='behaviors["b"] > 0') == "a"
    assert streamed(store, behaviors=[bought], where='behaviors["b"] == 0') == "bcde"
    early = NOON - 10 * DAY
    assert (
        streamed(store, behaviors=[bought], where='behaviors["b"] > 0', as_of_timestamp=early)
        == "d"
    )
    big = [{"event": "Buy", "selector": 'properties["kind"] == "BIG"'}]
    wide = {"name": "b", "window": "9w", "event_selectors": big}
    assert streamed(store, behaviors=[wide], where='behaviors["b"] > 0') == "d"
    assert streamed(store, cohort_id="1") == "ad"
    assert streamed(store) == "abcde"


def test_hopeless_questions(store: Store) -> None:
    for asked in (
        {"aggregate": "percentile", "aggregate_property": "ltv"},
        {"aggregate": "extremes"},
        {"cohort": 5},
        {"as_of": "soon", "cohort": 1},
        {"where": "properties["},
    ):
        with pytest.raises(MixpanelHeadlessError):
            users.answer(store, UserQuery(**asked), Context())
    with pytest.raises(QueryError):
        streamed(store, where='behaviors["b"] > 0')


def test_parallel_fetching_is_told() -> None:
    ws = mpnb.local([{"event": "A", "properties": {"time": 1_700_000_000, "distinct_id": "u"}}])
    meta = ws.query_user(mode="profiles", limit=5, parallel=True, workers=2).meta
    assert (meta["pages_fetched"], meta["workers"], meta["failed_pages"]) == (1, 2, [])
