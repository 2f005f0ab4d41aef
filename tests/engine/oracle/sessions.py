"""Sessions of section 3: which session a row is in, and the virtual rows at both ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.engine.oracle.data import Row, World
from tests.engine.oracle.values import same
from tests.engine.oracle.words import Part

EXCLUDED = {
    "$identify",
    "$create_alias",
    "$merge",
    "$hotshard_events",
    "$campaign_delivery",
    "$campaign_bounced",
    "$campaign_marked_spam",
    "$message_suppressed",
    "$unsubscribe",
    "$journey_entered",
}
TAKEN_OVER = [
    "$browser",
    "$os",
    "$city",
    "$region",
    "$country_code",
    "mp_country_code",
    "$current_url",
    "$device",
    "$manufacturer",
    "$app_version_string",
    "$app_build_number",
    "mp_lib",
    "mp_platform",
    "utm_source",
    "utm_campaign",
    "utm_content",
]
SESSION_EVENTS = ("$session_start", "$session_end")


def of_user(here: World, rows: Iterable[Row]) -> dict[int, int]:
    """The session of each row of a user, by the row's place of load; excluded rows have none."""
    timeout = here.settings.get("session_timeout_minutes", 30) * 60_000
    excluded = EXCLUDED | set(here.settings.get("session_excluded_events", ()))
    by = here.settings.get("session_property")
    found: dict[int, int] = {}
    before: Row | None = None
    session = -1
    for row in rows:
        if row.name in excluded or row.virtual or (by and row.get(by) is None):
            continue
        if before is None or here.calendar.day_of(row.t) != here.calendar.day_of(before.t):
            split = True
        elif by:
            split = not same(row.get(by), before.get(by))
        else:
            split = row.t - before.t > timeout
        session += split
        found[row.at], before = session, row
    return found


def with_virtual(here: World) -> World:
    """The same project with `$session_start` and `$session_end` rows in place."""
    extra: list[tuple[Any, Row]] = []
    for user, rows in here.histories.items():
        numbers = of_user(here, rows)
        parts: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            if row.at in numbers:
                parts[numbers[row.at]].append(row)
        for inside in parts.values():
            start, end = _ends(here, user, inside)
            extra.append(((rows.index(inside[0]), 0), start))
            extra.append(((rows.index(inside[-1]), 2), end))
    return _merged(here, extra)


def _ends(here: World, user: str, rows: list[Row]) -> tuple[Row, Row]:
    first, last = rows[0], rows[-1]
    properties: dict[str, Any] = {
        "$duration_s": (last.t - first.t) / 1000,
        "$event_count": len(rows),
        "$origin_start": first.name,
        "$origin_end": last.name,
    }
    for name in TAKEN_OVER:
        values = [row.properties[name] for row in rows if row.properties.get(name) is not None]
        if values:
            properties[name] = values[0]
    return (
        Row("$session_start", first.t, (user,), properties, "", -first.at - 1, True),
        Row("$session_end", last.t, (user,), properties, "", -last.at - 1, True),
    )


def _merged(here: World, extra: list[tuple[Any, Row]]) -> World:
    made = World([], here.profiles, here.calendar, here.now, here.settings, here.saved)
    for user, rows in here.histories.items():
        placed = [((at, 1), row) for at, row in enumerate(rows)]
        placed += [(place, row) for place, row in extra if row.users == (user,)]
        made.histories[user] = [row for _, row in sorted(placed, key=lambda pair: pair[0])]
    nobody = [row for row in here.rows if not row.users]
    made.rows = [row for rows in made.histories.values() for row in rows] + nobody
    made.rows.sort(key=lambda row: row.t)
    return made


def named_in(part: Part) -> bool:
    """Whether a question, or a part of one, names a session event."""
    named = str(dict(part))
    return any(f"'{name}'" in named for name in SESSION_EVENTS)
