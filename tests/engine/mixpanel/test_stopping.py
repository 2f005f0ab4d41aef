"""A question that is stopped closes its connection: the server sees it, and the next one is answered."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb import emulator
from mpnb.engine import halting
from mpnb.engine.halting import HaltedError
from mpnb.engine.mixpanel.budget import Budget, Limit, Pool
from mpnb.engine.mixpanel.inflight import Had, together
from mpnb.engine.mixpanel.transport import Call, Transport
from mpnb.errors import MixpanelHeadlessError
from tests.emulator.conftest import TOKEN, connected, project
from tests.engine.mixpanel.conftest import session
from tests.engine.mixpanel.server import Give, serving, silent

AT_ONCE_S = 2.0
"""Far less than any answer here takes, with room for a busy machine."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"


class Asking:
    """A question on a thread of its own, with a flag, as widgets ask."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.flag = threading.Event()
        self.problem: BaseException | None = None
        self.value: Any = None
        self.thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self.thread.start()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            with halting.stopped_by(self.flag):
                self.value = work()
        except BaseException as problem:  # a test looks at it
            self.problem = problem

    def stop(self) -> float:
        """Stop it; how long it took to be over."""
        began = time.monotonic()
        self.flag.set()
        self.thread.join(30)
        return time.monotonic() - began


@pytest.fixture
def opened() -> Iterator[Callable[[Any], Any]]:
    """Keeps transports, to be closed."""
    kept: list[Any] = []

    def keep(transport: Any) -> Any:
        kept.append(transport)
        return transport

    yield keep
    for one in kept:
        one.close()


@pytest.mark.parametrize("sends", [b"", b"HTTP/1.1 200", HEAD, HEAD + b"[1, 2"])
def test_stopping_closes_the_connection_at_once(
    opened: Any, home: Path, monkeypatch: Any, sends: bytes
) -> None:
    with silent(sends) as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        transport = opened(Transport(session()))
        asking = Asking(lambda: transport.send(Call("GET", "query", "/events")))
        assert server.asked.acquire(timeout=10)
        assert asking.stop() < AT_ONCE_S
        assert isinstance(asking.problem, HaltedError)
        assert server.ended.acquire(timeout=AT_ONCE_S), "the server still has the connection"
        assert transport.requests == 1, "it was not asked again"


def test_a_stream_that_is_stopped_is_closed(opened: Any, home: Path, monkeypatch: Any) -> None:
    with silent(HEAD + b"[1, 2") as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        transport = opened(Transport(session()))

        def read() -> None:
            with transport.stream(Call("GET", "export", "/export")) as stream:
                list(stream.chunks)

        asking = Asking(read)
        assert server.asked.acquire(timeout=10)
        assert asking.stop() < AT_ONCE_S
        assert isinstance(asking.problem, HaltedError)
        assert server.ended.acquire(timeout=AT_ONCE_S)


def test_who_may_be_stopped_still_gets_slow_answers(opened: Any, at: Any, home: Path) -> None:
    with serving(lambda _: Give(["a"], after_s=0.5)) as server:
        at(server)
        transport = opened(Transport(session()))
        asking = Asking(lambda: transport.send(Call("GET", "query", "/events")))
        asking.thread.join(10)
        assert (asking.problem, asking.value) == (None, ["a"])


def test_who_may_be_stopped_still_meets_time_outs(
    opened: Any, home: Path, monkeypatch: Any
) -> None:
    call = Call("POST", "query", "/events", timeout_s=0.4, repeatable=False)
    with silent() as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        transport = opened(Transport(session()))
        asking = Asking(lambda: transport.send(call))
        asking.thread.join(10)
        assert isinstance(asking.problem, MixpanelHeadlessError)
        assert "took too long" in str(asking.problem)


def test_a_wait_between_attempts_is_left(opened: Any, at: Any, home: Path) -> None:
    with serving(lambda _: Give({}, 503, {"Retry-After": "50"})) as server:
        at(server)
        transport = opened(Transport(session()))
        asking = Asking(lambda: transport.send(Call("GET", "query", "/events")))
        _until(lambda: server.got)
        assert asking.stop() < AT_ONCE_S
        assert isinstance(asking.problem, HaltedError)


def test_a_wait_for_the_budget_is_left(opened: Any, at: Any, home: Path) -> None:
    budget = Budget(home / "budget.db")
    with serving(lambda _: Give([])) as server:
        at(server)
        budget.limit(Pool.of("query", server.url, "12345"), Limit(an_hour=1))
        transport = opened(Transport(session(), budget=budget))
        transport.send(Call("GET", "query", "/events"))
        asking = Asking(lambda: transport.send(Call("GET", "query", "/events")))
        asking.thread.join(0.5)
        assert asking.thread.is_alive()
        assert asking.stop() < AT_ONCE_S
        assert isinstance(asking.problem, HaltedError)
        assert len(server.got) == 1


def test_who_waits_for_the_same_answer_asks_when_the_first_one_stops() -> None:
    begun = threading.Event()

    def slowly() -> Had:
        begun.set()
        halting.sleep(20)
        return Had("first", False)

    first = Asking(lambda: together("k", slowly))
    assert begun.wait(5)
    second = Asking(lambda: together("k", lambda: Had("second", False)))
    third = Asking(lambda: together("k", lambda: Had("third", False)))
    time.sleep(0.1)
    assert third.stop() < AT_ONCE_S, "a stopped one does not wait for another's answer"
    assert first.stop() < AT_ONCE_S
    second.thread.join(5)
    assert (second.problem, second.value.answer) == (None, "second")


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, mpnb.Workspace]]:
    """An emulator with Mixpanel's limits, and a workspace over it."""
    monkeypatch.setenv("MPNB_HOME", str(tmp_path / "home"))
    with (
        emulator.serve(project(), token=TOKEN) as running,
        connected(running, monkeypatch) as workspace,
    ):
        yield running, workspace


QUESTION = {"from_date": "2025-01-01", "to_date": "2025-01-31"}


def test_the_budget_counts_what_was_sent_and_the_pool_is_sound(slow: Any) -> None:
    running, workspace = slow
    left = workspace.budget.left()
    for stopped in range(1, 5):  # a fifth one would be too many at once for the server
        running.faults.arm("latency=30", times=1, path="/insights")
        asking = Asking(lambda: workspace.query("Buy", **QUESTION))
        _until(lambda due=left - stopped: workspace.budget.left() == due)
        time.sleep(0.05)
        assert asking.stop() < AT_ONCE_S
        assert isinstance(asking.problem, HaltedError), asking.problem
        assert "0 of 5 running" in workspace.budget.rows()[0][2]
    found = workspace.query("Buy", **QUESTION)
    assert sum(found.df["count"]) == 100
    assert workspace.budget.left() == left - 5
    pool = workspace.engine._transport.client._transport._pool
    assert all(one.is_idle() for one in pool.connections)
    assert len(pool.connections) <= 1


def test_an_interrupt_ends_the_pages_that_threads_wait_for(
    opened: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = {"results": [{"$distinct_id": "a"}], "session_id": "s", "page_size": 1, "total": 9}
    body = json.dumps(page).encode()
    first = HEAD.replace(b"100", str(len(body)).encode()) + body
    with silent(first) as server:
        monkeypatch.setenv("MP_API_BASE_URL", server.url)
        workspace = opened(mpnb.Workspace(session=session()))

        def interrupt() -> None:
            for _ in range(4):  # the first page, and three that are waited for
                assert server.asked.acquire(timeout=20)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            workspace.query_user(mode="profiles", limit=None, parallel=True, workers=3)
        assert time.monotonic() - begun < 20
        for _ in range(3):
            assert server.ended.acquire(timeout=AT_ONCE_S), "a thread still holds its connection"
        _until(lambda: workspace.budget.rows()[1][2].startswith("0"))


def _until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_nobody_s_wait_is_that_of_the_clock_module(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    halting.sleep(3600)
    assert waits == [3600]
