"""`mp query …`: the queries that have an option of their own; the others need no code.

Enters: a run. Leaves: a result, or the address of a report. The surprise: `--link` asks no numbers.
"""

from __future__ import annotations

from typing import Any

from mpnb.cli.run import Run
from mpnb.errors import NotSupportedError


def segmentation(run: Run) -> Any:
    """Rows of an event per unit of time, or their split by a property."""
    asked = run.given
    linked = asked.pop("link", False)
    with run.workspace() as workspace:
        if not linked:
            return workspace.segmentation(**asked)
        if "where" in asked:
            raise NotSupportedError(
                "--link with --where: a report has filters, no expressions. mp query text writes "
                "filters; leave out --where."
            )
        params = workspace.build_params(
            asked["event"],
            from_date=asked["from_date"],
            to_date=asked["to_date"],
            unit=asked["unit"],
            group_by=asked.get("on"),
        )
        return _address(workspace.create_report_link(params, report_type="insights").url)


def funnel(run: Run) -> Any:
    """The steps of a saved funnel."""
    asked = run.given
    linked = asked.pop("link", False)
    with run.workspace() as workspace:
        if linked:
            return _address(workspace.saved_report_link(asked["funnel_id"], report_type="funnels"))
        return workspace.funnel(**asked)


def saved_report(run: Run) -> Any:
    """The numbers of a saved report: insights, funnels or retention."""
    report = run.options.bookmark_id
    with run.workspace() as workspace:
        if not run.options.link:
            return workspace.query_saved_report(report)
        kind: Any = workspace.get_bookmark(report).bookmark_type  # the address says it
        return _address(workspace.saved_report_link(report, report_type=kind))


def flows(run: Run) -> Any:
    """The numbers of a saved report of flows."""
    report = run.options.bookmark_id
    with run.workspace() as workspace:
        if run.options.link:
            return _address(workspace.saved_report_link(report, report_type="flows"))
        return workspace.query_saved_flows(report)


def jql(run: Run) -> Any:
    """Not there: mpnb runs no JQL scripts; says what to use instead."""
    raise NotSupportedError(
        "mpnb runs no JQL scripts. mp query text asks questions of all kinds, and mp inspect "
        "distribution, numeric, daily, engagement and coverage count over local data."
    )


def _address(url: str) -> dict[str, str]:
    return {"url": url}
