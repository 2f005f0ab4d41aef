"""Every documented operation is asked of the emulator: its answer fits the document, or it is named.

The walk makes one request of each operation's own examples; what is not served is in `NOT_SERVED`,
and the table must be exact, so that nothing goes missing in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from mpnb import emulator
from tests.emulator.conftest import TOKEN, client_of, project
from tests.emulator.documents import Operation, operations

OPERATIONS = list(operations())
NOT_SERVED = (
    "data-pipelines: ",
    "feature-flags: ",
    "gdpr: ",
    "ingestion: GET /lookup-tables",
    "ingestion: PUT /lookup-tables",
    "service-accounts: ",
    "warehouse-connectors: ",
)
"""Beginnings of the names of what the emulator has no route for; mpnb calls none of it."""

REFUSED = {
    "identity: POST /import": "the example's record has no time, which the API refuses too",
    "ingestion: POST /engage#profile-batch-update": "the example's token is not the project's",
    "ingestion: POST /groups#group-batch-update": "the example's token is not the project's",
    "query: GET /insights": "there is no saved report 1; test_entities has saved ones",
    "query: GET /funnels": "there is no saved funnel 1; test_entities has saved ones",
    "query: POST /engage": "the example goes on with a session that was never begun",
    "query: POST /jql": "Mixpanel has ended JQL",
}
"""Operation that is served, and refuses the document's own example → why."""

TAG = "the example has a tag of an id that does not exist; it is kept as it was sent"
DIFFERS = {
    "annotations: POST /projects/{projectId}/annotations": TAG,
    "annotations: GET /projects/{projectId}/annotations": TAG,
    "annotations: GET /projects/{projectId}/annotations/{annotationId}": TAG,
    "annotations: PATCH /projects/{projectId}/annotations/{annotationId}": TAG,
    "annotations: GET /projects/{projectId}/annotations/tags": (
        "the document has a bare list; recorded clients read the envelope"
    ),
    "experiments: PATCH /workspaces/{workspace_id}/experiments/{experiment_id}": (
        "the example's status is the word 'text', which is kept"
    ),
}
"""Operation whose answer does not fit the document → how."""
KNOWN = {
    "project_id": "12345",
    "projectId": "12345",
    "organizationId": "9",
    "workspace_id": "777",
    "event": "Buy",
    "born_event": "View",
    "from_date": "2025-01-01",
    "to_date": "2025-01-10",
    "type": "general",
    "distinct_ids": '["user 1 é"]',
    "on": "amount",
    "name": "plan",
    "addiction_unit": "hour",
    "unit": "day",
}
"""Parameter → a value of the small project."""


MORE = {
    "query: GET /retention": {"born_event": "View", "event": "Buy"},
    "query: GET /events": {"event": '["Buy"]'},
}
"""Operation → parameters that its example lacks, or has in a form of another call."""


@pytest.fixture(scope="module")
def asked() -> Iterator[dict[str, httpx.Response]]:
    """Each operation's answer, by its name."""
    with emulator.serve(project(), token=TOKEN, limits=False) as running, client_of(running) as c:
        found: dict[str, httpx.Response] = {}
        ids: dict[str, str] = {}
        for operation in OPERATIONS:
            found[operation.name] = _ask(c, operation, ids)
        yield found


def _ask(client: httpx.Client, operation: Operation, ids: dict[str, str]) -> httpx.Response:
    path = operation.template
    for p in operation.parameters:
        if p["in"] == "path":
            where = f"{operation.document}/{p['name']}"
            path = path.replace(f"{{{p['name']}}}", KNOWN.get(p["name"], ids.get(where, "1")))
    query = {key: KNOWN.get(key, value) for key, value in operation.query().items()}
    query |= MORE.get(operation.name, {})
    body = operation.body()
    sent: dict[str, Any] = {}
    if body is not None and "json" in body[0]:
        sent["json"] = body[1]
    elif body is not None:
        content = body[1] if isinstance(body[1], str) else _form(body[1])
        sent = {"content": content, "headers": {"content-type": body[0]}}
    answer = client.request(operation.method, path, params=query, **sent)
    _note(operation, answer, ids)
    return answer


def _form(value: Any) -> str:
    fields = {k: v if isinstance(v, str) else json.dumps(v) for k, v in value.items()}
    return str(httpx.QueryParams(fields))


def _note(operation: Operation, answer: httpx.Response, ids: dict[str, str]) -> None:
    """Remember the id of what was made, for the operations on it."""
    if operation.method != "post" or answer.status_code >= 300:
        return
    made = answer.json().get("results") if answer.text.startswith("{") else None
    if isinstance(made, dict) and "id" in made:
        children = (o for o in OPERATIONS if o.document == operation.document)
        for child in children:
            if child.path.startswith(operation.path + "/{"):
                name = child.path[len(operation.path) + 2 :].partition("}")[0]
                ids.setdefault(f"{operation.document}/{name}", str(made["id"]))


def _unserved(answer: httpx.Response) -> bool:
    return answer.status_code in (404, 501) and "There is no route" in answer.text


@pytest.mark.skipif(not OPERATIONS, reason="the OpenAPI files are not here: set MPNB_SHARED")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_contract(operation: Operation, asked: dict[str, httpx.Response]) -> None:
    answer = asked[operation.name]
    assert _unserved(answer) == operation.name.startswith(NOT_SERVED), answer.text
    if _unserved(answer):
        return
    assert (answer.status_code >= 300) == (operation.name in REFUSED), answer.text
    if answer.status_code < 300:
        problem = _problem(operation, answer)
        assert bool(problem) == (operation.name in DIFFERS), problem


def _problem(operation: Operation, answer: httpx.Response) -> str:
    """How an answer does not fit its document; empty when it does."""
    schemas = operation.good
    schema = schemas.get(str(answer.status_code), next(iter(schemas.values()), None))
    if schema is None:
        return ""
    try:
        jsonschema.validate(answer.json(), schema)
    except jsonschema.ValidationError as problem:
        return f"{problem.json_path}: {problem.message[:300]}"
    return ""


@pytest.mark.skipif(not OPERATIONS, reason="the OpenAPI files are not here: set MPNB_SHARED")
def test_tables_name_what_is_documented() -> None:
    names = {operation.name for operation in OPERATIONS}
    assert {*REFUSED, *DIFFERS, *MORE} <= names
    assert all(any(name.startswith(start) for name in names) for start in NOT_SERVED)
