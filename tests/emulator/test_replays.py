"""Recorded sessions: sent as Mixpanel's recorder sends them, found, signed, fetched, told."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

import mpnb
from mpnb.emulator import Running
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project
from mpnb.emulator.replays import FILES, TTL_S, Replays
from mpnb.errors import ReplayNotFoundError, SignedURLExpiredError
from tests.emulator.conftest import START, TOKEN, project
from tests.entity.test_replays import HREF, SNAPSHOT

DAYS = {"from_date": "2025-01-01", "to_date": "2025-01-31"}
SESSION = "0195-a b/é"
"""Ids are chosen by recorders; this one has what addresses must spell."""


def batch(number: int, size: int = 3) -> list[dict[str, Any]]:
    """A batch of recorded events: a page, then clicks."""
    began = START * 1000 + 60_000 * number
    page = [{**HREF, "timestamp": began}, {**SNAPSHOT, "timestamp": began + 1}]
    click = {"type": 3, "data": {"source": 2, "type": 2, "id": 5, "x": 1, "y": 2}}
    clicks = [{**click, "timestamp": began + 1000 * (n + 1)} for n in range(size)]
    return page + clicks


def record(
    running: Running, session: str, seq: int, person: str = "user 1 é", **more: str
) -> httpx.Response:
    """Send a batch as the JavaScript library does."""
    query = {"replay_id": session, "seq": str(seq), "distinct_id": person, "mp_lib": "web"}
    plain = base64.b64encode(f"{TOKEN}:".encode()).decode()
    return httpx.post(
        f"{running.url}/record",
        params={**query, "format": "gzip", **more},
        headers={"Authorization": f"Basic {plain}", "Content-Type": "application/octet-stream"},
        content=gzip.compress(json.dumps(batch(seq)).encode()),
    )


@pytest.fixture
def recorded(running: Running, remote: mpnb.Workspace) -> mpnb.Workspace:
    """A project with three sessions of two people."""
    for seq in (0, 2, 1):
        assert record(running, SESSION, seq).json() == {"code": 200, "status": "OK"}
    record(running, "second", 0, retention_days="90")
    record(running, "third", 0, person="user 2 é")
    return remote


def test_sessions_are_found_and_fetched(recorded: mpnb.Workspace) -> None:
    listed = recorded.list_replays(distinct_id="user 1 é", **DAYS)
    assert {row.replay_id: row.retention_days for row in listed} == {SESSION: 30, "second": 90}
    assert {row.start_time for row in listed} == {START * 1000}
    whole = recorded.fetch_replay(SESSION)
    assert whole.rrweb_events == sorted(
        batch(0) + batch(1) + batch(2), key=lambda e: e["timestamp"]
    )
    assert recorded.fetch_replay("second").retention_days == 90
    streamed = list(recorded.stream_replay("third"))
    assert streamed == batch(0)
    assert "Save" in recorded.analyze_replay(SESSION) or "click" in recorded.analyze_replay(SESSION)


def test_a_persons_sessions_with_the_projects_events(
    recorded: mpnb.Workspace,
) -> None:
    seen = {
        "time": START + 30,
        "distinct_id": "user 1 é",
        "$insert_id": "with-replay",
        "$mp_replay_id": SESSION,
        "plan": "pro",
    }
    recorded.import_events([{"event": "View", "properties": seen}])
    bundle = recorded.replays_for_user("user 1 é", **DAYS, event_properties=["plan"])
    assert sorted(replay.replay_id for replay in bundle.replays) == sorted([SESSION, "second"])
    events = {replay.replay_id: replay.mixpanel_events for replay in bundle.replays}
    assert [(e.event_name, e.properties) for e in events[SESSION]] == [("View", {"plan": "pro"})]
    assert events["second"] == []
    several = recorded.fetch_replays([SESSION, "third"])
    assert len(several.replays) == 2


def test_environments_and_days_are_apart(running: Running, recorded: mpnb.Workspace) -> None:
    record(running, "dev-only", 0, replay_env="dev")
    assert recorded.fetch_replay("dev-only", env="dev").rrweb_events == batch(0)
    for asked in ({"env": "prod"}, {"env": "dev", "retention_days": 7}):
        with pytest.raises(ReplayNotFoundError):
            recorded.fetch_replay("dev-only", **asked)  # type: ignore[arg-type]  # two of its words


def test_addresses_are_signed_and_end(recorded: mpnb.Workspace, running: Running) -> None:
    signed = recorded.sign_replay(SESSION)
    address = f"{signed.url}0000-30.json"
    assert httpx.get(f"{address}?{signed.query_string}").json() == batch(0)
    assert httpx.get(address).status_code == 403
    other = signed.url.replace("prod", "dev")
    assert httpx.get(f"{other}0000-30.json?{signed.query_string}").status_code == 403
    assert httpx.get(f"{signed.url}0003-30.json?{signed.query_string}").status_code == 404
    later = signed.query_string.replace("expires=", "expires=9")
    assert httpx.get(f"{address}?{later}").status_code == 403


def test_a_signature_holds_for_five_minutes() -> None:
    now = [1000.0]
    replays = Replays(Project(project().engine), lambda: now[0])  # type: ignore[arg-type]  # it is local
    asked = json.dumps({"replays": [{"replay_id": "r", "replay_env": "prod"}]}).encode()
    signed = replays.sign(Request("POST", "", {}, {"host": "h"}, asked), ())[0]
    query = {
        key: [value] for key, value in (p.split("=") for p in signed["query_string"].split("&"))
    }
    path = f"{FILES}prod/r/0000-30.json"
    for moment, status in ((now[0] + TTL_S - 1, 404), (now[0] + TTL_S + 1, 403)):
        now[0] = moment
        with pytest.raises(Refusal) as refusal:
            replays.file(Request("GET", path, query, {}, raw=path))
        assert refusal.value.status == status


def test_an_address_that_is_refused_is_signed_again(
    running: Running, recorded: mpnb.Workspace
) -> None:
    running.faults.arm("status=403", times=99, path=FILES)
    with pytest.raises(SignedURLExpiredError):
        recorded.fetch_replay(SESSION)
    running.faults.clear()
    running.faults.arm("status=403", times=1, path=FILES + "prod/0195-a b/é/0001")
    assert len(recorded.fetch_replay(SESSION).rrweb_events) == 15


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"[1]", b'[{"type": 4}]', b"no"])
def test_batches_that_are_none(client: httpx.Client, content: bytes) -> None:
    assert client.post("/record?replay_id=r&seq=0", content=content).status_code == 400
    good = json.dumps(batch(0)).encode()
    for query in ("seq=0", "replay_id=r&seq=x", "replay_id=r&seq=0&replay_env=x"):
        assert client.post(f"/record?{query}", content=good).status_code == 400
    assert client.post("/record?replay_id=r&seq=0&format=body", content=good).status_code == 200
    assert httpx.post(str(client.base_url) + "/record", content=good).status_code == 401


def test_the_command_line(recorded: mpnb.Workspace, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MP_USERNAME", "u")
    monkeypatch.setenv("MP_SECRET", TOKEN)
    monkeypatch.setenv("MP_REGION", "us")
    monkeypatch.setenv("MP_PROJECT_ID", "12345")

    def mp(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mpnb.cli", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    days = ("--from", "2025-01-01", "--to", "2025-01-31")
    listed = json.loads(mp("replays", "list", "--user", "user 1 é", *days, "--format", "json"))
    assert {row["replay_id"] for row in listed} == {SESSION, "second"}
    signed = mp("replays", "sign", "second", "--format", "json")
    assert "signature=" not in signed
    mp("replays", "fetch", "second", "--include-events", "--output", str(tmp_path / "r.json"))
    assert json.loads((tmp_path / "r.json").read_text()) == batch(0)
    assert "click" in mp("replays", "analyze", "second").lower()
    out = tmp_path / "out"
    told = json.loads(mp("replays", "for-user", "user 2 é", *days, "--out-dir", str(out)))
    assert [row["replay_id"] for row in told] == ["third"]
    assert len(list(out.iterdir())) == 2, "recorded events, and words"
    events = json.loads(mp("replays", "events", "second", *days, "--format", "json"))
    assert events == []
