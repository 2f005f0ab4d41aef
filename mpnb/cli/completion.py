"""Completion in the shell: what it is told, and what it asks back.

Enters: the words so far. Leaves: candidates, one per line; or the lines that a shell needs. The
surprise: the shell asks `mp __complete`, so what completes is what the table has.
"""

from __future__ import annotations

import os
import sys
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
    before = [word for word in before if not word.startswith("-")]
    path = tuple(before)
    command = next(
        (found for n in range(len(path), 0, -1) if (found := table.commands().get(path[:n]))), None
    )
    begins = {flag for option in command.options for flag in option.flags} if command else set()
    if command is None:
        deeper = [p[len(path)] for p in table.commands() if p[: len(path)] == path]
        begins = {*deeper, *(() if path else COMMANDS)}
    return sorted(word for word in begins if word.startswith(begun))
