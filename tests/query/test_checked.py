"""Arguments of public methods that are no questions: refused with a code before anything is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

import mpnb
from tests.entity.remote import answering, sent

DAYS: dict[str, Any] = {"from_date": "2025-03-01", "to_date": "2025-03-02"}


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda ws: ws.properties(5), r"properties\(\): event is text, not 5"),
        (lambda ws: ws.property_values(None), "property_name is text, not None"),
        (lambda ws: ws.property_values("p", limit="5"), "limit is a whole number, not '5'"),
        (lambda ws: ws.events(limit=True), "limit is a whole number or None, not True"),
        (lambda ws: ws.events(from_date=20250301), "from_date is text or None"),
        (lambda ws: ws.top_events(type=["unique"]), "type is text"),
        (lambda ws: ws.schema_graph(include_density="no"), "include_density is True or False"),
        (lambda ws: ws.lexicon_schema(None, "Login"), "entity_type is text"),
        (lambda ws: ws.segmentation("A", on=3, **DAYS), "on is text or None"),
        (lambda ws: ws.event_counts("Login", **DAYS), "events is a list of texts, not 'Login'"),
        (lambda ws: ws.event_counts(["A", 5], **DAYS), "events is a list of texts"),
        (lambda ws: ws.funnel("seven", **DAYS), "funnel_id is a whole number"),
        (lambda ws: ws.funnel(7.5, **DAYS), "funnel_id is a whole number"),
        (
            lambda ws: ws.activity_feed(["a"], sentinel_event="A"),
            "sentinel_event is a dict or None",
        ),
        (
            lambda ws: ws.activity_feed(["a"], search="x", search_properties=["p"]),
            "search_properties is a list of dicts or None",
        ),
        (lambda ws: ws.query_saved_report(None), "bookmark_id is a whole number"),
        (lambda ws: ws.list_bookmarks(5), "bookmark_type is text or None"),
        (lambda ws: ws.list_metrics(name_contains=5), "name_contains is text or None"),
        (lambda ws: ws.create_metric({"name": "x"}), "params is CreateMetricParams"),
        (lambda ws: ws.bulk_update_metrics(["x"]), "a list of BulkUpdateMetricEntry"),
        (lambda ws: ws.delete_metrics(None), "metric_ids is a list of whole numbers"),
        (lambda ws: ws.update_behavior(4, "x"), "params is UpdateBehaviorParams"),
        (lambda ws: ws.create_bookmark({}), "params is CreateBookmarkParams"),
        (lambda ws: ws.fetch_replays("r"), "replay_ids is a list of texts"),
        (
            lambda ws: ws.fetch_replays(["r"], retention_by_id=5),
            "retention_by_id is a dict or None",
        ),
        (lambda ws: ws.replays_for_user("u", limit="x", **DAYS), "limit is a whole number"),
        (lambda ws: ws.query_report_link(5), "link is text or ResolvedReport"),
        (
            lambda ws: ws.upload_lookup_table(
                mpnb.UploadLookupTableParams(name="x", file_path="y"), poll_interval="1"
            ),
            "poll_interval is a number",
        ),
        (lambda ws: ws.set_business_context(5), "content is text"),
    ],
)
def test_a_wrong_type_is_refused(ask: Callable[[Any], Any], says: str) -> None:
    ws, server = answering({})
    with pytest.raises(mpnb.ParamTypeError, match=says) as caught:
        ask(ws)
    assert (caught.value.code, server.asked) == ("VALIDATION_ERROR", [])


COUNTS = {"data": {"values": {}}}


@pytest.mark.parametrize(
    ("ask", "answer", "name", "as_sent"),
    [
        (
            lambda ws, day: ws.segmentation("A", from_date=day, to_date=day),
            COUNTS,
            "from_date",
            "2025-03-01",
        ),
        (
            lambda ws, day: ws.funnel("7", from_date=day, to_date=day),
            {"data": {}},
            "funnel_id",
            "7",
        ),
        (lambda ws, day: ws.event_counts(("A", "B"), **DAYS), COUNTS, "event", '["A", "B"]'),
        (lambda ws, day: ws.segmentation("A", unit="hour", **DAYS), COUNTS, "unit", "hour"),
    ],
)
def test_what_means_the_same_is_taken(ask: Any, answer: Any, name: str, as_sent: str) -> None:
    ws, server = answering(answer)
    ask(ws, date(2025, 3, 1))
    assert sent(server.asked[0])["query"][name] == as_sent


def test_what_is_missing_python_says_itself() -> None:
    ws, _ = answering()
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'event'"):
        ws.properties()  # type: ignore[call-arg]
