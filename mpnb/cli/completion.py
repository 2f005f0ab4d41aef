"""Completion in the shell: what it is told, and what it asks back.

Enters: the words so far. Leaves: candidates, one per line; or the lines that a shell needs. The
surprise: the shell asks `mp __complete`, so what completes is what the table has.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from mpnb.cli import COMMANDS, output, table
from mpnb.errors import NotSupportedError

BASH = """\
_mp() {
  local IFS=$'\\n' found
  found=$(mp __complete "${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mp mp mpnb
"""
SCRIPTS = {
    "bash": BASH,
    "zsh": "autoload -U +X bashcompinit && bashcompinit\n" + BASH,
    "fish": "complete -c mp -f -a '(mp __complete (commandline -opc)[2..] (commandline -ct))'\n",
}
PLACES = {
    "bash": "~/.local/share/bash-completion/completions/mp",
    "zsh": "~/.mp/completion.zsh",
    "fish": "~/.config/fish/completions/mp.fish",
}
"""Shell → where its completions stand; zsh reads the file when .zshrc says ``source``."""

VALUED = {
    "--account": "accounts",
    "-a": "accounts",
    "--target": "targets",
    "-t": "targets",
    "--project": "",
    "-p": "",
    "--workspace": "",
    "-w": "",
    "--local": "",
}
"""Flags before the command that take a value → the module that lists what it may be."""

GLOBAL = ("--demo", "--quiet", "--verbose", "--version", "--help")
"""The other flags before the command."""


def run(install: bool, words: list[str]) -> None:
    """Print candidates, or the script of this shell; or put the script where the shell looks."""
    if words:
        sys.stdout.write("".join(f"{word}\n" for word in candidates(words)))
        return
    shell = Path(os.environ.get("SHELL", "bash")).name
    if shell not in SCRIPTS:
        raise NotSupportedError(f"Completion is there for {', '.join(SCRIPTS)}, not for {shell}.")
    if not install:
        sys.stdout.write(SCRIPTS[shell])
        return
    place = Path(PLACES[shell]).expanduser()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(SCRIPTS[shell], "utf-8")
    more = f" Add to ~/.zshrc: source {place}" if shell == "zsh" else ""
    output.note(f"Completion is in {place}; it works in a new shell.{more}")


def candidates(words: list[str]) -> list[str]:
    """What may stand for the last word."""
    *before, begun = words
    flags, rest = _split(before)
    if rest is None:  # the last flag before the command waits for its value
        return _begun(_names(flags[-1]), begun)
    path = tuple(word for word in rest if not word.startswith("-"))
    command = next(
        (found for n in range(len(path), 0, -1) if (found := table.commands().get(path[:n]))), None
    )
    if command is not None:
        return _begun(_of_command(command, rest), begun)
    deeper = {p[len(path)] for p in table.commands() if p[: len(path)] == path}
    return _begun(deeper if path else {*deeper, *COMMANDS, *GLOBAL, *VALUED}, begun)


def _begun(words: Iterable[str], begun: str) -> list[str]:
    return sorted(word for word in words if word.startswith(begun))


def _split(words: list[str]) -> tuple[list[str], list[str] | None]:
    """The flags before the command, and what follows; None where a flag has no value yet."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in VALUED else 1
    return words[:at], words[at:] if at <= len(words) else None


def _names(flag: str) -> list[str]:
    """Names that are configured, for the flags that take one."""
    kind = VALUED[flag]
    if not kind:
        return []
    return [found.name for found in getattr(import_module("mpnb"), kind).list()]


def _of_command(command: table.Command, words: list[str]) -> Iterable[str]:
    """The choices of the flag before, else the flags of the command."""
    last = words[-1]
    for option in command.options:
        if last in option.flags and not option.switch:
            return option.choices or option.checked
    return [*(flag for option in command.options for flag in option.flags), "--help"]
