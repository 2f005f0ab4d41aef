"""Who asks: the kinds of account, as they stand in the configuration.

Enters: a name, a region and a credential. Leaves: the ``Authorization`` header that the transport
sends. The surprise: a secret is only ever a `SecretStr`, so no repr, traceback or log shows it.
"""

from __future__ import annotations

import base64
import os
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from mpnb.errors import ConfigError

AccountType = Literal["service_account", "oauth_browser", "oauth_token"]
Region = Literal["us", "eu", "in"]

AccountName = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")
]
ProjectId = Annotated[str, StringConstraints(min_length=1, pattern=r"^\d+$")]


class TokenResolver(Protocol):
    """Finds the bearer token of an OAuth account: from its file, refreshed, or from a variable."""

    def __call__(self, account: OAuthBrowserAccount | OAuthTokenAccount) -> str:
        """Return the token that is valid now."""
        ...


class _AccountBase(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: AccountName
    region: Region
    default_project: ProjectId | None = None


class ServiceAccount(_AccountBase):
    """A service account: a user name and a secret, sent as HTTP Basic."""

    type: Literal["service_account"] = "service_account"
    username: str = Field(min_length=1)
    secret: SecretStr

    def auth_header(self, *, token_resolver: TokenResolver | None = None) -> str:
        """The value of the ``Authorization`` header; `token_resolver` is not needed here."""
        pair = f"{self.username}:{self.secret.get_secret_value()}"
        return "Basic " + base64.b64encode(pair.encode()).decode("ascii")

    def is_long_lived(self) -> bool:
        """True: a service account works until somebody revokes it."""
        return True


class OAuthBrowserAccount(_AccountBase):
    """A person who signed in with the browser; tokens are kept in a file and refreshed."""

    type: Literal["oauth_browser"] = "oauth_browser"

    def auth_header(self, *, token_resolver: TokenResolver) -> str:
        """The value of the ``Authorization`` header, with the token that is valid now."""
        return f"Bearer {token_resolver(self)}"

    def is_long_lived(self) -> bool:
        """True: the token renews itself."""
        return True


class OAuthTokenAccount(_AccountBase):
    """A bearer token that somebody else issued: written down, or in an environment variable."""

    type: Literal["oauth_token"] = "oauth_token"
    token: SecretStr | None = None
    token_env: str | None = None

    @model_validator(mode="after")
    def _exactly_one_source(self) -> OAuthTokenAccount:
        if (self.token is None) == (self.token_env is None):
            raise ValueError("give exactly one of token and token_env")
        return self

    def auth_header(self, *, token_resolver: TokenResolver | None = None) -> str:
        """The value of the ``Authorization`` header.

        Raises:
            ConfigError: the environment variable named by ``token_env`` is not set.
        """
        return f"Bearer {token_resolver(self) if token_resolver else self.read_token()}"

    def read_token(self) -> str:
        """The token itself, from the account or from its environment variable."""
        if self.token is not None:
            return self.token.get_secret_value()
        token = os.environ.get(self.token_env or "")
        if not token:
            from_name = f"Environment variable {self.token_env} of account {self.name!r} is not set"
            raise ConfigError(f"{from_name}: set it to the bearer token, or log in again.")
        return token

    def is_long_lived(self) -> bool:
        """False: a token that was handed over runs out and cannot be renewed here."""
        return False


Account = Annotated[
    ServiceAccount | OAuthBrowserAccount | OAuthTokenAccount, Field(discriminator="type")
]
