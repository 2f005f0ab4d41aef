"""Against the emulator: a pull gives the numbers of its project, and what is sent comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import mpnb
from mpnb import emulator
from tests.streaming.project import event

DAYS = [f"2025-01-{day:02}" for day in range(1, 6)]
ROWS = [event(day, user, n) for day in DAYS for user in range(20) for n in range(4)]
PEOPLE = [{"$distinct_id": f"u{n}", "$properties": {"plan": "pro"}} for n in range(20)]


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[mpnb.Workspace]:
    """A workspace over an emulator that cuts streams when it is told to."""
    monkeypatch.setenv("MPNB_HOME", str(tmp_path))
    data = mpnb.local(ROWS, profiles=PEOPLE, now="2025-02-01T00:00:00+00:00")
    with emulator.serve(data, token="t", limits=False) as running:
        monkeypatch.setenv("MP_API_BASE_URL", running.url)
        account = mpnb.ServiceAccount(
            name="e", region="us", username="u", secret=SecretStr(running.token)
        )
        project = mpnb.Project(id=str(running.identity.project_id), timezone="UTC")
        session = mpnb.Session(account=account, project=project)
        with mpnb.Workspace(session=session, cache=False, on_limit="ignore") as made:
            yield made


def test_a_pull_shows_the_same_numbers(remote: mpnb.Workspace) -> None:
    report = remote.pull(DAYS[0], DAYS[-1])
    assert (report.events, report.profiles) == (len(ROWS), len(PEOPLE))
    ask: dict[str, Any] = {"from_date": DAYS[0], "to_date": DAYS[-1], "group_by": "plan"}
    for math in ("total", "unique"):
        here = remote.on("local").query("Login", math=math, **ask)
        there = remote.query("Login", math=math, **ask)
        assert here.raw["series"] == there.raw["series"]
        assert remote.on("auto").query("Login", math=math, **ask).provenance.engine == "duckdb"


def test_a_stream_is_the_whole_project(remote: mpnb.Workspace) -> None:
    rows = list(remote.stream_events(from_date=DAYS[0], to_date=DAYS[-1]))
    assert {row["insert_id"] for row in rows} == {r["properties"]["$insert_id"] for r in ROWS}
    assert len(list(remote.stream_profiles(parallel=True))) == len(PEOPLE)


def test_what_is_sent_comes_back(remote: mpnb.Workspace) -> None:
    more = [event("2025-01-06", user) for user in range(5)]
    assert remote.import_events(more).accepted == 5
    assert remote.import_events(more).accepted == 5
    rows = list(remote.stream_events(from_date="2025-01-06", to_date="2025-01-06"))
    assert len(rows) == 5
