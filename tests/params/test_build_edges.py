"""What questions at the edge of the usual build, and that they come back from params and text."""

from __future__ import annotations

from typing import Any

import pytest

import mpnb as mp
from mpnb import params, text
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.users import users


def shown(question: Question) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = params.build(question)["sections"]["show"]
    return found


def test_formulas_are_shown_after_the_metrics_that_they_name() -> None:
    asked = insights(["A", mp.Formula("B / A"), mp.MetricRef(42)])
    assert [clause["type"] for clause in shown(asked)] == ["metric", "metric", "formula"]
    assert shown(asked)[2]["definition"] == "B / A"


def test_several_events_are_called_by_their_labels() -> None:
    step = mp.FunnelStep("A", label="First")
    (clause,) = shown(insights(mp.Metric(mp.SimpleBehavior([step, "B"]))))
    assert clause["behavior"]["name"] == "First or B"


def test_an_empty_label_is_written_as_it_was_given() -> None:
    (clause,) = shown(funnel([mp.FunnelStep("A", label=""), "B"]))
    steps = clause["behavior"]["behaviors"]
    assert [step.get("renamed") for step in steps] == ["", None]
    by = insights("A", group_by=mp.FrequencyBreakdown("B", label=""))
    assert params.build(by)["sections"]["group"][0]["value"] == ""


def test_an_empty_selector_is_written_as_it_was_given() -> None:
    assert params.build(users(where="")) == {"action": "count()", "where": ""}
    assert "where" not in params.build(users())


def test_no_segments_are_no_segments() -> None:
    assert params.build(flow("A", segments=[])) == params.build(flow("A"))


EDGES: list[Question] = [
    insights(["A", mp.Formula("B / A"), mp.MetricRef(42)]),
    insights(["A"] * 28, formula="BB / BA * A"),
    insights(mp.Metric(mp.SimpleBehavior([mp.FunnelStep("A", label="First"), "B"]))),
    insights("Signed\tUp\nTwice", group_by="a\tb"),
    funnel([mp.FunnelStep("A", label=""), "B\r"]),
    insights("A", group_by=mp.FrequencyBreakdown("B", label="")),
    users(where=""),
    users(segment_by=[]),
    insights(mp.Metric(["A", "B"], filters=[mp.Filter.equals("p", "x")], filters_combinator="any")),
    insights(mp.Metric([mp.CustomEventRef(5), "B"], filters=[mp.Filter.equals("p", "x")])),
    insights(mp.Metric(mp.SimpleBehavior(["A"]))),
]


@pytest.mark.parametrize("question", EDGES, ids=lambda question: question.kind)
def test_it_comes_back_whole(question: Question) -> None:
    assert params.read(params.build(question), question.kind) == question
    assert text.parse(question.to_text(), question.kind) == question


OPERATORS = ("equals", "not_equals", "contains", "not_contains", "greater_than", "is_set")


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("value", ["x", 5, True, ["a", "b"], [1], [], ""], ids=repr)
def test_a_criterion_comes_back_whatever_its_value(operator: Any, value: Any) -> None:
    criterion = mp.CohortCriteria.has_property("country", value, operator=operator)
    asked = insights("A", group_by=mp.CohortBreakdown(mp.CohortDefinition(criterion), "n"))
    built = params.build(asked)
    assert params.build(params.read(built, "insights")) == built
    assert params.build(text.parse(asked.to_text())) == built


def test_nothing_is_compared_with_nothing() -> None:
    unset = mp.CohortCriteria.has_property("p", None, operator="is_not_set")
    assert unset == mp.CohortCriteria.property_is_not_set("p")


def test_filters_of_several_events_stand_on_each() -> None:
    keep = mp.Filter.equals("p", "x")
    (clause,) = shown(insights(mp.Metric(["A", "B"], filters=[keep], filters_combinator="any")))
    behavior = clause["behavior"]
    assert (behavior["filters"], behavior["filtersDeterminer"]) == ([], "all")
    assert [len(member["filters"]) for member in behavior["behaviors"]] == [1, 1]
    assert [member["filtersDeterminer"] for member in behavior["behaviors"]] == ["any", "any"]


def test_one_event_in_a_list_is_that_event() -> None:
    assert insights(mp.Metric(["A"])) == insights(mp.Metric("A"))


def test_an_operand_of_a_formula_has_no_name() -> None:
    rate = mp.FunnelMetric(mp.FunnelBehavior(["A", "B"]), label="Rate")
    (clause,) = shown(insights(mp.Formula("A * 2", metrics=[rate])))
    assert "name" not in clause["referencedMetrics"][0]


def test_values_that_a_profile_has_not_are_listed_without_brackets() -> None:
    asked = users(where=[mp.Filter.not_equals("p", ["x", "y"]), mp.Filter.equals("q", ["x", "y"])])
    assert params.build(asked)["where"] == (
        'properties["p"] != "x" and properties["p"] != "y" '
        'and (properties["q"] == "x" or properties["q"] == "y")'
    )
    assert params.read(params.build(asked), "users") == asked
