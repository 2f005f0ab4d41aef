"""Against `mp serve` as a process: storms of 429, tokens that end, a server that dies.

Clients are processes of their own with twenty threads each, and share what is on disk: the budget,
the tokens, the copy of a pull.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import mpnb
from mpnb.account import tokens
from mpnb.engine.mixpanel.database import Database, _create
from mpnb.errors import MixpanelHeadlessError
from tests.emulator.browser import signing_in
from tests.emulator.conftest import PROFILES, TOKEN, rows
from tests.emulator.process import Served, serving

THREADS = 20
DAYS = ("2025-01-01", "2025-01-04")
CLIENT = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
import mpnb
from mpnb.errors import RateLimitError
days = {"from_date": "2025-01-01", "to_date": "2025-01-28"}
kind, first, count, on_limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
if kind == "browser":
    ws = mpnb.Workspace(cache=False, on_limit=on_limit)
else:
    account = mpnb.ServiceAccount(name="s", region="us", username="u", secret=kind)
    session = mpnb.Session(account=account, project=mpnb.Project(id="12345", timezone="UTC"))
    ws = mpnb.Workspace(session=session, cache=False, on_limit=on_limit)
def ask(number):
    while True:
        try:
            return ws.query("View", **days, where=mpnb.Filter.less_than("amount", number)).raw["series"]
        except RateLimitError as problem:
            if (problem.retry_after or 0) > 60:
                return None  # the hour is used up; else five are running
        time.sleep(0.02)
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(20) as pool:
    print(json.dumps(list(pool.map(ask, range(first, first + count)))))
"""
"""A process that asks many questions, each another one."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store on disk."""
    place = tmp_path / "store"
    mpnb.local(rows(), profiles=PROFILES, store=place)
    return place


@pytest.fixture
def served(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server with Mixpanel's real limits."""
    with serving(data) as found:
        monkeypatch.setenv("MP_API_BASE_URL", found.url)
        yield found


def clients(kind: str, each: int, on_limit: str = "wait") -> list[subprocess.Popen[str]]:
    """Two processes that are ready to ask."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENT, kind, str(1 + n * each), str(each), on_limit],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return started


def answers(started: list[subprocess.Popen[str]]) -> list[Any]:
    """Let them ask at the same time, and what they found."""
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    found = []
    for process in started:
        said, problem = process.communicate(timeout=120)
        assert process.returncode == 0, problem
        assert "Warning" not in problem, problem
        found += json.loads(said)
    return found


def expected(data: Path, count: int) -> list[Any]:
    """The same questions, answered without a server."""
    days: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-28"}
    local = mpnb.local(data)
    chosen = (mpnb.Filter.less_than("amount", number) for number in range(1, count + 1))
    return [local.query("View", **days, where=where).raw["series"] for where in chosen]


def test_a_storm_of_429_loses_nothing_and_stays_inside(served: Served, data: Path) -> None:
    started = clients(TOKEN, THREADS)
    served.arm("status=429; retry-after=1", times=12, path="/insights")
    found = answers(started)
    wanted = expected(data, 2 * THREADS)
    assert found == wanted
    assert len({json.dumps(series) for series in wanted}) > THREADS, "they are different questions"
    traffic = served.traffic("query")
    assert (traffic["taken"], traffic["refused"]) == (2 * THREADS, 0)
    assert 1 < traffic["most_at_once"] <= 5
    assert served.control("GET", "faults")["waiting"] == 0, "all twelve were met"


def test_more_than_an_hour_has_is_refused_before_it_is_sent(served: Served, data: Path) -> None:
    found = answers(clients(TOKEN, 40, "raise"))
    wanted = expected(data, 80)
    assert sum(one is None for one in found) == 20
    assert all(one in (None, right) for one, right in zip(found, wanted, strict=True))
    traffic = served.traffic("query")
    assert (traffic["taken"], traffic["refused"]) == (60, 0)
    assert traffic["most_at_once"] <= 5


def test_tokens_that_end_in_the_middle(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Access tokens end three times while two processes ask; each time one of them renews."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with serving(data, "--limits", "off") as served:
        monkeypatch.setenv("MP_API_BASE_URL", served.url)
        signing_in("ann", TOKEN)
        begun = tokens.tokens_path("ann").read_text()
        served.arm("latency=0.2", times=1000, path="/insights")
        started = clients("browser", 30)
        given = served.control("GET", "tokens")["given"]
        found: list[Any] = []
        asking = threading.Thread(target=lambda: found.extend(answers(started)))
        asking.start()
        ended = 0
        for _ in range(3):
            before = served.traffic("query")["taken"]
            while asking.is_alive() and served.traffic("query")["taken"] < before + 10:
                time.sleep(0.01)
            ended += served.control("DELETE", "tokens")["ended"]
            now = served.control("GET", "tokens")["given"]
            while asking.is_alive() and served.control("GET", "tokens")["given"] == now:
                time.sleep(0.01)  # the next end is of a token that is in use again
        asking.join(120)
        assert found == expected(data, 60)
        renewed = served.control("GET", "tokens")["given"] - given
    assert ended == 3, "a token of each time was in use"
    assert renewed == 3
    assert tokens.tokens_path("ann").read_text() != begun


def test_a_server_that_dies_in_the_middle_of_an_export(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulling() -> mpnb.Workspace:
        account = mpnb.ServiceAccount(name="s", region="us", username="u", secret=SecretStr(TOKEN))
        project = mpnb.Project(id="12345", timezone="UTC")
        return mpnb.Workspace(session=mpnb.Session(account=account, project=project))

    problems: list[MixpanelHeadlessError] = []

    def pull() -> None:
        try:
            with pulling() as ws:
                ws.pull(*DAYS, profiles=False)
        except MixpanelHeadlessError as problem:
            problems.append(problem)

    monkeypatch.setattr("mpnb.engine.mixpanel.transport.backoff", lambda attempt: 0.05)
    with serving(data) as served:
        monkeypatch.setenv("MP_API_BASE_URL", served.url)
        served.arm("cut=100; stall=60", path="/export")
        thread = threading.Thread(target=pull)
        thread.start()
        while served.control("GET", "faults")["waiting"]:
            assert thread.is_alive()
            time.sleep(0.01)
        time.sleep(0.3)
        assert served.traffic("export")["running"] >= 1
        served.kill()
        thread.join(60)
        assert not thread.is_alive()
    assert problems, "the server was gone for good"
    port = served.url.rpartition(":")[2]
    with serving(data, "--port", port) as again:
        assert again.url == served.url
        with pulling() as ws:
            report = ws.pull(*DAYS, profiles=False)
            held = _ids(ws.on("local"))
    assert report.kept + len(report.fetched) == 4
    assert held == _ids(mpnb.local(data))
    assert set(held.values()) == {1}
    assert not list(Path(os.environ["MPNB_HOME"]).rglob("part-*"))


def _ids(ws: mpnb.Workspace) -> Counter[str]:
    """The events of the days, each by its own id."""
    return Counter(
        str(row["insert_id"]) for row in ws.stream_events(from_date=DAYS[0], to_date=DAYS[1])
    )


def test_threads_that_ask_first_share_one_engine(remote: mpnb.Workspace) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(lambda _: remote.engine, range(THREADS)))
    assert len({id(engine) for engine in made}) == 1


def test_a_second_workspace_does_not_unlock_the_first(tmp_path: Path) -> None:
    """Closing a file that another connection of the process has locked would end its lock."""
    file = tmp_path / "shared.db"
    database = Database(file, "CREATE TABLE IF NOT EXISTS t (x)")
    asks = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"

    def work(connection: Any) -> subprocess.CompletedProcess[str]:
        connection.execute("INSERT INTO t VALUES (1)")
        _create(file)  # what a second workspace begins with
        return subprocess.run(
            [sys.executable, "-c", asks, str(file)], capture_output=True, text=True, check=False
        )

    try:
        assert "database is locked" in database.run(work).stderr
    finally:
        database.close()
