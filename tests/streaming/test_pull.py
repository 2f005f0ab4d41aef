"""Pulls: what a local copy holds after each kind of mishap, and who answers afterwards."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb import pulled
from mpnb.engine.mixpanel import segments
from mpnb.errors import ConfigError, MixpanelHeadlessError, NotSupportedError
from mpnb.pulls import PullProgress, PullReport
from tests.streaming.conftest import Serve
from tests.streaming.project import World, event, three_days, today, workspace
from tests.streaming.server import Answer, Asked

DAYS = ("2025-01-01", "2025-01-03")
ASK: dict[str, Any] = {"from_date": DAYS[0], "to_date": DAYS[1], "mode": "total"}


def count(ws: mpnb.Workspace) -> int:
    """All events of the copy."""
    return int(ws.on("local").engine.local.store.n_rows)  # type: ignore[attr-defined]


def pull(**more: Any) -> PullReport:
    return workspace().pull(*DAYS, **{"profiles": False, **more})


def test_a_pull_answers_locally_and_says_so(serve: Serve) -> None:
    serve(World(three_days(), [{"$distinct_id": "u1", "$properties": {"$last_seen": "t"}}]))
    ws = workspace()
    report = ws.pull(*DAYS)
    assert (report.fetched, report.events, report.profiles) == (sorted(three_days()), 36, 1)
    result = ws.on("local").query("Login", **ASK)
    assert result.df["count"].sum() == 24
    assert result.provenance.engine == "duckdb"
    assert "local copy of project 12345" in result.provenance.source
    assert ws.use(engine="local").query("Login", **ASK).provenance.engine == "duckdb"


def test_no_copy_is_an_error_with_the_next_step(serve: Serve) -> None:
    serve(World({}))
    ws = workspace()
    with pytest.raises(ConfigError, match="no local copy yet"):
        ws.use(engine="local")
    assert ws.engine.name == "mixpanel"


def test_days_that_are_there_are_not_asked_for_again(serve: Serve) -> None:
    server = serve(World(three_days()))
    workspace().pull("2025-01-01", "2025-01-02", profiles=False)
    report = pull()
    assert (report.fetched, report.kept, len(server.asked)) == (["2025-01-03"], 2, 3)
    assert count(workspace()) == 36
    assert pull().loaded is None
    assert len(pull(refresh=True).fetched) == 3
    assert count(workspace()) == 36


def test_today_is_asked_for_again_and_replaced_whole(serve: Serve) -> None:
    world = World({today(): [event(today(), 1)]})
    del world.days[today()][0]["properties"]["$insert_id"]
    serve(world)
    ws = workspace()
    ws.pull(today(), "2999-01-01", profiles=False)
    world.days[today()].append(event(today(), 2))
    assert ws.pull(today(), today(), profiles=False).fetched == [today()]
    assert count(ws) == 2


def test_duplicates_collapse(serve: Serve) -> None:
    days = three_days()
    days["2025-01-01"] *= 2
    serve(World(days))
    loaded = pull().loaded
    assert loaded is not None
    assert (loaded.lines, loaded.rows, loaded.duplicates) == (48, 36, 12)


@pytest.mark.parametrize("packed", [True, False])
def test_a_day_that_breaks_off_is_fetched_again_whole(serve: Serve, packed: bool) -> None:
    def cut(body: bytes) -> Answer:
        return Answer(body, packed=packed, cut=100)

    server = serve(World(three_days(), faults={"2025-01-02": [cut, cut]}, packed=packed))
    assert pull().events == 36
    assert len(server.asked) == 5
    assert count(workspace()) == 36


def test_a_day_that_never_comes_whole_is_not_there_at_all(serve: Serve, place: Path) -> None:
    world = World(three_days(), faults={"2025-01-02": [lambda b: Answer(b, cut=100)] * 3})
    serve(world)
    with pytest.raises(MixpanelHeadlessError):
        pull()
    assert count(workspace()) == 12
    assert not list(place.rglob("part-*"))
    assert pull().fetched == ["2025-01-02", "2025-01-03"]
    assert count(workspace()) == 36


def test_the_servers_note_that_it_stopped_is_no_whole_day(serve: Serve) -> None:
    def stopped(body: bytes) -> Answer:
        return Answer(body[:200] + b"\nterminated early\n")

    serve(World(three_days(), faults={"2025-01-01": [stopped] * 2}))
    assert pull().events == 36


def test_lines_that_are_no_events_are_named(serve: Serve) -> None:
    serve(World(three_days(), faults={"2025-01-01": [lambda b: Answer(b + b'{"event": 1\n')]}))
    loaded = pull().loaded
    assert loaded is not None
    assert (loaded.bad_lines, loaded.rows) == (1, 36)


ODD_TEXTS: dict[str, tuple[Any, int]] = {
    "nothing": (lambda b: b"", 0),
    "one line break": (lambda b: b"\n", 0),
    "blank lines between": (lambda b: b.replace(b"\n", b"\n \n\n"), 12),
    "a blank line first": (lambda b: b"\n" + b, 12),
    "no line break at the end": (lambda b: b[:-1], 12),
    "spaces before each": (lambda b: b"".join(b" " + line for line in b.splitlines(True)), 12),
    "the event second": (lambda b: b.replace(b'{"event"', b'{"a": 1, "event"'), 12),
    "a short line last": (lambda b: b + b"{}\n", 13),
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", ODD_TEXTS)
def test_lines_are_counted_that_are_not_blank(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str, packed: bool
) -> None:
    monkeypatch.setattr(segments, "_STRETCH", 400)
    made, expected = ODD_TEXTS[name]
    one = {"2025-01-01": [event("2025-01-01", user) for user in range(12)]}
    serve(World(one, faults={"2025-01-01": [lambda b: Answer(made(b), packed=packed)]}))
    assert workspace().pull("2025-01-01", "2025-01-01", profiles=False).events == expected


def test_a_storm_of_429_loses_nothing(serve: Serve) -> None:
    def later(body: bytes) -> Answer:
        return Answer(b"{}", 429, {"Retry-After": "0.01"})

    serve(World(three_days(), faults={day: [later] * 2 for day in three_days()}))
    assert pull().events == 36


def test_progress_is_told(serve: Serve) -> None:
    serve(World(three_days()))
    told: list[PullProgress] = []
    pull(progress=told.append)
    assert [p.stage for p in told if p.stage == "days"] == ["days"] * 3
    assert str(told[0]) == "2025-01-01 (1 of 3 days): 12 events, 0 MB"
    assert told[-1] == PullProgress("done", events=36)


def test_ctrl_c_keeps_finished_days(serve: Serve) -> None:
    serve(World(three_days()))

    def stop(told: PullProgress) -> None:
        if told.days == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(progress=stop)
    report = pull()
    assert (report.kept, report.fetched) == (2, ["2025-01-03"])
    assert count(workspace()) == 36


def test_a_full_disk_keeps_finished_days(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file object at one seam stands for the disk."""
    serve(World(three_days()))
    written = segments._copied

    def full(chunks: Any, file: Any) -> Any:
        if len(list(Path(file.name).parent.glob("2025*"))) == 2:
            raise OSError(28, "No space left on device")
        return written(chunks, file)

    with monkeypatch.context() as patch:
        patch.setattr(segments, "_copied", full)
        with pytest.raises(pulled.PullError, match="No space left"):
            pull()
    report = pull()
    assert (report.kept, report.fetched) == (2, ["2025-01-03"])
    assert count(workspace()) == 36


def test_a_full_disk_while_loading_leaves_the_store(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(World(three_days()))
    workspace().pull("2025-01-01", "2025-01-01", profiles=False)

    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pulled, "load", full)
        with pytest.raises(pulled.PullError, match="No space left"):
            pull()
    assert count(workspace()) == 12
    assert pull().fetched == []
    assert count(workspace()) == 36


def test_a_stop_between_load_and_note_makes_the_store_anew(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = three_days()
    for row in days["2025-01-02"]:
        del row["properties"]["$insert_id"]  # loading such a day twice would double it
    serve(World(days))
    workspace().pull("2025-01-01", "2025-01-01", profiles=False)

    def stopped(self: Any, note: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pulled.Copy, "_write_note", stopped)
        with pytest.raises(KeyboardInterrupt):
            pull()
    assert pull().fetched == []
    assert count(workspace()) == 36


KILLED = """
import mpnb, sys
from tests.streaming.project import workspace
workspace().pull("2025-01-01", "2025-01-03", profiles=False)
"""


@pytest.mark.parametrize("at", ["2025-01-02", "2025-01-03"])
def test_a_killed_process_leaves_a_copy_that_goes_on(serve: Serve, at: str, place: Path) -> None:
    world = World(three_days())

    def answering(asked: Asked) -> Answer:
        if asked.query.get("from_date") == at and not killed:
            killed.append(True)
            time.sleep(0.1)
            process.send_signal(signal.SIGKILL)
            time.sleep(0.2)
        return world(asked)

    killed: list[bool] = []
    serve(answering)
    process = subprocess.Popen([sys.executable, "-c", KILLED], env=dict(os.environ))
    assert process.wait(60) == -signal.SIGKILL
    report = pull()
    assert report.kept == (1 if at == "2025-01-02" else 2)
    assert count(workspace()) == 36
    assert pull().loaded is None


def test_a_damaged_file_is_found(serve: Serve, place: Path) -> None:
    serve(World(three_days()))
    pull()
    path = next(place.rglob("2025-01-02*.gz"))
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:300]))
    (place / "projects").glob("*/loaded.json").__next__().unlink()
    with pytest.raises(pulled.PullError, match="damaged"):
        pull()
    pull(refresh=True)
    assert count(workspace()) == 36


def test_profiles_are_replaced(serve: Serve) -> None:
    people = [{"$distinct_id": f"u{n}", "$properties": {"n": n, "old": 1}} for n in range(5)]
    world = World(three_days(), people)
    serve(world)
    ws = workspace()
    assert ws.pull(*DAYS).profiles == 5
    world.profiles = [{"$distinct_id": "u1", "$properties": {"n": 1}}]
    ws.pull(*DAYS)
    store = ws.on("local").engine.local.store  # type: ignore[attr-defined]
    assert store.profile_column("old") is None
    assert int(store.has_profile.sum()) == 1


def test_the_zone_must_be_known(serve: Serve) -> None:
    serve(World(three_days()))
    session = workspace().session
    blank = session.replace(project=mpnb.Project(id="777"))
    with mpnb.Workspace(session=blank, cache=False, on_limit="ignore") as ws:
        with pytest.raises(ConfigError, match="timezone"):
            ws.pull(*DAYS)
        ws.pull(*DAYS, timezone="Europe/Rome", profiles=False)
        assert ws.on("local").engine.local.store.timezone.key == "Europe/Rome"  # type: ignore[attr-defined]


ANSWER = {"series": {"Login": {"all": 5}}, "headers": [], "computed_at": "", "date_range": {}}


def test_auto_asks_who_has_all_days(serve: Serve) -> None:
    world = World(three_days(), said=ANSWER)
    serve(world)
    ws = workspace()
    ws.pull(*DAYS, profiles=False)
    auto = ws.on("auto")
    covered = auto.query("Login", from_date="2025-01-02", to_date="2025-01-03")
    assert covered.provenance.engine == "duckdb"
    rolling = auto.query("Login", from_date="2025-01-02", to_date="2025-01-03", rolling=7)
    assert rolling.provenance.engine == "mixpanel"
    assert any("from 2024-12-26" in note for note in rolling.provenance.notes)
    open_end = auto.query("Login", last=30)
    assert open_end.provenance.engine == "mixpanel"
    cohort = auto.query("Login", **ASK, where=mpnb.Filter.in_cohort(5))
    assert cohort.provenance.engine == "mixpanel"


def test_auto_without_a_copy_asks_mixpanel(serve: Serve) -> None:
    serve(World({}, said=ANSWER))
    result = workspace().on("auto").query("Login", **ASK)
    assert result.provenance.engine == "mixpanel"


def test_local_data_has_no_remote_engine(place: Path) -> None:
    ws = mpnb.local([event("2025-01-01", 1)])
    assert ws.on("auto") is ws
    with pytest.raises(NotSupportedError):
        ws.on("remote")


def test_the_copy_holds_the_lines_of_the_export(serve: Serve, place: Path) -> None:
    world = World(three_days())
    serve(world)
    pull()
    files = sorted(place.rglob("2025*.jsonl.gz"))
    texts = [gzip.decompress(path.read_bytes()) for path in files]
    rows = [json.loads(line) for text in texts for line in text.splitlines()]
    wanted = [row for day in world.days.values() for row in day]
    assert Counter(map(json.dumps, rows)) == Counter(map(json.dumps, wanted))
