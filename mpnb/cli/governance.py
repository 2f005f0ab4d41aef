"""Commands of the data dictionary and its neighbours that need more than their method.

Enters: a run. Leaves: a model, a file, nothing. The surprise: what deletes everything asks first.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mpnb.cli import output
from mpnb.cli.parser import model, piped, read_file
from mpnb.cli.run import Run
from mpnb.errors import ParamValidationError


def lexicon_schemas(run: Run) -> Any:
    """The schemas of the lexicon, of events or profiles when asked."""
    with run.workspace() as workspace:
        found = workspace.lexicon_schemas(**run.given)
    whole = run.options.format in ("json", "jsonl")
    return [_schema(output.data(schema), whole) for schema in found]


def _schema(found: dict[str, Any], whole: bool) -> dict[str, Any]:
    """A schema with its size and text in front; rows of a table do without the schema itself."""
    inner = found["schema_json"]
    row = {
        "entity_type": found["entity_type"],
        "name": found["name"],
        "property_count": len(inner.get("properties") or {}),
        "description": inner.get("description"),
    }
    return row | {"schema_json": inner} if whole else row


def audit(run: Run) -> Any:
    """What does not fit its schema."""
    with run.workspace() as workspace:
        if run.options.events_only:
            return workspace.run_audit_events_only()
        return workspace.run_audit()


def delete_enforcement(run: Run) -> Any:
    """Stop the enforcement of schemas and forget its settings."""
    run.agreed("Delete the settings of enforcement?")
    with run.workspace() as workspace:
        return workspace.delete_schema_enforcement(confirm=True)


def delete_schemas(run: Run) -> Any:
    """Delete a schema, those of a type, or all of them."""
    kind, name = run.options.entity_type, run.options.entity_name
    if kind is None and name is None:
        run.agreed("Delete all schemas of the project?")
    with run.workspace() as workspace:
        return workspace.delete_schemas(entity_type=kind, entity_name=name, confirm=True)


def update_custom_event(run: Run) -> Any:
    """Change how a custom event is listed."""
    fields = {
        name: value
        for name in ("hidden", "dropped", "verified", "description")
        if (value := getattr(run.options, name)) is not None
    }
    if not fields:
        raise ParamValidationError("Nothing to change: give at least one option.")
    _require_one_name(run)
    with run.workspace() as workspace:
        number = _custom_event(workspace, run)
        return workspace.update_custom_event(number, model("UpdateEventDefinitionParams", fields))


def delete_custom_event(run: Run) -> None:
    """Delete a custom event for good."""
    _require_one_name(run)
    with run.workspace() as workspace:
        workspace.delete_custom_event(_custom_event(workspace, run), confirm=True)


def _require_one_name(run: Run) -> None:
    if (run.options.custom_event_id is None) == (run.options.name is None):
        raise ParamValidationError("Name the custom event with --id, or else with --name.")


def _custom_event(workspace: Any, run: Run) -> int:
    """The id of the custom event that is meant."""
    number, name = run.options.custom_event_id, run.options.name
    if number is not None:
        return int(number)
    found = [event for event in workspace.list_custom_events() if event.name == name]
    if len(found) != 1:
        raise ParamValidationError(f"{len(found)} custom events are called {name!r}: use --id.")
    event = found[0]
    return int(event.custom_event_id if event.custom_event_id is not None else event.id)


def download(run: Run) -> None:
    """Fetch a lookup table as CSV, to a file or standard output."""
    asked = run.options
    with run.workspace() as workspace:
        body = workspace.download_lookup_table(
            asked.data_group_id, file_name=asked.file_name, limit=asked.limit
        )
    if asked.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
    else:
        Path(asked.output).write_bytes(body)
        run.note(f"{asked.output}: {len(body):,} bytes.")


def download_url(run: Run) -> dict[str, str]:
    """The address where a lookup table can be fetched."""
    with run.workspace() as workspace:
        return {"url": workspace.get_lookup_download_url(run.options.data_group_id)}


def set_context(run: Run) -> Any:
    """Replace what an organisation or a project is about."""
    asked = run.options
    if asked.content is not None and asked.file is not None:
        raise ParamValidationError("Give --content or --file, not both.")
    text = asked.content if asked.content is not None else _document(asked.file)
    with run.workspace() as workspace:
        return workspace.set_business_context(
            text, level=asked.level, organization_id=asked.organization_id
        )


def _document(path: Path | None) -> str:
    text = piped("business-context set") if path is None else read_file(path)
    if path is None and not text.strip():
        raise ParamValidationError("Nothing came in; mp business-context clear takes a text away.")
    return text
