"""Funnel attempts: a funnel question and a range in, the rows of every attempt out.

The surprise: two ways lead here. Large stores and the plainest funnels take one pass over all rows;
everything else first picks the rows that matter. Both give the same attempts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import compiled, jit, kernels_funnel, kernels_reentry, sequence, sessions
from mpnb.engine.duckdb.matching import Match
from mpnb.engine.duckdb.sequence import ENDLESS_MS, Ints, Picked
from mpnb.engine.duckdb.store import Store
from mpnb.query.funnel import FunnelQuery
from mpnb.query.step import FunnelStep

Vector = npt.NDArray[Any]
Counting = str
"""What is counted: "unique" users, "session" or "total" attempts."""

NEW = np.zeros(0, np.int64)


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


def find(store: Store, query: FunnelQuery, plan: Plan) -> Attempts:
    """All attempts of a funnel, before any choice among them."""
    plain = (
        store.n_rows >= compiled.SMALL_ROWS
        and not (plan.chained or plan.bars or plan.sessions or query.holding_constant)
        and query.reentry_mode not in ("optimized", "aggressive")
        and len(plan.blocks) == len(plan.steps)
        and len(plan.edges) == 2
    )
    sequence.luts(plan.steps, len(store.events))
    return _find_first(store, plan) if plain else _find_all(store, query, plan)


def _find_first(store: Store, plan: Plan) -> Attempts:
    """One attempt per user, in a single pass over all rows."""
    kernels = compiled.pick(kernels_funnel, store.n_rows)
    n_steps = len(plan.steps)
    inputs = (
        jit.frozen(store.offsets),
        jit.frozen(store.time),
        jit.frozen(store.event),
        sequence.luts(plan.steps, len(store.events)),
        sequence.bits_per_row(store, plan.steps),
        int(plan.edges[0]),
        int(plan.edges[1]),
        n_steps,
        plan.window,
    )

    def work(first: int, last: int) -> tuple[Vector, Vector]:
        rows = np.full((last - first, n_steps), -1, np.int32)
        reached = np.zeros(last - first, np.int32)
        count = kernels.match_first(*inputs, first, last, rows, reached)
        return rows[:count], reached[:count]

    parts = jit.spread(work, jit.user_splits(store.offsets))
    if not parts:
        return _none(n_steps)
    rows, reached = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Attempts(rows, reached, np.zeros(len(rows), np.int32))


def _none(n_steps: int) -> Attempts:
    return Attempts(np.zeros((0, n_steps), np.int64), NEW, NEW)


def _find_all(store: Store, query: FunnelQuery, plan: Plan) -> Attempts:
    """Every attempt, by the general rules, over the rows that fit a step or an exclusion."""
    picked = _pick(store, plan)
    bits = sequence.bits_at(store, plan.steps, picked.rows)
    inputs = (
        picked.offsets,
        store.time[picked.rows],
        bits,
        _bars_at(store, plan, picked.rows),
        _sessions_at(store, plan, picked.rows),
        _held_at(store, query, picked.rows),
        plan.blocks,
        plan.edges,
        len(plan.steps),
        plan.window,
        max(plan.sessions, 1),
        bool(plan.bars),
    )
    fitting = (bits & plan.blocks[0]) != 0
    may_enter = np.concatenate([[0], np.cumsum(fitting)])
    work = _Work(query, plan, picked, inputs, may_enter)
    parts = jit.spread(work.run, jit.user_splits(picked.offsets))
    if not parts:
        return _none(len(plan.steps))
    rows, reached, bucket = (np.concatenate(column) for column in zip(*parts, strict=True))
    of_store = np.append(picked.rows, -1)[rows]
    return Attempts(of_store, reached, bucket)


@dataclass(frozen=True, eq=False)
class _Work:
    """The general matching of a range of users."""

    query: FunnelQuery
    plan: Plan
    picked: Picked
    inputs: tuple[Any, ...]
    may_enter: Ints

    def run(self, first: int, last: int) -> tuple[Vector, Vector, Vector]:
        """Rows (as places among the picked ones), steps reached and bucket of each attempt."""
        plan, offsets = self.plan, self.picked.offsets
        most = int(self.may_enter[offsets[last]] - self.may_enter[offsets[first]])
        if self.query.reentry_mode == "optimized":
            begin, end = offsets[first], offsets[last]
            most = max(most, int(np.count_nonzero(self.inputs[2][begin:end] & plan.blocks[0])))
        rows = np.full((most, len(plan.steps)), -1, np.int64)
        reached, bucket = np.zeros(most, np.int32), np.zeros(most, np.int32)
        count = self._match(first, last, rows, reached, bucket)
        return rows[:count], reached[:count], bucket[:count]

    def _match(self, first: int, last: int, rows: Vector, reached: Vector, bucket: Vector) -> int:
        n_rows = len(self.picked.rows)
        if self.query.reentry_mode == "optimized":
            kernels = compiled.pick(kernels_reentry, n_rows)
            return int(kernels.match_side_by_side(*self.inputs, first, last, rows, reached, bucket))
        aggressive = self.query.reentry_mode == "aggressive"
        kernels = compiled.pick(kernels_funnel, n_rows)
        return int(
            kernels.match(
                *self.inputs,
                kernels_funnel.AGGRESSIVE if aggressive else kernels_funnel.FOLLOWING,
                not self.plan.chained,
                self.plan.per_session,
                first,
                last,
                rows,
                reached,
                bucket,
                np.zeros(n_rows, np.int32),
            )
        )


def _pick(store: Store, plan: Plan) -> Picked:
    wanted = np.zeros(len(store.events), np.bool_)
    for match in (*plan.steps, *(match for match, _ in plan.bars)):
        wanted |= match.event_lut
    return sequence.pick(store, wanted)


def _bars_at(store: Store, plan: Plan, rows: Ints) -> Ints:
    bars = np.zeros(len(rows), np.int64)
    for match, gaps in plan.bars:
        hit = match.event_lut[store.event[rows]]
        if match.mask is not None:
            hit &= match.mask[rows]
        bars[hit] |= gaps
    return bars


def _sessions_at(store: Store, plan: Plan, rows: Ints) -> Ints:
    if not plan.sessions:
        return np.zeros(len(rows), np.int64)
    return sessions.numbers(store)[rows].astype(np.int64)


def _held_at(store: Store, query: FunnelQuery, rows: Ints) -> Ints:
    """One code for the values of all held properties, -1 where one is undefined."""
    held = np.zeros(len(rows), np.int64)
    for constant in query.holding_constant:
        codes = sequence.codes_at(store, constant.property, constant.resource_type, rows)
        missing = (held < 0) | (codes < 0)
        width = int(codes.max(initial=0)) + 1
        _, held = np.unique(held * width + codes, return_inverse=True)
        held[missing] = -1
    return held


def choose(
    store: Store, query: FunnelQuery, attempts: Attempts, groups: Ints | None, counting: Counting
) -> Ints:
    """Which of the given attempts count: one per user (or session) and group, or all.

    ``groups`` tells attempts apart that are chosen separately, such as buckets. The first attempt
    counts, or with side-by-side entries the one that got furthest.
    """
    everything = np.arange(len(attempts))
    furthest = query.reentry_mode in ("optimized", "aggressive")
    if counting == "total" or (counting == "session" and not furthest):
        return everything
    entry = attempts.rows[:, 0]
    one = store.user[entry] if counting == "unique" else sessions.numbers(store)[entry]
    keys = [one.astype(np.int64)] if groups is None else [groups, one.astype(np.int64)]
    if furthest:
        keys.insert(0, -attempts.reached.astype(np.int64))
    order = np.lexsort(keys) if furthest or groups is not None else everything
    same = np.ones(len(order), np.bool_)
    for key in keys[1:] if furthest else keys:
        ordered = key[order]
        same[1:] &= ordered[1:] == ordered[:-1]
    same[:1] = False
    return np.sort(order[~same])
