"""Widgets without a browser: messages go in as a page would send them, answers are kept."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb import emulator
from mpnb.emulator import Running
from mpnb.engine.mixpanel.transport import Transport
from mpnb.widget.base import Live
from tests.emulator.conftest import TOKEN, connected, project

WAIT_S = 20


class Page:
    """One browser page that shows a widget: what it was sent, and how it asks."""

    def __init__(self, widget: Live, monkeypatch: pytest.MonkeyPatch) -> None:
        self.widget = widget
        self.heard: list[dict[str, Any]] = []
        self.numbers = itertools.count()
        monkeypatch.setattr(
            widget, "send", lambda content, buffers=None: self.heard.append(content)
        )

    def say(self, do: str, /, **args: Any) -> dict[str, Any]:
        """Send a message and return the answer to it."""
        seq = f"q{next(self.numbers)}"
        self.widget._heard(self.widget, {"do": do, "seq": seq, "args": args}, [])
        for _ in range(WAIT_S * 100):
            answers = [one for one in self.heard if one.get("answer") == seq]
            if answers:
                return answers[0]
            time.sleep(0.01)
        raise AssertionError(f"no answer to {do!r}")

    def ask(self, do: str, /, **args: Any) -> Any:
        """Send a message and return its value; an error fails the test."""
        answer = self.say(do, **args)
        assert "failed" not in answer, answer["failed"]
        return answer["value"]

    def views(self) -> list[dict[str, Any]]:
        """What the kernel has shown by itself."""
        return [one["view"] for one in self.heard if "view" in one]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda widget: Page(widget, monkeypatch)


class Sent(list[str]):
    """The paths that were asked."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found, send = Sent(), Transport.send

    def noted(self: Transport, call: Any, *rest: Any, **named: Any) -> Any:
        found.append(call.path)
        return send(self, call, *rest, **named)

    monkeypatch.setattr(Transport, "send", noted)
    return found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A small project on a real socket."""
    monkeypatch.setenv("MPNB_HOME", str(tmp_path))
    with emulator.serve(project(), token=TOKEN, limits=False) as running:
        yield running


@pytest.fixture
def remote(server: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[mpnb.Workspace]:
    """A workspace that asks it as it would ask Mixpanel."""
    with connected(server, monkeypatch) as workspace:
        yield workspace
