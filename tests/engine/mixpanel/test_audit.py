"""Changes are written down or refused; both before anything can go wrong unseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mpnb import Workspace, errors
from mpnb.engine.mixpanel.audit import Audit
from mpnb.engine.mixpanel.transport import Call, Transport
from tests.engine.mixpanel.conftest import SECRET, session
from tests.engine.mixpanel.server import Give, Server, in_order, serving

At = Callable[[Server], Any]
CHANGE = Call(
    "PATCH",
    "app",
    "/projects/12345/webhooks/77/",
    body={"name": "new", "password": "hook-p4ss", "url": f"https://x/{SECRET}"},
    repeatable=False,
    before={"id": 77, "name": "old"},
)


@pytest.fixture
def audit(home: Path) -> Audit:
    return Audit(home / "audit.jsonl")


@pytest.fixture
def transport(audit: Audit) -> Iterator[Transport]:
    made = Transport(session(), audit=audit)
    yield made
    made.close()


def test_a_change_is_one_line(at: At, transport: Transport, audit: Audit) -> None:
    with serving(in_order(Give({"status": "ok", "results": {"id": 77, "name": "new"}}))) as server:
        at(server)
        transport.send(CHANGE)
        transport.send(Call("GET", "app", "/projects/12345/webhooks/"))
        transport.send(Call("POST", "query", "/insights", body={"a": 1}))
    (entry,) = audit.entries()
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "account": "test",
        "account_type": "service_account",
        "host": server.url.removeprefix("http://"),
        "project": "12345",
        "method": "PATCH",
        "endpoint": "/projects/12345/webhooks/77/",
        "ids": ["77"],
        "outcome": "done",
        "sent": {"name": "new", "password": "***", "url": "https://x/***"},
        "before": {"id": 77, "name": "old"},
        "after": {"id": 77, "name": "new"},
    }
    assert audit.file.stat().st_mode & 0o777 == 0o600


def test_what_failed_is_written_too(at: At, transport: Transport, audit: Audit) -> None:
    with serving(in_order(Give({"error": "taken"}, 409), Give({"a": 1}, cut_at=1))) as server:
        at(server)
        for _ in range(2):
            with pytest.raises(errors.MixpanelHeadlessError):
                transport.send(CHANGE)
    outcomes = [entry["outcome"] for entry in audit.entries()]
    assert outcomes == ["refused (409)", "no answer (MixpanelHeadlessError)"]


def test_many_at_once_do_not_mix(at: At, transport: Transport, audit: Audit) -> None:
    with serving(in_order(Give({"results": {"id": 1, "text": "x" * 5000}}))) as server:
        at(server)
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: transport.send(CHANGE), range(60)))
    assert len(audit.file.read_text().splitlines()) == len(audit.entries()) == 60


def test_a_log_that_cannot_be_written_refuses_the_change(tmp_path: Path, at: At) -> None:
    (tmp_path / "file").write_text("")
    transport = Transport(session(), audit=Audit(tmp_path / "file" / "audit.jsonl"))
    with serving(in_order(Give({}))) as server:
        at(server)
        with pytest.raises(errors.ConfigError, match="not sent"):
            transport.send(CHANGE)
    assert server.got == []


def test_a_line_that_was_cut_off_does_not_hide_the_others(audit: Audit) -> None:
    audit.file.write_text(json.dumps({"method": "POST"}) + '\n{"method": "DEL')
    assert audit.entries() == [{"method": "POST"}]


@pytest.mark.parametrize("by", ["argument", "variable"])
def test_read_only_refuses_before_any_request(
    by: str, at: At, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "variable":
        monkeypatch.setenv("MP_READ_ONLY", "true")
    ws = Workspace(session=session(), read_only=by == "argument")
    with serving(in_order(Give({"status": "ok", "results": []}))) as server:
        at(server)
        with pytest.raises(errors.MixpanelHeadlessError, match="only reads") as caught:
            ws.engine.transport.send(CHANGE)  # type: ignore[attr-defined]  # a remote engine
        assert server.got == []
        assert ws.list_webhooks() == []
    assert caught.value.code == "READ_ONLY"
    assert not (home / "audit.jsonl").exists()
    ws.close()


def test_a_workspace_lists_its_changes(at: At, home: Path) -> None:
    ws = Workspace(session=session())
    with serving(in_order(Give({"status": "ok", "results": {"id": 5}}))) as server:
        at(server)
        ws.engine.transport.send(CHANGE)  # type: ignore[attr-defined]  # a remote engine
    assert [entry["ids"] for entry in ws.audit.entries()] == [["77", "5"]]
    ws.close()


def test_a_disk_that_fills_up_meanwhile_is_told(
    at: At, transport: Transport, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, line: bytes) -> int:
        raise OSError(28, "No space left on device")

    with serving(in_order(Give({"results": {"id": 1}}))) as server:
        at(server)
        with monkeypatch.context() as patch:
            patch.setattr("mpnb.engine.mixpanel.audit.os.write", full)
            with pytest.warns(UserWarning, match="not logged"):
                transport.send(CHANGE)
        transport.send(CHANGE)
    assert len(audit.entries()) == 1
