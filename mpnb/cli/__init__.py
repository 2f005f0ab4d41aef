"""The `mpnb` command, `mp` for short.

Enters: the words of a command line. Leaves: an exit code: 0 done, 1 it failed and says why, 2 the
line is wrong. The surprise: what a command needs is loaded when it runs, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

import mpnb
from mpnb.errors import MixpanelHeadlessError

COMMANDS: dict[str, str] = {
    name: f"mpnb.cli.{name}" for name in ("demo", "doctor", "login", "serve")
}
"""Command → the module that declares and runs it (`arguments`, `run`)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="mpnb", description="Product analytics in Jupyter.")
    parser.add_argument("--version", action="version", version=f"mpnb {mpnb.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = {name: import_module(module) for name, module in COMMANDS.items()}
    for name, module in modules.items():
        summary = str(module.__doc__).splitlines()[0]
        module.arguments(commands.add_parser(name, help=summary, description=summary))
    options = parser.parse_args(argv)
    try:
        modules[options.command].run(options)
    except MixpanelHeadlessError as problem:
        print(f"mpnb: {problem.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
