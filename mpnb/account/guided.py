"""Logging in from nothing: which kind of account, where, which project, under which name.

Enters: what the person said, the environment, and what ``/me`` answers. Leaves: choices. The
surprise: nothing is written here, so a login that fails leaves nothing behind.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from mpnb.account.me import MeProjectInfo, MeResponse
from mpnb.account.models import AccountType, Region
from mpnb.engine.mixpanel.regions import HOSTS
from mpnb.errors import ConfigError, InvalidArgumentError, ProjectNotFoundError

ProjectPicker = Callable[[MeResponse, list[tuple[str, MeProjectInfo]]], str]
"""Given what ``/me`` says and the projects by name, returns the id of the chosen one."""

MOST_OF_A_NAME = 32
MOST_OF_STDIN = 64 * 1024


@dataclass(frozen=True)
class Wish:
    """What the person said about the login."""

    name: str | None = None
    region: Region | None = None
    project: str | None = None
    account_type: AccountType | None = None
    no_browser: bool = False
    secret_stdin: bool = False
    token_env: str | None = None
    service_account: bool = False

    @property
    def kind(self) -> AccountType:
        """The type of account: said, or what the environment has credentials for.

        Raises:
            InvalidArgumentError: what was said does not go together.
        """
        said = self._said()
        if self.no_browser and said != "oauth_browser":
            raise InvalidArgumentError(
                f"--no-browser (no_browser=True) is about signing in with the browser; this is a "
                f"login of type {said}.",
                violation="no_browser_misuse",
                detected_auth_type=said,
            )
        if self.secret_stdin and said not in ("service_account", "project_secret"):
            raise InvalidArgumentError(
                f"--secret-stdin (secret_stdin=True) is about a secret; this is a login of type "
                f"{said}, which has none.",
                violation="secret_stdin_misuse",
                detected_auth_type=said,
            )
        return said

    def _said(self) -> AccountType:
        wanted = {
            *([self.account_type] if self.account_type else ()),
            *(["service_account"] if self.service_account else ()),
            *(["oauth_token"] if self.token_env else ()),
        }
        if len(wanted) > 1:
            raise InvalidArgumentError(
                f"{' and '.join(sorted(wanted))} exclude each other: say one.",
                violation="mutually_exclusive",
            )
        if self.account_type:
            return self.account_type
        if self.service_account:
            return "service_account"
        if self.token_env:
            return "oauth_token"
        if os.environ.get("MP_USERNAME") and os.environ.get("MP_SECRET"):
            return "service_account"
        return "oauth_token" if os.environ.get("MP_OAUTH_TOKEN") else "oauth_browser"

    def username(self) -> str:
        """The user name of a service account, from the environment.

        Raises:
            ConfigError: it is not there.
        """
        found = os.environ.get("MP_USERNAME", "").strip()
        if not found:
            raise ConfigError("Set MP_USERNAME to the service account's user name.")
        return found

    def secret(self) -> SecretStr:
        """The secret, from standard input or the environment.

        Raises:
            ConfigError: it is not there.
        """
        if self.secret_stdin:
            text = sys.stdin.read(MOST_OF_STDIN + 1).strip()
            if not text or len(text) > MOST_OF_STDIN:
                raise ConfigError("Standard input holds no secret (or more than 64 KiB).")
            return SecretStr(text)
        text = os.environ.get("MP_SECRET", "")
        if not text:
            raise ConfigError("Set MP_SECRET to the secret, or hand it over on standard input.")
        return SecretStr(text)

    def token_variable(self) -> str:
        """The environment variable that holds the bearer token.

        Raises:
            ConfigError: it is not set.
        """
        name = self.token_env or "MP_OAUTH_TOKEN"
        if not os.environ.get(name):
            raise ConfigError(f"Set {name} to the bearer token.")
        return name


def choose_project(wish: Wish, found: MeResponse, picker: ProjectPicker | None) -> str | None:
    """The project: said, of the environment, the only one, or picked; None when there is none.

    Raises:
        ProjectNotFoundError: the account does not see the one that was said.
        ConfigError: there are several, and nobody picks.
    """
    if wish.project is not None:
        return _visible(wish.project, found)
    environment = os.environ.get("MP_PROJECT_ID", "").strip()
    if environment in found.projects:
        return environment
    if environment:
        narrate(f"MP_PROJECT_ID={environment} is not visible to this account and is left aside.")
    listed = found.sorted_projects()
    if len(listed) <= 1:
        return listed[0][0] if listed else None
    if picker is not None:
        return _visible(picker(found, listed), found)
    shown = ", ".join(f"{project.name} ({number})" for number, project in listed[:10])
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    raise ConfigError(
        f"This account sees {len(listed)} projects: {shown}{more}. Say which: project=ID."
    )


def _visible(project: str, found: MeResponse) -> str:
    if project not in found.projects:
        raise ProjectNotFoundError(project, sorted(found.projects))
    return project


def check_region(project: str | None, found: MeResponse, region: Region) -> None:
    """See that a project lives in the region that was signed in to.

    Raises:
        ConfigError: it lives in another one.
    """
    if os.environ.get("MP_API_BASE_URL") or os.environ.get("MP_APP_BASE_URL"):
        return
    domain = found.projects[project].domain if project in found.projects else None
    homes = {urlsplit(hosts.web).hostname: name for name, hosts in HOSTS.items()}
    home = homes.get(domain)
    if home is not None and home != region:
        raise ConfigError(
            f"Project {project} lives in region {home}, but you signed in to {region}. Log in "
            f"again with region={home!r}."
        )


def derived_name(found: MeResponse, taken: Iterable[str]) -> str:
    """A name from the first organisation, with a number where it is taken."""
    first = next(iter(found.organizations.values()), None)
    base = "account"
    if first is not None:
        slug = re.sub(r"[^a-z0-9]+", "-", first.name.lower()).strip("-")[:MOST_OF_A_NAME]
        base = slug.strip("-") or f"org-{first.id}"
    names = set(taken)
    tries = (base if n == 1 else f"{base}-{n}" for n in range(1, len(names) + 3))
    return next(name for name in tries if name not in names)


def narrate(line: str) -> None:
    """Say what is going on, beside the output."""
    print(line, file=sys.stderr, flush=True)
