"""Which account, project and data view: the environment, arguments, targets, bridge, configuration.

Enters: what the caller named. Leaves: a `Place` with the reason for each of its parts. The
surprise: complete credentials, ``MP_PROJECT_ID`` and ``MP_WORKSPACE_ID`` in the environment come
before arguments, as scripts and CI count on; where they disagree, one line says which won.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr, TypeAdapter

from mpnb.account import bridge as bridges
from mpnb.account import config as configs
from mpnb.account.bridge import BridgeFile
from mpnb.account.config import Config, Target, checked
from mpnb.account.models import (
    Account,
    OAuthTokenAccount,
    ProjectId,
    Region,
    ServiceAccount,
    TokenResolver,
    WorkspaceId,
)
from mpnb.account.notice import tell
from mpnb.account.tokens import BridgeTokenResolver
from mpnb.errors import ConfigError, ParamValidationError

PROJECT = TypeAdapter(ProjectId)
WORKSPACE = TypeAdapter(WorkspaceId)
REGION: TypeAdapter[Region] = TypeAdapter(Region)


@dataclass(frozen=True)
class Place:
    """Who asks and where, and why."""

    account: Account
    project: str | None
    workspace: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    resolver: TokenResolver | None = field(default=None, repr=False)
    why: Mapping[str, str] = field(default_factory=dict)
    """Part (account, project, workspace) → where it comes from."""


@dataclass(frozen=True)
class Asked:
    """What the caller named."""

    account: str | None = None
    project: str | None = None
    workspace: int | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        others = (self.account, self.project, self.workspace)
        if self.target is not None and any(part is not None for part in others):
            raise ParamValidationError(
                "A target is an account, a project and a data view at once: give target= alone, "
                "or the others without it.",
                "WS1_TARGET_MUTUALLY_EXCLUSIVE",
            )
        _digits(self.project, "project")
        _positive(self.workspace, "workspace")


Choice = tuple[str, str]


def resolve(asked: Asked) -> Place:
    """Find the place for a new workspace; no request is made.

    Raises:
        ConfigError: nothing names an account or a project, or what names it is not right.
    """
    config = configs.load()
    target = config.target(asked.target) if asked.target is not None else None
    chosen = _account(asked, target, config)
    account, bridge = chosen.account, chosen.bridge
    if account.type == "local":
        return _local(chosen, asked)
    project, project_why = _project(account, asked, target, bridge)
    view, view_why = _view(asked, target, bridge, project, _pinned(chosen, config, project))
    headers = {**config.headers, **(bridge.headers if bridge else {})}
    resolver = BridgeTokenResolver(bridge.tokens) if bridge and bridge.tokens else None
    why = {"account": chosen.why, "project": project_why, "workspace": view_why}
    return Place(account, project, view, headers, resolver, why)


def switch(asked: Asked) -> Place:
    """Find the place for a workspace that changes its account, or takes a target's.

    A target's three parts are taken as they are. With an account, its project is that of
    ``MP_PROJECT_ID``, the one named, or its default one; its data view the one named, or that of
    ``MP_WORKSPACE_ID``; credentials in the environment do not count.

    Raises:
        ConfigError: nothing names a project, or what is named is not there.
    """
    config = configs.load()
    if asked.target is not None:
        target, by = config.target(asked.target), f"target={asked.target!r}"
        chosen = _named(target.account, by, config)
        project, view = (target.project, by), (target.workspace, by)
    else:
        assert asked.account is not None, "callers ask for an account or a target"
        chosen = _named(asked.account, f"account={asked.account!r}", config)
        if chosen.account.type == "local":
            return _local(chosen, asked)
        project = _project(chosen.account, asked, None, chosen.bridge)
        view = (asked.workspace, f"workspace={asked.workspace}")
        if asked.workspace is None:
            view = (view_of_environment(), "MP_WORKSPACE_ID")
    why = {"account": chosen.why, "project": project[1], "workspace": view[1] if view[0] else NONE}
    bridge = chosen.bridge
    headers = {**config.headers, **(bridge.headers if bridge else {})}
    resolver = BridgeTokenResolver(bridge.tokens) if bridge and bridge.tokens else None
    return Place(chosen.account, project[0], view[0], headers, resolver, why)


NONE = "nothing pins one: the project's own"


def _local(chosen: _Chosen, asked: Asked) -> Place:
    if asked.project is not None or asked.workspace is not None:
        raise ConfigError(
            f"Account {chosen.account.name!r} is a local store: it has no project and no data view."
        )
    return Place(
        chosen.account, None, why={"account": chosen.why, "project": "a local store has none"}
    )


@dataclass(frozen=True)
class _Chosen:
    """The account, why it, and the bridge file where it came with one."""

    account: Account
    why: str
    bridge: BridgeFile | None = None
    configured: bool = False


def _pinned(chosen: _Chosen, config: Config, project: str) -> int | None:
    """The saved data view, if it is of this account and this project."""
    account, active = chosen.account, config.active
    if not chosen.configured or account.type == "local" or active.account != account.name:
        return None
    return active.workspace if project == account.default_project else None


def _account(asked: Asked, target: Target | None, config: Config) -> _Chosen:
    """The account: of the environment, named, of the bridge file, or the active one."""
    found = of_environment()
    named = asked.account or (target.account if target else None)
    by = f"account={asked.account!r}" if asked.account else f"target={asked.target!r}"
    if found is not None:
        why = f"credentials in the environment ({', '.join(_variables(found))})"
        if named is not None:
            tell(
                f"Account: the {why} win over {by}. Unset them, or use ws.use(account=…), to ask "
                f"as {named!r}."
            )
        return _Chosen(found, why)
    if named is not None:
        return _named(named, by, config)
    bridge = bridges.load_bridge()
    if bridge is not None:
        return _Chosen(bridge.account, f"bridge file {bridges.find()}", bridge)
    active = config.active.account
    if active is not None:
        return _Chosen(config.account(active), f"[active] in {config.path}", configured=True)
    raise ConfigError(_nobody(config))


def _named(name: str, by: str, config: Config) -> _Chosen:
    """An account by its name: of the configuration, else of the bridge file."""
    if name not in config.account_names:
        bridge = bridges.load_bridge()
        if bridge is not None and bridge.account.name == name:
            return _Chosen(bridge.account, by, bridge)
    return _Chosen(config.account(name), by, configured=True)


def _nobody(config: Config) -> str:
    if config.account_names:
        known = ", ".join(config.account_names)
        return (
            f"No account is active. Accounts: {known}. Choose one: mp account use NAME, or "
            "mp.accounts.use(name)."
        )
    return (
        "No account is configured. Log in with `mp login` or mp.accounts.login_unified(), or set "
        "MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION. Without an account: mpnb.local(…) "
        "and mpnb.demo()."
    )


def of_environment() -> Account | None:
    """The account that the environment holds, if it holds a whole one.

    Raises:
        ConfigError: ``MP_REGION`` is no region.
    """
    value = os.environ.get
    region, project = value("MP_REGION", "").strip(), value("MP_PROJECT_ID", "").strip()
    if region:
        where = "MP_REGION in the environment (us, eu or in)"
        region = checked(REGION, region, where)
    if not (region and project):
        return None
    _digits(project, "MP_PROJECT_ID")
    where = checked(REGION, region, "MP_REGION")
    user, secret, token = value("MP_USERNAME"), value("MP_SECRET"), value("MP_OAUTH_TOKEN")
    if user and secret:
        return ServiceAccount(
            name="env-service-account",
            region=where,
            default_project=project,
            username=user,
            secret=SecretStr(secret),
        )
    if token:
        return OAuthTokenAccount(
            name="env-oauth-token", region=where, default_project=project, token=SecretStr(token)
        )
    return None


def _variables(account: Account) -> tuple[str, ...]:
    own = ("MP_USERNAME", "MP_SECRET") if account.type == "service_account" else ("MP_OAUTH_TOKEN",)
    return (*own, "MP_PROJECT_ID", "MP_REGION")


def _project(
    account: Account, asked: Asked, target: Target | None, bridge: BridgeFile | None
) -> Choice:
    environment = os.environ.get("MP_PROJECT_ID", "").strip()
    named = asked.project or (target.project if target else None)
    by = f"project={asked.project!r}" if asked.project else f"target={asked.target!r}"
    if environment:
        _digits(environment, "MP_PROJECT_ID")
        if named not in (None, environment):
            tell(
                f"Project: MP_PROJECT_ID={environment} wins over {by}, which names {named}. Unset "
                "it, or use ws.use(project=…)."
            )
        return environment, "MP_PROJECT_ID"
    if named is not None:
        return named, by
    if bridge is not None and bridge.project is not None:
        return bridge.project, f"bridge file {bridges.find()}"
    default = None if account.type == "local" else account.default_project
    if default is not None:
        return default, f"default project of account {account.name}"
    raise ConfigError(
        f"Account {account.name!r} has no default project: name one with project= (--project), "
        "MP_PROJECT_ID, mp.session.use(project=…) or mp project use ID; mp project list has them.",
        {"missing": "project", "account": account.name},
    )


def _view(
    asked: Asked,
    target: Target | None,
    bridge: BridgeFile | None,
    project: str,
    active: int | None,
) -> tuple[int | None, str]:
    """The data view; one that is saved counts only for the project that it was saved with."""
    environment = view_of_environment()
    named = asked.workspace or (target.workspace if target and target.project == project else None)
    by = f"workspace={asked.workspace}" if asked.workspace else f"target={asked.target!r}"
    if environment is not None:
        if named not in (None, environment):
            tell(f"Data view: MP_WORKSPACE_ID={environment} wins over {by}, which names {named}.")
        return environment, "MP_WORKSPACE_ID"
    if named is not None:
        return named, by
    if bridge is not None and bridge.workspace is not None and bridge.project in (None, project):
        return bridge.workspace, f"bridge file {bridges.find()}"
    if active is not None and target is None:
        return active, "[active] in the configuration"
    return None, NONE


def view_of_environment() -> int | None:
    """``MP_WORKSPACE_ID``, if it is set.

    Raises:
        ConfigError: it is no positive number.
    """
    text = os.environ.get("MP_WORKSPACE_ID", "").strip()
    return checked(WORKSPACE, text, f"MP_WORKSPACE_ID={text}") if text else None


def _digits(project: object, what: str) -> None:
    if project is not None:
        checked(PROJECT, project, f"{what}={project!r}")


def _positive(view: object, what: str) -> None:
    if view is not None:
        checked(WORKSPACE, view, f"{what}={view!r}")
