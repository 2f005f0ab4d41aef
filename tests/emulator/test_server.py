"""Who may ask, what cannot be found, limits, faults, and HTTP itself."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import mpnb
from mpnb import emulator
from mpnb.emulator import Running
from mpnb.emulator.limits import REAL, Limits
from mpnb.emulator.messages import Refusal
from tests.emulator.conftest import START, TOKEN, project, rows

NAMES = "/api/query/events/names?project_id=12345"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": httpx.BasicAuth("anybody", TOKEN)._auth_header},
        {"Authorization": httpx.BasicAuth(TOKEN, "")._auth_header},
    ],
    ids=["bearer", "service account", "project secret"],
)
def test_the_token_opens_in_three_ways(running: Running, headers: dict[str, str]) -> None:
    assert httpx.get(running.url + NAMES, headers=headers).json() == ["View", "Buy"]


@pytest.mark.parametrize(
    "value", [None, "Bearer no", "Basic !!", "Basic bm86bm8=", f"Token {TOKEN}"]
)
def test_anything_else_is_401_and_says_nothing_of_the_token(
    running: Running, value: str | None
) -> None:
    headers = {"Authorization": value} if value else {}
    answer = httpx.get(running.url + NAMES, headers=headers)
    assert answer.status_code == 401
    assert TOKEN not in answer.text


def test_unknown_routes_are_named(client: httpx.Client) -> None:
    for path in ("/api/query/nothing", "/api/app/projects/12345/nothing", "/nothing", "/api/app/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert f"GET {path}" in answer.json()["error"]


def test_another_project_is_refused(client: httpx.Client) -> None:
    assert client.get("/api/query/events/names?project_id=1").status_code == 403
    assert client.get("/api/app/projects/1/dashboards").status_code == 403
    assert client.get("/api/app/workspaces/1/dashboards").status_code == 403


def test_it_listens_on_loopback_only(running: Running) -> None:
    assert running.url.startswith("http://127.0.0.1:")


def test_connections_are_kept_alive(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2]))) as link:
        file = link.makefile("rwb")
        for _ in range(3):
            file.write(
                f"GET {NAMES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
            )
            file.flush()
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"
            length = 0
            while (line := file.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            assert json.loads(file.read(length)) == ["View", "Buy"]


def test_bodies_that_are_no_bodies(client: httpx.Client) -> None:
    path = "/api/query/insights?project_id=12345"
    assert client.post(path, content=b"{no").status_code == 400
    assert client.post(path, json=[]).status_code == 400
    packed = {"Content-Encoding": "gzip"}
    assert client.post(path, content=b"no gzip", headers=packed).status_code == 400
    whole = gzip.compress(b"{}" * 1000)
    assert client.post(path, content=whole[:-9], headers=packed).status_code == 400


def test_chunked_requests(client: httpx.Client) -> None:
    body = json.dumps({"project_id": "12345"}).encode()
    pieces = (body[i : i + 5] for i in range(0, len(body), 5))
    assert client.post("/api/query/cohorts/list", content=pieces).json() == []


def test_the_real_limits() -> None:
    now = [0.0]
    limits = Limits(REAL, lambda: now[0])
    for _ in range(60):
        with limits.taken("query"):
            now[0] += 1
    with pytest.raises(Refusal) as refusal, limits.taken("query"):
        pass
    assert refusal.value.status == 429
    assert refusal.value.headers["Retry-After"] == str(3600 - 60)
    now[0] = 3600.5
    with limits.taken("query"):
        pass
    for _ in range(3):
        with limits.taken("export"):
            pass
    with pytest.raises(Refusal), limits.taken("export"):
        pass


def test_five_queries_at_once() -> None:
    limits = Limits()
    held = [limits.taken("query") for _ in range(5)]
    for each in held:
        each.__enter__()
    with pytest.raises(Refusal), limits.taken("query"):
        pass
    held[0].__exit__(None, None, None)
    with limits.taken("query"):
        pass


def test_limits_over_http() -> None:
    with emulator.serve(project(), token=TOKEN) as running:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        statuses = [httpx.get(running.url + NAMES, headers=headers).status_code for _ in range(61)]
        assert statuses == [200] * 60 + [429]
        last = httpx.get(running.url + NAMES, headers=headers)
        assert 3500 < int(last.headers["Retry-After"]) <= 3600
        schemas = running.url + "/api/app/projects/12345/schemas"
        codes = [httpx.get(schemas, headers=headers).status_code for _ in range(6)]
        assert codes == [200] * 5 + [429]


def test_faults_by_header(client: httpx.Client) -> None:
    def ask(fault: str) -> httpx.Response:
        return client.get(NAMES, headers={"X-Mpnb-Fault": fault})

    begun = time.monotonic()
    assert ask("latency=0.3").status_code == 200
    assert time.monotonic() - begun >= 0.3
    assert ask("status=503").status_code == 503
    refused = ask("status=429;retry-after=2")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert ask("html").headers["content-type"].startswith("text/html")
    with pytest.raises(ValueError, match=r"JSON|Unterminated|Expecting"):
        ask("malformed").json()
    with pytest.raises(httpx.RemoteProtocolError):
        ask("cut=3")
    assert "latency=SECONDS" in ask("nonsense").json()["error"]
    assert client.get(NAMES).json() == ["View", "Buy"]


def test_armed_faults_meet_the_next_requests(running: Running, client: httpx.Client) -> None:
    armed = {"fault": "status=502", "times": 2, "path": "/names"}
    assert client.post("/_emulator/faults", json=armed).json()["waiting"] == 2
    assert client.post("/api/query/cohorts/list").status_code == 200
    assert [client.get(NAMES).status_code for _ in range(3)] == [502, 502, 200]
    running.faults.arm("html")
    client.delete("/_emulator/faults")
    assert client.get(NAMES).json() == ["View", "Buy"]


def test_a_cut_export_breaks_in_the_middle(client: httpx.Client) -> None:
    dates = {"from_date": "2025-01-01", "to_date": "2025-01-31"}
    fault = {"X-Mpnb-Fault": "cut=1000"}
    with (
        pytest.raises(httpx.RemoteProtocolError),
        client.stream("GET", "/api/2.0/export", params=dates, headers=fault) as answer,
    ):
        answer.read()


def test_many_at_once_get_the_same_answer(client: httpx.Client) -> None:
    params = {"event": "Buy", "from_date": "2025-01-01", "to_date": "2025-01-28", "on": "plan"}
    with ThreadPoolExecutor(8) as pool:
        asks = [
            pool.submit(client.get, "/api/query/segmentation", params=params) for _ in range(24)
        ]
        answers = {ask.result().text for ask in asks}
    assert len(answers) == 1


def test_the_command_says_where_it_is_and_keeps_what_came(tmp_path: Path) -> None:
    place = tmp_path / "store"
    mpnb.local(rows(), store=place)
    words = [sys.executable, "-m", "mpnb.cli", "serve", "--data", str(place), "--token", "t"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        try:
            me = httpx.get(said["url"] + "/api/app/me", headers={"Authorization": "Bearer t"})
            assert list(me.json()["results"]["projects"]) == [said["project_id"]]
            new = {"time": START, "distinct_id": "n", "$insert_id": "n"}
            sent = [{"event": "Late", "properties": new}]
            taken = httpx.post(said["url"] + "/import?strict=1", json=sent, auth=("s", "t"))
            assert taken.status_code == 200
        finally:
            process.terminate()
    assert (said["token"], process.returncode) == ("t", 0)
    assert mpnb.local(place).events() == ["Buy", "Late", "View"]
