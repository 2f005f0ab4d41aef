"""Where a question goes: account, project and (optionally) a pinned workspace, as one value.

Enters: an account and a project. Leaves: a frozen `Session`. The surprise: a pinned workspace
belongs to its project, so `replace` with another project or account drops it unless a new one is
given with it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from mpnb.account import Account, ProjectId, Region, TokenResolver


class Project(BaseModel):
    """A Mixpanel project: a string of digits, and what is known about it."""

    model_config = ConfigDict(frozen=True)

    id: ProjectId
    name: str | None = None
    organization_id: int | None = None
    timezone: str | None = None


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
    """Account, project and pinned workspace that a call is made for, with extra headers."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    account: Account
    project: Project
    workspace: WorkspaceRef | None = None
    headers: Mapping[str, str] = Field(default_factory=dict, repr=False)

    @property
    def project_id(self) -> str:
        """The project's id, a string of digits."""
        return self.project.id

    @property
    def workspace_id(self) -> int | None:
        """The id of the pinned workspace, or None when the project's default answers."""
        return self.workspace.id if self.workspace else None

    @property
    def region(self) -> Region:
        """Where the account's data lives."""
        return self.account.region

    def auth_header(self, *, token_resolver: TokenResolver | None = None) -> str:
        """The value of the ``Authorization`` header for this session's account."""
        if self.account.type == "oauth_browser":
            if token_resolver is None:
                raise TypeError("an oauth_browser account needs a token_resolver")
            return self.account.auth_header(token_resolver=token_resolver)
        return self.account.auth_header(token_resolver=token_resolver)

    def replace(
        self,
        *,
        account: Account | None = None,
        project: Project | None = None,
        workspace: WorkspaceRef | _Unset | None = UNSET,
        headers: Mapping[str, str] | _Unset = UNSET,
    ) -> Session:
        """A session with some parts changed.

        A new account or another project drops the pinned workspace, which belongs to the old one.
        """
        moved = (account is not None and account != self.account) or (
            project is not None and project.id != self.project.id
        )
        kept = None if moved else self.workspace
        return Session(
            account=account or self.account,
            project=project or self.project,
            workspace=kept if isinstance(workspace, _Unset) else workspace,
            headers=self.headers if isinstance(headers, _Unset) else headers,
        )
