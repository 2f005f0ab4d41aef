"""The activity of single people: raw events enter, a frame in time order of the answer leaves.

The surprise: raw properties hold ``time`` (seconds) and ``$distinct_id``, which are columns of the
frame already; they are not repeated, and ``time`` stays a real time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mpnb.errors import ResponseValidationError
from mpnb.result.base import ResultWithDataFrame
from mpnb.result.reading import reading

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["event", "time", "distinct_id"]


@dataclass(frozen=True)
class UserEvent:
    """One event of a person.

    Attributes:
        event: name of the event.
        time: when it happened, in UTC.
        properties: all raw properties.
    """

    event: str
    time: dt.datetime
    properties: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The event, ready for JSON."""
        return {
            "event": self.event,
            "time": self.time.isoformat(),
            "properties": self.properties,
        }


@dataclass(frozen=True)
class ActivityFeedResult(ResultWithDataFrame):
    """What some people did, event by event.

    Attributes:
        distinct_ids: whose activity this is.
        from_date: first day; None for no limit.
        to_date: last day, inclusive; None for no limit.
        events: the events in the order of the answer.
        sentinel_event: where the next page starts; None on the last.
    """

    distinct_ids: list[str]
    from_date: str | None
    to_date: str | None
    events: list[UserEvent] = field(default_factory=list)
    sentinel_event: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields and the number of events, ready for JSON."""
        told = super().to_dict()
        rows = {name: told.pop(name) for name in ("events", "sentinel_event")}
        return {**told, "event_count": len(self.events), **rows}

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        names = dict.fromkeys(name for event in self.events for name in event.properties)
        columns = {name: _column(name) for name in names if name not in ("time", "$distinct_id")}
        rows = [
            (
                event.event,
                event.time,
                event.properties.get("$distinct_id") or "",
                *(event.properties.get(name) for name in columns),
            )
            for event in self.events
        ]
        return pd.DataFrame(rows, columns=[*COLUMNS, *columns.values()])


def _column(name: str) -> str:
    """A property that is called like a fixed column is marked as a property."""
    return f"properties.{name}" if name in COLUMNS else name


class TimelessEventError(ResponseValidationError, ValueError):
    """An event of the activity feed has no time."""


def read_event(raw: Mapping[str, Any]) -> UserEvent:
    """Read one raw event.

    Raises:
        TimelessEventError: the event has no time.
    """
    properties = dict(raw.get("properties") or {})
    seconds = properties.get("time")
    if not isinstance(seconds, (int, float)):
        name = raw.get("event") or ""
        raise TimelessEventError(f"An event of the activity feed has no time: {name!r}.")
    time = dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    return UserEvent(str(raw.get("event") or ""), time, properties)


@reading("activity_feed")
def read_activity_feed(
    raw: Mapping[str, Any],
    *,
    distinct_ids: list[str],
    from_date: str | None = None,
    to_date: str | None = None,
) -> ActivityFeedResult:
    """Read one page of an activity feed."""
    results = raw.get("results")
    found: Mapping[str, Any] = results if isinstance(results, Mapping) else {}
    events = [read_event(event) for event in found.get("events") or []]
    sentinel = found.get("sentinel_event")
    ids = list(distinct_ids)
    return ActivityFeedResult(ids, from_date, to_date, events, sentinel, raw=raw)
