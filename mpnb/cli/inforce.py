"""`mp session`: which account, project and data view are in force.

Enters: what stands before the command. Leaves: their names, as text or JSON, with what the kept
answer of ``/me`` says of them. The surprise: no request is made, and nothing that is in force is no
failure, so that a script can look.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mpnb import accounts
from mpnb.cli import output
from mpnb.cli.accounts import one_of
from mpnb.cli.places import without_project
from mpnb.cli.run import Run, opened, place
from mpnb.errors import ConfigError

if TYPE_CHECKING:
    from mpnb.account.me import MeResponse

BRIDGES, ME = "mpnb.account.bridge", "mpnb.account.me"
"""Loaded when the command runs."""

Found = dict[str, Any]

NOBODY: Found = {
    "account": None,
    "project": None,
    "workspace": None,
    "user": None,
    "me_cached": False,
}


def session(run: Run) -> None:
    """Say which account, project and data view are in force."""
    one_of("--format", run.options.format, ("text", "json"))
    found = _bridge(run) if run.options.bridge else _in_force(run)
    if run.options.format == "json":
        output.write(found, "json")
    else:
        lines = _bridge_lines(found["bridge"]) if run.options.bridge else _lines(found)
        print("\n".join(f"{name + ':':<11}{said}" for name, said in lines.items()))


def _in_force(run: Run) -> Found:
    """The session of a command with these words before it.

    Raises:
        ConfigError: something is named, and it is not right.
    """
    if run.scope.demo or run.scope.local:
        account = {"name": "demo" if run.scope.demo else "local", "type": "local", "region": None}
        return NOBODY | {"account": account}
    try:
        with opened(run.scope) as workspace:
            session = workspace.session
            return _of(session.account, session.project_id, session.workspace_id)
    except ConfigError as problem:
        lone = without_project(problem)
        if lone is not None:
            run.note(f"mp: {problem.message}")
            return _of(lone, None, None)
        if any(place(run.scope).values()) or accounts.list():
            raise
        run.note(f"mp: {problem.message}")
        return NOBODY


def _of(account: Any, project_id: str | None, view: int | None) -> Found:
    me: MeResponse | None = import_module(ME).peek(account)
    project = me.projects.get(project_id) if me and project_id else None
    organization = me.organizations.get(str(project.organization_id)) if me and project else None
    known = me.workspaces.get(str(view)) if me else None
    return {
        "account": _account(account),
        "project": {
            "id": project_id,
            "name": project.name if project else None,
            "organization": organization.name if organization else None,
        }
        if project_id
        else None,
        "workspace": {"id": view, "name": known.name if known else None} if view else None,
        "user": {"email": me.user_email} if me and me.user_email else None,
        "me_cached": me is not None,
    }


def _account(account: Any) -> Found:
    return {"name": account.name, "type": account.type, "region": account.region}


def _lines(found: Found) -> dict[str, str]:
    user = found["user"]
    return {
        "Account": _named(found["account"]),
        "Project": _numbered(found["project"], "(none)"),
        "Workspace": _numbered(found["workspace"], "(the project's own)"),
        "User": user["email"] if user else "(not known yet: mp account test asks)",
    }


def _named(account: Found | None) -> str:
    if account is None:
        return "(none)"
    more = ", ".join(filter(None, (account["type"], account["region"])))
    return f"{account['name']} ({more})"


def _numbered(found: Found | None, nothing: str) -> str:
    if found is None:
        return nothing
    return f"{found['name']} ({found['id']})" if found["name"] else str(found["id"])


def _bridge(run: Run) -> Found:
    """The bridge file in force; headers may be secrets and only tell their names.

    Raises:
        ConfigError: the file cannot be read.
    """
    bridges = import_module(BRIDGES)
    path = bridges.find()
    found = bridges.load_bridge(path) if path is not None else None
    if found is None:
        run.note("mp: There is no bridge file: mp account export-bridge writes one.")
        return {"bridge": None}
    return {
        "bridge": {
            "path": str(path),
            "version": found.version,
            "account": _account(found.account),
            "project": found.project,
            "workspace": found.workspace,
            "headers": dict.fromkeys(found.headers, "…"),
        }
    }


def _bridge_lines(bridge: Found | None) -> dict[str, str]:
    if bridge is None:
        return {"Bridge": "(none)"}
    return {
        "Bridge": bridge["path"],
        "Account": _named(bridge["account"]),
        "Project": bridge["project"] or "(the account's own)",
        "Workspace": str(bridge["workspace"] or "(the project's own)"),
    }
