"""Retention questions: who comes back, per cohort and bucket of time after birth (section 8).

A store and a question enter, the raw answer leaves. The surprise: bucket 0 is not the size of the
cohort. The birth itself is no return, so whoever never came back is in no bucket.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from mpnb.engine.duckdb import (
    axis,
    compiled,
    envelope,
    jit,
    kernels_retention,
    segments,
    sequence,
    sessions,
)
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.axis import Axis
from mpnb.engine.duckdb.compare import compared
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.dimension import dimensions
from mpnb.engine.duckdb.matching import Match
from mpnb.engine.duckdb.retention_figures import Buckets, Counts, line
from mpnb.engine.duckdb.segments import Orders, Path
from mpnb.engine.duckdb.sequence import DURATION_MS, Ints, Picked, Vector
from mpnb.engine.duckdb.sources import Mask
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError
from mpnb.query.behavior import BehaviorRef
from mpnb.query.breakdown import FrequencyBreakdown
from mpnb.query.custom import PropertySpec
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import RetentionEvent

MODES = {
    None: kernels_retention.ON,
    "none": kernels_retention.ON,
    "carry_forward": kernels_retention.ON_OR_BEFORE,
    "carry_back": kernels_retention.ON_OR_AFTER,
    "consecutive_forward": kernels_retention.STREAK,
}
"""The unbounded modes by name (R-9)."""

NO_MASK = np.zeros(0, np.bool_)
NO_CODES = np.zeros(0, np.int32)
NO_INTERVALS = np.zeros(0, np.int64)
NO_VALUES = np.zeros(0)
PARTS = 4

NOTES = {
    "bucket_0": "Returns within the first unit; the birth itself is no return.",
    "average": "Rates weigh each complete cohort by its size.",
}


def answer(store: Store, query: RetentionQuery, ctx: Context) -> dict[str, Any]:
    """The raw answer of a retention question.

    Raises:
        NotSupportedError: a saved retention, or a rule that the local engine does not have.
    """
    born, back = events_of(query)
    store = sequence.scope(store, query.data_group_id, (born.event, back.event))
    first, last = axis.between(store, query.range)
    found = solve(store, query, ctx, first, last)
    name = f"{born.event} and then {back.event}"
    other = None
    if query.time_comparison is not None:
        start, end = compared(query.time_comparison, first, last)
        series = {name: solve(store, query, ctx, start, end).series}
        other = {"date_range": axis.date_range(store, start, end), "series": series}
    headers = ["$retention", *(level.name for level in dimensions(query.group_by))]
    raw = envelope.answer(
        store, found.axis, headers, {name: found.series}, cut=found.cut, comparison=other
    )
    raw["meta"]["notes"] = NOTES
    return raw


def events_of(query: RetentionQuery) -> tuple[RetentionEvent, RetentionEvent]:
    """Born and return event; raises for what has no local answer."""
    if isinstance(query.born_event, BehaviorRef):
        raise NotSupportedError(
            f"Retention {query.born_event.id} is saved in a Mixpanel project; write its events out."
        )
    if any(isinstance(breakdown, FrequencyBreakdown) for breakdown in query.group_by):
        raise NotSupportedError(
            "The local engine does not break a retention down by how often users did an event: "
            "what is counted from the birth on is defined for Mixpanel's own reports only. Filter "
            "with FrequencyFilter in where, or break down by a CohortBreakdown."
        )
    if query.return_event is None:
        raise NotSupportedError("A retention needs a return event; name one.")
    return query.born_event, query.return_event


@dataclass(frozen=True, eq=False)
class Solution:
    """A retention over one range."""

    axis: Axis
    series: dict[str, Any]
    cut: bool


def solve(
    store: Store,
    query: RetentionQuery,
    ctx: Context,
    first: date,
    last: date,
    spec: PropertySpec | None = None,
) -> Solution:
    """Pick births and returns, count, and arrange cohorts by segment.

    ``spec`` names a property of the return events whose values add up, where returns themselves
    would be counted.
    """
    trends = query.mode == "trends"
    cohorts = axis.build(store, first, last, query.unit if trends else query.retention_unit)
    n_units = len(axis.build(store, first, last, query.retention_unit))
    buckets = _buckets(store, query, cohorts, n_units)
    paths, counts, orders = _count(store, query, cohorts, buckets, spec)
    ctx.note(f"pass: births and returns by {query.retention_unit}")
    overall = line(counts.of(0), cohorts.keys, buckets, query.math)
    if not query.group_by:
        return Solution(cohorts, overall, False)
    weights = counts.first.sum(axis=1)[1:]
    order, cut = segments.rank(paths, weights, orders, ctx.max_segments)
    leaves = [line(counts.of(i + 1), cohorts.keys, buckets, query.math) for i in order]
    depth = len(dimensions(query.group_by))
    series = segments.nest([paths[i] for i in order], leaves, overall, depth)
    return Solution(cohorts, series, cut)


def _count(
    store: Store,
    query: RetentionQuery,
    cohorts: Axis,
    buckets: Buckets,
    spec: PropertySpec | None,
) -> tuple[list[Path], Counts, Orders]:
    """Counts of everybody (segment 0) and of each segment, whose labels are the paths."""
    mode = MODES[query.unbounded_mode], query.retention_cumulative
    born, back = (
        sessions.match(store, one.event, one.filters, one.filters_combinator)
        for one in events_of(query)
    )
    span = int(cohorts.starts_ms[0]), int(cohorts.ends_ms[-1])
    keep = sequence.row_mask(store, query.where, *span)
    values = NO_VALUES if spec is None else _values(store, spec)
    found = segments.row_segments(store, dimensions(query.group_by)) if query.group_by else None
    if query.group_by and found is None:
        picked = _pick(store, born, back, keep, cohorts)
        starts, codes, paths, orders = _segments(store, query, picked)
        shape = (len(paths) + 1, len(cohorts), buckets.count)
        return (
            paths,
            _tally_picked(store, picked, buckets, starts, codes, values, shape, mode),
            orders,
        )
    split, orders = found or (None, ())
    paths = split.paths if split else []
    inputs = (
        jit.frozen(store.offsets),
        jit.frozen(store.time),
        jit.frozen(store.event),
        born.event_lut,
        NO_MASK if born.mask is None else born.mask,
        back.event_lut,
        NO_MASK if back.mask is None else back.mask,
        NO_MASK if keep is None else keep,
        split.codes if split else NO_CODES,
        values,
        np.append(cohorts.starts_ms, cohorts.ends_ms[-1]),
        NO_INTERVALS if buckets.intervals is None else buckets.intervals,
        *_measures(store, buckets, mode),
    )
    kernel = compiled.pick(kernels_retention, store.n_rows).tally_rows
    shape = (len(paths) + 1, len(cohorts), buckets.count)
    return paths, _add_up(kernel, inputs, store.offsets, shape), orders


def _values(store: Store, spec: PropertySpec) -> Vector:
    """The sum of a property's numbers in each row, 0 without any."""
    found = rows_of.numbers(store, spec)
    known = np.nan_to_num(found.values)
    return known if found.rows is None else np.bincount(found.rows, known, store.n_rows)


def _measures(store: Store, buckets: Buckets, mode: tuple[int, bool]) -> tuple[Any, ...]:
    per = buckets.unit_ms if buckets.intervals is None else 1
    return buckets.bracket, per, axis.millis(store.now), *mode


Shape = tuple[int, int, int]
"""Segments, cohorts, buckets."""


def _add_up(kernel: Any, inputs: tuple[Any, ...], offsets: Ints, shape: Shape) -> Counts:
    """Run a kernel over ranges of users, and add up what it counts."""

    def work(first: int, last: int) -> Counts:
        sizes = np.zeros(shape[:2], np.int64)
        counts = Counts(sizes, np.zeros(shape, np.int64), np.zeros(shape))
        kernel(*inputs, first, last, counts.first, counts.users, counts.sums)
        return counts

    parts = jit.spread(work, _ranges(offsets)) or [work(0, 0)]
    whole = parts[0]
    for part in parts[1:]:
        whole.add(part)
    return whole


def _ranges(offsets: Ints) -> list[tuple[int, int]]:
    """Ranges of users; always as many, so that sums of values do not depend on the processors."""
    n_users = len(offsets) - 1
    marks = np.searchsorted(offsets, np.linspace(0, offsets[-1], PARTS + 1)[1:-1])
    edges = [0, *np.clip(marks, 0, n_users).tolist(), n_users]
    return [(low, high) for low, high in pairwise(edges) if low < high]


# --- births in several segments -------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Rows:
    """The births and returns of a retention: aligned columns."""

    picked: Picked
    time: Ints
    cohort: Any
    returns: Any


def _pick(store: Store, born: Match, back: Match, keep: Mask | None, cohorts: Axis) -> _Rows:
    picked = sequence.pick(store, born.event_lut | back.event_lut, keep)
    time = store.time[picked.rows]
    cohort = np.where(_fits(store, born, picked), cohorts.bucket(time), np.int32(-1))
    return _Rows(picked, time, cohort, _fits(store, back, picked))


def _fits(store: Store, match: Match, picked: Picked) -> Any:
    fits = match.event_lut[store.event[picked.rows]]
    return fits if match.mask is None else fits & match.mask[picked.rows]


def _segments(
    store: Store, query: RetentionQuery, case: _Rows
) -> tuple[Ints, Ints, list[Path], Orders]:
    """For each picked row the segments it is a birth of; segment 0 is everybody."""
    births = np.flatnonzero(case.cohort >= 0)
    rows = case.picked.rows[births][:, None]
    split = segments.split(store, dimensions(query.group_by), rows)
    member = np.concatenate([births, births[split.member]])
    code = np.concatenate([np.zeros(len(births), np.int64), split.code + 1])
    order = np.argsort(member, kind="stable")
    counts = np.bincount(member, minlength=len(case.time))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return starts, code[order], split.paths, split.orders


def _tally_picked(
    store: Store,
    case: _Rows,
    buckets: Buckets,
    starts: Ints,
    codes: Ints,
    values: Vector,
    shape: Shape,
    mode: tuple[int, bool],
) -> Counts:
    rows = case.picked.rows
    tick = case.time if buckets.intervals is None else buckets.interval(case.time)
    inputs = (
        case.picked.offsets,
        np.stack([case.time, tick, case.cohort, case.returns]).astype(np.int64),
        values[rows] if len(values) else np.ones(len(rows)),
        starts,
        codes,
        *_measures(store, buckets, mode),
    )
    kernel = compiled.pick(kernels_retention, len(case.time)).tally_picked
    return _add_up(kernel, inputs, case.picked.offsets, shape)


# --- buckets --------------------------------------------------------------------------------------


def _buckets(store: Store, query: RetentionQuery, cohorts: Axis, n_units: int) -> Buckets:
    """The buckets after a birth: widths in units, and when each is over for a cohort."""
    widths = np.array(query.bucket_sizes or [1] * (n_units + 1), np.int64)
    intervals = None
    if query.alignment == "interval_start":
        intervals = _intervals(store, query, cohorts, int(widths.sum()))
    return _made(store, widths, DURATION_MS[query.retention_unit], cohorts, intervals)


def _made(
    store: Store, widths: Ints, unit_ms: int, cohorts: Axis, intervals: Ints | None
) -> Buckets:
    ends = np.cumsum(widths)
    now = axis.millis(store.now)
    if intervals is None:
        over = cohorts.ends_ms[:, None] + ends[None, :] * unit_ms
    else:
        of = np.searchsorted(intervals, cohorts.ends_ms - 1, "right") - 1
        over = intervals[np.minimum(of[:, None] + ends[None, :], len(intervals) - 1)]
    bracket = np.repeat(np.arange(len(widths)), widths)
    return Buckets(bracket, unit_ms, intervals, over <= now)


def _intervals(store: Store, query: RetentionQuery, cohorts: Axis, n_units: int) -> Ints:
    """First instants of the calendar intervals from the first birth to the last bucket or now."""
    days = {"day": 1, "week": 7, "month": 31}[query.retention_unit]
    last = max(cohorts.to_date + timedelta(days=days * (n_units + 1)), axis.today(store))
    calendar = axis.build(store, cohorts.from_date, last, query.retention_unit)
    starts = calendar.starts_ms.copy()
    return np.append(starts, calendar.ends_ms[-1])


# --- the older call -------------------------------------------------------------------------------


def legacy(
    store: Store,
    born: Match,
    back: Match,
    first: date,
    last: date,
    *,
    unit: str = "day",
    interval: int = 1,
    interval_count: int = 1,
    unbounded: bool = False,
    compounded: bool = False,
) -> dict[str, dict[str, Any]]:
    """Cohorts of the older retention call (R-15), ``{date: {"first", "counts"}}``.

    A user is born once, at the first born row of the range; with ``compounded`` once in each unit.
    Buckets are ``interval`` units long, ``interval_count`` of them and the 0th.
    """
    cohorts = axis.build(store, first, last, unit)
    case = _pick(store, born, back, None, cohorts)
    cohort = case.cohort
    if not compounded:
        births = np.flatnonzero(cohort >= 0)
        _, at = np.unique(store.user[case.picked.rows[births]], return_index=True)
        only = np.full_like(cohort, -1)
        only[births[at]] = cohort[births[at]]
        case, cohort = replace(case, cohort=only), only
    widths = np.full(interval_count + 1, interval, np.int64)
    buckets = _made(store, widths, DURATION_MS[unit], cohorts, None)
    mode = kernels_retention.ON_OR_AFTER if unbounded else kernels_retention.ON
    starts = np.concatenate([[0], np.cumsum(cohort >= 0)])
    codes = np.zeros(int(starts[-1]), np.int64)
    shape = (1, len(cohorts), len(widths))
    counts = _tally_picked(store, case, buckets, starts, codes, NO_VALUES, shape, (mode, False))
    sizes, users, _ = counts.of(0)
    return {
        label: {"first": int(sizes[i]), "counts": users[i].tolist()}
        for i, label in enumerate(cohorts.labels)
    }
