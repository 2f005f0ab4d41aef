"""Bridge files: an account with its credential in one file, for a machine without ``~/.mp``.

Enters: a path, ``MP_AUTH_FILE``, or the known places. Leaves: a `BridgeFile`. The surprise: the
secrets stand in it in clear, by design; it is written for its owner only.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, model_validator

from mpnb.account import files, tokens
from mpnb.account.config import Config, checked, json_of
from mpnb.account.models import Account, ProjectId, RemoteAccount
from mpnb.account.tokens import OAuthTokens
from mpnb.errors import OAuthError


class BridgeFile(BaseModel):
    """Version 2 of the bridge file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    version: Literal[2] = 2
    account: RemoteAccount
    tokens: OAuthTokens | None = None
    project: ProjectId | None = None
    workspace: Annotated[int, Field(gt=0)] | None = None
    headers: dict[str, str] = Field(default_factory=dict, repr=False)

    @model_validator(mode="after")
    def _browser_accounts_bring_tokens(self) -> BridgeFile:
        if self.account.type == "oauth_browser" and self.tokens is None:
            raise ValueError("an oauth_browser account needs tokens")
        return self


def places() -> list[Path]:
    """Where a bridge file is looked for; ``MP_AUTH_FILE`` alone, when it is set."""
    chosen = os.environ.get("MP_AUTH_FILE", "").strip()
    if chosen:
        return [Path(chosen).expanduser()]
    return [Path.home() / ".claude" / "mixpanel" / "auth.json", Path("mixpanel_auth.json")]


def find() -> Path | None:
    """The bridge file that is in force, if there is one."""
    return next((path for path in places() if path.exists()), None)


def load_bridge(path: Path | None = None) -> BridgeFile | None:
    """Read a bridge file: the one named, else the first of the known places.

    Raises:
        ConfigError: it is no bridge file of version 2.
    """
    chosen = path or find()
    if chosen is None or not chosen.exists():
        return None
    said = f"The bridge file {chosen}"
    return checked(TypeAdapter(BridgeFile), json_of(chosen, said, "export it again."), said)


def made(
    config: Config, account: Account, project: str | None, workspace: int | None
) -> BridgeFile:
    """An account as a bridge file, with its tokens and the header of the settings.

    Raises:
        ConfigError: a value is not right.
        OAuthError: there is no token to hand over.
    """
    data: dict[str, Any] = {"account": account, "project": project, "workspace": workspace}
    if account.type == "oauth_browser":
        data["tokens"] = tokens.load(tokens.tokens_path(account.name))
        if data["tokens"] is None:
            raise OAuthError(f"Nobody is signed in as {account.name!r}: log in first.")
    if account.type == "oauth_token" and account.token_env:
        # The other machine does not have the variable.
        here = SecretStr(account.read_token())
        data["account"] = account.model_copy(update={"token": here, "token_env": None})
    data["headers"] = config.headers
    return checked(TypeAdapter(BridgeFile), data, f"A bridge file for account {account.name!r}")


def write(path: Path, bridge: BridgeFile) -> Path:
    """Write a bridge file for its owner only."""
    shown: dict[str, Any] = bridge.model_dump(mode="json", exclude_none=True)
    shown["account"] |= {
        key: value.get_secret_value()
        for key, value in bridge.account.model_dump(exclude_none=True).items()
        if isinstance(value, SecretStr)
    }
    if bridge.tokens is not None:
        shown["tokens"] = {
            # These are not part of version 2; its other readers may refuse keys they do not know.
            key: value
            for key, value in tokens.dumped(bridge.tokens).items()
            if key not in ("client_id", "login")
        }
    files.write(path, json.dumps(shown, indent=2).encode())
    return path
