"""What is particular about uploads, contexts and definitions, beyond the recorded calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

import mpnb
from tests.entity.remote import Server, answering, sent, workspace

TARGET = {"url": "https://storage.example.com/upload?sig=1", "path": "bucket/p.csv", "key": "abc"}
TABLE = {"id": 11, "name": "Products", "hasMappedProperties": True}
UPLOADING = {"results": {"uploadId": "up-1"}}


def _status(word: str, **more: Any) -> tuple[int, Any]:
    return 200, {"results": {"uploadStatus": word, **more}}


def _upload(tmp_path: Path, *answers: tuple[int, Any], most_s: float = 9.0) -> tuple[Any, Server]:
    file = tmp_path / "products.csv"
    file.write_text("id,name\n1,x\n")
    server = Server([(200, {"results": TARGET}), *answers])
    params = mpnb.UploadLookupTableParams(name="Products", file_path=str(file), data_group_id=11)
    ws = workspace(server)
    made = ws.upload_lookup_table(params, poll_interval=0.0, max_poll_seconds=most_s)
    return made, server


def test_upload_of_a_large_file(tmp_path: Path) -> None:
    answers = [(200, None), (200, UPLOADING), _status("PENDING"), _status("SUCCESS", result=TABLE)]
    made, server = _upload(tmp_path, *answers)
    assert (made.id, made.name) == (11, "Products")
    ask, put, register, *looks = server.asked
    assert sent(ask)["query"] == {"content-type": "text/csv"}
    assert (put.method, str(put.url)) == ("PUT", TARGET["url"])
    assert put.content == b"id,name\n1,x\n"
    assert put.headers["content-type"] == "text/csv"
    assert "authorization" not in put.headers
    assert dict(parse_qsl(register.content.decode())) == {
        "name": "Products",
        "path": "bucket/p.csv",
        "key": "abc",
        "data-group-id": "11",
    }
    assert [sent(look)["query"] for look in looks] == [{"upload-id": "up-1"}] * 2


def test_upload_of_a_small_file(tmp_path: Path) -> None:
    made, _ = _upload(tmp_path, (200, None), (200, {"results": TABLE}))
    assert isinstance(made, mpnb.LookupTable)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([(403, None)], "UPLOAD_ERROR"),
        ([(200, None), (200, UPLOADING), _status("FAILURE")], "UPLOAD_FAILED"),
        ([(200, None), (200, UPLOADING), _status("NOTFOUND")], "UPLOAD_NOT_FOUND"),
    ],
)
def test_upload_fails(tmp_path: Path, answers: list[tuple[int, Any]], code: str) -> None:
    with pytest.raises(mpnb.MixpanelHeadlessError) as raised:
        _upload(tmp_path, *answers)
    assert raised.value.code == code


def test_upload_takes_too_long(tmp_path: Path) -> None:
    with pytest.raises(mpnb.MixpanelHeadlessError) as raised:
        _upload(tmp_path, (200, None), (200, UPLOADING), _status("PENDING"), most_s=-1.0)
    assert raised.value.code == "UPLOAD_TIMEOUT"


def test_context_too_long_is_not_sent() -> None:
    ws, server = answering()
    with pytest.raises(mpnb.BusinessContextValidationError) as raised:
        ws.set_business_context("x" * 50_001)
    assert raised.value.details == {"length": 50_001, "max": 50_000}
    assert server.asked == []


def test_context_says_how_long_it_is() -> None:
    ws, _ = answering({"results": {"content": "# Acme"}})
    context = ws.get_business_context()
    assert (context.is_empty, context.character_count) == (False, 6)
    assert context.model_dump()["character_count"] == 6


@pytest.mark.parametrize(
    ("me", "wanted"),
    [
        ({"projects": {"12345": {"name": "p", "organization_id": 9}}}, "9"),
        ({"organizations": {"8": {"id": 8, "name": "o"}}}, "8"),
    ],
)
def test_organisation_by_me(
    me: dict[str, Any], wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_STORAGE_DIR", str(tmp_path))
    ws, server = answering({"results": me}, {"results": {"content": ""}})
    assert ws.get_business_context(level="organization").organization_id == int(wanted)
    assert sent(server.asked[-1])["path"] == f"/api/app/organizations/{wanted}/business-context"


def test_organisation_is_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_STORAGE_DIR", str(tmp_path))
    two = {"8": {"id": 8, "name": "o"}, "9": {"id": 9, "name": "p"}}
    ws, _ = answering({"results": {"organizations": two}})
    with pytest.raises(mpnb.WorkspaceScopeError) as raised:
        ws.set_business_context("x", level="organization")
    assert raised.value.code == "ORGANIZATION_AMBIGUOUS"


def test_another_custom_event_was_changed() -> None:
    ws, _ = answering({"results": {"id": 1, "name": "Other", "customEventId": 22}})
    with pytest.raises(mpnb.MixpanelHeadlessError) as raised:
        ws.update_custom_event(21, mpnb.UpdateEventDefinitionParams(verified=True))
    assert raised.value.code == "UPDATE_TARGET_MISMATCH"


def test_a_custom_event_that_is_not_named_may_be_the_one() -> None:
    ws, _ = answering({"results": {"id": 1, "name": "Login", "verified": True}})
    changed = ws.update_custom_event(21, mpnb.UpdateEventDefinitionParams(verified=True))
    assert changed.custom_event_id is None


def test_an_audit_without_findings() -> None:
    ws, _ = answering({"results": []}, {"results": [[], {"computed_at": "2024-01-01"}]})
    assert (ws.run_audit().violations, ws.run_audit_events_only().computed_at) == ([], "2024-01-01")


def test_the_id_of_a_table_may_come_as_text(tmp_path: Path) -> None:
    done = _status("SUCCESS", result={**TABLE, "id": "11"})
    assert _upload(tmp_path, (200, None), (200, UPLOADING), done)[0].id == 11


@pytest.mark.parametrize("result", [None, {}, {"note": "done"}])
def test_an_upload_that_names_no_table(tmp_path: Path, result: Any) -> None:
    with pytest.raises(mpnb.MixpanelHeadlessError, match="did not say which table") as raised:
        _upload(tmp_path, (200, None), (200, UPLOADING), _status("SUCCESS", result=result))
    assert raised.value.code == "INVALID_RESPONSE"


@pytest.mark.parametrize("results", [{"url": 5}, {"url": ""}, {}])
def test_a_download_without_an_address(results: Any) -> None:
    ws, _ = answering({"results": results})
    with pytest.raises(mpnb.MixpanelHeadlessError) as raised:
        ws.get_lookup_download_url(11)
    assert raised.value.code == "MISSING_URL"


def test_definitions_of_no_names_are_none() -> None:
    ws, server = answering()
    assert ws.get_event_definitions(names=[]) == []
    assert server.asked == []


def test_export_that_is_mailed() -> None:
    ws, _ = answering({"results": "You will get a mail"})
    assert ws.export_lexicon() == {"status": "pending", "message": "You will get a mail"}


def test_a_schema_without_its_type() -> None:
    ws, server = answering()
    with pytest.raises(mpnb.ParamValidationError):
        ws.delete_schemas(entity_name="Purchase")
    assert server.asked == []


@pytest.mark.parametrize(
    "given", [{}, {"display_formula": "A"}, {"display_formula": "A", "behavior": {}}]
)
def test_custom_property_is_computed_one_way(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="display_formula"):
        mpnb.CreateCustomPropertyParams(name="p", resource_type="events", **given)


def test_bulk_changes_as_the_guide_has_them() -> None:
    ws, server = answering({"results": []}, {"results": []})
    event = mpnb.BulkEventUpdate(name="Purchase", description="bought", team_contacts=["Growth"])
    ws.bulk_update_event_definitions(mpnb.BulkUpdateEventsParams(events=[event]))
    email = mpnb.BulkPropertyUpdate(name="email", resource_type="user", description="d")
    ws.bulk_update_property_definitions(mpnb.BulkUpdatePropertiesParams(properties=[email]))
    assert [sent(request)["body"] for request in server.asked] == [
        {"events": [{"name": "Purchase", "description": "bought", "team_contacts": ["Growth"]}]},
        {"properties": [{"name": "email", "resourceType": "User", "description": "d"}]},
    ]


def test_property_definitions_are_asked_by_owner() -> None:
    ws, server = answering({"results": [{"name": "plan"}]})
    ws.get_property_definitions(names=["plan"], resource_type="user")
    assert sent(server.asked[0])["query"] == {"name[]": "plan", "resourceType": "User"}


def test_chain_does_not_guess_the_organisation() -> None:
    ws, server = answering({"results": {"org_context": "# Org", "project_context": ""}})
    chain = ws.get_business_context_chain()
    assert (chain.organization.content, chain.organization.organization_id) == ("# Org", None)
    assert chain.project.is_empty
    assert len(server.asked) == 1


def test_secrets_of_lookup_tables_do_not_show() -> None:
    target = mpnb.LookupTableUploadUrl(url="https://s/?sig=hidden", path="p", key="hidden")
    assert "hidden" not in repr(target)
