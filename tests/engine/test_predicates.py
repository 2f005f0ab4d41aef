"""Each filter operator over one property of every type (F-1 to F-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from mpnb.engine.duckdb import predicates, rows, sources
from mpnb.errors import MixpanelHeadlessError
from mpnb.query.filter import Filter
from tests.engine.stores import NOON, event, profile, store_of, store_of_values

ANY: list[Any] = [
    "US",
    "us-east",
    "",
    5,
    "5",
    7.5,
    True,
    False,
    "true",
    ["US", 9],
    [],
    {"a": 1},
    None,
    ...,
]
"""US is 0, us-east 1, "" 2, 5 3, "5" 4, 7.5 5, True 6, False 7, "true" 8, lists 9 and 10, …"""

OPERATORS: list[tuple[Filter, set[int]]] = [
    (Filter.equals("p", "us"), {0, 9}),
    (Filter.equals("p", ["US", "5"]), {0, 3, 4, 9}),
    (Filter.equals("p", "TRUE"), {6, 8}),
    (Filter("p", "equals", 5), {3}),
    (Filter("p", "equals", True), {6}),
    (Filter.equals("p", ""), {2}),
    (Filter.equals("p", '{"a":1}'), {11}),
    (Filter.not_equals("p", "us"), set(range(14)) - {0, 9}),
    (Filter.contains("p", "S"), {0, 1, 7, 9}),
    (Filter.contains("p", ""), set(range(10)) | {11}),
    (Filter.not_contains("p", "s"), set(range(14)) - {0, 1, 7, 9}),
    (Filter.starts_with("p", "us"), {0, 1, 9}),
    (Filter.ends_with("p", "EAST"), {1}),
    (Filter.greater_than("p", 5), {5, 9}),
    (Filter.at_least("p", 5), {3, 4, 5, 9}),
    (Filter.less_than("p", 1), {7}),
    (Filter.at_most("p", 1), {6, 7}),
    (Filter.between("p", 1, 5), {3, 4, 6}),
    (Filter.not_between("p", 1, 5), {5, 7, 9}),
    (Filter.is_set("p"), set(range(12))),
    (Filter.is_not_set("p"), {12, 13}),
    (Filter.is_true("p"), {0, 1, 3, 4, 5, 6, 8, 9, 11}),
    (Filter.is_false("p"), {2, 7}),
]


def passing(values: Sequence[Any], filter_: Filter, **where: Any) -> set[int]:
    mask = rows.mask(store_of_values(values, **where), [filter_])
    assert mask is not None
    return set(np.flatnonzero(mask).tolist())


@pytest.mark.parametrize(("filter_", "wanted"), OPERATORS, ids=lambda x: str(x)[:60])
def test_operator(filter_: Filter, wanted: set[int]) -> None:
    assert passing(ANY, filter_) == wanted


MANY = [float(i) for i in range(-3, 300)] + [0.5, ...]
"""So many numbers that they are kept as an array."""


@pytest.mark.parametrize(
    "filter_",
    [
        Filter.equals("p", "7"),
        Filter.equals("p", ["0.5", "07", "x"]),
        Filter("p", "equals", [7, 8]),
        Filter.not_equals("p", "7"),
        Filter.contains("p", "7"),
        Filter.greater_than("p", 10),
        Filter.between("p", 0, 0.5),
        Filter.not_between("p", 0, 290),
        Filter.is_set("p"),
        Filter.is_not_set("p"),
        Filter.is_true("p"),
        Filter.is_false("p"),
        Filter.on("p", "1970-01-01"),
        Filter.since("p", "1970-01-01"),
        Filter.not_on("p", "1970-01-01"),
    ],
    ids=str,
)
def test_arrays_of_numbers_pass_as_single_values_do(filter_: Filter) -> None:
    store = store_of_values(MANY)
    source = sources.event_property(store, "p")
    wanted = predicates.condition(filter_, sources.clock(store))
    single = [wanted.holds(None if value is ... else value) for value in MANY]
    assert predicates.passes(store, source, wanted).tolist() == single


DATES: list[Any] = [
    "2025-01-31",  # local midnight of that day in New York is 05:00Z
    "2025-01-31T04:59:59Z",
    "2025-01-31T05:00:00Z",
    "2025-02-01T04:59:59Z",
    "2025-02-01T05:00:00Z",
    1738299600,  # 2025-01-31T05:00:00Z
    "yesterday",
    ...,
    ["2025-01-01", "2025-01-31"],
]
BY_DAY = [
    (Filter.on("p", "2025-01-31"), {0, 2, 3, 5, 8}),
    (Filter.not_on("p", "2025-01-31"), {1, 4, 8}),
    (Filter.before("p", "2025-01-31"), {1, 8}),
    (Filter.since("p", "2025-01-31"), {0, 2, 3, 4, 5, 8}),
    (Filter.date_between("p", "2025-01-30", "2025-01-31"), {0, 1, 2, 3, 5, 8}),
    (Filter.date_not_between("p", "2025-01-31", "2025-01-31"), {1, 4, 8}),
]


@pytest.mark.parametrize(("filter_", "wanted"), BY_DAY, ids=lambda x: str(x)[:60])
def test_calendar_dates_are_local(filter_: Filter, wanted: set[int]) -> None:
    assert passing(DATES, filter_, timezone="America/New_York") == wanted


RELATIVE: list[Any] = [
    "2025-01-25T00:00:00Z",
    "2025-01-24T23:59:59Z",
    "2025-02-01T00:00:00Z",
    "2025-02-01T00:00:01Z",
    "2025-03-03T00:00:00Z",
    "2025-03-03T00:00:01Z",
    ...,
]
BY_TIME = [
    (Filter.in_the_last("p", 7, "day"), {0, 2}),
    (Filter.not_in_the_last("p", 1, "week"), {1, 3, 4, 5}),
    (Filter.in_the_next("p", 1, "month"), {3, 4}),
    (Filter.in_the_last("p", 1, "hour"), {2}),
]


@pytest.mark.parametrize(("filter_", "wanted"), BY_TIME, ids=lambda x: str(x)[:60])
def test_relative_dates_are_exact(filter_: Filter, wanted: set[int]) -> None:
    assert passing(RELATIVE, filter_, timezone="America/New_York") == wanted


def test_event_time_is_a_property() -> None:
    store = store_of([event("A", "u", NOON - 13 * 3600), event("A", "u", NOON)])
    mask = rows.mask(store, [Filter.on("$time", "2025-01-01")])
    assert mask is not None
    assert mask.tolist() == [False, True]
    later = rows.mask(store, [Filter.greater_than("$time", NOON - 1)])
    assert later is not None
    assert later.tolist() == [False, True]


CARTS: list[Any] = [
    [{"b": "Nike", "n": 5}, {"b": "Puma", "n": 90}],
    [{"b": "nike", "n": 90}],
    [],
    ["nike"],
    {"b": "nike"},
    ...,
]


@pytest.mark.parametrize(
    ("quantifier", "inner", "wanted"),
    [
        ("any", [Filter.equals("b", "nike")], {0, 1}),
        ("any", [Filter.equals("b", "nike"), Filter.greater_than("n", 50)], {1}),
        ("all", [Filter.greater_than("n", 1)], {0, 1}),
        ("all", [Filter.equals("b", "nike")], {1}),
        ("any", [Filter.is_not_set("x")], {0, 1}),
    ],
)
def test_list_contains(quantifier: Any, inner: list[Filter], wanted: set[int]) -> None:
    filter_ = Filter.list_contains("p", *inner, quantifier=quantifier)
    assert passing(CARTS, filter_) == wanted


def test_profile_filters_read_the_current_profile() -> None:
    store = store_of(
        [event("A", "u1"), event("A", "u2"), event("A", "")],
        [profile("u1", plan="Pro"), profile("u3", plan="pro")],
    )
    mask = rows.mask(store, [Filter.equals("plan", "pro", resource_type="people")])
    assert mask is not None
    assert mask.tolist() == [True, False, False]
    others = rows.mask(store, [Filter.not_equals("plan", "pro", resource_type="people")])
    assert others is not None
    assert others.tolist() == [False, True, True]
    users = rows.user_mask(store, [Filter.equals("plan", "pro")])
    assert users is not None
    assert [store.users[i] for i in np.flatnonzero(users)] == ["u1", "u3"]


def test_combinators() -> None:
    store = store_of_values(["a", "b", "c"])
    either = [Filter.equals("p", "a"), Filter.equals("p", "b")]
    any_, all_ = rows.mask(store, either, "any"), rows.mask(store, either)
    assert any_ is not None
    assert all_ is not None
    assert any_.tolist() == [True, True, False]
    assert not all_.any()
    assert rows.mask(store, []) is None


@pytest.mark.parametrize(
    "filter_",
    [
        Filter("p", "is greater than", "x", "number"),
        Filter("p", "is between", [1], "number"),
        Filter("p", "contains", 5),
        Filter("p", "equals", [{"a": 1}]),
        Filter("p", "was on", "soon", "datetime"),
        Filter("p", "was between", "2025-01-01", "datetime"),
        Filter("p", "was in the", 3, "datetime", "events", "fortnight"),  # type: ignore[arg-type]
    ],
    ids=str,
)
def test_bad_operands_are_refused(filter_: Filter) -> None:
    with pytest.raises(MixpanelHeadlessError):
        passing(["a"], filter_)


def test_every_public_operator_has_a_row() -> None:
    from typing import get_args

    from mpnb.query.words import FilterOperator

    assert set(get_args(FilterOperator)) == set(predicates.OPERATORS)
