"""Who am I: the person or service account, and the organisations, projects and data views it sees.

Enters: an account. Leaves: a `MeResponse`, from Mixpanel or from the file that keeps it for a day.
The surprise: the file says who asked; an answer that somebody else got is never shown.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mpnb.account import files
from mpnb.account.models import Account
from mpnb.errors import ConfigError, MixpanelHeadlessError, ResponseValidationError

KEPT_S = 24 * 3600
STRIPPED = ("member_list", "unified_member_list")
"""What a data view's entry holds of other people; not kept."""

TOLD = ("user_id", "user_email", "user_name", "organizations", "projects", "workspaces")
"""Keys of which an answer has one."""

ENVIRONMENT = ("env-service-account", "env-oauth-token")
"""Names that all credentials of the environment share, whoever they belong to."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class MeOrgInfo(_Kept):
    """An organisation."""

    id: int
    name: str
    role: str | None = None
    permissions: list[str] | None = None


class MeProjectInfo(_Kept):
    """A project."""

    name: str
    organization_id: int
    timezone: str | None = None
    has_workspaces: bool | None = None
    domain: str | None = None
    type: str | int | None = None


class MeWorkspaceInfo(_Kept):
    """A data view of a project."""

    id: int
    name: str
    project_id: int
    is_default: bool | None = None
    is_global: bool | None = None
    is_restricted: bool | None = None
    is_visible: bool | None = None
    description: str | None = None
    creator_name: str | None = None


class PublicWorkspace(_Kept):
    """A data view as the list of a project's views shows it."""

    id: int
    name: str
    project_id: int
    is_default: bool = False
    description: str | None = None
    is_global: bool | None = None
    """Whether it is the global data view."""
    is_restricted: bool | None = None
    is_visible: bool | None = None
    created_iso: str | None = None
    """When it was made, ISO 8601."""
    creator_name: str | None = None


class MeUserInfo(BaseModel):
    """The one who asks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    email: str


class MeResponse(_Kept):
    """What an account is and sees; keys of the three tables are ids."""

    user_id: int | None = None
    user_email: str | None = None
    user_name: str | None = None
    organizations: dict[str, MeOrgInfo] = Field(default_factory=dict)
    projects: dict[str, MeProjectInfo] = Field(default_factory=dict)
    workspaces: dict[str, MeWorkspaceInfo] = Field(default_factory=dict)
    cached_at: float | None = None
    cached_region: str | None = None

    @property
    def user(self) -> MeUserInfo | None:
        """The one who asks, where both id and address are known."""
        if self.user_id is None or self.user_email is None:
            return None
        return MeUserInfo(id=self.user_id, email=self.user_email)

    def sorted_projects(self) -> list[tuple[str, MeProjectInfo]]:
        """Ids and projects, by name whatever its case."""
        return sorted(self.projects.items(), key=lambda found: (found[1].name.lower(), found[0]))

    def views_of(self, project: str) -> list[MeWorkspaceInfo]:
        """The data views of a project, by name."""
        found = [view for view in self.workspaces.values() if str(view.project_id) == project]
        return sorted(found, key=lambda view: (view.name.lower(), view.id))


def principal(account: Account) -> str:
    """Names the one who asks, without showing a secret: equal for equal credentials only."""
    host = os.environ.get("MP_APP_BASE_URL") or os.environ.get("MP_API_BASE_URL") or ""
    if account.type == "local":
        return f"local:{account.path}"
    own = account.name
    if account.type == "service_account":
        own = account.username
    elif account.type == "oauth_token":
        own = _mark(account.read_token())
    elif account.type == "project_secret":
        own = _mark(account.secret.get_secret_value())
    return _mark(json.dumps([account.type, account.region, host.rstrip("/"), own]))


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def path_of(account: Account) -> Path:
    """Where the answer is kept."""
    name = f"me-{principal(account)}.json" if account.name in ENVIRONMENT else "me.json"
    return files.account_folder(account.name) / name


def peek(account: Account) -> MeResponse | None:
    """What is kept for this account and is less than a day old; never a request."""
    try:
        content = files.read(path_of(account))
        kept = json.loads(content) if content else {}
        if kept.get("cached_for") != principal(account):
            return None
        found = MeResponse.model_validate(kept)
    except (ValueError, AttributeError, MixpanelHeadlessError):
        return None  # a file that cannot be used is replaced by the next answer
    age = time.time() - (found.cached_at or 0)
    return found if 0 <= age < KEPT_S else None


def keep(account: Account, found: MeResponse) -> MeResponse:
    """Write an answer down for a day, with the one who asked."""
    kept: dict[str, Any] = found.model_dump(mode="json")
    kept["cached_at"] = time.time()
    for view in kept["workspaces"].values():
        for key in STRIPPED:
            view.pop(key, None)
    stored = json.dumps(kept | {"cached_for": principal(account)}).encode()
    if len(stored) < files.LARGEST:
        files.write(path_of(account), stored)
    return MeResponse.model_validate(kept)


def forget(account: Account) -> None:
    """Delete what is kept."""
    files.remove(path_of(account))


def parse(body: Any) -> MeResponse:
    """The answer of ``/me``.

    Raises:
        ConfigError: it is an error although the status is 200.
        ResponseValidationError: it has another shape.
    """
    inside = body.get("results", body) if isinstance(body, Mapping) else body
    if isinstance(inside, Mapping) and not any(key in inside for key in TOLD):
        said = inside.get("error") or inside.get("message") or "the answer names nobody"
        raise ConfigError(f"Mixpanel does not say who asks: {said}")
    try:
        return TypeAdapter(MeResponse).validate_python(inside)
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_input=False, include_context=False)
    said = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in errors]
    raise ResponseValidationError(
        f"Mixpanel answered /me in an unexpected shape: {said[0]}",
        details={"model": "MeResponse", "errors": said},
    )
