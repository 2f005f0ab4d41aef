"""Drill-down on the demo shop: the new question finds the number that was clicked, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import mpnb as mp
from mpnb.query.breakdown import GroupBy
from mpnb.query.filter import Filter
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.retention import retention
from mpnb.query.step import RetentionEvent
from mpnb.widget.carding import Card
from mpnb.widget.drill import Drill, Place, drills, found
from mpnb.widget.people import MOST

BY = GroupBy("platform")


@pytest.fixture
def shop(demo: mp.Workspace) -> mp.Workspace:
    return demo


def lost(result: Any, step: int) -> float:
    """How many reach the step before and not this one; for step 1 how many enter."""
    counts = [one["count"] for one in result.steps_data]
    return float(counts[0] if step == 1 else counts[step - 2] - counts[step - 1])


def _rows(result: Any, fixed: Sequence[str]) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    levels = [name for name in result.df.columns if name not in fixed]
    return [(tuple(row[name] for name in levels), row) for row in result.to_table_dict()]


def listed(shop: mp.Workspace, made: list[Drill]) -> list[str]:
    """Who a drill lists."""
    drill = _named(made, "people")
    assert drill.question is not None, drill.note
    assert drill.who is not None
    return drill.who(shop.ask(drill.question, limit=MOST))


def _named(found_: list[Drill], name: str) -> Drill:
    return next(one for one in found_ if one.name == name)


@pytest.mark.parametrize(
    "asked",
    [
        insights("Purchase", last=21, unit="week", group_by="country"),
        insights("Purchase", last=45, unit="month", where=Filter.equals("platform", "iOS")),
        insights("Purchase", math="unique", last=4, group_by=["country", "gift"]),
        insights("Open App", math="wau", last=4),
        insights("Purchase", mode="total", group_by=GroupBy("gift", "boolean")),
        insights("Purchase", mode="total", group_by=GroupBy("amount", "number")),
        insights(
            "Purchase",
            last=2,
            group_by=GroupBy("amount", "number", bucket_size=30, bucket_min=20, bucket_max=90),
        ),
        insights("Purchase", math="average", math_property="amount", last=4),
        insights("Purchase", last=4, group_by=GroupBy("plan", resource_type="people")),
        insights(["Purchase", "Sign Up"], last=3),
    ],
)
def test_a_point_alone_is_the_point(shop: mp.Workspace, asked: Question) -> None:
    result = shop.ask(asked)
    checked = 0
    for path, row in _rows(result, ("date", "event", "count"))[:24]:
        place = Place(
            path=path, date=row.get("date", "")[:10], metric=row["event"], count=row["count"]
        )
        drill = drills(result, place)[0]
        assert drill.question is not None, drill.note
        assert found(drill, shop.ask(drill.question)) == pytest.approx(row["count"])
        checked += 1
    assert checked


def test_the_segments_of_a_count_add_up_to_the_point(shop: mp.Workspace) -> None:
    result = shop.ask(insights("Purchase", last=3, group_by="country"))
    for path, row in _rows(result, ("date", "event", "count")):
        place = Place(path=path, date=row["date"][:10], metric="Purchase", count=row["count"])
        drill = drills(result, place, BY)[0]
        assert drill.expects == row["count"]
        assert drill.question is not None
        answer = shop.ask(drill.question)
        assert len(answer.df) > 1 or row["count"] < 9
        assert found(drill, answer) == row["count"]
    unique = shop.ask(insights("Purchase", math="unique", last=2))
    point = drills(unique, Place(date="2025-06-30", metric="Purchase", count=1), BY)[0]
    assert point.expects is None
    assert "need not add up" in point.note


CALENDAR = [
    retention("Sign Up", "Open App", alignment="interval_start", last=28),
    retention(
        RetentionEvent("Sign Up", [Filter.equals("platform", "iOS")]),
        RetentionEvent("Purchase", [Filter.greater_than("amount", 20)]),
        alignment="interval_start",
        retention_unit="month",
        from_date="2025-03-10",
        to_date="2025-05-20",
    ),
    retention(
        "Sign Up", "Open App", alignment="interval_start", group_by="platform", last=21,
        where=[Filter.equals("plan", "free")],
    ),
]  # fmt: skip


@pytest.mark.parametrize("asked", CALENDAR)
def test_the_users_of_a_calendar_cell_are_the_cells(shop: mp.Workspace, asked: Any) -> None:
    result = shop.ask(asked)
    checked = 0
    for path, row in _rows(result, ("cohort_date", "bucket", "count", "rate"))[:18]:
        place = Place(path=path, date=row["cohort_date"], bucket=row["bucket"], count=row["count"])
        drill = _named(drills(result, place), "users")
        if row["bucket"] == 0:
            assert drill.question is None
            assert "order" in drill.note
            continue
        assert drill.question is not None, drill.note
        assert found(drill, shop.ask(drill.question)) == row["count"]
        checked += 1
    assert checked > 5


def test_the_users_of_a_cohort_are_its_size(shop: mp.Workspace) -> None:
    result = shop.ask(retention("Sign Up", "Purchase", last=21))
    for date, cohort in result.cohorts.items():
        place = Place(date=date, count=cohort["first"])
        drill = _named(drills(result, place), "users")
        assert drill.question is not None
        assert found(drill, shop.ask(drill.question)) == cohort["first"]


def test_a_rolling_cell_is_not_asked_but_split(shop: mp.Workspace) -> None:
    result = shop.ask(retention("Sign Up", "Purchase", last=21))
    date, cohort = list(result.cohorts.items())[1]
    place = Place(date=date, bucket=1, count=cohort["counts"][1])
    made = drills(result, place, BY)
    assert _named(made, "users").question is None
    assert "each person's own birth" in _named(made, "users").note
    split = _named(made, "split")
    assert split.question is not None
    assert found(split, shop.ask(split.question)) == cohort["counts"][1]


def test_who_dropped_is_the_difference_of_two_steps(shop: mp.Workspace) -> None:
    result = shop.ask(funnel(["Sign Up", "View Item", "Purchase"]))
    for step in (1, 2, 3):
        made = drills(result, Place(step=step), BY)
        drill = made[0]
        assert drill.expects == lost(result, step)
        assert drill.question is not None
        answer = shop.ask(drill.question)
        assert found(drill, answer) == lost(result, step)
        assert len(answer.blocks) > 2
        assert len(listed(shop, made)) == made[1].expects == lost(result, step)


WAYS = [
    retention("Sign Up", "Purchase", last=21),
    retention("Sign Up", "Purchase", last=9, bucket_sizes=[1, 3, 7], retention_unit="day"),
    retention("Sign Up", "Open App", last=28, unbounded_mode="carry_back"),
    retention("Sign Up", "Purchase", last=28, retention_cumulative=True),
    retention("Sign Up", "Purchase", last=21, group_by="platform"),
]


@pytest.mark.parametrize("asked", WAYS)
def test_the_people_of_every_cell_are_as_many_as_it_says(shop: mp.Workspace, asked: Any) -> None:
    result = shop.ask(asked)
    rows = _rows(result, ("cohort_date", "bucket", "count", "rate"))
    for path, row in rows[:: max(1, len(rows) // 3)]:
        place = Place(path=path, date=row["cohort_date"], bucket=row["bucket"], count=row["count"])
        assert len(listed(shop, drills(result, place))) == row["count"]


FUNNELS = [
    funnel(["Sign Up", "View Item", "Purchase"], conversion_window=2, conversion_window_unit="day"),
    funnel(["Sign Up", "Purchase"], exclusions=["Contact Support"], math="unique"),
    funnel(["Open App", "Purchase"], group_by="platform", last=14, holding_constant="platform"),
    funnel(["Sign Up", "Purchase"], where=Filter.equals("plan", "pro"), group_by=["plan", "platform"]),
]  # fmt: skip


@pytest.mark.parametrize("asked", FUNNELS)
def test_the_people_who_dropped_are_those_who_are_missing(shop: mp.Workspace, asked: Any) -> None:
    result = shop.ask(asked)
    checked = 0
    for block in result.blocks[:2]:
        for step in range(1, len(block.steps) + 1):
            made = drills(result, Place(path=tuple(block.path), step=step))
            drill = _named(made, "people")
            assert drill.question is not None, drill.note
            assert len(listed(shop, made)) == drill.expects
            checked += 1
    assert checked


def test_the_listed_people_did_it(shop: mp.Workspace) -> None:
    """Told by another way: each of them alone enters the funnel and leaves it at the step."""
    result = shop.ask(funnel(["Sign Up", "View Item", "Purchase"], last=7))
    some = listed(shop, drills(result, Place(step=3)))[:5]
    for person in some:
        alone = funnel(
            ["Sign Up", "View Item", "Purchase"],
            last=7,
            where=Filter.equals("$distinct_id", person),
        )
        assert [one["count"] for one in shop.ask(alone).steps_data] == [1, 1, 0]


def test_people_are_listed_only_where_people_are_counted(shop: mp.Workspace) -> None:
    result = shop.ask(funnel(["Sign Up", "Purchase"], math="conversion_rate_total"))
    drill = _named(drills(result, Place(step=2)), "people")
    assert drill.question is None
    assert "does not count people" in drill.note
    split = shop.ask(funnel(["Sign Up", "Purchase"], group_by=["plan", "platform"], last=7))
    drill = _named(drills(split, Place(path=("pro", "$overall"), step=2)), "people")
    assert "choose one of them" in drill.note


def test_an_edge_leads_to_the_flow_of_its_target(shop: mp.Workspace) -> None:
    result = shop.ask(flow("Sign Up", where=Filter.equals("platform", "iOS")))
    edge = next(one for one in result.edges() if one.target_event == "Open App")
    made = drills(result, Place(source=edge.source_event, target=edge.target_event))
    drill = _named(made, "next")
    assert drill.question is not None
    assert (drill.question.where, drill.question.steps[0].event) == (result.query.where, "Open App")
    assert "not only of those" in drill.note
    assert shop.ask(drill.question).steps
    stopped = drills(result, Place(source="Sign Up", target="DROPOFF"))
    assert [one.name for one in stopped] == ["people"]
    others = drills(result, Place(source="Sign Up", target="$other"))
    assert _named(others, "next").question is None


FLOWS = [
    flow("Sign Up", last=14),
    flow("Purchase", reverse=2, last=9, cardinality=1, where=Filter.equals("platform", "iOS")),
    flow(["Sign Up", "Purchase"], forward=2, last=14, cardinality=2),
    flow("Search", forward=2, last=3, hidden_events=["Open App"], collapse_repeated=True),
]


@pytest.mark.parametrize("asked", FLOWS)
def test_the_people_of_every_edge_are_as_many_as_it_says(shop: mp.Workspace, asked: Any) -> None:
    result = shop.ask(asked)
    told, checked = None, set()
    for edge in result.edges():
        place = _edge(edge)
        drill = _named(drills(result, place), "people")
        assert drill.question is not None, drill.note
        assert drill.who is not None
        told = told or shop.ask(drill.question, limit=MOST)
        assert len(drill.who(told)) == edge.total == drill.expects, edge
        checked.add(edge.target_type)
    assert checked >= {"NORMAL", "PRUNED"}


def _edge(edge: Any) -> Place:
    return Place(
        source=edge.source_event,
        target=edge.target_event,
        columns=(edge.source_step, edge.target_step),
        count=edge.total,
    )


def test_the_flow_of_the_people_on_an_edge_goes_on_from_there(shop: mp.Workspace) -> None:
    result = shop.ask(flow("Sign Up", forward=2, last=2))
    checked = 0
    for edge in result.edges():
        drill = _named([*drills(result, _edge(edge)), _none("onward")], "onward")
        if drill.question is None or drill.who is None or drill.then is None:
            continue
        ids = drill.who(shop.ask(drill.question, limit=MOST))
        onward = shop.ask(drill.then(ids))
        assert found(drill, onward) == edge.total
        assert onward.query.forward >= edge.target_step + 2
        through = [one for one in onward.edges() if one.source_step == edge.target_step]
        assert {one.source_event for one in through} == {edge.target_event}
        assert sum(one.total for one in through) == edge.total, "nobody else is in it"
        checked += 1
    assert checked >= 3


def test_many_people_are_listed_and_not_named_in_a_question(shop: mp.Workspace) -> None:
    result = shop.ask(flow("Sign Up"))
    edge = next(iter(result.edges()))
    assert edge.total > 500
    drill = _named(drills(result, _edge(edge)), "onward")
    assert drill.question is None
    assert "at most 500" in drill.note


def test_a_flow_of_totals_lists_people_and_says_so(shop: mp.Workspace) -> None:
    result = shop.ask(flow("Search", forward=1, last=2, count_type="total"))
    edge = next(iter(result.edges()))
    drill = _named(drills(result, _edge(edge)), "people")
    assert drill.expects is None
    assert "several times" in drill.note
    assert drill.question is not None
    assert drill.who is not None
    assert 0 < len(drill.who(shop.ask(drill.question, limit=MOST))) < edge.total


@pytest.mark.parametrize("mode", ["paths", "tree"])
def test_the_people_of_a_path_are_as_many_as_it_says(shop: mp.Workspace, mode: Any) -> None:
    card = Card(shop.ask(flow("Sign Up", forward=3, last=5, mode=mode)), shop)
    number = "count" if mode == "paths" else "total_count"
    told = None
    for at in range(min(len(card.frame()), 25)):
        drill = _named(card.drills(at), "people")
        assert drill.question is not None, drill.note
        assert drill.who is not None
        told = told or shop.ask(drill.question, limit=MOST)
        assert len(drill.who(told)) == drill.expects == card.frame()[number].iloc[at]


def test_paths_that_begin_before_their_event_are_not_told_apart(shop: mp.Workspace) -> None:
    card = Card(shop.ask(flow("Purchase", forward=1, reverse=1, last=2, mode="paths")), shop)
    drill = _named(card.drills(1), "people")
    assert drill.question is None
    assert "only event" in drill.note


@pytest.mark.parametrize("group_by", [None, "platform"])
def test_a_date_of_a_trend_is_exact_too(shop: mp.Workspace, group_by: Any) -> None:
    asked = funnel(["Sign Up", "Purchase"], last=5, mode="trends", group_by=group_by)
    card = Card(shop.ask(asked), shop)
    told = None
    for at in range(0, len(card.frame()), 3):
        place = card.place(at)
        lost_here = card.frame()["count"].iloc[at - place.step + 1 : at + 1].tolist()
        drill = _named(card.drills(at), "people")
        assert place.date[:10] in drill.title
        if "$overall" in place.path and group_by:
            continue
        assert drill.question is not None
        assert drill.who is not None
        told = told or shop.ask(drill.question, limit=MOST)
        gone = lost_here[0] if place.step == 1 else lost_here[0] - lost_here[1]
        assert len(drill.who(told)) == gone == drill.expects
    split = _named(drills(card.result, Place(step=2, date=place.date), BY), "dropped")
    assert split.question is not None
    assert found(split, shop.ask(split.question)) == split.expects


def test_an_average_lists_who_came_back_in_any_of_its_cohorts(shop: mp.Workspace) -> None:
    card = Card(shop.ask(retention("Sign Up", "Open App", last=28, group_by="platform")), shop)
    result: Any = card.result
    group = next(one for one in result.groups if one.path == ("Web",))
    over = [c for c in group.cohorts.values() if c["complete"][1]]
    assert 0 < len(over) < len(group.cohorts), "the newest cohort is not part of the average"
    marks = card.draw("curve")["rows"]
    at = next(at for at in marks.values() if _is(card.place(at), ("Web",), 1))
    assert card.place(at).count == pytest.approx(group.average["rates"][1])
    who = listed(shop, card.drills(at))
    assert len(who) == sum(c["counts"][1] for c in over), "people sign up once here"
    assert [one.name for one in card.drills(at, "country")] == ["people", "split"]


def _is(place: Place, path: tuple[str, ...], bucket: int) -> bool:
    return (place.path, place.bucket, place.date) == (path, bucket, "")


def _none(name: str) -> Drill:
    return Drill(name=name, title="", question=None)


@pytest.mark.parametrize(
    ("asked", "place", "word"),
    [
        (insights("Purchase", rolling=3), Place(date="2025-06-30"), "rolling"),
        (insights("Purchase", unit="hour", last=1), Place(date="2025-06-30T10:00:00"), "hour"),
    ],
)
def test_what_cannot_be_said_says_why(
    shop: mp.Workspace, asked: Question, place: Place, word: str
) -> None:
    drill = drills(shop.ask(asked), place, BY)[0]
    assert drill.question is None
    assert word in drill.note
