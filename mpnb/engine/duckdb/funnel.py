"""Funnel questions: how many attempts reach each step, and how long it takes (section 7).

A store and a question enter, the raw answer leaves. The surprise: filters of the question act after
matching. Attempts are made of all rows and then dropped whole, judged by the first defined value of
the property along them; the answer's meta says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from mpnb.engine.duckdb import attempts as attempts_of
from mpnb.engine.duckdb import axis, envelope, passes, segments, sequence
from mpnb.engine.duckdb import funnel_figures as figures_of
from mpnb.engine.duckdb.attempts import Attempts, Counting
from mpnb.engine.duckdb.axis import Axis
from mpnb.engine.duckdb.compare import compared
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.dimension import Dimension, dimensions
from mpnb.engine.duckdb.funnel_figures import Block, Figures
from mpnb.engine.duckdb.segments import Path, Split
from mpnb.engine.duckdb.sequence import Ints
from mpnb.engine.duckdb.sources import Mask
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError
from mpnb.query.behavior import BehaviorRef
from mpnb.query.breakdown import FrequencyBreakdown
from mpnb.query.funnel import FunnelQuery

COUNTING: dict[str, Counting] = {
    "conversion_rate_unique": "unique",
    "unique": "unique",
    "conversion_rate_session": "session",
}
"""What each measure counts; all others count total attempts."""

RATES = ("conversion_rate_unique", "conversion_rate_total", "conversion_rate_session", "unique")
"""Measures that never look at a property."""

NOTES = {
    "attribution": "A breakdown or filter property has its first defined value along the attempt.",
    "filters": "Filters of the question act on finished attempts, not on events.",
}


def answer(store: Store, query: FunnelQuery, ctx: Context) -> dict[str, Any]:
    """The raw answer of a funnel question.

    Raises:
        NotSupportedError: a saved funnel, or a rule that the local engine does not have.
    """
    refuse(query)
    names = [step.event for step in attempts_of.steps_of(query)]
    names += [exclusion.event for exclusion in query.exclusions]
    store = sequence.scope(store, query.data_group_id, names)
    first, last = axis.between(store, query.range)
    found = solve(store, query, ctx, first, last)
    headers = ["$funnel", *(level.name for level in dimensions(query.group_by))]
    other = _comparison(store, query, ctx, first, last)
    raw = envelope.answer(
        store,
        found.axis,
        headers,
        {series_name(query): found.series},
        cut=found.cut,
        comparison=other,
    )
    raw["meta"] |= {"notes": NOTES, **found.meta}
    return raw


def refuse(query: FunnelQuery) -> None:
    """Raise for what has no local answer."""
    if isinstance(query.steps, BehaviorRef):
        raise NotSupportedError(
            f"Funnel {query.steps.id} is saved in a Mixpanel project; write its steps out."
        )
    if any(isinstance(breakdown, FrequencyBreakdown) for breakdown in query.group_by):
        raise NotSupportedError(
            "The local engine does not break a funnel down by how often users did an event: what "
            "is counted between two steps is defined for Mixpanel's own reports only. Filter "
            "with FrequencyFilter in where, or break down by a CohortBreakdown."
        )


def series_name(query: FunnelQuery) -> str:
    """What the funnel is called in an answer."""
    steps = [step.label or step.event for step in attempts_of.steps_of(query)]
    return f"{steps[0]} through {steps[-1]}"


def _comparison(
    store: Store, query: FunnelQuery, ctx: Context, first: date, last: date
) -> dict[str, Any] | None:
    """The same funnel with entries from the compared range (FN-21)."""
    if query.time_comparison is None:
        return None
    start, end = compared(query.time_comparison, first, last)
    other = solve(store, query, ctx, start, end)
    return {
        "date_range": axis.date_range(store, start, end),
        "series": {series_name(query): other.series},
    }


@dataclass(frozen=True, eq=False)
class Solution:
    """A funnel over one range."""

    axis: Axis
    series: dict[str, Any]
    cut: bool
    meta: dict[str, Any]


def solve(store: Store, query: FunnelQuery, ctx: Context, first: date, last: date) -> Solution:
    """Match, choose, filter and count the attempts with entries in a range."""
    shown = axis.whole(store, first, last)
    if query.mode != "steps":
        shown = axis.build(store, first, last, query.unit)
    counting = COUNTING.get(query.math, "total")
    edges = _edges(shown) if query.mode == "trends" else _edges(axis.whole(store, first, last))
    plan = attempts_of.plan(store, query, edges, counting, bool(query.group_by))
    everything = attempts_of.find(store, query, plan, _labels(store, query, counting))
    ctx.note(f"pass: attempts of {series_name(query)}")
    case = _Case(store, query, shown, counting, everything, edges)
    return case.split(ctx) if query.group_by else case.plain()


def _labels(store: Store, query: FunnelQuery, counting: Counting) -> passes.Segments | None:
    """The labels of rows where one attempt counts per user and label, by one plain breakdown."""
    levels = dimensions(query.group_by)
    return levels[0].direct(store) if counting == "unique" and len(levels) == 1 else None


def _edges(shown: Axis) -> Ints:
    return np.append(shown.starts_ms, shown.ends_ms[-1]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Case:
    """Attempts on their way to an answer."""

    store: Store
    query: FunnelQuery
    shown: Axis
    counting: Counting
    attempts: Attempts
    edges: Ints

    @property
    def labels(self) -> list[str]:
        steps = attempts_of.steps_of(self.query)
        return [f"{k}. {step.label or step.event}" for k, step in enumerate(steps, start=1)]

    def plain(self) -> Solution:
        return Solution(self.shown, self.series(self.overall()), False, {})

    def overall(self) -> Attempts:
        """The attempts that count without a breakdown, filtered."""
        groups = self.attempts.bucket.astype(np.int64) if self.query.mode == "trends" else None
        return self.filtered(self.attempts.take(self.choose(self.attempts, groups)))

    def choose(self, attempts: Attempts, groups: Ints | None) -> Ints | slice:
        return attempts_of.choose(self.store, self.query, attempts, groups, self.counting)

    def filtered(self, attempts: Attempts) -> Attempts:
        if not self.query.where:
            return attempts
        return attempts.take(self.kept(attempts))

    def kept(self, attempts: Attempts) -> Mask:
        """Which attempts pass the question's filters."""
        where, rows = self.query.where, attempts.rows
        return sequence.keep(self.store, where, rows, self.edges, attempts.bucket)

    def split(self, ctx: Context) -> Solution:
        """Segments beside the overall line; a user may enter once in each (FN-17)."""
        levels: list[Dimension] = dimensions(self.query.group_by)
        found = segments.split(self.store, levels, self.attempts.rows)
        members = self.attempts if found.whole else self.attempts.take(found.member)
        groups = found.code * len(self.shown) + members.bucket
        chosen = self.choose(members, groups)
        members, code = members.take(chosen), found.code[chosen]
        if self.query.where:
            kept = self.kept(members)
            members, code = members.take(kept), code[kept]
        weights = np.bincount(code, minlength=len(found.paths))
        order, cut = segments.rank(found.paths, weights, found.orders, ctx.max_segments)
        return self._segments(found, members, code, order, cut)

    def _segments(
        self, found: Split, members: Attempts, code: Ints, order: list[int], cut: bool
    ) -> Solution:
        place = np.full(len(found.paths) + 1, -1, np.int64)
        place[order] = np.arange(len(order))
        shown = place[code] >= 0
        members, code = members.take(shown), place[code[shown]]
        overall = self.overall()
        paths = [found.paths[i] for i in order]
        leaves = list(self.leaves(members, code, len(paths)))
        depth = len(dimensions(self.query.group_by))
        series = segments.nest(paths, leaves, self.series(overall), depth)
        meta = {"significance": self._significance(paths, members, code, overall)}
        return Solution(self.shown, series, cut, meta)

    def _significance(
        self, paths: list[Path], members: Attempts, code: Ints, overall: Attempts
    ) -> dict[str, float | None]:
        last = overall.rows.shape[1]
        entries = np.bincount(code, minlength=len(paths)).tolist()
        done = np.bincount(code[members.reached == last], minlength=len(paths)).tolist()
        conversions = int(np.count_nonzero(overall.reached == last))
        logs = figures_of.log_factorials(len(overall))
        return {
            " | ".join(path): figures_of.significance(n, k, len(overall), conversions, logs)
            for path, n, k in zip(paths, entries, done, strict=True)
        }

    def series(self, attempts: Attempts) -> dict[str, Any]:
        """The one line of attempts that belong together."""
        return next(self.leaves(attempts, np.zeros(len(attempts), np.int64), 1))

    def leaves(self, attempts: Attempts, code: Ints, n_codes: int) -> Iterator[dict[str, Any]]:
        """What stands below each segment: measures, or measures by date."""
        whole = self.figures(attempts, code, n_codes) if self.query.mode != "trends" else None
        if self.query.mode == "steps":
            assert whole is not None
            yield from (figures_of.block(self.labels, whole, i) for i in range(n_codes))
            return
        size = len(self.shown)
        entered = self.shown.bucket(self.store.time[attempts.rows[:, 0]]).astype(np.int64)
        dated = self.figures(attempts, code * size + entered, n_codes * size)
        for i in range(n_codes):
            yield self._trend(dated, i * size, None if whole is None else (whole, i))

    def _trend(
        self, dated: Figures, first: int, whole: tuple[Figures, int] | None
    ) -> dict[str, Any]:
        """Trends are blocks by date; a table is one block with dates beside ``all``."""
        if whole is None:
            return {
                key: figures_of.block(self.labels, dated, first + i)
                for i, key in enumerate(self.shown.keys)
            }
        table: Block = figures_of.block(self.labels, *whole)
        for i, key in enumerate(self.shown.keys):
            for measure, steps in figures_of.block(self.labels, dated, first + i, key).items():
                for label, cell in steps.items():
                    table[measure][label] |= cell
        return table

    def figures(self, attempts: Attempts, groups: Ints, n_groups: int) -> Figures:
        spec, values = self.query.math_property, None
        if spec is not None and self.query.math not in RATES:
            values = figures_of.property_values(
                self.store, attempts, groups, n_groups, self.query.math, spec
            )
        return figures_of.figures(self.store, attempts, groups, n_groups, values)


def trend(store: Store, query: FunnelQuery, ctx: Context) -> dict[str, Any]:
    """The funnel of each bucket on its own, for a funnel that is a metric of insights (I-32)."""
    return answer(store, replace(query, mode="trends", time_comparison=None), ctx)
