"""`mp query …`: the queries that have an option of their own; the others need no code.

Enters: a run. Leaves: a result, or the address of a report. The surprise: `--link` asks no numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mpnb.cli.run import Run
from mpnb.errors import NotSupportedError, ParamValidationError


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
    """Run a JQL script from a file or --script; --param KEY=VALUE hands it values."""
    options = run.options
    if (options.file is None) == (options.script is None):
        raise ParamValidationError("Give a file with the script, or --script, and not both.")
    text = Path(options.file).read_text("utf-8") if options.file else options.script
    pairs = [pair.partition("=") for pair in options.param or ()]
    if not all(name and sign for name, sign, _ in pairs):
        raise ParamValidationError("--param is KEY=VALUE, as in --param from_date=2025-01-01.")
    with run.workspace() as workspace:
        found = workspace.jql(text, {name: value for name, _, value in pairs} or None)
    return found.raw if options.format in ("json", "jsonl") else found


def _address(url: str) -> dict[str, str]:
    return {"url": url}
