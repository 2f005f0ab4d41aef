"""The kinds of account, as they stand in the configuration.

Enters: a name, a region and a credential. Leaves: the ``Authorization`` header that the transport
sends. The surprise: a secret is only ever a `SecretStr`, and errors about an account do not show
what was put in, so no repr, traceback or log shows it.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from mpnb.errors import OAuthError

AccountType = Literal["service_account", "oauth_browser", "oauth_token", "project_secret", "local"]
Region = Literal["us", "eu", "in"]
REGIONS: tuple[Region, ...] = ("us", "eu", "in")

AccountName = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")
]
TargetName = AccountName
ProjectId = Annotated[str, StringConstraints(min_length=1, pattern=r"^[0-9]+$")]
WorkspaceId = Annotated[int, Field(gt=0)]


class TokenResolver(Protocol):
    """Finds the bearer token of an OAuth account: from its file, refreshed, or from a variable."""

    def get_browser_token(self, name: str, region: Region) -> str:
        """The access token of a person who signed in with the browser, valid now."""
        ...

    def get_static_token(self, account: OAuthTokenAccount) -> str:
        """The bearer token that an account holds or names."""
        ...


class _AccountBase(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: AccountName
    region: Region
    default_project: ProjectId | None = None
    """Id of the project that is asked when none is named."""


class ServiceAccount(_AccountBase):
    """A service account: a user name and a secret, sent as HTTP Basic."""

    type: Literal["service_account"] = "service_account"
    """Kind of the account."""
    username: str = Field(min_length=1)
    """Its user name."""
    secret: SecretStr
    """Its secret; never shown."""

    def auth_header(self, *, token_resolver: TokenResolver | None = None) -> str:
        """The value of the ``Authorization`` header; `token_resolver` is not needed here."""
        return _basic(self.username, self.secret.get_secret_value())

    def is_long_lived(self) -> bool:
        """True: a service account works until somebody revokes it."""
        return True


class OAuthBrowserAccount(_AccountBase):
    """A person who signed in with the browser; tokens are kept in a file and refreshed."""

    type: Literal["oauth_browser"] = "oauth_browser"
    """Kind of the account."""

    def auth_header(self, *, token_resolver: TokenResolver) -> str:
        """The value of the ``Authorization`` header, with the token that is valid now.

        Raises:
            OAuthError: nobody is signed in, or signing in has to be done again.
        """
        return f"Bearer {token_resolver.get_browser_token(self.name, self.region)}"

    def is_long_lived(self) -> bool:
        """True: the token renews itself."""
        return True


class OAuthTokenAccount(_AccountBase):
    """A bearer token that somebody else issued: written down, or in an environment variable."""

    type: Literal["oauth_token"] = "oauth_token"
    """Kind of the account."""
    token: SecretStr | None = None
    """The token; never shown."""
    token_env: str | None = None
    """Environment variable that holds the token."""

    @model_validator(mode="after")
    def _exactly_one_source(self) -> OAuthTokenAccount:
        if (self.token is None) == (self.token_env is None):
            raise ValueError("give exactly one of token and token_env")
        return self

    def auth_header(self, *, token_resolver: TokenResolver | None = None) -> str:
        """The value of the ``Authorization`` header.

        Raises:
            OAuthError: the environment variable named by ``token_env`` is not set.
        """
        found = token_resolver.get_static_token(self) if token_resolver else self.read_token()
        return f"Bearer {found}"

    def read_token(self) -> str:
        """The token itself, from the account or from its environment variable."""
        if self.token is not None:
            return self.token.get_secret_value()
        token = os.environ.get(self.token_env or "", "").strip()
        if not token:
            raise OAuthError(
                f"Environment variable {self.token_env} of account {self.name!r} is not set: "
                "set it to the bearer token, or log in again."
            )
        return token

    def is_long_lived(self) -> bool:
        """False: a token that was handed over runs out and cannot be renewed here."""
        return False


class ProjectSecretAccount(_AccountBase):
    """A project's API secret, sent as the user name of HTTP Basic.

    It opens the Export API and the query APIs of its own project; the application API, with
    dashboards, cohorts and ``/me``, does not take it.
    """

    type: Literal["project_secret"] = "project_secret"
    """Kind of the account."""
    secret: SecretStr
    """The project's API secret; never shown."""

    def auth_header(self, *, token_resolver: TokenResolver | None = None) -> str:
        """The value of the ``Authorization`` header; `token_resolver` is not needed here."""
        return _basic(self.secret.get_secret_value(), "")

    def is_long_lived(self) -> bool:
        """True: the secret works until somebody resets it."""
        return True


class LocalAccount(BaseModel):
    """A local store of events; it has no region, no project and no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["local"] = "local"
    """Kind of the account."""
    name: AccountName
    path: Path
    """Folder of the store, or what `mpnb.local` opens."""

    @field_validator("path")
    @classmethod
    def _home_is_known(cls, path: Path) -> Path:
        return path.expanduser()


RemoteAccount = Annotated[
    ServiceAccount | OAuthBrowserAccount | OAuthTokenAccount | ProjectSecretAccount,
    Field(discriminator="type"),
]
"""An account of Mixpanel's."""

Account = Annotated[
    ServiceAccount | OAuthBrowserAccount | OAuthTokenAccount | ProjectSecretAccount | LocalAccount,
    Field(discriminator="type"),
]
"""Any account."""


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def hidden(secret: SecretStr | str | None) -> SecretStr | None:
    """A secret that no traceback with locals shows."""
    return SecretStr(secret) if isinstance(secret, str) else secret


def given_parts(*values: Any) -> dict[str, Any]:
    """The parts of an account that a person gave, in the order of `mpnb.accounts.add`."""
    names = ("region", "default_project", "username", "secret", "token", "token_env", "path")
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}
