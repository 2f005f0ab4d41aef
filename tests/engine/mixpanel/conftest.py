"""A project on a server of the test's own, and a state folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mpnb import Project, ServiceAccount, Session
from tests.engine.mixpanel.server import Server

SECRET = "planted-s3cret-9c1f"


def session(secret: str = SECRET, project: str = "12345", user: str = "sa.test") -> Session:
    account = ServiceAccount.model_validate(
        {"name": "test", "region": "us", "username": user, "secret": secret}
    )
    return Session(account=account, project=Project(id=project))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty state folder, and no MP_ variables of the developer."""
    for name in ("MP_APP_BASE_URL", "MP_READ_ONLY", "MP_CUSTOM_HEADER_NAME", "MPNB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MPNB_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def at(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Server], Any]:
    """Points every family at a server."""
    return lambda server: monkeypatch.setenv("MP_API_BASE_URL", server.url)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between attempts take no time; how long they would have been is kept."""
    waits: list[float] = []
    monkeypatch.setattr("mpnb.engine.mixpanel.transport.halting.sleep", waits.append)
    return waits
