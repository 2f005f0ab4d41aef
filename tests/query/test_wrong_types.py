"""Values that no JSON holds, inside questions: a coded error as the part or question is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

import mpnb as mp
from mpnb import params, result
from mpnb.errors import BookmarkValidationError, ParamTypeError, ParamValidationError, QueryError
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.users import users

NAN: Any = float("nan")
BYTES: Any = b"x"
OBJECT: Any = {}
ABSENT: Any = None
STEPS = mp.FunnelBehavior(["A", "B"])
COHORT = mp.RetentionBehavior("A", "B")

LABELS: list[Callable[[Any], Any]] = [
    lambda label: mp.Formula("A", label=label),
    lambda label: mp.SimpleBehavior(["A"], name=label),
    lambda label: mp.FunnelMetric(STEPS, label=label),
    lambda label: mp.RetentionMetric(COHORT, label=label),
    lambda label: mp.FunnelStep("A", label=label),
    lambda label: mp.FlowStep("A", label=label),
    lambda label: mp.FrequencyFilter("A", 1, label=label),
    lambda label: mp.FrequencyBreakdown("A", label=label),
]


def nested(depth: int) -> dict[str, Any]:
    """An object inside an object, so many times."""
    made: dict[str, Any] = {}
    for _ in range(depth):
        made = {"a": made}
    return made


@pytest.mark.parametrize("kind", ["", "funnel_", "retention_", "flow_", "user_"])
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (None, "PJ5_NOT_AN_OBJECT"),
        (5, "PJ5_NOT_AN_OBJECT"),
        ("{}", "PJ5_NOT_AN_OBJECT"),
        ([], "PJ5_NOT_AN_OBJECT"),
        ({"sections": {1: 2}}, "PJ1_NOT_JSON"),
        ({"last": NAN}, "PJ4_NOT_FINITE"),
        (nested(1000), "PJ3_TOO_DEEP"),
    ],
)
def test_params_that_are_no_json_are_not_sent(kind: str, made: Any, code: str) -> None:
    account = mp.ServiceAccount(name="a", region="us", username="u", secret=SecretStr("s"))
    ws = mp.Workspace(session=mp.Session(account=account, project=mp.Project(id="1")))
    with pytest.raises(BookmarkValidationError) as caught:
        getattr(ws, f"run_{kind}params")(made)
    assert [found.code for found in caught.value.errors] == [code]


@pytest.mark.parametrize("kind", ["insights", "funnel", "retention", "flow", "users"])
@pytest.mark.parametrize("raw", [None, 5, "x", [5], {"headers": 5, "series": {}}])
def test_answers_that_are_no_objects_are_errors(kind: str, raw: Any) -> None:
    with pytest.raises(QueryError):
        result.read(kind, raw, {})


@pytest.mark.parametrize("make", LABELS)
@pytest.mark.parametrize("label", [5, b"x", NAN, ["x"], {"x"}])
def test_labels_are_text(make: Callable[[Any], Any], label: Any) -> None:
    with pytest.raises(ParamTypeError) as caught:
        make(label)
    assert caught.value.code == "LB1_LABEL_TYPE"
    make("x")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: mp.FrequencyBreakdown("A", bucket_size=NAN), "FB2_BUCKET_SIZE_NOT_POSITIVE"),
        (lambda: mp.FrequencyBreakdown("A", bucket_min=NAN), "FB4_BUCKET_MIN_NEGATIVE"),
        (lambda: mp.FrequencyBreakdown("A", bucket_max=NAN), "FB3_BUCKET_ORDER"),
        (lambda: mp.Exclusion("A", NAN), "EX1_FROM_STEP_NEGATIVE"),
        (lambda: mp.Exclusion("A", 0, NAN), "EX2_STEP_ORDER"),
        (lambda: mp.Filter.in_the_last("p", NAN, "day"), "FD1_QUANTITY_NOT_POSITIVE"),
        (
            lambda: mp.CohortCriteria.did_not_do_event("A", within_days=NAN),
            "CD3_WINDOW_NOT_POSITIVE",
        ),
        (lambda: mp.CohortCriteria.has_property("p", BYTES), "CD17_VALUE_TYPE"),
        (lambda: mp.CohortCriteria.has_property("p", [NAN]), "CD17_VALUE_TYPE"),
    ],
)
def test_parts_refuse(make: Callable[[], Any], code: str) -> None:
    with pytest.raises((ParamValidationError, ParamTypeError)) as caught:
        make()
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("make", "finding"),
    [
        (lambda: insights("A", where=mp.Filter.equals("p", BYTES)), ("FV2_VALUE_TYPE", "where")),
        (lambda: insights("A", where=mp.Filter.equals("p", [OBJECT])), ("FV2_VALUE_TYPE", "where")),
        (lambda: insights("A", where=mp.Filter.equals("p", ABSENT)), ("FV2_VALUE_TYPE", "where")),
        (lambda: insights("A", where=mp.Filter.is_set(ABSENT)), ("CP7_PROPERTY_TYPE", "where")),
        (lambda: insights("A", group_by=mp.GroupBy(ABSENT)), ("CP7_PROPERTY_TYPE", "group_by")),
        (
            lambda: funnel(["A", mp.FunnelStep("B", filters=[mp.Filter.not_equals("p", OBJECT)])]),
            ("FV2_VALUE_TYPE", "steps[1].filters[0]"),
        ),
        (
            lambda: flow("A", where=[mp.Filter.between("p", 0, float("inf"))]),
            ("B20B_FILTER_VALUE_NOT_FINITE", "where"),
        ),
        (
            lambda: flow(mp.FlowStep("A", filters=[mp.Filter.at_least("p", NAN)])),
            ("B20B_FILTER_VALUE_NOT_FINITE", "steps[0].filters[0]"),
        ),
        (lambda: users(group_id=BYTES), ("U35", "group_id")),
    ],
)
def test_questions_refuse(make: Callable[[], Any], finding: tuple[str, str]) -> None:
    with pytest.raises(BookmarkValidationError) as caught:
        params.build(make())
    assert [(found.code, found.path) for found in caught.value.errors] == [finding]
