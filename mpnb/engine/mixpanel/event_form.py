"""Events as people read them: name, time, id and properties, out of a line of the export.

Enters: a row ``{"event", "properties"}``. Leaves: a row with ``event_name``, ``event_time``,
``distinct_id``, ``insert_id`` and ``properties``. The surprise: an event without ``$insert_id``
gets one made from its content, so that the same event always gets the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

MILLISECONDS_FROM = 10_000_000_000
"""Times from here on are milliseconds; as seconds they would be after the year 2286."""

NOT_CONTENT = frozenset({"$insert_id", "token", "mp_processing_time_ms"})
"""Properties that differ between two sendings of one event."""

_moment = datetime.fromtimestamp


def event_form(row: dict[str, Any]) -> dict[str, Any]:
    """One event in the form that people see; takes the row apart.

    Raises:
        KeyError, TypeError, ValueError, OverflowError: the row has no properties or no time.
    """
    properties = row["properties"]
    time = properties["time"]
    found = properties.pop("$insert_id", None)
    insert_id = insert_id_of(row["event"], properties) if found is None else str(found)
    del properties["time"]
    return {
        "event_name": row["event"],
        "event_time": _moment(time if time < MILLISECONDS_FROM else time / 1000, UTC),
        "distinct_id": properties.pop("distinct_id", ""),
        "insert_id": insert_id,
        "properties": properties,
    }


def insert_id_of(event: Any, properties: Mapping[str, Any]) -> str:
    """An id for an event that has none: 32 hexadecimal digits, made from its content."""
    content = {key: value for key, value in properties.items() if key not in NOT_CONTENT}
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    text = orjson.dumps([event, content], default=str, option=options)
    return hashlib.sha256(text).hexdigest()[:32]
