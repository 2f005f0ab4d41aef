"""The short cut for parts of the usual shape changes nothing: the same params, the same findings.

Rough arguments go through the rules twice, once as usual and once with the short cut closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from inspect import signature
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpnb import params
from mpnb.errors import MixpanelHeadlessError
from mpnb.query import sound
from mpnb.query.breakdown import GroupBy
from mpnb.query.filter import Filter
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.metric import Formula, Metric
from mpnb.query.operators import OPERATORS
from mpnb.query.question import Question
from mpnb.query.retention import retention
from mpnb.query.step import FlowStep, FunnelStep, RetentionEvent
from tests.strategies.questions import questions

ROUGH_NAMES = st.sampled_from(
    ("Login", "", " ", "\t", "a\x00b", "\u200b", "Größe", "$cohorts", " x ", 7, None, "A\n")
)
ROUGH_VALUES = st.one_of(
    st.sampled_from((None, True, False, "", "x", 0, -1, 1.5, float("nan"), float("inf"), b"x")),
    st.lists(st.sampled_from(("a", 1, 2.5, float("nan"), None, True, "b")), max_size=3),
    st.sampled_from((["x"] * 1001, [1, 2], [2, 1], (1, 2), {"a": 1}, [[1]], "2025-01-31")),
)
MATHS = st.sampled_from(
    ("total", "unique", "average", "percentile", "histogram", "p90", "totally", None, 3)
)
TYPES = st.sampled_from(("string", "number", "boolean", "datetime", "list", "object", "text", None))
COMBINATORS = st.sampled_from(("all", "any", "all", "none", None))


def outcome(call: Callable[[], Any]) -> Any:
    """What a call comes to: its value, or the error with all its findings."""
    try:
        return call()
    except (MixpanelHeadlessError, TypeError, ValueError) as error:
        return type(error), str(error), [str(item) for item in getattr(error, "errors", ())]


def made(build: Callable[..., Any], *given: st.SearchStrategy[Any], **named: Any) -> Any:
    """Parts that the constructor lets through."""
    parts = st.tuples(st.tuples(*given), st.fixed_dictionaries({}, optional=named))
    tried = parts.map(lambda part: outcome(lambda: build(*part[0], **part[1])))
    return tried.filter(lambda part: not isinstance(part, tuple))


rough_filters = made(
    Filter,
    ROUGH_NAMES,
    st.sampled_from(sorted(OPERATORS)),
    ROUGH_VALUES,
    _property_type=TYPES,
    _resource_type=st.sampled_from(("events", "people", "other")),
    _date_unit=st.sampled_from((None, "day", "year")),
)
rough_metrics = made(
    Metric,
    ROUGH_NAMES,
    MATHS,
    property=ROUGH_NAMES,
    per_user=st.sampled_from((None, "total", "sum")),
    percentile_value=st.sampled_from((None, 50, "x")),
    filters=st.none() | st.lists(rough_filters, max_size=2),
    filters_combinator=COMBINATORS,
)
bounds = st.sampled_from((None, 0, 1, 10, 2.5, float("nan"), float("inf"), True, "5"))
rough_breakdowns = made(
    GroupBy, ROUGH_NAMES, property_type=TYPES,
    bucket_size=bounds, bucket_min=bounds, bucket_max=bounds,
)  # fmt: skip
formulas = made(Formula, st.sampled_from(("A", "A / B", "A +", "A / C", "1 + 2", "A B", "A^B")))


@contextmanager
def without_short_cut() -> Iterator[None]:
    """Close the short cut: every part goes through the rules."""
    no = dict.fromkeys(
        ("filter_", "filters", "breakdown", "metric", "shown", "step"), lambda _: False
    )
    with mock.patch.multiple(sound, PLAIN_MATHS=frozenset(), **no):
        yield


def both_ways(call: Callable[[], Any]) -> None:
    """The call comes to the same with the short cut and without it."""
    quickly = outcome(call)
    with without_short_cut():
        assert repr(quickly) == repr(outcome(call))


rough_steps = made(
    FunnelStep,
    ROUGH_NAMES,
    filters=st.none() | st.lists(rough_filters, max_size=2),
    filters_combinator=COMBINATORS,
    order=st.sampled_from((None, "any", "strict")),
)
rough_events = made(
    RetentionEvent,
    ROUGH_NAMES,
    filters=st.none() | st.lists(rough_filters, max_size=2),
    filters_combinator=COMBINATORS,
)
measurements = st.fixed_dictionaries(
    {},
    optional={
        "math": MATHS,
        "math_property": ROUGH_NAMES,
        "per_user": st.sampled_from((None, "total", 5)),
        "percentile_value": st.sampled_from((None, 90, "x")),
    },
)
units = st.sampled_from(("day", "week", "quarter", "hour", "fortnight", None))
some_maths = st.sampled_from(("unique", "average", "retention_rate", "total", "odd", None, []))
rough_anchors = made(FlowStep, ROUGH_NAMES, filters=st.lists(rough_filters, max_size=2))
PLACES: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], Question]]] = {
    "event": (ROUGH_NAMES, insights),
    "metric": (rough_metrics, insights),
    "metric's filter": (rough_filters, lambda part: insights(Metric("Login", filters=[part]))),
    "filter": (rough_filters, lambda part: insights("Login", where=part)),
    "breakdown": (ROUGH_NAMES | rough_breakdowns, lambda part: insights("Login", group_by=part)),
    "formula": (formulas, lambda part: insights(["Login", "Signup", part])),
    "how to count": (measurements, lambda given: insights("Login", **given)),
    "period": (units, lambda unit: insights("Login", unit=unit)),
    "chart": (st.sampled_from(("total", "pie", [])), lambda mode: insights("Login", mode=mode)),
    "step": (rough_steps | ROUGH_NAMES, lambda part: funnel(["Login", part])),
    "step's filter": (rough_filters, lambda part: funnel(["Login", FunnelStep("B", filters=part)])),
    "filter of a funnel": (rough_filters, lambda part: funnel(["Login", "B"], where=part)),
    "count of a funnel": (some_maths, lambda math: funnel(["Login", "B"], math=math)),
    "period of a funnel": (units, lambda unit: funnel(["Login", "B"], unit=unit)),
    "birth": (rough_events | ROUGH_NAMES, lambda part: retention(part, "Login")),
    "return": (rough_events | ROUGH_NAMES, lambda part: retention("Login", part)),
    "filter of a retention": (rough_filters, lambda part: retention("A", "B", where=[part])),
    "count of a retention": (some_maths, lambda math: retention("A", "B", math=math)),
    "anchor": (rough_anchors | ROUGH_NAMES, flow),
    "filter of a flow": (rough_filters, lambda part: flow("Login", where=[part])),
}
"""Place in a question that is right otherwise → what is put there, and how."""


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=400)
@given(st.data())
def test_a_rough_part_comes_to_the_same(place: str, data: st.DataObject) -> None:
    parts, ask = PLACES[place]
    part = data.draw(parts)
    both_ways(lambda: params.build(ask(part)))


@given(questions())
def test_questions_come_to_the_same(question: Question) -> None:
    both_ways(lambda: params.build(question))


@pytest.mark.parametrize(
    "part",
    [
        Metric("Login"),
        Metric("Login", math="average", property="amount", filters=[Filter.equals("a", "b")]),
        Filter.between("amount", 1, 2),
        Filter.is_set("plan"),
        GroupBy("amount", "number", 10, 0, 100),
        Formula("A / B"),
    ],
    ids=repr,
)
def test_the_usual_shapes_are_sound(part: Any) -> None:
    assert sound.shown(part) or sound.filter_(part) or sound.breakdown(part)


@pytest.mark.parametrize("part", [Metric("Login"), Filter.is_set("plan"), GroupBy("country")])
def test_a_quick_constructor_keeps_the_promises_of_a_frozen_dataclass(part: Any) -> None:
    name = fields(part)[0].name
    with pytest.raises(AttributeError):
        setattr(part, name, "other")
    assert replace(part) == part
    assert hash(part) == hash(replace(part))
    assert list(signature(type(part)).parameters) == [field.name for field in fields(part)]
    with pytest.raises(TypeError, match="missing"):
        type(part)()
