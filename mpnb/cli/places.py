"""`mp project`, `workspace`, `target`, `session`: where a question goes.

Enters: ids and names. Leaves: what is in force, or what is kept for next time. The surprise: a data
view belongs to its project; another project drops it.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from mpnb import accounts, targets
from mpnb import session as sessions
from mpnb.cli import output
from mpnb.cli.accounts import one_of
from mpnb.cli.run import Run, shown_scope
from mpnb.errors import ConfigError, ProjectNotFoundError

BRIDGES = "mpnb.account.bridge"


def project_list(run: Run) -> Any:
    """The projects that the account sees; the active one is marked."""
    with run.workspace() as workspace:
        active = workspace.session.project_id
        found = workspace.projects(refresh=run.options.refresh)
    return [
        {**project.model_dump(mode="json"), "active": project.id == active} for project in found
    ]


def project_use(run: Run) -> None:
    """Make a project the default one of the active account."""
    project = run.options.project_id
    if not project.isdigit():
        raise ProjectNotFoundError(project)
    sessions.use(account=run.scope.account, project=project)


def project_show(run: Run) -> Any:
    """The active project."""
    found = accounts.show(run.scope.account)
    return {"id": found.project_id, "name": found.project_name, "account": found.name}


def workspace_list(run: Run) -> Any:
    """The data views of the project; the active one is marked."""
    with run.workspace() as workspace:
        active = workspace.session.workspace_id
        found = workspace.workspaces(run.options.project, refresh=run.options.refresh)
    return [{**view.model_dump(mode="json"), "active": view.id == active} for view in found]


def workspace_use(run: Run) -> None:
    """Pin a data view for next time."""
    sessions.use(workspace=run.options.workspace_id)


def workspace_show(run: Run) -> Any:
    """The data view that is pinned."""
    return {"id": sessions.show().workspace}


def target_add(run: Run) -> Any:
    """Save an account, a project and a data view under one name."""
    asked = run.options
    return targets.add(
        asked.name, account=asked.account, project=asked.project, workspace=asked.workspace
    )


def target_use(run: Run) -> None:
    """Make a target what is asked next time, all of it or nothing."""
    targets.use(run.options.name)


def target_list(run: Run) -> Any:
    """The targets, by name."""
    return targets.list()


def target_show(run: Run) -> Any:
    """One target."""
    return targets.show(run.options.name)


def target_remove(run: Run) -> None:
    """Delete a target."""
    targets.show(run.options.name)  # says which there are
    run.agreed(f"Delete target {run.options.name!r}?")
    targets.remove(run.options.name)


def session(run: Run) -> None:
    """Say which account, project and data view are in force."""
    one_of("--format", run.options.format, ("text", "json"))
    found = _bridge() if run.options.bridge else shown_scope(run.scope)
    if run.options.format == "json":
        print(json.dumps(found, indent=2))
        return
    wide = max(map(len, found)) + 2
    print("\n".join(f"{k + ':':<{wide}}{'' if v is None else v}" for k, v in found.items()))


def _bridge() -> dict[str, Any]:
    bridges = import_module(BRIDGES)
    path = bridges.find()
    if path is None:
        raise ConfigError("There is no bridge file: mp account export-bridge writes one.")
    found = bridges.load_bridge(path)
    return {
        "bridge": str(path),
        "account": found.account.name,
        "type": found.account.type,
        "region": found.account.region,
        "project": found.project,
        "workspace": found.workspace,
    }


def manual(run: Run) -> None:
    """Look up methods, types and words of mpnb."""
    pages = import_module("mpnb.reference")
    options = run.options
    form = "json" if options.jq else options.format
    found = pages.answer(" ".join(options.query), hints=not options.no_hints, domain=options.domain)
    if options.jq:
        output.write(found, "json", options.jq)
    else:
        print(pages.render(found, form), end="")
