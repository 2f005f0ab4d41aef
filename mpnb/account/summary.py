"""What is shown of accounts: summaries, and outcomes of tests and sign-ins.

Enters: the configuration and what is kept beside it. Leaves: models without secrets. The surprise:
the status is found without a request; what the last answer of ``/me`` said counts for a day.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mpnb.account import me, tokens
from mpnb.account.config import Config
from mpnb.account.me import MeResponse, MeUserInfo
from mpnb.account.models import Account, AccountType, LocalAccount, Region
from mpnb.errors import MixpanelHeadlessError

Status = Literal["ok", "needs_login", "needs_token", "untested"]


class AccountSummary(BaseModel):
    """A configured account, without its secrets.

    Attributes:
        name: its name in the configuration.
        type: how it signs in.
        status: whether it can be used as it stands, found without a request.
        is_active: whether it is the one in force.
        referenced_by_targets: names of the targets that use it.
        user_email: who signed in, where that is known.
        project_id: its default project.
        project_name: name of that project, where it is known.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    type: AccountType
    region: Region | None
    """Where the data lives; None for a local store."""
    status: Status = "untested"
    is_active: bool = False
    referenced_by_targets: list[str] = Field(default_factory=list)
    user_email: str | None = None
    project_id: str | None = None
    project_name: str | None = None


class AccountTestResult(BaseModel):
    """Whether an account's credentials are accepted; `error` says why not.

    Attributes:
        account_name: the account that was tried.
        ok: whether the server let it in.
        user: who the server says it is.
        accessible_project_count: projects that it can see.
        error: what went wrong, as a sentence; None when nothing did.
        error_code: code of that error.
        error_details: what else is known of it.
    """

    model_config = ConfigDict(frozen=True)

    account_name: str
    ok: bool
    user: MeUserInfo | None = None
    accessible_project_count: int | None = None
    error: str | None = None
    error_code: str | None = None
    error_details: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _ok_means_no_error(self) -> AccountTestResult:
        if self.ok != (self.error is None):
            raise ValueError("ok goes without error, and an error with ok=False")
        return self


class OAuthLoginResult(BaseModel):
    """What signing in with the browser gave, and where it is kept."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_name: str
    """Account that was signed in."""
    user: MeUserInfo | None = None
    """Who signed in, as `/me` says."""
    expires_at: datetime | None = None
    """When the access token runs out; it is renewed before."""
    tokens_path: Path
    """File of the tokens."""
    client_path: Path
    """File of the OAuth client."""


def summary(account: Account, config: Config) -> AccountSummary:
    """What is known of an account without a request."""
    known = None if account.type == "local" else _known(account)
    project = None if account.type == "local" else account.default_project
    listed = known.projects.get(project) if known and project else None
    return AccountSummary(
        name=account.name,
        type=account.type,
        region=None if account.type == "local" else account.region,
        status=_status(account, known),
        is_active=config.active.account == account.name,
        referenced_by_targets=config.targets_of(account.name),
        user_email=known.user_email if known else None,
        project_id=project,
        project_name=listed.name if listed else None,
    )


def _known(account: Account) -> MeResponse | None:
    try:
        return me.peek(account)
    except MixpanelHeadlessError:  # a token in a variable that is not set
        return None


def _status(account: Account, known: MeResponse | None) -> Status:
    if (
        account.type == "oauth_token"
        and account.token_env
        and not os.environ.get(account.token_env)
    ):
        return "needs_token"
    if account.type == "oauth_browser" and not _can_sign(account.name):
        return "needs_login"
    if account.type == "local":
        return "ok" if account.path.exists() else "untested"
    return "ok" if known else "untested"


def _can_sign(name: str) -> bool:
    """Whether there are tokens that are valid or can be renewed."""
    try:
        found = tokens.load(tokens.tokens_path(name))
    except MixpanelHeadlessError:
        return False
    return found is not None and (found.refresh_token is not None or not found.is_expired())


def store_test(account: LocalAccount) -> AccountTestResult:
    """Whether a local store is where it should be."""
    if account.path.exists():
        return AccountTestResult(account_name=account.name, ok=True)
    said = f"There is nothing at {account.path}."
    return AccountTestResult(
        account_name=account.name, ok=False, error=said, error_code="CONFIG_ERROR"
    )


def failed_test(name: str, problem: MixpanelHeadlessError) -> AccountTestResult:
    """A test that an error ended."""
    return AccountTestResult(
        account_name=name,
        ok=False,
        error=problem.message,
        error_code=problem.code,
        error_details=problem.details or None,
    )
