"""The entity store: what the client declares works, and what is documented looks as documented."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

import mpnb
from mpnb import emulator
from mpnb.emulator import Running
from mpnb.emulator.app import App
from mpnb.emulator.entities import Entities
from mpnb.emulator.project import Project
from tests.emulator.conftest import TOKEN, client_of, project

SCOPES = ("projects/12345", "workspaces/777")
NEW: dict[str, dict[str, Any]] = {
    "dashboards": {"title": "Growth"},
    "bookmarks": {"name": "WAU", "type": "insights", "params": {"sections": {}}},
    "cohorts": {"name": "Power users"},
    "annotations": {"date": "2025-01-05 00:00:00", "description": "Launch"},
    "webhooks": {"name": "Hook", "url": "https://example.com/h"},
    "alerts/custom": {"name": "Drop", "bookmark_id": 1, "condition": {}, "frequency": 86400},
    "experiments": {"name": "CTA"},
    "custom_properties": {"name": "Rev", "resourceType": "events", "displayFormula": "A"},
}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", NEW)
def test_rows_are_made_changed_and_taken_away(
    client: httpx.Client, path: str, slash: str, scope: str
) -> None:
    base = f"/api/app/{scope}/{path}"
    made = client.post(base + slash, json=NEW[path]).json()["results"]
    key = made.get("id", made.get("customPropertyId"))
    one = f"{base}/{key}{slash}"
    assert client.get(one).json()["results"] == made
    changed = client.patch(one, json={"note": "é"}).json()["results"]
    assert changed == made | {"note": "é", "modified": changed["modified"]}
    assert client.get(base + slash).json()["results"] == [changed]
    assert client.delete(one).status_code == 200
    assert client.get(one).status_code == 404
    assert client.delete(one).status_code == 404


def test_bulk_changes_are_whole_or_not_at_all(client: httpx.Client) -> None:
    base = "/api/app/projects/12345/bookmarks"
    ids = [client.post(base, json=NEW["bookmarks"]).json()["results"]["id"] for _ in range(3)]
    missing = {"bookmark_ids": [*ids, 1]}
    assert client.post(base + "/bulk-delete", json=missing).status_code == 404
    assert len(client.get(base).json()["results"]) == 3
    assert client.post(base + "/bulk-delete", json={"bookmark_ids": ids}).status_code == 200
    assert client.get(base).json()["results"] == []


def test_every_declared_endpoint_has_a_route() -> None:
    """The organisation's context is declared with its whole address and answered at its scope."""
    local = project()
    app = App(Project(local.engine), Entities(None, lambda: "now"))  # type: ignore[arg-type]  # it is local
    unplayed = {route.template for route in app.routes if not route.known}
    assert unplayed == {"organizations/{}/business-context"}
    assert {"dashboards", "bookmarks/{}", "annotations/tags"} <= {r.template for r in app.routes}


def test_through_the_workspace(remote: mpnb.Workspace) -> None:
    kept = remote.save(remote.query("Buy"), "Sales")
    assert remote.get_bookmark(kept.id).name == "Sales"
    assert [report.id for report in remote.list_bookmarks()] == [kept.id]
    answer = remote.query_saved_report(kept.id)
    assert answer.df["count"].sum() == remote.query("Buy").df["count"].sum()
    again = remote.save(remote.query("View"), "Sales")
    assert again.id == kept.id
    note = remote.list_annotations()
    assert note == []


def test_changes_are_logged_with_what_was_read_before(remote: mpnb.Workspace) -> None:
    made = remote.create_annotation(
        mpnb.CreateAnnotationParams(date="2025-01-02 00:00:00", description="first")
    )
    remote.update_annotation(made.id, mpnb.UpdateAnnotationParams(description="blind"))
    remote.list_annotations()
    remote.update_annotation(made.id, mpnb.UpdateAnnotationParams(description="second"))
    remote.delete_annotation(made.id)
    audit = remote.audit
    assert audit is not None
    before = [entry.get("before", {}).get("description") for entry in audit.entries()]
    assert before == [None, None, "blind", "second"]


def test_saved_funnels_and_flows(remote: mpnb.Workspace) -> None:
    funnel = remote.save(remote.query_funnel(["View", "Buy"]), "F")
    dates = {"from_date": "2025-01-01", "to_date": "2025-01-05"}
    saved = remote.funnel(funnel.id, **dates)
    days = [f"2025-01-0{day}" for day in range(1, 6)]
    asked = [remote.query_funnel(["View", "Buy"], from_date=day, to_date=day) for day in days]
    counts = [[step["count"] for step in each.steps_data] for each in asked]
    assert [step.count for step in saved.steps] == [
        sum(column) for column in zip(*counts, strict=True)
    ]
    flow = remote.save(remote.query_flow("View"), "G")
    assert remote.query_saved_flows(flow.id).steps
    curve = remote.save(remote.query_retention("View", "Buy"), "R")
    report = remote.query_saved_report(curve.id, bookmark_type="retention")
    assert all(set(row) == {"counts", "first"} for row in report.series.values())


def test_state_survives_in_its_file(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    for wanted in (1, 2):
        with (
            emulator.serve(project(), token=TOKEN, state=state, limits=False) as running,
            client_of(running) as client,
        ):
            base = "/api/app/projects/12345/dashboards"
            client.post(base, json={"title": "D"})
            assert len(client.get(base).json()["results"]) == wanted


def test_lookup_tables_are_uploaded_in_three_steps(client: httpx.Client) -> None:
    base = "/api/app/projects/12345/data-definitions/lookup-tables/"
    place = client.get(base + "upload-url/").json()["results"]
    content = "id,name\n1,é\n2,x\n".encode()
    assert httpx.put(place["url"], content=content).status_code == 200
    assert httpx.put(place["url"] + "x", content=content).status_code == 403
    form = {"name": "Products", "path": place["path"], "key": place["key"]}
    upload = client.post(base, data=form).json()["results"]["uploadId"]
    statuses = [
        client.get(base + "upload-status/", params={"upload-id": upload}).json()["results"]
        for _ in range(2)
    ]
    assert [status["uploadStatus"] for status in statuses] == ["PENDING", "SUCCESS"]
    table = statuses[1]["result"]
    assert client.get(base).json()["results"] == [table]
    named = {"data-group-id": str(table["id"])}
    assert client.get(base + "download/", params=named).content == content
    short = client.get(base + "download/", params={**named, "limit": "1"}).text
    assert short == "id,name\n1,é\n"
    url = client.get(base + "download-url/", params=named).json()["results"]["url"]
    assert httpx.get(url).content == content
    gone = client.request("DELETE", base, json={"data-group-ids": [table["id"]]})
    assert gone.status_code == 200
    assert client.get(base).json()["results"] == []


def test_business_context(client: httpx.Client) -> None:
    path = "/api/app/projects/12345/business-context"
    organization = "/api/app/organizations/9/business-context"
    assert client.get(organization).json()["results"] == {"content": ""}
    assert client.get(path).json()["results"] == {"content": ""}
    assert client.put(path, json={"content": "# é"}).status_code == 200
    chain = client.get(path + "/chain").json()["results"]
    assert chain == {"org_context": "", "project_context": "# é"}
    assert client.put(path, json={"content": "x" * 50_001}).status_code == 400


# --- the documented answers ---------------------------------------------------------------------

SHARED = Path(os.environ.get("MPNB_SHARED", Path(__file__).parents[3] / "shared"))
DATES = "from_date=2025-01-01&to_date=2025-01-10"
DOCUMENTED = [
    ("query", "get", "/segmentation", f"?event=Buy&{DATES}"),
    ("query", "get", "/segmentation/numeric", f"?event=Buy&{DATES}&on=amount"),
    ("query", "get", "/segmentation/sum", f"?event=Buy&{DATES}&on=amount"),
    ("query", "get", "/segmentation/average", f"?event=Buy&{DATES}&on=amount"),
    ("query", "get", "/retention", f"?born_event=View&event=Buy&{DATES}"),
    ("query", "get", "/retention/addiction", f"?unit=day&addiction_unit=hour&{DATES}"),
    ("query", "get", "/events", f"?event=[%22Buy%22]&type=general&unit=day&{DATES}"),
    ("query", "get", "/events/names", "?type=general"),
    ("query", "get", "/events/top", "?type=general"),
    ("query", "get", "/events/properties/top", "?event=Buy"),
    ("query", "get", "/events/properties/values", "?event=Buy&name=plan"),
    ("query", "get", "/stream/query", f"?distinct_ids=[%22user 1 é%22]&{DATES}"),
    ("query", "get", "/funnels/list", ""),
    ("query", "post", "/cohorts/list", ""),
    ("query", "post", "/engage", ""),
]


@pytest.mark.parametrize(("file", "method", "path", "query"), DOCUMENTED)
def test_answers_are_as_documented(
    running: Running, file: str, method: str, path: str, query: str
) -> None:
    source = SHARED / "reference" / "openapi" / f"{file}.openapi.yaml"
    if not source.exists():
        pytest.skip("the OpenAPI files are not here: set MPNB_SHARED")
    document = yaml.safe_load(source.read_text("utf-8"))
    operation = document["paths"][path][method]
    said = _resolved(operation["responses"]["200"], document)
    with client_of(running) as client:
        answer = client.request(method, f"/api/query{path}{query}")
    assert answer.status_code == 200, answer.text
    schema = _resolved(said["content"]["application/json"]["schema"], document)
    if path == "/engage":  # documented as a number, which it is not
        row = schema["properties"]["results"]["items"]["properties"]
        row["$distinct_id"]["type"] = "string"
    jsonschema.validate(answer.json(), schema)


def _resolved(part: Any, document: Any) -> Any:
    """A piece of the document with its references filled in."""
    if isinstance(part, list):
        return [_resolved(item, document) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        found = document
        for key in part["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return _resolved(found, document)
    return {key: _resolved(value, document) for key, value in part.items()}


def test_the_chain_knows_the_organisation_once_somebody_asked(
    remote: mpnb.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chain is one request: it never asks who the organisation is, but uses what is kept."""
    monkeypatch.setenv("MP_STORAGE_DIR", str(tmp_path))
    remote.set_business_context("# Project")
    cold = remote.get_business_context_chain()
    assert (cold.organization.organization_id, cold.project.content) == (None, "# Project")
    remote.set_business_context("# Org", level="organization")
    warm = remote.get_business_context_chain()
    assert (warm.organization.organization_id, warm.organization.content) == (9, "# Org")
    assert warm.project.project_id == "12345"


def test_saved_funnels_are_listed_here_and_there(remote: mpnb.Workspace, tmp_path: Path) -> None:
    for ws in (remote, project()):
        assert ws.funnels() == []
        for name in ("Second", "First"):
            ws.save(ws.query_funnel(["View", "Buy"]), name)
        ws.save(ws.query("Buy"), "No funnel")
        ws.clear_discovery_cache()
        assert [funnel.name for funnel in ws.funnels()] == ["First", "Second"]
        saved = ws.query_saved_report(ws.funnels()[0].funnel_id, bookmark_type="funnels")
        assert saved.series


def test_a_metric_that_a_schema_refuses_is_told_in_short(remote: mpnb.Workspace) -> None:
    metric = mpnb.Metric("Buy")
    made = remote.create_metric(mpnb.CreateMetricParams(name="Sales", definition=metric))
    assert remote.get_metric(made.id).name == "Sales"
    lacking = mpnb.RawMetricDefinition(type="metric", definition={"behavior": {"name": "é" * 999}})
    params = mpnb.CreateMetricParams(name="No", definition=lacking)
    with pytest.raises(mpnb.errors.QueryError) as refused:
        remote.create_metric(params, validate=False)
    said = str(refused.value)
    assert "'measurement' is a required property (at definition.measurement)" in said
    assert "éééé" not in said
    body = refused.value.response_body
    assert isinstance(body, dict)
    assert body["details"]["data"]["name"] == "No", "all of it stays at hand"
    assert [row.name for row in remote.list_metrics()] == ["Sales"]


def test_what_is_saved_can_be_asked(remote: mpnb.Workspace) -> None:
    """Cohorts, custom events and custom properties are computed like those of a store's settings."""
    buyers = mpnb.CohortDefinition(mpnb.CohortCriteria.did_event("Buy", at_least=3, within_days=30))
    made = remote.create_cohort(mpnb.CreateCohortParams(name="Often", definition=buyers.to_dict()))
    members = remote.query_user(cohort=buyers).value
    assert made.count == members
    assert 0 < members < 40
    assert remote.query_user(cohort=made.id).value == members
    assert [(row.name, row.count) for row in remote.cohorts()] == [("Often", members)]
    where = mpnb.Filter.in_cohort(made.id)
    total = remote.query("View", where=where).df["count"].sum()
    assert 0 < total < remote.query("View").df["count"].sum()
    any_event = remote.create_custom_event(
        mpnb.CreateCustomEventParams(name="Any", alternatives=["Buy", "View"])
    )
    assert (
        remote.query(mpnb.Metric(mpnb.CustomEventRef(any_event.id))).df["count"].sum()
        == remote.query(["Buy", "View"]).df["count"].sum()
    )
    composed = {
        "A": mpnb.ComposedPropertyValue(type="number", resource_type="event", value="amount")
    }
    double = remote.create_custom_property(
        mpnb.CreateCustomPropertyParams(
            name="Double",
            resource_type="events",
            display_formula="A * 2",
            composed_properties=composed,
        )
    )
    asked: dict[str, Any] = {"math": "total", "mode": "total"}
    twice = remote.query(
        mpnb.Metric("View", property=mpnb.CustomPropertyRef(double.custom_property_id)), **asked
    )
    once = remote.query("View", math_property="amount", **asked)
    assert twice.df["count"].sum() == 2 * once.df["count"].sum()
    remote.import_events(
        [
            {
                "event": "Buy",
                "properties": {"time": 1738300000, "distinct_id": "n", "$insert_id": "n"},
            }
        ]
    )
    assert remote.query_user(cohort=made.id).value == members
    remote.delete_cohort(made.id, confirm=True)
    remote.clear_discovery_cache()
    assert remote.cohorts() == []


def test_a_cohort_that_cannot_be_computed_is_kept(remote: mpnb.Workspace) -> None:
    odd = {"selector": {"property": "weather", "operator": "in"}, "behaviors": {}}
    made = remote.create_cohort(mpnb.CreateCohortParams(name="Odd", definition=odd))
    assert (made.name, made.count) == ("Odd", None)
    assert remote.cohorts() == []
    assert remote.get_cohort(made.id).name == "Odd"
