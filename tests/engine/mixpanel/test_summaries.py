"""The facts of the JQL era are the same over HTTP as from a local store of the same events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import mpnb
from mpnb import emulator
from mpnb.engine.mixpanel.summaries import _of as read
from mpnb.errors import NotSupportedError
from tests.emulator.conftest import connected, project

DAYS: dict[str, Any] = {"from_date": "2025-01-02", "to_date": "2025-01-20"}
ASKS: dict[str, Callable[[mpnb.Workspace], Any]] = {
    "values": lambda ws: ws.property_distribution("Buy", "plan", **DAYS),
    "few values": lambda ws: ws.property_distribution("View", "plan", limit=2, **DAYS),
    "no such event": lambda ws: ws.property_distribution("Nothing", "plan", **DAYS),
    "numbers": lambda ws: ws.numeric_summary("View", "amount", **DAYS),
    "percentiles": lambda ws: ws.numeric_summary("View", "amount", percentiles=[10, 50], **DAYS),
    "no numbers": lambda ws: ws.numeric_summary("View", "nothing", **DAYS),
    "days": lambda ws: ws.daily_counts(**DAYS),
    "days of one": lambda ws: ws.daily_counts(events=["Buy"], **DAYS),
    "coverage": lambda ws: ws.property_coverage("Buy", ["plan", "amount", "tags", "no"], **DAYS),
}


@pytest.fixture
def both(home: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    with (
        emulator.serve(project(), token="of-tests", limits=False) as running,
        connected(running, monkeypatch) as remote,
    ):
        yield project(), remote


def test_the_same_facts(both: tuple[Any, Any]) -> None:
    local, remote = both
    for name, ask in ASKS.items():
        here, there = ask(local).to_dict(), ask(remote).to_dict()
        assert rounded(there) == rounded(here), name


def rounded(value: Any) -> Any:
    """Without the last digits, which the order of a sum decides."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return round(value, 9) if isinstance(value, float) else value


def test_what_questions_cannot_say(both: tuple[Any, Any]) -> None:
    with pytest.raises(NotSupportedError, match="local store"):
        both[1].engagement_distribution(**DAYS)


def test_series_that_are_named_after_what_they_count() -> None:

    assert read({"Buy [Total Events]": {"all": 3}}, "Buy") == {"all": 3}
    assert read({"Buyer": {"all": 3}}, "Buy") == {}
