"""The explorer by its messages: volumes, properties, values, and a question from each thing."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

import mpnb as mp
from mpnb.errors import EventNotFoundError, MixpanelHeadlessError
from mpnb.widget.explorer import Explorer, explore
from mpnb.widget.exploring import Exploration, inferred

DAY = 86_400
START = 1_735_689_600  # 2025-01-01 UTC
HOSTILE = ['<b onclick="x()">"quoted"</b>', "שלום عالم", "🎉 party", "n" * 500, "line\nbreak"]


def _rows() -> list[dict[str, Any]]:
    mixed = [1, "two", True, ["a"], {"k": 1}, 2.5, "2025-01-01"]
    rows = [
        {"event": "Buy", "properties": {"time": START + n * DAY, "distinct_id": f"u{n % 3}",
         "price": n, "plan": "pro" if n % 2 else "free", "mixed": mixed[n % 7],
         "cart": [{"sku": "x", "n": n}], "day": f"2025-01-{n + 1:02d}"}}
        for n in range(14)
    ]  # fmt: skip
    rows += [
        {"event": name, "properties": {"time": START, "distinct_id": "u0", name: name}}
        for name in HOSTILE
    ]
    return rows


@pytest.fixture(scope="module")
def shop() -> mp.Workspace:
    people = [{"$distinct_id": "u0", "$properties": {"plan": "pro", "age": 30}}]
    return mp.local(_rows(), profiles=people, now="2025-01-15T00:00:00+00:00")


def test_events_come_with_volume_and_trend(shop: mp.Workspace, page: Any) -> None:
    found = page(Explorer(shop)).ask("begin")
    first = found["events"][0]
    assert (first["name"], first["count"], sum(first["trend"])) == ("Buy", 14, 14)
    assert (found["from_date"], found["to_date"]) == ("2024-12-16", "2025-01-14")
    assert {row["name"] for row in found["events"]} == {"Buy", *HOSTILE}


def test_an_event_opens_to_its_properties(shop: mp.Workspace, page: Any) -> None:
    found = page(Explorer(shop)).ask("event", name="Buy")
    types = {row["name"]: (row["type"], row["count"]) for row in found["properties"]}
    assert types["price"] == ("number", 14)
    assert types["mixed"] == ("mixed", 14)
    assert {row["share"] for row in found["properties"]} == {"100.0 %"}
    latest = Exploration(shop).sample("Buy")
    assert [row["properties"]["price"] for row in latest] == [13, 12, 11]
    assert ["price", "13"] in page(Explorer(shop)).ask("sample", name="Buy")[0]


def test_a_property_is_told_by_type_values_and_numbers(shop: mp.Workspace) -> None:
    data = Exploration(shop)
    price = data.property("price", "Buy")
    assert price["numbers"] == {
        "min": 0, "p25": 3.25, "median": 6.5, "p75": 9.75, "max": 13, "mean": 6.5,
    }  # fmt: skip
    assert (price["type"], price["count"], price["distinct"]) == ("number", 14, 14)
    mixed = data.property("mixed", "Buy")
    assert mixed["types"] == {"number": 4, "string": 4, "boolean": 2, "list": 2, "object": 2}
    assert mixed["type"] == "mixed"
    assert mixed["numbers"]["mean"] == 1.75
    assert data.property("day")["type"] == "datetime"
    assert [(row["text"], row["count"]) for row in data.property("plan")["top"]] == [
        ("free", 7),
        ("pro", 7),
    ]


def test_people_and_parts_of_lists(shop: mp.Workspace) -> None:
    data = Exploration(shop)
    assert data.people()["count"] == 1
    assert data.property("age", resource="people")["top"][0]["value"] == 30
    assert {row["name"] for row in data.subproperties("cart", "Buy")} == {"sku", "n"}
    assert data.cohorts() == []


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\n" not in name])
def test_each_name_makes_a_question_that_counts_it(shop: mp.Workspace, name: str) -> None:
    data = Exploration(shop)
    counted = shop.ask(data.question("count", event=name))
    assert counted.df["count"].sum() == 1
    kept = data.question("filter", event=name, property=name, value=name)
    assert shop.ask(kept).df["count"].sum() == 1
    assert "<b onclick" not in Explorer(shop).twin()


@pytest.mark.parametrize(
    ("about", "text"),
    [
        ({"start": "count", "event": "Buy"}, '"Buy"'),
        ({"start": "break down", "event": "Buy", "property": "plan"}, '"Buy"\nby plan'),
        (
            {"start": "break down", "event": "Buy", "property": "price", "type": "number"},
            '"Buy"\nby price as number',
        ),
        (
            {"start": "filter", "event": "Buy", "property": "price", "value": "3"},
            '"Buy"\nwhere price = 3',
        ),
        (
            {"start": "filter", "event": "Buy", "property": "mixed", "value": "true"},
            '"Buy"\nwhere mixed is true',
        ),
        (
            {"start": "filter", "property": "plan", "value": '"pro"', "resource": "people"},
            'where user.plan = "pro"',
        ),
        ({"start": "funnel", "steps": ["Buy", "Buy"]}, '"Buy" -> "Buy"'),
    ],
)
def test_a_thing_starts_a_question(
    shop: mp.Workspace, page: Any, about: dict[str, Any], text: str
) -> None:
    widget = Explorer(shop)
    answer = page(widget).ask("question", **about)
    assert answer["text"].split("\n", 1)[1] == text
    assert widget.text == answer["text"]


def test_what_cannot_start_a_question_says_why(shop: mp.Workspace, page: Any) -> None:
    told = page(Explorer(shop))
    assert told.say("question", start="funnel", steps=["Buy"])["failed"]["findings"]
    failed = told.say("question", start="filter", event="Buy", property="cart", value="[1]")[
        "failed"
    ]
    assert "lists or objects" in failed["message"]
    refused = told.say("question", start="count", event="bell\x07")["failed"]["message"]
    assert "control characters" in refused
    broken = told.ask("question", start="count", event="line\nbreak")
    assert broken["text"] == '%%mpquery insights\n"line\\nbreak"'
    assert told.say("event", name="Bye")["failed"]["message"]


def test_an_empty_project_and_an_unknown_event() -> None:
    empty = mp.local([], now="2025-01-15T00:00:00+00:00")
    assert Exploration(empty).events()["events"] == []
    assert "No events yet" in Explorer(empty).plain()
    with pytest.raises((MixpanelHeadlessError, EventNotFoundError)):
        explore(empty, "Nothing")


def test_types_are_inferred_from_values() -> None:
    assert inferred({}, []) == "empty"
    assert inferred({"string": 2}, [{"value": "2025-01-01T10:00:00Z"}]) == "datetime"
    assert inferred({"string": 2}, [{"value": "2025-01-01"}, {"value": "soon"}]) == "string"


def test_a_large_number_comes_back_from_the_page_as_it_is(page: Any) -> None:
    large = 12345678901234567890
    rows = [
        {"event": "e", "properties": {"time": START + n, "distinct_id": "u", "id": large + n % 2}}
        for n in range(4)
    ]
    rows[0]["properties"]["id"] = "text"
    told = page(Explorer(mp.local(rows, now="2025-01-15T00:00:00+00:00")))
    top = told.ask("property", name="id", event="e", resource="event")["top"]
    sent = next(row["value"] for row in top if row["text"] == str(large + 1))
    text = told.ask("question", start="filter", event="e", property="id", value=sent)["text"]
    assert text.endswith(f'where "id" = {large + 1}')


def test_long_values_are_cut_for_the_page_and_numbers_stay_json(page: Any) -> None:
    values = ["x" * 20_000, 1.7e308, 1.7e308, {"deep": ["y" * 9_000]}]
    rows = [
        {"event": "e", "properties": {"time": START, "distinct_id": f"u{n}", "p": value}}
        for n, value in enumerate(values)
    ]
    told = page(Explorer(mp.local(rows, now="2025-01-15T00:00:00+00:00")))
    found = told.ask("property", name="p", event="e", resource="event")
    assert max(len(row["text"]) for row in found["top"]) <= 310
    assert [row["value"] for row in found["top"] if row["text"].startswith("x")] == [None]
    assert found["numbers"]["max"] == "1.7e+308"
    assert found["numbers"]["mean"] == "–"  # the sum is no double any more
    assert len(json.dumps(told.ask("sample", name="e"), allow_nan=False)) < 3_000


def test_values_by_the_hundred_thousand_answer_at_once(page: Any) -> None:
    rows = [
        {"event": "e", "properties": {"time": START + n, "distinct_id": "u", "p": n if n % 2 else f"v{n}", "t": f"text {n}"}}
        for n in range(100_000)
    ]  # fmt: skip
    data = Exploration(mp.local(rows, now="2025-01-15T00:00:00+00:00"))
    begin = time.perf_counter()
    mixed, texts = data.property("p"), data.property("t")
    assert time.perf_counter() - begin < 0.5
    assert mixed["types"] == {"number": 50_000, "string": 50_000}
    assert (mixed["distinct"], texts["distinct"], len(texts["top"])) == (100_000, 100_000, 20)
    assert mixed["numbers"]["max"] == 99_999
    assert [row["text"] for row in texts["top"][:3]] == ["text 0", "text 1", "text 10"]


def test_thousands_of_events_open_in_half_a_second() -> None:
    rows = [
        {"event": f"Event {n % 5_000}", "properties": {"time": START + n, "distinct_id": "u", f"p{n % 200}": n}}
        for n in range(20_000)
    ]  # fmt: skip
    widget = Explorer(mp.local(rows, now="2025-01-15T00:00:00+00:00"))
    begin = time.perf_counter()
    found = json.dumps(widget.begin())
    widget.event("Event 7")
    assert time.perf_counter() - begin < 0.5
    assert len(json.loads(found)["events"]) == 5_000


def test_what_changed_meanwhile_shows_after_refresh(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = mp.local(_rows(), now="2025-01-15T00:00:00+00:00")
    told = page(Explorer(before))
    told.ask("begin")
    after = mp.local([{"event": "New", "properties": {"time": START, "distinct_id": "u"}}])
    monkeypatch.setattr(before, "_engine", after.engine)
    assert "'Buy'" in told.say("event", name="Buy")["failed"]["message"]
    assert [row["name"] for row in told.ask("begin")["events"]] == ["New"]


def test_no_more_is_saved_than_the_question(shop: mp.Workspace, page: Any) -> None:
    widget = Explorer(shop)
    told = page(widget)
    told.ask("event", name="Buy")
    told.ask("question", start="count", event="Buy")
    state = widget.get_state()
    assert state["text"] == '%%mpquery insights\n"Buy"'
    assert len(json.dumps(state, default=str)) < 4_000


def test_it_shows_itself_as_a_table_where_nothing_lives(shop: mp.Workspace, shell: Any) -> None:
    shell.ip.user_ns["shop"] = shop
    shell.run("%load_ext mpnb\n%mp use shop")
    (listed,) = shell.run("%mp explore").bundles
    assert listed["text/plain"].splitlines()[0] == "Events of local data"
    assert "<b onclick" not in listed["text/html"]
    (opened,) = shell.run('%mp explore "Buy"').bundles
    assert opened["text/plain"].splitlines()[0] == "Buy: 14 rows"
    assert re.search(r"price +14 +number", opened["text/plain"])
    told = shell.error("%mp explore Byu")
    assert "There is no event 'Byu'. Did you mean 'Buy'?" in told


def test_a_cohort_starts_a_question(shop: mp.Workspace, page: Any) -> None:
    told = page(Explorer(shop))
    alone = told.ask("question", start="cohort", cohort=7, name="Pros")["text"]
    assert alone == "%%mpquery users\ncohort 7"
    counted = told.ask("question", start="cohort", cohort=7, name="Pros", event="Buy")["text"]
    assert counted.splitlines()[1:] == ['"Buy"', 'where in cohort 7 as "Pros"']


def test_parts_of_objects_start_a_question(shop: mp.Workspace, page: Any) -> None:
    told = page(Explorer(shop))
    about = {"property": "cart", "event": "Buy", "sub": "n", "type": "number"}
    text = told.ask("question", start="break down", **about)["text"]
    assert text.splitlines()[1:] == ['"Buy"', "by cart item n as number"]


def test_what_waits_to_be_pasted(shop: mp.Workspace, page: Any, shell: Any) -> None:
    page(Explorer(shop)).ask("paste", text='%%mpquery\n"Buy"')
    assert shell.run("%load_ext mpnb\n%mp paste").text.strip() == '%%mpquery\n"Buy"'


def test_a_value_s_rows_are_those_that_its_question_counts(shop: mp.Workspace) -> None:
    data = Exploration(shop)
    asked = 0
    for prop in ("price", "plan", "mixed", "day"):
        found = data.property(prop, "Buy")
        for row in found["top"]:
            if isinstance(row["value"], (list, dict)):
                continue
            about = {"property": prop, "value": row["value"], "type": found["type"]}
            kept = data.question("filter", event="Buy", **about)
            counted = shop.ask(kept).df["count"].sum()
            assert (prop, row["text"], counted) == (prop, row["text"], row["count"])
            asked += 1
    assert asked > 30
