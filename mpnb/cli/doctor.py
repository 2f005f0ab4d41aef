"""Say which account, region and project are in force and why, and which APIs answer.

Enters: the names that a workspace takes. Leaves: a table on standard output; the exit code is 1
when something failed. The surprise: nothing is changed, and each API is asked for one row at most.
"""

from __future__ import annotations

import argparse

from mpnb.cli.run import opened
from mpnb.errors import MixpanelHeadlessError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("-a", "--account", help="name of an account (MP_ACCOUNT)")
    parser.add_argument("-p", "--project", help="id of a project")
    parser.add_argument("-w", "--workspace", type=int, help="id of a data view")
    parser.add_argument("-t", "--target", help="name of a target (MP_TARGET)")


def run(options: argparse.Namespace) -> None:
    """Run the command.

    Raises:
        MixpanelHeadlessError: something failed; the table says what.
    """
    with opened(options) as workspace:
        report = workspace.doctor()
    print(report)
    if not report.ok:
        failed = ", ".join(check.name for check in report.checks if check.state == "failed")
        raise MixpanelHeadlessError(f"Not all is well: {failed}.")
