"""``%mp explore`` and its like: the live parts of a notebook.

Enters: the workspace in use. Leaves: a widget, which a terminal shows as a table. The surprise: the
widgets are named as text and loaded here on first use, so that ``%load_ext mpnb`` stays quick.
"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from mpnb.magic.command import Command, argument
from mpnb.magic.notebook import Notebook
from mpnb.result.base import resolve

EXPLORE = "mpnb.widget.explorer:explore"
BUILD = "mpnb.widget.builder:build"
PASTE = "mpnb.widget.pending:take"


def _explore(notebook: Notebook, options: Namespace) -> Any:
    return resolve(EXPLORE)(notebook.workspace, options.event)


def _build(notebook: Notebook, options: Namespace) -> Any:
    names = notebook.shell.user_ns
    return resolve(BUILD)(notebook.workspace, options.what, options.name, names)


def _paste(notebook: Notebook, options: Namespace) -> Any:
    source = resolve(PASTE)()
    notebook.shell.set_next_input(source)
    print(source)


ROWS = (
    Command(
        "explore",
        "point and click over events, properties, values, people and cohorts",
        _explore,
        (argument("event", nargs="?", help="an event to open"),),
        '%mp explore "Purchase"',
    ),
    Command(
        "build",
        "click a question together; the chart follows",
        _build,
        (
            argument(
                "what",
                nargs="?",
                default="insights",
                metavar="KIND|NAME|ID|LINK",
                help="a kind, a variable, or a saved report by name, id or link",
            ),
            argument("--name", help="the variable that the answer is bound to"),
        ),
        "%mp build funnel --name signups",
    ),
    Command(
        "paste",
        "write the cell that a widget offered last",
        _paste,
        example="%mp paste",
    ),
)
