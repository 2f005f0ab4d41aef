"""The rows of a project as the oracle sees them: read, de-duplicated, given to users, ordered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.oracle.calendar import Calendar
from tests.engine.oracle.values import Instant
from tests.engine.oracle.words import read

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)


@dataclass(frozen=True, eq=False)
class Row:
    """One event: `users` are those it counts for, none when it has no distinct_id."""

    name: str
    t: int
    users: tuple[str, ...]
    properties: Mapping[str, Any]
    insert: str
    at: int
    virtual: bool = False

    def get(self, name: str) -> Any:
        if name in ("$time", "time"):
            return Instant(self.t)
        if name in ("$distinct_id", "distinct_id"):
            return self.users[0] if self.users else None
        if name == "$event_name":
            return self.name
        return self.properties.get(name)


@dataclass
class World:
    """A project: `rows` in the order of D-17, `profiles` by resolved id."""

    rows: list[Row]
    profiles: dict[str, dict[str, Any]]
    calendar: Calendar
    now: int
    settings: Mapping[str, Any]
    saved: Mapping[str, Any]
    histories: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return self.calendar.zone

    def __post_init__(self) -> None:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            for user in row.users:
                found[user].append(row)
        self.histories = dict(found)

    def profile(self, user: str | None, name: str) -> Any:
        if user is None:
            return None
        if name in ("$distinct_id", "distinct_id"):
            return user
        value = self.profiles.get(user, {}).get(name)
        if value is None and name == "$mp_first_event_time" and user in self.histories:
            return Instant(min(row.t for row in self.histories[user]))
        return value

    def by_group(self, group_id: Any) -> World:
        """D-13: groups in the place of users."""
        keys = [g["key"] for g in self.settings.get("group_keys", ()) if g["id"] == group_id]
        rows = []
        for row in self.rows:
            value = row.properties.get(keys[0])
            names = list(value if isinstance(value, list) else [value])
            groups = tuple(dict.fromkeys(str(v) for v in names if v not in (None, "")))
            rows += [replace(row, users=(group,)) for group in groups]
        return World(rows, self.profiles, self.calendar, self.now, self.settings, self.saved)


def world(case: Mapping[str, Any]) -> World:
    """The project of a case."""
    settings, saved = case.get("settings") or {}, case.get("saved") or {}
    zone = ZoneInfo(case["timezone"])
    calendar = Calendar(zone, settings.get("week_start"), settings.get("quarter_start", 1))
    mode = settings.get("identity", "as_is")
    lines = _survivors(case["events"])
    resolve = RESOLVERS[mode](lines)
    found = []
    for at, line in enumerate(lines):
        given = line["properties"]
        user = resolve(given)
        found.append(
            Row(
                name=line["event"],
                t=_instant(given["time"], zone, settings.get("time_storage")),
                users=(user,) if user else (),
                properties=given,
                insert=given.get("$insert_id") or "",
                at=at,
            )
        )
    found.sort(key=lambda row: (row.t, row.insert, row.name, row.at))
    profiles: dict[str, dict[str, Any]] = defaultdict(dict)
    for profile in case.get("profiles") or ():
        who = resolve({"distinct_id": profile["$distinct_id"]})
        profiles[who].update(profile["$properties"])
    now = datetime.fromisoformat(case["now"])
    return World(found, dict(profiles), calendar, round(now.timestamp() * 1000), settings, saved)


def cohort_of(here: World, ident: Any) -> tuple[str, Any]:
    """Name and definition of a saved cohort."""
    row = next(row for row in here.saved.get("cohorts", ()) if row["id"] == ident)
    return row["name"], read(row["definition"])


def _survivors(lines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """D-4, at the place of load of the survivor."""
    best: dict[Any, int] = {}
    kept = dict(enumerate(lines))
    for at, line in list(kept.items()):
        given = line["properties"]
        if given.get("$insert_id") is None:
            continue
        key = (
            line["event"],
            given.get("distinct_id"),
            _decoded(given["time"]),
            given["$insert_id"],
        )
        if key in best:
            old = best[key]
            if _processed(kept[old]) > _processed(line):
                del kept[at]
                continue
            del kept[old]
        best[key] = at
    return list(kept.values())


def _processed(line: Mapping[str, Any]) -> float:
    found = line["properties"].get("mp_processing_time_ms")
    return -1.0 if found is None else float(found)


def _decoded(value: float) -> int:
    return round(value if value >= 1e10 else value * 1000)


def _instant(value: float, zone: ZoneInfo, storage: str | None) -> int:
    ms = _decoded(value)
    if storage != "project_local":
        return ms
    wall = datetime.fromtimestamp(ms // 1000, UTC).replace(tzinfo=zone, fold=0)
    return round(wall.timestamp() * 1000) + ms % 1000


def _as_is(lines: list[Mapping[str, Any]]) -> Any:
    return lambda given: given.get("distinct_id") or ""


def _simplified(lines: list[Mapping[str, Any]]) -> Any:
    links: dict[str, tuple[Any, str]] = {}
    for at, line in enumerate(lines):
        given = line["properties"]
        device, user = given.get("$device_id"), given.get("$user_id")
        if device and user:
            order = (_decoded(given["time"]), given.get("$insert_id") or "", line["event"], at)
            if device not in links or order < links[device][0]:
                links[device] = (order, user)

    def resolve(given: Mapping[str, Any]) -> str:
        who: str = given.get("distinct_id") or ""
        if given.get("$user_id"):
            return str(given["$user_id"])
        device = given.get("$device_id") or (who[8:] if who.startswith("$device:") else None)
        if device:
            return links[device][1] if device in links else f"$device:{device}"
        return who

    return resolve


def _original(lines: list[Mapping[str, Any]]) -> Any:
    """D-6: clusters of ids."""
    clusters: dict[str, set[str]] = {}
    identified: dict[str, str] = {}
    order = [
        (_decoded(one["properties"]["time"]), one["properties"].get("$insert_id") or "", one, at)
        for at, one in enumerate(lines)
    ]
    for _, _, line, _ in sorted(order, key=lambda row: (row[0], row[1], row[2]["event"], row[3])):
        pair = _pair(line["event"], line["properties"])
        if pair is None or (line["event"] == "$identify" and not _may(pair, identified)):
            continue
        joined = clusters.get(pair[0], {pair[0]}) | clusters.get(pair[1], {pair[1]})
        if len(joined) <= 500:
            clusters |= dict.fromkeys(joined, joined)

    def resolve(given: Mapping[str, Any]) -> str:
        who: str = given.get("distinct_id") or ""
        return min(clusters.get(who, {who}), key=lambda one: (bool(UUID4.fullmatch(one)), one))

    return resolve


def _may(pair: tuple[str, str], identified: dict[str, str]) -> bool:
    """Whether an anonymous id may be identified: it is a UUIDv4, and nobody else's."""
    return bool(UUID4.fullmatch(pair[0])) and identified.setdefault(*pair) == pair[1]


def _pair(event: str, given: Mapping[str, Any]) -> tuple[str, str] | None:
    if given.get("$failure_reason") is not None:
        return None
    if event == "$identify":
        return given["$anon_id"], given["$identified_id"]
    if event == "$create_alias":
        return given["alias"], given["distinct_id"]
    return tuple(given["$distinct_ids"]) if event == "$merge" else None


RESOLVERS = {"as_is": _as_is, "simplified": _simplified, "original": _original}
