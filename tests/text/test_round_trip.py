"""Question → text → question, over the whole vocabulary, and text → question → text."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from mpnb import params, text
from mpnb.errors import BookmarkValidationError, MixpanelHeadlessError, QuerySyntaxError
from mpnb.query.behavior import FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter
from mpnb.query.insights import insights
from mpnb.query.metric import Formula, FunnelMetric, Metric, MetricRef, RetentionMetric
from mpnb.query.question import Extra, Question
from mpnb.query.step import Exclusion, FunnelStep, HoldingConstant, RetentionEvent
from mpnb.query.words import Kind
from mpnb.text.clauses import CLAUSES, Clause, body
from tests import strategies

EXAMPLES = int(os.environ.get("MPNB_EXAMPLES", "150"))
rounds = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def check(question: Question) -> str:
    written = text.print(question)
    again = text.parse(written, question.kind)
    assert again == question, written
    assert again.to_params() == question.to_params()
    assert text.print(again) == written
    return written


@pytest.mark.parametrize("kind", strategies.KINDS)
def test_any_question_comes_back(kind: Kind) -> None:
    @rounds
    @given(strategies.KINDS[kind])
    def run(question: Question) -> None:
        check(question)

    run()


ODD: list[Any] = [
    Metric("A", filters=[]),
    Metric("A", filters=[], filters_combinator="any"),
    Metric("A", filters_combinator="any"),
    Metric("A", filters=[Filter.is_set("x")], filters_combinator="any"),
    Metric("A", filters=[Filter("won", "equals", True), Filter("n", "equals", 5)]),
    Metric("A", filters=[Filter("p", "equals", "bare")]),
    Metric("A", filters=[Filter("p", "equals", [1, 2.5, "x"])]),
    Metric("A", filters=[Filter("p", "is_set", None, "number"), Filter("d", "was in the", 7)]),
    Metric("A", filters=[Filter("$cohorts", "contains", [{"cohort": {"id": 5}}], "list")]),
    Metric("A", filters=[Filter("$cohorts", "contains", "x", "list")]),
    Metric("A", filters=[Filter.is_set(CustomPropertyRef(4), resource_type="people")]),
    Metric("A", filters=[Filter.list_contains("cart", Brand="x", quantifier="all")]),
    Metric(("A", "B")),
    Metric(SimpleBehavior([FunnelStep("A"), "B", FunnelStep("C", label="c")], "name")),
    Metric("A", "total", InlineCustomProperty("A", {"A": PropertyInput("p")})),
    Metric("A", "total", InlineCustomProperty('"\\d" + A', {"A": PropertyInput("by")}, "string")),
    MetricRef(5, overrides={"a": [1, None, {"b": "it's"}], "c": 1.5, "d": True}),
    MetricRef(5, type="formula", hidden=False),
    MetricRef(5, step_index=0, bucket_index=0),
    Formula(" A ", metrics=[Metric("X")]),
    Formula("A * 1e5", label="", metrics=[Metric("X")]),
    Formula("A^2 - 0.5", metrics=[Metric("X", filters=[Filter.is_set("y")])]),
    FunnelMetric(FunnelBehavior([FunnelStep("A"), "B"], exclusions=[Exclusion("C"), "D"])),
    FunnelMetric(FunnelBehavior(["A", "B"], holding_constant=[HoldingConstant("p"), "q"])),
    FunnelMetric(FunnelBehavior(["A", "B"], holding_constant="p", exclusions=[])),
    RetentionMetric(RetentionBehavior(RetentionEvent("A"), "B", bucket_sizes=[])),
]


@pytest.mark.parametrize("metric", ODD, ids=repr)
def test_odd_parts_come_back(metric: Any) -> None:
    check(insights([metric]))


def test_criteria_that_no_factory_makes_come_back() -> None:
    raw = CohortCriteria({"property": "odd", "value": [1], "operator": "?"}, None, None)
    did = CohortCriteria(
        {"property": "behaviors", "value": "k", "operator": ">", "operand": 1}, "k", {"count": {}}
    )
    check(insights("A", where=Filter.in_cohort(CohortDefinition(raw, did), "x")))


def test_extras_come_back() -> None:
    extras = (
        Extra(("displayOptions", "value"), "it's"),
        Extra(("sections", "show", 0, "é"), {"a": [1, 2.5, None, True], "b": {}}),
        Extra(("x",), []),
    )
    question = insights("A")
    object.__setattr__(question, "extras", extras)
    assert "extra" in check(question)


@given(st.text(min_size=1, max_size=30))
@example("\u2028\x85\n\t\\\"'{{x}}\x00")
@settings(max_examples=200, deadline=None)
def test_any_text_is_quoted(value: str) -> None:
    quoted = text.quote(value)
    assert len(quoted.splitlines()) == 1
    question = text.parse(f'"A" where p contains {quoted}')
    assert getattr(question, "metrics")[0].filters[0]._value == value  # noqa: B009


def every_example() -> list[Any]:
    return [
        pytest.param(clause, line, kind, id=f"{kind}: {line}")
        for clause in CLAUSES
        for line, _ in clause.examples
        for kind in clause.kinds
    ]


@pytest.mark.parametrize(("clause", "line", "kind"), every_example())
def test_every_documented_example_is_read(clause: Clause, line: str, kind: Kind) -> None:
    question = text.parse(body(clause, line, kind), kind)
    written = check(question)
    if not clause.subject:
        assert question == text.parse(shuffled(written), kind)


def shuffled(written: str) -> str:
    """The same clauses, those that are no subject in reverse, with comments between."""
    lines = written.split("\n")
    subjects = [line for line in lines if re.match(r'"|metric|cohort|funnel|behavior', line)]
    rest = [line for line in lines if line not in subjects]
    return "\n\n# remark\n".join([*rest[::-1], *subjects]) + "  # end"


def comes_back(saved: dict[str, Any], kind: Kind) -> str:
    """Hold saved params to text and back; return the text."""
    written = text.print(params.read(saved, kind))
    again = text.parse(written, kind)
    assert params.build(again) == saved, written
    assert text.print(again) == written
    return written


LETTERED: dict[str, Any] = {
    "sections": {
        "show": [
            {"type": "metric", "behavior": {"type": "event", "name": "Login"}},
            {"type": "formula", "definition": "A * 2"},
        ]
    }
}
"""A report over one metric: saved so by Mixpanel, refused by the rules of questions."""


def test_a_saved_report_that_breaks_a_rule_is_one_clause() -> None:
    assert comes_back(LETTERED, "insights").startswith("params {")
    kept = params.read(LETTERED)
    assert text.parse(kept.to_text(), "insights") == kept


@pytest.mark.parametrize("kind", strategies.KINDS)
def test_damaged_params_that_can_be_read_come_back_from_their_text(kind: Kind) -> None:
    @rounds
    @given(strategies.KINDS[kind], st.data())
    def run(question: Question, data: st.DataObject) -> None:
        try:
            saved = question.to_params()
        except MixpanelHeadlessError:
            assume(False)
        damage(saved, data)
        try:
            kept = params.read(saved, kind)
            built = params.build(kept)
        except BookmarkValidationError:
            assume(False)
        assert built == saved
        comes_back(saved, kind)

    run()


def damage(holder: Any, data: st.DataObject) -> None:
    """Put a strange value somewhere into a JSON value."""
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
            holder = holder[key]
            continue
        holder[key] = data.draw(st.sampled_from(STRANGE))
        return


STRANGE: list[Any] = [None, -3, 1.5, True, "", "strange", [], {}, [None], {"x": [1, "y"]}, 10**20]


def test_params_stand_alone() -> None:
    with pytest.raises(QuerySyntaxError):
        text.parse('params {"steps": []}\nlast 7 days', "flow")
    with pytest.raises(QuerySyntaxError):
        text.parse('"A"\nparams {"sections": {}}')


@pytest.mark.parametrize("body", ["{}", '{"sections": {}}', '{"sections": {"show": [3]}}'])
def test_params_that_are_none_are_refused_in_place(body: str) -> None:
    with pytest.raises(BookmarkValidationError) as caught:
        text.parse(f"params {body}")
    assert caught.value.errors[0].code.startswith("PR")
    assert "^^^^^^" in text.explain_error(f"params {body}", caught.value)
