"""What was asked in this notebook session: one entry per cell, the newest last.

Enters: a question and its answer as cells run. Leaves: the entry of a cell, or the last one. The
surprise: running a cell again replaces nothing; its new number is a new entry, as in Jupyter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mpnb.magic.errors import CellError
from mpnb.query.question import Question
from mpnb.workspace import Workspace


@dataclass(frozen=True)
class Asked:
    """One cell that asked something."""

    cell: int
    """The number that Jupyter shows beside the cell."""
    name: str | None
    question: Question
    text: str
    """The cell as it was asked, values put in."""
    workspace: Workspace
    result: Any


@dataclass
class History:
    """All that was asked since the extension was loaded."""

    entries: list[Asked] = field(default_factory=list)

    def add(self, asked: Asked) -> None:
        """Remember a cell."""
        self.entries.append(asked)

    def find(self, cell: int | None = None) -> Asked:
        """The entry of a cell, or the last one.

        Raises:
            CellError: nothing was asked yet, or not in that cell.
        """
        if not self.entries:
            raise CellError("Nothing was asked yet. Ask with %%mpquery, for example:\n" + EXAMPLE)
        if cell is None:
            return self.entries[-1]
        found = [entry for entry in self.entries if entry.cell == cell]
        if not found:
            cells = ", ".join(str(entry.cell) for entry in self.entries)
            raise CellError(f"Cell [{cell}] asked nothing. Cells that did: {cells}.")
        return found[-1]


EXAMPLE = """
    %%mpquery funnel
    "Sign Up" -> "Purchase"
    within 7 days"""
