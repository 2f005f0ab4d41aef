"""`mp project`, `workspace`, `target`: where a question goes, and `mp help`.

Enters: ids and names. Leaves: what is in force, or what is kept for next time. The surprise: a data
view belongs to its project; another project drops it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mpnb import accounts, targets
from mpnb import session as sessions
from mpnb.cli import output
from mpnb.cli.accounts import marked
from mpnb.cli.run import Run
from mpnb.errors import ConfigError, ParamValidationError

if TYPE_CHECKING:
    from mpnb.account.me import MeResponse

CONFIG, PROBE = "mpnb.account.config", "mpnb.account.probe"
"""Loaded when a command asks."""


def project_list(run: Run) -> Any:
    """The projects that the account sees; the active one is marked."""
    known, active, _ = _seen(run)
    found = moving().projects(known)
    return marked(run, [{**output.data(one), "is_active": one.id == active} for one in found])


def _seen(run: Run) -> tuple[MeResponse, str | None, int | None]:
    """What the account sees, with the project and the data view in force.

    An account that has no project yet sees projects all the same.
    """
    refresh = run.options.refresh
    try:
        with run.workspace() as workspace:
            session = workspace.session
            return workspace.me(force_refresh=refresh), session.project_id, session.workspace_id
    except ConfigError as problem:
        account = without_project(problem)
        if account is None:
            raise
        headers = import_module(CONFIG).load().headers
        return import_module(PROBE).seen(account, headers, refresh), None, None


def without_project(problem: ConfigError) -> Any:
    """The account that was found to have no project; None where it is something else."""
    config = import_module(CONFIG).load()
    name = problem.details.get("account")
    lacking = problem.details.get("missing") == "project" and name in config.account_names
    return config.account(name) if lacking else None


def moving() -> Any:
    """How answers of ``/me`` are read; loaded when a command asks."""
    return import_module("mpnb.moving")


def project_use(run: Run) -> None:
    """Make a project the default one of the active account."""
    project = run.options.project_id
    if not project.isdigit():
        raise ParamValidationError(
            f"A project is named by its id, digits only, not {project!r}: mp project list has them."
        )
    sessions.use(account=run.scope.account, project=project)
    print(f"Project of account {accounts.show(run.scope.account).name!r}: {project}")


def project_show(run: Run) -> None:
    """The id of the active project."""
    configured = run.scope.account or any(account.is_active for account in accounts.list())
    found = accounts.show(run.scope.account).project_id if configured else None
    _print_or_note(run, found, "No project is active: mp project use ID, or mp login.")


def workspace_list(run: Run) -> Any:
    """The data views of the project; the active one is marked."""
    known, own, active = _seen(run)
    project = run.options.project or own
    if project is None:
        raise ParamValidationError("Which project? Name one with --project; mp project list.")
    found = moving().views(known, project)
    return marked(run, [{**output.data(one), "is_active": one.id == active} for one in found])


def workspace_use(run: Run) -> None:
    """Pin a data view for next time."""
    sessions.use(workspace=run.options.workspace_id)
    print(f"Active workspace: {run.options.workspace_id}")


def workspace_show(run: Run) -> None:
    """The id of the data view that is pinned."""
    _print_or_note(run, sessions.show().workspace, "None is pinned: the project's own answers.")


def _print_or_note(run: Run, found: str | int | None, nothing: str) -> None:
    """The bare value for a script; a remark where there is none."""
    if found is None:
        run.note(nothing)
    else:
        print(found)


def target_add(run: Run) -> None:
    """Save an account, a project and a data view under one name."""
    asked = run.options
    targets.add(asked.name, account=asked.account, project=asked.project, workspace=asked.workspace)
    print(f"Added target: {asked.name}")


def target_use(run: Run) -> None:
    """Make a target what is asked next time, all of it or nothing."""
    targets.use(run.options.name)
    print(f"Active target: {run.options.name}")


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
    print(f"Removed target: {run.options.name}")


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
