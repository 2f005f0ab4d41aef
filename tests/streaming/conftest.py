"""A state folder of its own for every test here, and no waiting between attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mpnb.engine.mixpanel import export_rows, segments
from tests.streaming.project import OPENED
from tests.streaming.server import Answering, Server, serving

Serve = Callable[[Answering], Server]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder."""
    monkeypatch.setenv("MPNB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def serve(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts a server that the environment points at."""
    monkeypatch.setattr(export_rows, "BETWEEN_S", 0.0)
    monkeypatch.setattr(segments, "BETWEEN_S", 0.0)
    with ExitStack() as stack:

        def start(answering: Answering) -> Server:
            server = stack.enter_context(serving(answering))
            monkeypatch.setenv("MP_API_BASE_URL", server.url)
            return server

        yield start
        while OPENED:
            OPENED.pop().close()
