"""Metrics whose numbers are checked against plain loops over the same rows."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest

from mpnb.engine.duckdb import axis, insights, jit, passes
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.breakdown import FrequencyBreakdown, GroupBy
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import Formula, Metric
from mpnb.query.window import TimeRange

FIRST, DAYS = date(2025, 1, 1), 12
START = 1735689600  # 2025-01-01T00:00Z


def rows(seed: int, count: int = 600, zone_hours: int = 0) -> list[dict]:
    pick = random.Random(seed)
    made = []
    for i in range(count):
        properties = {
            "time": START + pick.randrange(-20 * 86400, DAYS * 86400) - zone_hours * 3600,
            "distinct_id": pick.choice(["", *[f"u{n}" for n in range(25)]]),
            "$insert_id": f"i{i}",
            "os": pick.choice(["ios", "web", "android", None]),
            "v": pick.choice([1, 2.5, "3", None, "x", 7]),
            "tags": pick.choice([[], ["a"], ["a", "b"], ["b", "b"], None]),
        }
        made.append({"event": pick.choice("ABC"), "properties": properties})
    return made


def ask(store: Store, *metrics, **more) -> dict:
    last = FIRST + timedelta(days=DAYS - 1)
    window = TimeRange(from_date=FIRST.isoformat(), to_date=last.isoformat())
    query = InsightsQuery(metrics=metrics, range=window, **more)
    return insights.answer(store, query, Context())


def day(row: dict) -> int:
    return (row["properties"]["time"] - START) // 86400


def users(found: list[dict]) -> int:
    return len({r["properties"]["distinct_id"] for r in found if r["properties"]["distinct_id"]})


@pytest.fixture(params=["numpy", "compiled"])
def way(request, monkeypatch):
    """Small stores are counted by numpy, large ones by compiled kernels; both must agree."""
    if request.param == "compiled":
        monkeypatch.setattr(jit, "FEW_ROWS", 0)
    return request.param


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_by_day_and_segment(way, seed):
    given = rows(seed)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    for math, group_by in product(
        ("total", "unique", "dau", "wau", "mau", "cumulative_unique"), ((), (GroupBy("os"),))
    ):
        series = ask(store, Metric("A", math=math), group_by=group_by)["series"]["A"]
        lines = series if group_by else {None: series}
        window = {"dau": 1, "wau": 7, "mau": 30}.get(math, 1)
        for label, line in lines.items():
            os = {None: "any", "(not set)": None}.get(label, label)
            for index, value in enumerate(line.values()):
                first = 0 if math == "cumulative_unique" else index - window + 1
                hits = [
                    r
                    for r in given
                    if r["event"] == "A"
                    and first <= day(r) <= index
                    and (os == "any" or r["properties"]["os"] == os)
                ]
                assert value == (len(hits) if math == "total" else users(hits)), (math, label)


def test_hours_and_all_events(way):
    given = rows(3)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    line = ask(store, Metric("$all_events"), unit="hour")["series"]["$all_events"]
    counts = defaultdict(int)
    for r in given:
        counts[(r["properties"]["time"] - START) // 3600] += 1
    assert list(line.values()) == [counts[hour] for hour in range(24 * DAYS)]
    wau = ask(store, Metric("$all_events", math="wau"), unit="hour")["series"]["$all_events"]
    for hour, value in enumerate(wau.values()):
        hits = [r for r in given if hour - 168 < (r["properties"]["time"] - START) // 3600 <= hour]
        assert value == users(hits)


def test_lists_count_in_each_distinct_element(way):
    given = rows(4)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    for math in ("total", "unique", "wau"):
        series = ask(store, Metric("A", math=math), group_by=(GroupBy("tags"),))["series"]["A"]
        for label, line in series.items():
            for index, value in enumerate(line.values()):
                first = index - 6 if math == "wau" else index
                hits = [
                    r
                    for r in given
                    if r["event"] == "A"
                    and first <= day(r) <= index
                    and label in (r["properties"]["tags"] or ["(not set)"])
                ]
                assert value == (len(hits) if math == "total" else users(hits))


def numbers(found: list[dict]) -> list[float]:
    values = [r["properties"]["v"] for r in found]
    return [float(v) for v in values if v not in (None, "x")]


PROPERTY_MATHS = {
    "total": lambda v: float(np.sum(v)),
    "average": np.mean,
    "median": np.median,
    "min": np.min,
    "max": np.max,
    "p90": lambda v: np.percentile(v, 90),
}


@pytest.mark.parametrize("math", PROPERTY_MATHS)
def test_property_maths_collect_the_numbers_of_all_rows(way, math):
    given = rows(5)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    metric = Metric("B", math=math, property="v")
    series = ask(store, metric, group_by=(GroupBy("os"),))["series"]["B"]
    for label, line in series.items():
        os = None if label == "(not set)" else label
        for index, value in enumerate(line.values()):
            hits = [
                r
                for r in given
                if r["event"] == "B" and day(r) == index and r["properties"]["os"] == os
            ]
            found = numbers(hits)
            expected = PROPERTY_MATHS[math](found) if found or math == "total" else None
            assert value == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("per_user", ["total", "average", "min", "max"])
def test_per_user_makes_one_number_per_user_first(per_user):
    given = rows(6)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    metric = Metric("B", math="median", property="v", per_user=per_user)
    line = ask(store, metric)["series"]["B"]
    for index, value in enumerate(line.values()):
        by_user = defaultdict(list)
        for r in given:
            if r["event"] == "B" and day(r) == index and r["properties"]["distinct_id"]:
                by_user[r["properties"]["distinct_id"]] += numbers([r])
        stage = [PROPERTY_MATHS[per_user](found) for found in by_user.values() if found]
        assert value == (pytest.approx(np.median(stage)) if stage else None)


def test_rolling_reaches_before_the_range():
    given = rows(7)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    line = ask(store, Metric("A"), rolling=3)["series"]["A"]
    for index, value in enumerate(line.values()):
        hits = [r for r in given if r["event"] == "A" and index - 2 <= day(r) <= index]
        assert value == pytest.approx(len(hits) / 3)


def test_two_metrics_of_one_event_have_two_names():
    store = Store.from_rows(rows(8), now="2025-02-01T00:00:00+00:00")
    raw = ask(store, Metric("A"), Metric("A", math="unique"), mode="total")
    assert list(raw["series"]) == ["A [Total Events]", "A [Unique Users]"]
    assert raw["series"]["A [Total Events]"].keys() == {"all"}


def test_formulas_hide_their_inputs_unless_they_bring_their_own():
    store = Store.from_rows(rows(9), now="2025-02-01T00:00:00+00:00")
    lettered = ask(store, Metric("A"), Metric("B"), Formula("A/B", "r"), mode="total")["series"]
    assert list(lettered) == ["r"]
    own = Formula("A + A", "double", metrics=(Metric("B"),))
    series = ask(store, Metric("A"), own, mode="total")["series"]
    assert list(series) == ["A", "double"]
    total = ask(store, Metric("B"), mode="total")["series"]["B"]["all"]
    assert series["double"]["all"] == 2 * total


def test_formulas_know_powers_and_letters_beyond_z():
    store = Store.from_rows(rows(9), now="2025-02-01T00:00:00+00:00")
    totals = ask(store, Metric("A"), Metric("B"), mode="total")["series"]
    one, other = totals["A"]["all"], totals["B"]["all"]
    power = Formula("-A ^ 2 + 2 ^ A ^ 0 * B", "power")
    raw = ask(store, Metric("A"), Metric("B"), power, mode="total")
    assert raw["series"]["power"]["all"] == -(one**2) + 2 * other
    many = Formula("BA - A", "far", metrics=(Metric("A"),) * 26 + (Metric("B"),))
    assert ask(store, many, mode="total")["series"]["far"]["all"] == other - one


@pytest.mark.parametrize("text", ["A +", "C", "A ** 2", "__import__('os')", "A" * 3, "(" * 500])
def test_formulas_that_cannot_be_evaluated(text):
    store = Store.from_rows(rows(9), now="2025-02-01T00:00:00+00:00")
    with pytest.raises(QueryError, match="formula"):
        ask(store, Metric("A"), Metric("B"), Formula(text))


def test_frequency_filter_and_breakdown_count_inside_the_bucket():
    given = rows(10)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    counts = defaultdict(int)
    for r in given:
        if r["event"] == "B":
            counts[r["properties"]["distinct_id"], day(r)] += 1
    hits = [r for r in given if r["event"] == "A" and 0 <= day(r) < DAYS]
    some = [
        r
        for r in hits
        if r["properties"]["distinct_id"] and counts[r["properties"]["distinct_id"], day(r)] >= 1
    ]
    filtered = ask(store, Metric("A"), where=(FrequencyFilter("B", 1),))["series"]["A"]
    assert sum(filtered.values()) == len(some)
    split = ask(store, Metric("A"), group_by=(FrequencyBreakdown("B", 1, 0, 2),))["series"]["A"]
    assert list(split)[:2] == ["0", "1"]
    assert sum(sum(line.values()) for label, line in split.items() if label != "0") == len(some)


def test_nothing_to_count_is_zero_or_null():
    store = Store.from_rows([], now="2025-02-01T00:00:00+00:00")
    raw = ask(store, Metric("A"), Metric("A", math="unique"), Metric("A", math="p90", property="v"))
    assert set(raw["series"]["A [Total Events]"].values()) == {0}
    assert set(raw["series"]["A [Unique Users]"].values()) == {0}
    assert set(raw["series"]["A [P90 v]"].values()) == {None}
    assert ask(store, Metric("A"), group_by=(GroupBy("os"),))["series"] == {"A": {}}


def test_the_limit_keeps_the_largest_segments_and_says_so():
    store = Store.from_rows(rows(11), now="2025-02-01T00:00:00+00:00")
    query = InsightsQuery(
        metrics=(Metric("$all_events"),),
        range=TimeRange(from_date="2025-01-01", to_date="2025-01-12"),
        group_by=(GroupBy("os"),),
        mode="total",
    )
    whole = insights.answer(store, query, Context())
    cut = insights.answer(store, query, Context(limit=2))
    kept = cut["series"]["$all_events"]
    assert list(kept.items()) == list(whole["series"]["$all_events"].items())[:2]
    assert cut["meta"]["is_segmentation_limit_hit"] is True
    assert whole["meta"]["is_segmentation_limit_hit"] is False


def test_texts_cannot_be_rolled():
    store = Store.from_rows(rows(12), now="2025-02-01T00:00:00+00:00")
    with pytest.raises(NotSupportedError, match="needs numbers"):
        ask(store, Metric("A", math="most_frequent", property="os"), cumulative=True)


def test_a_filter_narrows_the_rows(way):
    given = rows(13)
    store = Store.from_rows(given, now="2025-02-01T00:00:00+00:00")
    where = (Filter("os", "equals", ["ios"]),)
    value = ask(store, Metric("A", math="unique"), where=where, mode="total")["series"]["A"]["all"]
    hits = [r for r in given if r["event"] == "A" and r["properties"]["os"] == "ios"]
    assert value == users([r for r in hits if 0 <= day(r) < DAYS])


def test_ranges_of_rows_cut_no_user_in_two():
    offsets = np.array([0, 5, 5, 9, 30])
    ranges = jit.splits(offsets, 34)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 34
    assert {low for low, _ in ranges} <= {*offsets.tolist()}


def test_the_hour_grid_and_bucket_agree():
    store = Store.from_rows(rows(14), timezone="Asia/Kolkata", now="2025-02-01T00:00:00+00:00")
    hours = axis.build(store, "2025-01-02", "2025-01-03", "hour")
    cells = passes.grid(store, hours)
    wanted = np.ones(len(store.events), bool)
    picked, bucket = passes.select(store, wanted, None, cells)
    expected = hours.bucket(store.time)
    assert np.array_equal(picked, np.flatnonzero(expected >= 0))
    assert np.array_equal(bucket, expected[expected >= 0])
