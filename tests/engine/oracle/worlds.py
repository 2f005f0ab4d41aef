"""Small random projects: ties, borders of days, clock changes, mixed values, merges, duplicates."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

EVENTS = ("A", "B", "C", "X", "é")
ZONES = {
    "UTC": "2025-03-05",
    "America/New_York": "2025-03-06",
    "Europe/Berlin": "2025-10-23",
    "America/Havana": "2025-10-30",
    "America/Sao_Paulo": "2018-11-01",
    "Asia/Kolkata": "2025-02-26",
    "Pacific/Auckland": "2025-04-02",
}
GAPS = (
    0,
    0,
    0.001,
    1,
    2,
    2.001,
    3,
    60,
    1799.999,
    1800,
    1800.001,
    3600,
    7200,
    40_000,
    86_400,
    90_000,
)
TEXTS = ("a", "A", "b", "Äß", "äß", "", "a b", "5", "05", "true", "x,y", "(not set)", "İ", "z")
MIXED: tuple[Any, ...] = (
    *TEXTS[:8],
    None,
    None,
    5,
    5.5,
    -2,
    0,
    True,
    False,
    ["a", "b"],
    ["a", "a", 5],
    [],
    {"k": 1},
)
NUMBERS = (0, 1, 2, 2, 3, 7.5, -4, 10, 25, 100, "3", " 4.5 ", "1e2", "x", "", None, None, True)
LISTS: tuple[Any, ...] = (
    None,
    [],
    ["k"],
    ["k", "l"],
    ["l", "l"],
    ["K", 5],
    [5, "5"],
    [None, "k"],
    "k",
    [True],
)
DATES = (
    "2025-03-09",
    "2025-03-09T00:30:00",
    "2025-03-09T23:30:00-05:00",
    "2025-03-09 12:00",
    "2025-02-30",
    "soon",
    1741500000,
    1741500000123,
    0,
    None,
    True,
    ["2025-03-09", "2025-03-10"],
)
CARTS: tuple[Any, ...] = (
    None,
    [],
    [{"brand": "n", "price": 5}],
    [{"brand": "N", "price": "12"}, {"brand": "m"}],
    [{"brand": "m", "price": 50}, {"price": 7}, "odd"],
    {"brand": "n"},
    [{"brand": ["n", "m"], "price": 9}],
)


def world(rng: random.Random) -> dict[str, Any]:
    """A case without a call; `days` are the local days that its rows lie around."""
    zone = rng.choice(list(ZONES))
    first = date.fromisoformat(ZONES[zone])
    settings: dict[str, Any] = {}
    if rng.random() < 0.3:
        settings["week_start"] = rng.choice(["sunday", "wednesday", "saturday"])
    if rng.random() < 0.2:
        settings["quarter_start"] = rng.randint(2, 12)
    if rng.random() < 0.2:
        settings["session_timeout_minutes"] = rng.choice([1, 60, 1440])
    if rng.random() < 0.2:
        settings["session_excluded_events"] = [rng.choice(EVENTS)]
    if rng.random() < 0.12:
        settings["time_storage"] = "project_local"
    settings["group_keys"] = [{"id": 1, "key": "g"}]
    merging = rng.random() < 0.2
    if merging:
        settings["identity"] = "simplified"
    elif rng.random() < 0.15:
        settings["identity"] = "original"
    if rng.random() < 0.08:
        settings["session_property"] = "utm_source"
    events = _rows(rng, zone, first, merging)
    if settings.get("identity") == "original":
        events += _merges(rng, events)
    now = datetime(first.year, first.month, first.day, 15, 30, tzinfo=UTC)
    now += timedelta(days=rng.choice([2, 5, 9, 40]), milliseconds=rng.choice([0, 1, 500]))
    return {
        "events": events,
        "profiles": _profiles(rng),
        "timezone": zone,
        "now": now.isoformat(),
        "settings": settings,
        "saved": SAVED,
        "first": ZONES[zone],
    }


SAVED = {
    "cohorts": [
        {
            "id": 7,
            "name": "Doers",
            "definition": "CohortDefinition(CohortCriteria.did_event('B', at_least=2,"
            " within_days=30))",
        }
    ],
    "custom_events": [
        {
            "id": 9,
            "name": "Either",
            "alternatives": [
                {"event": "A", "filters": ["Filter.equals('p','a')"]},
                {"event": "A", "filters": ["Filter.greater_than('v',1)"]},
                {"event": "X"},
            ],
        }
    ],
}


def _rows(rng: random.Random, zone: str, first: date, merging: bool) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for user in ("u1", "u2", "u3", "ü4", "")[: rng.randint(1, 5)]:
        moment = _border(rng, zone, first)
        for _ in range(rng.randint(1, 14)):
            moment = _border(rng, zone, first) if rng.random() < 0.12 else moment + _gap(rng)
            rows.append(_row(rng, user, moment, len(rows), merging))
    for row in rng.sample(rows, min(len(rows), rng.choice([0, 0, 2]))):
        copy = {**row["properties"], "v": 999, "mp_processing_time_ms": rng.choice([0, 5])}
        rows.append({"event": row["event"], "properties": copy})
    rng.shuffle(rows)
    return rows


ANONYMOUS = [f"0000000{k}-0000-4000-8000-000000000000" for k in range(3)]


def _merges(rng: random.Random, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that say which ids are one; some of the events get anonymous ids."""
    for row in events:
        if row["properties"].get("distinct_id") and rng.random() < 0.4:
            row["properties"]["distinct_id"] = rng.choice(ANONYMOUS)
    found = []
    for _ in range(rng.randint(1, 4)):
        name = rng.choice(["$identify", "$identify", "$create_alias", "$merge"])
        anonymous, user = rng.choice([*ANONYMOUS, "u9"]), rng.choice(["u1", "u2", "u3"])
        properties = {"time": rng.choice(events)["properties"]["time"], "distinct_id": user}
        ids: dict[str, dict[str, Any]] = {
            "$identify": {"$anon_id": anonymous, "$identified_id": user},
            "$create_alias": {"alias": anonymous},
            "$merge": {"$distinct_ids": [anonymous, user]},
        }
        properties |= ids[name]
        properties |= rng.choice([{}, {}, {"$failure_reason": "no"}, {"$insert_id": "m"}])
        found.append({"event": name, "properties": properties})
    return found


def _gap(rng: random.Random) -> float:
    return float(rng.choice(GAPS))


def _border(rng: random.Random, zone: str, first: date) -> float:
    """A moment at, or next to, a local midnight or an hour of the clock change."""
    day = first + timedelta(days=rng.randint(-2, 8))
    hour = rng.choice([0, 0, 0, 1, 2, 3, 12, 23])
    local = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
    return local.timestamp() + rng.choice([0, 0, -1, -0.001, 0.001, 1800, 59])


def _row(
    rng: random.Random, user: str, moment: float, number: int, merging: bool
) -> dict[str, Any]:
    milliseconds = round(moment * 1000)
    properties: dict[str, Any] = {"time": milliseconds / 1000, "distinct_id": user}
    if rng.random() < 0.2:
        properties["time"] = milliseconds
    if rng.random() < 0.8:
        properties["$insert_id"] = f"i{rng.choice([number, rng.randint(0, 99)]):03}"
    if not user and rng.random() < 0.5:
        del properties["distinct_id"]
    if merging:
        if rng.random() < 0.6:
            properties["$device_id"] = rng.choice(["d1", "d2"])
        if user and rng.random() < 0.4:
            properties["$user_id"] = user
    for name, values in PROPERTIES.items():
        value = rng.choice(values)
        if value is not None or rng.random() < 0.2:
            properties[name] = value
    return {"event": rng.choice(EVENTS), "properties": properties}


PROPERTIES: dict[str, tuple[Any, ...]] = {
    "p": MIXED,
    "s": (*TEXTS[:6], None),
    "v": NUMBERS,
    "n": (*range(-3, 40), 0.25, None),
    "xs": LISTS,
    "ns": (None, [1, 2], [2, "3", "x"], 4, [], [0.5]),
    "d": DATES,
    "cart": CARTS,
    "b": (True, False, None, "true", "FALSE", "", 0, 1),
    "utm_source": (None, None, "g", "h"),
    "g": (None, "g1", "g2", ["g1", "g2"], "", [], ["g1", "g1"]),
}


def _profiles(rng: random.Random) -> list[dict[str, Any]]:
    found = []
    for user in rng.sample(["u1", "u2", "u3", "ü4", "u5", "u1"], rng.randint(0, 5)):
        held = {
            "plan": rng.choice(("pro", "Pro", "free", "", None)),
            "age": rng.choice((18, 18.5, "30", "x", None, 65, True)),
            "tags": rng.choice(LISTS),
            "born": rng.choice(DATES),
        }
        found.append(
            {"$distinct_id": user, "$properties": {k: v for k, v in held.items() if v is not None}}
        )
    return found
