"""Section 4: ranges, buckets and labels in any zone, clock changes included."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from mpnb.engine.duckdb import axis
from mpnb.errors import QueryError
from mpnb.query.window import TimeRange


@dataclass
class Clock:
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    settings: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(week_start="monday", quarter_start=1)
    )


def clock(zone: str, **settings: object) -> Clock:
    made = Clock(ZoneInfo(zone))
    made.settings.__dict__.update(settings)
    return made


def test_days_with_offset_keys_and_iso_labels():
    days = axis.build(clock("America/Los_Angeles"), "2025-11-01", "2025-11-03", "day")
    assert days.labels == ("2025-11-01", "2025-11-02", "2025-11-03")
    assert days.keys[1:] == ("2025-11-02T00:00:00-07:00", "2025-11-03T00:00:00-08:00")
    assert list((days.ends_ms - days.starts_ms) // axis.HOUR_MS) == [24, 25, 24]
    assert not days.partial.any()


def test_the_repeated_hour_has_two_buckets_and_the_skipped_one_none():
    zone = clock("America/Los_Angeles")
    autumn = axis.build(zone, "2025-11-02", "2025-11-02", "hour")
    assert len(autumn) == 25
    assert autumn.labels[1:3] == ("2025-11-02T01:00:00-07:00", "2025-11-02T01:00:00-08:00")
    assert len(axis.build(zone, "2025-03-09", "2025-03-09", "hour")) == 23


@pytest.mark.parametrize(
    ("unit", "settings", "first", "last", "labels"),
    [
        ("week", {}, "2025-01-05", "2025-01-13", ["2024-12-30", "2025-01-06", "2025-01-13"]),
        (
            "week",
            {"week_start": "sunday"},
            "2025-01-05",
            "2025-01-12",
            ["2025-01-05", "2025-01-12"],
        ),
        ("month", {}, "2024-01-31", "2024-03-01", ["2024-01-01", "2024-02-01", "2024-03-01"]),
        ("quarter", {}, "2025-03-01", "2025-07-31", ["2025-01-01", "2025-04-01", "2025-07-01"]),
        (
            "quarter",
            {"quarter_start": 2},
            "2025-01-31",
            "2025-05-31",
            ["2024-11-01", "2025-02-01", "2025-05-01"],
        ),
    ],
)
def test_calendar_buckets(unit, settings, first, last, labels):
    made = axis.build(clock("UTC", **settings), first, last, unit)
    assert list(made.labels) == labels
    assert made.starts_ms[0] == axis.midnight(ZoneInfo("UTC"), date.fromisoformat(first))
    assert (
        made.ends_ms[-1] == axis.midnight(ZoneInfo("UTC"), date.fromisoformat(last)) + axis.DAY_MS
    )


def test_partial_buckets_are_cut_by_the_range_or_by_now():
    made = axis.build(clock("UTC"), "2025-12-10", "2026-01-01", "week")
    assert list(made.partial) == [True, False, False, True]
    assert list(axis.build(clock("UTC"), "2025-12-30", "2026-01-01", "day").partial) == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),  # midnight is skipped
        ("America/Havana", "2024-11-03", "2024-11-03T04:00"),  # midnight comes twice
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),  # the whole day is skipped
        ("Asia/Kolkata", "2025-01-01", "2024-12-31T18:30"),
    ],
)
def test_midnight(zone, day, utc):
    wanted = axis.millis(datetime.fromisoformat(utc).replace(tzinfo=UTC))
    assert axis.midnight(ZoneInfo(zone), date.fromisoformat(day)) == wanted


def test_buckets_of_instants_and_days():
    made = axis.build(clock("America/New_York"), "2025-01-08", "2025-01-14", "week", before=1)
    assert made.labels == ("2024-12-30", "2025-01-06", "2025-01-13")
    inside = [int(s) for s in made.starts_ms] + [int(made.ends_ms[-1])]
    assert list(made.bucket(inside)) == [0, 1, 2, -1]
    gap = axis.day_number(date(2025, 1, 6))  # before the range, after the earlier week
    days = np.array([gap - 1, gap, gap + 2, gap + 8, gap + 9])
    assert list(made.bucket_of_days(days)) == [0, -1, 1, 2, -1]


def test_last_counts_days_and_includes_today():
    assert axis.between(Clock(), TimeRange(last=7)) == (date(2025, 12, 26), date(2026, 1, 1))
    assert axis.between(Clock(), TimeRange(from_date="2025-12-31"))[1] == date(2026, 1, 1)


def test_reversed_range_and_unknown_unit_are_errors():
    with pytest.raises(QueryError, match="reversed"):
        axis.build(Clock(), "2025-01-02", "2025-01-01", "day")
    with pytest.raises(QueryError, match="unknown unit"):
        axis.build(Clock(), "2025-01-01", "2025-01-01", "year")


def test_a_total_is_one_bucket():
    made = axis.whole(clock("America/New_York"), "2025-03-09", "2025-03-09")
    assert made.keys == ("all",)
    assert made.ends_ms[0] - made.starts_ms[0] == 23 * axis.HOUR_MS
