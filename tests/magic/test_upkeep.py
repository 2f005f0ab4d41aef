"""%mp budget and %mp cache: what is left and what is kept, without a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mpnb import Project, ServiceAccount, Session, Workspace


@pytest.fixture
def remote(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MPNB_HOME", str(tmp_path))
    account = ServiceAccount.model_validate(
        {"name": "test", "region": "us", "username": "u", "secret": "not-a-secret"}
    )
    ws = Workspace(session=Session(account=account, project=Project(id="12345")))
    shell.ip.user_ns["mine"] = ws
    shell.run("%load_ext mpnb")
    shell.run("%mp use mine")
    yield shell
    ws.close()


def test_budget(remote: Any) -> None:
    shown = repr(remote.run("%mp budget").value)
    assert "60 of 60 an hour" in shown
    assert "all are there" in shown


def test_cache(remote: Any) -> None:
    assert "None." in repr(remote.run("%mp cache").value)
    assert "0 answers forgotten." in remote.run("%mp cache --clear").text


def test_a_local_workspace_has_no_limits(shell: Any, demo: Any) -> None:
    shell.ip.user_ns["mine"] = demo
    shell.run("%load_ext mpnb")
    shell.run("%mp use mine")
    assert "local data" in shell.error("%mp budget")
