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
]


@pytest.mark.parametrize("question", EDGES, ids=lambda question: question.kind)
def test_it_comes_back_whole(question: Question) -> None:
    assert params.read(params.build(question), question.kind) == question
    assert text.parse(question.to_text(), question.kind) == question
