"""Frequency filters of funnels and retentions, frequency breakdowns of flows, by a plain reading.

The plain reading counts a user's events of a name inside the range in Python, and then asks the
engine the same question of a store that holds the users who pass, and nobody else.
"""

from __future__ import annotations

import operator
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError
from mpnb.query.breakdown import FrequencyBreakdown
from mpnb.query.filter import Filter, FrequencyFilter
from tests.engine.sequences.ask import Asker
from tests.engine.sequences.world import NOW, START, line

DAY = 86_400
RANGE = {"from_date": "2025-01-01", "to_date": "2025-01-03"}
COMPARE = {
    "is at least": operator.ge,
    "is at most": operator.le,
    "is greater than": operator.gt,
    "is less than": operator.lt,
    "is equal to": operator.eq,
}
GAPS = (0, 1, 3, 60, 3600, 40_000, DAY, 2 * DAY)


def lines_of(rng: random.Random) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for user in ("u1", "u2", "u3", "u4", "u5"):
        t: float = START + rng.choice((-DAY, -1, 0, 5, 50_000))
        for _ in range(rng.randint(1, 10)):
            t += rng.choice(GAPS)
            found.append(line(rng, user, t, len(found)))
    found.append({"event": "A", "properties": {"time": START + 5, "$insert_id": "none"}})
    return found


def asker(lines: list[dict[str, Any]]) -> Asker:
    return Asker(Store.from_rows(lines, timezone="UTC", now=NOW))


def times(lines: list[dict[str, Any]], user: str, asked: Any, start: float, end: float) -> int:
    """How often a user did an event, those with p = a where the filter says so, in a span."""
    wanted = getattr(asked, "event_filters", None)
    return sum(
        1
        for one in lines
        if one["event"] == asked.event
        and one["properties"].get("distinct_id") == user
        and start <= one["properties"]["time"] < end
        and (not wanted or one["properties"].get("p") == "a")
    )


def kept(
    lines: list[dict[str, Any]], asked: FrequencyFilter, start: float, end: float
) -> list[dict[str, Any]]:
    """The rows of the users who pass."""
    if asked.date_range_value is not None:
        start = end - asked.date_range_value * {"day": 1, "week": 7}[asked.date_range_unit] * DAY
    found = []
    for one in lines:
        user = one["properties"].get("distinct_id")
        if user is not None:
            count = times(lines, user, asked, start, end)
            if COMPARE[asked.operator](count, asked.value):
                found.append(one)
    return found or [{"event": "Z", "properties": {"time": START, "distinct_id": "nobody"}}]


def drawn(rng: random.Random) -> FrequencyFilter:
    window = rng.choice([{}, {"date_range_value": 1, "date_range_unit": "day"}])
    if rng.random() < 0.2:
        window = {"date_range_value": 1, "date_range_unit": "week"}
    inner = [Filter.equals("p", "a")] if rng.random() < 0.3 else None
    return FrequencyFilter(
        rng.choice("ABC"),
        rng.choice((0, 1, 2, 3)),
        operator=rng.choice(list(COMPARE)),
        event_filters=inner,
        **window,
    )


def test_funnels_of_those_who_pass():
    seen = 0
    for number in range(80):
        rng = random.Random(number)
        lines, asked = lines_of(rng), drawn(rng)
        given: dict[str, Any] = {
            **RANGE,
            "math": rng.choice(["conversion_rate_unique", "conversion_rate_total"]),
            "order": rng.choice(["loose", "any"]),
            "reentry_mode": rng.choice([None, "optimized", "aggressive"]),
            "group_by": rng.choice([None, "p"]),
            "mode": rng.choice(["steps", "table"]),
        }
        steps = rng.choice([["A", "B"], ["A", "B", "C"], ["C", "A"]])
        found = asker(lines).query_funnel(steps, where=asked, **given)
        passing = kept(lines, asked, START, START + 3 * DAY)
        expected = asker(passing).query_funnel(steps, **given)
        assert found["series"] == expected["series"], (number, asked, given)
        seen += found["series"] != asker(lines).query_funnel(steps, **given)["series"]
    assert seen > 25


def test_trends_of_funnels_count_inside_the_bucket_of_entry():
    """Each day is a funnel of its own (FN-18), and so is its count."""
    for number in range(50):
        rng = random.Random(number)
        lines, asked = lines_of(rng), drawn(rng)
        found = asker(lines).query_funnel(["A", "B"], where=asked, mode="trends", **RANGE)
        (series,) = found["series"].values()
        for day in range(3):
            start = START + day * DAY
            passing = kept(lines, asked, start, start + DAY)
            other = asker(passing).query_funnel(["A", "B"], mode="trends", **RANGE)
            (expected,) = other["series"].values()
            key = datetime.fromtimestamp(start, UTC).isoformat()
            assert series[key] == expected[key], (number, asked, key)


def test_retentions_of_those_who_pass():
    seen = 0
    for number in range(80):
        rng = random.Random(number)
        lines, asked = lines_of(rng), drawn(rng)
        given: dict[str, Any] = {
            **RANGE,
            "retention_unit": "day",
            "math": rng.choice(["retention_rate", "total"]),
            "unbounded_mode": rng.choice([None, "carry_back", "consecutive_forward"]),
            "group_by": rng.choice([None, "p", "xs"]),
            "mode": rng.choice(["curve", "trends"]),
        }
        found = asker(lines).query_retention("A", "B", where=asked, **given)
        passing = kept(lines, asked, START, START + 3 * DAY)
        expected = asker(passing).query_retention("A", "B", **given)
        assert found["series"] == expected["series"], (number, asked, given)
        seen += found["series"] != asker(lines).query_retention("A", "B", **given)["series"]
    assert seen > 25


def test_other_filters_hold_beside():
    lines = lines_of(random.Random(5))
    asked = FrequencyFilter("B", 1)
    both = [asked, Filter.equals("p", "a")]
    passing = asker(kept(lines, asked, START, START + 3 * DAY))
    for call in ("query_funnel", "query_retention"):
        events: Any = (["A", "B"],) if call == "query_funnel" else ("A", "B")
        found = getattr(asker(lines), call)(*events, where=both, **RANGE)
        expected = getattr(passing, call)(*events, where=both[1], **RANGE)
        assert found["series"] == expected["series"]


def test_flows_by_frequency_are_the_flows_of_those_users():
    seen = set()
    for number in range(50):
        rng = random.Random(number)
        lines = lines_of(rng)
        asked = FrequencyBreakdown(
            rng.choice("ABC"), bucket_size=rng.choice((1, 2)), bucket_min=1, bucket_max=3
        )
        given: dict[str, Any] = {**RANGE, "count_type": rng.choice(["unique", "total"])}
        whole = asker(lines).query_flow("A", segments=[asked], **given)
        found = whole.get("segments", {})
        users = {one["properties"].get("distinct_id") for one in lines} - {None}
        groups: dict[str, set[str]] = {}
        for user in users:
            count = times(lines, user, asked, START, START + 3 * DAY)
            groups.setdefault(called(count, asked.bucket_size), set()).add(user)
        for label, members in groups.items():
            own = [one for one in lines if one["properties"].get("distinct_id") in members]
            expected = asker(own).query_flow("A", **given)
            if expected["steps"]:
                assert found.pop(label)["steps"] == expected["steps"], (number, label)
                seen.add(label)
        assert not found
    assert seen == {"< 1", "1", "2", "1 - 3", "≥ 3"}


def called(count: int, size: int) -> str:
    if count < 1:
        return "< 1"
    if count >= 3:
        return "≥ 3"
    return str(count) if size == 1 else "1 - 3"


def test_frequency_breakdowns_of_funnels_and_retentions_say_what_works():
    here = asker(lines_of(random.Random(1)))
    asked = FrequencyBreakdown("A")
    with pytest.raises(NotSupportedError, match="CohortBreakdown"):
        here.query_funnel(["A", "B"], group_by=asked)
    with pytest.raises(NotSupportedError, match="FrequencyFilter"):
        here.query_retention("A", "B", group_by=asked)
