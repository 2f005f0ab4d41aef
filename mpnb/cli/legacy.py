"""`mp query …`: the queries that have an option of their own; the others need no code.

Enters: a run. Leaves: a result, with `--link` the address of its report beside it. The surprise: a
link that cannot be made does not keep the numbers back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpnb.cli import output
from mpnb.cli.run import Run
from mpnb.errors import MixpanelHeadlessError, NotSupportedError, ParamValidationError

if TYPE_CHECKING:
    from mpnb.workspace import Workspace


def segmentation(run: Run) -> Any:
    """Rows of an event per unit of time, or their split by a property."""
    asked = run.given
    linked = asked.pop("link", False)
    with run.workspace() as workspace:
        answer = workspace.segmentation(**asked)
        return _with_link(run, answer, lambda: _report(workspace, asked)) if linked else answer


def _report(workspace: Workspace, asked: Mapping[str, Any]) -> str:
    """A link to the question as a report.

    Raises:
        NotSupportedError: it has an expression.
    """
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
    return workspace.create_report_link(params, report_type="insights").url


def funnel(run: Run) -> Any:
    """The steps of a saved funnel."""
    asked = run.given
    linked = asked.pop("link", False)
    with run.workspace() as workspace:
        answer = workspace.funnel(**asked)
        return _with_saved(run, workspace, answer, asked["funnel_id"], "funnels", linked)


def saved_report(run: Run) -> Any:
    """The numbers of a saved report: insights, funnels or retention."""
    report, linked = run.options.bookmark_id, run.options.link
    with run.workspace() as workspace:
        answer = workspace.query_saved_report(report)
        kind: Any = workspace.get_bookmark(report).bookmark_type if linked else None
        return _with_saved(run, workspace, answer, report, kind, linked)


def flows(run: Run) -> Any:
    """The numbers of a saved report of flows."""
    report = run.options.bookmark_id
    with run.workspace() as workspace:
        answer = workspace.query_saved_flows(report)
        return _with_saved(run, workspace, answer, report, "flows", run.options.link)


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


def _with_saved(
    run: Run, workspace: Workspace, answer: Any, report: int, kind: Any, linked: bool
) -> Any:
    if not linked:
        return answer
    return _with_link(run, answer, lambda: workspace.saved_report_link(report, report_type=kind))


def _with_link(run: Run, answer: Any, link: Callable[[], str]) -> Any:
    """An answer with the address of its report; the numbers come where the address cannot."""
    try:
        more: dict[str, Any] = {"report_url": link()}
    except MixpanelHeadlessError as problem:
        more = {"report_url": None, "report_url_error": problem.message}
        run.note(f"mp: No link: {problem.message}")
    form = run.options.format
    if form in ("json", "jsonl"):
        return output.data(answer) | more
    if form == "csv":
        return [row | {"report_url": more["report_url"]} for row in output.table(answer)[1]]
    output.write(answer, form, run.options.jq)
    print(f"report_url: {more['report_url']}")
    return None
