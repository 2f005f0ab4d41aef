"""Saved metrics and behaviors, and links to reports.

Enters: definitions in files, ids, links. Leaves: models and results. The surprise: a definition
that says its type in ``type`` needs no `--kind`.
"""

from __future__ import annotations

import dataclasses
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from mpnb.cli.parser import model, read_file, read_json
from mpnb.cli.run import Run
from mpnb.errors import ParamValidationError

DEFINITIONS = "mpnb.query.definition"


def create_metric(run: Run) -> Any:
    """Save a metric."""
    fields = _fields(run, _metric_definition(run))
    with run.workspace() as workspace:
        return workspace.create_metric(
            model("CreateMetricParams", fields), validate=not run.options.no_validate
        )


def update_metric(run: Run) -> Any:
    """Change the parts of a saved metric that are given."""
    fields = _fields(run, _metric_definition(run))
    _require_any(fields)
    with run.workspace() as workspace:
        return workspace.update_metric(
            run.options.metric_id,
            model("UpdateMetricParams", fields),
            validate=not run.options.no_validate,
        )


def verify_metric(run: Run) -> Any:
    """Mark saved metrics as verified, or take the mark away."""
    entries = [
        model("BulkUpdateMetricEntry", {"id": number, "verified": not run.options.unverify})
        for number in run.options.metric_ids
    ]
    with run.workspace() as workspace:
        return workspace.bulk_update_metrics(entries)


def query_metric(run: Run) -> Any:
    """Ask a saved metric for its numbers."""
    asked = run.given
    number = asked.pop("metric_id")
    with run.workspace() as workspace:
        return workspace.query(workspace.get_metric(number), **asked)


def delete_metric(run: Run) -> None:
    """Delete saved metrics for good."""
    ids, force = run.options.metric_ids, run.options.force
    with run.workspace() as workspace:
        if len(ids) == 1:
            workspace.delete_metric(ids[0], force=force, confirm=True)
        else:
            workspace.delete_metrics(ids, force=force, confirm=True)


def create_behavior(run: Run) -> Any:
    """Save a behavior."""
    fields = _fields(run, _behavior_definition(run), "behavior")
    with run.workspace() as workspace:
        return workspace.create_behavior(
            model("CreateBehaviorParams", fields), validate=not run.options.no_validate
        )


def update_behavior(run: Run) -> Any:
    """Change the parts of a saved behavior that are given."""
    fields = _fields(run, _behavior_definition(run), "behavior")
    _require_any(fields)
    with run.workspace() as workspace:
        return workspace.update_behavior(
            run.options.behavior_id,
            model("UpdateBehaviorParams", fields),
            validate=not run.options.no_validate,
        )


def delete_behavior(run: Run) -> None:
    """Delete saved behaviors for good."""
    ids, force = run.options.behavior_ids, run.options.force
    with run.workspace() as workspace:
        if len(ids) == 1:
            workspace.delete_behavior(ids[0], force=force, confirm=True)
        else:
            workspace.delete_behaviors(ids, force=force, confirm=True)


def link(run: Run) -> Any:
    """Make a link that opens a report in Mixpanel: of params, or of a saved report."""
    asked = run.options
    sources = [asked.source, asked.params, asked.params_file]
    if sum(source is not None for source in sources) != 1:
        raise ParamValidationError(
            "Name one of: the id of a saved report, - for params on standard input, --params, "
            "--params-file."
        )
    if asked.source not in (None, "-"):
        with run.workspace() as workspace:
            return {"url": _of_saved(workspace, asked)}
    if asked.params_file is not None:
        given = _json_file(asked.params_file)
    else:
        given = read_json(asked.params or "-", "--params")
    with run.workspace() as workspace:
        return workspace.create_report_link(
            given,
            report_type=asked.report_type,
            name=asked.name,
            description=asked.description,
            workspace_id=asked.workspace_id,
            bookmark_id=asked.bookmark_id,
            validate=not asked.no_validate,
        )


def _of_saved(workspace: Any, asked: Any) -> str:
    if not asked.source.isdigit():
        raise ParamValidationError(f"A saved report is named by its id, not {asked.source!r}.")
    number = int(asked.source)
    kind = asked.report_type or workspace.get_bookmark(number).bookmark_type
    url: str = workspace.saved_report_link(
        number, report_type=kind, workspace_id=asked.workspace_id
    )
    return url


def resolve(run: Run) -> Any:
    """Say where a link to a report leads; with --run, ask what it shows."""
    with run.workspace() as workspace:
        if run.options.run:
            return workspace.query_report_link(run.options.link, mode=run.options.mode)
        return dataclasses.asdict(workspace.resolve_report_link(run.options.link))


def _fields(run: Run, definition: Any, into: str = "definition") -> dict[str, Any]:
    asked = run.options
    found = {
        "name": asked.name,
        "description": asked.description,
        "owned_by": getattr(asked, "owner_id", None),
        "verified": getattr(asked, "verified", None) or None,
        into: definition,
    }
    if getattr(asked, "verified", None) is False and run.command.path[-1] == "update":
        found["verified"] = False
    return {name: value for name, value in found.items() if value is not None}


def _require_any(fields: dict[str, Any]) -> None:
    if not fields:
        raise ParamValidationError("Nothing to change: give at least one option.")


def _metric_definition(run: Run) -> Any:
    asked = run.options
    if asked.definition_file is None:
        return None
    stored = _json_file(asked.definition_file)
    kind = (
        asked.kind or stored.pop("type", None) or ("formula" if "formula" in stored else "metric")
    )
    inner = stored.get("definition", stored)
    source = asked.warehouse_source_id
    return import_module(DEFINITIONS).RawMetricDefinition(kind, inner, source)


def _behavior_definition(run: Run) -> Any:
    if run.options.definition_file is None:
        return None
    stored = _json_file(run.options.definition_file)
    return import_module(DEFINITIONS).RawBehaviorDefinition(stored.get("definition", stored))


def _json_file(path: Path) -> dict[str, Any]:
    """An object in a file; ``-`` is standard input."""
    try:
        found = json.loads(read_file(path))
    except json.JSONDecodeError as problem:
        raise ParamValidationError(f"{path} is no JSON: {problem}.") from None
    if not isinstance(found, dict):
        raise ParamValidationError(f"{path} holds no JSON object.")
    return found
