"""Where a wait is seen: a terminal, a log, a notebook; and that it is gone afterwards."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from IPython.utils.capture import capture_output

from mpnb.engine.mixpanel.countdown import Waiting, shown

WAIT = Waiting("query of project 12345", "60 an hour are used up", 754.2)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr("mpnb.engine.mixpanel.countdown.in_notebook", lambda: False)
    for waiting in (WAIT, WAIT, None):
        shown(waiting)
    line = "Waiting 12:34 min (query of project 12345): 60 an hour are used up. Interrupt to stop."
    assert screen.getvalue() == f"\r\x1b[2K{line}" * 2 + "\r\x1b[2K"


def test_a_log_says_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr("mpnb.engine.mixpanel.countdown.in_notebook", lambda: False)
    for waiting in (WAIT, WAIT, None, Waiting("export", "5 at once are running", None), None):
        shown(waiting)
    assert log.getvalue().count("\n") == 2
    assert "12:34" in log.getvalue()


def test_a_notebook_updates_below_the_cell(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpnb.engine.mixpanel.countdown.in_notebook", lambda: True)
    with capture_output() as seen:
        for waiting in (WAIT, Waiting("query", "soon", 3.0), None):
            shown(waiting)
    texts = [output.data["text/plain"] for output in seen.outputs]
    assert [text[:12] for text in texts] == ["Waiting 12:3", "Waiting 0:03", ""]
    assert len({output.update for output in seen.outputs}) == 2, (
        "the first one shows, others update"
    )
