"""A workspace that only reads refuses every change before any request, whatever it looks up first."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import mpnb
from mpnb.entity.base import ENDPOINTS
from mpnb.errors import MixpanelHeadlessError
from tests.entity.remote import Server, workspace
from tests.entity.test_recorded import RECORDED, _arguments, _named
from tests.parity.shared import needs_shared


def _changes(call: dict[str, Any]) -> bool:
    declared = ENDPOINTS.get(call["method_name"])
    if declared is not None:
        return declared.changes
    return any(request["http_method"] != "GET" for request in call["requests"])


CHANGES = [call for call in RECORDED if _changes(call)]


@needs_shared
@pytest.mark.parametrize("call", CHANGES, ids=_named)
def test_recorded_changes(call: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server([])
    ws = workspace(server)
    args, kwargs = _arguments(call)
    method = getattr(ws, call["method_name"])
    asks = {"confirm": True} if "confirm" in inspect.signature(method).parameters else {}
    monkeypatch.setenv("MP_READ_ONLY", "1")
    with pytest.raises(MixpanelHeadlessError, match="only reads") as refused:
        method(*args, **{**kwargs, **asks})
    assert refused.value.code == "READ_ONLY"
    assert server.asked == []


@pytest.mark.parametrize(
    "change",
    [
        lambda ws, file: ws.upload_lookup_table(
            mpnb.UploadLookupTableParams(name="t", file_path=str(file))
        ),
        lambda ws, file: ws.import_events([{"event": "A", "properties": {"time": 1700000000}}]),
        lambda ws, file: ws.api.app_request("POST", "/x"),
    ],
)
def test_other_changes(change: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,b\n1,2\n")
    server = Server([])
    monkeypatch.setenv("MP_READ_ONLY", "yes")
    with pytest.raises(MixpanelHeadlessError, match="only reads"):
        change(workspace(server), table)
    assert server.asked == []
