"""The SQL of filters counts the rows that the masks count."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mpnb.engine.duckdb import predicates, rows, sql, sql_filters
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError
from mpnb.query.filter import Filter
from tests.engine.stores import NOON, event, profile, store_of

TEXTS = ["US", "us", "Ca'n\"ada", "", "12", "-3.5e1", " 7 ", "false", "a%b_c", "nan", "0x10", "🙂"]


@pytest.fixture(scope="module")
def store() -> Store:
    pick = random.Random(5)
    events = []
    for i in range(2000):
        properties: dict[str, Any] = {}
        if pick.random() < 0.8:
            properties["text"] = pick.choice(TEXTS)
        if pick.random() < 0.8:
            properties["number"] = pick.choice([0, 1, 2.5, -7, NOON, NOON * 1000, i])
        if pick.random() < 0.8:
            properties["flag"] = pick.random() < 0.5
        if pick.random() < 0.8:
            properties["few numbers"] = pick.choice([0, 1, 5.5])
        name, user = pick.choice("AB"), pick.choice(["", "u1", "u2", "u3", "u9"])
        events.append(event(name, user, NOON + i * 3600, **properties))
    people = [profile("u1", plan="Pro", age=30), profile("u2", plan="free"), profile("u3", age=9)]
    return store_of(events, people, timezone="America/New_York")


TEXT_FILTERS = [
    Filter.equals("text", ["us", "ca'n\"ada"]),
    Filter.equals("text", ""),
    Filter.not_equals("text", "US"),
    Filter.contains("text", "%b_"),
    Filter.contains("text", "🙂"),
    Filter.not_contains("text", "a"),
    Filter.starts_with("text", "U"),
    Filter.ends_with("text", "S"),
    Filter.greater_than("text", 6.5),
    Filter.between("text", -35, 7),
    Filter.is_true("text"),
    Filter.is_false("text"),
    Filter.is_set("text"),
    Filter.is_not_set("text"),
]
OTHER_FILTERS = [
    Filter.equals("number", ["2.5", "07", "1"]),
    Filter.not_equals("number", "1"),
    Filter.at_most("number", -7),
    Filter.not_between("number", 0, 1000),
    Filter.is_true("number"),
    Filter.is_false("number"),
    Filter.on("number", "2025-01-01"),
    Filter.date_not_between("number", "1970-01-01", "2024-12-31"),
    Filter.is_false("flag"),
    Filter.is_true("flag"),
    Filter.equals("flag", "TRUE"),
    Filter.is_not_set("flag"),
    Filter.greater_than("flag", 0),
    Filter.equals("few numbers", "5.5"),
    Filter.since("$time", "2025-02-01"),
    Filter.before("$time", "2025-03-09"),
    Filter.in_the_last("$time", 7, "day"),
    Filter.not_in_the_last("$time", 1, "month"),
    Filter.greater_than("$time", NOON + 5),
    Filter.equals("nowhere", "x"),
    Filter.is_not_set("nowhere"),
    Filter.equals("plan", "pro", resource_type="people"),
    Filter.not_equals("plan", "pro", resource_type="people"),
    Filter.is_not_set("age", resource_type="people"),
    Filter.greater_than("age", 10, resource_type="people"),
]


@pytest.mark.parametrize("filter_", TEXT_FILTERS + OTHER_FILTERS, ids=str)
def test_sql_counts_what_the_mask_counts(store: Store, filter_: Filter) -> None:
    for event_name in ("A", "none"):
        statement = sql_filters.count(store, event_name, [filter_]).sql("duckdb")
        found = sql.connection(store).execute(statement).fetchone()
        assert found == (int(rows.events(store, event_name, [filter_]).rows().sum()),), statement


def test_several_filters(store: Store) -> None:
    filters = [Filter.equals("text", "us"), Filter.greater_than("number", 1)]
    for combinator in ("all", "any"):
        mask = rows.mask(store, filters, combinator)
        assert mask is not None
        statement = sql_filters.count(store, None, filters, combinator).sql("duckdb")
        assert sql.connection(store).execute(statement).fetchone() == (int(mask.sum()),)


def test_what_has_no_short_form_is_refused() -> None:
    store = store_of([event("A", "u", lists=["a"], mixed=1), event("A", "u", mixed="x")])
    for filter_ in (
        Filter.equals("lists", "a"),
        Filter.equals("mixed", "a"),
        Filter.list_contains("lists", Filter.is_set("k")),
        Filter.in_cohort(3),
    ):
        with pytest.raises(NotSupportedError):
            sql_filters.where(store, [filter_])


def test_every_operator_has_a_row() -> None:
    positive = {name for name, row in predicates.OPERATORS.items() if row.negates is None}
    assert positive - sql_filters._ROWS.keys() == {"list_contains"}, "how it is said in SQL"
