"""Segments of rows: labels by type, lists, buckets (I-17 to I-19, I-24, I-25, C-8)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from mpnb.engine.duckdb import breakdowns, buckets, rows, sources
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.breakdown import CohortBreakdown, FrequencyBreakdown, GroupBy
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from tests.engine.stores import NOON, event, profile, store_of, store_of_values


def segments(values: Sequence[Any], breakdown: GroupBy, **where: Any) -> list[list[str]]:
    """The labels of each row, sorted."""
    store = store_of_values(values, **where)
    found = rows.labels(store, breakdown)
    out: list[list[str]] = [[] for _ in values]
    for row, code in zip(*found.pairs(), strict=True):
        out[row].append(found.labels[code])
    return [sorted(each) for each in out]


MIXED: list[Any] = ["a", "A", "", 5.0, 0.1, True, {"k": [1.0]}, None, ..., [], ["b", "a", "b"]]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (
            "string",
            ["a", "A", "(empty string)", "5", "0.1", "true", '{"k":[1]}', "(not set)", "(not set)",
             "(not set)", "a|b"],
        ),
        (
            "boolean",
            ["true", "true", "false", "true", "true", "true", "true", "(not set)", "(not set)",
             "(not set)", "true"],
        ),
        (
            "number",
            ["(non-numeric values)", "(non-numeric values)", "(non-numeric values)", "5", "0.1",
             "1", "(non-numeric values)", "(not set)", "(not set)", "(not set)",
             "(non-numeric values)"],
        ),
        (
            "datetime",
            ["(not set)", "(not set)", "(not set)", "1970-01-01", "1970-01-01", "(not set)",
             "(not set)", "(not set)", "(not set)", "(not set)", "(not set)"],
        ),
    ],
)  # fmt: skip
def test_labels_by_type(kind: Any, wanted: list[str]) -> None:
    assert ["|".join(each) for each in segments(MIXED, GroupBy("p", kind))] == wanted


DAYS = [
    "2025-01-02",
    "2025-01-02T03:00:00Z",
    "2025-01-02T05:00:00Z",
    1735794000,
    "x",
    ["2025-01-02"],
]


def test_days_are_local_and_in_order() -> None:
    wanted = ["2025-01-02", "2025-01-01", "2025-01-02", "2025-01-02", "(not set)", "2025-01-02"]
    found = segments(DAYS, GroupBy("p", "datetime"), timezone="America/New_York")
    assert [each[0] for each in found] == wanted
    store = store_of([event("A", "u", NOON + day * 86400) for day in (9, 1, 5)])
    by_time = rows.labels(store, GroupBy("$time", "datetime"))
    assert by_time.ordered
    assert by_time.labels[:3] == ["2025-01-02", "2025-01-06", "2025-01-10"]


CARTS: list[Any] = [
    [{"b": "x", "n": 1}, {"b": "x"}, {"n": 3}],
    [],
    ["x"],
    {"b": "x"},
    ...,
]


def test_list_items() -> None:
    by_text = segments(CARTS, GroupBy.list_item("p", "b"))
    assert by_text == [["(not set)", "x"], *[["(not set)"]] * 4]
    by_number = segments(CARTS, GroupBy.list_item("p", "n", sub_type="number"))
    assert by_number == [["(not set)", "1", "3"], *[["(not set)"]] * 4]


def bucketed(values: Sequence[Any], **bounds: Any) -> list[str]:
    found = segments(values, GroupBy("p", "number", **bounds))
    return ["|".join(each) for each in found]


def test_buckets_between_bounds() -> None:
    values = [49.9, 50, 59.99, 60, 99, 100, "75", "x", ..., [51, 52, 200]]
    assert bucketed(values, bucket_size=20, bucket_min=50, bucket_max=100) == [
        "< 50",
        "50 - 70",
        "50 - 70",
        "50 - 70",
        "90 - 100",
        "≥ 100",
        "70 - 90",
        "(non-numeric values)",
        "(not set)",
        "50 - 70|≥ 100",
    ]


def test_buckets_of_a_size_alone_count_from_zero() -> None:
    assert bucketed([-0.1, 0, 9.9, 25], bucket_size=10) == [
        "-10 - 0",
        "0 - 10",
        "0 - 10",
        "20 - 30",
    ]


def test_few_numbers_stand_alone_and_many_get_round_widths() -> None:
    assert bucketed([1, 2.0, "3", 3]) == ["1", "2", "3", "3"]
    assert bucketed([*range(10)])[9] == "9"
    assert bucketed([*range(11)])[:3] == ["0 - 1", "1 - 2", "2 - 3"]
    many = bucketed([3, *range(100, 1011, 10)])
    assert (many[0], many[-1]) == ("0 - 200", "1000 - 1200")


@pytest.mark.parametrize(
    ("low", "high", "rule"),
    [
        (0, 100, (10, 0)),
        (0, 101, (20, 0)),
        (37, 1042, (200, 0)),
        (-7, 7, (2, -8)),
        (0.5, 0.9, (0.05, 0.5)),
        (1e6, 1e9, (100_000_000, 0)),
        (12, 22, (1, 12)),
        (3, 4, (0.1, 3)),
    ],
)
def test_automatic_widths(low: float, high: float, rule: tuple[float, float]) -> None:
    found = buckets.automatic(low, high)
    assert (found.size, found.low) == rule


def test_the_largest_doubles_have_buckets() -> None:
    found = bucketed([-1.7e308, 1.7e308, *range(9)])
    assert len(set(found[:3])) == 3
    assert len(set(found[2:])) == 1


@pytest.mark.parametrize("seed", range(40))
def test_edges_are_decimal(seed: int) -> None:
    pick = random.Random(seed)
    size = pick.choice([0.1, 0.3, 0.01, 2.5, 7, 1000, 1e-6])
    low = pick.choice([None, 0, 0.2, -3.3, 50])
    start, step = Decimal(str(low or 0)), Decimal(str(size))
    numbers = [float(start + step * pick.randrange(-500, 500)) for _ in range(50)]
    found = buckets.Edges.of(buckets.Rule(size, low)).find(np.array(numbers))
    assert found.tolist() == [
        int((Decimal(str(x)) - start) // step) if (Decimal(str(x)) - start) % step == 0 else None
        for x in numbers
    ]


def test_labels_of_buckets_ascend_and_the_rest_comes_last() -> None:
    store = store_of_values(["x", 250, 5, ..., 120, -40])
    found = rows.labels(store, GroupBy("p", "number", 100, 0, 200))
    assert found.ordered
    assert found.labels == [
        "< 0",
        "0 - 100",
        "100 - 200",
        "≥ 200",
        "(non-numeric values)",
        "(not set)",
    ]


def test_only_the_rows_that_count_decide_automatic_buckets() -> None:
    store = store_of_values([*range(100)])
    within = np.arange(100) < 5
    found = rows.labels(store, GroupBy("p", "number"), within)
    assert [found.labels[code] for code in found.codes[:5]] == ["0", "1", "2", "3", "4"]


def test_buckets_too_small_for_their_numbers_are_refused() -> None:
    with pytest.raises(QueryError, match="too small"):
        bucketed([1e300, 1], bucket_size=1e-9)


def test_outliers_fall_beside_bounded_buckets() -> None:
    found = bucketed([1e30, -1e308, 5], bucket_size=10, bucket_min=0, bucket_max=20)
    assert found == ["≥ 20", "< 0", "0 - 10"]
    assert len(set(bucketed([-1e308, 1e308, *range(20)]))) == 3


def test_cohorts_split_into_in_and_not_in() -> None:
    store = store_of(
        [event("A", "u1"), event("A", "u2"), event("A", "")], [profile("u1", plan="pro")]
    )
    pro = CohortDefinition(CohortCriteria.has_property("plan", "pro"))
    both = rows.labels(store, CohortBreakdown(pro, name="Pro"))
    assert [both.labels[code] for code in both.codes] == ["Pro", "Not In Pro", "Not In Pro"]
    inside = rows.labels(store, CohortBreakdown(pro, name="Pro", include_negated=False))
    assert inside.codes.tolist() == [0, -1, -1]


def test_frequency_needs_buckets_of_time() -> None:
    with pytest.raises(NotSupportedError, match="how often"):
        rows.labels(store_of([]), FrequencyBreakdown("A"))


def test_a_breakdown_by_event_properties_that_nobody_sent() -> None:
    assert segments(["a"], GroupBy("q")) == [["(not set)"]]
    assert segments(["a"], GroupBy("q", "number")) == [["(not set)"]]
    assert segments(["a"], GroupBy("q", "datetime")) == [["(not set)"]]


def test_values_are_told_apart_as_they_are_stored() -> None:
    store = store_of_values([1, 1.0, "1", "a", "A", ["a", 1], True, ...])
    found = rows.values(store, "p")
    assert found.exploded is not None
    assert sorted(found.labels) == ["1", "1", "A", "a", "true"]
    assert len(found.exploded[0]) == 8
    assert breakdowns.of_source(store, sources.event_property(store, "p"), "string").labels
