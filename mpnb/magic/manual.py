"""The page of the magics, made from their tables: ``python -m mpnb.magic.manual > docs/magics.md``.

Enters: nothing. Leaves: `docs/magics.md`. The surprise: a test compares, so a sub-command or an
option without its line in the documentation cannot be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from mpnb.magic.command import Argument
from mpnb.magic.commands import COMMANDS
from mpnb.magic.query_cell import QueryMagics

OPENING = """\
# Magics

`%load_ext mpnb` brings two: `%%mpquery`, which asks a question, and `%mp`, which does everything
around it. `%mp help` lists them in a cell, `%mp help TOPIC` explains a sub-command, a clause of the
language, a method or a type. Tab completes names, values and words.

The workspace that is asked is the Python variable `ws`, the last answer is `_mp`.

## `%%mpquery [KIND] [NAME]`

The kind is insights (which may be left out), funnel, retention, flow or users. The answer is bound
to the name, if there is one. The lines below are the question, in [the cell language](language.md).

| option | |
|---|---|
"""
BETWEEN = """
## `%mp`

| sub-command | | for example |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    options = [
        (_usage(action.option_strings, action.choices, action.metavar), action.help)
        for action in vars(QueryMagics.mpquery)["parser"]._actions
        if action.option_strings and action.dest != "help"
    ]
    rows = [
        (" ".join([row.name, *map(_argument, row.arguments)]), f"{row.help} | `{row.example}`")
        for row in COMMANDS.values()
    ]
    return OPENING + _rows(options) + BETWEEN + _rows(rows)


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    cells = ((usage.replace("|", r"\|"), about) for usage, about in rows)
    return "".join(f"| `{usage}` | {about} |\n" for usage, about in cells)


def _argument(argument: Argument) -> str:
    names, settings = argument
    name, metavar = names[0], settings.get("metavar")
    if name.startswith("-"):
        switch = "action" in settings
        shown = None if switch else metavar or name.lstrip("-").upper()
        return f"[{_usage(names, settings.get('choices'), shown)}]"
    shown = metavar or name.upper()
    return f"[{shown}]" if settings.get("nargs") else shown


def _usage(flags: Iterable[str], choices: Iterable[str] | None, metavar: str | None) -> str:
    words = "|".join(choices) if choices else metavar
    return " ".join(filter(None, [next(iter(flags)), words]))


if __name__ == "__main__":
    sys.stdout.write(page())
