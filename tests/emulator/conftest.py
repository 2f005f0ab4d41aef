"""An emulator over a small project, and a client that knows nothing of mpnb's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

import mpnb
from mpnb import emulator
from mpnb.account import ServiceAccount
from mpnb.emulator import Running
from mpnb.emulator.messages import Request
from mpnb.emulator.server import _Handler
from mpnb.engine.mixpanel.scope import USER_AGENT
from mpnb.session import Project, Session
from tests.emulator.requests_of import ALLOWED, Sent, differences

TOKEN = "a-token-for-tests"
NOW = "2025-01-31T12:00:00+00:00"
START = 1735689600  # 1 January 2025, UTC


def rows() -> list[dict[str, Any]]:
    """Thirty days of two events; every user has odd characters somewhere."""
    made = []
    for number in range(300):
        properties = {
            "time": START + number * 8000,
            "distinct_id": f"user {number % 40} é",
            "$insert_id": f"i{number}",
            "plan": ["free", "pro", 'quo"ted\\', None][number % 4],
            "amount": number / 4 if number % 3 else None,
            "tags": ["a", "b"] if number % 5 == 0 else None,
        }
        kept = {key: value for key, value in properties.items() if value is not None}
        made.append({"event": "Buy" if number % 3 == 0 else "View", "properties": kept})
    return made


PROFILES = [
    {"$distinct_id": f"user {number} é", "$properties": {"$name": f"N{number}", "age": 20 + number}}
    for number in range(40)
]


def project() -> mpnb.Workspace:
    """A new copy of the small project."""
    return mpnb.local(rows(), profiles=PROFILES, now=NOW)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's budget and caches of one test are no other's."""
    monkeypatch.setenv("MPNB_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sent]]:
    """What mpnb asks an emulator of this process; at the end all of it fits the documents."""
    came: list[Sent] = []
    received = _Handler._request

    def kept(handler: _Handler) -> Request:
        request = received(handler)
        if request.headers.get("user-agent") == USER_AGENT:
            media = request.headers.get("content-type", "").partition(";")[0]
            parts = (request.method, request.path, request.query, media, request.content)
            came.append(Sent(*parts))
        return request

    monkeypatch.setattr(_Handler, "_request", kept)
    yield came
    found = {difference for each in came for difference in differences(each)}
    assert found <= set(ALLOWED), f"requests differ from the documents: {found - set(ALLOWED)}"


@pytest.fixture
def running() -> Iterator[Running]:
    """An emulator without limits."""
    with emulator.serve(project(), token=TOKEN, limits=False) as found:
        yield found


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    """A client with the token."""
    with client_of(running) as found:
        yield found


def client_of(running: Running) -> httpx.Client:
    """A client with the token, to be closed."""
    return httpx.Client(base_url=running.url, auth=("service.account", running.token))


@pytest.fixture
def remote(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[mpnb.Workspace]:
    """A workspace that asks the emulator as it would ask Mixpanel."""
    with connected(running, monkeypatch) as found:
        yield found


def connected(running: Running, monkeypatch: pytest.MonkeyPatch) -> mpnb.Workspace:
    """A workspace over an emulator."""
    monkeypatch.setenv("MP_API_BASE_URL", running.url)
    account = ServiceAccount(
        name="tests", username="u", secret=SecretStr(running.token), region="us"
    )
    named = Project(id=str(running.identity.project_id))
    return mpnb.Workspace(session=Session(account=account, project=named))


Asks = Callable[[mpnb.Workspace], Any]
