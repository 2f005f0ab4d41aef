"""Configured accounts (``mp.accounts``): add, log in, test, switch, hand over, remove.

Enters: names and credentials. Leaves: summaries without secrets. The surprise: nothing here touches
a workspace that is open; it decides what the next one starts with.
"""

from __future__ import annotations

import builtins
import contextlib
import shutil
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from mpnb.account import bridge as bridges
from mpnb.account import config as configs
from mpnb.account import files, guided, me, probe, tokens, unified
from mpnb.account import login as signing
from mpnb.account.config import ACCOUNT, Config, checked
from mpnb.account.guided import ProjectPicker, Wish
from mpnb.account.models import Account, AccountType, Region, given_parts, hidden
from mpnb.account.summary import (
    AccountSummary,
    AccountTestResult,
    OAuthLoginResult,
    failed_test,
    store_test,
    summary,
)
from mpnb.account.tokens import OnDiskTokenResolver
from mpnb.account.unified import Progress as ProgressFactory
from mpnb.errors import (
    AccountExistsError,
    AccountInUseError,
    APIError,
    ConfigError,
    MixpanelHeadlessError,
)

__all__ = [
    "AccountSummary",
    "AccountTestResult",
    "OAuthLoginResult",
    "ProgressFactory",
    "ProjectPicker",
    "add",
    "export_bridge",
    "list",
    "login",
    "login_unified",
    "logout",
    "remove",
    "remove_bridge",
    "show",
    "test",
    "token",
    "update",
    "use",
]


def list() -> builtins.list[AccountSummary]:
    """All accounts, by name."""
    config = configs.load()
    return [summary(config.account(name), config) for name in config.account_names]


def add(
    name: str | None = None,
    *,
    type: AccountType,
    region: Region | None = None,
    default_project: str | None = None,
    username: str | None = None,
    secret: SecretStr | str | None = None,
    token: SecretStr | str | None = None,
    token_env: str | None = None,
    path: Path | str | None = None,
    derive_name: bool = False,
) -> AccountSummary:
    """Add an account; the first one becomes active.

    Args:
        name: what it is called: letters, digits, ``_`` and ``-``.
        type: service_account, oauth_browser, oauth_token, project_secret or local.
        region: us, eu or in; an oauth_browser account may leave it out (us).
        default_project: id of the project that is asked unless another is named.
        username: of a service account.
        secret: of a service account, or the API secret of a project.
        token: a bearer token; or
        token_env: the environment variable that holds one.
        path: the store, file or folder of a local account.
        derive_name: ask Mixpanel, and name it after the first organisation.

    Raises:
        TypeError: neither a name nor derive_name, or both.
        AccountExistsError: the name is taken.
        ConfigError: a value is missing, not right, or not of this type of account.
    """
    secret, token = hidden(secret), hidden(token)
    if derive_name == (name is not None):
        raise TypeError("give either a name or derive_name=True")
    if region is None and type == "oauth_browser":
        region = "us"
    given = given_parts(region, default_project, username, secret, token, token_env, path)
    called = unified.PLACEHOLDER if name is None else name
    data: dict[str, Any] = {"type": type, "name": called, **given}
    account = checked(ACCOUNT, data, f"Account {name or type!r}")
    known = None
    if derive_name:
        if account.type == "oauth_browser":
            raise ConfigError("An oauth_browser account gets its name from mp login.")
        known = probe.fetch(_asking(account))
        derived = guided.derived_name(known, configs.load().account_names)
        account = account.model_copy(update={"name": derived})
    with configs.edit() as editor:
        if account.name in editor.config.account_names:
            raise AccountExistsError(account.name)
        first = not editor.config.account_names
        editor.put_account(account)
        if first:
            editor.activate(account.name, None)
        config = editor.config
    if known is not None:
        me.keep(account, known)
    return summary(account, config)


def update(
    name: str,
    *,
    region: Region | None = None,
    default_project: str | None = None,
    username: str | None = None,
    secret: SecretStr | str | None = None,
    token: SecretStr | str | None = None,
    token_env: str | None = None,
    path: Path | str | None = None,
) -> AccountSummary:
    """Change an account; what is left out stays. Its type stays too.

    Another region or default project drops the data view that is pinned with it.

    Raises:
        AccountNotFoundError: there is none of that name.
        ConfigError: a value is not right, or not of this type of account.
    """
    secret, token = hidden(secret), hidden(token)
    given = given_parts(region, default_project, username, secret, token, token_env, path)
    with configs.edit() as editor:
        before = editor.config.account(name)
        data = {**before.model_dump(), **given}
        if before.type == "oauth_token" and (token is None) != (token_env is None):
            data["token" if token is None else "token_env"] = None  # one takes the other's place
        account = checked(ACCOUNT, data, f"The change to account {name!r}")
        editor.put_account(account)
        moved = any(key in given for key in ("region", "default_project")) and account != before
        if moved and editor.config.active.account == name:
            editor.activate(name, None)
        config = editor.config
    return summary(account, config)


def remove(name: str, *, force: bool = False) -> builtins.list[str]:
    """Delete an account with its tokens.

    Args:
        name: the account.
        force: delete it although targets lead to it.

    Returns:
        The targets that lead nowhere now.

    Raises:
        AccountNotFoundError: there is none of that name.
        AccountInUseError: targets lead to it.
    """
    with configs.edit() as editor:
        config = editor.config
        if name not in config.account_names:
            config.account(name)  # says which there are
        orphans = config.targets_of(name)
        if orphans and not force:
            raise AccountInUseError(name, orphans)
        editor.drop("accounts", name)
        if config.active.account == name:
            editor.activate(None, None)
    shutil.rmtree(files.account_folder(name), ignore_errors=True)
    return orphans


def use(name: str) -> None:
    """Make an account the active one; a data view that is pinned is dropped with the change.

    Raises:
        AccountNotFoundError: there is none of that name.
    """
    with configs.edit() as editor:
        editor.config.account(name)
        active = editor.config.active
        editor.activate(name, active.workspace if active.account == name else None)


def show(name: str | None = None) -> AccountSummary:
    """One account; by default the active one.

    Raises:
        AccountNotFoundError: there is none of that name.
        ConfigError: no account is active.
    """
    config = configs.load()
    return summary(_named(config, name), config)


def test(name: str | None = None) -> AccountTestResult:  # noqa: PT028  not pytest's
    """Ask Mixpanel whether an account's credentials are accepted; never raises.

    Args:
        name: the account; by default the active one.
    """
    shown = name or "(active)"
    account: Account | None = None
    try:
        account = _named(configs.load(), name)
        shown = account.name
        if account.type == "local":
            return store_test(account)
        if account.type == "project_secret":
            probe.knock(_asking(account))
            return AccountTestResult(account_name=shown, ok=True)
        found = me.keep(account, probe.fetch(_asking(account)))
    except APIError as problem:
        with contextlib.suppress(MixpanelHeadlessError):
            if account is not None:
                me.forget(account)
        return failed_test(shown, problem)
    except MixpanelHeadlessError as problem:
        return failed_test(shown, problem)
    except Exception as problem:  # the promise of this function: a result, whatever happens
        return AccountTestResult(account_name=shown, ok=False, error=f"{problem!r}")
    return AccountTestResult(
        account_name=shown, ok=True, user=found.user, accessible_project_count=len(found.projects)
    )


def login(name: str, *, open_browser: bool = True) -> OAuthLoginResult:
    """Sign in to an oauth_browser account with the browser.

    Args:
        name: the account.
        open_browser: open the page. Else, and where no browser can be opened, the page's address
            is shown, and the address that it ends on can be pasted.

    Raises:
        ConfigError: there is no such account, or it is of another type.
        OAuthError: a leg of the sign-in failed; its code says which.
    """
    account = configs.load().account(name)
    if account.type != "oauth_browser":
        raise ConfigError(f"Account {name!r} is of type {account.type}: it needs no login.")
    signed = signing.sign_in(account, open_browser=open_browser)
    path, user = tokens.tokens_path(name), None
    with files.locked(path):
        tokens.save(path, signed.tokens)
    me.forget(account)
    with contextlib.suppress(MixpanelHeadlessError):  # signed in all the same
        found = me.keep(account, probe.fetch(_asking(account)))
        unified.first_project(account, found)
        user = found.user
    return OAuthLoginResult(
        account_name=name,
        user=user,
        expires_at=signed.tokens.expires_at,
        tokens_path=path,
        client_path=signed.client_path,
    )


def login_unified(
    *,
    name: str | None = None,
    region: Region | None = None,
    project: str | None = None,
    account_type: AccountType | None = None,
    no_browser: bool = False,
    secret_stdin: bool = False,
    token_env: str | None = None,
    service_account: bool = False,
    project_picker: ProjectPicker | None = None,
    progress: ProgressFactory | None = None,
) -> AccountSummary:
    """Log in, whatever is there: one call from nothing to an active account.

    The kind of account is the one said, else a service account (``MP_USERNAME`` and ``MP_SECRET``
    are set), else a bearer token (``MP_OAUTH_TOKEN``), else the browser. The region is found by
    trying, but for the browser (us unless said). Logging in again keeps the account's project.

    Args:
        name: of the account; by default after the first organisation.
        region: us, eu or in.
        project: id of the default project; it must be visible.
        account_type: kind of account.
        no_browser: show the sign-in page's address instead of opening it.
        secret_stdin: read the secret from standard input.
        token_env: the environment variable that holds a bearer token.
        service_account: the same as ``account_type="service_account"``.
        project_picker: chooses among several projects, given ``/me`` and the projects by name.
        progress: wraps the request that takes a moment.

    Raises:
        InvalidArgumentError: arguments do not go together.
        ProjectNotFoundError: the account does not see the project.
        ConfigError: several projects and nobody chooses, another region, or another type.
        RegionProbeError: no region accepts the credentials.
        OAuthError: signing in failed.
    """
    wish = Wish(
        name=name,
        region=region,
        project=project,
        account_type=account_type,
        no_browser=no_browser,
        secret_stdin=secret_stdin,
        token_env=token_env,
        service_account=service_account,
    )
    return unified.unified(wish, project_picker, progress or unified.quiet)


def logout(name: str) -> None:
    """Delete the tokens of an oauth_browser account; the account itself stays.

    Raises:
        AccountNotFoundError: there is none of that name.
    """
    account = configs.load().account(name)
    files.remove(tokens.tokens_path(name))
    if account.type == "oauth_browser":
        me.forget(account)


def token(name: str | None = None) -> str | None:
    """The bearer token of an OAuth account, renewed if need be; None for other types.

    Raises:
        AccountNotFoundError: there is none of that name.
        OAuthError: there is no token, or it cannot be renewed.
    """
    account = _named(configs.load(), name)
    if account.type == "oauth_browser":
        return OnDiskTokenResolver().get_browser_token(account.name, account.region)
    return account.read_token() if account.type == "oauth_token" else None


def export_bridge(
    *,
    to: Path,
    account: str | None = None,
    project: str | None = None,
    workspace: int | None = None,
) -> Path:
    """Write an account with its secrets to one file, for a machine that has none.

    Args:
        to: the file; only its owner can read it.
        account: name of the account; by default the active one.
        project: id of a project to pin.
        workspace: id of a data view to pin.

    Raises:
        ConfigError: there is no such account, or a value is not right.
        OAuthError: the account signs in with the browser, and nobody has.
    """
    config = configs.load()
    bridge = bridges.made(config, _named(config, account), project, workspace)
    return bridges.write(Path(to).expanduser(), bridge)


def remove_bridge(*, at: Path | None = None) -> bool:
    """Delete a bridge file: the one named, else the one in force. False where there was none."""
    path = at or bridges.find()
    return path is not None and files.remove(path.expanduser())


def _named(config: Config, name: str | None) -> Account:
    chosen = name or config.active.account
    if chosen is None:
        raise ConfigError("No account is active: name one, or choose one with mp account use NAME.")
    return config.account(chosen)


def _asking(account: Account) -> probe.Asking:
    if account.type == "local":
        raise ConfigError(f"Account {account.name!r} is a local store: there is nobody to ask.")
    config = configs.load()
    return probe.Asking(account, headers=config.headers, project_id=account.default_project or "")
