"""Saved metrics and behaviors: how they are written, what is refused, what an update keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

import mpnb
from mpnb.params.extras import diff
from tests.entity.remote import Server, answering, sent, workspace
from tests.entity.test_endpoints import ok
from tests.parity.shared import SHARED, needs_shared

METRIC = {
    "id": 31,
    "name": "DAU",
    "type": "metric",
    "definition": {"behavior": {"type": "event", "name": "A"}, "display": {"prefix": "$"}},
}


def _examples() -> list[dict[str, Any]]:
    if not SHARED.is_dir():
        return []
    stored = json.loads((SHARED / "reference" / "bookmark_examples.json").read_text("utf-8"))
    found: list[dict[str, Any]] = stored["examples"]["saved_definitions"]
    return found


@needs_shared
@pytest.mark.parametrize("example", _examples(), ids=lambda example: example["call"][2:60])
def test_written_as_recorded(example: dict[str, Any]) -> None:
    ws, server = answering(ok({"1": {**METRIC, "id": 1}}))
    eval(example["call"], {**{name: getattr(mpnb, name) for name in mpnb.__all__}, "w": ws})
    assert list(diff(example["body"], sent(server.asked[0])["body"])) == []


def test_an_update_keeps_what_is_shown() -> None:
    ws, server = answering(ok({"31": METRIC}), ok({"31": METRIC}))
    ws.update_metric(31, mpnb.UpdateMetricParams(definition=mpnb.Metric("B")))
    definition = sent(server.asked[1])["body"]["definition"]
    assert definition["display"] == {"prefix": "$"}
    assert definition["behavior"]["name"] == "B"


def test_a_new_look_keeps_the_definition() -> None:
    ws, server = answering(ok({"31": METRIC}), ok({"31": METRIC}))
    ws.update_metric(31, mpnb.UpdateMetricParams(display=mpnb.MetricDisplay(suffix="%")))
    definition = sent(server.asked[1])["body"]["definition"]
    assert definition == {**METRIC["definition"], "display": {"suffix": "%"}}  # type: ignore[dict-item]


def test_a_metric_does_not_become_a_formula() -> None:
    ws, server = answering(ok({"31": METRIC}))
    formula = mpnb.Formula("A * 2", metrics=[mpnb.Metric("A")])
    with pytest.raises(mpnb.ParamValidationError, match="cannot become a formula") as caught:
        ws.update_metric(31, mpnb.UpdateMetricParams(definition=formula))
    assert (caught.value.code, len(server.asked)) == ("SM3_KIND_CHANGE", 1)


def test_a_failed_second_call_names_the_metric() -> None:
    ws = workspace(Server([(200, ok({"31": METRIC})), (403, {"error": "no"})]))
    params = mpnb.CreateMetricParams(name="x", definition=mpnb.Metric("A"), verified=True)
    with pytest.raises(mpnb.MixpanelHeadlessError, match="Metric 31 is saved") as caught:
        ws.create_metric(params)
    assert caught.value.code == "CREATE_FOLLOW_UP_FAILED"


def test_deleting_what_is_not_there() -> None:
    ws = workspace(Server([(404, {"error": "no"})]))
    with pytest.raises(mpnb.ParamValidationError, match="no saved metric 5") as caught:
        ws.delete_metric(5)
    assert caught.value.code == "SM5_NOT_FOUND_FOR_DELETE"


@pytest.mark.parametrize("many", [False, True])
def test_deleting_what_is_not_yours(many: bool) -> None:
    ws, server = answering(ok({"31": {**METRIC, "can_update_basic": False}}))
    with pytest.raises(mpnb.ParamValidationError, match="force=True") as caught:
        ws.delete_metrics([31]) if many else ws.delete_metric(31)
    assert (caught.value.code, len(server.asked)) == ("SM6_DELETE_NOT_PERMITTED", 1)


def test_forced_deletion_asks_once() -> None:
    ws, server = answering({}, {})
    ws.delete_metric(31, force=True)
    ws.delete_behavior(41, force=True)
    assert [request.method for request in server.asked] == ["DELETE", "DELETE"]


def test_metrics_are_chosen_here() -> None:
    rows = {
        "1": {**METRIC, "id": 1, "name": "Daily users", "verified": True},
        "2": {**METRIC, "id": 2, "name": "Rate", "type": "formula", "can_view": False},
    }
    ws, _ = answering(*[ok(rows)] * 4)
    assert [m.id for m in ws.list_metrics(name_contains="DAILY")] == [1]
    assert [m.id for m in ws.list_metrics(metric_type="formula")] == [2]
    assert [m.id for m in ws.list_metrics(verified=True)] == [1]
    assert [m.id for m in ws.list_metrics(viewable_only=True)] == [1]


def test_a_stored_definition_is_checked() -> None:
    raw = mpnb.RawMetricDefinition("metric", {"measurement": {"math": "total"}})
    params = mpnb.CreateMetricParams(name="x", definition=raw)
    ws, server = answering(ok({"31": METRIC}))
    with pytest.raises(mpnb.ParamValidationError, match="behavior") as caught:
        ws.create_metric(params)
    assert (caught.value.code, server.asked) == ("SM4_SCHEMA", [])
    assert ws.create_metric(params, validate=False).id == 31


def test_a_definition_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="FunnelBehavior; one of these"):
        mpnb.CreateMetricParams(name="x", definition=mpnb.FunnelBehavior(["A", "B"]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("display", "goals", "says"),
    [
        (mpnb.MetricDisplay(axis="left"), None, "display.axis is 'left': it is one of primary"),
        (mpnb.MetricDisplay(direction="north"), None, "one of up, down"),
        (mpnb.MetricDisplay(precision=9), None, "display.precision is 9"),
        (mpnb.MetricDisplay.model_validate({"colour": "red"}), None, "display.colour is not known"),
        (None, [mpnb.MetricGoal(label="g", target_type="far")], "one of absolute, relative"),
    ],
)
def test_how_a_metric_is_shown_is_checked(display: Any, goals: Any, says: str) -> None:
    params = mpnb.CreateMetricParams(
        name="x", definition=mpnb.Metric("A"), display=display, goals=goals
    )
    ws, server = answering(ok({"31": METRIC}))
    with pytest.raises(mpnb.ParamValidationError, match=says) as caught:
        ws.create_metric(params)
    assert (caught.value.code, server.asked) == ("SM4_SCHEMA", [])
    assert ws.create_metric(params, validate=False).id == 31


def test_a_new_goal_gets_an_id_of_its_own() -> None:
    goals = [
        mpnb.MetricGoal(label="a"),
        mpnb.MetricGoal(label="b"),
        mpnb.MetricGoal(id="g", label="c"),
    ]
    ws, server = answering(ok({"31": METRIC}))
    ws.create_metric(mpnb.CreateMetricParams(name="x", definition=mpnb.Metric("A"), goals=goals))
    first, second, third = (
        goal["id"] for goal in sent(server.asked[0])["body"]["definition"]["goals"]
    )
    assert len({first, second, third}) == 3
    assert (len(first), third) == (36, "g")


def test_what_is_new_is_not_verified_anyway() -> None:
    ws, server = answering(ok({"31": METRIC}))
    ws.create_metric(mpnb.CreateMetricParams(name="x", definition=mpnb.Metric("A"), verified=False))
    assert [request.method for request in server.asked] == ["POST"]


def test_nothing_chosen_sends_nothing() -> None:
    ws, server = answering()
    assert ws.bulk_update_metrics([]) == []
    ws.delete_metrics([])
    ws.delete_behaviors([])
    assert server.asked == []


def test_deleting_a_behavior_that_is_not_yours() -> None:
    row = {"id": 41, "name": "f", "type": "funnel", "definition": {}, "can_update_basic": False}
    ws, _ = answering(ok({"41": row}))
    with pytest.raises(mpnb.ParamValidationError, match="force=True") as caught:
        ws.delete_behavior(41)
    assert caught.value.code == "BH4_DELETE_NOT_PERMITTED"
