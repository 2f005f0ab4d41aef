"""Every row of the table in docs/decisions.md: what is refused, with its code, and what is built."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mpnb as mp
from mpnb import params
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users

NUMBER = mp.InlineCustomProperty.numeric("A * B", A="price", B="quantity")
TEXT = mp.InlineCustomProperty("A", {"A": mp.PropertyInput("plan")}, property_type="string")
SAVED = mp.CustomPropertyRef(3)
odd: Any = lambda value: value  # noqa: E731  hides a wrong type from the type checker

REFUSED: list[tuple[str, Callable[[], Any]]] = [
    ("FV1_NUMBER_EXPECTED", lambda: mp.Filter.equals(NUMBER, "five")),
    ("FV2_VALUE_TYPE", lambda: insights("A", where=mp.Filter.greater_than("p", odd("5")))),
    ("FV2_VALUE_TYPE", lambda: flow("A", where=mp.Filter.greater_than("p", odd("5")))),
    ("FV3_INVALID_DATE_UNIT", lambda: insights("A", where=mp.Filter.in_the_last("p", 3, odd("year")))),
    ("FN1_BOUNDS_ORDER", lambda: mp.Filter.between("p", 9, 1)),
    ("FN1_BOUNDS_ORDER", lambda: mp.Filter.not_between("p", 9, 1)),
    ("FN1_BOUNDS_ORDER", lambda: insights("A", where=mp.Filter("p", "between", [9, 1], "number"))),
    ("FR1_INVALID_RESOURCE_TYPE", lambda: mp.Filter.is_set("p", resource_type=odd("profile"))),
    ("GB6_INVALID_PROPERTY_TYPE", lambda: mp.GroupBy("p", property_type=odd("list"))),
    ("GB7_INVALID_RESOURCE_TYPE", lambda: mp.GroupBy("p", resource_type=odd("profile"))),
    ("GB8_RESOURCE_TYPE_OF_COMPUTED", lambda: mp.GroupBy(mp.InlineCustomProperty.numeric("A", A="p"), resource_type="people")),
    ("GB1_EMPTY_PROPERTY", lambda: insights("A", group_by="")),
    ("GB1_EMPTY_PROPERTY", lambda: funnel(["A", "B"], group_by=["x", " "])),
    ("R12_EMPTY_GROUP_BY", lambda: retention("A", "B", group_by="")),
    ("V33_INVALID_FILTERS_COMBINATOR", lambda: insights(mp.Metric("A", filters_combinator=odd("or")))),
    ("F17_INVALID_FILTERS_COMBINATOR", lambda: funnel([mp.FunnelStep("A", filters_combinator=odd("or")), "B"])),
    ("R16_INVALID_FILTERS_COMBINATOR", lambda: retention(mp.RetentionEvent("A", filters_combinator=odd("or")), "B")),
    ("V29_QUERY_MEASUREMENT_IGNORED", lambda: insights(mp.Metric("A"), math="unique")),
    ("V30_PERCENTILE_VALUE_UNUSED", lambda: insights("A", math="median", math_property="p", percentile_value=80)),
    ("V1_MATH_REQUIRES_PROPERTY", lambda: insights("A", math="average", math_property="")),
    ("V1_MATH_REQUIRES_PROPERTY", lambda: insights("A", math_property=" ")),
    ("F10_MATH_MISSING_PROPERTY", lambda: funnel(["A", "B"], math="average", math_property="")),
    ("F11_MATH_REJECTS_PROPERTY", lambda: funnel(["A", "B"], math="total", math_property="")),
    ("V32_LABEL_WITHOUT_FORMULA", lambda: insights("A", formula_label="x")),
    ("V7_LAST_POSITIVE", lambda: insights("A", last=True)),
    ("V31_INVALID_MODE", lambda: insights("A", mode=odd("pie"))),
    ("F15_INVALID_MODE", lambda: funnel(["A", "B"], mode=odd("pie"))),
    ("TC4_INVALID_TIME_COMPARISON", lambda: insights("A", time_comparison=odd("previous_period"))),
    ("F16_INVALID_ORDER", lambda: funnel(["A", "B"], order=odd("strict"))),
    ("F4_EXCLUSION_STEP_ORDER", lambda: funnel(["A", "B"], exclusions=[mp.Exclusion("X", 1)])),
    ("FL_INVALID_EXCLUSION_TYPE", lambda: flow("A", exclusions=odd([1]))),
    ("FL6_CARDINALITY_RANGE", lambda: flow("A", cardinality=True)),
    ("FL7_CONVERSION_WINDOW_TYPE", lambda: flow("A", conversion_window=odd(1.5))),
    ("V12B_BUCKET_REQUIRES_NUMBER", lambda: flow("A", segments=mp.GroupBy("p", bucket_size=10, bucket_min=0, bucket_max=9))),
    ("V12C_BUCKET_REQUIRES_BOUNDS", lambda: flow("A", segments=mp.GroupBy("p", "number", bucket_size=10))),
    ("SG3_UNKNOWN_DATETIME_OPERATOR", lambda: params.build(flow(mp.FlowStep("A", filters=[mp.Filter.not_in_the_last("p", 5, "day")])))),
    ("BB3_FLOW_PROPERTY_FILTER_TYPE", lambda: params.build(flow(mp.FlowStep("A", filters=[mp.Filter.is_set(SAVED)])))),
    ("V25_INVALID_FILTER_TYPE", lambda: flow("A", where=odd(mp.FrequencyFilter("B", 1)))),
    ("V25_INVALID_FILTER_TYPE", lambda: insights("A", where=odd((mp.Filter.is_set("p"),)))),
    ("FL1_EMPTY_STEPS", lambda: flow([])),
    ("V12B_BUCKET_REQUIRES_NUMBER", lambda: insights("A", group_by=mp.GroupBy(TEXT, "number", bucket_size=10, bucket_min=0, bucket_max=9))),
    ("V19_FORMULA_BOUNDS", lambda: insights(["A", "B"], formula="AB")),
    ("V19_FORMULA_BOUNDS", lambda: insights(["A", "B"], formula="a + A")),
    ("FM5_UPPER_E", lambda: insights(["A"] * 5, formula="A * 1E5")),
    ("U32", lambda: users(mode=odd("people"))),
    ("CD17_VALUE_TYPE", lambda: mp.CohortCriteria.has_property("p", None)),
    ("CD11_INVALID_OPERATOR", lambda: mp.CohortCriteria.has_property("p", 5, operator=odd("at_least"))),
    ("U31", lambda: users(mode="profiles", aggregate="extremes")),
    ("U31", lambda: users(mode="profiles", percentile=50)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "call"), REFUSED, ids=[code for code, _ in REFUSED])
def test_it_is_refused_with_its_code(code: str, call: Callable[[], Any]) -> None:
    with pytest.raises(mp.MixpanelHeadlessError) as caught:
        call()
    error = caught.value
    findings = error.errors if isinstance(error, mp.BookmarkValidationError) else (error,)
    assert {finding.code for finding in findings} == {code}


def where(item: mp.Filter) -> dict[str, Any]:
    found: dict[str, Any] = params.build(insights("A", where=item))["sections"]["filter"][0]
    return found


def test_equality_with_a_truth_value_is_a_question_of_yes_or_no() -> None:
    assert where(mp.Filter.equals("won", odd(True))) == where(mp.Filter.is_true("won"))
    assert where(mp.Filter.not_equals("won", odd(True))) == where(mp.Filter.is_false("won"))


def test_equality_wraps_a_number() -> None:
    clause = where(mp.Filter.equals("code", odd(404)))
    assert (clause["filterValue"], clause["filterType"]) == ([404], "string")


def test_text_becomes_a_number_where_the_property_is_one() -> None:
    clause = where(mp.Filter.equals(NUMBER, ["5", "2.5"]))
    assert (clause["filterValue"], clause["filterType"]) == ([5, 2.5], "number")


@pytest.mark.parametrize("prop", [SAVED, NUMBER])
def test_a_custom_property_has_one_form_in_all_kinds(prop: Any) -> None:
    item = mp.Filter.is_set(prop)
    questions = (
        insights("A", where=item),
        funnel(["A", "B"], where=item),
        retention("A", "B", where=item),
    )
    clauses = [params.build(question)["sections"]["filter"][0] for question in questions]
    assert "value" not in clauses[0]
    assert clauses[0] == clauses[1] == clauses[2]


def test_a_cohort_without_a_name_is_called_by_its_id() -> None:
    (group,) = params.build(insights("A", group_by=mp.CohortBreakdown(123)))["sections"]["group"]
    assert group["value"] == ["Cohort 123", "Not In Cohort 123"]


def test_a_question_may_measure_a_custom_property() -> None:
    (shown,) = params.build(insights("A", math="average", math_property=SAVED))["sections"]["show"]
    assert shown["measurement"]["property"]["customPropertyId"] == 3


def test_a_warehouse_metric_with_a_breakdown_is_built_and_logged(caplog: Any) -> None:
    made = params.build(insights(mp.MetricRef(5, type="warehouse"), group_by="$os"))
    assert made["sections"]["group"][0]["value"] == "$os"
    assert "V28_WAREHOUSE_BREAKDOWN" in caplog.text


@pytest.mark.parametrize(
    "kind", [lambda **k: funnel(["A", "B"], **k), lambda **k: retention("A", "B", **k)]
)
def test_frequencies_work_in_funnels_and_retention(kind: Any) -> None:
    made = params.build(kind(where=mp.FrequencyFilter("C", 3), group_by=mp.FrequencyBreakdown("C")))
    assert made["sections"]["filter"][0]["behavior"]["behaviorType"] == "$frequency"
    assert made["sections"]["group"][0]["behavior"]["behaviorType"] == "$frequency"


def test_retention_takes_average_as_documented() -> None:
    made = params.build(retention("A", "B", math="average"))
    assert made["sections"]["show"][0]["measurement"] == {"math": "average"}


def test_a_flow_passes_its_data_group_to_cohort_segments() -> None:
    made = params.build(flow("A", data_group_id=42, segments=mp.CohortBreakdown(5, "Big")))
    assert made["data_group_id"] == 42
    assert made["segments"][0]["dataGroupId"] == "42"


def test_truth_values_are_lower_case_in_selectors() -> None:
    made = params.build(users(where=mp.Filter("won", "equals", [True, "x"])))
    assert made["where"] == '(properties["won"] == true or properties["won"] == "x")'


def test_tuples_are_as_good_as_lists() -> None:
    assert insights(("A", "B")) == insights(["A", "B"])
    assert retention("A", "B", bucket_sizes=(1, 2)) == retention("A", "B", bucket_sizes=[1, 2])


def test_every_code_of_the_table_is_tested() -> None:
    table = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text(encoding="utf-8")
    tested = {code for code, _ in REFUSED}
    of_questions = table.split("\n## What is configured", maxsplit=1)[0]
    full = set(re.findall(r"`([A-Z0-9]+_[A-Z0-9_]+)`", of_questions))
    assert full - tested <= {"CD16_TOO_DEEP"}
