"""Each recorded call of discovery, the older questions and the streams sends the recorded requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

import mpnb
from tests.entity.remote import PROJECT, VIEW, Server, sent, workspace
from tests.parity.shared import SHARED, needs_shared

JANUARY: dict[str, Any] = {"from_date": "2024-01-01", "to_date": "2024-01-31"}
PRO = 'properties["plan"] == "pro"'
FAMILIES = {"query": "/api/query", "app": "/api/app", "engage": "/api/query/engage"}
BEHAVIOR = {"window": "30d", "name": "b1", "event_selectors": [{"event": "Login"}]}

CALLS: dict[str, Callable[[Any], Any]] = {
    "events": lambda ws: ws.events(),
    "properties": lambda ws: ws.properties("Purchase"),
    "property_values": lambda ws: ws.property_values("plan", event="Purchase", limit=50),
    "subproperties": lambda ws: ws.subproperties("cart", event="Purchase"),
    "funnels": lambda ws: ws.funnels(),
    "cohorts": lambda ws: ws.cohorts(),
    "list_bookmarks": lambda ws: ws.list_bookmarks("insights"),
    "top_events": lambda ws: ws.top_events(limit=10),
    "lexicon_schemas": lambda ws: ws.lexicon_schemas(),
    "lexicon_schemas entity_type": lambda ws: ws.lexicon_schemas(entity_type="event"),
    "lexicon_schema": lambda ws: ws.lexicon_schema("event", "Purchase"),
    "schema_graph": lambda ws: ws.schema_graph(include_density=True),
    "stream_profiles": lambda ws: list(ws.stream_profiles(where=PRO, output_properties=["plan"])),
    "stream_profiles cohort": lambda ws: list(
        ws.stream_profiles(
            cohort_id="1000", group_id="acct", as_of_timestamp=1704067200, include_all_users=True
        )
    ),
    "stream_profiles distinct_ids_and_behaviors": lambda ws: list(
        ws.stream_profiles(distinct_ids=["u1", "u2"], behaviors=[BEHAVIOR])
    ),
    "segmentation": lambda ws: ws.segmentation(
        "Login", on="plan", where='properties["x"] == 1', **JANUARY
    ),
    "funnel": lambda ws: ws.funnel(7509, unit="week", on="plan", **JANUARY),
    "retention": lambda ws: ws.retention(
        born_event="Sign Up",
        return_event="Login",
        born_where="true",
        return_where="true",
        **JANUARY,
    ),
    "retention interval": lambda ws: ws.retention(
        born_event="Sign Up", return_event="Login", interval=2, **JANUARY
    ),
    "event_counts": lambda ws: ws.event_counts(["Login", "Purchase"], **JANUARY),
    "property_counts": lambda ws: ws.property_counts(
        "Login", "plan", values=["pro", "free"], limit=10, **JANUARY
    ),
    "activity_feed": lambda ws: ws.activity_feed(
        ["u1", "u2"],
        limit=50,
        include_events=["Login"],
        paging_window=30,
        search="gold",
        search_properties=[{"name": "plan", "type": "string"}],
        use_custom_events=True,
        **JANUARY,
    ),
    "query_saved_report": lambda ws: ws.query_saved_report(4),
    "query_saved_report insights_segmented": lambda ws: ws.query_saved_report(4),
    "query_saved_report funnels": lambda ws: ws.query_saved_report(
        4, bookmark_type="funnels", **JANUARY
    ),
    "query_saved_report retention": lambda ws: ws.query_saved_report(4, bookmark_type="retention"),
    "query_saved_report flows": lambda ws: ws.query_saved_report(4, bookmark_type="flows"),
    "query_saved_flows": lambda ws: ws.query_saved_flows(4),
    "frequency": lambda ws: ws.frequency(event="Login", where="true", **JANUARY),
    "segmentation_numeric": lambda ws: ws.segmentation_numeric("Purchase", on="amount", **JANUARY),
    "segmentation_sum": lambda ws: ws.segmentation_sum("Purchase", on="amount", **JANUARY),
    "segmentation_average": lambda ws: ws.segmentation_average("Purchase", on="amount", **JANUARY),
}

OURS: dict[str, dict[str, str]] = {"properties": {"limit": "5000"}}
"""What mpnb says beyond the recorded query; docs/decisions.md has the reasons."""


def _named(call: dict[str, Any]) -> str:
    return " ".join([call["method_name"], *filter(None, [call.get("variant")])])


def _recorded() -> Iterator[Any]:
    if SHARED.is_dir():
        methods = json.loads((SHARED / "reference" / "endpoints.json").read_text("utf-8"))[
            "methods"
        ]
        names = {name.partition(" ")[0] for name in CALLS}
        for call in methods:
            if call["method_name"] in names:
                yield pytest.param(call, id=_named(call))


@needs_shared
@pytest.mark.parametrize("call", list(_recorded()))
def test_recorded(call: dict[str, Any]) -> None:
    recorded = call["requests"]
    server = Server([(r["response_status"], r["response_example"]) for r in recorded])
    CALLS[_named(call)](workspace(server, pinned=True))
    more = OURS.get(_named(call), {})
    assert [sent(request) for request in server.asked] == [_wanted(r, more) for r in recorded]


def _wanted(request: dict[str, Any], more: dict[str, str]) -> dict[str, Any]:
    path = request["path_template"].replace("{scope}", f"workspaces/{VIEW}")
    named = {"project_id": PROJECT, **request.get("path_params", {})}
    query = {k: v for k, v in request["query_params"].items() if k != "query_origin"} | more
    today = date.today().isoformat()
    return {
        "method": request["http_method"],
        "path": FAMILIES[request["host"]] + path.format(**named),
        "query": {key: today if value == "{today}" else value for key, value in query.items()},
        "body": request.get("body"),
    }


EVENT = {"event": "Login", "properties": {"time": 1704067200, "distinct_id": "u", "plan": "pro"}}


def test_an_export_whose_answer_was_read_already() -> None:
    server = Server([(200, json.dumps(EVENT) + "\n")])
    ws = workspace(server)
    found = list(
        ws.stream_events(
            from_date="2024-01-01", to_date="2024-01-02", events=["Login"], where=PRO, limit=100
        )
    )
    assert [(one["event_name"], one["properties"]) for one in found] == [("Login", {"plan": "pro"})]
    request = sent(server.asked[0])
    assert (request["method"], request["path"]) == ("GET", "/api/2.0/export")
    assert request["query"] == {
        "project_id": PROJECT,
        "from_date": "2024-01-01",
        "to_date": "2024-01-02",
        "event": '["Login"]',
        "where": PRO,
        "limit": "100",
    }


COUNTS = {"data": {"values": {}}}


@pytest.mark.parametrize(
    ("on", "as_sent"),
    [
        ("Price (USD)", 'properties["Price (USD)"]'),
        ("tags[0]", 'properties["tags[0]"]'),
        ('say "it"', 'properties["say \\"it\\""]'),
        ('user["plan"]', 'user["plan"]'),
        ('number(properties["a"]) + 1', 'number(properties["a"]) + 1'),
    ],
)
def test_a_name_with_brackets_is_a_name(on: str, as_sent: str) -> None:
    server = Server([(200, COUNTS)])
    workspace(server).segmentation("A", on=on, **JANUARY)
    assert sent(server.asked[0])["query"]["on"] == as_sent


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda ws: ws.segmentation("A", on="", where="", **JANUARY), COUNTS),
        (lambda ws: ws.segmentation_sum("A", on="x", where="", **JANUARY), {"results": {}}),
        (lambda ws: ws.frequency(where="", **JANUARY), {"data": {}}),
        (lambda ws: ws.funnel(7, on="", unit="", **JANUARY), {"data": {}}),
        (
            lambda ws: list(ws.stream_profiles(where="", output_properties=[], behaviors=[])),
            {"results": []},
        ),
        (lambda ws: list(ws.stream_events(events=[], where="", **JANUARY)), ""),
    ],
)
def test_an_empty_text_is_not_sent(ask: Any, answer: Any) -> None:
    server = Server([(200, answer)])
    ask(workspace(server))
    request = sent(server.asked[0])
    said = {**request["query"], **(request["body"] or {})}
    assert not {"where", "unit", "event", "output_properties", "behaviors"} & {
        key for key, value in said.items() if value in ("", "[]", 'properties[""]')
    }
    assert "where" not in said


def test_nothing_and_zero_are_told_apart_in_a_feed() -> None:
    server = Server([(200, {"results": {"events": []}})])
    ws = workspace(server, pinned=True)
    ws.activity_feed(
        ["u"], limit=0, paging_window=0, sentinel_event={}, include_events=[], search=""
    )
    body = sent(server.asked[0])["body"]
    assert (body["limit"], body["paging_window"], body["sentinel_event"]) == (0, 0, {})
    assert not {"include_events", "search", "use_custom_events"} & set(body)


def test_a_saved_funnel_with_only_a_first_day_reaches_over_thirty() -> None:
    server = Server([(200, {"data": {}})])
    workspace(server).query_saved_report(4, bookmark_type="funnels", from_date="2025-03-01")
    query = sent(server.asked[0])["query"]
    assert (query["from_date"], query["to_date"]) == ("2025-03-01", "2025-03-31")


@pytest.mark.parametrize("days", [{"from_date": "soon"}, {"to_date": "2025-3-1"}])
@pytest.mark.parametrize(
    "ask",
    [
        lambda ws, days: ws.activity_feed(["u"], **days),
        lambda ws, days: ws.query_saved_report(4, bookmark_type="funnels", **days),
    ],
)
def test_a_range_that_is_completed_needs_a_day(ask: Any, days: dict[str, str]) -> None:
    server = Server([])
    with pytest.raises(mpnb.QueryError, match="a day is YYYY-MM-DD") as caught:
        ask(workspace(server, pinned=True), days)
    assert (caught.value.code, server.asked) == ("QUERY_FAILED", [])
