"""Arguments of any type: a coded error or a question, never a bare Python error."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest

import mpnb as mp
from mpnb import params
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.retention import retention
from mpnb.query.users import users

ODD: list[Any] = [
    None,
    0,
    5,
    -1,
    True,
    1.5,
    float("nan"),
    "x",
    "",
    "\x00",
    "\u200b",
    [],
    [5],
    [None],
    ["x", "y"],
    {},
    {"a": 1},
    Ellipsis,
    mp.Filter.is_set("p"),
    mp.Metric("A"),
    mp.BehaviorRef(3, "simple"),
]
KINDS: dict[str, tuple[Callable[..., Question], dict[str, Any]]] = {
    "insights": (insights, {"events": "A"}),
    "funnel": (funnel, {"steps": ["A", "B"]}),
    "retention": (retention, {"born_event": "A", "return_event": "B"}),
    "flow": (flow, {"event": "A"}),
    "users": (users, {}),
}
ARGUMENTS = [
    (kind, name) for kind, (make, _) in KINDS.items() for name in inspect.signature(make).parameters
]


FREE = frozenset({"formula_label", "unit", "search", "group_id", "distinct_id", "distinct_ids"})
"""Arguments that may hold any text; what is not text is passed on as it is given."""


def attempt(call: Callable[[], Any]) -> Any:
    """Return what the call returns, or None after an error that is ours."""
    try:
        return call()
    except mp.MixpanelHeadlessError as error:
        if not (error.code and error.message):
            raise
        return None


@pytest.mark.parametrize(("kind", "name"), ARGUMENTS)
def test_every_argument_takes_anything_or_says_why_not(kind: str, name: str) -> None:
    make, usual = KINDS[kind]
    for value in ODD:
        made = attempt(lambda value=value: params.build(make(**{**usual, name: value})))
        if made is not None and name not in FREE:
            json.dumps(made)


PARTS: list[Any] = [
    mp.PropertyInput,
    mp.Filter,
    mp.FrequencyFilter,
    mp.GroupBy,
    mp.CohortBreakdown,
    mp.FrequencyBreakdown,
    mp.Metric,
    mp.MetricRef,
    mp.CohortMetric,
    mp.Formula,
    mp.FunnelStep,
    mp.Exclusion,
    mp.HoldingConstant,
    mp.RetentionEvent,
    mp.FlowStep,
    mp.TimeComparison,
    mp.BehaviorRef,
    mp.SimpleBehavior,
    mp.FunnelBehavior,
    mp.RetentionBehavior,
    mp.FunnelMetric,
    mp.RetentionMetric,
    mp.CustomEventRef,
    mp.ListItemGroupMode,
    mp.CohortDefinition,
]
USUAL: dict[str, Any] = {
    "name": "p",
    "_property": "p",
    "_operator": "equals",
    "_value": ["x"],
    "event": "A",
    "value": 3,
    "property": "p",
    "cohort": 3,
    "id": 3,
    "expression": "A / B",
    "type": "simple",
    "events": ["A"],
    "steps": ["A", "B"],
    "born_event": "A",
    "return_event": "B",
    "sub": "k",
    "sub_type": "string",
}


BEHAVIORS = {
    mp.FunnelMetric: mp.FunnelBehavior(["A", "B"]),
    mp.RetentionMetric: mp.RetentionBehavior("A", "B"),
}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_part_takes_anything_or_says_why_not(part: Any) -> None:
    names = inspect.signature(part).parameters
    for name in names:
        for value in ODD:
            usual = {**USUAL, "behavior": BEHAVIORS.get(part)}
            arguments = {key: usual[key] for key in names if key in usual and key != name}
            if name == "criteria":
                attempt(lambda value=value: part(value))
            else:
                arguments[name] = value
                attempt(lambda arguments=arguments: part(**arguments))


METRICS = (
    lambda value: mp.Metric("A", math=value),
    lambda value: mp.Metric("A", property=value),
    lambda value: mp.Metric("A", per_user=value, property="p"),
    lambda value: mp.Metric("A", filters=value),
    lambda value: mp.Metric("A", filters_combinator=value),
    lambda value: mp.Metric(value),
    lambda value: mp.FunnelMetric(mp.FunnelBehavior(["A", "B"], exclusions=value)),
    lambda value: mp.FunnelMetric(mp.FunnelBehavior(["A", value])),
    lambda value: mp.FunnelMetric(mp.FunnelBehavior(["A", "B"]), math=value),
    lambda value: mp.RetentionMetric(mp.RetentionBehavior("A", "B", bucket_sizes=value)),
    lambda value: mp.RetentionMetric(mp.RetentionBehavior("A", value)),
    lambda value: mp.Formula("A / B", metrics=value),
)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_every_metric_takes_anything_or_says_why_not(value: Any) -> None:
    for make in METRICS:
        attempt(lambda make=make: params.build(insights([make(value), "B"])))


def test_a_cohort_of_a_thousand_levels_is_refused() -> None:
    def nest(levels: int) -> mp.CohortDefinition:
        definition = mp.CohortDefinition(mp.CohortCriteria.in_cohort(1))
        for _ in range(levels):
            definition = mp.CohortDefinition(definition)
        return definition

    nest(99)
    with pytest.raises(mp.ParamValidationError) as caught:
        nest(1000)
    assert caught.value.code == "CD16_TOO_DEEP"


def test_a_formula_without_end_is_judged_at_once() -> None:
    with pytest.raises(mp.BookmarkValidationError) as caught:
        insights(["A", "B"], formula="(" * 100_000 + "A")
    assert [finding.code for finding in caught.value.errors] == ["FM4_SYNTAX"]


def test_findings_say_what_is_legal_and_what_is_near() -> None:
    with pytest.raises(mp.BookmarkValidationError) as caught:
        funnel(["A", "B"], reentry_mode="agressive")  # type: ignore[arg-type]
    (finding,) = caught.value.errors
    assert finding.suggestion == ("aggressive",)
    assert "'optimized'" in finding.message
    assert "Did you mean 'aggressive'?" in str(caught.value)
