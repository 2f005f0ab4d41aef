"""What is found in one call, all of it and nothing else: each row is a call and its findings.

The rows are edges at which two rules meet: which of them speaks, whether both do, and at which
place. What a part refuses by itself, before there is a question, has only a code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import mpnb as mp
from mpnb import params
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users

odd: Any = lambda value: value  # noqa: E731  hides a wrong type from the type checker
Call = Callable[[], Any]

NUMERIC = mp.InlineCustomProperty.numeric("A", A="price")
TEXT = mp.InlineCustomProperty("A", {"A": mp.PropertyInput("x")}, property_type="string")
UNSEEN = "\u200b"

QUESTIONS: list[tuple[Call, list[str]]] = [
    # formulas over the question's metrics
    (lambda: insights("A", formula="A"), ["V4_FORMULA_MIN_EVENTS@formula"]),
    (lambda: insights("A", formula="A / B"), ["V19_FORMULA_BOUNDS@formula", "V4_FORMULA_MIN_EVENTS@formula"]),
    (lambda: insights("A", formula="A *"), ["FM4_SYNTAX@formula", "V4_FORMULA_MIN_EVENTS@formula"]),
    (lambda: insights("A", formula="1 + 1"), ["V16_FORMULA_SYNTAX@formula", "V4_FORMULA_MIN_EVENTS@formula"]),
    (lambda: insights(["A", "B"], formula="A + C +"), ["V19_FORMULA_BOUNDS@formula"]),
    (lambda: insights(["A", "B"], formula="(C"), ["V19_FORMULA_BOUNDS@formula"]),
    (lambda: insights(["A", "B"], formula="A * 1E5"), ["V19_FORMULA_BOUNDS@formula"]),
    (lambda: insights(["A", "B"], formula="A ^ -B"), ["FM4_SYNTAX@formula"]),
    (lambda: insights(["A", "B"], formula="AB"), ["V19_FORMULA_BOUNDS@formula"]),
    (lambda: insights(["A", "B"], formula="a + A"), ["V19_FORMULA_BOUNDS@formula"]),
    (lambda: insights(["A"] * 5, formula="A * 1E5"), ["FM5_UPPER_E@formula"]),
    (lambda: insights(["A"] * 26, formula="BA"), ["V19_FORMULA_BOUNDS@formula"]),
    (lambda: insights(mp.Formula("A")), ["V0_NO_EVENTS@events"]),
    (lambda: insights([mp.Formula("A")]), ["V0_NO_EVENTS@events", "V4_FORMULA_MIN_EVENTS@formula"]),
    (lambda: insights(["A", "B", mp.Formula("A"), mp.Formula("C")]), ["V19_FORMULA_BOUNDS@formula[1]"]),
    (
        lambda: insights(["A", mp.Formula("B"), mp.Formula("A *"), mp.Formula("A", metrics=[mp.Metric("X")])]),
        ["FM4_SYNTAX@formula[1]", "V19_FORMULA_BOUNDS@formula[0]", "V4_FORMULA_MIN_EVENTS@formula"],
    ),
    # a math and its property, whatever the math
    (lambda: insights("A", math=odd("dau"), math_property=""), ["V2_MATH_REJECTS_PROPERTY@math_property"]),
    (lambda: insights("A", math=odd("sum"), math_property="p"), ["V2_MATH_REJECTS_PROPERTY@math_property"]),
    (lambda: insights("A", math=odd("custom_percentile")), ["V1_MATH_REQUIRES_PROPERTY@math"]),
    (lambda: insights(mp.Metric("A", math=odd("sum"), property="p")), ["V14_METRIC_REJECTS_PROPERTY@events[0]"]),
    (lambda: insights(mp.Metric("A", math=odd("custom_percentile"))), ["V13_METRIC_MATH_PROPERTY@events[0]"]),
    (lambda: funnel(["A", "B"], math=odd("dau"), math_property="p"), ["F11_MATH_REJECTS_PROPERTY@math_property"]),
    (lambda: funnel(["A", "B"], math=odd("percentile")), ["F10_MATH_MISSING_PROPERTY@math_property"]),
    (lambda: insights(mp.RetentionMetric(mp.RetentionBehavior("A", "B"), math=odd("dau"))), ["R9_INVALID_MATH@events[0].math"]),
    (lambda: params.build(insights("A", math=odd("sum"), percentile_value=5)), ["B9_INVALID_MATH@sections.show[0].measurement.math"]),
    # windows
    (
        lambda: funnel(["A", "B"], conversion_window_unit="session"),
        ["F3_CONVERSION_WINDOW_MAX@conversion_window", "F9_SESSION_WINDOW_REQUIRES_ONE@conversion_window"],
    ),
    (
        lambda: funnel(["A", "B"], conversion_window=0, conversion_window_unit="session"),
        ["F3_CONVERSION_WINDOW_POSITIVE@conversion_window", "F9_SESSION_WINDOW_REQUIRES_ONE@conversion_window"],
    ),
    (lambda: funnel(["A", "B"], conversion_window=2, conversion_window_unit="session"), ["F9_SESSION_WINDOW_REQUIRES_ONE@conversion_window"]),
    (
        lambda: flow("A", conversion_window=0, conversion_window_unit="session"),
        ["FL10_SESSION_WINDOW_REQUIRES_ONE@conversion_window", "FL7_CONVERSION_WINDOW_POSITIVE@conversion_window"],
    ),
    (lambda: flow("A", conversion_window=9, conversion_window_unit="session"), ["FL10_SESSION_WINDOW_REQUIRES_ONE@conversion_window"]),
    # dates
    (
        lambda: insights("A", from_date="2025-02-01", to_date="2025-01-99"),
        ["V15_DATE_ORDER@from_date", "V8_DATE_INVALID@to_date"],
    ),
    (lambda: insights("A", from_date="2025-02-01", to_date="soon"), ["V8_DATE_FORMAT@to_date"]),
    (lambda: flow("A", from_date="2999-01-01"), ["V15_DATE_ORDER@from_date"]),
    # the types of a flow come first: nothing else can be judged before they are right
    (lambda: flow("A", forward=odd(None)), ["FL_TYPE_FORWARD@forward"]),
    (lambda: flow("A", forward=odd(1.5), last=0), ["FL_TYPE_FORWARD@forward", "FL_TYPE_FORWARD@steps[0].forward"]),
    (lambda: flow(mp.FlowStep("A", forward=0, filters_combinator=odd("or"))), ["FL_INVALID_FILTERS_COMBINATOR@steps[0].filters_combinator"]),
    (lambda: flow("A", hidden_events=odd([5]), mode=odd("list")), ["FL_INVALID_HIDDEN_EVENT_TYPE@hidden_events[0]"]),
    # several events where one is needed, the same
    (lambda: retention(odd(["A"]), odd(["B"]), last=0), ["R1_EMPTY_BORN_EVENT@born_event", "R2_EMPTY_RETURN_EVENT@return_event"]),
    (lambda: users(where=odd(5), mode="profiles", limit=0), ["U9@where"]),
    # breakdowns
    (lambda: funnel(["A", "B"], group_by=[mp.GroupBy("p", "number", bucket_min=1)]), ["V11_BUCKET_REQUIRES_SIZE@group_by"]),
    (lambda: insights("A", group_by=["x", mp.GroupBy("p", "number", bucket_min=1)]), ["V11_BUCKET_REQUIRES_SIZE@group_by[1]"]),
    (lambda: insights("A", where=[mp.Filter.is_set(mp.CustomPropertyRef(0))]), ["CP1_INVALID_ID@where"]),
    (lambda: flow("A", where=[mp.Filter.is_set(mp.CustomPropertyRef(0))]), ["CP1_INVALID_ID@where"]),
    (lambda: flow(mp.FlowStep("A", filters=[mp.Filter.is_set(mp.CustomPropertyRef(0))])), ["CP1_INVALID_ID@steps[0].filters[0]"]),
    (
        lambda: insights(["A", "B", mp.Formula("A"), mp.Formula("A", metrics=[mp.Metric("A", math="unique", property="p")])]),
        ["V14_METRIC_REJECTS_PROPERTY@formula[1].metrics[0]"],
    ),
    (lambda: retention("A", "B", group_by=["x", ""]), ["R12_EMPTY_GROUP_BY@group_by[1]"]),
    (lambda: retention("A", "B", group_by=[""]), ["R12_EMPTY_GROUP_BY@group_by"]),
    (lambda: retention("A", "B", group_by=[mp.CohortBreakdown(5), "x"]), ["CB3_RETENTION_MIXED_BREAKDOWN@group_by"]),
    (lambda: insights("A", group_by=mp.GroupBy(NUMERIC, bucket_size=5, bucket_min=0, bucket_max=9)), ["V12B_BUCKET_REQUIRES_NUMBER@group_by"]),
    (lambda: insights("A", group_by=mp.GroupBy(TEXT, "number", bucket_size=5, bucket_min=0, bucket_max=9)), ["V12B_BUCKET_REQUIRES_NUMBER@group_by"]),
    # profiles
    (lambda: users(mode="profiles", percentile=0), ["U28@percentile"]),
    (lambda: users(mode="profiles", percentile=50), ["U31@percentile"]),
    # where in a list of events
    (lambda: insights(mp.Metric(["A", UNSEEN])), ["V22_INVISIBLE_EVENT@events[0].event[1]"]),
    (lambda: insights(mp.Metric(mp.SimpleBehavior([UNSEEN, "A"]))), ["V22_INVISIBLE_EVENT@events[0].event[0]"]),
    (lambda: insights(["A", mp.Formula("A + B"), odd(None)]), ["V21_INVALID_EVENT_TYPE@events[2]"]),
]  # fmt: skip

PARTS: list[tuple[Call, str]] = [
    (lambda: mp.Formula("A", metrics=[]), "FM2_UNKNOWN_LETTER"),
    (lambda: mp.Formula("A5", metrics=[mp.Metric("X")]), "FM2_UNKNOWN_LETTER"),
    (lambda: mp.Formula("AB", metrics=[mp.Metric("X")] * 2), "FM2_UNKNOWN_LETTER"),
    (lambda: mp.Formula("neg + A", metrics=[mp.Metric("X")]), "FM2_UNKNOWN_LETTER"),
    (lambda: mp.Formula("A B", metrics=[mp.Metric("X")] * 2), "FM4_SYNTAX"),
    (lambda: mp.Formula("1E5 * A *", metrics=[mp.Metric("X")]), "FM4_SYNTAX"),
    (lambda: mp.Formula("1. * A", metrics=[mp.Metric("X")]), "FM4_SYNTAX"),
    (lambda: mp.Formula("sqrt(A)", metrics=[mp.Metric("X")]), "FM4_SYNTAX"),
    (lambda: mp.Formula("()", metrics=[mp.Metric("X")]), "FM4_SYNTAX"),
    (lambda: mp.Formula("1E5 * Z", metrics=[mp.Metric("X")]), "FM5_UPPER_E"),
    (lambda: mp.Formula("1", metrics=[mp.Metric("X")]), "V16_FORMULA_SYNTAX"),
    (lambda: mp.FunnelMetric(mp.FunnelBehavior(["A", "B"]), math=odd("sum"), property="p"), "F11_MATH_REJECTS_PROPERTY"),
    (lambda: mp.FunnelMetric(mp.FunnelBehavior(["A", "B"]), math=odd("percentile")), "F10_MATH_MISSING_PROPERTY"),
    (lambda: mp.RetentionMetric(mp.RetentionBehavior("A", "B"), math=odd("min")), "BH3_PROPERTY_MATH"),
    (lambda: mp.RetentionMetric(mp.RetentionBehavior("A", "B"), math=odd("dau"), property="p"), "BH3_PROPERTY_MATH"),
    (lambda: mp.RetentionMetric(mp.RetentionBehavior("A", "B"), bucket_index=-1, property="p"), "MT4_INVALID_INDEX"),
    (lambda: mp.MetricRef(5, math="retention_rate", property="p"), "V14_METRIC_REJECTS_PROPERTY"),
    (lambda: mp.MetricRef(5, math="unique", property="p", per_user="total"), "V3_PER_USER_INCOMPATIBLE"),
    (lambda: mp.MetricRef(5, overrides=odd({1: 2})), "MR7_INVALID_OVERRIDE"),
    (lambda: mp.CohortMetric(mp.CohortDefinition(mp.CohortCriteria.in_cohort(5)), " "), "CM2_COHORT_NAME_EMPTY"),
    (lambda: mp.FunnelStep(odd(None)), "EV1_EMPTY_EVENT"),
    (lambda: mp.FlowStep(odd(None), session_event="start"), "EV1_EMPTY_EVENT"),
    (lambda: mp.Metric("a\x0bb"), "EV2_CONTROL_CHAR_EVENT"),
    (lambda: mp.CohortCriteria.did_event("A", at_least=1, within_days=7, to_date="2025-01-01"), "CD3_TIME_CONSTRAINT_REQUIRED"),
    (lambda: mp.CohortCriteria.did_event("A", at_least=1, to_date="2025-01-01"), "CD5_TO_REQUIRES_FROM"),
    (lambda: mp.CohortCriteria.did_event("A", at_least=-1, within_days=7, aggregation="total"), "CA1_AGGREGATION_PAIR"),
    (lambda: mp.CohortCriteria.did_event("A", at_least=1, within_days=0, where=mp.Filter.is_true("p")), "CD10_UNSUPPORTED_FILTER_OPERATOR"),
    (lambda: mp.CohortCriteria.has_property("p", None), "CD17_VALUE_TYPE"),
]  # fmt: skip

LEGAL: list[Call] = [
    lambda: insights("Signed\tUp"),
    lambda: insights(mp.Metric("Signed\nUp")),
    lambda: funnel(["A", mp.FunnelStep("B\r\n")]),
    lambda: flow("A", where=mp.Filter.equals("a\tb", "x")),
    lambda: insights(["A"] * 27, formula="BA / A"),
    lambda: insights(["A", "B"], formula="A\t+ B ^ (-1)"),
    lambda: mp.Formula("BA", metrics=[mp.Metric("X")] * 27),
    lambda: insights("A", math=odd("custom_percentile"), math_property="p", percentile_value=95),
    lambda: funnel(mp.BehaviorRef(5, "funnel"), exclusions=[], holding_constant=[]),
    lambda: retention(mp.BehaviorRef(5, "retention"), bucket_sizes=[]),
    lambda: retention("A", "B", group_by=[mp.CohortBreakdown(5), mp.FrequencyBreakdown("C")]),
    lambda: mp.CohortCriteria.has_property("p", None, operator="is_set"),
    lambda: mp.MetricRef(5, math="conversion_rate_unique", per_user="total"),
]


@pytest.mark.parametrize(
    ("call", "findings"), QUESTIONS, ids=[" ".join(row) for _, row in QUESTIONS]
)
def test_a_question_tells_all_that_is_wrong(call: Call, findings: list[str]) -> None:
    with pytest.raises(mp.BookmarkValidationError) as caught:
        call()
    assert sorted(f"{found.code}@{found.path}" for found in caught.value.errors) == sorted(findings)


@pytest.mark.parametrize(("call", "code"), PARTS, ids=[code for _, code in PARTS])
def test_a_part_tells_what_comes_first(call: Call, code: str) -> None:
    with pytest.raises((mp.ParamValidationError, mp.ParamTypeError)) as caught:
        call()
    assert caught.value.code == code


@pytest.mark.parametrize("call", LEGAL)
def test_it_is_legal(call: Call) -> None:
    call()
