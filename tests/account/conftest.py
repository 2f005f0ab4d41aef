"""A home of its own for each test, and a Mixpanel to log in to."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.account.browser import Browser
from tests.account.server import Mixpanel, serve


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith(("MP_", "SSH_", "JUPYTERHUB", "CODESPACES", "BINDER")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MPNB_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def mixpanel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mixpanel]:
    state = Mixpanel()
    server = serve(state)
    monkeypatch.setenv("MP_API_BASE_URL", state.url)
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def browser() -> None:
    webbrowser.register("pretend", None, Browser(), preferred=True)  # type: ignore[arg-type]  # what is used of one
