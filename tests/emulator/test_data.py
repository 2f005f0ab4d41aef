"""Events and profiles that come out, and those that come in."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

import mpnb
from mpnb import emulator
from tests.emulator.conftest import START, TOKEN, client_of, rows

RANGE = {"from_date": "2025-01-01", "to_date": "2025-01-31", "project_id": "12345"}


def exported(client: httpx.Client, **params: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/2.0/export", params={**RANGE, **params})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_export_is_what_was_loaded(client: httpx.Client) -> None:
    """Byte by byte the same values, oldest first."""
    assert exported(client) == sorted(rows(), key=lambda row: row["properties"]["time"])


def test_the_export_can_be_narrowed(client: httpx.Client) -> None:
    everything = exported(client)
    buys = exported(client, event='["Buy"]')
    assert buys == [row for row in everything if row["event"] == "Buy"]
    pro = exported(client, where='properties["plan"] == "pro"')
    assert pro == [row for row in everything if row["properties"].get("plan") == "pro"]
    assert exported(client, limit=7) == everything[:7]
    day = exported(client, to_date="2025-01-01")
    assert day == [row for row in everything if row["properties"]["time"] < START + 86400]
    milliseconds = exported(client, limit=1, time_in_ms="true")
    assert milliseconds[0]["properties"]["time"] == START * 1000


def test_the_export_comes_packed(client: httpx.Client) -> None:
    with client.stream("GET", "/api/2.0/export", params=RANGE) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert len(gzip.decompress(raw).splitlines()) == 300
    plain = client.get("/api/2.0/export", params=RANGE, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(plain.text.splitlines()) == 300


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_date": "yesterday"},
        {"from_date": "2025-02-01"},
        {"limit": "0"},
        {"limit": "100001"},
        {"event": "Buy"},
        {"where": 'properties["plan"] =='},
    ],
)
def test_a_wrong_export_says_why(client: httpx.Client, wrong: dict[str, str]) -> None:
    answer = client.get("/api/2.0/export", params={**RANGE, **wrong})
    assert answer.status_code == 400
    assert answer.json()["error"]


def event(number: int, **properties: Any) -> dict[str, Any]:
    basic = {"time": START + number, "distinct_id": "new", "$insert_id": f"new{number}"}
    return {"event": "Imported", "properties": {**basic, **properties}}


def imported(client: httpx.Client, records: Any, **options: Any) -> httpx.Response:
    return client.post("/import?strict=1&project_id=12345", json=records, **options)


def test_imported_events_are_there_at_once(client: httpx.Client) -> None:
    answer = imported(client, [event(number, kind="ä") for number in range(2000)])
    assert answer.json() == {"code": 200, "num_records_imported": 2000, "status": "OK"}
    again = imported(client, [event(number, kind="ä") for number in range(2000)])
    assert again.status_code == 200
    assert len(exported(client, event='["Imported"]')) == 2000


def test_packed_lines_are_imported(client: httpx.Client) -> None:
    lines = b"\n".join(json.dumps(event(number)).encode() for number in range(10))
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-ndjson"}
    answer = client.post("/import?strict=1", content=gzip.compress(lines), headers=headers)
    assert answer.json()["num_records_imported"] == 10


def test_bad_records_are_named_and_good_ones_are_kept(client: httpx.Client) -> None:
    records = [
        event(0),
        {"event": "", "properties": {}},
        event(1, time="soon"),
        event(2, **{"$insert_id": "x" * 37}),
        event(3, time=START + 400 * 86400 * 365),
        "no event",
        event(4),
    ]
    answer = imported(client, records)
    body = answer.json()
    assert answer.status_code == 400
    assert body["num_records_imported"] == 2
    assert [(bad["index"], bad["field"]) for bad in body["failed_records"]] == [
        (1, "event"),
        (2, "properties.time"),
        (3, "properties.$insert_id"),
        (4, "properties.time"),
        (5, ""),
    ]
    assert len(exported(client, event='["Imported"]')) == 2


def test_a_batch_has_at_most_2000_events(client: httpx.Client) -> None:
    assert imported(client, [event(number) for number in range(2001)]).status_code == 413
    assert imported(client, []).status_code == 400


def test_track_needs_the_token_of_the_project(client: httpx.Client) -> None:
    track = f"{client.base_url}/track"
    record = {"event": "Tracked", "properties": {"token": TOKEN, "distinct_id": "t"}}
    assert httpx.post(track, json=[record]).json() == 1
    assert httpx.post(track, data={"data": json.dumps(record)}).json() == 1
    record["properties"]["token"] = "another"
    assert httpx.post(track + "?verbose=1", json=[record]).status_code == 401
    count = client.post("/api/query/cohorts/list")
    assert count.status_code == 200
    assert "Tracked" in client.get("/api/query/events/names").json()


def profile(client: httpx.Client, name: str) -> Any:
    found = client.post("/api/query/engage", json={"distinct_id": name}).json()["results"]
    return found[0]["$properties"] if found else None


def test_changes_of_profiles_apply_in_order(client: httpx.Client) -> None:
    def change(**operation: Any) -> None:
        named = {"$token": TOKEN, "$distinct_id": "user 1 é"}
        body = [{**named, **{"$" + key: value for key, value in operation.items()}}]
        assert httpx.post(f"{client.base_url}/engage", json=body).json() == 1

    assert profile(client, "user 1 é") == {"$name": "N1", "age": 21}
    change(set={"plan": "pro", "tags": ["a"]})
    change(set_once={"plan": "free", "first": 1})
    change(add={"age": 2, "visits": 1})
    change(union={"tags": ["a", "b"]})
    change(append={"tags": "b"})
    change(remove={"tags": "a"})
    change(unset=["$name"])
    wanted = {"age": 23, "first": 1, "plan": "pro", "tags": ["b", "b"], "visits": 1}
    assert profile(client, "user 1 é") == wanted
    change(delete="")
    assert profile(client, "user 1 é") is None
    assert profile(client, "user 2 é") == {"$name": "N2", "age": 22}


def test_a_wrong_change_says_why(client: httpx.Client) -> None:
    record = {"$token": TOKEN, "$distinct_id": "x", "$add": {"age": "two"}}
    answer = httpx.post(f"{client.base_url}/engage?strict=1", json=[record])
    assert answer.status_code == 400
    assert answer.json()["failed_records"][0]["field"] == "$add"


def test_profiles_come_in_pages_of_one_session(tmp_path: Path) -> None:
    people = [{"$distinct_id": f"p{n:04}", "$properties": {"n": n}} for n in range(2500)]
    data = mpnb.local(rows(), profiles=people)
    with emulator.serve(data, token=TOKEN, limits=False) as running, client_of(running) as client:
        first = client.post("/api/query/engage", json={"page": 0}).json()
        assert (first["total"], first["page_size"], len(first["results"])) == (2500, 1000, 1000)
        seen = [row["$distinct_id"] for row in first["results"]]
        for page in (1, 2, 3):
            body = {"page": page, "session_id": first["session_id"]}
            seen += [
                row["$distinct_id"]
                for row in client.post("/api/query/engage", json=body).json()["results"]
            ]
        assert seen == sorted(row["$distinct_id"] for row in people)
        ended = {"page": 1, "session_id": "another"}
        assert client.post("/api/query/engage", json=ended).status_code == 400


def test_a_store_that_is_named_keeps_what_is_imported(tmp_path: Path) -> None:
    place = tmp_path / "store"
    mpnb.local(rows(), store=place)
    with emulator.serve(place, token=TOKEN, limits=False) as running, client_of(running) as client:
        imported(client, [event(1)])
    assert mpnb.local(place).events() == ["Buy", "Imported", "View"]


def test_other_data_stay_as_they_are(tmp_path: Path) -> None:
    lines = tmp_path / "events.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in rows()))
    with emulator.serve(lines, token=TOKEN, limits=False) as running, client_of(running) as client:
        imported(client, [event(1)])
        assert "Imported" in client.get("/api/query/events/names").json()
    assert mpnb.local(lines).events() == ["Buy", "View"]
