"""The guided login: from nothing, or from an earlier login, to an account that is active.

Enters: what the person said. Leaves: an account in the configuration, its tokens, and what ``/me``
said. The surprise: everything is asked first and written last, so a login that fails changes
nothing; logging in again as the same one renews the account instead of adding a second.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpnb.account import config as configs
from mpnb.account import guided, login, me, probe, tokens
from mpnb.account.config import ACCOUNT, Config, checked
from mpnb.account.guided import ProjectPicker, Wish, narrate
from mpnb.account.login import InHand, SignedIn
from mpnb.account.me import MeResponse
from mpnb.account.models import Account, OAuthBrowserAccount, Region, RemoteAccount
from mpnb.account.notice import tell
from mpnb.account.summary import AccountSummary, summary
from mpnb.errors import ConfigError

Progress = Callable[[str], contextlib.AbstractContextManager[None]]
"""Wraps a request that takes a moment; given what is being done."""

PLACEHOLDER = "account"


def quiet(what: str) -> contextlib.AbstractContextManager[None]:
    """Show nothing while a request takes a moment."""
    return contextlib.nullcontext()


@dataclass(frozen=True)
class _Known:
    """What a login found out before anything is written."""

    account: RemoteAccount
    me: MeResponse | None
    signed: SignedIn | None = None


def unified(wish: Wish, picker: ProjectPicker | None, progress: Progress) -> AccountSummary:
    """Log in as the wish says; see `mpnb.accounts.login_unified`."""
    kind = wish.kind
    config = configs.load()
    earlier = _earlier(config, wish)
    region = earlier.region if earlier else wish.region
    if kind == "local":
        raise ConfigError("A local store needs no login: mp.accounts.add(name, type='local', …).")
    with progress("Asking Mixpanel who you are"):
        known = _ask(wish, region)
    again = earlier or _same_one(config, known)
    made = _finished(wish, known, again, config, picker)
    return _written(made, known)


def _earlier(config: Config, wish: Wish) -> RemoteAccount | None:
    """The account that is logged in to again, if its name was said."""
    if wish.name is None or wish.name not in config.account_names:
        return None
    found = config.account(wish.name)
    if found.type == "local" or found.type != wish.kind:
        raise ConfigError(
            f"Account {wish.name!r} is of type {found.type}, this login of type {wish.kind}. "
            "Choose another name, or remove the account first."
        )
    if wish.region not in (None, found.region):
        raise ConfigError(
            f"Account {wish.name!r} is in region {found.region}, this login in {wish.region}. "
            f"Choose another name, or mp.accounts.update({wish.name!r}, region=…)."
        )
    return found


def _ask(wish: Wish, region: Region | None) -> _Known:
    if wish.kind == "oauth_browser":
        return _signed_in(wish, region or "us")
    return _accepted(_credentials(wish), region)


def _signed_in(wish: Wish, region: Region) -> _Known:
    account = OAuthBrowserAccount(name=PLACEHOLDER, region=region)
    signed = login.sign_in(account, open_browser=not wish.no_browser)
    scope = probe.Asking(account, InHand(signed.tokens), configs.load().headers)
    return _Known(account, probe.fetch(scope), signed)


def _credentials(wish: Wish) -> dict[str, Any]:
    if wish.kind == "service_account":
        return {"type": wish.kind, "username": wish.username(), "secret": wish.secret()}
    if wish.kind == "project_secret":
        return {"type": wish.kind, "secret": wish.secret()}
    return {"type": wish.kind, "token_env": wish.token_variable()}


def _accepted(credentials: dict[str, Any], region: Region | None) -> _Known:
    """Credentials in the region that accepts them."""

    def inside(where: Region) -> RemoteAccount:
        return _remote({**credentials, "name": PLACEHOLDER, "region": where})

    headers = configs.load().headers
    if credentials["type"] == "project_secret":
        if region is None:
            region = probe.find_region_of_secret(inside, narrate)
        return _Known(inside(region), None)
    if region is None:
        region, found = probe.find_region(inside, narrate, headers)
        return _Known(inside(region), found)
    account = inside(region)
    return _Known(account, probe.fetch(probe.Asking(account, headers=headers)))


def _remote(data: dict[str, Any]) -> RemoteAccount:
    made = checked(ACCOUNT, data, f"Account {data['name']!r}")
    assert made.type != "local", "credentials are of Mixpanel's accounts"
    return made


def _same_one(config: Config, known: _Known) -> RemoteAccount | None:
    """The account that the same one logged in to before, whatever it is called."""
    for name in config.account_names:
        found = config.account(name)
        if found.type == "local" or found.region != known.account.region:
            continue
        if _is_same(found, known):
            return found
    return None


def _is_same(found: RemoteAccount, known: _Known) -> bool:
    new = known.account
    if found.type == "service_account" and new.type == "service_account":
        return found.username == new.username
    if found.type == "oauth_token" and new.type == "oauth_token":
        return found.token_env is not None and found.token_env == new.token_env
    if found.type == "oauth_browser" and new.type == "oauth_browser" and known.me is not None:
        before = me.peek(found)
        user = known.me.user_id
        return user is not None and before is not None and before.user_id == user
    return False


def _finished(
    wish: Wish,
    known: _Known,
    again: RemoteAccount | None,
    config: Config,
    picker: ProjectPicker | None,
) -> RemoteAccount:
    """The account under its name, with its project."""
    name, project = wish.name, None
    if again is not None and wish.name in (None, again.name):
        if wish.project not in (None, again.default_project):
            narrate(
                f"Logging in to {again.name!r} again: its project stays {again.default_project}. "
                "Change it: mp.session.use(project=…)."
            )
        name, project = again.name, again.default_project
    if known.me is None:
        project = project or wish.project
        name = name or f"project-{project}"
    else:
        project = project or guided.choose_project(wish, known.me, picker)
        name = name or guided.derived_name(known.me, config.account_names)
        if known.signed is not None and project is not None:
            guided.check_region(project, known.me, known.account.region)
    return _remote({**known.account.model_dump(), "name": name, "default_project": project})


def _written(account: RemoteAccount, known: _Known) -> AccountSummary:
    if known.signed is not None:
        tokens.save(tokens.tokens_path(account.name), known.signed.tokens)
    if known.me is not None:
        me.keep(account, known.me)
    with configs.edit() as editor:
        active = editor.config.active
        editor.put_account(account)
        editor.activate(account.name, active.workspace if active.account == account.name else None)
        config = editor.config
    return summary(account, config)


def first_project(account: Account, found: MeResponse) -> None:
    """Give an account without a default project the first that it sees, in order of their ids."""
    if account.type == "local" or account.default_project is not None or not found.projects:
        return
    first = sorted(found.projects)[0]
    with configs.edit() as editor:
        editor.set_project(account.name, first)
    if len(found.projects) > 1:
        tell(
            f"Account {account.name!r} sees {len(found.projects)} projects; its default one is "
            f"now {first} ({found.projects[first].name}). Change it: mp.session.use(project=…)."
        )
