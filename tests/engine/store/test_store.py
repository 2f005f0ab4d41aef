"""What a store makes of rows: order, duplicates, users, types of values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mpnb.engine.duckdb.load import BadLine
from mpnb.engine.duckdb.store import Store
from mpnb.errors import ParamValidationError, QueryError


def row(event: str, time: float, user: Any = "u", /, **properties: Any) -> dict[str, Any]:
    named = {("$" + key[1:] if key.startswith("_") else key): v for key, v in properties.items()}
    if user is not None:
        named["distinct_id"] = user
    return {"event": event, "properties": {"time": time, **named}}


def names(store: Store) -> list[str]:
    return [store.events[code] for code in store.event]


def test_rows_of_a_user_are_ordered_by_time_insert_id_name_and_load() -> None:
    store = Store.from_rows(
        [
            row("late", 9, _insert_id="a"),
            row("d", 5, _insert_id="b"),
            row("c", 5, _insert_id="a"),
            row("b", 5),
            row("a", 5),
            row("b", 5, n=2),
            row("other", 1, "t"),
        ]
    )
    assert store.users[:] == ["t", "u"]
    assert names(store) == ["other", "a", "b", "b", "c", "d", "late"]
    assert store.column("n").value(3) == 2  # type: ignore[union-attr]
    assert store.offsets.tolist() == [0, 1, 7]


def test_rows_without_a_user_come_last_and_belong_to_nobody() -> None:
    rows = [row("a", 5, None), row("a", 3, ""), row("a", 4, "u"), row("b", 1, None)]
    store = Store.from_rows(rows, [{"$distinct_id": "v", "$properties": {}}])
    assert store.n_users == 2
    assert store.users[:] == ["u", "v"]
    assert store.user.tolist() == [0, 2, 2, 2]
    assert store.time.tolist() == [4000, 1000, 3000, 5000]
    assert store.offsets.tolist() == [0, 1, 1]
    assert store.has_profile.tolist() == [False, True]


DUPLICATES: list[tuple[str, list[dict[str, Any]], list[Any]]] = [
    ("the greatest processing time stays", [{"n": 1, "mp_processing_time_ms": 9}, {"n": 2, "mp_processing_time_ms": 3}], [1]),
    ("of equals the last stays", [{"n": 1, "mp_processing_time_ms": 9}, {"n": 2, "mp_processing_time_ms": 9}], [2]),
    ("without processing times the last stays", [{"n": 1}, {"n": 2}], [2]),
    ("one with a processing time beats one without", [{"n": 1, "mp_processing_time_ms": 1}, {"n": 2}], [1]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rows", "kept"), DUPLICATES)
def test_duplicates(why: str, rows: list[dict[str, Any]], kept: list[Any]) -> None:
    store = Store.from_rows([row("a", 5, _insert_id="x", **properties) for properties in rows])
    assert [store.column("n").value(i) for i in range(store.n_rows)] == kept, why  # type: ignore[union-attr]


def test_rows_that_differ_in_one_of_the_four_are_no_duplicates() -> None:
    base = [row("a", 5, "u", _insert_id="x"), row("b", 5, "u", _insert_id="x")]
    more = [row("a", 5.001, "u", _insert_id="x"), row("a", 5, "v", _insert_id="x")]
    assert Store.from_rows([*base, *more, row("a", 5, "u", _insert_id="y")]).n_rows == 5


def test_rows_without_insert_id_are_never_duplicates() -> None:
    assert Store.from_rows([row("a", 5), row("a", 5)]).n_rows == 2


def test_duplicates_without_a_user_collapse_too() -> None:
    rows = [row("a", 5, None, _insert_id="x"), row("a", 5, "", _insert_id="x")]
    assert Store.from_rows(rows).n_rows == 1


def test_values_keep_their_json_type() -> None:
    values = [5, 5.0, "5", True, "true", 2**53 + 1, 2**70, [1, "a"], {"k": None}, "", None, 0.1]
    store = Store.from_rows([row("a", i, v=value) for i, value in enumerate(values)])
    column = store.column("v")
    assert column is not None
    found = [column.value(i) for i in range(len(values))]
    assert found == [
        5,
        5,
        "5",
        True,
        "true",
        2**53 + 1,
        2**70,
        [1, "a"],
        {"k": None},
        "",
        None,
        0.1,
    ]
    assert [type(value) for value in found[:5]] == [int, int, str, bool, str]
    assert column.codes[0] == column.codes[1]
    assert column.codes[10] == 0
    assert column.values[0] is None
    assert column.count == 11


def test_values_that_no_row_has_left_are_gone() -> None:
    rows = [row("a", 5, _insert_id="x", v="old"), row("a", 5, _insert_id="x", v="new")]
    assert Store.from_rows(rows).column("v").values == [None, "new"]  # type: ignore[union-attr]


TIMES = [
    (1_735_725_600, 1_735_725_600_000),
    (1_735_725_600_123, 1_735_725_600_123),
    (1_704_784_217.602, 1_704_784_217_602),
    (9_999_999_999, 9_999_999_999_000),
    (10_000_000_000, 10_000_000_000),
    (0, 0),
]


@pytest.mark.parametrize(("time", "ms"), TIMES)
def test_time_is_seconds_or_milliseconds(time: float, ms: int) -> None:
    assert Store.from_rows([row("a", time)]).time.tolist() == [ms]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"event": "a"}, "`properties` is missing"),
        ({"event": 5, "properties": {"time": 1}}, "`event` is not text"),
        ({"properties": {"time": 1}}, "`event` is missing"),
        ({"event": "a", "properties": {}}, "`time` is missing"),
        ({"event": "a", "properties": {"time": "now"}}, "`time` is not a number"),
        ({"event": "a", "properties": {"time": True}}, "`time` is not a number"),
        ({"event": "a", "properties": {"time": 1e18}}, "years 1 and 9999"),
    ],
)
def test_what_is_no_event(bad: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        Store.from_rows([bad])


def test_ids_of_any_type_are_text_and_the_alias_counts() -> None:
    rows = [row("a", 1, 4), row("a", 2, 4.0), row("a", 3, None, _distinct_id="x")]
    assert Store.from_rows(rows).users[:] == ["4", "x"]


def test_profiles_are_laid_over_each_other() -> None:
    profiles = [
        {"$distinct_id": "u", "$properties": {"a": 1, "b": 1, "c": None}},
        {"$distinct_id": "u", "$properties": {"b": 2, "a": None}},
    ]
    store = Store.from_rows([row("a", 7)], profiles)
    assert store.profile_json(0) == {"a": 1, "b": 2}
    first = store.profile_column("$mp_first_event_time")
    assert first is not None
    assert first.value(0) == 7


def test_groups_take_the_place_of_users() -> None:
    rows = [
        row("a", 1, "u", company=["x", "y", "x"]),
        row("b", 2, "v", company="y"),
        row("c", 3, "v", company=[]),
        row("d", 4, "v", company=""),
        row("e", 5, "v"),
        row("f", 6, None, company=7),
    ]
    profiles = [{"$group_key": "company", "$group_id": "z", "$properties": {"size": 3}}]
    store = Store.from_rows(rows, profiles, settings={"group_keys": [{"id": 1, "key": "company"}]})
    groups = store.by_group(1)
    assert groups.users[:] == ["7", "x", "y", "z"]
    assert names(groups) == ["f", "a", "a", "b"]
    assert groups.first is not None
    assert int(groups.first.sum()) == 3
    assert groups.has_profile.tolist() == [False, False, False, True]
    assert groups.profile_json(3) == {"size": 3}
    assert groups.column("company").value(1) == ["x", "y", "x"]  # type: ignore[union-attr]
    with pytest.raises(QueryError, match="data group 2"):
        store.by_group(2)


def test_strange_names_are_only_names() -> None:
    strange = "a \"b\" 'c'\n%s 😀 <img>; drop table events; --"
    store = Store.from_rows([row(strange, 1, strange, Plan=1, plan=strange, t=[1])])
    assert store.events == [strange]
    assert store.users[:] == [strange]
    assert store.sql_names == {"Plan": "Plan", "plan": "plan_2", "t": "t_2"}
    found = store.connect().execute('select "Plan", plan_2, t_2 from events').fetchall()
    assert found == [(1.0, strange, "[1]")]


def test_nothing_is_a_store_too() -> None:
    store = Store.from_rows([])
    assert (store.n_rows, store.n_users, store.events, store.properties()) == (0, 0, [], [])
    assert store.offsets.tolist() == [0]
    assert store.connect().execute("select count(*) from events").fetchall() == [(0,)]


def test_equal_data_has_equal_versions() -> None:
    rows = [row("a", 1, x=1), row("b", 2, "v", y=[1])]
    one, two = Store.from_rows(rows), Store.from_rows(rows)
    assert one.version == two.version
    assert one.version != Store.from_rows(rows[:1]).version
    assert one.version != Store.from_rows(rows, timezone="Asia/Tokyo").version


def test_the_days_are_those_of_the_zone() -> None:
    rows = [row("a", 1_735_774_200), row("a", 1_735_777_800)]
    assert np.diff(Store.from_rows(rows).day).tolist() == [1]
    assert np.diff(Store.from_rows(rows, timezone="America/New_York").day).tolist() == [0]


def test_settings_are_checked() -> None:
    for wrong in ({"identity": "magic"}, {"week_start": "Mon"}, {"quarter_start": 13}, {"x": 1}):
        with pytest.raises(ParamValidationError):
            Store.from_rows([], settings=wrong)
