"""Local data streams its events, and they are those that were loaded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import mpnb
from mpnb.errors import ParamValidationError
from tests.streaming.conftest import Serve
from tests.streaming.project import World, three_days, workspace

RANGE: dict[str, Any] = {"from_date": "2025-01-01", "to_date": "2025-01-03"}
ROWS = [row for day in three_days().values() for row in day]


def by_id(rows: Any) -> dict[str, Any]:
    return {row["properties"]["$insert_id"]: row for row in rows}


def test_raw_rows_are_those_that_were_loaded() -> None:
    odd = {
        "event": 'a "b"\n',
        "properties": {
            "time": 1735700000.25,
            "$insert_id": "odd",
            "n": [1, {"x": None}],
            "t": "\u2028",
        },
    }
    found = list(mpnb.local([*ROWS, odd]).stream_events(**RANGE, raw=True))
    assert by_id(found) == by_id([*ROWS, odd])
    times = [row["properties"]["time"] for row in found]
    assert times == sorted(times)


def test_rows_have_the_form_of_streams_and_can_be_chosen() -> None:
    ws = mpnb.local(ROWS)
    first = next(iter(ws.stream_events(**RANGE)))
    assert first["event_time"] == datetime(2025, 1, 1, tzinfo=UTC)
    assert (first["event_name"], first["insert_id"]) == ("Login", "2025-01-01-0-0")
    assert "$insert_id" not in first["properties"]
    one = {"from_date": "2025-01-02", "to_date": "2025-01-02"}
    assert len(list(ws.stream_events(**one))) == 12
    assert len(list(ws.stream_events(**one, events=["Purchase"]))) == 4
    assert len(list(ws.stream_events(**one, where='properties["plan"] == "pro"'))) == 6
    assert len(list(ws.stream_events(**RANGE, limit=5))) == 5
    assert list(ws.stream_events(from_date="2024-01-01", to_date="2024-01-02")) == []
    with pytest.raises(ParamValidationError):
        ws.stream_events(**RANGE, limit=0)


def test_a_zone_decides_which_day_an_event_is_of() -> None:
    ws = mpnb.local(ROWS, timezone="America/New_York")
    first = list(ws.stream_events(from_date="2025-01-01", to_date="2025-01-01", raw=True))
    assert {row["properties"]["$insert_id"][:10] for row in first} == {"2025-01-02"}


def test_a_copy_streams_without_asking(serve: Serve) -> None:
    server = serve(World(three_days()))
    ws = workspace()
    ws.pull("2025-01-01", "2025-01-03", profiles=False)
    before = len(server.asked)
    found = by_id(ws.on("local").stream_events(**RANGE, raw=True))
    assert (found, len(server.asked)) == (by_id(ROWS), before)
