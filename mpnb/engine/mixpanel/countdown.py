"""Shows that a call waits, and for how long: in a notebook, in a terminal, or to whom asks.

Enters: until when and why. Leaves: one line that changes, and is gone when the call goes on. The
surprise: only waits of more than a second are shown, and where lines cannot be rewritten (a log)
the line is written once.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from mpnb.engine import halting

UNSHOWN_S = 1.0
STEP_S = 1.0


@dataclass(frozen=True)
class Waiting:
    """A call that waits."""

    what: str
    """What waits, for example ``query of project 12345``."""
    reason: str
    left_s: float | None
    """Seconds until it goes on; None when another call has to end first."""

    def line(self) -> str:
        """The wait in words."""
        if self.left_s is None:
            return f"Waiting ({self.what}): {self.reason}. Interrupt to stop."
        minutes, seconds = divmod(max(0, round(self.left_s)), 60)
        return (
            f"Waiting {minutes}:{seconds:02d} min ({self.what}): {self.reason}. Interrupt to stop."
        )


Show = Callable[[Waiting | None], None]
"""Told about a wait again and again, and with None when it is over."""


class Countdown:
    """A wait that is shown; it can be interrupted, and then leaves nothing on the screen."""

    def __init__(self, show: Show, what: str) -> None:
        self._show = show
        self._what = what
        self._began = time.monotonic()
        self._shown = False

    def __enter__(self) -> Countdown:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._show(None)

    def wait(self, until: float | None, reason: str, look_again_s: float) -> None:
        """Wait a step towards a moment, or a moment when none is known."""
        left = None if until is None else max(0.0, until - time.time())
        long = (left or 0.0) > UNSHOWN_S or time.monotonic() - self._began > UNSHOWN_S
        if long or self._shown:
            self._shown = True
            self._show(Waiting(self._what, reason, left))
        halting.sleep(look_again_s if left is None else min(left, STEP_S) + 0.01)


def shown(waiting: Waiting | None) -> None:
    """Show a wait where a person looks: below the cell, or on the standard error stream."""
    _SCREEN.show(waiting)


class _Screen:
    """One line for all waits of a process."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._said = False

    def show(self, waiting: Waiting | None) -> None:
        """Write, rewrite or wipe the line."""
        text = waiting.line() if waiting else ""
        if in_notebook():
            self._display(text)
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()
        elif text and not self._said:
            sys.stderr.write(text + "\n")
        self._said = bool(text)

    def _display(self, text: str) -> None:
        bundle = {"text/plain": text}
        if self._handle is None and text:
            show = importlib.import_module("IPython.display").display
            self._handle = show(bundle, raw=True, display_id=True)
        elif self._handle is not None:
            self._handle.update(bundle, raw=True)
        if not text:
            self._handle = None


_SCREEN = _Screen()


def in_notebook() -> bool:
    """Whether what is printed stands in a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
