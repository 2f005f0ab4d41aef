"""Bearer tokens: where they are kept, when they run out, how they are renewed.

Enters: an account. Leaves: the token that is valid now. The surprise: the file is read for every
request, and before renewing once more under a lock, so that two processes renew once between them;
tokens of a bridge file are renewed into a file of their own and leave everybody else's alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, field_validator

from mpnb.account import files
from mpnb.account.config import checked, json_of
from mpnb.account.models import OAuthTokenAccount, Region
from mpnb.errors import ConfigError, OAuthError

EARLY = timedelta(seconds=30)
"""A token that runs out this soon is renewed before it is sent."""

REFRESH = "mpnb.account.oauth:refresh"
"""Loaded when a token has run out: it brings the HTTP client."""


class OAuthTokens(BaseModel):
    """The tokens of one sign-in."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access_token: SecretStr
    refresh_token: SecretStr | None = None
    expires_at: datetime
    scope: str = ""
    token_type: str
    client_id: str | None = None
    """The OAuth client that they were issued to, where it is known."""
    login: str | None = None
    """Tells one sign-in from another; it stays when the tokens are renewed."""

    @field_validator("expires_at")
    @classmethod
    def _has_zone(cls, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("needs a time zone")
        return moment

    def is_expired(self) -> bool:
        """Whether the access token has run out, or will within 30 seconds."""
        return datetime.now(UTC) + EARLY >= self.expires_at

    @classmethod
    def from_token_response(cls, data: Mapping[str, object]) -> OAuthTokens:
        """Tokens from the answer of the token endpoint.

        Raises:
            KeyError: access_token, expires_in or token_type is missing.
            ValueError: expires_in is no number.
        """
        seconds = int(str(data["expires_in"]))
        refresh = data.get("refresh_token")
        client, login = data.get("client_id"), data.get("login")
        return cls(
            access_token=SecretStr(str(data["access_token"])),
            refresh_token=SecretStr(str(refresh)) if refresh else None,
            expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
            scope=str(data.get("scope") or ""),
            token_type=str(data["token_type"]),
            client_id=str(client) if client else None,
            login=str(login) if login else None,
        )


class OAuthClientInfo(BaseModel):
    """An OAuth client that was registered for this machine."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    region: str
    redirect_uri: str
    scope: str
    created_at: datetime
    host: str | None = None
    """Where it was registered, if not with Mixpanel itself."""


def tokens_path(name: str) -> Path:
    """Where the tokens of an account are."""
    return files.account_folder(name) / "tokens.json"


def load(path: Path) -> OAuthTokens | None:
    """The tokens in a file; None where there is none.

    Raises:
        ConfigError: the file holds no tokens.
    """
    if not path.exists():
        return None
    said = str(path)
    return checked(TypeAdapter(OAuthTokens), json_of(path, said, "log in again."), said)


def save(path: Path, tokens: OAuthTokens) -> None:
    """Write tokens for their owner only."""
    files.write(path, json.dumps(dumped(tokens), indent=2).encode())


def dumped(tokens: OAuthTokens) -> dict[str, Any]:
    """Tokens as JSON, with the secrets in clear: for the private files only."""
    shown: dict[str, Any] = tokens.model_dump(mode="json", exclude_none=True)
    shown["access_token"] = tokens.access_token.get_secret_value()
    if tokens.refresh_token is not None:
        shown["refresh_token"] = tokens.refresh_token.get_secret_value()
    return shown


def _mark(tokens: OAuthTokens) -> str:
    """A name for a sign-in: its own, else one of what stays while access tokens are renewed."""
    if tokens.login:
        return tokens.login
    lasting = tokens.refresh_token or tokens.access_token
    return hashlib.sha256(lasting.get_secret_value().encode()).hexdigest()[:16]


class OnDiskTokenResolver:
    """Tokens of the accounts on this machine."""

    def get_browser_token(self, name: str, region: Region) -> str:
        """The access token of an account, renewed when it has run out.

        Raises:
            OAuthError: nobody is signed in, or signing in has to be done again.
        """
        return fresh(tokens_path(name), region, name).access_token.get_secret_value()

    def renew(self, name: str, region: Region, refused: str) -> None:
        """Renew the token of an account which the server refuses, unless somebody else did.

        Raises:
            OAuthError: signing in has to be done again.
        """
        fresh(tokens_path(name), region, name, refused=refused)

    def signed_in(self, name: str) -> str:
        """Tells one sign-in of an account from another, without showing a token."""
        found = load(tokens_path(name))
        return _mark(found) if found else ""

    def get_static_token(self, account: OAuthTokenAccount) -> str:
        """The token that an account holds or names.

        Raises:
            OAuthError: the environment variable is not set.
        """
        return account.read_token()


class BridgeTokenResolver(OnDiskTokenResolver):
    """Tokens that came with a bridge file.

    They are renewed into ``bridges/`` under a name made from the tokens themselves: an account of
    the same name keeps its own, and a new bridge file starts anew.
    """

    def __init__(self, tokens: OAuthTokens) -> None:
        self._tokens = tokens
        self._key = _mark(tokens)

    def signed_in(self, name: str) -> str:
        """Tells one bridge file from another, without showing a token."""
        return self._key

    def get_browser_token(self, name: str, region: Region) -> str:
        """The access token of the bridge, renewed when it has run out.

        Raises:
            OAuthError: signing in has to be done again where the bridge file was made.
        """
        found = load(self._path) or self._tokens
        if found.is_expired():
            found = fresh(self._path, region, name, first=self._tokens)
        return found.access_token.get_secret_value()

    def renew(self, name: str, region: Region, refused: str) -> None:
        """Renew the token of the bridge which the server refuses, unless somebody else did."""
        fresh(self._path, region, name, first=self._tokens, refused=refused)

    @property
    def _path(self) -> Path:
        return files.storage_root() / "bridges" / f"{self._key}.json"


def fresh(
    path: Path,
    region: Region,
    name: str,
    *,
    first: OAuthTokens | None = None,
    refused: str | None = None,
) -> OAuthTokens:
    """The tokens in a file, renewed when they have run out, or the server refuses them.

    Args:
        path: where they are kept.
        region: where they were issued.
        name: the account, for messages.
        first: what to renew when there is no file yet.
        refused: an access token that the server refused.

    Raises:
        OAuthError: there are none, or they cannot be renewed.
    """
    found = _present(path, name, first)
    if _works(found, refused):
        return found
    with files.locked(path):
        found = _present(path, name, first)  # somebody else may have renewed them meanwhile
        if _works(found, refused):
            return found
        module, _, function = REFRESH.partition(":")
        renewed: OAuthTokens = getattr(import_module(module), function)(found, region, name)
        save(path, renewed)
        return renewed


def _works(tokens: OAuthTokens, refused: str | None) -> bool:
    return not tokens.is_expired() and tokens.access_token.get_secret_value() != refused


def signed_in(name: str) -> OAuthTokens:
    """The tokens of an account as they are, run out or not.

    Raises:
        OAuthError: there are none.
    """
    return _present(tokens_path(name), name, None)


def _present(path: Path, name: str, first: OAuthTokens | None) -> OAuthTokens:
    try:
        found = load(path) or first
    except ConfigError as problem:
        said = problem.message
    else:
        if found is not None:
            return found
        said = f"Nobody is signed in as {name!r}."
    raise OAuthError(f"{said} Run mp.accounts.login({name!r}), or `mp login --name {name}`.")
