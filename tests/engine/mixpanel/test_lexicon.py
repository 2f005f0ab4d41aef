"""Discovery as the server answers it: the lexicon, names, saved reports in a line each."""

from __future__ import annotations

from typing import Any

import pytest

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
