"""Saved targets (``mp.targets``): an account, a project and a data view under one name.

Enters: names and ids. Leaves: `Target` records, kept in ``config.toml``. The surprise: using a
target makes it what new workspaces start with; a workspace that is open stays where it is.
"""

from __future__ import annotations

import builtins

from pydantic import TypeAdapter

from mpnb import session
from mpnb.account import config as configs
from mpnb.account.config import Target, checked
from mpnb.errors import ConfigError

__all__ = ["Target", "add", "list", "remove", "show", "use"]


def list() -> builtins.list[Target]:
    """All targets, by name."""
    config = configs.load()
    return [config.target(name) for name in config.target_names]


def add(name: str, *, account: str, project: str, workspace: int | None = None) -> Target:
    """Save a target.

    Args:
        name: what it is called: letters, digits, ``_`` and ``-``.
        account: name of an account that is configured.
        project: id of the project.
        workspace: id of a data view to pin; None leaves it to the project.

    Raises:
        ConfigError: the name is taken, there is no such account, or a value is not right.
    """
    data = {"name": name, "account": account, "project": project, "workspace": workspace}
    target = checked(TypeAdapter(Target), data, f"Target {name!r}")
    with configs.edit() as editor:
        if name in editor.config.target_names:
            raise ConfigError(f"A target {name!r} exists already. Remove it first.")
        if editor.config.account(account).type == "local":
            raise ConfigError(f"Account {account!r} is a local store: a target needs a project.")
        editor.put_target(target)
    return target


def remove(name: str) -> None:
    """Delete a target.

    Raises:
        ConfigError: there is none of that name.
    """
    with configs.edit() as editor:
        if name not in editor.config.target_names:
            editor.config.target(name)  # says which there are
        editor.drop("targets", name)


def use(name: str) -> None:
    """Make a target what new workspaces start with, all of it or nothing.

    Raises:
        ConfigError: there is none of that name, or its account is gone.
    """
    session.use(target=name)


def show(name: str) -> Target:
    """One target.

    Raises:
        ConfigError: there is none of that name.
    """
    return configs.load().target(name)
