"""One run of a command: what was said before and behind its name, and the workspace that it asks.

Enters: two namespaces. Leaves: a workspace when the first request needs one. The surprise: flags
win over MP_ACCOUNT and MP_TARGET; a target that is named keeps MP_ACCOUNT out.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpnb.cli import output
from mpnb.cli.parser import given
from mpnb.cli.table import Command
from mpnb.errors import MixpanelHeadlessError, ParamValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mpnb.workspace import Workspace

WORKSPACE, STORES = "mpnb.workspace", "mpnb.stores"
"""Loaded when a command asks."""


@dataclass(frozen=True)
class Run:
    """One run of a command."""

    command: Command
    options: argparse.Namespace
    """What stands behind the command."""
    scope: argparse.Namespace
    """What stands before it: account, project, workspace, target, demo, local, quiet, verbose."""

    @property
    def given(self) -> dict[str, Any]:
        """The values that were given, by the argument that each becomes."""
        return given(self.command, self.options)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """The workspace that is asked; closed at the end."""
        with opened(self.scope) as found:
            yield found

    def note(self, said: str) -> None:
        """Say something to a person, on standard error."""
        output.note(said, quiet=self.scope.quiet)

    def agreed(self, question: str) -> None:
        """Return when a person agrees, or said ``--yes``.

        Raises:
            MixpanelHeadlessError: they do not, or nobody is there to ask (code ``NOT_CONFIRMED``).
        """
        if getattr(self.options, "yes", False):
            return
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
            raise MixpanelHeadlessError("Not done; --yes does not ask.", code="NOT_CONFIRMED")


def place(scope: argparse.Namespace) -> dict[str, Any]:
    """Who asks and where, as the arguments of `Workspace`.

    Raises:
        ParamValidationError: a target is named together with others.
    """
    named = {name: getattr(scope, name) for name in ("account", "project", "workspace", "target")}
    others = [name for name in ("account", "project", "workspace") if named[name] is not None]
    if named["target"] is not None and others:
        raise ParamValidationError(
            f"--target is an account, a project and a data view at once: leave out --{others[0]}."
        )
    if not others and named["target"] is None:
        named["target"] = os.environ.get("MP_TARGET") or None
    if named["target"] is None and named["account"] is None:
        named["account"] = os.environ.get("MP_ACCOUNT") or None
    return named


def opened(scope: argparse.Namespace) -> Workspace:
    """The workspace of a scope: over local data when it says so, else of Mixpanel.

    Raises:
        ParamValidationError: local data is named together with an account.
    """
    named = place(scope) if not (scope.demo or scope.local) else _local(scope)
    if scope.demo:
        found: Workspace = import_module(STORES).demo()
    elif scope.local:
        _require_there(scope.local)
        found = import_module(STORES).local(scope.local if len(scope.local) > 1 else scope.local[0])
    else:
        found = import_module(WORKSPACE).Workspace(**named)
    return found


def _require_there(paths: Sequence[str]) -> None:
    for path in paths:
        if not Path(path).exists():
            raise FileNotFoundError(f"There is no file or folder {path}.")


def _local(scope: argparse.Namespace) -> Mapping[str, Any]:
    flags = ("account", "project", "workspace", "target")
    both = [flag for flag in flags if getattr(scope, flag) is not None]
    both += ["local"] if scope.demo and scope.local else []
    if both:
        shown = "--demo" if scope.demo else "--local"
        raise ParamValidationError(f"{shown} is data of its own: leave out --{both[0]}.")
    return {}
