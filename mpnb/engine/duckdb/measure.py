"""One metric over one axis: which rows qualify, how they are split, what is computed of them.

A metric and what surrounds it (``Asked``) go in, a ``Frame`` comes out. The surprise: counts of
rows and users take a short way, one pass over all rows; everything else draws a sample first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import (
    behaviors,
    cohorts,
    frequency,
    maths,
    passes,
    sessions,
)
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.axis import Axis
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.dimension import Crossed, Dimension, crossed
from mpnb.engine.duckdb.frame import Frame, Path, stacked
from mpnb.engine.duckdb.passes import Grid
from mpnb.engine.duckdb.sample import Sample, draw, first_per_user, split
from mpnb.errors import NotSupportedError
from mpnb.query.behavior import BehaviorRef, SimpleBehavior
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.metric import CohortMetric, FormulaOperand, FunnelMetric, Metric, RetentionMetric
from mpnb.query.step import CustomEventRef, FunnelStep

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

WINDOW_DAYS = {"dau": 1, "wau": 7, "mau": 30}
COUNTS = ("total", "unique")
MAX_CELLS = 1_000_000
"""Above so many segments times buckets the short way would take too much memory."""


@dataclass(frozen=True)
class Asked:
    """What surrounds a metric in its question: rows, axis, filters and breakdowns.

    `before` is how many buckets of the axis lie before the range, for rolling means.
    """

    store: Store
    axis: Axis
    where: tuple[Filter, ...]
    frequencies: tuple[FrequencyFilter, ...]
    dimensions: tuple[Dimension, ...]
    context: Context
    before: int = 0

    @cached_property
    def mask(self) -> npt.NDArray[np.bool_] | None:
        """Rows that pass the filters of the question; None when all do."""
        return rows_of.mask(self.store, self.where)

    @property
    def by_bucket(self) -> bool:
        """True when filters or segments depend on the bucket of a row."""
        return bool(self.frequencies) or any(d.by_bucket for d in self.dimensions)


@dataclass(frozen=True, eq=False)
class Match:
    """Rows of a metric: event codes that qualify, and a mask for what else must hold."""

    wanted: npt.NDArray[np.bool_]
    mask: npt.NDArray[np.bool_] | None


def frame(asked: Asked, metric: FormulaOperand) -> Frame:
    """The frame of one metric.

    Raises:
        NotSupportedError: a metric that lives in a Mixpanel project, or a session of one.
    """
    if isinstance(metric, Metric):
        return _metric(asked, metric)
    if isinstance(metric, CohortMetric):
        return _cohort_sizes(asked, metric)
    if isinstance(metric, FunnelMetric):
        return behaviors.funnel_frame(asked, metric)
    if isinstance(metric, RetentionMetric):
        return behaviors.retention_frame(asked, metric)
    raise NotSupportedError(
        "metrics that are saved in a Mixpanel project are not known to the local engine; "
        "write the metric out"
    )


def counting(asked: Asked, metric: Metric) -> Asked:
    """The same question over the rows of a metric: with session events where it names one."""
    if any(sessions.is_session_event(part) for part in _parts(metric.event)):
        return replace(asked, store=sessions.with_events(asked.store))
    return asked


def _metric(asked: Asked, metric: Metric) -> Frame:
    asked = counting(asked, metric)
    if metric.math == "sessions":
        return _sessions(asked, metric)
    match = matched(asked, metric)
    if metric.math in WINDOW_DAYS:
        return _windows(asked, metric, match)
    cells = passes.grid(asked.store, asked.axis)
    return _counted(asked, metric, match, cells) or maths.compute(
        drawn(asked, metric, match, cells), metric
    )


def matched(asked: Asked, metric: Metric) -> Match:
    """The rows that a metric and the question's filters let through."""
    found = [_events(asked.store, event) for event in _parts(metric.event)]
    wanted = np.logical_or.reduce([match.wanted for match in found])
    mask = None
    if any(match.mask is not None for match in found):
        mask = np.logical_or.reduce([_rows(asked.store, match) for match in found])
    combinator = metric.filters_combinator
    own = rows_of.mask(asked.store, tuple(metric.filters or ()), combinator)
    for other in (own, asked.mask):
        if other is not None:
            mask = other if mask is None else mask & other
    return Match(wanted, mask)


def _parts(event: object) -> Sequence[str | CustomEventRef | FunnelStep]:
    if isinstance(event, BehaviorRef):
        raise NotSupportedError(
            f"behavior {event.id} is saved in a Mixpanel project; write its events out"
        )
    if isinstance(event, SimpleBehavior):
        return tuple(event.events)
    if isinstance(event, str | CustomEventRef):
        return (event,)
    assert isinstance(event, Sequence)
    return tuple(event)


def _events(store: Store, part: str | CustomEventRef | FunnelStep) -> Match:
    if isinstance(part, FunnelStep):
        filters = tuple(part.filters or ())
        found = sessions.match(store, part.event, filters, part.filters_combinator)
    else:
        found = sessions.match(store, part)
    return Match(found.event_lut, found.mask)


def _rows(store: Store, match: Match) -> npt.NDArray[np.bool_]:
    named = match.wanted[store.event] if len(match.wanted) else np.zeros(store.n_rows, np.bool_)
    return np.asarray(named if match.mask is None else named & match.mask, np.bool_)


def drawn(asked: Asked, metric: Metric, match: Match, cells: Grid) -> Sample:
    """The sample of a metric, broken down (I-34)."""
    sample = whole(asked, metric, match, cells)
    if metric.math == "cumulative_unique":  # who was there before the range does not count (I-4)
        sample = sample.where(sample.bucket >= asked.before)
    return split(sample, asked.dimensions, cells)


def whole(asked: Asked, metric: Metric, match: Match, cells: Grid) -> Sample:
    """The sample of a metric: rows, frequency filters, first per user; not broken down."""
    sample = draw(asked.store, match.wanted, match.mask, cells, asked.before)
    asked.context.note(f"pass: rows of {describe(metric)} by {asked.axis.unit}")
    for asked_for in asked.frequencies:
        passing = frequency.passing(asked.store, asked_for, sample.rows, sample.bucket, cells)
        sample = sample.where(passing)
    if metric.segment_method == "first":
        sample = first_per_user(sample)
    return sample


def _counted(asked: Asked, metric: Metric, match: Match, cells: Grid) -> Frame | None:
    """Rows or users in one pass; None where the question needs a sample."""
    plain = metric.math in COUNTS and metric.property is None and metric.per_user is None
    if not plain or not _one_pass(asked, metric):
        return None
    found = _segments(asked, cells)
    if found is None:
        return None
    asked.context.note(f"pass: {metric.math} of {describe(metric)} by {asked.axis.unit}")
    rows = asked.store, match.wanted, match.mask, cells, found.segments
    if metric.math == "total":
        counts = passes.totals(*rows)
        return _kept(asked, found.paths, counts, counts)
    users = passes.distinct(*rows)
    without = passes.totals(*rows, low=int(asked.store.offsets[-1]))
    return _kept(asked, found.paths, users, users + without)


def _one_pass(asked: Asked, metric: Metric) -> bool:
    grouped = asked.store.event_id is not None
    return not (asked.by_bucket or metric.segment_method == "first" or grouped)


def _segments(asked: Asked, cells: Grid) -> Crossed | None:
    """The segments of breakdowns by properties of single values; None for anything else."""
    if not asked.dimensions:
        return Crossed(passes.ONE_SEGMENT, [()])
    found = crossed(asked.store, asked.dimensions)
    return None if found is None or len(found.paths) * cells.size > MAX_CELLS else found


def _kept(
    asked: Asked,
    paths: Sequence[Path],
    values: npt.NDArray[np.int64],
    occurs: npt.NDArray[np.int64],
) -> Frame:
    if not asked.dimensions:
        return Frame([()], values.astype(np.float64), True)
    rows = np.flatnonzero(occurs.any(axis=1))
    kept = [paths[i] for i in rows.tolist()]
    return Frame(kept, values[rows].astype(np.float64), True, (None,) * len(asked.dimensions))


def _windows(asked: Asked, metric: Metric, match: Match) -> Frame:
    """Users of the 1, 7 or 30 days (or so many times 24 hours) that end with each bucket."""
    window = WINDOW_DAYS[metric.math] * (1 if asked.axis.by_day else 24)
    if len(asked.axis) > 1 and _one_pass(asked, metric):
        cells, ends = passes.fine_grid(asked.store, asked.axis, window)
        found = _segments(asked, cells)
        if found is not None:
            rows = asked.store, match.wanted, match.mask, cells, found.segments
            users = passes.distinct(*rows, window)[:, ends]
            without = passes.totals(*rows, low=int(asked.store.offsets[-1]))
            asked.context.note(f"pass: {metric.math} of {describe(metric)}")
            return _kept(asked, found.paths, users, users + _in_windows(without, ends, window))
    if asked.by_bucket or metric.segment_method == "first":
        return stacked(
            [_one_window(asked, metric, match, b, window) for b in range(len(asked.axis))]
        )
    return _sampled_windows(asked, metric, match, window)


def _one_window(asked: Asked, metric: Metric, match: Match, bucket: int, window: int) -> Frame:
    """The window of one bucket on its own, for filters and segments that depend on it."""
    cells = passes.window_grid(asked.store, asked.axis, bucket, window)
    return maths.compute(drawn(asked, metric, match, cells), metric)


def _sampled_windows(asked: Asked, metric: Metric, match: Match, window: int) -> Frame:
    """All windows of one sample; automatic segments are those of all its rows."""
    cells, ends = passes.fine_grid(asked.store, asked.axis, window)
    sample = drawn(asked, metric, match, cells)
    users = np.zeros((len(sample.paths), len(asked.axis)))
    occurs = np.zeros(len(sample.paths), np.bool_)
    for index, end in enumerate(ends.tolist()):
        inside = (sample.bucket > end - window) & (sample.bucket <= end)
        occurs[sample.code[inside]] = True
        inside &= sample.known
        pairs = np.unique(sample.user[inside] * len(sample.paths) + sample.code[inside])
        users[:, index] = np.bincount(pairs % len(sample.paths), minlength=len(sample.paths))
    found = Frame(sample.paths, users, True, sample.orders)
    if not asked.dimensions:
        return found
    return found.kept(np.flatnonzero(occurs).tolist())


def _in_windows(
    counts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], window: int
) -> npt.NDArray[np.int64]:
    """Sums over the cells of the window that ends with each of `ends`."""
    sums = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    return np.asarray(sums[:, ends + 1] - sums[:, np.maximum(ends + 1 - window, 0)])


def _sessions(asked: Asked, metric: Metric) -> Frame:
    """Number of sessions with a qualifying row."""
    match = matched(asked, metric)
    cells = passes.grid(asked.store, asked.axis)
    sample = drawn(asked, metric, match, cells)
    session = sessions.numbers(asked.store)[sample.rows]
    known = sample.where(session >= 0)
    pairs = np.unique(session[session >= 0].astype(np.int64) * max(known.n_cells, 1) + known.cell)
    counts = np.bincount(pairs % max(known.n_cells, 1), minlength=known.n_cells)
    return sample.frame(counts.astype(np.float64), zero=True)


def _cohort_sizes(asked: Asked, metric: CohortMetric) -> Frame:
    """Members when each bucket ends; the last instant inside it is what windows count from."""
    ends = (asked.axis.ends_ms - 1).tolist()
    sizes = [int(cohorts.members(asked.store, metric.cohort, end).sum()) for end in ends]
    return Frame([()], np.array([sizes], np.float64), True)


def describe(metric: Metric) -> str:
    """The event of a metric in a record of passes."""
    event = metric.event
    return repr(event) if isinstance(event, str) else type(event).__name__
