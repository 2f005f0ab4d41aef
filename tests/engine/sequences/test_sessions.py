"""Sessions S-1 to S-8: cutting by time, midnight, events and property; virtual events."""

from __future__ import annotations

from typing import Any

import pytest

from mpnb.engine.duckdb import compiled, sessions
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.filter import Filter
from mpnb.query.step import FlowStep, FunnelStep
from tests.engine.sequences.ask import Asker

DAY = 1_735_689_600  # 2025-01-01T00:00:00Z
RANGE = {"from_date": "2025-01-01", "to_date": "2025-01-03"}


def store(*rows: tuple[str, float], timezone: str = "UTC", **settings: Any) -> Store:
    """Rows of one user: event (with `=value` for the property p) and seconds since midnight."""
    lines = []
    for number, (text, seconds) in enumerate(rows):
        event, _, value = text.partition("=")
        own = {"p": value} if "=" in text else {}
        given = {"time": DAY + seconds, "distinct_id": "u", "$insert_id": f"{number:03d}"}
        lines.append({"event": event, "properties": {**given, **own}})
    now = "2025-01-10T00:00:00+00:00"
    return Store.from_rows(lines, timezone=timezone, now=now, settings=settings)


def numbers(given: Store) -> list[int]:
    found: list[int] = sessions.numbers(given).tolist()
    return found


def test_a_gap_of_exactly_the_timeout_stays_inside() -> None:
    assert numbers(store(("A", 0), ("A", 1800), ("A", 3600.001))) == [0, 0, 1]


def test_the_timeout_is_a_setting() -> None:
    assert numbers(store(("A", 0), ("A", 61), session_timeout_minutes=1)) == [0, 1]


def test_midnight_ends_a_session_in_the_zone_of_the_project() -> None:
    rows = (("A", 86_390), ("A", 86_410))
    assert numbers(store(*rows)) == [0, 1]
    assert numbers(store(*rows, timezone="America/New_York")) == [0, 0]


def test_excluded_events_neither_start_nor_extend() -> None:
    given = store(
        ("$identify", 0), ("A", 10), ("Ping", 1500), ("A", 1900), session_excluded_events=["Ping"]
    )
    assert numbers(given) == [-1, 0, -1, 1]


def test_sessions_between_events() -> None:
    given = store(
        ("A", 0), ("Open", 1), ("Open", 2), ("A", 9_000), ("Close", 9_001), ("Close", 9_002),
        ("Open", 80_000), ("A", 80_001), ("Close", 90_000),
        session_start_events=["Open"], session_end_events=["Close"],
    )  # fmt: skip
    for limit in (0, compiled.SMALL_ROWS):
        with compiled.small_below(limit):
            found = sessions._between_events(given)
        assert found.of_row.tolist() == [-1, 0, 0, 0, 0, -1, 1, 1, -1]
        assert found.closed.tolist() == [True, False]
    raw = Asker(given).query_funnel(["$session_start", "$session_end"], **RANGE)
    assert counts(raw) == [1, 1]
    raw = Asker(given).query_funnel(["$session_start", "A"], math="total", **RANGE)
    assert counts(raw) == [2, 2]


def test_sessions_between_events_need_both() -> None:
    with pytest.raises(QueryError, match="both"):
        numbers(store(("A", 0), session_start_events=["A"]))


def test_sessions_of_a_property() -> None:
    given = store(("A=x", 0), ("A=x", 9_000), ("B", 9_001), ("A=", 9_002), ("A=x", 9_003),
                  ("A=x", 90_000), session_property="p")  # fmt: skip
    assert numbers(given) == [0, 0, -1, 1, 2, 3]


def virtual(given: Store, name: str) -> list[Any]:
    """Values of a property on the virtual rows, in order."""
    wide = sessions.with_events(given)
    column = wide.column(name)
    assert column is not None
    names = [wide.events[code] for code in wide.event]
    return [column.value(i) for i, event in enumerate(names) if event.startswith("$session")]


def test_virtual_rows_stand_around_their_sessions() -> None:
    wide = sessions.with_events(store(("A", 0), ("B", 60.5), ("C", 9_000)))
    names = [wide.events[code] for code in wide.event]
    assert names == [
        "$session_start", "A", "B", "$session_end", "$session_start", "C", "$session_end",
    ]  # fmt: skip
    assert wide.offsets.tolist() == [0, 7]
    assert (wide.time - DAY * 1000).tolist() == [
        0, 0, 60_500, 60_500, 9_000_000, 9_000_000, 9_000_000,
    ]  # fmt: skip
    assert sessions.numbers(wide).tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert sessions.with_events(wide) is wide


def test_virtual_rows_know_their_session() -> None:
    given = store(("A", 0), ("B", 60.5), ("C", 9_000))
    assert virtual(given, "$duration_s") == [60.5, 60.5, 0, 0]
    assert virtual(given, "$event_count") == [2, 2, 1, 1]
    assert virtual(given, "$origin_start") == ["A", "A", "C", "C"]
    assert virtual(given, "$origin_end") == ["B", "B", "C", "C"]


def test_sessions_carry_the_first_defined_value() -> None:
    plain = store(("A", 0), ("B=x", 1), ("C=y", 2))
    assert virtual(plain, "p") == [None, None]
    carried = store(("A", 0), ("B=x", 1), ("C=y", 2), session_properties=["p"])
    assert virtual(carried, "p") == ["x", "x"]


def test_filters_and_breakdowns_see_session_properties() -> None:
    given = store(("A", 0), ("B", 60), ("C", 9_000))
    long = FunnelStep("$session_end", filters=[Filter.greater_than("$duration_s", 30)])
    raw = Asker(given).query_funnel(["$session_start", long], **RANGE)
    assert counts(raw) == [1, 1]
    raw = Asker(given).query_funnel(
        ["$session_start", "$session_end"], math="total", group_by="$origin_start", **RANGE
    )
    assert set(next(iter(raw["series"].values()))) == {"$overall", "A", "C"}


def test_all_events_are_no_virtual_ones() -> None:
    wide = sessions.with_events(store(("A", 0)))
    assert sessions.match(wide, "$all_events").rows().tolist() == [False, True, False]


def test_a_flow_shows_session_events_only_as_anchors() -> None:
    given = store(("A", 0), ("B", 60), ("C", 9_000))
    raw = Asker(given).query_flow(FlowStep("$session_start", session_event="start"), **RANGE)
    assert [[n["event"] for n in s["nodes"]] for s in raw["steps"]] == [
        ["$session_start"], ["A"], ["B"], ["C"],
    ]  # fmt: skip


def test_sql_over_virtual_rows_is_refused() -> None:
    with pytest.raises(NotSupportedError, match="SQL"):
        sessions.with_events(store(("A", 0))).connect()


def counts(raw: Any) -> list[int]:
    block = next(iter(raw["series"].values()))
    return [cell["all"] for cell in block["count"].values()]
