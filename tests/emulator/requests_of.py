"""Whether a request fits the documents: its address, its parameters, its body.

Enters: a request as it came. Leaves: how it differs from what is documented, in words; nothing for
addresses that no document has. The surprise: an address may be documented several times for
different bodies; a request must fit one of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import jsonschema

from tests.emulator.documents import Operation, operations

ORIGIN = "query_origin"
"""Names the library that asks; it is in every recorded query, and in no document."""

ALLOWED: dict[str, str] = {
    "annotations: GET /projects/{projectId}/annotations: the parameter tags is not documented": (
        "recorded: the list is narrowed by tags"
    ),
    "query: GET /events/names: the parameter from_date is not documented": (
        "recorded: names are asked for a range"
    ),
    "query: GET /events/names: the parameter to_date is not documented": (
        "recorded: names are asked for a range"
    ),
    "query: GET /retention: the parameter bookmark_id is not documented": (
        "recorded: a saved report is asked at the older address"
    ),
    "query: GET /retention: the parameter from_date is missing": "recorded: the report has a range",
    "query: GET /retention: the parameter to_date is missing": "recorded: the report has a range",
    "query: POST /engage: the body is application/json, documented are "
    "application/x-www-form-urlencoded": "recorded: engage takes JSON, as the other queries do",
}
"""Difference of the client's own requests from a document → why it is right."""

RECORDED_ONLY: dict[str, str] = {
    f"feature-flags-management: {operation}: the body: $.ruleset.rollout[0]: required "
    "['rollout_percentage', 'variant_splits']": "the recorded call's example is cut short"
    for operation in (
        "POST /projects/{project_id}/workspaces/{workspace_id}/feature-flags",
        "PUT /projects/{project_id}/workspaces/{workspace_id}/feature-flags/{flag_id}",
    )
}
"""The same for recorded calls, whose arguments are somebody's examples."""


@dataclass(frozen=True)
class Sent:
    """A request: what of it is documented."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    media: str
    """The body's type, without parameters."""
    content: bytes


def differences(sent: Sent) -> list[str]:
    """``"operation: how"`` for each difference; none when one variant fits."""
    found = [(operation, list(_differences(operation, sent))) for operation in _documented(sent)]
    if not found or any(not differing for _, differing in found):
        return []
    operation, differing = min(found, key=lambda row: len(row[1]))
    return [f"{operation.name}: {how}" for how in differing]


def is_documented(sent: Sent) -> bool:
    """Whether any document has its address."""
    return bool(_documented(sent))


OPERATIONS = tuple(operations())


def _documented(sent: Sent) -> list[Operation]:
    """The operations of an address, those with the fewest placeholders."""
    path = sent.path.rstrip("/")
    fitting = [
        operation
        for operation in OPERATIONS
        if operation.method == sent.method.lower() and _pattern(operation.template).fullmatch(path)
    ]
    fewest = min((operation.template.count("{") for operation in fitting), default=0)
    return [operation for operation in fitting if operation.template.count("{") == fewest]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", template.rstrip("/"))
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _differences(operation: Operation, sent: Sent) -> Iterator[str]:
    known = {p["name"]: p for p in operation.parameters if p["in"] == "query"}
    for name, parameter in known.items():
        if parameter.get("required") and name not in sent.query:
            yield f"the parameter {name} is missing"
    for name, values in sent.query.items():
        if name not in known and name != ORIGIN:
            yield f"the parameter {name} is not documented"
        if name not in known:
            continue
        problem = _problem(_read(values[-1], known[name].get("schema", {})), known[name]["schema"])
        if problem:
            yield f"the parameter {name}: {problem}"
    yield from _body(operation, sent)


def _body(operation: Operation, sent: Sent) -> Iterator[str]:
    if not sent.content:
        return
    if not operation.bodies:
        yield "a body is not documented"
        return
    said = operation.bodies.get(sent.media)
    if said is None:
        yield f"the body is {sent.media}, documented are {', '.join(sorted(operation.bodies))}"
        return
    schema = said.get("schema", {})
    if "json" in sent.media and "ndjson" not in sent.media:
        body = json.loads(sent.content)
    elif "form" in sent.media:
        fields = parse_qs(sent.content.decode(), keep_blank_values=True)
        inside = schema.get("properties", {})
        body = {k: _read(v[-1], inside.get(k, {})) for k, v in fields.items()}
    else:
        return
    problem = _problem(body, schema)
    if problem:
        yield f"the body: {problem}"


def _problem(value: Any, schema: Mapping[str, Any]) -> str:
    try:
        jsonschema.validate(value, schema)
    except jsonschema.ValidationError as problem:
        return f"{problem.json_path}: {problem.validator} {str(problem.validator_value)[:80]}"
    return ""


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    """A parameter's text as what its schema has: a number, a truth, a list, or text."""
    if schema.get("type") in ("integer", "number", "boolean", "array", "object"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
