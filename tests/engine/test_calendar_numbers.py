"""Questions over a winter and a spring with clock changes, counted a second time in plain Python.

The plain counts use local date-times of the standard library only, rule by rule: weeks that start on
Sunday, quarters that start in February, days of 23 and 25 hours, sessions, lists, groups.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import mpnb as mp

ZONE = ZoneInfo("America/New_York")
FROM, TO = date(2025, 10, 20), date(2026, 3, 20)
RANGE: dict[str, Any] = {"from_date": FROM.isoformat(), "to_date": TO.isoformat()}
NOW = datetime(2026, 3, 20, 18, 30, tzinfo=ZONE)
DAY_S = 86_400


def made() -> list[dict[str, Any]]:
    """Events, many of them near midnights and near the two changes of the clock."""
    rng, found = random.Random(7), []
    start = int(datetime(2025, 10, 10, tzinfo=ZONE).timestamp())
    changes = [int(datetime(2025, 11, 2, tzinfo=ZONE).timestamp())]
    changes.append(int(datetime(2026, 3, 8, tzinfo=ZONE).timestamp()))
    for number in range(1500):
        t = start + rng.randrange(165 * DAY_S)
        if number % 3 == 0:
            t = rng.choice(changes) + rng.randrange(-3_600, 27 * 3_600)
        if number % 5 == 0:
            t -= t % 900
        more: dict[str, Any] = {"amount": rng.choice([1, 2.5, 10, "4", None, "x"])}
        more["tags"] = rng.choice([["a"], ["a", "b"], ["b", "b"], [], None, "c"])
        more["team"] = rng.choice(["t1", "t2", ["t1", "t3"], [], "", None])
        more = {key: value for key, value in more.items() if value is not None}
        name, user = rng.choice("AAB"), f"u{rng.randrange(12)}"
        given = {"time": t, "distinct_id": user, "$insert_id": f"{number:05}", **more}
        found.append({"event": name, "properties": given})
    return found


class Row:
    def __init__(self, line: dict[str, Any]) -> None:
        self.p = line["properties"]
        self.name, self.t, self.user = line["event"], self.p["time"], self.p["distinct_id"]
        self.local = datetime.fromtimestamp(self.t, ZONE)
        self.day = self.local.date()


LINES = made()
ROWS = sorted(map(Row, LINES), key=lambda row: (row.user, row.t, row.p["$insert_id"]))
INSIDE = [row for row in ROWS if FROM <= row.day <= TO]
A = [row for row in INSIDE if row.name == "A"]


@pytest.fixture(scope="module")
def ws() -> Any:
    settings = {
        "week_start": "sunday",
        "quarter_start": 2,
        "group_keys": [{"id": 1, "key": "team"}],
    }
    now = NOW.isoformat()
    return mp.local(LINES, timezone=ZONE.key, now=now, settings=settings)


# --- plain reading ------------------------------------------------------------------------------


def week(day: date) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)


def quarter(day: date) -> date:
    month = (day.month - 2) % 12 // 3 * 3 + 2
    year = day.year - (day.month < 2)
    return date(year + (month > 12), (month - 1) % 12 + 1, 1)


STARTS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": week,
    "month": lambda day: day.replace(day=1),
    "quarter": quarter,
}
DAYS = [FROM + timedelta(days=i) for i in range((TO - FROM).days + 1)]


def per(unit: str, rows: Iterable[Row], count: Callable[[list[Row]], Any]) -> dict[str, Any]:
    """A number for every bucket of the range, by the ISO date of its calendar start."""
    groups: dict[date, list[Row]] = {STARTS[unit](day): [] for day in DAYS}
    for row in rows:
        groups[STARTS[unit](row.day)].append(row)
    return {start.isoformat(): count(found) for start, found in groups.items()}


def users(rows: Iterable[Row]) -> int:
    return len({row.user for row in rows})


def number(value: Any) -> float | None:
    if isinstance(value, str):
        return 4.0 if value == "4" else None
    return None if value is None else float(value)


def amounts(rows: Iterable[Row]) -> list[float]:
    return [found for row in rows if (found := number(row.p.get("amount"))) is not None]


def points(result: Any) -> dict[str, Any]:
    """The one series of a result, by date."""
    frame = result.df
    pairs = zip(frame["date"], frame["count"].tolist(), strict=True)
    return {str(at)[:10]: None if math.isnan(n) else n for at, n in pairs}


def same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert set(found) == set(wanted)
    for key, value in wanted.items():
        assert found[key] == (value if value is None else pytest.approx(value)), key


def segments(result: Any) -> dict[str, Any]:
    """The totals by segment, which stands in the column after the event."""
    frame = result.df
    labels = frame.iloc[:, list(frame.columns).index("event") + 1]
    return dict(zip(labels, frame["count"].tolist(), strict=True))


# --- insights -----------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", STARTS)
def test_totals_and_users_per_bucket(ws: Any, unit: Any) -> None:
    same(points(ws.query("A", unit=unit, **RANGE)), per(unit, A, len))
    same(points(ws.query("A", math="unique", unit=unit, **RANGE)), per(unit, A, users))


@pytest.mark.parametrize("unit", STARTS)
def test_values_per_bucket(ws: Any, unit: Any) -> None:
    kinds: list[tuple[Any, Callable[[list[Row]], Any]]] = [
        ("average", lambda rows: mean(amounts(rows)) if amounts(rows) else None),
        ("median", lambda rows: median(amounts(rows)) if amounts(rows) else None),
        ("max", lambda rows: max(amounts(rows), default=None)),
    ]
    for name, count in kinds:
        asked = mp.Metric("A", math=name, property="amount")
        same(points(ws.query(asked, unit=unit, **RANGE)), per(unit, A, count))


@pytest.mark.parametrize("day", ["2025-11-02", "2026-03-08"])
def test_hours_of_days_with_a_clock_change(ws: Any, day: str) -> None:
    """25 and 23 consecutive hours (T-8), told apart by their offset (T-3)."""
    found = ws.query("A", unit="hour", from_date=day, to_date=day)
    first = int(datetime.fromisoformat(day).replace(tzinfo=ZONE).timestamp())
    hours = 25 if day == "2025-11-02" else 23
    times = [row.t - first for row in ROWS if row.name == "A"]
    wanted = [sum(t // 3600 == hour for t in times) for hour in range(hours)]
    assert found.df["count"].tolist() == wanted
    assert sum(wanted) == sum(row.name == "A" and row.day.isoformat() == day for row in ROWS) > 10


@pytest.mark.parametrize(("name", "days"), [("dau", 1), ("wau", 7), ("mau", 30)])
@pytest.mark.parametrize("unit", ["day", "week"])
def test_active_users_reach_before_the_range(ws: Any, name: Any, days: int, unit: Any) -> None:
    lasts: dict[date, date] = {}
    for day in DAYS:
        lasts[STARTS[unit](day)] = day
    wanted = {}
    for start, last in lasts.items():
        span = range(last.toordinal() - days + 1, last.toordinal() + 1)
        wanted[start.isoformat()] = users(
            row for row in ROWS if row.name == "A" and row.day.toordinal() in span
        )
    same(points(ws.query("A", math=name, unit=unit, **RANGE)), wanted)


def test_running_numbers(ws: Any) -> None:
    seen: set[str] = set()
    wanted = {}
    for start, found in per("week", A, lambda rows: {row.user for row in rows}).items():
        seen |= found
        wanted[start] = len(seen)
    same(points(ws.query("A", math="cumulative_unique", unit="week", **RANGE)), wanted)
    total, sums = 0, {}
    for start, count in per("month", A, len).items():
        total += count
        sums[start] = total
    same(points(ws.query("A", cumulative=True, unit="month", **RANGE)), sums)


def test_rolling_means_take_days_before_the_range(ws: Any) -> None:
    by_day = Counter(row.day for row in ROWS if row.name == "A")
    wanted = {
        day.isoformat(): sum(by_day[day - timedelta(days=i)] for i in range(5)) / 5 for day in DAYS
    }
    same(points(ws.query("A", rolling=5, **RANGE)), wanted)


def test_lists_stand_in_the_segment_of_each_element_once(ws: Any) -> None:
    wanted: Counter[str] = Counter()
    for row in A:
        tags = row.p.get("tags")
        items = tags if isinstance(tags, list) else [tags]
        wanted.update({"(not set)" if tag is None else tag for tag in items or [None]})
    found = ws.query("A", group_by="tags", mode="total", **RANGE)
    assert segments(found) == dict(wanted)


def teams(row: Row) -> set[str]:
    given = row.p.get("team")
    return {team for team in (given if isinstance(given, list) else [given]) if team}


def test_groups(ws: Any) -> None:
    """Rows without a group are out of scope, rows with several count once in totals (D-13)."""
    grouped = [row for row in A if teams(row)]
    asked = {"data_group_id": 1, "unit": "quarter", **RANGE}
    same(points(ws.query("A", **asked)), per("quarter", grouped, len))
    distinct = per("quarter", grouped, lambda rows: len(set().union(*map(teams, rows))))
    same(points(ws.query("A", math="unique", **asked)), distinct)


def test_frequency_inside_each_week(ws: Any) -> None:
    """Two B in the week of the row (I-30); a partial week is the part inside the range."""
    done = Counter((row.user, week(row.day)) for row in INSIDE if row.name == "B")
    kept = [row for row in A if done[row.user, week(row.day)] >= 2]
    found = ws.query("A", unit="week", where=mp.FrequencyFilter("B", 2), **RANGE)
    same(points(found), per("week", kept, len))
    assert 0 < len(kept) < len(A)


def per_user(unit: str, first: Callable[[list[float]], float]) -> dict[str, Any]:
    def count(rows: list[Row]) -> float | None:
        values = defaultdict(list)
        for row in rows:
            for one in amounts([row]):
                values[row.user].append(one)
        return mean(first(own) for own in values.values()) if values else None

    return per(unit, A, count)


@pytest.mark.parametrize(("name", "first"), [("total", sum), ("average", mean), ("max", max)])
def test_two_stages(ws: Any, name: Any, first: Any) -> None:
    asked = mp.Metric("A", math="average", property="amount", per_user=name)
    same(points(ws.query(asked, unit="month", **RANGE)), per_user("month", first))


# --- sessions -----------------------------------------------------------------------------------


def sessions() -> list[list[Row]]:
    """Half an hour of quiet, or midnight, ends one (S-1, S-2)."""
    found: list[list[Row]] = []
    for row in ROWS:
        last = found[-1][-1] if found else None
        if last and last.user == row.user and row.t - last.t <= 1800 and last.day == row.day:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def test_sessions(ws: Any) -> None:
    starts = [one[0] for one in sessions() if FROM <= one[0].day <= TO]
    same(points(ws.query("$session_start", unit="week", **RANGE)), per("week", starts, len))
    holding = [next((row for row in one if row.name == "A"), None) for one in sessions()]
    inside = [row for row in holding if row is not None and FROM <= row.day <= TO]
    same(points(ws.query("A", math="sessions", unit="week", **RANGE)), per("week", inside, len))
    lengths = per(
        "quarter",
        [one[0] for one in sessions() if FROM <= one[0].day <= TO],
        lambda rows: None,
    )
    ends = defaultdict(list)
    for one in sessions():
        if FROM <= one[-1].day <= TO:
            ends[quarter(one[-1].day).isoformat()].append(one[-1].t - one[0].t)
    wanted = {key: mean(ends[key]) if ends[key] else None for key in lengths}
    asked = mp.Metric("$session_end", math="average", property="$duration_s")
    same(points(ws.query(asked, unit="quarter", **RANGE)), wanted)


# --- retention ----------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["day", "week", "month"])
@pytest.mark.parametrize("alignment", ["birth", "interval_start"])
@pytest.mark.parametrize("mode", ["none", "carry_back", "carry_forward"])
def test_retention(ws: Any, unit: Any, alignment: Any, mode: Any) -> None:
    """Cohorts of calendar intervals (R-1), exact or calendar buckets (R-3, R-4), unbounded (R-9)."""
    starts = sorted({STARTS[unit](day) for day in DAYS})
    length = {"day": 1, "week": 7, "month": 30}[unit] * DAY_S
    index = {start: i for i, start in enumerate(starts)}
    counts: dict[date, Counter[int]] = {start: Counter() for start in starts}
    sizes: Counter[date] = Counter()
    for user in {row.user for row in ROWS}:
        own = [row for row in ROWS if row.user == user]
        for start in starts:
            births = [r for r in own if FROM <= r.day <= TO and r.name == "A"]
            born = [r for r in births if STARTS[unit](r.day) == start]
            if not born:
                continue
            sizes[start] += 1
            back = [r for r in own if r.name == "B" and r.t >= born[0].t and r.t <= NOW.timestamp()]
            if alignment == "birth":
                hit = {int((r.t - born[0].t) // length) for r in back}
            else:
                hit = {index[STARTS[unit](r.day)] - index[start] for r in back if r.day <= TO}
            for k in range(len(starts) + 1):
                if mode == "none":
                    counts[start][k] += k in hit
                elif mode == "carry_back":
                    counts[start][k] += any(h >= k for h in hit)
                else:
                    counts[start][k] += any(h <= k for h in hit)
    found = ws.query_retention(
        "A", "B", retention_unit=unit, unit="day", alignment=alignment, unbounded_mode=mode, **RANGE
    )
    (series,) = found.raw["series"].values()
    cohorts = {key[:10]: one for key, one in series.items() if key[:2] == "20"}
    assert set(cohorts) == {start.isoformat() for start in starts}
    for start in starts:
        one = cohorts[start.isoformat()]
        assert one["first"] == sizes[start]
        assert one["counts"] == [counts[start][k] for k in range(len(starts) + 1)], start
