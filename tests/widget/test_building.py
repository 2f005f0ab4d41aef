"""Building a question without a page: drafts, edits, findings, undo, text."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mpnb as mp
from mpnb import text
from mpnb.errors import ParamValidationError
from mpnb.query.filter import Filter
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery, insights
from mpnb.query.operators import OPERATORS
from mpnb.query.question import Question
from mpnb.widget import building_edits as edits
from mpnb.widget.building import KINDS, Building
from mpnb.widget.building_choices import MOST, around
from mpnb.widget.building_draft import draft, question
from mpnb.widget.building_form import form, sections
from mpnb.widget.building_shape import QUESTIONS, members, parts, value_shape
from tests.strategies import KINDS as STRATEGIES

DAY = 86_400
START = 1_735_689_600  # 2025-01-01 UTC
AWKWARD = ['<b onclick="x()">"q"</b>', "שלום", "🎉", "n" * 500]


@pytest.fixture(scope="module")
def shop() -> mp.Workspace:
    rows = [
        {"event": name, "properties": {"time": START + n * DAY, "distinct_id": f"u{n % 4}",
         "price": n, "plan": "pro" if n % 2 else "free", "vip": n % 3 == 0}}
        for n in range(14) for name in ("View", "Buy", *(AWKWARD if n == 0 else ()))
    ]  # fmt: skip
    people = [{"$distinct_id": "u0", "$properties": {"tier": "gold"}}]
    return mp.local(rows, profiles=people, now="2025-01-15T00:00:00+00:00")


def controls(node: dict[str, Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Every control of a form by its path."""
    found = {tuple(node["path"]): node}
    for inner in (*node.get("fields", ()), *node.get("more", ()), *node.get("items", ())):
        found |= controls(inner)
    return found


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_question_that_is_not_edited_stays_itself(kind: str, data: st.DataObject) -> None:
    asked: Question = data.draw(STRATEGIES[kind])
    made = draft(asked)
    before = repr(made)
    form(made, ())
    assert question(made, asked.extras) == (asked, [])
    assert repr(made) == before


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_an_edit_of_one_field_keeps_the_rest(kind: str, data: st.DataObject) -> None:
    asked: Question = data.draw(STRATEGIES[kind])
    name = {"users": "search"}.get(kind, "data_group_id")
    value = "x" if kind == "users" else 7
    made, findings = question(edits.change(draft(asked), [name], value), asked.extras)
    if made is None:  # a rule forbids the two together, and says so
        assert findings
    else:
        assert made == dataclasses.replace(asked, **{name: value})


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_of_the_vocabulary_has_a_control(kind: Any, shop: mp.Workspace) -> None:
    shown = {path[0] for path in controls(Building(shop, kind).view()["form"]) if path}
    named = {row.name for row in dataclasses.fields(QUESTIONS[kind])} - {"extras"}
    assert shown == named


@pytest.mark.parametrize("name", sorted(set(parts()) - {"Extra", "TimeRange"}))
def test_every_field_of_every_part_has_a_control(name: str) -> None:
    """A new part is drawn with all its fields; only JSON fields may be edited as JSON."""
    made = edits._blank_part(name, "insights")
    shown = controls({"path": [], **sections(made, parts()[name], (), ())})
    unused = {"value", "date_unit", "list_item_filters", "list_item_quantifier"}
    for row in members(parts()[name]):
        node = shown.get((row.name,))
        if node is None:
            assert name == "Filter"
            assert row.name in unused
            continue
        if node["control"] == "json":
            assert (name, row.name) == ("MetricRef", "overrides")


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_has_an_editor_for_its_value(operator: str) -> None:
    made = edits.add(draft(insights("Buy")), ["where"], "Filter")
    made = edits.change(made, ["where", 0, "property"], "p")
    made = edits.change(made, ["where", 0, "operator"], operator)
    row, shape = made["where"][0], value_shape(operator)
    given: Any = "2025-01-02" if OPERATORS[operator].property_type == "datetime" else 3
    given = {"relative": 3, "text": "t"}.get(OPERATORS[operator].value, given)
    if shape is not None:
        value = [given, given] if shape.size else [given] if shape.item else given
        made = edits.change(made, ["where", 0, "value"], value)
    if row["list_item_filters"]:
        made = edits.change(made, ["where", 0, "list_item_filters", 0, "property"], "k")
        made = edits.change(made, ["where", 0, "list_item_filters", 0, "value"], ["v"])
    asked, findings = question(made, ())
    assert not findings
    assert isinstance(asked, InsightsQuery)
    assert isinstance(asked.where[0], Filter)
    assert asked.where[0]._operator == operator
    assert text.parse(asked.to_text(), "insights") == asked


def test_an_unfinished_edit_is_kept_and_said_at_its_field(shop: mp.Workspace) -> None:
    built = Building(shop, "funnel")
    before = built.question
    built.add(["steps"], "FunnelStep")
    view = built.view()
    assert not built.is_right
    assert built.question == before
    assert "blank" in controls(view["form"])["steps", 2, "event"]["findings"][0]
    built.change(["steps", 2, "event"], "View")
    assert isinstance(built.question, FunnelQuery)
    assert len(built.question.steps) == 3
    built.change(["conversion_window"], "soon")
    found = controls(built.view()["form"])["conversion_window",]
    assert found["findings"] == ["Write a whole number."]
    assert found["value"] == "soon"


def test_findings_of_the_question_stand_at_their_fields(shop: mp.Workspace) -> None:
    built = Building(shop, text.parse('"Buy"', "insights"))
    built.change(["range", "last"], -1)
    built.change(["metrics", 0, "math"], "average")
    shown = controls(built.view()["form"])
    assert shown["metrics", 0, "property"]["findings"]
    built.undo()
    assert controls(built.view()["form"])["range", "last"]["findings"]
    built.change(["rolling"], 5)
    built.change(["cumulative"], True)
    assert built.view()["findings"]


def test_undo_and_redo_go_through_every_edit(shop: mp.Workspace) -> None:
    built = Building(shop, "insights")
    seen = [built.state]
    built.change(["mode"], "total")
    built.add(["group_by"], "GroupBy")
    built.change(["group_by", 0, "property"], "plan")
    built.rename("x")
    seen += [built.state]
    for _ in range(4):
        built.undo()
    assert built.state == seen[0]
    assert built.question == seen[0].question
    for _ in range(9):
        built.redo()
    assert built.state == seen[1]
    built.undo()
    built.change(["mode"], "table")
    assert built.view()["redo"] == 0


def test_the_cell_text_is_taken_or_refused_whole(shop: mp.Workspace) -> None:
    built = Building(shop, "insights", "mine")
    built.write('%%mpquery funnel\n"View" -> "Buy" where plan = "pro"\nwithin 2 days')
    assert built.view()["kind"] == "funnel"
    assert built.cell().startswith("%%mpquery funnel mine\n")
    before = built.state
    with pytest.raises(ParamValidationError, match=r"\^"):
        built.write('%%mpquery funnel\n"View" => "Buy"')
    assert built.state == before


def test_extras_and_nested_parts_survive_edits(shop: mp.Workspace) -> None:
    source = (
        '"Buy"\nwhere in cohort (did "View" at least 2 times within 7 days)\n'
        'by custom property ("A * 2" as number, A = price as number)\n'
        'extra ["displayOptions", "note"] = {"a": [1, 2]}'
    )
    built = Building(shop, text.parse(source, "insights"))
    built.change(["unit"], "week")
    assert built.question == dataclasses.replace(text.parse(source, "insights"), unit="week")  # type: ignore[type-var]
    (extra,) = built.view()["extras"]
    assert extra == {"path": "displayOptions.note", "value": '{"a": [1, 2]}'}
    piece = ["where", 0, "cohort"]
    built.change(piece, "(did ")
    assert not built.is_right
    assert controls(built.view()["form"])[tuple(piece)]["findings"]
    built.change(piece, '(did "Buy" exactly 1 times within 9 days)')
    assert 'did "Buy" exactly 1 times within 9 days' in built.cell()


def test_values_are_typed_as_the_data_has_them(shop: mp.Workspace) -> None:
    built = Building(shop, text.parse('"Buy"', "insights"))
    built.add(["where"], "Filter")
    built.change(["where", 0, "property"], "price")
    built.add(["where", 0, "value"], "value", "5")
    assert "price = 5" in built.cell()
    built.change(["where", 0, "property"], "plan")
    built.change(["where", 0, "value", 0], "pro")
    assert 'plan = "pro"' in built.cell()


def test_choices_come_from_the_schema(shop: mp.Workspace) -> None:
    built = Building(shop, text.parse('"Buy" where plan = "pro"', "insights"))
    made, find = built.state.draft, built.choices.find
    assert {one["value"] for one in find(made, ["metrics", 0, "event"], "event", "")} >= {"Buy"}
    assert [one["value"] for one in find(made, ["metrics", 0, "event"], "event", "VI")] == ["View"]
    where = ["metrics", 0, "filters", 0]
    assert around(made, [*where, "value", 0]) == ("Buy", False, "plan")
    assert [one["value"] for one in find(made, [*where, "value", 0], "value", "r")] == [
        "free",
        "pro",
    ]
    people = edits.change(made, [*where, "resource_type"], "people")
    assert "tier" in [one["value"] for one in find(people, [*where, "property"], "property", "")]
    assert find(made, [*where, "property"], "cohort", "") == []


def test_a_million_values_are_searched_and_few_are_sent(shop: mp.Workspace) -> None:
    built = Building(shop, text.parse('"Buy" where plan = "pro"', "insights"))
    built.choices._values["plan", "Buy", False] = [f"value {n}" for n in range(1_000_000)]
    path = ["metrics", 0, "filters", 0, "value", 0]
    found = built.choices.find(built.state.draft, path, "value", "")
    assert len(found) == MOST
    assert built.choices.find(built.state.draft, path, "value", "999999")[0]["value"].endswith("9")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_starts_with_a_question_that_is_right(kind: Any, shop: mp.Workspace) -> None:
    built = Building(shop, kind)
    assert built.is_right
    assert built.question is not None
    assert built.question.kind == kind
    json.dumps(built.view())


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_project_starts_without_names(kind: Any) -> None:
    built = Building(mp.local([]), kind)
    assert built.is_right == (kind == "users")
    json.dumps(built.view())


def test_another_kind_asks_about_the_same_events(shop: mp.Workspace) -> None:
    built = Building(shop, text.parse('"Buy" -> "View" -> "Buy"', "funnel"))
    built.change_kind("retention")
    assert built.cell() == '%%mpquery retention\n"Buy" -> "View"'


def test_a_number_that_is_not_written_yet_has_its_field(shop: mp.Workspace) -> None:
    built = Building(shop, text.parse('"Buy"', "insights"))
    built.add(["where"], "Membership")
    path = ["where", 0, "cohort"]
    node = controls(built.view()["form"])[tuple(path)]
    assert (node["control"], node["variant"]) == ("whole", "whole")
    built.change(path, "none yet")
    node = controls(built.view()["form"])[tuple(path)]
    assert (node["value"], node["findings"]) == ("none yet", ["Write a whole number."])
    built.change(path, 7)
    assert "in cohort 7" in built.cell()
    people = Building(shop, "users")
    people.choose(["cohort"], "whole")
    assert controls(people.view()["form"])["cohort",]["control"] == "whole"
    people.change(["cohort"], 5)
    assert "cohort 5" in people.cell()


@pytest.mark.parametrize(
    ("kind", "body", "path", "value", "wrong", "words"),
    [
        ("insights", '"Buy"', ["metrics", 0, "math"], "average", "property", "“How: average”"),
        ("funnel", '"Buy" -> "Buy"', ["math"], "average", "math_property", "“How: average”"),
        ("flow", '"Buy"', ["forward"], 99, "forward", "“Steps forward” must be 0 to 5"),
        ("retention", '"Buy" -> "Buy"', ["retention_unit"], "year", "retention_unit", "“Retention per”"),
        ("insights", '"Buy"', ["range", "last"], -3, "last", "“Last days” must be"),
    ],
)  # fmt: skip
def test_findings_speak_the_words_of_the_form_at_their_field(
    kind: Any, body: str, path: list[Any], value: Any, wrong: str, words: str
) -> None:
    rows = [{"event": "Buy", "properties": {"time": 1735689600, "distinct_id": "u", "price": 3}}]
    shop = mp.local(rows, now="2025-01-15T00:00:00+00:00")
    built = Building(shop, text.parse(body, kind))
    built.change(path, value)
    (found,) = built.view()["findings"]
    assert words in found["message"]
    assert "=" not in found["message"]
    assert wrong in built.state.findings[0].path
    assert found["message"] in blamed(built.view()["form"])[wrong]


def blamed(node: dict[str, Any]) -> dict[str, list[str]]:
    """Every field of a form with what is said there."""
    own = {str(node["path"][-1]): node["findings"]} if node["path"] and node.get("findings") else {}
    for part in ("fields", "more", "items"):
        for one in node.get(part) or ():
            own |= blamed(one)
    return own


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_says_what_one_more_is_called(shop: mp.Workspace, kind: Any) -> None:
    shown = controls(Building(shop, kind).view()["form"])
    lists = [node for node in shown.values() if node.get("control") == "many"]
    assert lists
    for node in lists:
        words = [words for _, words in node["add"]]
        assert "" not in words, node["path"]
        assert not {"with settings", "one more", node["label"]} & set(words), node["path"]
