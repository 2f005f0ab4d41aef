"""``%mp``: everything around the questions, one sub-command each.

Enters: a line such as ``props "Sign Up"``. Leaves: what the sub-command shows. The surprise: the
sub-commands are rows of `commands.COMMANDS`; help, completion and documentation read the same rows.
"""

from __future__ import annotations

import argparse
import difflib
import shlex
from typing import Any, NoReturn

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from mpnb.magic.command import Command
from mpnb.magic.commands import COMMANDS
from mpnb.magic.errors import CellError
from mpnb.magic.notebook import Notebook, readable


@magics_class
class LineMagics(Magics):
    """The line magic."""

    def __init__(self, shell: InteractiveShell, notebook: Notebook) -> None:
        super().__init__(shell)
        self.notebook = notebook

    @no_var_expand
    @line_magic
    def mp(self, line: str) -> Any:
        """Work with events in Jupyter; `%mp help` lists what there is."""
        try:
            words = shlex.split(line) or ["help"]
        except ValueError as problem:
            raise CellError(f"The line cannot be read: {problem}.") from problem
        command = find(words[0])
        options = parser(command).parse_args(words[1:])
        with readable(line):
            return command.run(self.notebook, options)


class _Parser(argparse.ArgumentParser):
    """Complains with a `CellError` and never ends the process."""

    def error(self, message: str) -> NoReturn:
        raise CellError(f"{message[0].upper()}{message[1:]}.\n{self.format_usage().strip()}")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise CellError(self.format_help())


def find(word: str) -> Command:
    """The sub-command of that name.

    Raises:
        CellError: there is none; the nearest names are given.
    """
    if word in COMMANDS:
        return COMMANDS[word]
    near = difflib.get_close_matches(word, COMMANDS, 1)
    hint = f" Did you mean %mp {near[0]}?" if near else ""
    raise CellError(f"There is no %mp {word}.{hint} There are: {', '.join(COMMANDS)}.")


def parser(command: Command) -> argparse.ArgumentParser:
    """The parser of a sub-command's line."""
    made = _Parser(prog=f"%mp {command.name}", description=command.help, add_help=False)
    for names, settings in command.arguments:
        made.add_argument(*names, **settings)
    return made
