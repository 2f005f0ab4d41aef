"""Where a question goes: account, project and (optionally) a pinned data view, as one value.

Enters: an account and a project, or names to look them up by. Leaves: a frozen `Session`. As
``mp.session`` this module also shows and changes what new workspaces start with. The surprise: a
pinned data view belongs to its project, so another project or account drops it unless a new one is
given with it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    field_serializer,
    field_validator,
    model_validator,
)

from mpnb.account import ProjectId, Region, RemoteAccount, TokenResolver
from mpnb.account import config as configs
from mpnb.account.config import ActiveSession
from mpnb.account.resolve import Asked, Place
from mpnb.account.tokens import OnDiskTokenResolver
from mpnb.errors import ConfigError

ON_DISK = OnDiskTokenResolver()


class Project(BaseModel):
    """A Mixpanel project: a string of digits, and what is known about it."""

    model_config = ConfigDict(frozen=True)

    id: ProjectId
    name: str | None = None
    organization_id: int | None = None
    timezone: str | None = None
    """Name of its time zone, such as `Europe/Rome`."""


class WorkspaceRef(BaseModel):
    """A data view inside a project (Mixpanel's API calls it a workspace)."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[int, Field(gt=0)]
    name: str | None = None
    is_default: bool | None = None
    project_id: ProjectId | None = None


class _Unset(enum.Enum):
    UNSET = "unset"


UNSET: Final = _Unset.UNSET


class Session(BaseModel):
    """Account, project and pinned data view that a call is made for, with extra headers.

    Raises:
        pydantic.ValidationError: the data view is known to belong to another project.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)

    account: RemoteAccount
    """Who asks."""
    project: Project
    """What is asked."""
    workspace: WorkspaceRef | None = None
    """Data view that is pinned."""
    headers: Mapping[str, str] = Field(default_factory=dict, repr=False)
    """Headers that are sent besides; never shown."""
    _resolver: TokenResolver | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _view_is_of_the_project(self) -> Session:
        view = self.workspace
        if view is not None and view.project_id not in (None, self.project.id):
            raise ValueError(
                f"data view {view.id} belongs to project {view.project_id}, not {self.project.id}"
            )
        return self

    @field_validator("headers")
    @classmethod
    def _headers_stay(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType(dict(headers))

    @field_serializer("headers")
    def _plain_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return dict(headers)

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        values = state["__dict__"]
        state["__dict__"] = {**values, "headers": dict(values["headers"])}
        return state

    @property
    def project_id(self) -> str:
        """The project's id, a string of digits."""
        return self.project.id

    @property
    def workspace_id(self) -> int | None:
        """The id of the pinned data view, or None when the project's default answers."""
        return self.workspace.id if self.workspace else None

    @property
    def region(self) -> Region:
        """Where the account's data lives."""
        return self.account.region

    def auth_header(self, *, token_resolver: TokenResolver | None = None) -> str:
        """The value of the ``Authorization`` header for this session's account.

        Args:
            token_resolver: finds OAuth tokens; by default those on this machine, or of the bridge
                file that the account came from.

        Raises:
            OAuthError: there is no token that is valid.
        """
        return self.account.auth_header(token_resolver=token_resolver or self.resolver)

    def renew(self, refused: str) -> bool:
        """Get another token where the server refuses the one that was sent, before its time.

        Args:
            refused: the value of the ``Authorization`` header that was refused.

        Returns:
            Whether there is another one now; never for secrets, which nothing renews.

        Raises:
            OAuthError: signing in has to be done again.
        """
        renew = getattr(self.resolver, "renew", None)
        if self.account.type == "oauth_browser" and renew is not None:
            renew(self.account.name, self.account.region, refused.removeprefix("Bearer "))
        return self.auth_header() != refused

    @property
    def resolver(self) -> TokenResolver:
        """What finds the tokens of this session's account."""
        return self._resolver or ON_DISK

    def replace(
        self,
        *,
        account: RemoteAccount | None = None,
        project: Project | None = None,
        workspace: WorkspaceRef | _Unset | None = UNSET,
        headers: Mapping[str, str] | _Unset = UNSET,
    ) -> Session:
        """A session with some parts changed.

        A new account or another project drops the pinned data view, which belongs to the old one.
        """
        other = account is not None and account != self.account
        moved = other or (project is not None and project.id != self.project.id)
        kept = None if moved else self.workspace
        made = Session(
            account=account or self.account,
            project=project or self.project,
            workspace=kept if isinstance(workspace, _Unset) else workspace,
            headers=self.headers if isinstance(headers, _Unset) else headers,
        )
        made._resolver = None if other else self._resolver
        return made


def at(place: Place) -> Session:
    """The session of a place.

    Raises:
        ConfigError: the account is a local store.
    """
    if place.account.type == "local" or place.project is None:
        raise ConfigError(f"Account {place.account.name!r} is a local store, not Mixpanel.")
    view = None
    if place.workspace is not None:
        view = WorkspaceRef(id=place.workspace, project_id=place.project)
    made = Session(
        account=place.account,
        project=Project(id=place.project),
        workspace=view,
        headers=place.headers,
    )
    made._resolver = place.resolver
    return made


def show() -> ActiveSession:
    """What new workspaces start with: the active account and the data view pinned with it.

    The project is the account's ``default_project``; see `mpnb.accounts.show`.
    """
    return configs.load().active


def use(
    *,
    account: str | None = None,
    project: str | None = None,
    workspace: int | None = None,
    target: str | None = None,
) -> None:
    """Change what new workspaces start with, all at once or not at all.

    Another account or another project drops the pinned data view, unless one is given with it.

    Args:
        account: the account to make active.
        project: the default project of that account, or of the active one.
        workspace: the data view to pin.
        target: a saved target, instead of the three above.

    Raises:
        ParamValidationError: a target is given together with others (a ValueError).
        ConfigError: there is no such account or target, or no account is active.
    """
    asked = Asked(account, project, workspace, target)
    with configs.edit() as editor:
        config = editor.config
        if asked.target is not None:
            saved = config.target(asked.target)
            asked = Asked(saved.account, saved.project, saved.workspace)
            drop = True
        else:
            drop = asked.account is not None and asked.account != config.active.account
        name = asked.account or config.active.account
        if name is None:
            raise ConfigError(
                "No account is active: choose one with mp account use NAME, or log in."
            )
        found = config.account(name)
        before = None if found.type == "local" else found.default_project
        if asked.project is not None:
            editor.set_project(name, asked.project)
            drop = drop or asked.project != before
        kept = None if drop else config.active.workspace
        editor.activate(name, asked.workspace if asked.workspace is not None else kept)
