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
    jit,
    kernels_rows,
    predicates,
    properties,
    sessions,
    sources,
)
from mpnb.engine.duckdb import (
    rows as rows_of,
)
from mpnb.engine.duckdb.dimension import Dimension
from mpnb.engine.duckdb.frame import Frame, limited, ranked
from mpnb.engine.duckdb.labels import Labels, Segments, cross, several, single
from mpnb.engine.duckdb.matching import Match
from mpnb.engine.duckdb.sources import Mask, Source
from mpnb.engine.duckdb.store import Store
from mpnb.engine.duckdb.values import NOT_SET
from mpnb.errors import NotSupportedError
from mpnb.query.breakdown import Breakdown, GroupBy
from mpnb.query.filter import Filter, FrequencyFilter

Vector = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Path = tuple[str, ...]
Orders = tuple[dict[str, float] | None, ...]
"""Per breakdown the rank of its labels where they have an order of their own."""

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


def keep(store: Store, where: Sequence[Filter | FrequencyFilter], rows: Vector) -> Mask:
    """Which sequences pass filters on the attributed value of each property (FN-15)."""
    passing = np.ones(len(rows), np.bool_)
    for filter_ in where:
        if isinstance(filter_, FrequencyFilter):
            raise NotSupportedError(
                f"A filter on how often users did {filter_.event!r} is not supported in funnels; "
                "use a cohort, or an insights question."
            )
        passing &= _passes(store, filter_, rows)
    return passing


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


@dataclass(frozen=True, eq=False)
class Split:
    """The segments of sequences.

    Attributes:
        member: sequence of every membership, ascending.
        code: segment of every membership, an index into ``paths``.
        paths: labels, one per breakdown.
        orders: per breakdown the rank of its labels where they have an order of their own.
        whole: True when every sequence is in exactly one segment.
    """

    member: Ints
    code: Ints
    paths: list[Path]
    orders: Orders
    whole: bool = False


def split(store: Store, levels: Sequence[Dimension], rows: Vector) -> Split:
    """The segments of sequences by the attributed value of each breakdown (FN-16)."""
    found = [_level(store, level, rows) for level in levels]
    segments = cross(found)
    member, code = pairs(segments)
    orders = _orders(found)
    whole = segments.exploded is None and len(member) == len(rows)
    return Split(member, code, segments.paths, orders, whole)


def row_segments(store: Store, levels: Sequence[Dimension]) -> tuple[Segments, Orders] | None:
    """The one segment of every row; None where rows may be in several, or buckets are automatic."""
    found = []
    for level in levels:
        one = level.breakdowns[0]
        automatic = isinstance(one, GroupBy) and one.property_type != "string"
        labels = None if automatic or len(level.breakdowns) > 1 else rows_of.labels(store, one)
        if labels is None or labels.exploded is not None:
            return None
        found.append(labels)
    return cross(found), _orders(found)


def _orders(found: Sequence[Labels]) -> Orders:
    return tuple(
        {name: float(i) for i, name in enumerate(one.labels)} if one.ordered else None
        for one in found
    )


def _level(store: Store, level: Dimension, rows: Vector) -> Labels:
    """The segments of one level: a breakdown, or several cohorts side by side."""
    parts = [attribute(_labels(store, one, rows), rows) for one in level.breakdowns]
    if len(parts) == 1:
        return parts[0]
    names: list[str] = []
    found: list[tuple[Ints, Vector]] = []
    for part in parts:
        member, code = part.pairs()
        found.append((member, code + len(names)))
        names += part.labels
    members, codes = (np.concatenate(column) for column in zip(*found, strict=True))
    return several(members, codes, names)


def pairs(segments: Segments) -> tuple[Ints, Ints]:
    """Every membership as sequence and segment."""
    if segments.exploded is not None:
        return segments.exploded[0], segments.exploded[1].astype(np.int64)
    member = np.flatnonzero(segments.codes >= 0)
    return member, segments.codes[member].astype(np.int64)


def _labels(store: Store, breakdown: Breakdown, rows: Vector) -> Labels:
    within = None
    if isinstance(breakdown, GroupBy) and breakdown.property_type == "number":
        within = np.zeros(store.n_rows, np.bool_)
        within[rows[rows >= 0]] = True
    return rows_of.labels(store, breakdown, within)


def attribute(labels: Labels, rows: Vector) -> Labels:
    """From labels of rows to labels of sequences of rows."""
    missing = labels.labels.index(NOT_SET) if NOT_SET in labels.labels else -2
    if labels.exploded is None:
        codes = labels.codes[rows[:, 0]]
        for k in range(1, rows.shape[1]):
            open_ = (codes == missing) & (rows[:, k] >= 0)
            if not open_.any():
                break
            codes[open_] = labels.codes[rows[open_, k]]
        return single(codes, labels.labels, labels.ordered)
    of_row, codes = labels.exploded
    starts = np.searchsorted(of_row, rows, "left")
    ends = np.searchsorted(of_row, rows, "right")
    first = codes[np.minimum(starts, max(len(codes) - 1, 0))] if len(codes) else starts
    at = np.argmax((ends > starts) & (first != missing) & (rows >= 0), axis=1)[:, None]
    start = np.take_along_axis(starts, at, axis=1)[:, 0]
    count = np.take_along_axis(ends, at, axis=1)[:, 0] - start
    places = np.repeat(start - np.cumsum(count) + count, count) + np.arange(count.sum())
    member = np.repeat(np.arange(len(rows)), count)
    return several(member, codes[places], labels.labels, labels.ordered)


def rank(
    paths: Sequence[Path],
    weights: Vector,
    orders: tuple[dict[str, float] | None, ...],
    limit: int,
) -> tuple[list[int], bool]:
    """Segments that occur, in the order of an answer, and whether any was left out."""
    occurring = [i for i in range(len(paths)) if weights[i] > 0]
    frame = Frame(
        [paths[i] for i in occurring], np.asarray(weights, float)[occurring][:, None], True, orders
    )
    kept, cut = limited(frame, limit)
    place = {path: i for i, path in enumerate(paths)}
    return [place[path] for path in ranked(kept).paths], cut


def nest(paths: Sequence[Path], leaves: Sequence[Any], overall: Any) -> dict[str, Any]:
    """Segments as nested objects, a level per breakdown, with the overall line first."""
    depth = len(paths[0]) if paths else 1
    root: dict[str, Any] = {}
    for path, leaf in [(("$overall",) * depth, overall), *zip(paths, leaves, strict=True)]:
        holder = root
        for name in path[:-1]:
            holder = holder.setdefault(name, {})
        holder[path[-1]] = leaf
    return root
