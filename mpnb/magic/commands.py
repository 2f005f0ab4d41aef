"""The sub-commands of ``%mp``: one row each, with its arguments, its help line and its function.

Enters: the notebook's state and the options of a line. Leaves: a thing that Jupyter displays, or
nothing.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpnb import stores, text
from mpnb.chart import export
from mpnb.magic.errors import CellError
from mpnb.magic.notebook import Notebook
from mpnb.magic.table import Table
from mpnb.workspace import Workspace

Argument = tuple[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Command:
    """A sub-command: what a person types after ``%mp``."""

    name: str
    help: str
    run: Callable[[Notebook, Namespace], Any]
    arguments: tuple[Argument, ...] = ()
    example: str = ""


def _argument(*names: str, **settings: Any) -> Argument:
    return names, settings


def _demo(notebook: Notebook, options: Namespace) -> Any:
    notebook.use(stores.demo())
    return _whoami(notebook, options)


def _data(notebook: Notebook, options: Namespace) -> Any:
    mapping = json.loads(options.columns) if options.columns else None
    notebook.use(
        stores.local(
            options.path,
            profiles=options.profiles,
            timezone=options.timezone,
            now=options.now,
            mapping=mapping,
        )
    )
    return _whoami(notebook, options)


def _use(notebook: Notebook, options: Namespace) -> Any:
    found = notebook.shell.user_ns.get(options.name)
    if not isinstance(found, Workspace):
        have = [name for name, v in notebook.shell.user_ns.items() if isinstance(v, Workspace)]
        known = f" Workspaces here: {', '.join(sorted(have))}." if have else ""
        raise CellError(f"{options.name!r} is not a variable that holds a mpnb.Workspace.{known}")
    notebook.use(found)
    return _whoami(notebook, options)


def _whoami(notebook: Notebook, options: Namespace) -> Any:
    rows = [(key, value) for key, value in notebook.workspace.describe().items()]
    return Table("In use", ("what", "value"), rows)


def _events(notebook: Notebook, options: Namespace) -> Any:
    rows = [
        (event.name, event.count, event.users)
        for event in notebook.workspace.schema.event_counts()
        if options.pattern.casefold() in event.name.casefold()
    ]
    return Table("Events", ("event", "count", "users"), rows)


def _props(notebook: Notebook, options: Namespace) -> Any:
    schema = notebook.workspace.schema
    if options.event and options.event not in schema.events():
        text.near(options.event, schema.events())
    rows = [
        (found.name, found.type, f"{found.coverage:.0%}", ", ".join(found.samples))
        for found in schema.describe_properties(options.event)
    ]
    title = f"Properties of {options.event}" if options.event else "Properties"
    return Table(title, ("property", "type", "set on", "examples"), rows)
