"""Kept answers: who gets them, how long they are good, and what a kill or a full disk does."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mpnb import Workspace, WorkspaceRef, errors
from mpnb.engine.mixpanel.cache import Asked, Cache
from mpnb.engine.mixpanel.inflight import had
from mpnb.engine.mixpanel.reach import closed
from tests.engine.mixpanel.conftest import SECRET, session
from tests.engine.mixpanel.server import Give, Got, Server, in_order, serving

At = Callable[[Server], Any]
OVER: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-31"}


def insights(got: Got | None = None) -> Give:
    body = {
        "computed_at": "2025-02-01T00:00:00",
        "date_range": {"from_date": "2025-01-01", "to_date": "2025-01-31"},
        "headers": ["$metric"],
        "series": {"Login": {"2025-01-01T00:00:00+00:00": 7}},
        "meta": {},
    }
    return Give(body)


def asked(key: str = "k", owner: str = "o", closed: bool = True) -> Asked:
    return Asked(key, owner, "12345", "insights to 2025-01-31", closed)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    made = Cache(tmp_path / "answers.db")
    yield made
    made.close()


@pytest.fixture
def workspace(home: Path) -> Iterator[Callable[..., Workspace]]:
    made = []

    def make(**options: Any) -> Workspace:
        who = options.pop("who", session())
        made.append(Workspace(session=who, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_question_is_asked_once_also_after_a_restart(
    at: At, workspace: Callable[..., Workspace]
) -> None:
    with serving(insights) as server:
        at(server)
        first = workspace().query("Login", **OVER)
        again = workspace().query("Login", **OVER)
    assert len(server.got) == 1
    assert (first.provenance.cached, again.provenance.cached) == (False, True)
    assert (first.provenance.requests, again.provenance.requests) == (1, 0)
    assert first.provenance.budget_left == again.provenance.budget_left == 59
    assert "1 request · 59 left this hour" in first.provenance.line()
    assert "cached · 59 left this hour" in again.provenance.line()
    assert first.df.equals(again.df)


def test_refresh_asks_again_and_keeps_the_new_answer(
    at: At, workspace: Callable[..., Workspace]
) -> None:
    from mpnb.query.insights import insights as question

    with serving(insights) as server:
        at(server)
        ws = workspace()
        ws.ask(question("Login", **OVER))
        assert ws.ask(question("Login", **OVER), refresh=True).provenance.cached is False
        assert ws.ask(question("Login", **OVER)).provenance.cached is True
    assert len(server.got) == 2


def test_another_asker_another_project_another_view_get_no_answer_of_mine(
    at: At, workspace: Callable[..., Workspace]
) -> None:
    """Also trap 6: the name of an account does not say who asks."""
    others = [
        session(),
        session(secret="another-secret"),
        session(user="sa.other"),
        session(project="99"),
        session().replace(workspace=WorkspaceRef(id=7)),
        session().replace(headers={"X-As": "somebody"}),
    ]
    with serving(insights) as server:
        at(server)
        for who in (*others, *others):
            workspace(who=who).query("Login", **OVER)
    assert len(server.got) == len(others)


def test_a_wrong_secret_is_not_answered_from_what_is_kept(
    at: At, workspace: Callable[..., Workspace]
) -> None:
    with serving(in_order(insights(), Give({"error": "no"}, 401))) as server:
        at(server)
        workspace().query("Login", **OVER)
        with pytest.raises(errors.AuthenticationError):
            workspace(who=session(secret="wrong-secret")).query("Login", **OVER)


def test_legacy_questions_are_kept_and_errors_are_not(
    at: At, workspace: Callable[..., Workspace]
) -> None:
    good = Give({"data": {"series": ["2025-01-01"], "values": {"Login": {"2025-01-01": 7}}}})
    with serving(in_order(Give({"error": "bad where"}, 400), good)) as server:
        at(server)
        ws = workspace()
        with pytest.raises(errors.QueryError):
            ws.segmentation("Login", **OVER)
        assert ws.segmentation("Login", **OVER).df.equals(ws.segmentation("Login", **OVER).df)
    assert len(server.got) == 2


def test_turned_off_nothing_is_kept(at: At, workspace: Callable[..., Workspace]) -> None:
    with serving(insights) as server:
        at(server)
        ws = workspace(cache=False)
        ws.query("Login", **OVER)
        ws.query("Login", **OVER)
        assert ws.cache.entries() == []
    assert len(server.got) == 2


def test_what_reaches_today_is_good_for_a_while(
    at: At, workspace: Callable[..., Workspace]
) -> None:
    with serving(insights) as server:
        at(server)
        ws = workspace(cache=0.5 / 60)
        ws.query("Login", last=7)
        ws.query("Login", last=7)
        assert len(server.got) == 1
        time.sleep(0.6)
        ws.query("Login", last=7)
    assert len(server.got) == 2


def test_a_kept_answer_comes_in_less_than_ten_milliseconds(
    at: At, workspace: Callable[..., Workspace]
) -> None:
    with serving(insights) as server:
        at(server)
        ws = workspace()
        ws.query("Login", **OVER)
        took = []
        for _ in range(20):
            began = time.perf_counter()
            ws.query("Login", **OVER)
            took.append(time.perf_counter() - began)
    assert sorted(took)[10] < 0.010


def test_listing_and_forgetting(at: At, workspace: Callable[..., Workspace]) -> None:
    with serving(insights) as server:
        at(server)
        mine, other = workspace(), workspace(who=session(project="99"))
        mine.query("Login", **OVER)
        mine.query("Login", last=7)
        other.query("Login", **OVER)
        assert [entry.expires_at is None for entry in mine.cache.entries()] == [False, True]
        assert len(mine.cache.entries(everybody=True)) == 3
        assert "insights to 2025-01-31" in repr(mine.cache)
        assert "space is needed" in mine.cache._repr_html_()
        assert mine.cache.clear() == 2
        assert (len(mine.cache.entries()), len(other.cache.entries())) == (0, 1)


NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)


def between(first: str, last: str, **more: Any) -> dict[str, Any]:
    time_ = {"dateRangeType": "between", "unit": "day", "value": [first, last]}
    return {"sections": {"time": [time_], **more}}


@pytest.mark.parametrize(
    ("params", "good"),
    [
        (between("2026-01-01", "2026-02-01"), True),
        (between("2026-01-01", "2026-03-08"), True),
        (between("2026-01-01", "2026-03-09"), False),  # still the 9th in the far west
        (between("2026-01-01", "2026-03-10"), False),
        ({"sections": {"time": [{"dateRangeType": "in the last", "unit": "day"}]}}, False),
        (
            {"date_range": {"type": "between", "from_date": "2026-01-01", "to_date": "2026-02-01"}},
            True,
        ),
        ({"date_range": {"type": "in the last", "to_date": "$now"}}, False),
        ({"from_date": "2026-01-01", "to_date": "2026-02-01", "event": "A"}, True),
        ({"to_date": "2026-02-01", "where": "properties['at'] > now()"}, False),
        (between("2026-01-01", "2026-02-01", show=[{"behavior": {"id": 7}}]), False),
        (between("2026-01-01", "2026-02-01", group=[{"customPropertyId": 7}]), False),
        (between("2026-01-01", "2026-02-01", group=[{"dataGroupId": "7"}]), True),
        (
            between("2026-01-01", "2026-02-01", filter=[{"filterOperator": "was in the last"}]),
            False,
        ),
        (between("2026-01-01", "2026-02-01", filter=[{"cohort": {"window": {"value": 7}}}]), False),
        ({"selector": "", "action": "count()"}, False),
        ({}, False),
    ],
)
def test_only_what_cannot_change_is_kept_for_good(params: dict[str, Any], good: bool) -> None:
    assert closed(params, NOW) is good


def test_the_least_used_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpnb.engine.mixpanel.cache.TOUCHED_S", -1.0)
    cache = Cache(tmp_path / "answers.db", most_bytes=20_000)
    for number in range(8):
        cache.put(asked(str(number)), os.urandom(1500).hex())
        cache.get("0")
    kept = [str(number) for number in range(8) if cache.get(str(number)) is not None]
    assert kept == ["0", *[str(number) for number in range(8 - len(kept) + 1, 8)]]
    assert sum(entry.size for entry in cache.entries()) <= 20_000
    assert (tmp_path / "answers.db").stat().st_size < 100_000
    cache.put(asked("huge"), os.urandom(20_000).hex())
    assert cache.get("huge") is None, "one answer does not push out all others"
    cache.close()


def test_threads_ask_once(cache: Cache) -> None:
    asked_for = []

    def ask() -> dict[str, int]:
        asked_for.append(1)
        time.sleep(0.2)
        return {"n": 1}

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: had(cache, asked(), ask), range(20)))
    assert len(asked_for) == 1
    assert {had.answer["n"] for had in found} == {1}
    assert sum(not had.cached for had in found) == 1


def test_threads_share_an_error_but_not_an_interrupt(cache: Cache) -> None:
    barrier = threading.Barrier(2)
    turns = iter([KeyboardInterrupt(), None])

    def ask() -> dict[str, int]:
        problem = next(turns)
        if problem:
            barrier.wait()
            time.sleep(0.2)
            raise problem
        return {"n": 1}

    def lead() -> str:
        try:
            had(cache, asked(), ask)
        except KeyboardInterrupt:
            return "interrupted"
        return "answered"

    with ThreadPoolExecutor(2) as pool:
        leader = pool.submit(lead)
        barrier.wait()
        follower = pool.submit(lambda: had(cache, asked(), ask).answer)
        assert leader.result() == "interrupted"
        assert follower.result() == {"n": 1}


def run(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_ask_once(cache: Cache, tmp_path: Path) -> None:
    code = """
        import sys, time
        from pathlib import Path
        from mpnb.engine.mixpanel.cache import Asked, Cache
        from mpnb.engine.mixpanel.inflight import had
        def ask():
            time.sleep(1.5)
            return {"n": 1}
        cache = Cache(Path(sys.argv[1]))
        print(had(cache, Asked("k", "o", "1", "w", True), ask).cached)
    """
    both = [run(code, str(tmp_path / "answers.db")) for _ in range(2)]
    assert sorted(child.communicate()[0].strip() for child in both) == ["False", "True"]


def test_a_killed_process_leaves_whole_answers(cache: Cache, tmp_path: Path) -> None:
    """Killed again and again in the middle of writing: the file opens, every answer is whole."""
    code = """
        import os, sys
        from pathlib import Path
        from mpnb.engine.mixpanel.cache import Asked, Cache
        cache = Cache(Path(sys.argv[1]))
        number = 0
        while True:
            number += 1
            cache.put(Asked(f"{os.getpid()}-{number % 50}", "o", "1", "w", True), ["x" * 50_000, number])
            print(number, flush=True)
    """
    for wait in (0.05, 0.11, 0.02):
        child = run(code, str(tmp_path / "answers.db"))
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        entries = cache.entries()
        assert entries
    database = sqlite3.connect(tmp_path / "answers.db")
    keys = [row[0] for row in database.execute("SELECT key FROM answers")]
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    for key in keys:
        assert len(cache.get(key)[0]) == 50_000
    cache.put(asked("after"), {"n": 1})
    assert cache.get("after") == {"n": 1}


def test_a_full_disk_answers_and_keeps_what_it_had(tmp_path: Path) -> None:
    """The operating system refuses to let the file grow; the answer comes all the same."""
    code = """
        import os, resource, signal, sys, warnings
        from pathlib import Path
        from mpnb.engine.mixpanel.cache import Asked, Cache
        from mpnb.engine.mixpanel.inflight import had
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        cache = Cache(Path(sys.argv[1]))
        ask = lambda: os.urandom(100_000).hex()
        cache.put(Asked("early", "o", "1", "w", True), {"n": 1})
        size = Path(sys.argv[1]).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, -1))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            found = [had(cache, Asked(str(n), "o", "1", "w", True), ask) for n in range(3)]
        assert [len(one.answer) for one in found] == [200_000] * 3, found
        assert len(told) == 1 and "not kept" in str(told[0].message), told
        print(cache.get("early"))
    """
    child = run(code, str(tmp_path / "answers.db"))
    assert child.communicate()[0].strip() == "{'n': 1}"
    assert child.returncode == 0
    cache = Cache(tmp_path / "answers.db")
    assert cache.get("early") == {"n": 1}
    assert len(cache.entries()) == 1
    cache.close()


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "answers.db").write_bytes(b"SQLite format 3\0" + b"?" * 9000)
    cache = Cache(tmp_path / "answers.db")
    cache.put(asked(), {"n": 1})
    assert cache.get("k") == {"n": 1}
    cache.close()


def test_the_file_holds_no_secret_and_is_private(
    at: At, home: Path, workspace: Callable[..., Workspace]
) -> None:
    with serving(insights) as server:
        at(server)
        workspace().query("Login", **OVER)
    authorization = session().auth_header().split()[1]
    for file in home.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        content = file.read_bytes()
        assert SECRET.encode() not in content
        assert authorization.encode() not in content
        assert json.dumps(SECRET).encode() not in content


def test_another_sign_in_under_the_same_name_is_another_asker() -> None:
    from mpnb.engine.mixpanel.principal import principal

    class Resolver:
        def __init__(self, mark: str) -> None:
            self.mark = mark

        def signed_in(self, name: str) -> str:
            return self.mark

    class Account:
        type, name = "oauth_browser", "me"

    class Scope:
        account, region = Account(), "us"

        def __init__(self, mark: str) -> None:
            self.headers: dict[str, str] = {}
            self.resolver = Resolver(mark)

    assert principal(Scope("a")) == principal(Scope("a")) != principal(Scope("b"))


def test_after_midnight_the_last_days_are_others(
    at: At, workspace: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mpnb.engine.mixpanel.engine import MixpanelEngine

    with serving(insights) as server:
        at(server)
        for moment in (datetime(2026, 3, 9, 23, 59), datetime(2026, 3, 10, 0, 1)):
            monkeypatch.setattr(MixpanelEngine, "now", lambda self, at=moment: at.astimezone())
            ws = workspace()
            ws.query("Login", last=7)
            ws.query("Login", last=7)
    assert len(server.got) == 2


def test_a_killed_asker_is_followed_by_another(cache: Cache, tmp_path: Path) -> None:
    code = """
        import os, signal, sys
        from pathlib import Path
        import mpnb.engine.mixpanel.cache as c
        c.LEASE_S = 1.0
        cache = c.Cache(Path(sys.argv[1]))
        assert cache.claim("k")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run(code, str(tmp_path / "answers.db")).communicate()
    assert not cache.claim("k"), "somebody asks, as far as anybody knows"
    assert had(cache, asked(), lambda: {"n": 1}).answer == {"n": 1}
