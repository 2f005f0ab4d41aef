"""Days that are asked for together: how many, which, and what happens when they break off."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import mpnb
from mpnb.engine.mixpanel.segments import segments, tidy
from mpnb.engine.mixpanel.spans import Span, spans
from tests.streaming.conftest import Serve
from tests.streaming.project import World, event, workspace
from tests.streaming.server import Answer

NOW = int(datetime(2026, 1, 1, 9, tzinfo=UTC).timestamp() * 1000)
FIRST = date(2025, 1, 1)


def days(count: int, first: date = FIRST) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "left", "requests"),
    [(1, None, 1), (45, None, 45), (46, None, 23), (365, None, 41), (365, 60, 41), (365, 0, 12)],
)
def test_as_few_requests_as_are_left(count: int, left: int | None, requests: int) -> None:
    found = spans(days(count), {}, left, NOW + 2 * 86_400_000)
    assert len(found) == requests
    assert [day for span in found for day in span.days()] == days(count)
    assert max(map(len, found)) <= 31


def test_days_that_are_not_over_are_alone() -> None:
    found = spans(days(366), {}, None, NOW)
    assert found[-1] == Span(date(2026, 1, 1), date(2026, 1, 1))
    assert found[-2] == Span(date(2025, 12, 31), date(2025, 12, 31))


def test_a_span_stays_together_and_gaps_part_it() -> None:
    there = Span(FIRST, FIRST + timedelta(days=3))
    have = dict.fromkeys(there.days(), there)
    gap = [*days(1), *days(100, date(2025, 3, 1)), *days(100, date(2025, 8, 1))]
    found = spans(gap, have, None, NOW)
    assert found[0] == there
    assert [day for span in found[1:] for day in span.days()] == gap[1:]


def test_halves_hold_all_days() -> None:
    span = Span(FIRST, FIRST + timedelta(days=8))
    assert [len(half) for half in span.halves()] == [5, 4]
    assert [day for half in span.halves() for day in half.days()] == list(span.days())


def test_a_segment_that_lost_a_day_is_not_there(tmp_path: Path) -> None:
    for name in ("2025-01-01_2025-01-09.100.5", "2025-01-03.200.1", "2025-02-01.100.1"):
        (tmp_path / f"{name}.jsonl.gz").touch()
    assert list(segments(tmp_path)) == [date(2025, 1, 3), date(2025, 2, 1)]
    tidy(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def a_year() -> World:
    return World({str(day): [event(str(day), n) for n in range(3)] for day in days(365)})


def count(ws: mpnb.Workspace) -> int:
    return int(ws.on("local").engine.local.store.n_rows)  # type: ignore[attr-defined]


YEAR = ("2025-01-01", "2025-12-31")


def test_a_year_is_pulled_within_an_hours_limit(serve: Serve) -> None:
    server = serve(a_year())
    report = workspace().pull(*YEAR, profiles=False)
    assert len(server.asked) <= 60
    assert (report.events, len(report.fetched), count(workspace())) == (1095, 365, 1095)
    again = workspace().pull(*YEAR, profiles=False)
    assert (again.fetched, again.kept, again.loaded) == ([], 365, None)
    refreshed = workspace().pull("2025-01-02", "2025-01-02", profiles=False, refresh=True)
    assert refreshed.fetched == [str(day) for day in days(9)]
    assert count(workspace()) == 1095


def test_a_span_that_breaks_off_is_asked_for_in_halves(serve: Serve) -> None:
    world = a_year()
    world.faults["2025-01-01"] = [lambda body: Answer(body, packed=True, cut=60)] * 3
    server = serve(world)
    report = workspace().pull(*YEAR, profiles=False)
    asked = [(a.query["from_date"], a.query["to_date"]) for a in server.asked[:5]]
    assert asked[:3] == [("2025-01-01", "2025-01-09")] * 3
    assert asked[3:] == [("2025-01-01", "2025-01-05"), ("2025-01-06", "2025-01-09")]
    assert (report.events, count(workspace())) == (1095, 1095)


def test_days_read_while_they_come_make_the_same_store(
    serve: Serve, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad lines are named as before, and an answer that broke off leaves nothing behind."""
    world = a_year()
    broken = b'{"event": 1, "properties": {}}\n'
    kept = {"2025-02-06": [lambda body: Answer(body + broken, packed=True)]}
    world.faults = {day: list(answers) for day, answers in kept.items()}
    serve(world)
    plain = workspace().pull(*YEAR, profiles=False).loaded
    cut = [lambda body: Answer(body, packed=True, cut=60)]
    world.faults = {"2025-01-10": cut, **{day: list(answers) for day, answers in kept.items()}}
    monkeypatch.setattr("mpnb.pulls.COMPILED_FROM", 1)
    time.sleep(0.01)  # another millisecond: the files of before are replaced
    ahead = workspace().pull(*YEAR, profiles=False, refresh=True).loaded
    assert plain is not None
    assert ahead is not None
    assert (ahead.version, ahead.rows, ahead.bad_lines) == (plain.version, 1095, 1)
    assert [(p.line, p.reason) for p in ahead.problems] == [
        (p.line, p.reason) for p in plain.problems
    ]
