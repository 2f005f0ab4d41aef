"""Data sent in: what goes over the wire, what is refused, and that repeating does no harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mpnb
from mpnb.errors import ConfigError, ParamValidationError, QueryError
from tests.streaming.conftest import Serve
from tests.streaming.project import event, lines, workspace
from tests.streaming.server import Answer, Asked


class Ingestion:
    """Takes events as ``/import`` does; of equal ids one, and none of a user called bad."""

    def __init__(self, *faults: Callable[[Asked], Answer]) -> None:
        self.taken: dict[str, Any] = {}
        self.faults = list(faults)
        self.sizes: list[int] = []

    def __call__(self, asked: Asked) -> Answer:
        """Answer a request."""
        if self.faults:
            return self.faults.pop(0)(asked)
        rows = asked.json()
        self.sizes.append(len(rows))
        failed = []
        for index, row in enumerate(rows):
            if row["properties"].get("distinct_id") == "bad":
                failed.append({"index": index, "field": "distinct_id", "message": "is bad"})
            else:
                self.taken[row["properties"]["$insert_id"]] = row
        body: dict[str, Any] = {
            "code": 400 if failed else 200,
            "num_records_imported": len(rows) - len(failed),
        }
        body |= {"failed_records": failed} if failed else {}
        return Answer(json.dumps(body).encode(), 400 if failed else 200)


def test_events_go_in_packed_batches(serve: Serve) -> None:
    world = Ingestion()
    server = serve(world)
    rows = [event("2025-01-01", user) for user in range(4500)]
    report = workspace().import_events(rows)
    assert (report.accepted, report.refused, report.batches) == (4500, 0, 3)
    assert world.sizes == [2000, 2000, 500]
    assert server.asked[0].path == "/import"
    assert server.asked[0].query == {"strict": "1", "project_id": "12345"}
    assert server.asked[0].headers["content-encoding"] == "gzip"
    assert server.asked[0].headers["content-type"] == "application/json"
    assert server.asked[0].headers["authorization"].startswith("Basic ")


def test_repeating_does_not_double(serve: Serve) -> None:
    world = Ingestion()
    serve(world)
    rows = [event("2025-01-01", user) for user in range(10)]
    for row in rows:
        del row["properties"]["$insert_id"]
    for _ in range(2):
        assert workspace().import_events(rows).accepted == 10
    assert len(world.taken) == 10
    assert "$insert_id" not in rows[0]["properties"]


def test_a_refused_record_is_named_and_the_others_are_taken(serve: Serve) -> None:
    serve(Ingestion())
    rows: list[Any] = [event("2025-01-01", user) for user in range(2500)]
    rows[2100]["properties"]["distinct_id"] = "bad"
    rows[7] = {"event": "", "properties": {}}
    rows[8] = "no row"
    rows[9] = {"event": "Login", "properties": {"time": "yesterday"}}
    report = workspace().import_events(rows)
    assert (report.records, report.accepted, report.refused) == (2500, 2496, 4)
    assert [error.index for error in report.errors] == [7, 8, 9, 2100]
    assert str(report.errors[3]) == "record 2100: distinct_id: is bad"


def test_a_lost_batch_is_sent_again(serve: Serve) -> None:
    world = Ingestion(lambda asked: Answer(b"{}", 503), lambda asked: Answer(b"{}", 429))
    serve(world)
    assert workspace().import_events([event("2025-01-01", 1)]).accepted == 1


def test_a_batch_that_is_too_large_is_cut(serve: Serve) -> None:
    world = Ingestion(lambda asked: Answer(b"{}", 413))
    serve(world)
    assert workspace().import_events([event("2025-01-01", n) for n in range(5)]).accepted == 5
    assert world.sizes == [2, 3]


def test_a_refused_batch_says_what_was_taken(serve: Serve) -> None:
    world = Ingestion()
    server = serve(world)
    rows = [event("2025-01-01", user) for user in range(4)]

    def refusing(asked: Asked) -> Answer:
        return world(asked) if len(server.asked) == 1 else Answer(b'{"error": "no"}', 403)

    server.answering = refusing
    with pytest.raises(QueryError) as caught:
        workspace().import_events(rows, batch_size=2)
    assert any("2 records of the batches before" in note for note in caught.value.__notes__)


def test_frames_files_and_local_workspaces(serve: Serve, tmp_path: Path) -> None:
    world = Ingestion()
    serve(world)
    at = datetime(2025, 1, 1, 12, tzinfo=UTC)
    frame = pd.DataFrame(
        {"action": ["Login", "Buy"], "at": [at, at], "distinct_id": ["u1", None], "n": [1.5, None]}
    )
    report = workspace().import_events(frame, mapping={"event": "action", "time": "at"})
    assert report.accepted == 2
    rows = list(world.taken.values())
    assert rows[0]["properties"]["time"] == round(at.timestamp() * 1000)
    assert rows[0]["properties"]["n"] == 1.5
    assert "n" not in rows[1]["properties"]
    with pytest.raises(ParamValidationError, match="no column for time"):
        workspace().import_events(frame, mapping={"event": "action"})

    days = [event("2025-01-01", user, deep={"a": [1]}, n=user) for user in range(3)]
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(days) + b"no json\n")
    report = workspace().import_events(path)
    assert (report.accepted, report.refused) == (3, 1)
    again = Ingestion()
    serve(again)
    assert workspace().import_events(mpnb.local(days)).accepted == 3
    wanted = {row["properties"]["$insert_id"]: row["properties"] for row in days}
    for key, row in again.taken.items():
        assert row["properties"] == wanted[key] | {"time": wanted[key]["time"] * 1000}


def test_normalised_rows_go_back(serve: Serve) -> None:
    world = Ingestion()
    serve(world)
    at = datetime(2025, 1, 1, tzinfo=UTC)
    row = {
        "event_name": "Login",
        "event_time": at,
        "distinct_id": "u1",
        "insert_id": "i",
        "properties": {"plan": "pro"},
    }
    workspace().import_events([row])
    assert world.taken["i"] == {
        "event": "Login",
        "properties": {
            "plan": "pro",
            "time": 1735689600000,
            "$insert_id": "i",
            "distinct_id": "u1",
        },
    }


def test_tracking_proves_itself_by_the_token(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(lambda asked: Answer(b'{"status": 1, "error": null}'))
    monkeypatch.delenv("MP_PROJECT_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="token"):
        workspace().track([event("2025-01-01", 1)])
    assert workspace().track(event("2025-01-01", 1), token="t").accepted == 1
    assert server.asked[0].path == "/track"
    assert server.asked[0].json()[0]["properties"]["token"] == "t"
    server.answering = lambda asked: Answer(b'{"status": 0, "error": "bad token"}')
    with pytest.raises(QueryError, match="bad token"):
        workspace().track([event("2025-01-01", 1)], token="t")


def test_profiles_are_set(serve: Serve) -> None:
    server = serve(lambda asked: Answer(b'{"status": 1, "error": null}'))
    people: list[dict[str, Any]] = [
        {"$distinct_id": "u1", "$properties": {"plan": "pro"}},
        {"$properties": {}},
    ]
    report = workspace().import_profiles(people, token="t")
    assert (report.accepted, report.refused) == (1, 1)
    assert server.asked[0].path == "/engage"
    assert server.asked[0].json() == [
        {"$distinct_id": "u1", "$set": {"plan": "pro"}, "$token": "t"}
    ]


def test_reading_only_sends_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(Ingestion())
    monkeypatch.setenv("MP_READ_ONLY", "1")
    with pytest.raises(mpnb.errors.MixpanelHeadlessError) as caught:
        workspace().import_events([event("2025-01-01", 1)])
    assert caught.value.code == "READ_ONLY"
    assert server.asked == []
