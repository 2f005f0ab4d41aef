"""Where Mixpanel's APIs are: one base address per family and region.

Enters: a family of endpoints, a region, the environment. Leaves: an address without a trailing
slash. The surprise: the environment is read at every request, so a notebook can point a running
workspace at a test server; it then covers every family, signing in and short links included.

Source of the addresses: https://developer.mixpanel.com/reference/overview (regions) and the server
lists of Mixpanel's public OpenAPI files.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from mpnb.errors import ConfigError

Family = Literal["query", "engage", "export", "app", "oauth", "web", "ingestion", "outside"]


@dataclass(frozen=True)
class Hosts:
    """The three servers of a region."""

    web: str
    """Application, queries, signing in, short links."""
    data: str
    """Raw export."""
    api: str
    """Ingestion."""


HOSTS: dict[str, Hosts] = {
    "us": Hosts("https://mixpanel.com", "https://data.mixpanel.com", "https://api.mixpanel.com"),
    "eu": Hosts(
        "https://eu.mixpanel.com", "https://data-eu.mixpanel.com", "https://api-eu.mixpanel.com"
    ),
    "in": Hosts(
        "https://in.mixpanel.com", "https://data-in.mixpanel.com", "https://api-in.mixpanel.com"
    ),
}
"""Region → its servers."""

PATHS: dict[Family, str] = {
    "query": "/api/query",
    "engage": "/api/query/engage",
    "export": "/api/2.0",
    "app": "/api/app",
    "oauth": "/oauth",
    "web": "",
    "ingestion": "",
    "outside": "",
}
"""What stands between the server and a call's own path.

``outside`` is an address that Mixpanel handed out (a signed upload, a replay file): the call's path
is the whole address, and no credentials go there."""

ANONYMOUS: frozenset[Family] = frozenset({"oauth", "outside"})
"""Families that are called without the account's credentials."""


def base_url(family: Family, region: str) -> str:
    """The address that the paths of a family are appended to.

    ``MP_API_BASE_URL`` replaces scheme and host of every family, ``MP_APP_BASE_URL`` those of the
    app family only, and wins there.

    Raises:
        ConfigError: the region is none of us, eu, in; or a variable holds no address.
    """
    if region not in HOSTS:
        raise ConfigError(f"There is no region {region!r}: it is us, eu or in.")
    if family == "outside":
        return ""
    return (_override(family) or _host(family, HOSTS[region])) + PATHS[family]


def _host(family: Family, hosts: Hosts) -> str:
    return {"export": hosts.data, "ingestion": hosts.api}.get(family, hosts.web)


def _override(family: Family) -> str:
    names = ("MP_APP_BASE_URL", "MP_API_BASE_URL") if family == "app" else ("MP_API_BASE_URL",)
    for name in names:
        given = os.environ.get(name, "").strip().rstrip("/")
        if "@" in given:
            del given  # a traceback with locals would show it
            raise ConfigError(
                f"{name} holds a user name or a password before its @: leave them out; the account "
                "says who asks."
            )
        if given and not given.startswith(("http://", "https://")):
            raise ConfigError(
                f"{name} is {given!r}, which is no address: it starts with http:// or https://, "
                "for example http://127.0.0.1:8000."
            )
        if given:
            return given
    return ""
