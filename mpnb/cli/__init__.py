"""The `mpnb` command, `mp` for short.

Enters: the words of a command line. Leaves: an exit code (`failures.py` has them), the answer on
standard output, everything else on standard error. The surprise: what a command needs is loaded
when it runs, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import mpnb
from mpnb.cli import failures, output, streams, table
from mpnb.cli.parser import Parser, arguments, parser
from mpnb.cli.run import Run, opened

COMMANDS: dict[str, str] = {
    "demo": "Open the tour over the data that comes with mpnb: no account, no network.",
    "doctor": "Say which account and project are in force and why, and which APIs answer.",
    "serve": "Answer like Mixpanel on this machine, over local data, for tests and other tools.",
}
"""Command → its summary; its module beside declares and runs it (`arguments`, `run`)."""

EXAMPLES = """\
examples:
  mp login
  mp inspect events --format table
  mp query segmentation -e Purchase --from 2026-01-01 --to 2026-01-31 --format csv
  mp --demo query text '"Sign Up" -> "Purchase"' 'within 7 days' -k funnel -f table
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    given = sys.argv[1:] if argv is None else argv
    with warnings.catch_warnings():  # what is said to a person stands in a line, without code
        warnings.showwarning = _warned
        warnings.filterwarnings("default", category=UserWarning)
        return _main(given)


def _warned(message: Warning | str, *where: Any, **more: Any) -> None:
    output.note(f"mp: {message}")


def _main(given: Sequence[str]) -> int:
    verbose = False
    try:
        streams.prepare()
        scope = _scope().parse_args(streams.as_text(given))
        verbose = scope.verbose
        code = _run(scope)
        sys.stdout.flush()
    except SystemExit as end:  # the parser has said why
        return end.code if isinstance(end.code, int) else failures.FAILED
    except BrokenPipeError:  # the reader has enough; what is left must not fail at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failures.DONE
    except KeyboardInterrupt:
        output.note("Interrupted.")
        return failures.INTERRUPTED
    except Exception as problem:
        sys.stdout.flush()
        if verbose:
            traceback.print_exc()
        output.note(f"mp: {failures.said(problem)}")
        return failures.code(problem)
    return code


def _scope() -> Parser:
    """The parser of what stands before the command."""
    made = Parser(
        prog="mp", description=table.groups()[""], add_help=False, usage="mp [options] COMMAND …"
    )
    add = made.add_argument
    add("--account", "-a", help="name of an account (MP_ACCOUNT)")
    add("--project", "-p", metavar="ID", help="id of a project (MP_PROJECT_ID)")
    add("--workspace", "-w", type=int, metavar="ID", help="id of a data view (MP_WORKSPACE_ID)")
    add("--target", "-t", help="a saved target instead of the three (MP_TARGET)")
    add("--demo", action="store_true", help="ask the data that comes with mpnb")
    add("--local", metavar="PATH", action="append", help="ask events in files, a folder or a store")
    add("--quiet", "-q", action="store_true", help="no progress, no remarks")
    add("--verbose", "-v", action="store_true", help="show where a failure happened")
    add("--version", action="version", version=f"mpnb {mpnb.__version__}")
    add("--install-completion", action="store_true", help="complete commands in this shell")
    add("--show-completion", action="store_true", help="print what completion needs")
    add("--help", "-h", action="store_true", help="this page, or that of a command")
    add("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return made


def _run(scope: argparse.Namespace) -> int:
    words: list[str] = scope.words
    if scope.show_completion or scope.install_completion or words[:1] == ["__complete"]:
        import_module("mpnb.cli.completion").run(scope.install_completion, words[1:])
        return failures.DONE
    if not words:
        return _page((), asked=scope.help)
    if words[0] in COMMANDS:
        return _own(words, scope)
    path, rest = _path(words)
    command = table.commands().get(path)
    if command is None:
        if rest and rest[0] not in ("--help", "-h"):
            _unknown(path, rest[0])
            return failures.REFUSED
        return _page(path, asked=bool(rest))
    options = parser(command, summary(command)).parse_args(rest)
    _answer(Run(command, options, scope))
    return failures.DONE


def _unknown(path: tuple[str, ...], word: str) -> None:
    """Say that a word leads nowhere, and which one is near."""
    depth = len(path)
    known = {p[depth] for p in table.commands() if p[:depth] == path and len(p) > depth}
    near = get_close_matches(word, known if path else {*known, *COMMANDS}, 1)
    more = f" Did you mean {near[0]}?" if near else ""
    output.note(f"mp: there is no command {' '.join([*path, word])!r}.{more}")


def _path(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The longest words that lead to a command or a group, and the rest."""
    for length in range(min(len(words), 3), 0, -1):
        path = tuple(words[:length])
        if path in table.commands() or " ".join(path) in table.groups():
            return path, words[length:]
    return (), words


def _own(words: list[str], scope: argparse.Namespace) -> int:
    """Run a command that has a module of its own."""
    name, *rest = words
    module = import_module(f"mpnb.cli.{name}")
    made = Parser(prog=f"mp {name}", description=COMMANDS[name])
    module.arguments(made)
    options = made.parse_args(rest)
    for part in ("account", "project", "workspace", "target", "demo", "local"):
        if getattr(options, part, None) is None:
            setattr(options, part, getattr(scope, part))
    module.run(options)
    return failures.DONE


def _answer(run: Run) -> None:
    """Run a command of the table and print what it answers."""
    form, jq = getattr(run.options, "format", None), getattr(run.options, "jq", None)
    if jq is not None and form in table.FORMATS:
        output.compiled(form, jq)
    if run.command.is_own:
        module, _, name = run.command.call.partition(":")
        answer = getattr(import_module(f"mpnb.cli.{module}"), name)(run)
    else:
        values = run.given
        with opened(run.scope) as workspace:
            method = getattr(workspace, run.command.call)
            answer = method(**arguments(method, values))
    if answer is None:
        if form is None and not run.command.is_own:
            run.note("Done.")
        return
    output.write(answer, form or "json", jq)


def summary(command: table.Command) -> str:
    """What a command does, in a line: the first line of what it calls."""
    if command.is_own:
        module, _, name = command.call.partition(":")
        called: Any = getattr(import_module(f"mpnb.cli.{module}"), name)
    else:
        called = getattr(import_module("mpnb.workspace").Workspace, command.call, None)
    return (getattr(called, "__doc__", None) or "").strip().partition("\n")[0]


def _page(path: tuple[str, ...], *, asked: bool) -> int:
    """Print what a group has; on standard error when nobody asked for it."""
    groups, found = table.groups(), table.commands()
    shown = {
        command.path[len(path)]: summary(command) if path else TOP.get(command.path[0], "")
        for command in found.values()
        if command.path[:-1] == path
    }
    above = " ".join(path)
    shown |= {
        name.split()[-1]: about
        for name, about in groups.items()
        if name and " ".join(name.split()[:-1]) == above
    }
    if not path:
        shown |= COMMANDS
    wide = max(map(len, shown)) + 2
    lines = [f"  {name:<{wide}}{about}" for name, about in shown.items()]
    text = "\n".join([f"usage: mp {above + ' ' if above else '[options] '}COMMAND …", ""])
    text += f"\n{groups[above]}\n\ncommands:\n" + "\n".join(lines) + "\n"
    if not path:
        text += "\n" + _scope().format_help().partition("\n\n")[2].partition("\n\n")[2]
        text += "\n" + EXAMPLES
    print(text, end="", file=sys.stdout if asked else sys.stderr)
    return failures.DONE if asked else failures.REFUSED


TOP: dict[str, str] = {
    "login": "Log in to Mixpanel; the one command to start with.",
    "session": "Say which account, project and data view are in force.",
    "help": "Look up methods, types and words of mpnb.",
}
"""Commands at the top → their summaries, so that the first page loads nothing."""
