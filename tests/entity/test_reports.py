"""Reports of Mixpanel through the workspace: made on a dashboard, replaced only there."""

from __future__ import annotations

from typing import Any

import pytest

import mpnb
from mpnb.params.storable import require_storable
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users
from tests.entity.remote import Server, answering, sent, workspace
from tests.entity.test_endpoints import DASHBOARD, REPORT, ok

SHARED_DASHBOARD = {"id": 9, "title": "Saved from notebooks"}


def _params(ws: mpnb.Workspace) -> dict[str, Any]:
    return ws.build_params("Login", from_date="2024-01-01", to_date="2024-01-07")


def test_trap_22_a_report_needs_a_dashboard() -> None:
    ws, server = answering()
    params = mpnb.CreateBookmarkParams(name="x", type="insights", params=_params(ws))
    with pytest.raises(mpnb.ParamValidationError, match=r"dashboard_id.*list_dashboards"):
        ws.create_bookmark(params)
    assert server.asked == []


def test_trap_22_a_report_that_missed_its_dashboard_is_named() -> None:
    server = Server([(200, ok(REPORT)), (403, {"error": "not your dashboard"})])
    ws = workspace(server)
    params = mpnb.CreateBookmarkParams(
        name="x", type="insights", params=_params(ws), dashboard_id=1
    )
    with pytest.raises(mpnb.QueryError, match="not your dashboard") as caught:
        ws.create_bookmark(params)
    assert caught.value.__notes__ == ["Report 2002 is saved, but not on the dashboard."]


def test_save_makes_the_dashboard_of_notebooks() -> None:
    ws, server = answering(
        ok([DASHBOARD]), ok(SHARED_DASHBOARD), ok([]), ok(REPORT), ok(SHARED_DASHBOARD)
    )
    kept = ws.save(insights("Login"), "WAU", description="weekly")
    assert kept.id == 2002
    asked = [sent(request) for request in server.asked]
    assert [(a["method"], a["path"].rpartition("12345")[2]) for a in asked] == [
        ("GET", "/dashboards"),
        ("POST", "/dashboards"),
        ("GET", "/bookmarks"),
        ("POST", "/bookmarks"),
        ("PATCH", "/dashboards/9"),
    ]
    body = asked[3]["body"]
    assert (body["name"], body["type"], body["dashboard_id"]) == ("WAU", "insights", 9)


def test_save_replaces_only_on_the_same_dashboard() -> None:
    elsewhere = {**REPORT, "id": 1, "dashboard_id": 5}
    ws, server = answering(ok([elsewhere, REPORT]), ok(REPORT))
    ws.save(insights("Login"), "WAU", dashboard_id=1001)
    assert sent(server.asked[1])["path"].endswith("/bookmarks/2002")


def test_save_leaves_a_report_of_the_same_name_elsewhere() -> None:
    elsewhere = {**REPORT, "dashboard_id": 5}
    ws, server = answering(ok([elsewhere]), ok(REPORT), ok(DASHBOARD))
    ws.save(insights("Login"), "WAU", dashboard_id=1001)
    assert [request.method for request in server.asked] == ["GET", "POST", "PATCH"]


def test_profile_queries_cannot_be_saved_in_mixpanel() -> None:
    ws, server = answering()
    with pytest.raises(mpnb.NotSupportedError, match="no reports of profile queries"):
        ws.save(users(), "people")
    assert server.asked == []


def test_a_saved_report_becomes_a_question_again() -> None:
    ws, _ = answering()
    params = _params(ws)
    ws, _ = answering(ok({**REPORT, "params": params}))
    assert ws.question(2002).to_params() == params


def test_local_reports_in_bulk(demo: mpnb.Workspace) -> None:
    ws = demo
    made = [ws.save(insights("Login"), f"bulk {number}").id for number in (1, 2)]
    ws.bulk_update_bookmarks([mpnb.BulkUpdateBookmarkEntry(id=made[0], name="renamed")])
    assert ws.get_bookmark(made[0]).name == "renamed"
    ws.bulk_delete_bookmarks(made)
    assert ws.list_bookmarks_v2(ids=made) == []


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        ("insights", lambda: insights(["A", "B"], formula="A / B", group_by="country")),
        ("funnels", lambda: funnel(["A", "B"], group_by="country")),
        ("retention", lambda: retention("A", "B")),
        ("flows", lambda: flow("A", forward=2)),
    ],
)
def test_whatever_can_be_asked_can_be_saved(kind: str, ask: Any) -> None:
    require_storable(ask().to_params(), kind)
