"""Formulas over the items of lists, `$any_event`, and ranges in weeks and months."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mpnb as mp
from mpnb.engine.duckdb import rows
from mpnb.errors import NotSupportedError
from tests.engine.stores import NOON, event, store_of_values

DAY = 86_400
ITEMS = st.dictionaries(
    st.sampled_from("pn"), st.sampled_from([None, 0, 1, 2.5, -3, "4", "x", True, [5]]), max_size=2
)
VALUES = st.lists(
    st.one_of(st.none(), st.just(7), st.lists(st.one_of(ITEMS, st.just("plain")), max_size=3)),
    max_size=8,
)
COST = mp.InlineCustomProperty(
    "A * B", {"A": mp.PropertyInput("p", "number"), "B": mp.PropertyInput("n", "number")}, "number"
)


def product(item: dict[str, Any]) -> float | None:
    """The formula in Python: native numbers only, no cast (X-1, X-4)."""
    p, n = item.get("p"), item.get("n")
    if type(p) not in (int, float) or type(n) not in (int, float):
        return None
    return p * n


@settings(max_examples=60, deadline=None)
@given(VALUES, st.sampled_from([-3, 0, 1, 5]), st.sampled_from(["any", "all"]), st.booleans())
def test_formulas_inside_list_contains(
    values: list[Any], limit: float, quantifier: Any, beside: bool
) -> None:
    inner = [mp.Filter.greater_than(COST, limit)]
    if beside:
        inner.append(mp.Filter.is_set("p"))
    asked = mp.Filter.list_contains("p", *inner, quantifier=quantifier)
    found = rows.mask(store_of_values(values), [asked])
    assert found is not None

    def holds(item: Any) -> bool:
        if not isinstance(item, dict):
            return False
        number = product(item)
        return number is not None and number > limit and (not beside or item.get("p") is not None)

    for value, got in zip(values, found.tolist(), strict=True):
        tests = [holds(item) for item in value] if isinstance(value, list) else []
        wanted = any(tests) if quantifier == "any" else bool(tests) and all(tests)
        assert got is wanted, (value, limit, quantifier)


def test_dates_and_conditions_of_items() -> None:
    until = mp.InlineCustomProperty(
        'ifs(A > B, "late", defined(A), "early")',
        {"A": mp.PropertyInput("due", "datetime"), "B": mp.PropertyInput("paid", "datetime")},
        "string",
    )
    late, early = {"due": "2025-02-01", "paid": "2025-01-01"}, {"due": "2025-01-01"}
    store = store_of_values([[late], [early], [{}], [late, early]])
    asked = mp.Filter.list_contains("p", mp.Filter.equals(until, "late"))
    assert rows.mask(store, [asked]).tolist() == [True, False, False, True]  # type: ignore[union-attr]
    every = mp.Filter.list_contains("p", mp.Filter.equals(until, "early"), quantifier="all")
    assert rows.mask(store, [every]).tolist() == [False, True, False, False]  # type: ignore[union-attr]


def test_what_stays_refused_says_what_works() -> None:
    store = store_of_values([[{"n": 1}]])
    of_user = mp.InlineCustomProperty(
        "A", {"A": mp.PropertyInput("n", "number", resource_type="user")}, "number"
    )
    for spec in (mp.CustomPropertyRef(4), of_user):
        with pytest.raises(NotSupportedError, match="keys of the list's objects"):
            rows.mask(store, [mp.Filter.list_contains("p", mp.Filter.greater_than(spec, 1))])


@pytest.fixture
def ws() -> Any:
    lines = [event("AB"[i % 2], f"u{i % 3}", NOON + i * DAY) for i in range(40)]
    return mp.local(lines, timezone="UTC", now="2025-02-09T13:00:00+00:00")


def test_any_event_is_every_event(ws: Any) -> None:
    for ask in (
        lambda name: ws.query(name, math="unique", last=30),
        lambda name: ws.query(["$session_start", mp.Metric(name)], last=9),
        lambda name: ws.query_funnel([name, "B"], last=30),
        lambda name: ws.query_retention("A", name, last=30, retention_unit="day", unit="day"),
        lambda name: ws.query("A", where=mp.FrequencyFilter(name, 3), last=30),
    ):
        known, other = ask("$all_events").df, ask("$any_event").df
        assert known.replace("$all_events", "$any_event").equals(other)
    assert ws.query("$any_event", mode="total", last=30).df["count"].tolist() == [30]


@pytest.mark.parametrize(("unit", "count", "days"), [("week", 2, 14), ("month", 1, 30)])
def test_ranges_in_weeks_and_months_are_days(ws: Any, unit: str, count: int, days: int) -> None:
    """A week is 7 days, a month 30 (T-9), and the last is today (T-10)."""
    params = ws.build_params("A", last=5)
    params["sections"]["time"][0]["window"] = {"unit": unit, "value": count}
    kept = copy.deepcopy(params)
    assert ws.run_params(params).df.equals(ws.query("A", last=days).df)
    assert params == kept
    paths = ws.build_flow_params("A", last=5)
    paths["date_range"]["from_date"] = {"unit": unit, "value": count}
    assert ws.run_flow_params(paths).df.equals(ws.query_flow("A", last=days).df)


@pytest.mark.parametrize("window", [{"unit": "hour", "value": 3}, {"unit": "week", "value": "2"}])
def test_other_ranges_are_refused(ws: Any, window: Any) -> None:
    params = ws.build_params("A", last=5)
    params["sections"]["time"][0]["window"] = window
    with pytest.raises(NotSupportedError, match="window"):
        ws.run_params(params)
