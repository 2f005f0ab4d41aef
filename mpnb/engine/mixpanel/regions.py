"""Where Mixpanel's APIs are: one base address per family and region.

Enters: a family of endpoints, a region, the environment. Leaves: an address without a trailing
slash. The surprise: the environment is read at every request, so a notebook can point a running
workspace at a test server.

Source of the addresses: https://developer.mixpanel.com/reference/overview (regions) and the server
lists of Mixpanel's public OpenAPI files.
"""

from __future__ import annotations

import os
from typing import Literal

from mpnb.errors import ConfigError

Family = Literal["query", "engage", "export", "app"]

HOSTS: dict[str, tuple[str, str]] = {
    "us": ("https://mixpanel.com", "https://data.mixpanel.com"),
    "eu": ("https://eu.mixpanel.com", "https://data-eu.mixpanel.com"),
    "in": ("https://in.mixpanel.com", "https://data-in.mixpanel.com"),
}
"""Region → (application and query host, raw data host)."""

PATHS: dict[Family, str] = {
    "query": "/api/query",
    "engage": "/api/query/engage",
    "export": "/api/2.0",
    "app": "/api/app",
}


def base_url(family: Family, region: str) -> str:
    """The address that the paths of a family are appended to.

    ``MP_API_BASE_URL`` replaces scheme and host of every family, ``MP_APP_BASE_URL`` those of the
    app family only, and wins there.

    Raises:
        ConfigError: the region is none of us, eu, in.
    """
    if region not in HOSTS:
        raise ConfigError(f"There is no region {region!r}: it is us, eu or in.")
    override = os.environ.get("MP_API_BASE_URL", "")
    if family == "app":
        override = os.environ.get("MP_APP_BASE_URL", "") or override
    host = override.rstrip("/") or HOSTS[region][family == "export"]
    return host + PATHS[family]
