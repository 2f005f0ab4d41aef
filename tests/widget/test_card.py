"""The result card by its messages and without a page: charts, table, forms, drill, save."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

import mpnb as mp
from mpnb import emulator, saving, text
from mpnb.errors import NotSupportedError, ParamValidationError, QueryError
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users
from mpnb.result import sheet
from mpnb.widget.card import ResultCard, card
from mpnb.widget.carding import LISTED, Card
from tests.emulator.conftest import TOKEN, connected, project

DAY = 86_400
START = 1_735_689_600  # 2025-01-01 UTC
HOSTILE = ['=HYPERLINK("http://x")', "+1", "-2", "@cmd", "\t=1", "<script>1</script>", 'a,b\n"c"']


@pytest.fixture
def shop() -> mp.Workspace:
    rows = [
        {"event": "Buy", "properties": {"time": START + n * DAY, "distinct_id": f"u{n % 3}",
         "plan": "pro" if n % 2 else "free", "price": n, "odd": HOSTILE[n % len(HOSTILE)]}}
        for n in range(14)
    ]  # fmt: skip
    return mp.local(rows, now="2025-01-15T00:00:00+00:00")


@pytest.fixture
def by_odd(shop: mp.Workspace) -> Card:
    return Card(shop.ask(insights("Buy", group_by="odd", mode="total")), shop)


def test_the_chart_picker_offers_what_fits(shop: mp.Workspace, page: Any) -> None:
    told = page(card(shop.ask(insights("Buy", group_by="plan")), shop))
    found = told.ask("begin")
    names = [one["name"] for one in found["charts"]]
    assert names == ["line", "bar", "stacked", "table"]
    for name in names[:-1]:
        drawn = told.ask("draw", name=name)
        assert drawn["svg"].startswith("<svg")
        assert drawn["summary"]
    assert told.ask("draw", name="table")["svg"] == ""
    assert "cannot show" in told.say("draw", name="sankey")["failed"]["message"]
    with pytest.raises(ParamValidationError, match="cannot show"):
        card(shop.ask(insights("Buy")), shop, "heatmap")


def test_the_table_is_sorted_and_filtered_over_all_rows(shop: mp.Workspace, page: Any) -> None:
    result = shop.ask(insights("Buy", group_by="price", last=20))
    told = page(card(result, shop))
    whole = told.ask("table", size=10_000)
    assert whole["total"] == whole["matching"] == len(result.df)
    assert whole["numeric"][-1]
    down = told.ask("table", sort="count", descending=True, size=20)
    counts = [int(row[-1]) for row in down["rows"]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == result.df["count"].max()
    first = result.to_table_dict()[down["at"][0]]
    assert str(first["count"]) == down["rows"][0][-1]
    some = told.ask("table", word="2025-01-0", sort="date", size=10_000)
    assert {row[0][:9] for row in some["rows"]} == {"2025-01-0"}
    assert 0 < some["matching"] < some["total"]
    second = told.ask("table", start=5, size=5)
    assert second["rows"] == whole["rows"][5:10]
    assert "no column" in told.say("table", sort="zzz")["failed"]["message"]


def test_the_csv_holds_all_and_runs_in_no_spreadsheet(by_odd: Card) -> None:
    rows = list(csv.reader(io.StringIO(by_odd.csv())))
    assert len(rows) == len(by_odd.result.df) + 1
    cells = {row[1] for row in rows[1:]}
    assert '\'=HYPERLINK("http://x")' in cells
    assert 'a,b\n"c"' in cells
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)
    assert [float(row[2]) for row in rows[1:]] == list(by_odd.result.df["count"])
    assert sheet.safe(-3.5) == -3.5
    one = by_odd.tsv(word="script").splitlines()
    assert one[1].split("\t")[1] == "<script>1</script>"


def test_each_form_is_the_question(shop: mp.Workspace) -> None:
    result = shop.ask(insights("Buy", last=3))
    forms = Card(result, shop).forms()
    assert forms["text"]["text"].startswith('%%mpquery insights\n"Buy"')
    assert 'ws.query("Buy"' in forms["python"]["text"]
    assert json.loads(forms["params"]["text"]) == result.params
    how = Card(result, shop).how()
    assert how["title"] == "SQL"
    assert how["text"]
    assert "ws" in Card(result).how()["problem"]


def test_what_is_drilled_into_is_a_card_with_the_same_number(shop: mp.Workspace, page: Any) -> None:
    result = shop.ask(insights("Buy", group_by="plan", last=5))
    told = page(card(result, shop))
    at = next(n for n, row in enumerate(result.to_table_dict()) if row["count"])
    offered = told.ask("drills", at=at, by="price")
    assert "by price" in offered[0]["text"]
    told.ask("go", number=0)
    for _ in range(200):
        if told.views():
            break
        time.sleep(0.02)
    assert told.views()[-1]["drilled"]["line"].startswith("The same number as clicked: 1")
    assert told.ask("opened")
    assert told.widget._next is not None
    assert told.widget._next.result.df["count"].sum() == 1


def test_a_number_that_differs_is_told(shop: mp.Workspace) -> None:
    data = Card(shop.ask(insights("Buy", last=5)), shop)
    at = next(n for n, row in enumerate(data.result.to_table_dict()) if row["count"])
    drill = dataclasses.replace(data.drills(at)[0], expects=99.0)
    assert data.go(drill)[1].startswith("Attention: this adds up to 1, and 99 was clicked.")


def test_a_card_without_workspace_says_what_it_cannot(shop: mp.Workspace) -> None:
    data = Card(shop.ask(insights("Buy")))
    with pytest.raises(NotSupportedError, match=r"result\.card\(ws\)"):
        data.save("A")
    with pytest.raises(NotSupportedError, match=r"result\.card\(ws\)"):
        data.go(data.drills(0)[0])
    assert Card(shop.ask(users()), shop).drills(0) == []


def test_saving_shows_what_it_replaces(shop: mp.Workspace, page: Any) -> None:
    told = page(card(shop.ask(insights("Buy", last=7)), shop))
    assert told.ask("review", name="Kept")["replaces"] is None
    made = told.ask("save", name="Kept", description="for us")
    assert made["link"] == f"%mp open {made['id']}"
    same = told.ask("review", name="Kept", description="for us")
    assert same["replaces"]["id"] == made["id"]
    assert same["differences"] == []
    other = page(card(shop.ask(insights("Buy", last=9, group_by="plan")), shop))
    rows = {
        row["field"]: row
        for row in other.ask("review", name="Kept", description="x")["differences"]
    }
    assert rows["description"] == {"field": "description", "before": "for us", "after": "x"}
    assert "by plan" in rows["question"]["after"]
    assert any(field.startswith("sections.time[0]") for field in rows)
    assert other.ask("save", name="Kept")["id"] == made["id"]
    assert shop.question(made["id"]) == other.widget.data.question
    assert "name" in told.say("save", name=" ")["failed"]["message"]


def test_a_save_that_fails_is_told(shop: mp.Workspace, page: Any, monkeypatch: Any) -> None:
    told = page(card(shop.ask(insights("Buy")), shop))

    def refuse(*args: Any, **named: Any) -> None:
        raise QueryError("The disk is full.")

    monkeypatch.setattr(type(shop), "save", refuse)
    assert told.say("save", name="A")["failed"]["message"] == "The disk is full."


def test_leaves_differ_by_type_and_place() -> None:
    before, after = {"a": [1, 2], "b": {"c": 1}, "d": {}}, {"a": [1], "b": {"c": True}, "d": {}}
    found = [(row.field, row.before, row.after) for row in saving.between(before, after)]
    assert found == [("a[1]", "2", None), ("b.c", "1", "true")]


def test_the_magics_tell_the_difference_and_the_link(shell: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    first = shell.run('%%mpquery --save Signups --no-display\n"Sign Up"\nlast 7 days')
    assert "Open it again: %mp open" in first.text
    shell.run('%%mpquery --no-display\n"Sign Up"\nlast 9 days')
    again = shell.run("%mp save Signups")
    assert "Replaced report" in again.text
    assert "question: " in again.text
    assert "last 9 days" in again.text
    assert "was like this already" in shell.run("%mp save Signups").text


def test_the_table_marks_buckets_that_are_not_over(shop: mp.Workspace) -> None:
    asked = retention("Buy", "Buy", retention_unit="day", last=3, group_by="plan")
    result = shop.ask(asked)
    found = Card(result, shop).table(sort="bucket", descending=True)
    frame = result.df
    over = {
        tuple(row[:3]): done
        for row, done in zip(frame.astype(str).values.tolist(), result.is_over, strict=True)
    }
    assert set(over.values()) == {True, False}
    for plan, date, bucket, *numbers in found["rows"]:
        marked = {number.endswith("*") for number in numbers}
        assert marked == {not over[plan, date, bucket]}, (plan, date, bucket)
    assert found["note"] == "* bucket not over yet"
    assert Card(shop.ask(insights("Buy")), shop).table()["note"] == ""


def test_a_retention_cell_offers_its_users_and_its_cohort(demo: mp.Workspace) -> None:
    asked = retention("Sign Up", "Purchase", alignment="interval_start", last=21)
    data = Card(demo.ask(asked), demo)
    at = next(n for n, row in enumerate(data.result.to_table_dict()) if row["bucket"] == 1)
    made = data.drills(at, "platform")
    assert [one.name for one in made] == ["users", "people", "split", "users", "people"]
    whole = data.drills(at)
    for one in whole:
        assert data.go(one)[1].startswith("The same number as clicked"), one.title
    listed, line = data.go(whole[1])
    assert "as far as they have a profile" in line
    assert 0 < len(listed.frame()) <= LISTED


def test_the_card_says_nothing_of_the_account(shop: mp.Workspace) -> None:
    state = ResultCard(Card(shop.ask(insights("Buy")), shop)).get_state()
    assert len(json.dumps(state, default=str)) < 4_000


def test_the_cell_magic_opens_a_card(shell: Any) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    shown = shell.run('%%mpquery --card --show bar\n"Sign Up"\nlast 7 days')
    assert isinstance(shown.value, ResultCard)
    assert shown.value.data.chart == "bar"
    assert "mpnb-twin" in shown.bundles[-1]["text/html"]
    held = shell.run("_mp.card()").value
    assert held.data.workspace is shell.ip.user_ns["ws"]


def test_a_card_takes_no_workspace_of_other_data(shell: Any, shop: mp.Workspace) -> None:
    shell.run("%load_ext mpnb\n%mp demo")
    assert card(shop.ask(insights("Buy"))).data.workspace is None


def test_a_report_of_a_project_is_compared_and_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPNB_HOME", str(tmp_path))
    with (
        emulator.serve(project(), token=TOKEN, limits=False) as running,
        connected(running, monkeypatch) as remote,
    ):
        dates = {"from_date": "2025-01-02", "to_date": "2025-01-10"}
        data = Card(remote.ask(insights("Buy", **dates)), remote)
        assert data.how()["title"] == "Request"
        assert data.facts()["source"]
        assert data.properties() == []
        assert data.review("Kept")["replaces"] is None
        made = data.save("Kept")
        assert made["link"].startswith("https://")
        assert str(made["id"]) in made["link"]
        other = Card(remote.ask(insights("Buy", group_by="plan", **dates)), remote)
        found = other.review("Kept")
        assert found["replaces"]["id"] == made["id"]
        fields = [row["field"] for row in found["differences"]]
        assert fields[0] == "question"
        assert any(field.startswith("sections.group") for field in fields)
        assert other.save("Kept")["id"] == made["id"]
        assert other.review("Kept")["differences"] == []
        board = data.dashboards()
        assert [one["title"] for one in board] == ["Saved from notebooks"]


def test_what_takes_two_questions_is_asked_and_not_inserted(demo: mp.Workspace, page: Any) -> None:
    asked = text.parse('"Sign Up"\nforward 2\nlast 1 days', "flow")
    shown = page(card(demo.ask(asked), demo))
    listed, onward, follows = shown.ask("drills", at=1)
    assert listed["text"].startswith("%%mpquery flow")
    assert onward["text"] == ""
    assert follows["text"].startswith("%%mpquery flow")
    assert [one["cost"] for one in (listed, onward, follows)] == [
        "2 to 3 requests",
        "2 requests",
        "1 request",
    ]
