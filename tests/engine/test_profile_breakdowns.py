"""Breakdowns by a property of the profile, in every kind of question, from all four forms."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mpnb import params, text
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.errors import ParamValidationError
from mpnb.query.breakdown import GroupBy
from mpnb.query.custom import InlineCustomProperty, PropertyInput
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.names import Name, names
from mpnb.query.retention import retention
from tests.engine.stores import NOON, event, profile, store_of

DAY = 86_400
USERS = {"a": ("pro", 5), "b": ("pro", 25), "c": ("free", 7), "d": (None, None)}
PLAN = GroupBy("plan", resource_type="people")
RANGE: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-10"}


@pytest.fixture(scope="module")
def engine() -> DuckEngine:
    """Events say another plan than profiles; d has no profile; one event has no user."""
    rows = [event("A", user, NOON, plan="of event") for user in USERS]
    rows += [event("B", user, NOON + DAY, plan="of event") for user in "ac"]
    rows.append(event("A", "", NOON))
    profiles = [
        profile(user, plan=plan, age=age, tags=["x", user], cart=[{"brand": plan}])
        for user, (plan, age) in USERS.items()
        if plan
    ]
    return DuckEngine(store_of(rows, profiles))


def answer(engine: DuckEngine, question: Any) -> dict[str, Any]:
    raw = engine.run(question.kind, params.build(question, today=dt.date(2025, 1, 10)))
    return dict(raw)


def totals(engine: DuckEngine, group: Any) -> dict[str, Any]:
    raw = answer(engine, insights("A", math="total", group_by=group, mode="total", **RANGE))
    (series,) = raw["series"].values()
    return {name: next(iter(leaf.values())) for name, leaf in series.items() if name[0] != "$"}


def test_insights_count_by_the_profile(engine: DuckEngine) -> None:
    assert totals(engine, PLAN) == {"pro": 2, "free": 1, "(not set)": 2}
    assert totals(engine, "plan") == {"of event": 4, "(not set)": 1}


def test_numbers_go_into_buckets(engine: DuckEngine) -> None:
    ages = GroupBy("age", "number", 10, 0, 30, resource_type="people")
    assert totals(engine, ages) == {"0 - 10": 2, "20 - 30": 1, "(not set)": 2}


def test_lists_and_their_items_count_each(engine: DuckEngine) -> None:
    tags = totals(engine, GroupBy("tags", resource_type="people"))
    assert (tags["x"], tags["a"], tags["(not set)"]) == (3, 1, 2)
    brands = totals(engine, GroupBy.list_item("cart", "brand", resource_type="people"))
    assert brands == {"pro": 2, "free": 1, "(not set)": 2}


def test_it_counts_like_the_computed_property(engine: DuckEngine) -> None:
    computed = InlineCustomProperty("A", {"A": PropertyInput("plan", resource_type="user")})
    assert totals(engine, PLAN) == totals(engine, GroupBy(computed))


def test_funnel_retention_and_flow_are_split_by_it(engine: DuckEngine) -> None:
    steps = answer(engine, funnel(["A", "B"], group_by=PLAN, **RANGE))
    assert set(_names(steps)) >= {"pro", "free", "(not set)"}
    cohorts = answer(engine, retention("A", "B", group_by=PLAN, retention_unit="day", **RANGE))
    assert set(_names(cohorts)) >= {"pro", "free", "(not set)"}
    paths = answer(engine, flow("A", segments=PLAN, **RANGE))
    assert set(paths["segments"]) == {"pro", "free", "(not set)"}


def _names(value: Any) -> list[str]:
    """Every key of a raw answer."""
    if not isinstance(value, dict):
        return []
    return [*value, *(name for inner in value.values() for name in _names(inner))]


def test_all_forms_say_it() -> None:
    group = GroupBy("age", "number", 10, 0, 100, resource_type="people")
    question = insights("A", group_by=[PLAN, group])
    written = params.build(question)
    assert [clause["resourceType"] for clause in written["sections"]["group"]] == ["people"] * 2
    assert params.read(written) == question
    assert "by user.plan, user.age in buckets of 10 from 0 to 100" in text.print(question)
    assert text.parse(text.print(question)) == question
    assert Name("profile property", "plan") in names(question)


def test_the_constructor_stays_as_it_was() -> None:
    assert GroupBy("p", "number", 1, 0, 9, None) == GroupBy("p", "number", 1, 0, 9)
    assert GroupBy("p").resource_type == "events"


def test_a_computed_property_says_itself_whose_it_is() -> None:
    computed = InlineCustomProperty.numeric("A", A="p")
    with pytest.raises(ParamValidationError) as caught:
        GroupBy(computed, resource_type="people")
    assert caught.value.code == "GB8_RESOURCE_TYPE_OF_COMPUTED"
