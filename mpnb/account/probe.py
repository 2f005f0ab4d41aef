"""Asks Mixpanel who an account is, in its own region or in whichever knows it.

Enters: an account. Leaves: a `MeResponse`, and the region that answered. The surprise: finding the
region tries each once and briefly; the first that accepts the credentials wins.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from mpnb.account import me
from mpnb.account.config import checked
from mpnb.account.me import MeResponse
from mpnb.account.models import REGIONS, Region, RemoteAccount, TokenResolver
from mpnb.account.resolve import REGION
from mpnb.account.tokens import OnDiskTokenResolver
from mpnb.engine.mixpanel.transport import Call, Transport
from mpnb.errors import (
    APIError,
    ConfigError,
    MixpanelHeadlessError,
    OAuthError,
    RegionProbeError,
    RegionProbeNetworkError,
)

BRIEFLY_S = 5.0
EXCERPT = 4096
ME = Call("GET", "app", "/me", timeout_s=60.0, attempts=2)
"""A person waits for it: two minutes are the most, where a server says nothing at all."""

Attempt = tuple[str, int, str]


@dataclass(frozen=True)
class Asking:
    """An account as a scope of its own, before a project is known."""

    account: RemoteAccount
    resolver: TokenResolver = field(default_factory=OnDiskTokenResolver, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    project_id: str = ""
    workspace_id: int | None = None

    @property
    def region(self) -> Region:
        """Where the account's data lives."""
        return self.account.region

    def auth_header(self) -> str:
        """The value of the ``Authorization`` header."""
        return self.account.auth_header(token_resolver=self.resolver)


def fetch(scope: Any, call: Call = ME) -> MeResponse:
    """Ask ``/me`` as a scope's account; nothing is kept.

    Raises:
        AuthenticationError: the credentials are refused.
        QueryError: they are good, but may not ask this (403).
        MixpanelHeadlessError: no connection, or no answer of that shape.
    """
    transport = Transport(scope)
    try:
        return me.parse(transport.send(call))
    finally:
        transport.close()


def seen(account: RemoteAccount, headers: Mapping[str, str], refresh: bool) -> MeResponse:
    """What an account sees, whether or not it has a project; kept for a day.

    Raises:
        AuthenticationError: the credentials are refused.
        MixpanelHeadlessError: as `fetch` does.
    """
    found = None if refresh else me.peek(account)
    return found or me.keep(account, fetch(Asking(account, headers=headers)))


def find_region(
    account_in: Callable[[Region], RemoteAccount],
    tell: Callable[[str], None] = lambda line: None,
    headers: Mapping[str, str] | None = None,
) -> tuple[Region, MeResponse]:
    """The region that accepts an account's credentials, and what ``/me`` says there.

    Args:
        account_in: the account, were it in a region.
        tell: is told of each attempt.
        headers: sent along.

    Raises:
        RegionProbeError: none accepts them; RegionProbeNetworkError: none can be reached.
    """
    attempts: list[Attempt] = []
    for region in candidates():
        tell(f"Trying region {region} …")
        found = _answer(account_in(region), headers or {})
        if isinstance(found, MeResponse):
            return region, found
        attempts.append((region, *found))
    raise _nowhere(attempts)


def candidates() -> tuple[Region, ...]:
    """The regions to try; one alone where ``MP_API_BASE_URL`` replaces them all.

    Raises:
        ConfigError: ``MP_REGION`` is no region.
    """
    if not (os.environ.get("MP_API_BASE_URL") or os.environ.get("MP_APP_BASE_URL")):
        return REGIONS
    return (checked(REGION, os.environ.get("MP_REGION", "").strip() or "us", "MP_REGION"),)


def _answer(account: RemoteAccount, headers: Mapping[str, str]) -> MeResponse | tuple[int, str]:
    call = Call("GET", "app", "/me", timeout_s=BRIEFLY_S, attempts=1)
    try:
        return fetch(Asking(account, headers=headers), call)
    except APIError as problem:
        return problem.status_code, str(problem.response_body or problem.message)[:EXCERPT]
    except (ConfigError, OAuthError):
        raise
    except MixpanelHeadlessError as problem:
        status = problem.details.get("status_code", 0)
        return int(status), problem.message[:EXCERPT]


def knock(scope: Any, attempts: int | None = None) -> None:
    """See whether the Export API accepts a scope's credentials, without reading an event.

    Raises:
        APIError: it does not.
        MixpanelHeadlessError: no connection.
    """
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    query: dict[str, Any] = {"from_date": yesterday, "to_date": yesterday, "limit": 1}
    if scope.account.type != "project_secret":
        query["project_id"] = scope.project_id or None
    transport = Transport(scope)
    call = Call("GET", "export", "/export", query, timeout_s=30.0, attempts=attempts)
    try:
        with transport.stream(call) as stream:
            next(stream.chunks, b"")
    finally:
        transport.close()


def find_region_of_secret(
    account_in: Callable[[Region], RemoteAccount], tell: Callable[[str], None] = lambda line: None
) -> Region:
    """The region whose Export API accepts a project's API secret.

    Raises:
        RegionProbeError: none does; RegionProbeNetworkError: none can be reached.
    """
    attempts: list[Attempt] = []
    for region in candidates():
        tell(f"Trying region {region} …")
        try:
            knock(Asking(account_in(region)), attempts=1)
        except APIError as problem:
            attempts.append((region, problem.status_code, problem.message[:EXCERPT]))
        except ConfigError:
            raise
        except MixpanelHeadlessError as problem:
            attempts.append((region, 0, problem.message[:EXCERPT]))
        else:
            return region
    raise _nowhere(attempts)


def _nowhere(attempts: list[Attempt]) -> RegionProbeError:
    said = "; ".join(f"{region}: {status or 'no answer'}" for region, status, _ in attempts)
    if all(status == 0 for _, status, _ in attempts):
        return RegionProbeNetworkError(
            f"No region of Mixpanel can be reached ({said}). Check the connection.",
            attempts=attempts,
        )
    if not any(status in (401, 403) for _, status, _ in attempts):
        return RegionProbeError(
            f"No region answers as Mixpanel does ({said}): {attempts[-1][2]} A proxy or a sign-in "
            "page may answer instead, or MP_API_BASE_URL may be wrong.",
            attempts=attempts,
        )
    return RegionProbeError(
        f"No region accepts these credentials ({said}). Check the token, or the user name "
        "and the secret; a project's API secret is an account of type project_secret.",
        attempts=attempts,
    )
