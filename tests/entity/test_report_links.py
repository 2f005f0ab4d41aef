"""Links to reports: requests, addresses, and every way in which a link is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

import mpnb
from mpnb import QueryResult
from tests.entity.remote import PROJECT, VIEW, Server, answering, sent, workspace
from tests.parity.shared import SHARED, needs_shared

SLUG = "abcDEF123456"
PARAMS: dict[str, Any] = {"sections": {}, "displayOptions": {}}
KEPT = {"slug": SLUG, "type": "insights", "params": PARAMS, "name": "n", "overrides": None}
SAVED = {"id": 2002, "name": "WAU", "type": "funnels", "params": {"sections": {}}}
HERE = f"https://mixpanel.com/project/{PROJECT}"
LINK = f"{HERE}/view/{VIEW}/app/insights#{SLUG}"
ANSWER = {
    "computed_at": "2024-01-15T10:30:00",
    "date_range": {"from_date": "2024-01-01", "to_date": "2024-01-07"},
    "headers": ["$metric"],
    "series": {"Login": {"2024-01-01": 15}},
}


def test_create() -> None:
    ws, server = answering({"results": KEPT}, pinned=True)
    properties = {"time": 1704067200, "distinct_id": "u"}
    shop = mpnb.local([{"event": "Login", "properties": properties}])
    answer = shop.query("Login", from_date="2024-01-01", to_date="2024-01-07")
    link = ws.create_report_link(answer, name="n", description="d", bookmark_id=2002)
    request = sent(server.asked[0])
    assert (request["method"], request["path"]) == (
        "POST",
        f"/api/app/projects/{PROJECT}/bookmark-urls/",
    )
    slug = request["body"].pop("slug")
    assert re.fullmatch(r"[1-9A-HJ-NP-Za-km-z]{12}", slug)
    assert request["body"] == {
        "type": "insights",
        "params": answer.params,
        "name": "n",
        "description": "d",
        "bookmark_id": 2002,
    }
    assert str(link) == LINK
    assert (link.slug, link.project_id, link.workspace_id) == (SLUG, int(PROJECT), VIEW)


@pytest.mark.parametrize("pinned", [False, True])
def test_resolve_a_slug(pinned: bool) -> None:
    ws, server = answering({"results": KEPT}, pinned=pinned)
    report = ws.resolve_report_link(LINK)
    path = f"/api/app/projects/{PROJECT}/bookmark-urls/{SLUG}/"
    assert [sent(request)["path"] for request in server.asked] == [path]
    assert (report.source, report.slug, report.params) == ("slug", SLUG, PARAMS)
    assert (report.workspace_id, report.region, report.url) == (VIEW, "us", LINK)


def test_resolve_a_saved_report() -> None:
    ws, server = answering({"results": SAVED})
    report = ws.resolve_report_link(f"{HERE}/app/funnels#view/2002/wau")
    request = sent(server.asked[0])
    assert request["path"] == f"/api/app/projects/{PROJECT}/bookmarks/2002"
    assert request["query"] == {"v": "2"}
    assert (report.source, report.bookmark_id, report.report_type) == ("bookmark", 2002, "funnels")
    assert report.url == f"{HERE}/app/funnels#view/2002"
    assert report.to_dict()["bookmark"]["type"] == "funnels"


def _short(first: httpx.Response) -> tuple[Any, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return first if len(asked) == 1 else httpx.Response(200, json={"results": KEPT})

    return workspace(serve), asked  # type: ignore[arg-type]  # a server as a function


@pytest.mark.parametrize(
    "first",
    [
        httpx.Response(302, headers={"Location": LINK}),
        httpx.Response(200, text=f'<script>window.location.href = "{LINK}";</script>'),
    ],
    ids=["redirect", "script"],
)
def test_resolve_a_short_link(first: httpx.Response) -> None:
    ws, asked = _short(first)
    report = ws.resolve_report_link("https://mixpanel.com/s/AbC12")
    assert str(asked[0].url) == "https://mixpanel.com/s/AbC12"
    assert asked[0].headers["authorization"].startswith("Basic ")
    assert (report.slug, report.expanded_url) == (SLUG, LINK)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (httpx.Response(404), "SHORT_LINK_NOT_FOUND"),
        (httpx.Response(302), "SHORT_LINK_NO_LOCATION"),
        (httpx.Response(200, text="<html>"), "SHORT_LINK_UNEXPECTED_RESPONSE"),
        (httpx.Response(302, headers={"Location": "/s/other"}), "SHORT_LINK_CHAIN"),
    ],
)
def test_short_links_that_lead_nowhere(first: httpx.Response, code: str) -> None:
    ws, _ = _short(first)
    with pytest.raises(mpnb.MixpanelHeadlessError) as raised:
        ws.resolve_report_link("https://mixpanel.com/s/AbC12")
    assert raised.value.code == code


def test_short_link_that_asks_to_sign_in() -> None:
    ws, _ = _short(httpx.Response(302, headers={"Location": "/login/?next=x"}))
    with pytest.raises(mpnb.AuthenticationError):
        ws.resolve_report_link("https://mixpanel.com/s/AbC12")


@pytest.mark.parametrize(
    ("link", "code"),
    [
        (LINK, "REPORT_LINK_SLUG_NOT_FOUND"),
        (f"{HERE}/app/insights#report/7", "REPORT_LINK_BOOKMARK_NOT_FOUND"),
    ],
)
def test_links_to_nothing(link: str, code: str) -> None:
    ws = workspace(Server([(404, {"error": "not found"})]))
    with pytest.raises(mpnb.ReportLinkNotFoundError) as raised:
        ws.resolve_report_link(link)
    assert raised.value.code == code


def test_link_of_another_view() -> None:
    ws, server = answering(pinned=True)
    with pytest.raises(mpnb.ReportLinkScopeMismatchError) as raised:
        ws.resolve_report_link(f"{HERE}/view/1/app/insights#{SLUG}")
    assert raised.value.code == "REPORT_LINK_WORKSPACE_MISMATCH"
    assert server.asked == []


@pytest.mark.parametrize("view", [None, VIEW])
def test_query_in_the_view_of_the_link(view: int | None) -> None:
    ws, server = answering({"results": KEPT}, ANSWER)
    found = ws.query_report_link(LINK if view else f"{HERE}/app/insights#{SLUG}")
    assert isinstance(found, QueryResult)
    request = sent(server.asked[1])
    assert request["path"] == "/api/query/insights"
    assert request["query"].get("workspace_id") == (str(view) if view else None)
    assert request["body"]["bookmark"] == PARAMS
    assert ws.workspace is None


def test_what_cannot_be_asked() -> None:
    ws, _ = answering({"results": {**SAVED, "type": "launch-analysis"}})
    with pytest.raises(mpnb.UnsupportedReportLinkError) as raised:
        ws.query_report_link(f"{HERE}/app/impact#report/2002")
    assert raised.value.code == "UNSUPPORTED_REPORT_TYPE"


def test_overrides_are_not_silent() -> None:
    ws, _ = answering({"results": {**KEPT, "overrides": {"time": {}}}}, ANSWER)
    with pytest.warns(UserWarning, match="overrides"):
        ws.query_report_link(LINK)


def test_address_of_a_saved_report() -> None:
    ws, server = answering()
    assert ws.saved_report_link(5, report_type="funnel") == f"{HERE}/app/funnels#view/5"
    assert ws.saved_report_link(5, workspace_id=1) == f"{HERE}/view/1/app/insights#report/5"
    assert server.asked == []


def test_an_answer_that_does_not_repeat_the_link() -> None:
    ws, server = answering({"status": "ok", "results": {}}, pinned=True)
    link = ws.create_report_link(ws.build_params("Login"))
    assert link.slug == sent(server.asked[0])["body"]["slug"]
    assert link.created_at is None


@pytest.mark.parametrize("ids", [{"workspace_id": 0}, {"bookmark_id": -1}])
def test_a_link_of_an_id_that_is_none(ids: dict[str, int]) -> None:
    ws, server = answering()
    with pytest.raises(mpnb.ParamValidationError, match="whole number above 0") as caught:
        ws.create_report_link(ws.build_params("Login"), **ids)  # type: ignore[arg-type]
    assert (caught.value.code, server.asked) == ("RL6_INVALID_ID", [])


RESULTS = ("QueryResult", "FlowQueryResult", "ResolvedReport")


def _refusals() -> list[Any]:
    file = SHARED / "golden" / "errors.jsonl"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    known = [row for row in map(json.loads, lines) if row["kind"] == "raises"]
    of_levels = {"WS2_INVALID_LEVEL", "BUSINESS_CONTEXT_TOO_LONG"}
    return [r for r in known if r["area"] == "report_links" or set(r["codes"]) & of_levels]


@needs_shared
@pytest.mark.parametrize("row", _refusals(), ids=lambda row: row["id"])
def test_recorded_refusals(row: dict[str, Any]) -> None:
    ws, server = answering()
    names = {"ws": ws, **{name: getattr(mpnb, name) for name in RESULTS}}
    with pytest.raises(getattr(mpnb, row["exception"])) as raised:
        eval(row["call"], names)
    assert [raised.value.code] == row["codes"]
    assert server.asked == []
