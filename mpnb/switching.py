"""The part of a workspace that knows who asks and where, and goes elsewhere.

Enters: names and ids. Leaves: the same workspace at another place; what ``/me`` says. The surprise:
going to another project or account costs no request and keeps the connections; a data view that is
pinned stays behind with the project that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from mpnb.asking import Asking
from mpnb.engine.base import Engine
from mpnb.engine.mixpanel.policy import Policy
from mpnb.errors import APIError, NotSupportedError
from mpnb.folders import home
from mpnb.reports import ReportStore

if TYPE_CHECKING:  # models, which only annotations need
    from mpnb.account.me import MeResponse, PublicWorkspace
    from mpnb.doctor import Report
    from mpnb.engine.duckdb.load import LoadReport
    from mpnb.session import Project, Session, WorkspaceRef

MOVING = "mpnb.moving"
"""Loaded when a workspace is looked up by name or goes elsewhere: it reads the configuration."""

STORES = "mpnb.stores"
"""Loaded for accounts of type local."""

DOCTOR = "mpnb.doctor"


class Switching(Asking):
    """Who asks, where, and how to go elsewhere."""

    _session: Session | None
    _engine: Engine | None
    _client: Any
    _why: Mapping[str, str]
    _policy: Policy
    _reports: ReportStore | None
    loaded: LoadReport | None

    @property
    def session(self) -> Session:
        """Account, project and data view; `Workspace` has it."""
        raise NotImplementedError

    def use(
        self,
        *,
        account: str | None = None,
        project: str | None = None,
        workspace: int | None = None,
        target: str | None = None,
        engine: Literal["local", "remote", "auto"] | None = None,
        persist: bool = False,
    ) -> Self:
        """Go to another account, project or data view; no request is made.

        What is not named stays, but for what cannot come along: another project or account leaves
        the pinned data view behind, another account the project.

        Args:
            account: name of a configured account.
            project: id of a project.
            workspace: id of a data view to pin.
            target: name of a saved target, instead of the three above.
            engine: who answers from now on: the copy that `pull` made, Mixpanel, or the copy where
                it has all days that an answer rests on (``"auto"``).
            persist: make it what new workspaces start with, too.

        Returns:
            This workspace.

        Raises:
            ParamValidationError: a target is named together with others (a ValueError).
            ConfigError: there is no such account or target, or nothing names a project.
            OAuthError: nobody is signed in to the account.
        """
        asked = {"account": account, "project": project, "workspace": workspace, "target": target}
        moving = _moving()
        stop = moving.onward(self._session, self._why, asked)
        if persist:
            moving.persist(stop)
        before = moving.Stop(self._session, None, self._why)
        self._go(stop)
        if engine is not None:
            self._choose(engine, before)
        return self

    def _choose(self, engine: Literal["local", "remote", "auto"], before: Any) -> None:
        """Let an engine answer; where it cannot, the workspace goes back to where it was."""
        if self._session is None:
            if engine == "remote":
                raise NotSupportedError("This workspace is over local data: name an account too.")
            return
        try:
            self._answer_with(engine)
        except BaseException:
            if before.session is not None:
                self._go(before)
            raise

    def _answer_with(self, mode: Literal["local", "remote", "auto"]) -> None:
        """Choose who answers from now on; `Streaming` has it."""
        raise NotImplementedError

    def me(self, *, force_refresh: bool = False) -> MeResponse:
        """Who asks, and the organisations, projects and data views it sees; kept for a day.

        Args:
            force_refresh: ask Mixpanel even when the answer is kept.

        Raises:
            ConfigError: the credentials are refused (401) or may not ask this (403).
        """
        moving = _moving()
        found = None if force_refresh else moving.known(self.session)
        if found is None:
            try:
                body = self._ask_app("/me")
            except APIError as problem:
                if problem.status_code not in (401, 403):
                    raise
                failed = problem
            else:
                return cast("MeResponse", moving.learned(self.session, body))
            raise moving.refused_me(failed)
        return cast("MeResponse", found)

    def _known_organization(self) -> int | None:
        """The organisation of the project, as far as it is known without a request."""
        if self.session.project.organization_id is not None:
            return self.session.project.organization_id
        found = _moving().known(self.session)
        project = found.projects.get(self.session.project.id) if found else None
        return project.organization_id if project else None

    def projects(self, *, refresh: bool = False) -> list[Project]:
        """The projects that the account sees, by name; see `me`."""
        return cast("list[Project]", _moving().projects(self.me(force_refresh=refresh)))

    def workspaces(
        self, *, project_id: str | None = None, refresh: bool = False
    ) -> list[WorkspaceRef]:
        """The data views of a project, by name, as ``/me`` lists them.

        Args:
            project_id: the project; by default the one that is asked.
            refresh: ask Mixpanel even when the answer is kept.
        """
        project = project_id or self.session.project_id
        return cast("list[WorkspaceRef]", _moving().views(self.me(force_refresh=refresh), project))

    def list_workspaces(self) -> list[PublicWorkspace]:
        """The data views of the project, as Mixpanel lists them now."""
        body = self._ask_app(f"/projects/{self.session.project_id}/workspaces/public")
        return cast("list[PublicWorkspace]", _moving().public_views(body))

    def resolve_workspace_id(self) -> int:
        """The data view that answers: the pinned one, else the project's own.

        Raises:
            WorkspaceScopeError: the account sees none.
        """
        session = self.session
        pinned = session.workspace_id or _moving().known_view(session)
        return pinned or cast("int", self.engine.view_id())  # type: ignore[attr-defined]  # Mixpanel's engine

    def doctor(self) -> Report:
        """Which account, region and project are in force and why, and which APIs answer.

        It makes a handful of requests, which count; where none is left it says so and asks nothing.
        """
        policy = self._policy
        budget = (
            policy if policy.on_limit == "ignore" else replace(policy, on_limit="raise")
        ).budget()
        try:
            module = import_module(DOCTOR)
            found = module.examine(self._session, self._why, self._client, budget)
            return cast("Report", found)
        finally:
            if budget is not None:
                budget.close()

    def _begin(self, asked: Mapping[str, Any]) -> None:
        """Go to where names, the environment and the configuration say."""
        self._go(_moving().first(asked))

    def _go(self, stop: Any) -> None:
        if stop.store is not None:
            other = import_module(STORES).local(stop.store.path)
            self._leave()
            self._session, self._engine, self._why = None, other._engine, stop.why
            self._reports, self.loaded = other._reports, other.loaded
        elif stop.session != self._session or self._engine is None:
            self._leave()
            self._session, self._reports, self.loaded = stop.session, None, None
            if self._client is None and self._policy.folder is None:
                self._policy = Policy.of(home())  # it was local, where nothing is counted
        self._why = stop.why

    def _leave(self) -> None:
        """Put the engine away; its connections come along."""
        release = getattr(self._engine, "release", None)
        if release is not None:
            self._client = release()
        self._engine = None
        self.__dict__.pop("schema", None)

    def _ask_app(self, path: str) -> Any:
        call = import_module("mpnb.engine.mixpanel.call").Call("GET", "app", path)
        self.session.project_id  # noqa: B018  says that a local workspace has no account
        return self.engine.transport.send(call)  # type: ignore[attr-defined]  # Mixpanel's engine


def _moving() -> ModuleType:
    return import_module(MOVING)
