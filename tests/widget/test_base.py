"""What all widgets share: messages, work on threads, the small saved state."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from mpnb.errors import ParamValidationError
from mpnb.widget import base
from mpnb.widget.base import Live, does


class Counter(Live):
    """A widget for tests."""

    def twin(self) -> str:
        return "<p>n</p>"

    def plain(self) -> str:
        return "n"

    @does("double")
    def double(self, n: int) -> int:
        return 2 * n

    @does("refuse")
    def refuse(self) -> None:
        raise ParamValidationError("Too many.")

    @does("break")
    def fall(self) -> None:
        raise KeyError("x")


def test_a_question_is_answered_by_its_method(page: Any) -> None:
    assert page(Counter()).ask("double", n=21) == 42


def test_errors_are_answers_and_carry_their_words(page: Any) -> None:
    told = page(Counter())
    assert told.say("refuse")["failed"]["message"] == "Too many."
    assert told.say("break")["failed"]["code"] == "UNEXPECTED"
    assert "nothing called 'zzz'" in told.say("zzz")["failed"]["message"]
    assert "failed" in told.say("double", wrong=1)


def test_the_saved_state_is_the_text_and_a_small_loader() -> None:
    state = Counter(text='"Sign Up"', part="explorer").get_state()
    assert state["text"] == '"Sign Up"'
    assert len(json.dumps(state, default=str)) < 4_000


def test_the_loader_names_the_scripts_it_needs(page: Any) -> None:
    assert "SCRIPTS_HASH" not in base.loader()
    sent = page(Counter()).ask("scripts")
    assert sent["files"][0][0] == "base.js"
    assert ".mpnb" in sent["style"]


def test_only_the_newest_work_of_a_key_is_taken() -> None:
    widget, taken, gate = Counter(), [], threading.Event()

    def slow() -> str:
        gate.wait(5)
        return "old"

    first = widget.later("draw", slow, taken.append, taken.append)
    second = widget.later("draw", lambda: "new", taken.append, taken.append)
    second.join(5)
    gate.set()
    first.join(5)
    assert taken == ["new"]


def test_stopped_work_is_not_taken_and_a_failure_is() -> None:
    widget, taken, gate = Counter(), [], threading.Event()
    thread = widget.later("a", lambda: gate.wait(5), taken.append, taken.append)
    widget.stop("a")
    gate.set()
    thread.join(5)
    assert taken == []
    widget.later("b", lambda: 1 / 0, taken.append, taken.append).join(5)
    assert isinstance(taken[0], ZeroDivisionError)


def test_a_widget_brings_its_static_twin() -> None:
    data, _ = Counter()._repr_mimebundle_()
    assert data["text/html"] == "<p>n</p>"
    assert data["text/plain"] == "n"


def test_slow_answers_leave_the_kernel_free(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    widget = Counter()
    widget.beside = True
    told = page(widget)
    monkeypatch.setattr(widget, "double", lambda n: (gate.wait(5), 2 * n)[1])
    widget._heard(widget, {"do": "double", "seq": "first", "args": {"n": 1}}, [])
    assert told.heard == []  # it came back at once
    gate.set()
    assert told.ask("double", n=4) == 8
    assert {one["answer"]: one["value"] for one in told.heard}["first"] == 2
