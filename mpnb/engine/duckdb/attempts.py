"""Funnel attempts: a funnel question and a range in, the rows of every attempt out.

The surprise: two ways lead here. The plainest funnels over large stores take a short pass, all
others the general one. Both give the same attempts, but for those that the short one may leave out
because no breakdown can choose them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import (
    compiled,
    jit,
    kernels_funnel,
    kernels_loose,
    kernels_reentry,
    kernels_rows,
    passes,
    sequence,
    sessions,
)
from mpnb.engine.duckdb.matching import Match
from mpnb.engine.duckdb.sequence import ENDLESS_MS, Ints
from mpnb.engine.duckdb.store import Store
from mpnb.engine.duckdb.values import NOT_SET
from mpnb.query.funnel import FunnelQuery
from mpnb.query.step import FunnelStep

Vector = npt.NDArray[Any]
Counting = str
"""What is counted: "unique" users, "session" or "total" attempts."""

NEW = np.zeros(0, np.int64)
NO_SESSIONS = np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class Attempts:
    """Attempts in order of user, bucket and entry.

    Attributes:
        rows: [attempt, step], the row that took each step, -1 where it was not reached.
        reached: number of steps of each attempt, at least 1.
        bucket: bucket of each attempt's entry.
    """

    rows: Vector
    reached: Vector
    bucket: Vector

    def __len__(self) -> int:
        return len(self.reached)

    def take(self, chosen: Any) -> Attempts:
        """Some of the attempts."""
        return Attempts(self.rows[chosen], self.reached[chosen], self.bucket[chosen])


@dataclass(frozen=True, eq=False)
class Plan:
    """A funnel question made ready for matching.

    Attributes:
        steps: the rows that fit each step.
        bars: the rows that end an attempt, and between which positions they do.
        blocks: bits of each group of steps that may come in any order.
        edges: first instant of each bucket of entries, and the end of the last.
        window: ms after entry in which steps count.
        sessions: number of sessions in which steps count, 0 when sessions do not matter.
        grace: ms by which the row of a step may come before that of the step ahead of it.
        chained: True when a user may have several attempts in a bucket.
    """

    steps: list[Match]
    bars: list[tuple[Match, int]]
    blocks: Ints
    edges: Ints
    window: int
    sessions: int
    chained: bool
    per_session: bool
    grace: int


def plan(store: Store, query: FunnelQuery, edges: Ints, counting: Counting, split: bool) -> Plan:
    """Look up events, and turn the question's rules into numbers."""
    steps = steps_of(query)
    by_session = query.conversion_window_unit == "session"
    per_session = counting == "session"
    window = ENDLESS_MS if by_session else duration(query)
    spans = 1 if per_session else query.conversion_window if by_session else 0
    return Plan(
        [sessions.match(store, s.event, s.filters, s.filters_combinator) for s in steps],
        _bars(store, query, len(steps)),
        _blocks(query, steps),
        edges,
        window,
        spans,
        split or counting != "unique",
        per_session,
        round(store.settings.funnel_grace_ms),
    )


def steps_of(query: FunnelQuery) -> tuple[FunnelStep, ...]:
    """The steps; a saved behavior is refused before."""
    assert isinstance(query.steps, tuple)
    return query.steps


def duration(query: FunnelQuery) -> int:
    """The conversion window in ms."""
    return round(query.conversion_window * sequence.DURATION_MS[query.conversion_window_unit])


def _bars(store: Store, query: FunnelQuery, n_steps: int) -> list[tuple[Match, int]]:
    found = []
    for exclusion in query.exclusions:
        last = n_steps - 1 if exclusion.to_step is None else min(exclusion.to_step, n_steps - 1)
        gaps = sum(1 << i for i in range(exclusion.from_step, last))
        found.append((sessions.match(store, exclusion.event), gaps))
    return found


def _blocks(query: FunnelQuery, steps: Sequence[FunnelStep]) -> Ints:
    """Neighbouring steps of any order make one block; every other step is its own."""
    free = [query.order == "any" and (step.order or query.order) == "any" for step in steps]
    blocks: list[int] = []
    for i, is_free in enumerate(free):
        if is_free and i > 0 and free[i - 1]:
            blocks[-1] |= 1 << i
        else:
            blocks.append(1 << i)
    return np.array(blocks, np.int64)


def find(
    store: Store, query: FunnelQuery, plan: Plan, split: passes.Segments | None = None
) -> Attempts:
    """All attempts of a funnel, before any choice among them.

    Args:
        store: the events.
        query: the question.
        plan: what `plan` made of it.
        split: the labels of rows when one attempt counts per user and label; attempts that would
            not be chosen may then be missing.
    """
    plain = (
        not compiled.is_small(store.n_rows)
        and not (plan.bars or plan.sessions or plan.per_session or query.holding_constant)
        and query.reentry_mode not in ("optimized", "aggressive")
        and len(plan.blocks) == len(plan.steps)
        and len(plan.edges) == 2
    )
    sequence.luts(plan.steps, len(store.events))
    return _find_plain(store, plan, split) if plain else _find_all(store, query, plan)


def _find_plain(store: Store, plan: Plan, split: passes.Segments | None) -> Attempts:
    """One attempt per user, or those that follow each other, in a single pass over all rows."""
    kernels = compiled.pick(kernels_loose, store.n_rows)
    n_steps = len(plan.steps)
    luts = sequence.luts(plan.steps, len(store.events))
    inputs = (
        jit.frozen(store.offsets),
        jit.frozen(store.time),
        jit.frozen(store.event),
        luts,
        sequence.bits_per_row(store, plan.steps),
        int(plan.edges[0]),
        int(plan.edges[1]),
        n_steps,
        plan.window,
        plan.grace,
    )
    labels = _label_inputs(split)
    n_labels = 1 if split is None else split.count

    def work(first: int, last: int) -> tuple[Vector, Vector]:
        most = last - first
        if plan.chained:
            begin, end = store.offsets[first], store.offsets[last]
            most = int(np.count_nonzero((luts & 1 != 0)[store.event[begin:end]]))
        rows, reached = np.empty((most, n_steps), np.int32), np.empty(most, np.int32)
        if plan.chained:
            seen = np.full(n_labels, -1, np.int64)
            count = kernels.match_chain(*inputs, *labels, seen, first, last, rows, reached)
        else:
            count = kernels.match_first(*inputs, first, last, rows, reached)
        return rows[:count], reached[:count]

    parts = jit.spread(work, jit.user_splits(store.offsets))
    if not parts:
        return _none(n_steps)
    rows, reached = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Attempts(rows, reached, np.zeros(len(rows), np.int32))


def _label_inputs(split: passes.Segments | None) -> tuple[Vector, Vector, int]:
    """The label of each row as codes and a look-up table, and the label of undefined values."""
    if split is None:
        return passes.NO_CODES, np.zeros(1, np.int32), -1
    missing = split.labels.index(NOT_SET) if NOT_SET in split.labels else -1
    return jit.frozen(split.codes), split.segment_of, missing


def _none(n_steps: int) -> Attempts:
    return Attempts(np.zeros((0, n_steps), np.int64), NEW, NEW)


def _find_all(store: Store, query: FunnelQuery, plan: Plan) -> Attempts:
    """Every attempt, by the general rules."""
    optimized = query.reentry_mode == "optimized"
    kernels = compiled.pick(kernels_reentry if optimized else kernels_funnel, store.n_rows)
    aggressive = query.reentry_mode == "aggressive"
    mode = kernels_funnel.AGGRESSIVE if aggressive else kernels_funnel.FOLLOWING
    inputs = (
        *_columns(store, query, plan),
        plan.blocks,
        plan.edges,
        len(plan.steps),
        plan.window,
        max(plan.sessions, 1),
        plan.grace,
        bool(plan.bars),
        mode,
        not plan.chained,
        plan.per_session,
    )
    enters = (inputs[3] & plan.blocks[0]) != 0
    small = np.int32 if store.n_rows < 2**31 else np.int64

    def work(first: int, last: int) -> tuple[Vector, Vector, Vector]:
        begin, end = store.offsets[first], store.offsets[last]
        most = int(np.count_nonzero(enters[store.event[begin:end]]))
        rows = np.full((most, len(plan.steps)), -1, small)
        reached, bucket = np.zeros(most, np.int32), np.zeros(most, np.int32)
        count = kernels.match(*inputs, first, last, rows, reached, bucket)
        return rows[:count], reached[:count], bucket[:count]

    parts = jit.spread(work, jit.user_splits(store.offsets))
    if not parts:
        return _none(len(plan.steps))
    rows, reached, bucket = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Attempts(rows, reached, bucket)


def _columns(store: Store, query: FunnelQuery, plan: Plan) -> tuple[Any, ...]:
    """Offsets, time, event, and by what rows fit; columns that no rule needs are empty."""
    bars, bar_rows = _bar_bits(store, plan)
    return (
        jit.frozen(store.offsets),
        jit.frozen(store.time),
        jit.frozen(store.event),
        sequence.luts(plan.steps, len(store.events)),
        sequence.bits_per_row(store, plan.steps),
        bars,
        bar_rows,
        jit.frozen(sessions.numbers(store) if plan.sessions else NO_SESSIONS),
        _held(store, query) if query.holding_constant else NEW,
    )


def _bar_bits(store: Store, plan: Plan) -> tuple[Ints, Ints]:
    """For each event code the gaps it bars, and per row those that custom events leave."""
    bars = np.zeros(len(store.events), np.int64)
    for match, gaps in plan.bars:
        bars[match.event_lut] |= gaps
    if all(match.mask is None for match, _ in plan.bars):
        return bars, NEW
    bar_rows = np.zeros(store.n_rows, np.int64)
    for match, gaps in plan.bars:
        bar_rows[match.rows()] |= gaps
    return bars, bar_rows


def _held(store: Store, query: FunnelQuery) -> Ints:
    """One code per row for the values of all held properties, -1 where one is undefined."""
    rows = np.arange(int(store.offsets[-1]))
    held = np.zeros(store.n_rows, np.int64)
    for constant in query.holding_constant:
        codes = sequence.codes_at(store, constant.property, constant.resource_type, rows)
        before = held[: len(rows)]
        missing = (before < 0) | (codes < 0)
        _, joined = np.unique(before * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
        held[: len(rows)] = np.where(missing, -1, joined)
    return held


def choose(
    store: Store, query: FunnelQuery, attempts: Attempts, groups: Ints | None, counting: Counting
) -> Ints | slice:
    """Which of the given attempts count: one per user (or session) and group, or all.

    ``groups`` tells attempts apart that are chosen separately, such as buckets. The first attempt
    counts, or with side-by-side entries the one that got furthest.
    """
    furthest = query.reentry_mode in ("optimized", "aggressive")
    if counting == "total" or (counting == "session" and not furthest):
        return slice(None)
    entry = attempts.rows[:, 0]
    one = store.user[entry] if counting == "unique" else sessions.numbers(store)[entry]
    if counting == "unique" and groups is None and (one[1:] > one[:-1]).all():
        return slice(None)
    score = attempts.reached if furthest else np.zeros(len(attempts), np.int32)
    same = np.zeros(len(attempts), np.int64) if groups is None else groups
    chosen = np.zeros(len(attempts), np.bool_)
    compiled.pick(kernels_rows, store.n_rows).mark_best(one, same, score, chosen)
    return slice(None) if chosen.all() else np.flatnonzero(chosen)
