"""Each recorded call of an entity, made through the public method, sends the recorded request.

The arguments are read back from the recorded request by the declaration's own signature; calls of
ordinary methods, and arguments that are not told by the request, stand in `ARGUMENTS`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic import BaseModel, TypeAdapter

import mpnb
from mpnb.entity.base import ENDPOINTS, Endpoint
from mpnb.entity.sending import hints
from tests.entity.remote import PROJECT, VIEW, Server, sent, workspace
from tests.parity.shared import SHARED, needs_shared

DOMAINS = (
    "alerts",
    "annotations",
    "business context",
    "cohorts",
    "custom events",
    "custom properties",
    "dashboards",
    "data audit",
    "deletion requests",
    "drop filters",
    "experiments",
    "feature flags",
    "lexicon governance",
    "lookup tables",
    "reports",
    "saved behaviors",
    "saved metrics",
    "schema enforcement",
    "schema registry",
    "tracking and history",
    "volume anomalies",
    "webhooks",
)

ELSEWHERE = {"upload_lookup_table"}
"""Calls whose requests go to other servers too; a test of their own has them."""

IGNORED = {"query_origin"}
"""Query keys that only name the sending library."""


def _definition(body: dict[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in ("selector", "behaviors")}


def _cohort(body: dict[str, Any]) -> list[Any]:
    named = {key: body[key] for key in ("name", "description")}
    return [mpnb.CreateCohortParams(definition=_definition(body), **named)]


def _bookmark(body: dict[str, Any]) -> list[Any]:
    return [mpnb.CreateBookmarkParams(**{key: v for key, v in body.items() if key != "v"})]


def _named_definition(body: dict[str, Any], params: type[BaseModel]) -> list[Any]:
    return [body["name"], params(**{key: v for key, v in body.items() if key != "name"})]


LOOKUP = {
    "http_method": "GET",
    "path_template": "/projects/{project_id}/workspaces/public",
    "path_params": {"project_id": PROJECT},
    "query_params": {},
    "response_status": 200,
    "response_example": {"status": "ok", "results": [{"id": VIEW, "is_global": True}]},
}
"""What is asked first where the path needs a data view and none is pinned."""

FUNNEL = mpnb.FunnelBehavior(["Sign Up", "Purchase"])
RATE = mpnb.Formula("A/B", metrics=[mpnb.Metric("Login"), mpnb.Metric("Purchase")])
WAREHOUSE = mpnb.WarehouseMetric(3, "select 1", "numeric", value_column="v")

ARGUMENTS: dict[str, Any] = {
    "create_metric": lambda body: [
        mpnb.CreateMetricParams(
            name="DAU", description="d", definition=mpnb.Metric("Login", math="unique")
        )
    ],
    "create_metric formula_with_follow_up": lambda body: [
        mpnb.CreateMetricParams(name="Rate", definition=RATE, owned_by=7, verified=True)
    ],
    "create_metric warehouse": lambda body: [
        mpnb.CreateMetricParams(name="WH", definition=WAREHOUSE)
    ],
    "update_metric": lambda body: [
        31,
        mpnb.UpdateMetricParams(name="N", definition=mpnb.Metric("Purchase")),
    ],
    "bulk_update_metrics": lambda body: [
        [mpnb.BulkUpdateMetricEntry(id=31, name="N", owned_by=7, verified=True)]
    ],
    "list_metrics": lambda body: [],
    "delete_metric": lambda body: [31],
    "delete_metrics": lambda body: [[31, 32]],
    "create_behavior": lambda body: [
        mpnb.CreateBehaviorParams(name="Signup flow", behavior=FUNNEL)
    ],
    "update_behavior": lambda body: [41, mpnb.UpdateBehaviorParams(name="N", behavior=FUNNEL)],
    "list_behaviors": lambda body: [],
    "delete_behavior": lambda body: [41],
    "delete_behaviors": lambda body: [[41]],
    "add_report_to_dashboard": lambda body: [1001, 2002],
    "remove_report_from_dashboard": lambda body: [1001, 2002],
    "create_cohort": _cohort,
    "create_bookmark": _bookmark,
    "create_custom_event": lambda body: [
        mpnb.CreateCustomEventParams(name="Any login", alternatives=["Login", "SSO Login"])
    ],
    "update_custom_event": lambda body: [21, mpnb.UpdateEventDefinitionParams(description="d")],
    "export_lexicon": lambda body: [],
    "get_business_context": lambda body: [],
    "get_business_context organization": lambda body: {
        "level": "organization",
        "organization_id": 9,
    },
    "set_business_context": lambda body: [body["content"]],
    "set_business_context organization": lambda body: {
        **body,
        "level": "organization",
        "organization_id": 9,
    },
    "clear_business_context": lambda body: [],
    "get_business_context_chain": lambda body: [],
    "get_lookup_upload_url": lambda body: [],
    "get_lookup_download_url": lambda body: [11],
    "update_lookup_table": lambda body: [11, mpnb.UpdateLookupTableParams(name="N")],
    "mark_lookup_table_ready": lambda body: [
        mpnb.MarkLookupTableReadyParams(name="Products", key="abc", data_group_id=11)
    ],
    "list_schema_registry": lambda body: {"entity_type": "event"},
    "list_schema_registry all": lambda body: [],
    "delete_schemas": lambda body: {"entity_type": "event", "entity_name": "Purchase"},
    "delete_schemas all": lambda body: [],
    "delete_schemas entity_type": lambda body: {"entity_type": "event"},
    "list_data_volume_anomalies": lambda body: {"query_params": {"status": "open", "limit": 10}},
    "update_event_definition": lambda body: _named_definition(
        body, mpnb.UpdateEventDefinitionParams
    ),
    "update_property_definition": lambda body: _named_definition(
        body, mpnb.UpdatePropertyDefinitionParams
    ),
}
"""Method, and variant → its arguments, by position or by name, from the body of the first recorded request."""


def _methods() -> list[dict[str, Any]]:
    if not SHARED.is_dir():
        return []
    reference = SHARED / "reference"
    domains = json.loads((reference / "api.json").read_text("utf-8"))["workspace_domains"]
    wanted = {name for domain in DOMAINS for name in domains[domain]}
    calls = json.loads((reference / "endpoints.json").read_text("utf-8"))["methods"]
    return [call for call in calls if call["method_name"] in wanted - ELSEWHERE]


RECORDED = _methods()


@needs_shared
@pytest.mark.parametrize("pinned", [False, True], ids=["project", "pinned"])
@pytest.mark.parametrize("call", RECORDED, ids=lambda call: _named(call))
def test_recorded(call: dict[str, Any], pinned: bool) -> None:
    recorded = call["requests"]
    if recorded[0]["workspace_scoped"] == "path-required" and not pinned:
        recorded = [LOOKUP, *recorded]
    server = Server([(r["response_status"], r.get("response_example")) for r in recorded])
    ws = workspace(server, pinned=pinned)
    args, kwargs = _arguments(call)
    found = getattr(ws, call["method_name"])(*args, **kwargs)
    assert [sent(request) for request in server.asked] == [_wanted(r, pinned) for r in recorded]
    _check_answer(call, found)


def _wanted(request: dict[str, Any], pinned: bool) -> dict[str, Any]:
    scope = f"workspaces/{VIEW}" if pinned else f"projects/{PROJECT}"
    path = request["path_template"].replace("{scope}", scope)
    query = {k: v for k, v in request["query_params"].items() if k not in IGNORED}
    return {
        "method": request["http_method"],
        "path": "/api/app" + path.format(**request.get("path_params", {})),
        "query": query,
        "body": request.get("body"),
    }


def _named(call: dict[str, Any]) -> str:
    return " ".join([call["method_name"], *filter(None, [call.get("variant")])])


def _arguments(call: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    name, request = call["method_name"], call["requests"][0]
    if _named(call) in ARGUMENTS:
        given = ARGUMENTS[_named(call)](request.get("body"))
        return ([], given) if isinstance(given, dict) else (given, {})
    endpoint, args, kwargs = ENDPOINTS[name], [], {}
    for parameter in list(endpoint.signature.parameters.values())[1:]:
        if parameter.name == "confirm":
            continue
        value = _argument(endpoint, parameter.name, request)
        if parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[parameter.name] = value
        else:
            args.append(value)
    return args, kwargs


def _argument(endpoint: Endpoint, name: str, request: dict[str, Any]) -> Any:
    hint = hints(endpoint)[name]
    wire = endpoint.names.get(name, name)
    path, query = request.get("path_params", {}), request["query_params"]
    if name in endpoint.placeholders:
        return TypeAdapter(hint).validate_python(unquote(path[name]))
    if wire in query:
        value = query[wire]
        if "list[" in str(hint):
            value = value.split(",") if endpoint.lists == "comma" else _listed(value)
        return TypeAdapter(hint).validate_python(value)
    body = {k: v for k, v in request["body"].items() if k not in endpoint.body}
    inside = endpoint.in_body and wire in body and len(body) == 1
    return TypeAdapter(hint).validate_python(
        body[wire] if inside and "Params" not in str(hint) else body
    )


def _listed(value: Any) -> list[Any]:
    """A repeated query parameter as it was given."""
    return value if isinstance(value, list) else [value]


def _check_answer(call: dict[str, Any], found: Any) -> None:
    example = call["requests"][0].get("response_example")
    if call["result_type"] == "None":
        assert found is None
        return
    _check_type(call["result_type"], found)
    results = _results(call["method_name"], example)
    if call["method_name"] == "list_blueprint_templates":
        results = [{"name": name, **row} for name, row in results["templates"].items()]
    if results and isinstance(results, dict) and all(key.isdigit() for key in results):
        rows = list(results.values())
        results = rows if isinstance(found, list) else rows[0]
    assert _holds(found, results)


def _results(name: str, example: Any) -> Any:
    """What an answer holds, where that is not simply its results."""
    if name == "create_custom_event":
        return example["custom_event"]
    if name == "list_lexicon_tags":
        return [{"id": 0, "name": tag} if tag == "plain" else tag for tag in example["results"]]
    if name.startswith("run_audit"):
        violations, facts = example["results"]
        return {"violations": violations, **facts}
    if name == "get_business_context_chain":
        texts = example["results"]
        return {
            "organization": {"level": "organization", "content": texts["org_context"]},
            "project": {"project_id": PROJECT, "content": texts["project_context"]},
        }
    if name == "download_lookup_table":
        return example.encode()
    if name == "get_lookup_download_url":
        return example["results"]["url"]
    if name == "list_data_volume_anomalies":
        return example["results"]["anomalies"]
    return example["results"]


def _check_type(result_type: str, found: Any) -> None:
    if result_type.startswith("list[") and isinstance(found[0], BaseModel):
        assert result_type == f"list[{type(found[0]).__name__}]"
    elif isinstance(found, BaseModel):
        assert result_type == type(found).__name__


def _holds(found: Any, recorded: Any) -> bool:
    """Whether a parsed answer has everything that the recorded one has."""
    if isinstance(found, BaseModel):
        # Times are spelled with their zone by the model, as they come by the server.
        found = found.model_dump(mode="json") | found.model_dump(mode="json", by_alias=True)
    if isinstance(recorded, dict):
        return all(key in found and _holds(found[key], value) for key, value in recorded.items())
    if isinstance(recorded, list):
        return len(found) == len(recorded) and all(map(_holds, found, recorded))
    return bool(found == recorded)
