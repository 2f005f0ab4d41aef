"""``%load_ext mpnb``: the magics, their completion, and taking all of it back.

Enters: an IPython shell. Leaves: `%mp`, `%%mpquery` and a completion matcher. The surprise: what
is loaded is remembered on the shell, so that loading twice changes nothing and unloading leaves the
shell as it was.
"""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from mpnb.magic.complete import matcher
from mpnb.magic.line import LineMagics
from mpnb.magic.notebook import Notebook
from mpnb.magic.query_cell import QueryMagics
from mpnb.magic.sidebar import Sidebar, listen

_KEPT = "_mpnb_extension"
"""Attribute of the shell that holds what was put into it."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Put the magics and the completion into a shell; a second time does nothing."""
    if getattr(shell, _KEPT, None) is not None:
        return
    notebook = Notebook(shell)
    shell.register_magics(LineMagics(shell, notebook), QueryMagics(shell, notebook))
    complete = matcher(notebook)
    completer = shell.Completer
    if completer is not None:
        completer.custom_matchers.append(complete)
    setattr(shell, _KEPT, (notebook, complete, listen(shell, Sidebar(notebook))))


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take out everything that loading put in, and the names that cells were given."""
    kept: tuple[Notebook, Any, Any] | None = getattr(shell, _KEPT, None)
    if kept is None:
        return
    notebook, complete, stop = kept
    stop()
    manager = shell.magics_manager
    manager.magics["line"].pop("mp", None)
    manager.magics["cell"].pop("mpquery", None)
    for registered in ("LineMagics", "QueryMagics"):
        manager.registry.pop(registered, None)
    if shell.Completer is not None and complete in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(complete)
    notebook.clear()
    delattr(shell, _KEPT)
