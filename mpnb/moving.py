"""From where a workspace is to where it is wanted: sessions made, changed and written down.

Enters: names and ids, or a session. Leaves: a `Session`, or a local store's account, with the
reasons. The surprise: it is loaded when a workspace is first looked up by name, because it brings
the models and the readers of the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from mpnb.account import LocalAccount, me, tokens
from mpnb.account import config as configs
from mpnb.account.me import MeResponse, MeWorkspaceInfo, PublicWorkspace
from mpnb.account.resolve import NONE, Asked, Place, resolve, switch
from mpnb.engine.mixpanel.views import pick
from mpnb.errors import APIError, ConfigError
from mpnb.session import Project, Session, WorkspaceRef, at

VIEWS = TypeAdapter(list[PublicWorkspace])


@dataclass(frozen=True)
class Stop:
    """Where a workspace is: at a session, or at a local store."""

    session: Session | None
    store: LocalAccount | None = None
    why: Mapping[str, str] = field(default_factory=dict)


def first(asked: Mapping[str, Any]) -> Stop:
    """Where a new workspace starts.

    Raises:
        ParamValidationError: a target is named together with others.
        ConfigError: nothing names an account or a project.
    """
    return _stop(resolve(Asked(**asked)))


def onward(now: Session | None, why: Mapping[str, str], asked: Mapping[str, Any]) -> Stop:
    """Where a workspace goes from where it is; nothing named leaves it there.

    Raises:
        ParamValidationError: a target is named together with others.
        ConfigError: what is named is not there, or a local store is asked for a project.
        OAuthError: nobody is signed in to the account.
    """
    wanted = Asked(**asked)
    if wanted.account is not None or wanted.target is not None:
        return _ready(_stop(switch(wanted)), now, wanted)
    if wanted == Asked():
        return Stop(now, None, why)
    if now is None:
        raise ConfigError("This workspace is local: it has no project. Name an account too.")
    view = _view(wanted.workspace, wanted.project or now.project_id)
    reasons = dict(why)
    if wanted.project is None:
        moved = now if view is None else now.replace(workspace=view)
    else:
        project = now.project if wanted.project == now.project_id else Project(id=wanted.project)
        moved = now.replace(project=project)
        moved = moved if view is None else moved.replace(workspace=view)
        reasons["project"] = f"use(project={wanted.project!r})"
    if view is not None:
        reasons["workspace"] = f"use(workspace={view.id})"
    elif moved.workspace is None:
        reasons["workspace"] = NONE
    return Stop(moved, None, reasons)


def persist(stop: Stop) -> None:
    """Make a stop what new workspaces start with.

    Raises:
        ConfigError: its account is not in the configuration.
    """
    found = stop.session
    account = found.account if found else stop.store
    assert account is not None, "a stop has one of the two"
    with configs.edit() as editor:
        if account.name not in editor.config.account_names:
            raise ConfigError(
                f"Account {account.name!r} comes from the environment or a bridge file: it cannot "
                "be made the active one. Add it first: mp.accounts.add(…)."
            )
        if found is not None:
            editor.set_project(account.name, found.project_id)
        editor.activate(account.name, found.workspace_id if found else None)


def known(session: Session) -> MeResponse | None:
    """What is kept of ``/me`` for a session's account; never a request."""
    return me.peek(session.account)


def learned(session: Session, body: Any) -> MeResponse:
    """The answer of ``/me``, kept for a day."""
    return me.keep(session.account, me.parse(body))


def refused_me(problem: APIError) -> ConfigError:
    """Why ``/me`` does not answer an account."""
    reason = {
        401: "the credentials are refused. Check the user name, the secret and the region",
        403: "the account may not ask who it is; a service account needs the user_details scope",
    }[problem.status_code]
    return ConfigError(
        f"Mixpanel does not say who asks: {reason}. `mp doctor` finds out more.",
        {"status_code": problem.status_code, "response_body": problem.response_body},
    )


def projects(found: MeResponse) -> list[Project]:
    """The projects that an account sees, by name."""
    return [
        Project(
            id=number,
            name=project.name,
            organization_id=project.organization_id,
            timezone=project.timezone,
        )
        for number, project in found.sorted_projects()
    ]


def views(found: MeResponse, project: str) -> list[WorkspaceRef]:
    """The data views of a project that an account sees, by name."""
    return [_ref(view) for view in found.views_of(project)]


def public_views(body: Any) -> list[PublicWorkspace]:
    """The list of a project's data views.

    Raises:
        ConfigError: it has another shape.
    """
    inside = body.get("results", body) if isinstance(body, Mapping) else body
    return configs.checked(VIEWS, inside, "Mixpanel's list of data views")


def known_view(session: Session) -> int | None:
    """The project's own data view, as far as ``/me`` is known."""
    found = known(session)
    return pick([v.model_dump() for v in found.views_of(session.project_id)]) if found else None


def _stop(place: Place) -> Stop:
    if isinstance(place.account, LocalAccount):
        return Stop(None, place.account, place.why)
    return Stop(at(place), None, place.why)


def _ready(stop: Stop, now: Session | None, asked: Asked) -> Stop:
    """The stop, once its credentials are seen to be there; the same account keeps its data view."""
    session = stop.session
    if session is None:
        return stop
    if session.account.type == "oauth_token":
        session.account.read_token()
    if session.account.type == "oauth_browser" and session._resolver is None:
        tokens.signed_in(session.account.name)
    unmoved = now is not None and now.account == session.account and now.project == session.project
    if unmoved and now is not None and asked.account is not None and session.workspace is None:
        return Stop(session.replace(workspace=now.workspace), None, stop.why)
    return stop


def _view(number: int | None, project: str) -> WorkspaceRef | None:
    return None if number is None else WorkspaceRef(id=number, project_id=project)


def _ref(view: MeWorkspaceInfo) -> WorkspaceRef:
    return WorkspaceRef(
        id=view.id, name=view.name, is_default=view.is_default, project_id=str(view.project_id)
    )
