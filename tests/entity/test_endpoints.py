"""What a declaration promises: pages, scopes, answers of odd shapes, questions before destruction."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import mpnb
from mpnb.entity.base import ENDPOINTS, ENTITIES, Entity, delete, patch
from tests.entity.remote import answering, sent, workspace

TAG = {"id": 3, "name": "release"}
DASHBOARD = {"id": 1001, "title": "Growth"}
REPORT = {"id": 2002, "name": "WAU", "type": "insights", "dashboard_id": 1001, "params": {}}


def ok(results: Any, **more: Any) -> dict[str, Any]:
    return {"status": "ok", "results": results, **more}


# Lists


def test_trap_14_lists_follow_cursors_to_the_end() -> None:
    pages = [
        ok([TAG], pagination={"next_cursor": "b"}),
        ok([{**TAG, "id": 4}], pagination={"next_cursor": "c"}),
        ok([{**TAG, "id": 5}], pagination={"next_cursor": None}),
    ]
    ws, server = answering(*pages)
    assert [tag.id for tag in ws.list_annotation_tags()] == [3, 4, 5]
    assert [sent(request)["query"] for request in server.asked] == [
        {},
        {"cursor": "b"},
        {"cursor": "c"},
    ]


def test_a_cursor_in_a_nested_envelope_is_followed() -> None:
    ws, _ = answering(ok(ok([REPORT], pagination={"next_cursor": "b"})), ok(ok([REPORT])))
    assert len(ws.list_bookmarks_v2()) == 2


def test_pages_that_go_in_circles_are_an_error() -> None:
    ws, _ = answering(*[ok([TAG], pagination={"next_cursor": "b"})] * 3)
    with pytest.raises(mpnb.MixpanelHeadlessError, match="keeps naming the same page"):
        ws.list_annotation_tags()


def test_chosen_by_no_ids_nothing_is_left() -> None:
    ws, server = answering()
    assert ws.list_dashboards(ids=[]) == []
    assert server.asked == []


def test_a_yes_is_no_number() -> None:
    ws, server = answering()
    with pytest.raises(mpnb.ParamTypeError, match="dashboard_id is a whole number, not True"):
        ws.delete_dashboard(True)
    with pytest.raises(mpnb.ParamTypeError, match="page_size is a whole number"):
        ws.get_bookmark_history(7, page_size=False)
    assert server.asked == []


def test_a_body_that_says_nothing_is_an_object() -> None:
    ws, server = answering(ok({"id": "x", "name": "CTA"}))
    ws.conclude_experiment("x")
    assert sent(server.asked[0])["body"] == {}


@pytest.mark.parametrize("body", [[DASHBOARD], ok([DASHBOARD]), {"results": [DASHBOARD]}])
def test_lists_with_and_without_an_envelope(body: Any) -> None:
    ws, _ = answering(body)
    assert [dashboard.title for dashboard in ws.list_dashboards()] == ["Growth"]


TEMPLATE = {"title_key": "t", "description_key": "d"}


@pytest.mark.parametrize(
    "results",
    [
        {"templates": {"kpis": TEMPLATE}},
        {"templates": [{**TEMPLATE, "name": "kpis"}]},
        [{**TEMPLATE, "name": "kpis"}],
    ],
)
def test_templates_come_as_a_map_or_a_list(results: Any) -> None:
    ws, _ = answering(ok(results))
    [template] = ws.list_blueprint_templates()
    assert template.model_extra == {"name": "kpis"}


# Answers


def test_trap_19_an_annotation_without_its_project() -> None:
    ws, _ = answering(ok({"id": 5, "date": "2024-01-01 00:00:00", "description": "Launch"}))
    assert ws.get_annotation(5).project_id is None


def test_unknown_fields_and_words_are_kept() -> None:
    flag = {"id": "f", "name": "n", "key": "k", "status": "paused", "later": 1, "tags": None}
    ws, _ = answering(ok(flag), pinned=True)
    found = ws.get_feature_flag("f")
    assert (found.status, found.model_extra, found.tags) == ("paused", {"later": 1}, [])
    assert found.serving_method is mpnb.ServingMethod.CLIENT


def test_ids_come_as_numbers_or_text() -> None:
    ws, _ = answering(ok([{"id": 7, "name": "Hook", "url": "u", "is_enabled": True}]))
    assert ws.list_webhooks()[0].id == "7"


def test_an_answer_of_another_shape_names_the_field() -> None:
    ws, _ = answering(ok({"id": 5, "date": "2024-01-01"}))
    with pytest.raises(
        mpnb.ResponseValidationError, match=r"get_annotation.*description"
    ) as caught:
        ws.get_annotation(5)
    assert caught.value.details["errors"][0]["loc"] == ("description",)


def test_a_refusal_with_status_200_is_an_error() -> None:
    ws, _ = answering({"status": "error", "error": "no such annotation"})
    with pytest.raises(mpnb.QueryError, match="no such annotation"):
        ws.get_annotation(5)


def test_a_history_without_an_inner_envelope() -> None:
    ws, _ = answering(ok([{"action": "created"}], pagination={"next_cursor": "c", "page_size": 1}))
    history = ws.get_bookmark_history(2002)
    assert history.results == [{"action": "created"}]
    assert history.pagination is not None
    assert history.pagination.next_cursor == "c"


# Arguments


@pytest.mark.parametrize("value", ["", ".", "..", " "])
def test_an_empty_path_argument_is_refused(value: str) -> None:
    ws, server = answering(pinned=True)
    with pytest.raises(mpnb.ParamValidationError, match="flag_id must not be empty"):
        ws.delete_feature_flag(value)
    assert server.asked == []


def test_path_arguments_are_escaped() -> None:
    ws, server = answering({}, pinned=True)
    ws.delete_webhook("a/../b?c")
    assert server.asked[0].url.raw_path.endswith(b"/webhooks/a%2F..%2Fb%3Fc/")


def test_a_misspelt_field_of_a_body_is_refused() -> None:
    with pytest.raises(ValueError, match="titel"):
        mpnb.UpdateDashboardParams.model_validate({"titel": "x"})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda ws: ws.get_dashboard("x"), r"get_dashboard\(\): dashboard_id: .*integer"),
        (lambda ws: ws.list_dashboards(ids="1"), r"list_dashboards\(\): ids: .*list"),
        (lambda ws: ws.create_cohort({"nam": "x"}), r"create_cohort\(\): params\.name: .*required"),
        (lambda ws: ws.bulk_update_cohorts([{"id": 1, "nam": "x"}]), r"entries\.0\.nam"),
        (lambda ws: ws.get_cohort(None), r"cohort_id"),
        (lambda ws: ws.delete_cohort(), r"delete_cohort\(\): missing.*cohort_id"),
    ],
)
def test_wrong_arguments_are_refused_before_a_request(call: Any, said: str) -> None:
    ws, server = answering()
    with pytest.raises(TypeError, match=said):
        call(ws)
    assert server.asked == []


def test_an_object_does_for_a_model() -> None:
    ws, server = answering(ok({"id": 3, "name": "x"}))
    ws.create_annotation_tag({"name": "x"})  # type: ignore[arg-type]
    assert sent(server.asked[0])["body"] == {"name": "x"}


def test_passwords_stay_out_of_reprs() -> None:
    made = mpnb.CreateWebhookParams(name="n", url="u", password="hunter2")
    assert "hunter2" not in repr(made)


class Odd(Entity):
    """Declarations whose arguments go elsewhere than usual."""

    @delete("things/", into="body", names={"thing_id": "thingId"})
    def remove(self, thing_id: int) -> None:
        """Remove a thing."""

    @patch("things/{kind}", whole="made")
    def replace(self, kind: str, made: dict[str, Any], *, names: list[str] | None = None) -> None:
        """Replace things."""


def test_arguments_that_go_elsewhere() -> None:
    ws, server = answering({}, {})
    Odd.remove(ws, 5)  # type: ignore[arg-type]
    Odd.replace(ws, "x", {"a": 1})  # type: ignore[arg-type]
    assert [sent(request)["body"] for request in server.asked] == [{"thingId": 5}, {"a": 1}]


# Scopes


def test_a_data_view_is_looked_up_where_the_path_needs_one() -> None:
    ws, server = answering(ok([{"id": 778}, {"id": 777, "is_global": True}]), ok([]), ok([]))
    ws.list_feature_flags()
    ws.list_feature_flags()
    paths = [request.url.path for request in server.asked]
    assert paths[0].endswith("/projects/12345/workspaces/public")
    assert paths[1:] == ["/api/app/projects/12345/workspaces/777/feature-flags/"] * 2


def test_local_data_has_no_entities(demo: mpnb.Workspace) -> None:
    with pytest.raises(mpnb.NotSupportedError, match="list_alerts asks Mixpanel"):
        demo.list_alerts()


# Changes


def test_changes_are_not_repeated_after_a_lost_connection() -> None:
    asked = []

    def lose(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        raise httpx.ReadTimeout("gone")

    ws = workspace(lose)  # type: ignore[arg-type]
    with pytest.raises(mpnb.MixpanelHeadlessError, match="not known"):
        ws.create_annotation_tag(mpnb.CreateAnnotationTagParams(name="x"))
    assert len(asked) == 1


@pytest.fixture
def in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(get_ipython=lambda: object())
    monkeypatch.setitem(sys.modules, "IPython", shell)


def _says(word: str) -> Any:
    return lambda question: word


@pytest.mark.usefixtures("in_a_notebook")
@pytest.mark.parametrize("word", ["", "n", "no", "maybe"])
def test_a_person_who_does_not_agree_deletes_nothing(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtins, "input", _says(word))
    ws, server = answering()
    with pytest.raises(mpnb.MixpanelHeadlessError, match=r"dashboard_id=5.*confirm=True") as caught:
        ws.delete_dashboard(5)
    assert (caught.value.code, server.asked) == ("NOT_CONFIRMED", [])


@pytest.mark.usefixtures("in_a_notebook")
def test_a_person_who_agrees_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "input", _says("y"))
    ws, server = answering({})
    ws.delete_dashboard(5)
    assert server.asked[0].method == "DELETE"


@pytest.mark.usefixtures("in_a_notebook")
def test_confirmed_calls_do_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(builtins, "input")
    ws, server = answering({})
    ws.bulk_delete_cohorts([1, 2], confirm=True)
    assert sent(server.asked[0])["body"] == {"cohort_ids": [1, 2]}


# Declarations


def test_a_call_that_destroys_has_confirm() -> None:
    with pytest.raises(TypeError, match="confirm"):

        class Broken(Entity):
            @delete("x/{x_id}", destroys=True)
            def delete_x(self, x_id: int) -> None: ...


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.name)
def test_declarations_fit_their_signatures(endpoint: Any) -> None:
    parameters = endpoint.signature.parameters
    assert endpoint.placeholders <= parameters.keys()
    assert endpoint.names.keys() <= parameters.keys()
    assert endpoint.doc.endswith(".")
    if endpoint.name.startswith(("delete_", "bulk_delete_")):
        assert endpoint.destroys
    assert not endpoint.whole or endpoint.whole in parameters
    shown = inspect.signature(getattr(ENTITIES[endpoint.entity], endpoint.name))
    assert shown == endpoint.signature


# What a newcomer forgets


FOLDER = Path(mpnb.__file__).parent / "entity"
UNNAMED = {
    "LookupTableBegun",
    "LookupTableUpload",
    "Record",
    "CamelRecord",
    "Params",
    "CamelParams",
}
"""Models that no method gives or takes."""


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_an_entity_is_mixed_in_and_its_models_are_public(path: Path) -> None:
    import_module(f"mpnb.entity.{path.stem}")
    entities = {cls for cls in ENTITIES.values() if cls.__module__ == f"mpnb.entity.{path.stem}"}
    assert entities <= {*mpnb.Workspace.__mro__}, "its class belongs into workspace.py"
    models = {
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        if {ast.unparse(base) for base in node.bases}
        & {"Record", "Params", "CamelRecord", "CamelParams"}
    }
    assert models - {*mpnb.__all__} - UNNAMED == set(), "its name belongs into entity/__init__.py"
