"""A mark of a card's drawing leads to the row whose number it draws, and to no other."""

from __future__ import annotations

import re
from typing import Any

import pytest

import mpnb as mp
from mpnb import text
from mpnb.chart import display
from mpnb.widget.carding import Card

DAY = 86_400
START = 1_735_689_600  # 2025-01-01 UTC
MARK = re.compile(r'data-mark="([^"]+)"[^>]*><title>(.*?)</title>')
CASES = {
    "line": ("insights", '"Buy"\nby plan\nfrom 2025-01-01 to 2025-01-14'),
    "line of two": ("insights", '"Buy", "View"\nby plan\nfrom 2025-01-01 to 2025-01-14'),
    "bar": ("insights", '"Buy", "View"\nby plan\nfrom 2025-01-01 to 2025-01-14\nshow total'),
    "steps": ("funnel", '"View" -> "Buy"\nfrom 2025-01-01 to 2025-01-14'),
    "segments": ("funnel", '"View" -> "Buy"\nby plan\nfrom 2025-01-01 to 2025-01-14'),
    "heatmap": ("retention", '"View" -> "Buy"\nweekly\nfrom 2025-01-01 to 2025-01-14'),
    "trends": ("funnel", '"View" -> "Buy"\nfrom 2025-01-01 to 2025-01-14\nshow trends'),
    "trends of segments": (
        "funnel",
        '"View" -> "Buy"\nby plan\nfrom 2025-01-01 to 2025-01-14\nshow trends',
    ),
    "over-time": (
        "retention",
        '"View" -> "Buy"\ndaily\nfrom 2025-01-01 to 2025-01-14\nshow trends',
    ),
    "paths": ("flow", '"View"\nforward 2\nfrom 2025-01-01 to 2025-01-14\nshow paths'),
    "tree": ("flow", '"View"\nforward 2\nfrom 2025-01-01 to 2025-01-14\nshow tree'),
    "sankey": ("flow", '"View"\nforward 2\nfrom 2025-01-01 to 2025-01-14'),
}


@pytest.fixture(scope="module")
def shop() -> mp.Workspace:
    rows = [
        {"event": name, "properties": {"time": START + n * DAY // 2 + at * 60, "plan": plan,
         "distinct_id": f"u{(n * 7 + at) % 9}"}}
        for n in range(28) for at, name in enumerate(("View", "Buy", "Share") if n % 3 else ("View",))
        for plan in ([f"a<b> {n % 2}"] if n % 4 else ["free", "free"])
    ]  # fmt: skip
    return mp.local(rows, now="2025-01-15T00:00:00+00:00")


def card(shop: mp.Workspace, case: str) -> Card:
    kind, body = CASES[case]
    return Card(shop.ask(text.parse(body, kind)), shop)  # type: ignore[arg-type]  # words of a table


def shown(chart: str) -> str:
    return chart.split(" ")[0]


@pytest.mark.parametrize("case", CASES)
def test_each_mark_leads_to_the_row_of_its_number(shop: mp.Workspace, case: str) -> None:
    made = card(shop, case)
    drawn = made.draw(shown(case))
    marks = dict(MARK.findall(drawn["svg"]))
    assert drawn["rows"], "there is something to open"
    assert set(drawn["rows"]) <= set(marks)
    table = made.table(size=1_000)
    for mark, at in drawn["rows"].items():
        if at >= table["total"]:
            assert case == "heatmap", "its average stands beside the rows"
            continue
        row = table["rows"][table["at"].index(at)]
        number = re.findall(r"[\d,.]+ %|[\d,.]+", marks[mark])[-1].strip()
        assert number in [cell.strip().rstrip("*") for cell in row], (marks[mark], row)


@pytest.mark.parametrize("case", CASES)
def test_a_mark_opens_questions(shop: mp.Workspace, case: str) -> None:
    made = card(shop, case)
    for at in list(made.draw(shown(case))["rows"].values())[:3]:
        assert made.drills(at)


@pytest.mark.parametrize("case", CASES)
def test_what_is_saved_has_no_marks(shop: mp.Workspace, case: str) -> None:
    assert "data-mark" not in display.html(card(shop, case).result)


def test_a_mark_of_another_number_leads_nowhere(
    shop: mp.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = card(shop, "line")
    frame = made.frame().copy()
    frame["count"] += 1_000
    monkeypatch.setattr(made, "frame", lambda: frame)
    drawn: dict[str, Any] = made.draw("line")
    assert drawn["rows"] == {}


def test_the_points_of_an_average_lead_to_its_people(shop: mp.Workspace) -> None:
    made = card(shop, "heatmap")
    drawn = made.draw("curve")
    marks = dict(MARK.findall(drawn["svg"]))
    assert drawn["rows"]
    assert set(drawn["rows"]) == set(marks)
    total = made.table()["total"]
    assert set(drawn["rows"].values()) == set(range(total, total + len(marks)))
    for mark, at in drawn["rows"].items():
        place = made.place(at)
        assert f"{place.count:.1%}".replace("%", " %") in marks[mark]
        (people,) = made.drills(at)
        assert people.question is not None, people.note


def test_the_segments_of_a_curve_lead_to_their_own(shop: mp.Workspace) -> None:
    asked = text.parse('"View" -> "Buy"\nby plan\nfrom 2025-01-01 to 2025-01-14', "retention")
    made = Card(shop.ask(asked), shop)
    drawn = made.draw("curve")
    paths = {made.place(at).path for at in drawn["rows"].values()}
    assert paths == {("free",), ("a<b> 0",), ("a<b> 1",)}
