"""The state behind the magics: the workspace in use and what was asked, one per IPython shell.

Enters: cells. Leaves: answers, put into the user's names. The surprise: the workspace is also a
Python variable, ``ws``, so that a cell's Python form runs as it is printed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, get_args

from mpnb import text
from mpnb.errors import MixpanelHeadlessError
from mpnb.magic.errors import CellError
from mpnb.magic.history import EXAMPLE, Asked, History
from mpnb.magic.substitute import substitute
from mpnb.query.question import Question
from mpnb.query.words import Kind
from mpnb.text.completion import Schema as Names
from mpnb.text.completion import complete
from mpnb.workspace import Workspace

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

LAST = "_mp"
"""The name of the last answer."""

NO_DATA = """No data yet. Choose what to ask:
    %mp demo          the shop that comes with mpnb: no account, no network
    %mp data PATH     your own export files, Parquet, CSV, or a store made before
    %mp use ws        a mpnb.Workspace that you made in Python"""


class NoNames:
    """The schema of nothing: only clauses are completed."""

    def events(self) -> Sequence[str]:
        """No events."""
        return ()

    def properties(self, event: str | None) -> Sequence[str]:
        """No properties."""
        return ()

    def profile_properties(self) -> Sequence[str]:
        """No profile properties."""
        return ()

    def values(self, prop: str) -> Sequence[str]:
        """No values."""
        return ()


class Notebook:
    """What the magics of one shell share."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.history = History()
        self._workspace: Workspace | None = None
        self._injected: dict[str, Any] = {}

    @property
    def workspace(self) -> Workspace:
        """The workspace in use.

        Raises:
            CellError: none was chosen yet; the message says how to.
        """
        if self._workspace is None:
            raise CellError(NO_DATA)
        return self._workspace

    @property
    def names(self) -> Names:
        """The names to complete with; none while no local data is in use."""
        schema = self._workspace.schema if self._workspace else None
        return schema or NoNames()

    def use(self, workspace: Workspace) -> None:
        """Ask this workspace from now on, and call it ``ws`` in the user's names."""
        self._workspace = workspace
        self.bind("ws", workspace)
        threading.Thread(target=warm, daemon=True).start()

    def bind(self, name: str, value: Any) -> None:
        """Put a value into the user's names; `clear` takes it out again."""
        self.shell.user_ns[name] = value
        self._injected[name] = value

    def clear(self) -> None:
        """Take back every name that still means what was put there."""
        for name, value in self._injected.items():
            if self.shell.user_ns.get(name) is value:
                del self.shell.user_ns[name]
        self._injected.clear()

    @property
    def cell_number(self) -> int:
        """The number of the cell that runs now."""
        return int(self.shell.displayhook.prompt_count)

    @property
    def cell_id(self) -> str | None:
        """The id of the cell that runs now, where the front end says it."""
        parent: dict[str, Any] = getattr(self.shell, "get_parent", dict)()
        found = (parent.get("metadata") or {}).get("cellId")
        return found if isinstance(found, str) else None

    def parse(self, body: str, kind: Kind) -> tuple[Question, str]:
        """Read a cell's text, with its Python values put in.

        Raises:
            CellError: the text is wrong; the message shows the place.
        """
        source = substitute(body, self.shell.ev)
        asks = any(line.partition("#")[0].strip() for line in source.splitlines())
        if not asks and kind != "users":
            raise CellError("The cell asks nothing yet. For example:\n" + EXAMPLE)
        with readable(source):
            return text.parse(source, kind), source

    def answer(self, question: Question, source: str, name: str | None, result: Any) -> None:
        """Remember an answer and give it its names."""
        cell = self.cell_number
        self.history.add(Asked(cell, name, question, source, self.workspace, result))
        self.bind(LAST, result)
        if name:
            self.bind(name, result)


def warm() -> None:
    """Load the parsers while the person reads, so that the first Tab is as quick as the others."""
    for kind in get_args(Kind):
        complete("", 0, kind, NoNames())


@contextmanager
def readable(source: str = "") -> Iterator[None]:
    """Turn errors of mpnb into one block that shows the place in the text, where it is known."""
    try:
        yield
    except CellError:
        raise
    except MixpanelHeadlessError as problem:
        raise CellError(text.explain_error(source, problem)) from problem
