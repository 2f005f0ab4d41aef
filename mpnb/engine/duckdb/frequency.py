"""How often users did an event inside the bucket of a row: frequency filters and breakdowns.

Rows and their buckets go in, the user's number of events in that bucket (or in a window that ends
with it) comes out per row. Funnels, retentions and flows ask per user instead, over their range.
The surprise: rows without a user have no number; they pass no frequency filter and stand under 0
in a breakdown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import sessions
from mpnb.engine.duckdb.axis import DAY_MS
from mpnb.engine.duckdb.passes import Grid
from mpnb.errors import NotSupportedError
from mpnb.query.breakdown import FrequencyBreakdown
from mpnb.query.filter import FrequencyFilter

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Ints = npt.NDArray[np.int64]

UNIT_DAYS = {"day": 1, "week": 7, "month": 30}

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "is at least": operator.ge,
    "is at most": operator.le,
    "is greater than": operator.gt,
    "is less than": operator.lt,
    "is equal to": operator.eq,
}


def passing(
    store: Store, asked: FrequencyFilter, rows: Ints, bucket: Ints, cells: Grid
) -> npt.NDArray[np.bool_]:
    """Which of the rows pass a frequency filter."""
    counts = _counts(store, asked.event, asked.event_filters, rows, bucket, cells, _days(asked))
    known = store.user[rows] < store.n_users
    return np.asarray(_compare(asked)(counts, asked.value) & known, np.bool_)


def _compare(asked: FrequencyFilter) -> Callable[[Any, Any], Any]:
    if asked.operator not in COMPARE:
        raise NotSupportedError(
            f"frequency operator {asked.operator!r} is not known; one of {', '.join(COMPARE)}"
        )
    return COMPARE[asked.operator]


def _days(asked: FrequencyFilter) -> int | None:
    """The length of the window that takes the bucket's place, None without one."""
    if asked.date_range_value is None or asked.date_range_unit is None:
        return None
    return asked.date_range_value * UNIT_DAYS[asked.date_range_unit]


def users_passing(
    store: Store, asked: FrequencyFilter, start_ms: int, end_ms: int
) -> npt.NDArray[np.bool_]:
    """Which users pass over one span (I-30), by user code; rows without a user come last, False."""
    days = _days(asked)
    start_ms = start_ms if days is None else end_ms - days * DAY_MS
    counts = _per_user(store, _counted(store, asked.event, asked.event_filters), start_ms, end_ms)
    found = np.asarray(_compare(asked)(counts, asked.value), np.bool_)
    found[store.n_users :] = False
    return found


def labels(
    store: Store, asked: FrequencyBreakdown, rows: Ints, bucket: Ints, cells: Grid
) -> tuple[Ints, list[str]]:
    """Code of each row and the labels in ascending order of counts."""
    counts = _counts(store, asked.event, (), rows, bucket, cells, None)
    low, high, size = asked.bucket_min, asked.bucket_max, asked.bucket_size
    group = np.clip((counts - low) // size, -1, -(-(high - low) // size))
    group[counts >= high] = -(-(high - low) // size)
    present, codes = np.unique(group, return_inverse=True)
    return codes, [_label(low + int(k) * size, low, high, size) for k in present]


def _label(start: int, low: int, high: int, size: int) -> str:
    if start < low:
        return f"< {low}"
    if start >= high:
        return f"≥ {high}"
    return str(start) if size == 1 else f"{start} - {min(start + size, high)}"


def _counts(
    store: Store,
    event: str,
    filters: Any,
    rows: Ints,
    bucket: Ints,
    cells: Grid,
    days: int | None,
) -> Ints:
    """Per row, how many matching events its user has in the row's bucket or window."""
    counted = _counted(store, event, filters)
    found = np.zeros(len(rows), np.int64)
    for index in np.unique(bucket).tolist():
        end = int(cells.ends_ms[index])
        start = int(cells.starts_ms[index]) if days is None else end - days * DAY_MS
        here = bucket == index
        found[here] = _per_user(store, counted, start, end)[store.user[rows[here]]]
    return found


def _counted(store: Store, event: str, filters: Any) -> Ints:
    """The rows of an event that have a user."""
    rows = np.flatnonzero(sessions.match(store, event, filters or (), "all").rows())
    return rows[store.user[rows] < store.n_users]


def _per_user(store: Store, counted: Ints, start_ms: int, end_ms: int) -> Ints:
    """How many of some rows lie in a span, for each user and last for nobody."""
    time = store.time[counted]
    inside = counted[(time >= start_ms) & (time < end_ms)]
    return np.bincount(store.user[inside], minlength=store.n_users + 1)
