"""What goes wrong around a widget: odd names, mixed types, nothing there, data that change, stops.

The rule of all: it is said in words, the widget answers the next message, and no edit is lost.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

import mpnb as mp
from mpnb import text
from mpnb.engine.duckdb.context import Context
from mpnb.query.announce import Asked, announce
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.widget.builder import Builder
from mpnb.widget.card import ResultCard
from mpnb.widget.carding import Card
from mpnb.widget.explorer import Explorer
from tests.widget.test_builder import charts

START = 1_735_689_600  # 2025-01-01 UTC
NOW = "2025-01-05T00:00:00+00:00"
NAMES = [
    '<img src=x onerror="alert(1)">', "it's \"quoted\" \\ too", "שלום عالم \u202eabc", "🎉👩‍👩‍👧",
    "n" * 500, "&amp;", "]]>", "${x}", "a, b -> c", "%%mpquery", "#1", "null",
]  # fmt: skip


def shop(names: list[str], **more: Any) -> mp.Workspace:
    rows = [
        {"event": name, "properties": {"time": START + n * 60, "distinct_id": f"u{n % 3}", **more}}
        for n, name in enumerate(names)
    ]
    return mp.local(rows, now=NOW)


def interrupted() -> None:
    """What the kernel's Interrupt does while a cell runs."""
    signal.raise_signal(signal.SIGINT)
    time.sleep(1)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_text_in_builder_and_card(page: Any, name: str) -> None:
    ws = shop([name, "Other"] * 4, **{name: name})
    shown = page(Builder(ws, insights("Other", last=7)))
    shown.ask("edit", edit="change", path=["metrics", 0, "event"], value=name)
    shown.ask("edit", edit="add", path=["group_by"], key="GroupBy")
    view = shown.ask("edit", edit="change", path=["group_by", 0, "property"], value=name)
    assert view["right"], view["findings"]
    again = text.parse(view["forms"]["text"]["text"].partition("\n")[2], "insights")
    assert again == shown.widget.data.question
    drawn = charts(shown)[-1]
    assert "<img" not in drawn["svg"]
    card = page(ResultCard(Card(ws.ask(again), ws)))
    first = card.ask("begin")
    assert "<img" not in first["drawn"]["svg"]
    assert "<img" not in card.widget.twin()
    (row,) = card.ask("table", word=name[:200])["rows"][:1]
    assert any(cell.startswith(name[:200]) for cell in row)
    assert card.ask("drills", at=card.ask("table")["at"][0])[0]["title"]


def test_ten_thousand_events_in_a_builder(page: Any) -> None:
    ws = shop([f"Event {n:05d}" for n in range(10_000)])
    shown = page(Builder(ws, insights("Event 00000", last=7)))
    path: list[Any] = ["metrics", 0, "event"]
    shown.ask("choices", path=path, picks="event", word="")
    start = time.monotonic()
    found = shown.ask("choices", path=path, picks="event", word="09999")
    assert time.monotonic() - start < 0.3
    assert [row["value"] for row in found] == ["Event 09999"]


def test_a_property_of_mixed_types_is_broken_down_and_opened(page: Any) -> None:
    values = [1, "1", True, None, [1, "a"], {"k": 1}, 2.5, "", "2025-01-01"]
    rows = [
        {"event": "Buy", "properties": {"time": START + n, "distinct_id": "u", "mixed": value}}
        for n, value in enumerate(values * 3)
    ]
    ws = mp.local(rows, now=NOW)
    card = page(ResultCard(Card(ws.ask(insights("Buy", last=7, group_by="mixed")), ws)))
    first = card.ask("begin")
    assert first["drawn"]["svg"]
    table = card.ask("table", sort="segment", size=1_000)
    assert table["matching"] == len(table["rows"])
    for at in table["at"][::5]:
        assert all(one["text"] or one["note"] for one in card.ask("drills", at=at))
    found = page(Explorer(ws)).ask("property", name="mixed", event="Buy", resource="event")
    assert found["type"] == "mixed"


def test_an_empty_project_is_said_and_can_be_built_over(page: Any) -> None:
    ws = mp.local([], now=NOW)
    assert page(Explorer(ws)).ask("begin")["events"] == []
    for kind in ("insights", "funnel", "retention", "flow", "users"):
        shown = page(Builder(ws, kind))  # type: ignore[arg-type]  # the kinds as texts
        view = shown.ask("begin")
        assert view["right"] or view["findings"], kind
    shown = page(Builder(ws, insights("Buy", last=7)))
    shown.ask("run")
    told = charts(shown)[0]
    assert told.get("summary") or told["failed"]["message"]


def test_an_answer_without_rows_has_a_card(page: Any) -> None:
    ws = shop(["Buy"])
    asked = insights("Buy", from_date="2024-01-01", to_date="2024-01-02", group_by="none")
    card = page(ResultCard(Card(ws.ask(asked), ws)))
    assert card.ask("begin")["drawn"]["summary"]
    assert card.ask("table")["total"] >= 0
    empty = funnel(["Buy", "Buy"], from_date="2024-01-01", to_date="2024-01-02")
    card = page(ResultCard(Card(ws.ask(empty), ws)))
    assert card.ask("begin")["drawn"]["summary"]


def test_the_data_change_while_a_builder_is_open(page: Any) -> None:
    ws = shop(["Buy", "View"])
    shown = page(Builder(ws, insights("View", last=7)))
    shown.ask("run")
    charts(shown)
    other = shop(["Buy", "Renamed"])
    ws._engine = other.engine  # the same workspace, after other data were loaded
    ws.clear_discovery_cache()
    path: list[Any] = ["metrics", 0, "event"]
    shown.ask("run")
    told = charts(shown, least=2)[-1]
    assert told.get("summary") or told["failed"]["message"]
    assert shown.widget.text == '%%mpquery insights\n"View"\nlast 7 days', "the edit stays"
    shown.ask("edit", edit="change", path=path, value="Renamed")
    assert "Renamed" in charts(shown, least=3)[-1]["summary"]


def test_two_builders_on_one_variable_keep_their_own_unfinished_edits(page: Any) -> None:
    ws = shop(["Buy", "View"])
    one, two = (page(Builder(ws, insights("Buy", last=7), "x")) for _ in range(2))
    one.ask("edit", edit="add", path=["group_by"], key="GroupBy")
    two.ask("edit", edit="change", path=["unit"], value="week")
    announce(Asked(insights("View", last=7), "x"))
    assert one.widget.data.question == two.widget.data.question == insights("View", last=7)
    assert not one.ask("undo")["right"]
    assert two.ask("undo")["right"]
    assert two.widget.data.question == insights("Buy", last=7, unit="week")


def test_interrupting_the_kernel_leaves_a_widget_whole(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's Interrupt reaches the thread of the cells, not the question of a widget."""
    ws, at_first, go_on, note = shop(["Buy"]), threading.Event(), threading.Event(), Context.note

    def slow(self: Context, step: str) -> None:
        at_first.set()
        go_on.wait(10)
        note(self, step)

    monkeypatch.setattr(Context, "note", slow)
    shown = page(Builder(ws, insights("Buy", last=7)))
    shown.ask("run")
    assert at_first.wait(10)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    shown.ask("edit", edit="rename", name="kept")
    go_on.set()
    assert charts(shown)[0]["summary"]
    assert shown.widget.data.state.name == "kept"
