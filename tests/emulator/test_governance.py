"""What is computed from the data: audits, anomalies, previews, sources, exports, formulas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import mpnb
from mpnb import emulator
from mpnb.errors import APIError, QueryError
from tests.emulator.conftest import START, TOKEN, connected

DAYS = 30
SPIKE, GAP = 20, 25
"""The day with many events, and the one without any."""


def rows() -> list[dict[str, Any]]:
    """Twenty events a day, but on two days."""
    made = []
    for day in range(DAYS):
        count = {SPIKE: 200, GAP: 0}.get(day, 20 + day % 3)
        for number in range(count):
            properties = {
                "time": START + day * 86_400 + number,
                "distinct_id": f"u{number}",
                "$insert_id": f"{day}-{number}",
                "mp_lib": "web" if number % 2 else "python",
                "amount": number,
            }
            made.append({"event": "Buy", "properties": properties})
    made.append({"event": "Rare", "properties": {**made[0]["properties"], "$insert_id": "rare"}})
    return made


@pytest.fixture
def ws(monkeypatch: pytest.MonkeyPatch) -> Iterator[mpnb.Workspace]:
    data = mpnb.local(rows(), now="2025-01-31T12:00:00+00:00")
    with (
        emulator.serve(data, token=TOKEN, limits=False) as running,
        connected(running, monkeypatch) as found,
    ):
        yield found


def day(number: int) -> str:
    return datetime.fromtimestamp(START + number * 86_400, UTC).date().isoformat()


def test_anomalies_are_the_days_that_stand_out(ws: mpnb.Workspace) -> None:
    found = ws.list_data_volume_anomalies()
    assert [(a.timestamp, a.actual_count, a.event_name) for a in found] == [
        (day(SPIKE), 200, "Buy")
    ]
    spike = found[0]
    assert spike.predicted_lower <= 21 <= spike.predicted_upper < 200
    above = float(spike.percent_variance.removesuffix("%")) / 100
    upper = spike.predicted_upper  # the bound itself is a fraction, shown rounded up
    assert 200 / upper - 1 <= above < 200 / (upper - 1) - 1
    ws.update_anomaly(
        mpnb.UpdateAnomalyParams(id=spike.id, status="dismissed", anomaly_class="Event")
    )
    assert ws.list_data_volume_anomalies(query_params={"status": "open"}) == []
    assert ws.list_data_volume_anomalies()[0].status == "dismissed"
    entry = mpnb.BulkAnomalyEntry(id=spike.id, anomaly_class="Event")
    bulk = mpnb.BulkUpdateAnomalyParams(anomalies=[entry], status="open")
    assert ws.bulk_update_anomalies(bulk) == {"updated": 1}
    assert len(ws.list_data_volume_anomalies(query_params={"status": "open", "limit": 1})) == 1
    with pytest.raises((APIError, QueryError), match="There is no anomaly 5"):
        ws.update_anomaly(mpnb.UpdateAnomalyParams(id=5, status="dismissed", anomaly_class="Event"))


def test_audits_compare_the_data_with_the_schemas(ws: mpnb.Workspace) -> None:
    assert {(v.violation, v.name) for v in ws.run_audit_events_only().violations} == {
        ("Unexpected Event", "Buy"),
        ("Unexpected Event", "Rare"),
    }
    known = {"properties": {"mp_lib": {"type": "string"}}}
    ws.create_schema("event", "Buy", known)
    audit = ws.run_audit()
    total = len(rows()) - 1
    assert [(v.violation, v.name, v.event, v.count) for v in audit.violations] == [
        ("Unexpected Event", "Rare", None, 1),
        ("Unexpected Property", "amount", "Buy", total),
    ]
    assert audit.computed_at.startswith("2025-01-31T12")
    assert [v.name for v in ws.run_audit_events_only().violations] == ["Rare"]


def test_a_deletion_is_previewed_with_its_events(ws: mpnb.Workspace) -> None:
    asked = mpnb.PreviewDeletionFiltersParams(
        event_name="Buy", from_date=day(SPIKE), to_date=day(SPIKE)
    )
    assert [row["eventCount"] for row in ws.preview_deletion_filters(asked)] == [200]
    wide = asked.model_copy(update={"from_date": day(0), "to_date": day(DAYS)})
    assert ws.preview_deletion_filters(wide)[0]["eventCount"] == len(rows()) - 1


def test_a_deletion_request_says_who_asked(ws: mpnb.Workspace) -> None:
    made = ws.create_deletion_request(
        mpnb.CreateDeletionRequestParams(event_name="Buy", from_date=day(0), to_date=day(1))
    )
    assert made == ws.list_deletion_requests()
    assert [(one.event_name, one.status) for one in made] == [("Buy", "Submitted")]
    assert set(made[0].requesting_user) == {"id", "email"}
    assert [one.status for one in ws.cancel_deletion_request(made[0].id)] != ["Submitted"]


def test_a_closed_workspace_connects_anew(ws: mpnb.Workspace) -> None:
    before = ws.events()
    ws.close()
    ws.clear_discovery_cache()
    assert ws.events() == before


def test_sources_definitions_and_their_history(ws: mpnb.Workspace) -> None:
    sources = {row["source"]: row["count"] for row in ws.get_tracking_metadata("Buy")["sources"]}
    events = [row for row in rows() if row["event"] == "Buy"]
    web = sum(row["properties"]["mp_lib"] == "web" for row in events)
    assert sources == {"web": web, "python": len(events) - web}
    ws.update_event_definition("Buy", mpnb.UpdateEventDefinitionParams(description="d"))
    assert [row["action"] for row in ws.get_event_history("Buy")] == ["updated"]
    ws.update_property_definition(
        "amount", mpnb.UpdatePropertyDefinitionParams(resource_type="Event", description="€")
    )
    assert [row["action"] for row in ws.get_property_history("amount", "event")] == ["updated"]
    assert ws.get_property_history("plan/tier", "event") == []
    exported = ws.export_lexicon()
    assert {row["name"]: row["description"] for row in exported["events"]} == {
        "Buy": "d",
        "Rare": None,
    }
    assert "€" in {row["description"] for row in exported["eventProperties"]}
    ws.delete_event_definition("Buy", confirm=True)
    assert [row.description for row in ws.get_event_definitions(names=["Buy"])] == [None]


def test_custom_events_are_made_changed_and_listed(ws: mpnb.Workspace) -> None:
    made = ws.create_custom_event(
        mpnb.CreateCustomEventParams(name="Any", alternatives=["Buy", "Rare"])
    )
    changed = ws.update_custom_event(made.id, mpnb.UpdateEventDefinitionParams(description="both"))
    assert changed.description == "both"
    assert [row.name for row in ws.list_custom_events()] == ["Any"]
    ws.delete_custom_event(made.id, confirm=True)
    assert ws.list_custom_events() == []


@pytest.mark.parametrize(("text", "valid"), [("A * 2", True), ("A *", False), ("B", False)])
def test_formulas_are_read(ws: mpnb.Workspace, text: str, valid: bool) -> None:
    composed = {"A": mpnb.ComposedPropertyValue(type="number", resource_type="event", value="x")}
    params = mpnb.CreateCustomPropertyParams(
        name="Rev", resource_type="events", display_formula=text, composed_properties=composed
    )
    answer = ws.validate_custom_property(params)
    assert answer["valid"] is valid
    assert ("error" in answer) is not valid
