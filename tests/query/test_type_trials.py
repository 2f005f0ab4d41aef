"""Junk of every type in every argument of parts and questions: a coded error or a whole answer.

A part that takes a junk argument is put into a question, and the question into params and, on a
store in memory, into an answer: somewhere on the way there is a coded error, or the params are JSON.
"""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import mpnb as mp
from mpnb import params
from mpnb.errors import MixpanelHeadlessError
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users

SLOW = 3.0
"""Seconds of processor that one wrong argument may take."""


def nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


def cycle() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["a"] = made
    return made


def long_cycle() -> list[Any]:
    made: list[Any] = ["A"]
    made.append(made)
    return made


class Text(str):
    """A text of a class of one's own."""


JUNK: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "float": lambda: 3.5,
    "object": object,
    "class": lambda: object,
    "bytes": lambda: b"A",
    "nested": lambda: nested(2000),
    "pairs": lambda: [["A", "B"], ["C"]],
    "nan": lambda: float("nan"),
    "infinite": lambda: float("inf"),
    "huge": lambda: 10**400,
    "negative": lambda: -(10**30),
    "complex": lambda: 1j,
    "set": lambda: {"A", "B"},
    "generator": lambda: (name for name in ("A", "B")),
    "broken": lambda: (1 // 0 for _ in "A"),
    "range": lambda: range(3),
    "cycle": cycle,
    "long cycle": long_cycle,
    "long text": lambda: "x" * 1_000_000,
    "surrogate": lambda: "\ud800",
    "own text": lambda: Text("A"),
    "lambda": lambda: lambda: None,
    "keys": lambda: {1: 2, None: 3},
    "true": lambda: True,
    "texts": lambda: ["A", 5, None],
    "empty": lambda: "",
    "many": lambda: ["A"] * 5_000,
}

STEPS = mp.FunnelBehavior(["A", "B"])
BACK = mp.RetentionBehavior("A", "B")
DID = mp.CohortDefinition(mp.CohortCriteria.did_event("A", at_least=1, within_days=7))
FORMULA = {"A": mp.PropertyInput("p", "number")}

Question = Callable[[Any], Any]
by: Question = lambda part: insights("A", group_by=part)  # noqa: E731
where: Question = lambda part: insights("A", where=part)  # noqa: E731
asked: Question = lambda part: insights(part)  # noqa: E731
PARTS: dict[str, tuple[Callable[..., Any], dict[str, Any], Question]] = {
    "BehaviorRef": (mp.BehaviorRef, {"id": 3, "type": "funnel"}, funnel),
    "CohortBreakdown": (mp.CohortBreakdown, {"cohort": DID, "name": "c"}, by),
    "CohortMetric": (mp.CohortMetric, {"cohort": 5}, asked),
    "CustomEventRef": (mp.CustomEventRef, {"id": 5}, asked),
    "CustomPropertyRef": (mp.CustomPropertyRef, {"id": 5}, lambda part: by(mp.GroupBy(part))),
    "Exclusion": (mp.Exclusion, {"event": "C"}, lambda p: funnel(["A", "B"], exclusions=[p])),
    "FlowStep": (mp.FlowStep, {"event": "A"}, flow),
    "Formula": (mp.Formula, {"expression": "A"}, lambda part: insights(["A", part])),
    "FrequencyBreakdown": (mp.FrequencyBreakdown, {"event": "A"}, by),
    "FrequencyFilter": (mp.FrequencyFilter, {"event": "A", "value": 3}, where),
    "FunnelBehavior": (
        mp.FunnelBehavior,
        {"steps": ["A", "B"]},
        lambda part: asked(mp.FunnelMetric(part)),
    ),
    "FunnelMetric": (mp.FunnelMetric, {"behavior": STEPS}, asked),
    "FunnelStep": (mp.FunnelStep, {"event": "A"}, lambda part: funnel([part, "B"])),
    "GroupBy": (mp.GroupBy, {"property": "p"}, by),
    "list_item": (mp.GroupBy.list_item, {"property": "p", "sub": "s"}, by),
    "HoldingConstant": (
        mp.HoldingConstant,
        {"property": "p"},
        lambda p: funnel(["A", "B"], holding_constant=[p]),
    ),
    "InlineCustomProperty": (
        mp.InlineCustomProperty,
        {"formula": "A", "inputs": FORMULA},
        lambda p: by(mp.GroupBy(p)),
    ),
    "PropertyInput": (
        mp.PropertyInput,
        {"name": "p"},
        lambda p: by(mp.GroupBy(mp.InlineCustomProperty("A", {"A": p}, "string"))),
    ),
    "Metric": (mp.Metric, {"event": "A"}, asked),
    "MetricRef": (mp.MetricRef, {"id": 5}, asked),
    "RetentionBehavior": (
        mp.RetentionBehavior,
        {"born_event": "A", "return_event": "B"},
        lambda part: asked(mp.RetentionMetric(part, bucket_index=1)),
    ),
    "RetentionEvent": (mp.RetentionEvent, {"event": "A"}, lambda part: retention(part, "B")),
    "RetentionMetric": (mp.RetentionMetric, {"behavior": BACK}, asked),
    "SimpleBehavior": (mp.SimpleBehavior, {"events": ["A"]}, lambda part: asked(mp.Metric(part))),
    "TimeComparison": (
        mp.TimeComparison,
        {"type": "relative", "unit": "day"},
        lambda part: insights("A", time_comparison=part),
    ),
    "CohortDefinition": (
        lambda criteria: mp.CohortDefinition(criteria),
        {"criteria": DID},
        lambda part: where(mp.Filter.in_cohort(part, "c")),
    ),
}
FILTERS: dict[str, dict[str, Any]] = {
    "equals": {"value": "v"}, "not_equals": {"value": "v"}, "contains": {"value": "v"},
    "not_contains": {"value": "v"}, "starts_with": {"prefix": "v"}, "ends_with": {"suffix": "v"},
    "greater_than": {"value": 1}, "less_than": {"value": 1}, "at_least": {"value": 1},
    "at_most": {"value": 1}, "between": {"min_val": 1, "max_val": 2},
    "not_between": {"min_val": 1, "max_val": 2}, "is_set": {}, "is_not_set": {}, "is_true": {},
    "is_false": {}, "on": {"date": "2025-01-01"}, "not_on": {"date": "2025-01-01"},
    "before": {"date": "2025-01-01"}, "since": {"date": "2025-01-01"},
    "in_the_last": {"quantity": 1, "date_unit": "day"},
    "not_in_the_last": {"quantity": 1, "date_unit": "day"},
    "in_the_next": {"quantity": 1, "date_unit": "day"},
    "date_between": {"from_date": "2025-01-01", "to_date": "2025-01-02"},
    "date_not_between": {"from_date": "2025-01-01", "to_date": "2025-01-02"},
    "list_contains": {},
}  # fmt: skip
CRITERIA: dict[str, dict[str, Any]] = {
    "did_event": {"event": "A", "at_least": 1, "within_days": 7},
    "did_not_do_event": {"event": "A", "within_days": 7},
    "has_property": {"property": "p", "value": "v"},
    "property_is_set": {"property": "p"},
    "property_is_not_set": {"property": "p"},
    "in_cohort": {"cohort_id": 5},
    "not_in_cohort": {"cohort_id": 5},
}


def of_filters() -> Iterator[tuple[str, Any]]:
    for name, more in FILTERS.items():
        yield f"Filter.{name}", (getattr(mp.Filter, name), {"property": "p", **more}, where)
    for name in ("in_cohort", "not_in_cohort"):
        yield f"Filter.{name}", (getattr(mp.Filter, name), {"cohort": 5, "name": "c"}, where)
    for name, more in CRITERIA.items():
        ask: Question = lambda one: where(mp.Filter.in_cohort(mp.CohortDefinition(one), "c"))  # noqa: E731
        yield f"CohortCriteria.{name}", (getattr(mp.CohortCriteria, name), more, ask)


ALL = {**PARTS, **dict(of_filters())}
QUESTIONS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "query": (insights, {"events": "A"}),
    "query_funnel": (funnel, {"steps": ["A", "B"]}),
    "query_retention": (retention, {"born_event": "A", "return_event": "B"}),
    "query_flow": (flow, {"event": "A"}),
    "query_user": (users, {}),
}


def names(make: Callable[..., Any]) -> list[str]:
    return [
        name
        for name, one in inspect.signature(make).parameters.items()
        if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    ]


def quickly(call: Callable[[], Any]) -> Any:
    """What a call gives; a coded error is None, any other error is one of the test."""
    started = time.process_time()
    try:
        found = call()
    except MixpanelHeadlessError as error:
        found = None if error.code and str(error) else error
    assert not isinstance(found, MixpanelHeadlessError)
    assert time.process_time() - started < SLOW
    return found


@pytest.mark.parametrize("part", ALL)
def test_parts(part: str) -> None:
    make, given, ask = ALL[part]
    for name in names(make):
        for kind, junk in JUNK.items():

            def whole(name: str = name, junk: Callable[[], Any] = junk) -> Any:
                question = ask(make(**{**given, name: junk()}))
                return json.dumps(params.build(question))

            try:
                quickly(whole)
            except Exception as error:
                pytest.fail(f"{part}({name}={kind}): {type(error).__name__}: {error}")


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions(question: str) -> None:
    make, given = QUESTIONS[question]
    for name in names(make):
        for kind, junk in JUNK.items():

            def whole(name: str = name, junk: Callable[[], Any] = junk) -> Any:
                return json.dumps(params.build(make(**{**given, name: junk()})))

            try:
                quickly(whole)
            except Exception as error:
                pytest.fail(f"{question}({name}={kind}): {type(error).__name__}: {error}")


CALLS: dict[str, dict[str, Any]] = {
    **{name: given for name, (_, given) in QUESTIONS.items()},
    "build_params": {"events": "A"},
    "build_funnel_params": {"steps": ["A", "B"]},
    "build_retention_params": {"born_event": "A", "return_event": "B"},
    "build_flow_params": {"event": "A"},
    "build_user_params": {},
    "run_params": {"params": {}},
    "run_funnel_params": {"params": {}},
    "run_retention_params": {"params": {}},
    "run_flow_params": {"params": {}},
    "run_user_params": {"params": {}},
}
SHARED_WITH_FACTORIES = frozenset(
    (call, name) for call, (make, _) in QUESTIONS.items() for name in names(make)
)


@pytest.fixture(scope="module")
def ws() -> Any:
    lines = [
        {"event": "A", "properties": {"time": 1735732800 + i * 86400, "distinct_id": f"u{i % 3}"}}
        for i in range(20)
    ]
    return mp.local(lines, timezone="UTC", now="2025-01-21T00:00:00+00:00")


@pytest.mark.parametrize("call", CALLS)
def test_calls_of_a_workspace(ws: Any, call: str) -> None:
    ask = getattr(ws, call)
    some = ("nested", "object", "many", "surrogate", "generator", "cycle", "empty")
    for name in names(ask):
        for kind in some if (call, name) in SHARED_WITH_FACTORIES else JUNK:
            junk = (lambda: ["A"] * 300) if kind == "many" else JUNK[kind]

            def whole(name: str = name, junk: Callable[[], Any] = junk) -> Any:
                return getattr(ask(**{**CALLS[call], name: junk()}), "df", None)

            try:
                quickly(whole)
            except Exception as error:
                pytest.fail(f"{call}({name}={kind}): {type(error).__name__}: {error}")


def test_a_blank_selector_asks_for_everybody(ws: Any) -> None:
    assert ws.query_user(where="").value == ws.query_user().value


@pytest.mark.parametrize(
    "text",
    [
        '{"sections": {}, "sections": {}}',
        "[" * 1_000 + "]" * 1_000,
        '{"a":' * 1_000 + "1" + "}" * 1_000,
        '{"sections": {"show": [' + "9" * 5_000 + "]}}",
        '{"last": NaN}',
        "{",
        "5",
        '"text"',
    ],
    ids=["twice", "deep list", "deep object", "digits", "nan", "cut", "number", "text"],
)
def test_texts_that_are_no_params(text: str) -> None:
    started = time.process_time()
    with pytest.raises(MixpanelHeadlessError) as caught:
        params.loads(text)
    assert caught.value.code
    assert time.process_time() - started < SLOW


@pytest.mark.parametrize("kind", ["", "sankey", "boards", 5, None, [], object()])
def test_kinds_that_nobody_knows(kind: Any) -> None:
    with pytest.raises(MixpanelHeadlessError) as caught:
        params.read({"sections": {}} if kind is not None else {"nothing": 1}, kind)
    assert caught.value.code
