"""`mp account …`: the accounts that are configured here.

Enters: names and credentials. Leaves: summaries without secrets. The surprise: secrets come from
standard input or the environment, never from the command line, where others could read them.
"""

from __future__ import annotations

import builtins
import os
import sys
from typing import Any

from mpnb import accounts
from mpnb.cli.run import Run
from mpnb.errors import MixpanelHeadlessError, ParamValidationError

MOST_BYTES = 64 << 10
"""The most that is read as a secret."""

REGIONS = ("us", "eu", "in")
TYPES = ("service_account", "oauth_browser", "oauth_token", "project_secret")


def list(run: Run) -> builtins.list[Any]:
    """The accounts that are configured; the active one is marked."""
    return accounts.list()


def add(run: Run) -> Any:
    """Add an account; the first one becomes active."""
    asked = run.options
    one_of("--type", asked.type, TYPES)
    one_of("--region", asked.region, REGIONS)
    given: dict[str, Any] = {"type": asked.type, "region": asked.region}
    given["default_project"] = asked.project or os.environ.get("MP_PROJECT_ID") or None
    if asked.type == "service_account":
        given["username"] = asked.username or os.environ.get("MP_USERNAME")
        given["secret"] = secret(asked.secret_stdin)
    elif asked.type == "project_secret":
        given["secret"] = secret(asked.secret_stdin)
    elif asked.type == "oauth_token":
        given["token_env"] = asked.token_env
        given["token"] = None if asked.token_env else os.environ.get("MP_OAUTH_TOKEN")
    return accounts.add(asked.name, derive_name=asked.name is None, **given)


def update(run: Run) -> Any:
    """Change an account; what is left out stays."""
    asked = run.options
    one_of("--region", asked.region, REGIONS)
    return accounts.update(
        asked.name,
        region=asked.region,
        default_project=asked.project,
        username=asked.username,
        secret=secret(True) if asked.secret_stdin else None,
        token_env=asked.token_env,
    )


def use(run: Run) -> None:
    """Make an account the active one; a pinned data view is dropped with the change."""
    accounts.use(run.options.name)


def show(run: Run) -> Any:
    """One account; the active one unless named."""
    return accounts.show(run.options.name)


def remove(run: Run) -> None:
    """Delete an account with its tokens."""
    orphans = accounts.remove(run.options.name, force=run.options.force)
    if orphans:
        run.note(f"These targets lead nowhere now: {', '.join(orphans)}.")


def token(run: Run) -> None:
    """Print the bearer token of an OAuth account; N/A for others."""
    sys.stdout.write(f"{accounts.token(run.options.name) or 'N/A'}\n")


def test(run: Run) -> Any:
    """Ask Mixpanel whether an account's credentials are accepted."""
    found = accounts.test(run.options.name)
    if not found.ok:
        raise MixpanelHeadlessError(f"Account {found.account_name}: {found.error}")
    return found


def login(run: Run) -> Any:
    """Sign in to an oauth_browser account with the browser."""
    return accounts.login(run.options.name, open_browser=not run.options.no_browser)


def logout(run: Run) -> None:
    """Delete the tokens of an oauth_browser account; the account stays."""
    accounts.logout(run.options.name)


def export_bridge(run: Run) -> Any:
    """Write an account with its secrets to one file, for a machine that has none."""
    asked = run.options
    path = accounts.export_bridge(
        to=asked.to, account=asked.name, project=asked.project, workspace=asked.workspace
    )
    run.note(f"{path} holds the secrets of the account; only its owner can read it.")
    return {"path": str(path)}


def remove_bridge(run: Run) -> Any:
    """Delete a bridge file: the one named, else the one in force."""
    return {"removed": accounts.remove_bridge(at=run.options.at)}


def one_of(flag: str, value: str | None, words: tuple[str, ...]) -> None:
    """Refuse a word that is not among some.

    Raises:
        ParamValidationError: it is not.
    """
    if value is not None and value not in words:
        raise ParamValidationError(f"{flag} is one of {', '.join(words)}, not {value!r}.")


def secret(from_stdin: bool) -> str:
    """A secret, from standard input or MP_SECRET.

    Raises:
        ParamValidationError: there is none.
    """
    if from_stdin:
        found = sys.stdin.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise ParamValidationError("More than 64 KB on standard input: that is no secret.")
    else:
        found = os.environ.get("MP_SECRET", "")
    if not found.strip():
        raise ParamValidationError("No secret: pipe it in with --secret-stdin, or set MP_SECRET.")
    return found.strip()
