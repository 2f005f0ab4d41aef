"""The questions that find recorded sessions, and how their answers are read.

Enters: who, which and when. Leaves: params of insights; lists of sessions and of their events. The
surprise: a session is an event like others, so it is listed by breaking one down; the answer's
levels are undone by the names of the breakdowns.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from mpnb.errors import ParamValidationError, ResponseValidationError
from mpnb.result.base import OVERALL
from mpnb.result.replay import ReplayEvent, ReplaySummary
from mpnb.result.replay_action import RETENTION_DAYS

RECORDED, REPLAY, KEPT = "$mp_session_record", "$mp_replay_id", "$mp_replay_retention_period"
LAST_DAYS = 90
"""The longest that a replay is kept."""
USUAL_DAYS = 30
MOST_LISTED = 3000
"""Segments that one question answers with."""
MOST_PROPERTIES = 5
MILLISECONDS_FROM = 10**11
"""A moment as large as this is in milliseconds: in seconds it would be the year 5138."""


def listing(
    person: str | None, ids: Sequence[str] | None, days: tuple[str, str] | None
) -> dict[str, Any]:
    """Params that list sessions of a person, or of ids."""
    first = {"name": "$time", "resourceType": "events"}
    chosen = ("$distinct_id", [person]) if person is not None else (REPLAY, list(ids or ()))
    return _params(
        RECORDED,
        {"math": "min", "property": first},
        days,
        [_filter(*chosen)],
        [REPLAY, KEPT],
    )


def events(ids: Sequence[str], properties: Sequence[str], days: Any) -> dict[str, Any]:
    """Params that list the project's events of sessions."""
    others = _filter("$event_name", [RECORDED], "does not equal")
    groups = ["$time", "$event_name", REPLAY, *properties]
    asked = [_filter(REPLAY, list(ids)), others]
    return _params("$all_events", {"math": "total"}, days, asked, groups)


def days(from_date: str | None, to_date: str | None) -> tuple[str, str] | None:
    """The range that was asked for; None for the last ninety days.

    Raises:
        ParamValidationError: one day of two (``WR5_DATE_RANGE_REQUIRED``), or no day.
    """
    if from_date is None and to_date is None:
        return None
    if from_date is None or to_date is None:
        raise ParamValidationError(
            "from_date and to_date go together: YYYY-MM-DD.", "WR5_DATE_RANGE_REQUIRED"
        )
    for day in (from_date, to_date):
        if not _is_day(day):
            raise ParamValidationError(f"{day!r} is no day: YYYY-MM-DD.", "V8_DATE_FORMAT")
    if from_date > to_date:
        raise ParamValidationError("from_date is after to_date.", "V8_DATE_INVALID")
    return from_date, to_date


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except (TypeError, ValueError):
        return False


def check_properties(properties: Sequence[str] | None) -> list[str]:
    """The properties to have with events.

    Raises:
        ParamValidationError: more than five (``WR1_TOO_MANY_EVENT_PROPERTIES``).
    """
    named = list(properties or ())
    if len(named) > MOST_PROPERTIES:
        raise ParamValidationError(
            f"event_properties takes {MOST_PROPERTIES} names at most, not {len(named)}.",
            "WR1_TOO_MANY_EVENT_PROPERTIES",
        )
    return named


def check_limit(limit: int) -> None:
    """Refuse a number of sessions that one question cannot list.

    Raises:
        ParamValidationError: below 1 or above 3,000 (``WR2_LIMIT_TOO_SMALL``,
            ``WR3_LIMIT_TOO_LARGE``).
    """
    if limit < 1:
        raise ParamValidationError("limit is 1 at least.", "WR2_LIMIT_TOO_SMALL")
    if limit > MOST_LISTED:
        raise ParamValidationError(f"limit is {MOST_LISTED:,} at most.", "WR3_LIMIT_TOO_LARGE")


def read_listing(raw: Mapping[str, Any], person: str | None, project: int) -> list[ReplaySummary]:
    """The sessions of an answer, the latest first."""
    found: dict[str, ReplaySummary] = {}
    for (session, *kept), value in _leaves(raw, 2):
        if isinstance(value, int | float) and session not in ("undefined", ""):
            began = int(value if value >= MILLISECONDS_FROM else value * 1000)
            known = found.get(session)
            if known is None or began < known.start_time:
                retention = _retention(kept[0] if kept else None, session)
                found[session] = ReplaySummary(session, person, project, began, retention)
    return sorted(found.values(), key=lambda row: (-row.start_time, row.replay_id))


def read_events(raw: Mapping[str, Any], properties: Sequence[str]) -> dict[str, list[ReplayEvent]]:
    """The project's events of an answer, by session and in order of time."""
    found: dict[str, list[ReplayEvent]] = {}
    for path, value in _leaves(raw, 3 + len(properties)):
        moment, name, session, *values = path
        known = {
            key: None if text == "undefined" else text
            for key, text in zip(properties, values, strict=False)
        }
        made = ReplayEvent(session, name, _moment(moment), known if properties else None)
        found.setdefault(session, []).extend([made] * int(value or 0))
    return {key: sorted(rows, key=lambda row: row.event_time) for key, rows in found.items()}


def _leaves(raw: Mapping[str, Any], levels: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The paths of an answer with their values; overall lines are not told again."""
    series = raw.get("series")
    if not isinstance(series, Mapping):
        raise ResponseValidationError("The answer about session replays has no series.")
    for metric in series.values():
        waiting: list[tuple[tuple[str, ...], Any]] = [((), metric)]
        while waiting:
            path, node = waiting.pop()
            if not isinstance(node, Mapping):
                continue
            below = {key: value for key, value in node.items() if key != OVERALL}
            if set(below) == {"all"}:
                yield from [(path, below["all"])] if len(path) == levels else []
                continue
            waiting += [((*path, key), value) for key, value in reversed(below.items())]


def _retention(text: str | None, session: str) -> int:
    if text is not None and text.isdigit() and int(text) in RETENTION_DAYS:
        return int(text)
    warnings.warn(
        f"How long session {session} is kept is not known ({text!r}); {USUAL_DAYS} days are taken.",
        UserWarning,
        stacklevel=2,
    )
    return USUAL_DAYS


def _moment(text: str) -> int:
    """A moment as milliseconds; a label without an offset is read as UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ResponseValidationError(f"{text!r} is no moment of an event.") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _params(
    event: str,
    measurement: dict[str, Any],
    days: tuple[str, str] | None,
    filters: list[dict[str, Any]],
    groups: Sequence[str],
) -> dict[str, Any]:
    behavior = {
        "type": "event",
        "name": event,
        "resourceType": "events",
        "filtersDeterminer": "all",
        "filters": [],
    }
    window = {"unit": "day", "value": LAST_DAYS}
    last = {"dateRangeType": "in the last", "unit": "day", "window": window}
    between = {"dateRangeType": "between", "unit": "day", "value": list(days or ())}
    return {
        "sections": {
            "show": [{"type": "metric", "behavior": behavior, "measurement": measurement}],
            "time": [between if days else last],
            "filter": filters,
            "group": [_group(name) for name in groups],
        },
        "displayOptions": {"chartType": "table", "analysis": "linear"},
    }


def _filter(name: str, values: Sequence[str], operator: str = "equals") -> dict[str, Any]:
    return {
        "resourceType": "events",
        "filterType": "string",
        "defaultType": "string",
        "filterValue": list(values),
        "filterOperator": operator,
        "value": name,
    }


def _group(name: str) -> dict[str, Any]:
    return {
        "value": name,
        "propertyName": name,
        "resourceType": "events",
        "propertyType": "string",
        "propertyDefaultType": "string",
    }
