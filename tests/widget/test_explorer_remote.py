"""The explorer over a Mixpanel project: nothing is asked before it is clicked, each click says its cost."""

from __future__ import annotations

from typing import Any

import pytest

import mpnb
from mpnb.widget.explorer import Explorer
from mpnb.widget.exploring import LONGEST_LIST, Exploration, batches, typed
from tests.widget.conftest import Sent


@pytest.fixture(autouse=True)
def _its_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """The range that volumes are counted over ends where the data do."""
    monkeypatch.setattr(Exploration, "_days", lambda self: ("2025-01-02", "2025-01-31"))


def test_each_step_costs_what_it_says(remote: mpnb.Workspace, sent: Sent, page: Any) -> None:
    told = page(Explorer(remote))
    assert told.widget.beside  # Mixpanel may take its time

    def requests(do: str, **args: Any) -> int:
        before = len(sent)
        told.ask(do, **args)
        return len(sent) - before

    assert requests("begin") == 0
    assert "Nothing was asked" in repr(told.widget)
    cost = told.ask("begin")["cost"]
    assert requests("events") == cost["events"] == 1
    rows = {row["name"]: row for row in told.ask("events")["events"]}
    cost = told.ask("events")["cost"]
    assert (rows["Buy"]["count"], rows["Buy"]["cost"]) == (None, 2)
    assert requests("event", name="Buy") == rows["Buy"]["cost"]
    assert requests("event", name="Buy") == 0
    assert requests("events", volumes=True) == cost["volumes"] == 1
    assert requests("property", name="plan", event="Buy", resource="event") == cost["property"]
    assert requests("events", lexicon=True) == cost["lexicon"] == 4
    assert requests("people") == told.ask("events")["cost"]["people"] == 0
    assert requests("event", name="View") == 0
    assert requests("cohorts") == cost["cohorts"] == 1


def test_what_a_project_tells(remote: mpnb.Workspace, page: Any) -> None:
    told = page(Explorer(remote))
    told.ask("events")
    events = told.ask("events", volumes=True, lexicon=True)["events"]
    assert [row["name"] for row in events] == ["View", "Buy"]
    assert len(events[0]["trend"]) == 30
    assert sum(events[0]["trend"]) == events[0]["count"]
    found = {row["name"]: row for row in told.ask("event", name="Buy")["properties"]}
    assert (found["plan"]["type"], found["plan"]["share"]) == ("string", "75.0 %")
    values = told.ask("property", name="plan", event="Buy", resource="event")["top"]
    assert {row["text"] for row in values} == {"free", "pro", 'quo"ted\\'}
    assert "age" in {row["name"] for row in told.ask("people")["properties"]}
    failed = told.say("property", name="age", event=None, resource="people")["failed"]
    assert "does not list the values" in failed["message"]


def test_an_event_that_is_gone_is_said(remote: mpnb.Workspace, page: Any) -> None:
    answer = page(Explorer(remote)).say("event", name="Gone")
    assert "Gone" in answer["failed"]["message"]


def test_names_go_in_requests_of_bounded_length() -> None:
    names = [f"{n:04d}" + "x" * 496 for n in range(20)]
    groups = list(batches(names))
    assert [name for group in groups for name in group] == names
    assert all(sum(map(len, group)) <= LONGEST_LIST for group in groups)
    assert len(groups) == 3
    assert list(batches(["n" * 9_000])) == [["n" * 9_000]]


def test_values_take_the_type_of_the_lexicon() -> None:
    assert typed("5", "number") == 5
    assert typed("5", "string") == "5"
    assert typed("2.5", "number") == 2.5
    assert typed("true", "boolean") is True
    assert typed("n/a", "number") == "n/a"
    assert typed("5", None) == "5"
