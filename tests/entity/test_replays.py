"""Session replays: the recorded requests, short and long sessions, addresses that run out, actions."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from typing import Any

import httpx
import pytest

import mpnb
from mpnb import Project, ServiceAccount, Session, Workspace, WorkspaceRef
from mpnb.errors import (
    ParamValidationError,
    ReplayNotFoundError,
    SignedURLExpiredError,
    UnsupportedReplayFormatError,
)
from tests.entity.remote import PROJECT, VIEW, Server, answering, sent, workspace
from tests.parity.shared import SHARED, needs_shared

ARGUMENTS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "list_replays": (
        [],
        {"distinct_id": "u1", "from_date": "2024-01-01", "to_date": "2024-01-31"},
    ),
    "events_for_replay": (
        ["r-1"],
        {"event_properties": ["plan"], "from_date": "2024-01-01", "to_date": "2024-01-31"},
    ),
    "events_for_replays": ([["r-1"]], {"from_date": "2024-01-01", "to_date": "2024-01-31"}),
    "sign_replay": (["r-1"], {}),
    "sign_replays": ([["r-1", "r-2"]], {"env": "dev"}),
    "fetch_replay": (["r-1"], {"retention_days": 30}),
    "stream_replay": (["r-1"], {"retention_days": 30}),
    "fetch_replays": ([["r-1"]], {"retention_by_id": {"r-1": 30}}),
    "replays_for_user": (
        ["u1"],
        {"from_date": "2024-01-01", "to_date": "2024-01-31", "include_mixpanel_events": False},
    ),
    "analyze_replay": (["r-1"], {}),
}
TYPES = {
    "list_replays": list,
    "events_for_replay": list,
    "events_for_replays": dict,
    "sign_replay": mpnb.SignedReplay,
    "sign_replays": list,
    "fetch_replay": mpnb.Replay,
    "stream_replay": list,
    "fetch_replays": mpnb.ReplayBundle,
    "replays_for_user": mpnb.ReplayBundle,
    "analyze_replay": str,
}
HREF = {
    "type": 4,
    "data": {"href": "https://shop.example/cart?x=1", "width": 9},
    "timestamp": 1_000_000,
}
SAVE = {"type": 3, "id": 3, "textContent": "Save"}
BUTTON = {
    "type": 2,
    "id": 5,
    "tagName": "BUTTON",
    "attributes": {"data-testid": "save"},
    "childNodes": [SAVE],
}
SNAPSHOT = {
    "type": 2,
    "data": {"node": {"type": 0, "id": 1, "childNodes": [BUTTON]}},
    "timestamp": 1_000_010,
}


def _event(source: int, moment: int, **data: Any) -> dict[str, Any]:
    return {"type": 3, "data": {"source": source, **data}, "timestamp": moment}


def _click(moment: int, node: int = 5) -> dict[str, Any]:
    return _event(2, moment, type=2, id=node, x=10, y=10)


ERROR = {
    "type": 6,
    "data": {"plugin": "rrweb/console@1", "payload": {"level": "error", "payload": ["boom"]}},
    "timestamp": 1_009_000,
}


def _recorded() -> list[dict[str, Any]]:
    if not SHARED.is_dir():
        return []
    calls = json.loads((SHARED / "reference" / "endpoints.json").read_text("utf-8"))["methods"]
    return [call for call in calls if call["method_name"] in ARGUMENTS]


@needs_shared
@pytest.mark.parametrize("call", _recorded(), ids=lambda call: call["method_name"])
def test_recorded(call: dict[str, Any]) -> None:
    name, requests = call["method_name"], call["requests"]
    server = Server([(r["response_status"], r.get("response_example")) for r in requests])
    args, kwargs = ARGUMENTS[name]
    found = getattr(workspace(server, pinned=True), name)(*args, **kwargs)
    found = list(found) if name == "stream_replay" else found
    assert [_seen(request) for request in server.asked] == [_wanted(r) for r in requests]
    assert isinstance(found, TYPES[name])


def _seen(request: httpx.Request) -> dict[str, Any]:
    secret = {"authorized": "authorization" in request.headers}
    named = {"named": request.headers["user-agent"].startswith("mpnb/")}
    return {**sent(request), "host": request.url.host, **secret, **named}


def _wanted(recorded: dict[str, Any]) -> dict[str, Any]:
    kind = recorded["host"]
    host, base = ("cdn.example.com", "") if "CDN" in kind else ("mixpanel.com", "/api/app")
    base = "/api/query" if kind == "query" else base
    path = recorded["path_template"].format(**recorded.get("path_params", {}))
    query = {k: v for k, v in recorded["query_params"].items() if k != "query_origin"}
    return {
        "method": recorded["http_method"],
        "path": base + path,
        "query": query,
        "body": recorded.get("body"),
        "host": host,
        "authorized": recorded["auth"] != "none",
        "named": True,
    }


class Kept:
    """A server with the files of sessions; it can let signatures run out."""

    def __init__(self, files: dict[str, list[Any]], **choices: Any) -> None:
        self.files = files
        self.refuse_from: int | None = choices.get("refuse_from")
        self.always = choices.get("always", False)
        self.kept = choices.get("kept", {})
        self.signed = 0
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            if request.url.path.endswith("/replays/sign/bulk"):
                return self._sign(json.loads(request.content)["replays"])
            if request.url.path.endswith("/insights"):
                return httpx.Response(200, json={"series": {"min of $time": self.kept}})
            return self._file(request)

    def _sign(self, rows: list[dict[str, str]]) -> httpx.Response:
        self.signed += 1
        return httpx.Response(
            200,
            json={
                "results": [
                    {
                        "replay_id": row["replay_id"],
                        "url": f"https://cdn.example.com/{row['replay_id']}/",
                        "query_string": f"sig={self.signed}",
                    }
                    for row in rows
                ]
            },
        )

    def _file(self, request: httpx.Request) -> httpx.Response:
        _, session, name = request.url.path.split("/")
        place = int(name[:4])
        self.asked.append(f"{session}/{place}")
        old = request.url.params["sig"] == "1"
        if self.refuse_from is not None and place >= self.refuse_from and (old or self.always):
            return httpx.Response(403, text="expired")
        files = self.files.get(session, [])
        if place >= len(files):
            return httpx.Response(404)
        return httpx.Response(200, json=files[place])


def _workspace(kept: Kept) -> Workspace:
    account = ServiceAccount(name="t", region="us", username="u", secret="not-a-secret")
    session = Session(account=account, project=Project(id=PROJECT), workspace=WorkspaceRef(id=VIEW))
    return Workspace(session=session, _api_client=httpx.Client(transport=httpx.MockTransport(kept)))


def _long(n: int) -> list[Any]:
    return [[_click(1_000_000 + 10 * i)] for i in range(n)]


def test_trap_01_replays_work_inside_a_running_event_loop() -> None:
    """Every cell of a notebook runs in one."""
    server = Kept({"r": [[HREF, SNAPSHOT, _click(1_001_000)]]})
    ws = _workspace(server)

    async def cell() -> tuple[Any, ...]:
        return (
            ws.fetch_replay("r", retention_days=30),
            list(ws.stream_replay("r", retention_days=30)),
            ws.analyze_replay("r"),
        )

    replay, streamed, words = asyncio.run(cell())
    assert len(replay.rrweb_events) == len(streamed) == 3
    assert 'clicked button "Save"' in words


def test_long_sessions_come_in_order_and_short_ones_cost_little() -> None:
    server = Kept({"short": _long(1), "long": _long(73)})
    ws = _workspace(server)
    ws.fetch_replay("short", retention_days=30)
    assert len(server.asked) == 2
    found = list(ws.stream_replay("long", retention_days=30, cdn_concurrency=8))
    assert [e["timestamp"] for e in found] == [1_000_000 + 10 * i for i in range(73)]


def test_an_address_that_runs_out_is_signed_again_and_nothing_is_doubled() -> None:
    server = Kept({"r": _long(20)}, refuse_from=5)
    found = list(_workspace(server).stream_replay("r", retention_days=30))
    assert server.signed == 2
    assert [e["timestamp"] for e in found] == [1_000_000 + 10 * i for i in range(20)]


@pytest.mark.parametrize("choice", [{"always": True}, {"again": False}])
def test_an_address_that_stays_refused_is_told(choice: dict[str, bool]) -> None:
    server = Kept({"r": _long(20)}, refuse_from=0, always=choice.get("always", False))
    again = choice.get("again", True)
    with pytest.raises(SignedURLExpiredError, match="sign it again"):
        list(_workspace(server).stream_replay("r", retention_days=30, re_sign_on_expiry=again))
    assert server.signed == (2 if again else 1)


def test_no_files_is_no_replay() -> None:
    with pytest.raises(ReplayNotFoundError, match="no files"):
        _workspace(Kept({})).fetch_replay("r", retention_days=7)


def test_a_file_that_is_no_list_is_told() -> None:
    with pytest.raises(UnsupportedReplayFormatError):
        _workspace(Kept({"r": [{"video": "mp4"}]})).fetch_replay("r", retention_days=7)


def test_more_files_than_allowed_is_told() -> None:
    with pytest.warns(UserWarning, match="max_files=3"):
        found = list(
            _workspace(Kept({"r": _long(9)})).stream_replay("r", retention_days=30, max_files=3)
        )
    assert len(found) == 3


def test_sessions_that_are_gone_are_left_out_with_a_warning() -> None:
    ws = _workspace(Kept({"r": _long(2)}))
    with pytest.warns(UserWarning, match="1 of 2 sessions are gone: s"):
        found = ws.fetch_replays(["r", "s"], retention_by_id={"r": 30, "s": 30})
    assert [r.replay_id for r in found.replays] == ["r"]
    with pytest.raises(ReplayNotFoundError, match="1 of 1"):
        ws.fetch_replays(["s"], retention_by_id={"s": 30})


def test_listed_sessions_have_their_own_time_and_retention() -> None:
    overall = {"$overall": {"all": 1_704_067_200}}
    kept = {
        **overall,
        "r": {**overall, "7": {"all": 1_704_067_200}},
        "s": {**overall, "undefined": {"all": 1_704_067_300}},
    }
    ws = _workspace(Kept({}, kept=kept))
    with pytest.warns(UserWarning, match="session s is kept"):
        rows = ws.list_replays(replay_ids=["r", "s"])
    assert [(r.replay_id, r.retention_days, r.start_time) for r in rows] == [
        ("s", 30, 1_704_067_300_000),
        ("r", 7, 1_704_067_200_000),
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "WR4_REPLAY_SELECTOR_REQUIRED"),
        ({"replay_ids": ["r"], "limit": 0}, "WR2_LIMIT_TOO_SMALL"),
        ({"replay_ids": ["r"], "limit": 3001}, "WR3_LIMIT_TOO_LARGE"),
        ({"replay_ids": ["r"], "from_date": "2024-01-01"}, "WR5_DATE_RANGE_REQUIRED"),
    ],
)
def test_bad_lists(given: dict[str, Any], code: str) -> None:
    with pytest.raises(ParamValidationError) as problem:
        _workspace(Kept({})).list_replays(**given)
    assert problem.value.code == code


@pytest.mark.parametrize("url", [None, "", 5])
def test_a_signature_without_an_address(url: Any) -> None:
    ws, _ = answering({"results": [{"replay_id": "r", "url": url, "query_string": "sig=1"}]})
    with pytest.raises(ParamValidationError) as problem:
        ws.sign_replay("r")
    assert problem.value.code == "SR1_URL_NO_TRAILING_SLASH"


def test_an_environment_that_is_none_is_not_asked_for() -> None:
    ws, server = answering()
    with pytest.raises(ParamValidationError) as problem:
        ws.sign_replays(["r"], env="test")  # type: ignore[arg-type]
    assert (problem.value.code, server.asked) == ("SR3_INVALID_ENV", [])


def test_secrets_of_addresses_do_not_show() -> None:
    signed = _workspace(Kept({})).sign_replay("r")
    assert "sig=" not in repr(signed) + str(signed)
    assert signed.to_dict()["query_string"] == "sig=1"
    assert not signed.is_expired
    assert replace(signed, signed_at=1.0).is_expired


def _bundle() -> mpnb.ReplayBundle:
    rage = [_click(1_002_000 + 100 * i) for i in range(4)]
    typed = _event(5, 1_004_000, id=5, text="hi", isChecked=False)
    page = [[HREF, SNAPSHOT, *rage, typed, ERROR]]
    changed = _event(
        0,
        1_000_500,
        texts=[{"id": 3, "value": "Buy"}],
        adds=[],
        removes=[],
        attributes=[{"id": 5, "attributes": {"id": "buy"}}],
    )
    other = [[HREF, SNAPSHOT, changed, _click(1_020_000)]]
    ws = _workspace(Kept({"angry": page, "calm": other}))
    ids = {"angry": 30, "calm": 30}
    return ws.fetch_replays(
        list(ids), retention_by_id=ids, distinct_id_by_id={"angry": "ann", "calm": "bob"}
    )


def test_actions_say_what_was_done_to_what() -> None:
    angry, calm = _bundle().replays
    assert angry.counts() == {"navigate": 1, "click": 4, "input": 1, "console_error": 1}
    assert angry.page_path() == ["https://shop.example/cart?x=1"]
    assert angry.errors.metadata[0] == {"message": "boom"}
    clicked = calm.actions_df[calm.actions_df.action == "click"].iloc[0]
    assert clicked.target_desc == 'button "Buy"'
    assert clicked.metadata["attributes"] == {"data-testid": "save", "id": "buy"}
    assert clicked.url == "https://shop.example/cart?x=1"
    assert calm.duration_seconds == 20.0
    assert calm.capture == "dom"
    assert not calm.has_wireframes


def test_a_bundle_is_read_as_frames() -> None:
    found = _bundle()
    sessions = found.sessions_df.set_index("replay_id")
    assert sessions.n_clicks.to_dict() == {"angry": 4, "calm": 1}
    assert sessions.n_errors.to_dict() == {"angry": 1, "calm": 0}
    assert found.elements_df.values.tolist() == [
        ['button "Save"', "https://shop.example/cart?x=1", 4, 1],
        ['button "Buy"', "https://shop.example/cart?x=1", 1, 1],
    ]
    assert found.rage_clicks().to_dict("records") == [
        {
            "replay_id": "angry",
            "t": 1_002_000,
            "target_desc": 'button "Save"',
            "url": "https://shop.example/cart?x=1",
            "n": 4,
            "duration_ms": 300,
        }
    ]
    assert len(found.rage_taps()) == 1
    assert found.rage_clicks(threshold=5).empty
    assert found.long_pauses(15).replay_id.tolist() == ["calm"]
    assert len(found.events_df) == 12
    assert found.mixpanel_df.columns.tolist() == ["replay_id", "t", "event_name", "properties"]


def test_bundles_are_narrowed_and_compared() -> None:
    found = _bundle()

    def ids(bundle: mpnb.ReplayBundle) -> list[str]:
        return [replay.replay_id for replay in bundle.replays]

    assert ids(found.where(distinct_id="bob")) == ["calm"]
    assert ids(found.where(contains_url="/cart", max_duration_s=10)) == ["angry"]
    assert ids(found.error_sessions()) == ["angry"]
    assert ids(found.find_pattern(["navigate", "click", "input"])) == ["angry"]
    assert ids(found.find_pattern(["input", "click"])) == []
    by_id = mpnb.selector_label_fn("id")
    assert ids(found.find_pattern(["click:buy"], label_fn=by_id)) == ["calm"]
    assert ids(found.sample(1, seed=3)) == ids(found.sample(1, seed=3))
    figures = found.head(1).compare(found.filter(lambda r: r.replay_id == "calm"))
    assert figures.set_index("figure").difference["n_clicks"] == -3
    with pytest.raises(ParamValidationError, match="project_id"):
        mpnb.ReplayBundle(found.replays, "", 1)


def test_bad_recordings_do_not_stop_the_rest() -> None:
    odd = [{"timestamp": 5}, {"type": 3, "data": None, "timestamp": 6}, {"type": 2, "data": {}}]
    odd += [{"type": 2, "data": {"node": None}, "timestamp": 7}, _click(8, node=99)]
    replay = _workspace(Kept({"r": [odd]})).fetch_replay("r", retention_days=1)
    assert [act.target_desc for act in replay.actions] == ["node 99"]
