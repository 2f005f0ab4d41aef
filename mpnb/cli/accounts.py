"""`mp account …`: the accounts that are configured here.

Enters: names and credentials. Leaves: summaries without secrets. The surprise: secrets come from
standard input or the environment, never from the command line, where others could read them.
"""

from __future__ import annotations

import argparse
import builtins
import os
import sys
from typing import Any

from mpnb import accounts
from mpnb.cli import output
from mpnb.cli.run import Run
from mpnb.errors import MixpanelHeadlessError, ParamValidationError

MOST_BYTES = 64 << 10
"""The most that is read as a secret."""

REGIONS = ("us", "eu", "in")
TYPES = ("service_account", "oauth_browser", "oauth_token", "project_secret")


def list(run: Run) -> builtins.list[Any]:
    """The accounts that are configured; the active one is marked."""
    return marked(run, output.data(accounts.list()))


def add(run: Run) -> None:
    """Add an account; the first one becomes active."""
    asked = run.options
    one_of("--type", asked.type, TYPES)
    one_of("--region", asked.region, REGIONS)
    if asked.region is None and asked.type != "oauth_browser":
        raise ParamValidationError(
            f"--region is missing: us, eu or in, where the data of the {asked.type} lives. "
            "mp login finds it by asking."
        )
    given: dict[str, Any] = {"type": asked.type, "region": asked.region}
    given["default_project"] = asked.project or os.environ.get("MP_PROJECT_ID") or None
    given |= _credentials(asked)
    made = accounts.add(asked.name, derive_name=asked.name is None, **given)
    print(f"Added account {made.name!r} ({made.type}, {made.region})")
    if made.status == "needs_login":
        run.note(f"Nobody is signed in yet: mp account login {made.name}")


def _credentials(asked: argparse.Namespace) -> dict[str, Any]:
    """What an account of this type proves itself with.

    Raises:
        ParamValidationError: it is missing.
    """
    found: dict[str, Any] = {}
    if asked.type == "service_account":
        found["username"] = asked.username or os.environ.get("MP_USERNAME")
        if not found["username"]:
            raise ParamValidationError("A service_account needs --username, or MP_USERNAME.")
    if asked.type in ("service_account", "project_secret"):
        found["secret"] = secret(asked.secret_stdin)
    if asked.type == "oauth_token":
        found["token_env"] = asked.token_env
        found["token"] = None if asked.token_env else os.environ.get("MP_OAUTH_TOKEN")
        if not (found["token_env"] or found["token"]):
            raise ParamValidationError(
                "An oauth_token needs --token-env, the variable that holds it, or MP_OAUTH_TOKEN."
            )
    return found


def update(run: Run) -> None:
    """Change an account; what is left out stays."""
    asked = run.options
    one_of("--region", asked.region, REGIONS)
    accounts.update(
        asked.name,
        region=asked.region,
        default_project=asked.project,
        username=asked.username,
        secret=secret(True) if asked.secret_stdin else None,
        token_env=asked.token_env,
    )
    changed = {
        "region": asked.region,
        "project": asked.project,
        "username": asked.username,
        "secret": "…" if asked.secret_stdin else None,
        "token_env": asked.token_env,
    }
    said = ", ".join(f"{name}={value}" for name, value in changed.items() if value is not None)
    print(f"Updated account {asked.name!r} ({said or 'no changes'})")


def use(run: Run) -> None:
    """Make an account the active one; a pinned data view is dropped with the change."""
    accounts.use(run.options.name)
    print(f"Active account: {run.options.name}")


def show(run: Run) -> Any:
    """One account; the active one unless named."""
    found = output.data(accounts.show(run.options.name))
    return marked(run, [found])[0]


def remove(run: Run) -> None:
    """Delete an account with its tokens."""
    orphans = accounts.remove(run.options.name, force=run.options.force)
    print(f"Removed account {run.options.name!r}")
    if orphans:
        run.note(f"These targets lead nowhere now: {', '.join(orphans)}.")


def token(run: Run) -> None:
    """Print the bearer token of an OAuth account; N/A for others."""
    sys.stdout.write(f"{accounts.token(run.options.name) or 'N/A'}\n")


def test(run: Run) -> None:
    """Ask Mixpanel whether an account's credentials are accepted."""
    found = accounts.test(run.options.name)
    output.write(found, "json")
    if not found.ok:
        raise MixpanelHeadlessError(f"Account {found.account_name}: {found.error}")


def login(run: Run) -> Any:
    """Sign in to an oauth_browser account with the browser."""
    return accounts.login(run.options.name, open_browser=not run.options.no_browser)


def logout(run: Run) -> None:
    """Delete the tokens of an oauth_browser account; the account stays."""
    accounts.logout(run.options.name)
    print(f"Removed tokens of {run.options.name!r}")


def export_bridge(run: Run) -> None:
    """Write an account with its secrets to one file, for a machine that has none."""
    asked = run.options
    path = accounts.export_bridge(
        to=asked.to, account=asked.name, project=asked.project, workspace=asked.workspace
    )
    print(f"Wrote bridge file {path}")
    run.note(f"{path} holds the secrets of the account; only its owner can read it.")


def remove_bridge(run: Run) -> None:
    """Delete a bridge file: the one named, else the one in force."""
    gone = accounts.remove_bridge(at=run.options.at)
    print("Removed the bridge file." if gone else "There is no bridge file to remove.")


def marked(run: Run, rows: builtins.list[Any]) -> builtins.list[Any]:
    """Rows as data; in a table the active one has a star, and empty lists are left out."""
    if run.options.format != "table":
        return rows
    return [
        {key: value for key, value in row.items() if key != "is_active" and value != []}
        | {"active": "*" if row["is_active"] else ""}
        for row in rows
    ]


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
