"""What funnels, retention and flows share: scope, matched rows, attribution.

A store and the parts of a question enter; arrays over the rows that matter leave. The surprise:
a property of a whole sequence of rows (an attempt) is its first defined value along them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import (
    cohorts,
    compiled,
    frequency,
    jit,
    kernels_rows,
    predicates,
    properties,
    sessions,
    sources,
)
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.matching import Match
from mpnb.engine.duckdb.sources import Mask, Source
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError
from mpnb.query.filter import Filter, FrequencyFilter

Vector = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

MAX_BITS = 62
"""Steps are bits of a signed 64-bit number."""

DURATION_MS = {
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 7 * 86_400_000,
    "month": 30 * 86_400_000,
}
"""Durations are exact: a month is 30 days (T-9)."""

ENDLESS_MS = 1 << 61
"""A window that time does not end."""

NO_ROWS = np.zeros(0, np.bool_)


def scope(store: Store, group_id: int | None, events: Iterable[str]) -> Store:
    """The store that a question is about: of a data group, and with session events if named."""
    if group_id is not None:
        store = store.by_group(group_id)
    return sessions.with_events(store) if any(map(sessions.is_session_event, events)) else store


# --- rows that match ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Picked:
    """Some rows of a store, in order.

    Attributes:
        rows: their numbers.
        offsets: the place of each user's first row among them, and the end.
    """

    rows: Ints
    offsets: Ints


def pick(store: Store, wanted: Mask, mask: Mask | None = None) -> Picked:
    """The rows with a user, of wanted event codes, that pass a mask."""
    kernels = compiled.pick(kernels_rows, store.n_rows)
    columns = jit.frozen(store.offsets), jit.frozen(store.event), wanted
    passing = jit.frozen(NO_ROWS if mask is None else mask)
    counts = np.zeros(store.n_users + 1, np.int64)

    def work(first: int, last: int) -> Ints:
        found = kernels.count_rows(*columns, passing, first, last, counts[1:])
        out = np.empty(found, np.int64)
        kernels.pick_rows(*columns, passing, first, last, out)
        return out

    parts = jit.spread(work, jit.user_splits(store.offsets))
    rows = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return Picked(rows, np.cumsum(counts))


def luts(matches: Sequence[Match], n_codes: int) -> Ints:
    """For each event code the bits of the matches that it can fit."""
    if len(matches) > MAX_BITS:
        raise NotSupportedError(
            f"{len(matches)} events in one sequence are too many for the local engine; "
            f"ask for at most {MAX_BITS}."
        )
    bits = np.zeros(n_codes, np.int64)
    for i, match in enumerate(matches):
        bits[match.event_lut] |= 1 << i
    return bits


def bits_per_row(store: Store, matches: Sequence[Match]) -> Vector:
    """For every row the bits that masks leave; empty when no match has a mask."""
    masks = {i: match.mask for i, match in enumerate(matches) if match.mask is not None}
    if not masks:
        return np.zeros(0, np.uint8)
    kind: Any = np.uint8 if len(matches) <= 8 else np.int64
    free = sum(1 << i for i in range(len(matches)) if i not in masks)
    bits = np.full(store.n_rows, free, kind)
    for i, mask in masks.items():
        bits |= np.left_shift(mask.view(np.uint8), i, dtype=kind)
    return bits


def codes_at(store: Store, spec: str, resource: str, rows: Ints) -> Ints:
    """Codes of a property's exact values at some rows; -1 where it is undefined."""
    source = properties.resolve(store, spec, resource)
    array = source.array[store.user[rows] if source.per_user else rows]
    if source.kind != "dict":
        found, codes = np.unique(array, return_inverse=True, equal_nan=True)
        missing = len(found) - 1 if len(found) and np.isnan(found[-1]) else -2
        return np.where(codes == missing, -1, codes)
    same: dict[Any, int] = {}
    canonical = [
        same.setdefault(sources.identity(value), i) for i, value in enumerate(source.values)
    ]
    return np.asarray(canonical, np.int64)[array] - 1


# --- attribution ----------------------------------------------------------------------------------


def first_defined(defined: Mask, rows: Vector) -> Ints:
    """For each sequence the first of its rows that is defined, else its first row.

    Args:
        defined: whether each of ``rows`` is, of the same shape.
        rows: [sequence, step], -1 where a step was not reached.
    """
    at = np.argmax(defined & (rows >= 0), axis=1)
    return np.take_along_axis(rows, at[:, None], axis=1)[:, 0].astype(np.int64)


def keep(
    store: Store,
    where: Sequence[Filter | FrequencyFilter],
    rows: Vector,
    edges: Ints,
    bucket: Vector,
) -> Mask:
    """Which sequences pass filters on the attributed value of each property (FN-15).

    A frequency filter tests the user, inside the bucket of the sequence's entry (I-30).

    Args:
        store: the events and profiles.
        where: the conditions.
        rows: [sequence, step], -1 where a step was not reached.
        edges: first instant of each bucket, and the end of the last.
        bucket: bucket of each sequence.
    """
    passing = np.ones(len(rows), np.bool_)
    for filter_ in where:
        if isinstance(filter_, FrequencyFilter):
            users = store.user[rows[:, 0]]
            for index in np.unique(bucket).tolist():
                span = int(edges[index]), int(edges[index + 1])
                here = bucket == index
                passing[here] &= frequency.users_passing(store, filter_, *span)[users[here]]
        else:
            passing &= _passes(store, filter_, rows)
    return passing


def row_mask(
    store: Store, where: Sequence[Filter | FrequencyFilter], start_ms: int, end_ms: int
) -> Mask | None:
    """Which rows pass; a frequency filter tests the row's user over the whole span (I-30)."""
    plain = [one for one in where if isinstance(one, Filter)]
    mask = rows_of.mask(store, plain)
    for one in where:
        if isinstance(one, FrequencyFilter):
            kept = frequency.users_passing(store, one, start_ms, end_ms)[store.user]
            mask = kept if mask is None else mask & kept
    return mask


def _passes(store: Store, filter_: Filter, rows: Vector) -> Mask:
    users = store.user[rows[:, 0]]
    if cohorts.is_cohort_filter(filter_):
        return cohorts.filter_members(store, filter_)[0][users]
    source = properties.resolve(store, filter_._property, filter_._resource_type)
    condition = predicates.condition(filter_, sources.clock(store))
    if source.per_user:
        return predicates.passes(store, source, condition)[users]
    chosen = first_defined(_defined(source, rows), rows)
    return predicates.passes(store, _at(source, chosen), condition)


def _defined(source: Source, rows: Vector) -> Mask:
    values = source.array[rows]
    return values != 0 if source.kind == "dict" else ~np.isnan(values)


def _at(source: Source, rows: Ints) -> Source:
    """A source at some rows only; only look-up tables over its values may be cached."""
    array = source.array[rows]
    key = source.key if source.kind == "dict" else (source.key, "at", hash(rows.tobytes()))
    return replace(source, array=array, key=key)
