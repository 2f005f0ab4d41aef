"""Say which account, region and project are in force and why, and which APIs answer.

Enters: the names that a workspace takes. Leaves: a table on standard output; the exit code is 1
when something failed. The surprise: nothing is changed, and each API is asked for one row at most.
"""

from __future__ import annotations

import argparse
import os

from mpnb.errors import ConfigError
from mpnb.workspace import Workspace


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("-a", "--account", help="name of an account (MP_ACCOUNT)")
    parser.add_argument("-p", "--project", help="id of a project")
    parser.add_argument("-w", "--workspace", type=int, help="id of a data view")
    parser.add_argument("-t", "--target", help="name of a target (MP_TARGET)")


def run(options: argparse.Namespace) -> None:
    """Run the command.

    Raises:
        ConfigError: something failed; the table says what.
    """
    target, account = options.target, options.account
    if not (account or options.project or options.workspace):
        target = target or os.environ.get("MP_TARGET") or None
    if target is None:
        account = account or os.environ.get("MP_ACCOUNT") or None
    with Workspace(
        account=account, project=options.project, workspace=options.workspace, target=target
    ) as workspace:
        report = workspace.doctor()
    print(report)
    if not report.ok:
        failed = ", ".join(check.name for check in report.checks if check.state == "failed")
        raise ConfigError(f"Not all is well: {failed}.")
