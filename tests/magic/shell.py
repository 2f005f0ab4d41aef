"""An IPython shell for tests: run a cell, see what it shows, or the error it ends with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


@dataclass
class Shown:
    """What a cell gave: its value, what it printed, and what it published."""

    value: Any
    text: str
    bundles: list[dict[str, Any]]


class Shell:
    """A shell that is as a kernel's, without a front end."""

    def __init__(self) -> None:
        InteractiveShell.clear_instance()
        self.ip = InteractiveShell.instance()  # the one that outputs are published to

    def run(self, cell: str) -> Shown:
        """Run a cell that must end well."""
        with capture_output() as seen:
            done = self.ip.run_cell(cell, store_history=True)
        assert done.success, done.error_in_exec or done.error_before_exec
        return Shown(done.result, seen.stdout, [output.data for output in seen.outputs])

    def error(self, cell: str) -> str:
        """Run a cell that must fail, and return what a person reads."""
        with capture_output() as seen:
            done = self.ip.run_cell(cell, store_history=True)
        assert not done.success, "the cell should have failed"
        assert "Traceback" not in seen.stdout, seen.stdout
        return str(seen.stdout)
