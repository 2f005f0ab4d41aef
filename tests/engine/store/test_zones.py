"""Local days and wall clocks of whole columns, against zoneinfo one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from mpnb.engine.duckdb.zones import instants, local_days

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = ["UTC", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Pacific/Apia",
         "America/Havana", "Africa/Casablanca", "Australia/Lord_Howe"]  # fmt: skip


def ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


@pytest.mark.parametrize("name", ZONES)
def test_days_are_what_zoneinfo_says(name: str) -> None:
    zone = ZoneInfo(name)
    time = np.random.default_rng(1).integers(ms(EPOCH), ms(datetime(2037, 1, 1, tzinfo=UTC)), 4000)
    found = local_days(time, zone)
    for instant, day in zip(time.tolist(), found.tolist(), strict=True):
        local = (EPOCH + timedelta(milliseconds=instant)).astimezone(zone)
        assert (local.date() - date(1970, 1, 1)).days == day


def test_a_day_is_not_reopened_when_the_clock_goes_back_over_midnight() -> None:
    zone = ZoneInfo("America/St_Johns")  # 2010-11-07: from 00:01 back to 23:01 of the day before
    before = ms(datetime(2010, 11, 7, 0, 0, 30, tzinfo=zone))
    after = before + 60_000
    assert (EPOCH + timedelta(milliseconds=after)).astimezone(zone).day == 6
    days = local_days(np.array([before, after]), zone)
    assert days[0] == days[1] == (date(2010, 11, 7) - date(1970, 1, 1)).days


WALLS = [
    ("America/New_York", "2025-11-02T01:30:00", "2025-11-02T05:30:00"),  # twice: the first
    ("America/New_York", "2025-03-09T02:30:00", "2025-03-09T07:30:00"),  # never: the old offset
    ("America/New_York", "2025-03-09T03:00:00", "2025-03-09T07:00:00"),
    ("America/New_York", "2025-11-02T02:00:00", "2025-11-02T07:00:00"),
    ("Asia/Tokyo", "2025-01-01T00:00:00", "2024-12-31T15:00:00"),
]


@pytest.mark.parametrize(("zone", "wall", "utc"), WALLS)
def test_wall_clocks(zone: str, wall: str, utc: str) -> None:
    read = ms(datetime.fromisoformat(wall).replace(tzinfo=UTC))
    expected = ms(datetime.fromisoformat(utc).replace(tzinfo=UTC))
    assert instants(np.array([read]), ZoneInfo(zone)).tolist() == [expected]
