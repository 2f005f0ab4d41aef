"""Discovery as the server answers it: the lexicon, names, saved reports in a line each."""

from __future__ import annotations

from typing import Any

import pytest

import mpnb
from tests.entity.remote import answering, sent

DEFINITION = {
    "description": "bought",
    "properties": {"amount": {"type": "number", "description": "USD"}},
    "metadata": {"com.mixpanel": {"displayName": "Purchase", "tags": ["core"]}},
}
ROW = {"entityType": "event", "name": "Purchase", "schemaJson": DEFINITION}


@pytest.mark.parametrize("results", [DEFINITION, ROW, [ROW]])
def test_one_schema_comes_bare_or_in_a_row(results: Any) -> None:
    ws, server = answering({"status": "ok", "results": results})
    found = ws.lexicon_schema("event", "Purchase")
    assert (found.entity_type, found.name) == ("event", "Purchase")
    assert found.schema_json.description == "bought"
    assert found.schema_json.properties["amount"].type == "number"
    assert found.schema_json.metadata is not None
    assert found.schema_json.metadata.tags == ["core"]
    assert sent(server.asked[0])["query"] == {"entity_name": "Purchase"}


def test_a_schema_without_a_name_has_an_empty_one() -> None:
    ws, _ = answering({"results": [{"entityType": None, "name": None, "schemaJson": None}]})
    [found] = ws.lexicon_schemas()
    assert (found.entity_type, found.name) == ("", "")


def test_saved_reports_are_of_the_whole_project() -> None:
    ws, server = answering({"results": {"results": []}}, pinned=True)
    assert ws.list_bookmarks() == []
    request = sent(server.asked[0])
    assert request["path"] == "/api/app/projects/12345/bookmarks"
    assert "workspace_id" not in request["query"]


def test_a_limit_of_nothing_is_sent_as_it_is() -> None:
    ws, server = answering([])
    assert ws.events(limit=0) == []
    assert sent(server.asked[0])["query"]["limit"] == "0"


def ok(*rows: Any) -> dict[str, Any]:
    return {"status": "ok", "results": [*rows]}


def graph(*properties: Any, per_event: list[Any]) -> mpnb.SchemaGraphResult:
    events = ok({"name": "Buy"}, {"name": "Visit"})
    ws, _ = answering(events, ok(*properties), ok(*per_event), ok())
    return ws.schema_graph(include_density=True)


def test_density_is_that_of_the_property_else_of_its_place() -> None:
    found = graph(
        {"name": "plan", "densityLocal": 0.5},
        {"name": "page"},
        {"name": "orphan"},
        per_event=[
            {"name": "Visit", "properties": [{"name": "page", "density": 0.25}, {"name": "plan"}]},
            {"name": "Buy", "properties": [{"name": "plan", "density": 0.9}, {"name": "plan"}]},
        ],
    )
    rows = [tuple(row) for row in found.df.itertuples(index=False)]
    assert rows == [("Visit", "plan", 0.5), ("Buy", "plan", 0.5), ("Visit", "page", 0.25)]
    assert found.event_to_properties == {"Buy": ["plan"], "Visit": ["plan", "page"]}
    assert found.property_to_events == {
        "plan": ["Visit", "Buy"],
        "page": ["Visit"],
        "orphan": [],
    }
    assert found.properties[0]["events"] == [{"name": "Visit"}, {"name": "Buy", "density": 0.9}]
    assert found.to_graph().edges["Buy", "plan"] == {"density_local": 0.5}


def test_a_graph_is_made_of_properties_and_their_events() -> None:
    carriers = [{"name": "Buy"}, {"name": "Not defined"}, {}, "Buy", None]
    found = mpnb.SchemaGraphResult(
        "2025-03-01", [{"name": "Buy"}], [{"name": "plan", "events": carriers}, {"events": ["x"]}]
    )
    assert found.event_to_properties == {"Buy": ["plan"], "Not defined": ["plan"]}
    assert (found.meta["property_event_entries_dropped"], found.meta["relationship_edges"]) == (
        3,
        2,
    )


@pytest.mark.parametrize(
    ("ask", "answers"),
    [
        (lambda ws: ws.funnels(), [[{"name": "no id"}]]),
        (lambda ws: ws.cohorts(), [[None]]),
        (lambda ws: ws.top_events(), [{"events": [{"amount": 3}]}]),
        (lambda ws: ws.list_bookmarks(), [{"status": "ok"}]),
        (lambda ws: ws.list_bookmarks(), [{"results": [{"name": "no id"}]}]),
        (lambda ws: ws.lexicon_schemas(), [ok({"schemaJson": {"properties": {"p": None}}})]),
        (lambda ws: ws.schema_graph(), [ok(), ok(), {"status": "ok"}, ok()]),
        (lambda ws: ws.schema_graph(), [ok(), ok(), ok(), {"results": None}]),
        (
            lambda ws: ws.segmentation_sum(
                "A", on="x", from_date="2025-03-01", to_date="2025-03-02"
            ),
            [{"results": "none"}],
        ),
        (
            lambda ws: ws.event_counts(["A"], from_date="2025-03-01", to_date="2025-03-02"),
            [{"data": {"values": {"A": None}}}],
        ),
    ],
)
def test_an_answer_that_cannot_be_read_has_a_coded_error(ask: Any, answers: list[Any]) -> None:
    ws, _ = answering(*answers)
    with pytest.raises(mpnb.ResponseValidationError, match="does not have its shape") as caught:
        ask(ws)
    assert caught.value.__cause__ is None


def test_an_event_without_a_time_has_a_code_and_is_a_value_error() -> None:
    ws, _ = answering({"results": {"events": [{"event": "A", "properties": {}}]}}, pinned=True)
    with pytest.raises(ValueError, match="has no time: 'A'") as caught:
        ws.activity_feed(["u"])
    assert isinstance(caught.value, mpnb.ResponseValidationError)
    assert caught.value.code == "RESPONSE_VALIDATION_ERROR"


def test_a_line_of_a_report_may_lack_what_is_not_needed() -> None:
    ws, _ = answering(ok({"id": 5, "name": "WAU", "type": "insights", "later": 1}))
    [found] = ws.list_bookmarks()
    assert (found.id, found.name, found.created, found.modified) == (5, "WAU", "", "")
