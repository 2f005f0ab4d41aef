"""The builder over a Mixpanel project: it asks when its button is pressed, and says what that costs."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

import mpnb
from mpnb import text
from mpnb.widget.builder import Builder, build
from mpnb.widget.card import card
from mpnb.widget.carding import Card
from tests.engine.mixpanel.server import silent
from tests.widget.conftest import Sent

RANGE = "from 2025-01-01 to 2025-01-31"
CASES = {
    "insights": '"Buy"',
    "funnel": '"View" -> "Buy"',
    "retention": '"View" -> "Buy"',
    "flow": '"View"\nforward 2',
    "users": "count",
}


def chart(shown: Any, least: int = 1) -> dict[str, Any]:
    """The newest chart, once there are so many."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found: list[dict[str, Any]] = [view["chart"] for view in shown.views() if "chart" in view]
        if len(found) >= least:
            return found[-1]
        time.sleep(0.01)
    raise AssertionError(f"no chart: {shown.views()}")


def asked(kind: Any) -> Any:
    body = CASES[kind] if kind == "users" else f"{CASES[kind]}\n{RANGE}"
    return text.parse(body, kind)


@pytest.mark.parametrize("kind", CASES)
def test_the_button_costs_what_it_says(
    remote: mpnb.Workspace, sent: Sent, page: Any, kind: str
) -> None:
    shown = page(Builder(remote, asked(kind)))
    first = shown.ask("begin")
    assert (first["local"], first["right"]) == (False, True)
    assert sent == []
    shown.ask("edit", edit="rename", name="mine")
    assert sent == [], "an edit asks nothing"
    shown.ask("run")
    told = chart(shown)
    assert "failed" not in told, told
    assert len(sent) == first["cost"] == 1
    assert told["svg"].startswith("<svg")
    assert told["left"] == (None if kind == "users" else first["left"] - 1)
    assert shown.widget.result.provenance.line() == told["source"]


def test_the_same_question_again_costs_nothing(
    remote: mpnb.Workspace, sent: Sent, page: Any
) -> None:
    shown = page(Builder(remote, asked("insights")))
    shown.ask("run")
    first = chart(shown)
    before = len(sent)
    shown.ask("run")
    again = chart(shown, least=2)
    assert len(sent) == before
    assert again["rows"] == first["rows"]
    assert "kept" in again["source"] or "cache" in again["source"]


def test_what_the_server_refuses_is_said_and_the_edit_stays(
    remote: mpnb.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = page(Builder(remote, asked("funnel")))
    shown.ask("edit", edit="change", path=["conversion_window"], value=3)
    wanted = shown.widget.text
    monkeypatch.setenv("MP_API_BASE_URL", "http://127.0.0.1:9")
    shown.ask("run")
    told = chart(shown)
    assert told["failed"]["message"]
    assert shown.widget.text == wanted
    assert "within 3 days" in wanted
    monkeypatch.undo()


def test_names_are_looked_up_when_that_is_allowed(
    remote: mpnb.Workspace, sent: Sent, page: Any
) -> None:
    shown = page(Builder(remote, asked("insights")))
    path: list[Any] = ["metrics", 0, "event"]
    shown.ask("choices", path=path, picks="event", word="")
    assert sent == []
    shown.ask("complete")
    found = shown.ask("choices", path=path, picks="event", word="B")
    assert "Buy" in str(found)
    assert len(sent) == 1


def test_an_answer_opens_as_a_card(remote: mpnb.Workspace, page: Any) -> None:
    shown = page(Builder(remote, asked("insights")))
    assert "run the question first" in shown.say("card")["failed"]["message"]
    shown.ask("run")
    chart(shown)
    assert len(shown.ask("card")) == 32


def test_saved_reports_and_links_open(remote: mpnb.Workspace, page: Any) -> None:
    question = asked("funnel")
    shown = page(Builder(remote, question))
    kept = shown.ask("save", name="Bought")
    assert kept["link"].startswith("https://mixpanel.com/")
    for what in (kept["id"], str(kept["id"]), "Bought", kept["link"]):
        assert build(remote, what).data.question == question, what
    link = remote.create_report_link(question.to_params(), report_type="funnels")
    assert build(remote, link.url).data.question == question


@pytest.mark.parametrize("kind", CASES)
def test_stop_ends_the_request_and_the_next_one_runs(
    kind: Any, remote: mpnb.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = page(Builder(remote, asked(kind)))
    with silent() as quiet:
        told = os.environ["MP_API_BASE_URL"]
        monkeypatch.setenv("MP_API_BASE_URL", quiet.url)
        shown.ask("run")
        assert quiet.asked.acquire(timeout=20)
        shown.ask("stop")
        assert quiet.ended.acquire(timeout=2), "the request is still under way"
    monkeypatch.setenv("MP_API_BASE_URL", told)
    assert not [view for view in shown.views() if "chart" in view], "nothing is shown of it"
    shown.ask("run")
    assert "failed" not in chart(shown)


def test_stop_ends_the_request_of_a_drill(
    remote: mpnb.Workspace, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = page(card(remote.ask(asked("insights")), remote))
    shown.ask("drills", at=0)
    with silent() as quiet:
        monkeypatch.setenv("MP_API_BASE_URL", quiet.url)
        shown.ask("go", number=0)
        assert quiet.asked.acquire(timeout=20)
        shown.ask("stop")
        assert quiet.ended.acquire(timeout=2), "the request is still under way"


@pytest.mark.parametrize("kind", ["funnel", "retention", "flow"])
def test_listing_people_of_a_project_costs_what_it_says(
    kind: Any, remote: mpnb.Workspace, sent: Sent
) -> None:
    shown = Card(remote.ask(asked(kind)), remote)
    drill = next(one for one in shown.drills(0) if one.name == "people")
    before = len(sent)
    _, line = shown.go(drill)
    assert (len(sent) - before, drill.cost) == (2, "2 to 3 requests")
    assert line.startswith("The same number as clicked")
