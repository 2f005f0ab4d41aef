"""What a load did, and what went wrong in it.

Enters: counts and bad lines while files are read. Leaves: a `LoadReport` that says it in a few
lines. The surprise: only the first bad lines are kept in detail; all are counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from mpnb.errors import MixpanelHeadlessError

KEPT = 1000
_SHOWN = 5


class LoadError(MixpanelHeadlessError):
    """A source cannot be loaded; the store is as it was."""

    default_code: ClassVar[str] = "LOAD_ERROR"


class BadLine(LoadError, ValueError):
    """A row that cannot be an event or a profile; the message says why."""

    default_code: ClassVar[str] = "BAD_LINE"


@dataclass(frozen=True)
class Problem:
    """A line that was not loaded: its file, its number from 1, and the reason."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass
class LoadReport:
    """What a load did.

    Attributes:
        files: the files read, in order.
        skipped: files of a folder that hold neither events nor profiles, with the reason.
        truncated: files that end in mid-stream, with the line and the reason; what came before is
            loaded.
        lines: events read from the source, duplicates included.
        profiles: profiles read.
        bad_lines: number of lines that are neither.
        problems: the first bad lines, each with file, line and reason.
        rows: events in the store after the load.
        duplicates: events that were dropped because the store or the source had them already.
        users: users in the store after the load.
        version: the store's content, as `Store.version`.
        seconds: how long it took.
    """

    files: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    truncated: list[str] = field(default_factory=list)
    lines: int = 0
    profiles: int = 0
    bad_lines: int = 0
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    duplicates: int = 0
    users: int = 0
    version: str = ""
    seconds: float = 0.0

    def add_problem(self, file: str, line: int, reason: str, *, strict: bool) -> None:
        """Count a bad line; `line` is numbered from 1.

        Raises:
            LoadError: `strict` is set.
        """
        problem = Problem(file, line, reason)
        if strict:
            raise LoadError(f"{problem}; load without strict=True to leave such lines out")
        self.bad_lines += 1
        if len(self.problems) < KEPT:
            self.problems.append(problem)

    def __str__(self) -> str:
        parts = [f"{self.lines:,} events read", f"{self.rows:,} in the store"]
        if self.duplicates:
            parts.append(f"{self.duplicates:,} duplicates left out")
        if self.profiles:
            parts.append(f"{self.profiles:,} profiles")
        text = [", ".join(parts)]
        text += [f"{where}; what came before is loaded" for where in self.truncated]
        text += [f"left out {name}" for name in self.skipped]
        if self.bad_lines:
            text.append(f"{self.bad_lines:,} bad lines left out:")
            text += [f"  {problem}" for problem in self.problems[:_SHOWN]]
            if self.bad_lines > _SHOWN:
                text.append(f"  and {self.bad_lines - _SHOWN:,} more")
        return "\n".join(text)
