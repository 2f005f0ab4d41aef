"""The limits hold over threads and processes, and nothing that waits is lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mpnb import Workspace, errors
from mpnb.engine.mixpanel.budget import Budget, Limit, Pool
from mpnb.engine.mixpanel.countdown import Waiting
from mpnb.engine.mixpanel.transport import Call, Transport
from tests.engine.mixpanel.conftest import session
from tests.engine.mixpanel.server import Give, Got, Server, serving

At = Callable[[Server], Any]
POOL = Pool("query", "mixpanel.com", "12345")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "budget.db"


@pytest.fixture
def budget(file: Path) -> Iterator[Budget]:
    made = Budget(file)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("family", "path", "kind"),
    [
        ("query", "/insights", "query"),
        ("engage", "/", "profiles"),
        ("export", "/export", "export"),
        ("app", "/projects/1/schemas", "lexicon"),
        ("app", "/projects/1/dashboards", None),
        ("oauth", "/token/", None),
    ],
)
def test_what_a_call_counts_against(family: str, path: str, kind: str | None) -> None:
    pool = Budget.pool(family, path, "https://mixpanel.com/api", "1")
    assert (pool and pool.kind) == kind


def test_sixty_an_hour_then_an_error_that_says_when(file: Path) -> None:
    budget = Budget(file, on_limit="raise")
    for _ in range(60):
        with budget.slot(POOL):
            pass
    with pytest.raises(errors.RateLimitError, match="60 an hour") as caught, budget.slot(POOL):
        pass
    assert 3590 < (caught.value.retry_after or 0) <= 3602
    assert budget.left(POOL).left == 0
    with budget.slot(Pool("query", "mixpanel.com", "999")):
        assert budget.left(POOL).left == 0, "another project has its own"
    budget.close()


def test_five_at_once(budget: Budget) -> None:
    now, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal now, most
        with budget.slot(POOL):
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1

    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(work) for _ in range(12)]:
            done.result()
    assert most == 5
    assert budget.left(POOL).running == 0


def test_a_wait_is_shown_counts_down_and_ends(file: Path) -> None:
    lines: list[Waiting | None] = []
    budget = Budget(file, show=lines.append)
    budget.block(POOL, 1.4)
    began = time.monotonic()
    with budget.slot(POOL):
        assert time.monotonic() - began > 1.3
    assert lines[-1] is None
    assert lines[0] is not None
    assert lines[0].line().startswith("Waiting 0:01 min (query of project 12345): Mixpanel asked")
    budget.close()


def test_an_interrupted_wait_leaves_nothing(file: Path) -> None:
    def interrupt(waiting: Waiting | None) -> None:
        if waiting:
            raise KeyboardInterrupt

    budget = Budget(file, show=interrupt)
    budget.block(POOL, 600)
    with pytest.raises(KeyboardInterrupt), budget.slot(POOL):
        pass
    left = budget.left(POOL)
    assert (left.left, left.running) == (60, 0)
    budget.close()


def test_an_interrupted_request_gives_its_place_back(budget: Budget) -> None:
    with pytest.raises(KeyboardInterrupt), budget.slot(POOL):
        raise KeyboardInterrupt
    left = budget.left(POOL)
    assert (left.left, left.running) == (59, 0), "it was sent, so it counts"


def test_a_killed_process_frees_its_places(file: Path, budget: Budget) -> None:
    code = f"""
        import os, signal, sys
        from pathlib import Path
        import mpnb.engine.mixpanel.budget as b
        b.LEASE_S = 2.0
        budget = b.Budget(Path({str(file)!r}))
        held = [budget.slot(b.Pool("query", "mixpanel.com", "12345")) for _ in range(5)]
        for slot in held:
            slot.__enter__()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert budget.left(POOL).running == 5
    began = time.monotonic()
    with budget.slot(POOL):
        assert time.monotonic() - began < 4
    assert budget.left(POOL).left == 60 - 6


def test_a_long_request_keeps_its_place(budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpnb.engine.mixpanel.budget.LEASE_S", 0.3)
    monkeypatch.setattr("mpnb.engine.mixpanel.lease.LEASE_S", 0.3)
    monkeypatch.setattr("mpnb.engine.mixpanel.lease.RENEW_S", 0.05)
    with budget.slot(POOL):
        time.sleep(0.6)
        assert budget.left(POOL).running == 1


def test_limits_are_set_for_everybody(file: Path, budget: Budget) -> None:
    budget.limit(POOL, Limit(an_hour=2, at_once=1))
    other = Budget(file, on_limit="raise")
    for _ in range(2):
        with other.slot(POOL):
            pass
    with pytest.raises(errors.RateLimitError), other.slot(POOL):
        pass
    other.reset(POOL)
    assert budget.left(POOL).left == 60
    other.close()


def test_three_a_second(budget: Budget) -> None:
    export = Pool("export", "data.mixpanel.com", "12345")
    sent = []
    for _ in range(7):
        with budget.slot(export):
            sent.append(time.time())
    assert all(later - sooner >= 1.0 for sooner, later in zip(sent, sent[3:], strict=False))


def test_a_clock_that_was_set_back_locks_nobody_out(
    file: Path, budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        with budget.slot(POOL):
            pass
    before = time.time() - 86_400
    monkeypatch.setattr("mpnb.engine.mixpanel.budget.time.time", lambda: before)
    left = budget.left(POOL)
    assert left.left == 57
    assert left.full_at is not None
    assert left.full_at <= before + 3602


def test_a_folder_that_cannot_be_written_counts_in_this_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    budget = Budget(tmp_path / "file" / "budget.db")
    with pytest.warns(UserWarning, match="counts for itself"), budget.slot(POOL):
        pass
    with warnings.catch_warnings():
        assert budget.left(POOL).left == 59
    budget.close()


def test_a_broken_file_is_put_aside(file: Path) -> None:
    file.write_bytes(b"no database" * 999)
    budget = Budget(file)
    with budget.slot(POOL):
        assert budget.left(POOL).left == 59
    budget.close()
    assert len(list(file.parent.glob("budget.db.broken-*"))) == 1


def test_the_file_is_private(file: Path, budget: Budget) -> None:
    with budget.slot(POOL):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_workspace_shows_its_budget(home: Path) -> None:
    ws = Workspace(session=session())
    assert ws.budget.left() == 60
    ws.budget.set(an_hour=400, at_once=20)
    assert "400 of 400 an hour" in repr(ws.budget)
    assert "5 of 5 a minute" in repr(ws.budget)
    assert "<table>" in ws.budget._repr_html_()
    ws.budget.reset()
    assert ws.budget.left() == 60
    with pytest.raises(errors.ParamValidationError):
        ws.budget.set(an_hour=0)
    ws.close()


def test_without_counting_there_is_no_budget(home: Path) -> None:
    with pytest.raises(errors.NotSupportedError, match="ignore"):
        _ = Workspace(session=session(), on_limit="ignore").budget
    with pytest.raises(errors.ParamValidationError, match="on_limit"):
        Workspace(session=session(), on_limit="never")  # type: ignore[arg-type]


def storm(url: str, folder: str, process: int, threads: int) -> list[Any]:
    """Twenty threads of a process, each with a question of its own."""
    os.environ["MP_API_BASE_URL"] = url
    budget = Budget(Path(folder) / "budget.db", show=lambda waiting: None)
    transport = Transport(session(), budget=budget)
    calls = [
        Call("POST", "query", "/insights", body={"question": f"{process}.{thread}"})
        for thread in range(threads)
    ]
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(transport.send, calls))
    transport.close()
    budget.close()
    return found


def test_storm_of_429_over_twenty_threads_in_two_processes(tmp_path: Path) -> None:
    """The server refuses a third of what comes; it never sees more than five at once or 60 in all."""
    counted = 0
    lock = threading.Lock()

    def answer(got: Got) -> Give:
        nonlocal counted
        with lock:
            counted += 1
            refuse = counted % 3 == 0 and counted < 40
        if refuse:
            return Give({"error": "too many"}, 429, {"Retry-After": "0.2"})
        return Give({"answer": json.loads(got.body)["question"]}, after_s=0.02)

    with serving(answer) as server:
        context = multiprocessing.get_context("spawn")
        with context.Pool(2) as pool:
            jobs = [
                pool.apply_async(storm, (server.url, str(tmp_path), process, 20))
                for process in range(2)
            ]
            found = [job.get(timeout=90) for job in jobs]
    wanted = [[{"answer": f"{process}.{thread}"} for thread in range(20)] for process in range(2)]
    assert found == wanted, "nothing is lost and nothing mixed up"
    assert server.most <= 5
    assert 40 < len(server.got) <= 60


def test_what_reached_nobody_does_not_count(
    home: Path, quick: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_API_BASE_URL", "http://127.0.0.1:9")
    ws = Workspace(session=session())
    with pytest.raises(errors.MixpanelHeadlessError, match="cannot be reached"):
        ws.query("Login", from_date="2025-01-01", to_date="2025-01-31")
    assert ws.budget.left() == 60
    ws.close()


def test_raising_after_a_refusal_says_when(at: At, home: Path) -> None:
    ws = Workspace(session=session(), on_limit="raise")
    with serving(lambda got: Give({"error": "x"}, 429, {"Retry-After": "120"})) as server:
        at(server)
        with pytest.raises(errors.RateLimitError, match="Mixpanel asked to wait") as caught:
            ws.events()
        assert len(server.got) == 1
    assert 115 < (caught.value.retry_after or 0) <= 133
    ws.close()


def test_interrupting_a_process_that_waits(file: Path, budget: Budget) -> None:
    """What a person does who stops the kernel: it ends at once, and nothing was taken."""
    budget.block(POOL, 600)
    code = f"""
        from pathlib import Path
        from mpnb.engine.mixpanel.budget import Budget, Pool
        try:
            with Budget(Path({str(file)!r})).slot(Pool("query", "mixpanel.com", "12345")):
                pass
        except KeyboardInterrupt:
            print("interrupted")
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    assert re.match(
        r"Waiting (10:00|9:5\d) min \(query of project 12345\)", child.stderr.readline()
    )
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=10)[0].strip() == "interrupted"
    left = budget.left(POOL)
    assert (left.left, left.running) == (60, 0)
