"""`mp login`: log in to Mixpanel and make the account the active one.

Enters: flags, or nothing. Leaves: an account in the configuration, and one line about it. The
surprise: without flags the environment decides (MP_USERNAME and MP_SECRET, MP_OAUTH_TOKEN), and
else the browser opens.
"""

from __future__ import annotations

import sys

from mpnb import accounts
from mpnb.account.me import MeProjectInfo, MeResponse
from mpnb.cli.accounts import REGIONS, one_of
from mpnb.cli.run import Run
from mpnb.errors import ConfigError

Listed = list[tuple[str, MeProjectInfo]]


def run(run: Run) -> None:
    """Log in to Mixpanel; the one command to start with."""
    options = run.options
    one_of("--region", options.region, REGIONS)
    made = accounts.login_unified(
        name=options.name,
        region=options.region,
        project=options.project,
        service_account=options.service_account,
        token_env=options.token_env,
        no_browser=options.no_browser,
        secret_stdin=options.secret_stdin,
        project_picker=_pick if sys.stdin.isatty() and not options.secret_stdin else None,
    )
    who = f" as {made.user_email}" if made.user_email else ""
    project = made.project_name or made.project_id
    print(f"Logged in{who} → {made.name}" + (f" · {project}" if project else ""))


def _pick(found: MeResponse, listed: Listed) -> str:
    """Let the person choose a project by its number in the list, or its id."""
    for number, (project, about) in enumerate(listed, 1):
        print(f"{number:>4}  {about.name} ({project})", file=sys.stderr)
    print("Project: ", end="", file=sys.stderr, flush=True)
    said = sys.stdin.readline().strip()
    if said.isdigit() and 1 <= int(said) <= len(listed):
        return listed[int(said) - 1][0]
    if not said:
        raise ConfigError("No project was chosen.")
    return said
