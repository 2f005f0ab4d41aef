"""Mixpanel's older calls about people: frequency, retention, activity feed (Q-1, R-15, N-1).

The store and the arguments of a call go in, the body of its endpoint comes out. The surprise: hours
are counted from local midnight, so that the repeated hour of an autumn day counts as two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import axis
from mpnb.engine.duckdb import retention as of_kind
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.axis import HOUR_MS, day_of, midnight
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.legacy import Arguments, entries, passing
from mpnb.engine.duckdb.matching import ALL_EVENTS, Match
from mpnb.engine.duckdb.sample import Sample
from mpnb.engine.duckdb.values import to_text
from mpnb.errors import NotSupportedError, QueryError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

LENGTHS = {
    ("day", "hour"): 24,
    ("day", "day"): 1,
    ("week", "hour"): 168,
    ("week", "day"): 7,
    ("month", "hour"): 744,
    ("month", "day"): 31,
}
"""How many entries a frequency report has for each unit and small unit."""

NOT_IN_FEED = {
    "sentinel_event": None,
    "paging_window": None,
    "search_properties": None,
    "use_custom_events": False,
}
"""Arguments of the activity feed that only Mixpanel answers, and what they are when not asked."""


def frequency(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Users active in at least 1, 2, … hours or days of each calendar unit."""
    unit, small = asked["unit"], asked["addiction_unit"]
    if (unit, small) not in LENGTHS:
        raise QueryError(f"cannot count {small}s of a {unit}")
    length = LENGTHS[unit, small]
    when = axis.build(store, asked["from_date"], asked["to_date"], unit)
    found = entries(store, asked["event"] or ALL_EVENTS, passing(store, asked["where"]), when)
    found = found.where(found.known)
    context.note(f"pass: distinct {small}s of users by {unit}")
    keys = found.user * len(when) + found.bucket
    active = np.unique(np.stack([keys, _small_units(found, small)]), axis=1)[0]
    users, counts = np.unique(active, return_counts=True)
    data = {}
    for index, label in enumerate(when.labels):
        exactly = np.bincount(counts[users % len(when) == index], minlength=length + 1)
        at_least = exactly[::-1].cumsum()[::-1]
        data[label] = at_least[1 : length + 1].tolist()
    return {"data": data}


def _small_units(sample: Sample, small: str) -> npt.NDArray[np.int64]:
    """A number for the local hour or day of each entry."""
    store = sample.store
    days = store.day[sample.rows].astype(np.int64)
    if small == "day":
        return days
    distinct, place = np.unique(days, return_inverse=True)
    starts = np.array([midnight(store.timezone, day_of(day)) for day in distinct.tolist()])
    hours = (store.time[sample.rows] - starts[place]) // HOUR_MS if len(distinct) else days
    return days * 32 + hours


def retention(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Users born at their first born event in the range, and in which intervals they returned."""
    born = _match(store, asked["born_event"], asked["born_where"])
    back = _match(store, asked["return_event"], asked["return_where"])
    context.note("pass: first born event of each user, then returns by interval")
    return of_kind.legacy(
        store,
        born,
        back,
        axis.parse(asked["from_date"]),
        axis.parse(asked["to_date"]),
        unit=asked["unit"],
        interval=asked["interval"],
        interval_count=asked["interval_count"],
    )


def _match(store: Store, event: str, where: str | None) -> Match:
    found = rows_of.events(store, event)
    mask = passing(store, where)
    if mask is None:
        return found
    return Match(found.event_lut, mask if found.mask is None else found.mask & mask, found.codes)


def activity_feed(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Events of some users, oldest first."""
    for name, plain in NOT_IN_FEED.items():
        if asked.get(name, plain) not in (plain, [], {}):
            raise NotSupportedError(f"{name} of the activity feed is not there in a local store")
    rows = _rows_of_users(store, asked["distinct_ids"])
    rows = rows[_in_range(store, asked, rows)]
    named = [store.events[code] for code in store.event[rows].tolist()]
    include, exclude = asked.get("include_events"), asked.get("exclude_events") or ()
    kept = [n not in exclude and (include is None or n in include) for n in named]
    rows = rows[np.array(kept, np.bool_)] if len(rows) else rows
    rows = rows[np.lexsort((rows, store.time[rows]))]
    context.note("rows of the given users, by time")
    events = [_event(store, int(row)) for row in rows]
    search = (asked.get("search") or "").lower()
    events = [event for event in events if not search or _mentions(store, event, search)]
    return {"status": "ok", "results": {"events": events[: asked.get("limit")]}}


def _rows_of_users(store: Store, ids: list[str]) -> npt.NDArray[np.int64]:
    codes = sorted({code for code in map(store.user_code, ids) if code is not None})
    ranges = [np.arange(store.offsets[code], store.offsets[code + 1]) for code in codes]
    return np.concatenate(ranges) if ranges else np.zeros(0, np.int64)


def _in_range(store: Store, asked: Arguments, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    days = store.day[rows]
    inside = np.ones(len(rows), np.bool_)
    if asked.get("from_date"):
        inside &= days >= axis.day_number(axis.parse(asked["from_date"]))
    if asked.get("to_date"):
        inside &= days <= axis.day_number(axis.parse(asked["to_date"]))
    return inside


def _event(store: Store, row: int) -> dict[str, Any]:
    """One event with all its properties, as the endpoint writes it."""
    time = int(store.time[row])
    properties: dict[str, Any] = {"time": time // 1000 if time % 1000 == 0 else time / 1000}
    properties["$distinct_id"] = store.users[int(store.user[row])]
    for name in store.properties():
        column = store.column(name)
        value = None if column is None else column.value(row)
        if value is not None:
            properties[name] = value
    return {"event": store.events[int(store.event[row])], "properties": properties}


def _mentions(store: Store, event: dict[str, Any], search: str) -> bool:
    found = [event["event"], *event["properties"].values()]
    return any(search in (to_text(value, store.timezone) or "").lower() for value in found)
