"""Streams of events and profiles: their form, their end, and what happens when they break."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from mpnb.engine.mixpanel.export import IncompleteExport
from mpnb.engine.mixpanel.export_rows import UnreadableLines
from mpnb.errors import MixpanelHeadlessError, ParamValidationError, QueryError
from tests.streaming.conftest import Serve
from tests.streaming.project import World, event, lines, three_days, workspace
from tests.streaming.server import Answer

RANGE: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-03"}


def many() -> World:
    """A day that fills many pieces of text."""
    rows = [
        event("2025-01-01", user, n % 3, noise="x" * 300) for user in range(1500) for n in (0, 1, 2)
    ]
    return World({"2025-01-01": rows})


def test_rows_have_the_form_that_people_see(serve: Serve) -> None:
    serve(World(three_days()))
    row = next(iter(workspace().stream_events(**RANGE)))
    assert row == {
        "event_name": "Login",
        "event_time": datetime(2025, 1, 1, tzinfo=UTC),
        "distinct_id": "u0",
        "insert_id": "2025-01-01-0-0",
        "properties": {"plan": "free"},
    }


def test_raw_rows_are_as_they_came(serve: Serve) -> None:
    world = World(three_days())
    server = serve(world)
    rows = list(
        workspace().stream_events(**RANGE, events=["Login"], where="true", limit=7, raw=True)
    )
    assert rows == list(itertools.chain.from_iterable(world.days.values()))
    assert server.asked[0].query == {
        "project_id": "12345",
        "from_date": "2025-01-01",
        "to_date": "2025-01-03",
        "event": '["Login"]',
        "where": "true",
        "limit": "7",
    }


def test_a_missing_insert_id_is_made_from_the_content(serve: Serve) -> None:
    row = event("2025-01-01", 1)
    del row["properties"]["$insert_id"]
    serve(World({"2025-01-01": [row, row]}))
    first, second = workspace().stream_events(**RANGE)
    assert first["insert_id"] == second["insert_id"]
    assert len(first["insert_id"]) == 32


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.99])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_trap_11_a_broken_stream_hands_over_no_row_twice(
    serve: Serve, cut: float, packed: bool, chunked: bool
) -> None:
    world = many()
    wanted = Counter(map(json.dumps, world.days["2025-01-01"]))

    def broken(body: bytes) -> Answer:
        half = Answer(body, packed=packed, chunked=chunked)
        size = len(__import__("gzip").compress(body, 1)) if packed else len(body)
        return Answer(half.body, packed=packed, chunked=chunked, cut=int(size * cut))

    def reordered(body: bytes) -> Answer:
        back = body.split(b"\n")[:-1][::-1]
        return Answer(b"\n".join([*back, b""]), packed=packed, chunked=chunked)

    world.faults["2025-01-01"] = [broken, broken, reordered]
    server = serve(world)
    rows = workspace().stream_events(**RANGE, raw=True)
    assert Counter(map(json.dumps, rows)) == wanted
    assert len(server.asked) == 3


def test_a_stream_that_changed_is_an_error_not_a_double_row(serve: Serve) -> None:
    world = many()
    changed = lines([event("2025-01-01", user, 0, noise="y" * 300) for user in range(3000)])
    world.faults["2025-01-01"] = [
        lambda body: Answer(body, cut=len(body) // 2),
        lambda body: Answer(changed),
    ]
    serve(world)
    with pytest.raises(IncompleteExport, match="was different"):
        list(workspace().stream_events(**RANGE))


def test_trap_13_the_servers_note_that_it_stopped_raises(serve: Serve) -> None:
    def stopped(body: bytes) -> Answer:
        return Answer(body + b"terminated early\n")

    serve(World(three_days(), faults={"2025-01-01": [stopped] * 5}))
    with pytest.raises(IncompleteExport, match="terminated early"):
        list(workspace().stream_events(**RANGE))


def test_a_line_that_is_no_event_is_reported(serve: Serve) -> None:
    def odd(body: bytes) -> Answer:
        return Answer(b'{"event": "half\n' + body + b"[1]\n\n")

    serve(World(three_days(), faults={"2025-01-01": [odd]}))
    with pytest.warns(UnreadableLines, match="2 lines of the export hold no event"):
        rows = list(workspace().stream_events(**RANGE))
    assert len(rows) == 36


def test_an_end_that_cannot_be_seen_is_refused(serve: Serve) -> None:
    serve(
        World(three_days(), faults={"2025-01-01": [lambda body: Answer(body, unframed=True)] * 5})
    )
    with pytest.raises(IncompleteExport, match="where it ends"):
        list(workspace().stream_events(**RANGE))


def test_gzip_that_ends_with_its_connection_in_order_is_still_checked(serve: Serve) -> None:
    """A proxy may close a chunked answer properly although what it passed on was cut."""
    import gzip

    def half(body: bytes) -> Answer:
        packed = gzip.compress(body)
        return Answer(
            packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"}, chunked=True
        )

    serve(World(three_days(), faults={"2025-01-01": [half] * 5}))
    with pytest.raises(IncompleteExport, match="middle of its gzip"):
        list(workspace().stream_events(**RANGE))


@pytest.mark.parametrize("status", [403, 404])
def test_trap_12_a_refusal_keeps_its_class(serve: Serve, status: int) -> None:
    server = serve(lambda asked: Answer(b'{"error": "no"}', status))
    with pytest.raises(QueryError):
        list(workspace().stream_events(**RANGE))
    assert len(server.asked) == 1


def test_an_empty_range_is_no_rows(serve: Serve) -> None:
    for packed in (True, False):
        serve(World({}, packed=packed))
        assert list(workspace().stream_events(**RANGE)) == []


def test_a_stream_can_be_left(serve: Serve) -> None:
    serve(many())
    rows = workspace().stream_events(**RANGE)
    assert len(list(itertools.islice(rows, 3))) == 3
    del rows


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "7"])
def test_limits_are_whole_numbers(serve: Serve, limit: Any) -> None:
    with pytest.raises(ParamValidationError) as caught:
        workspace().stream_events(**RANGE, limit=limit)
    assert caught.value.code == "WR2_LIMIT_TOO_SMALL"


@pytest.mark.parametrize("parallel", [True, False])
def test_profiles_come_in_the_order_of_their_pages(serve: Serve, parallel: bool) -> None:
    people = [
        {"$distinct_id": f"u{n}", "$properties": {"$last_seen": "t", "n": n}} for n in range(9)
    ]
    serve(World({}, people))
    found = list(workspace().stream_profiles(parallel=parallel, workers=3))
    assert found[2] == {"distinct_id": "u2", "last_seen": "t", "properties": {"n": 2}}
    assert [row["properties"]["n"] for row in found] == list(range(9))
    assert list(workspace().stream_profiles(parallel=parallel, raw=True)) == people


def test_no_ids_are_no_request(serve: Serve) -> None:
    server = serve(World({}))
    assert list(workspace().stream_profiles(distinct_ids=[])) == []
    assert server.asked == []


def test_requests_of_ones_own_go_to_mixpanel_only(serve: Serve) -> None:
    server = serve(World({}, said={"status": "ok", "results": [1, 2]}))
    assert workspace().api.app_request("GET", "/projects/1/annotations") == [1, 2]
    api = workspace().api
    assert (api.project_id, api.workspace_id, api.region) == ("12345", None, "us")
    with pytest.raises(ParamValidationError, match="none of the servers"):
        workspace().api.request("GET", "https://example.com/x")
    workspace().api.request("GET", f"{server.url}/api/query/insights", params={"a": 1})
    assert server.asked[-1].query == {"a": "1"}


def test_a_lost_server_is_an_error_of_ours(serve: Serve) -> None:
    server = serve(World({}))
    server.stop()
    with pytest.raises(MixpanelHeadlessError):
        list(workspace().stream_events(**RANGE))
