"""Funnels and retentions as metrics of insights questions (I-32).

The metric and what surrounds it go in; the question it stands for is answered per bucket, and the
asked step or bucket of it comes out as a ``Frame``. The surprise: the overall line that funnels and
retentions add to their segments is left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from mpnb.engine.duckdb import funnel, retention
from mpnb.engine.duckdb.axis import day_of
from mpnb.engine.duckdb.frame import Frame, Path
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.behavior import (
    BehaviorRef,
    FunnelBehavior,
    RetentionBehavior,
    event_part,
    exclusion_parts,
    holding_parts,
    step_parts,
)
from mpnb.query.breakdown import Breakdown
from mpnb.query.funnel import FunnelQuery
from mpnb.query.metric import FunnelMetric, RetentionMetric
from mpnb.query.retention import RetentionQuery

if TYPE_CHECKING:
    from mpnb.engine.duckdb.measure import Asked

COUNTS = ("unique", "total")
OVERALL = "$overall"


def funnel_frame(asked: Asked, metric: FunnelMetric) -> Frame:
    """A measure of one step (the last by default) of the funnel of entries in each bucket."""
    behavior = _written(metric.behavior, FunnelBehavior)
    steps, whole = step_parts(behavior.steps), asked.axis.keys == ("all",)
    query = FunnelQuery(
        steps=steps,
        conversion_window=behavior.conversion_window,
        conversion_window_unit=behavior.conversion_window_unit,
        order=behavior.order,
        exclusions=exclusion_parts(behavior.exclusions),
        holding_constant=holding_parts(behavior.holding_constant),
        reentry_mode=behavior.reentry_mode,
        math=metric.math,
        math_property=metric.property,
        unit=asked.axis.unit,  # type: ignore[arg-type]  # units of an axis are among them
        mode="steps" if whole else "trends",
        group_by=_group_by(asked),
        where=(*asked.where, *asked.frequencies),
    )
    funnel.refuse(query)
    index = len(steps) - 1 if metric.step_index is None else metric.step_index
    if index >= len(steps):
        raise QueryError(f"step_index {index} is beyond the last step, {len(steps) - 1}")
    measure = _funnel_measure(metric)

    def value(block: Mapping[str, Any]) -> Any:
        return list(block[measure].values())[index]["all"]

    def entered(block: Mapping[str, Any]) -> bool:
        return any(step["all"] for step in block["count"].values())

    found = [
        funnel.solve(asked.store, query, asked.context, *days).series for days in _stretches(asked)
    ]
    nothing = None if measure == "value" and metric.math != "total" else 0
    return _frame(asked, found, Reading(value, entered, nothing), metric.math in COUNTS)


def _funnel_measure(metric: FunnelMetric) -> str:
    if metric.math in COUNTS and metric.property is None:
        return "count"
    return "overall_conv_ratio" if metric.math.startswith("conversion_rate") else "value"


def retention_frame(asked: Asked, metric: RetentionMetric) -> Frame:
    """One bucket of the retention of the users born in each bucket of the axis."""
    behavior = _written(metric.behavior, RetentionBehavior)
    if asked.frequencies:
        raise NotSupportedError(
            "A frequency filter on a retention metric is not defined, as births and returns lie in "
            "different buckets; ask query_retention, where it counts over the whole range."
        )
    if metric.bucket_index is None or asked.axis.keys == ("all",):
        raise NotSupportedError(
            "a retention as a metric needs bucket_index and points over time in the local engine; "
            "its total is the average line of a retention question"
        )
    query = RetentionQuery(
        born_event=event_part(behavior.born_event),
        return_event=event_part(behavior.return_event),
        retention_unit=behavior.retention_unit,
        alignment=behavior.alignment,
        bucket_sizes=None if behavior.bucket_sizes is None else tuple(behavior.bucket_sizes),
        unbounded_mode=behavior.unbounded_mode,
        retention_cumulative=metric.retention_cumulative,
        math=metric.math,
        unit=asked.axis.unit,  # type: ignore[arg-type]  # units of an axis are among them
        mode="trends",
        group_by=_group_by(asked),
        where=tuple(asked.where),
    )
    numbers = "rates" if metric.math == "retention_rate" else "counts"

    def value(cohort: Mapping[str, Any]) -> Any:
        values = cohort[numbers]
        if metric.bucket_index is not None and metric.bucket_index < len(values):
            nobody = not cohort["first"] and metric.math not in COUNTS
            return None if nobody else values[metric.bucket_index]
        raise QueryError(
            f"bucket_index {metric.bucket_index} is beyond the last bucket, {len(values) - 1}, "
            "of this range"
        )

    def born(cohort: Mapping[str, Any]) -> bool:
        return bool(cohort["first"])

    found = [
        retention.solve(asked.store, query, asked.context, *days, metric.property).series
        for days in _stretches(asked)
    ]
    nothing = 0 if metric.math in COUNTS else None
    return _frame(asked, found, Reading(value, born, nothing), metric.math in COUNTS)


def _written(behavior: Any, kind: type) -> Any:
    if isinstance(behavior, BehaviorRef) or not isinstance(behavior, kind):
        raise NotSupportedError(
            f"behavior {getattr(behavior, 'id', '')} is saved in a Mixpanel project; "
            "write its events out"
        )
    return behavior


def _group_by(asked: Asked) -> tuple[Breakdown, ...]:
    return tuple(breakdown for level in asked.dimensions for breakdown in level.breakdowns)


def _stretches(asked: Asked) -> list[tuple[date, date]]:
    """First and last day of each run of buckets without a gap.

    A range that starts inside a week leaves the days before it out; whole weeks may come before
    those for a rolling mean.
    """
    axis = asked.axis
    gaps = np.flatnonzero(axis.first_days[1:] > axis.last_days[:-1] + 1) + 1
    starts = [0, *gaps.tolist()]
    ends = [*(at - 1 for at in starts[1:]), len(axis) - 1]
    return [
        (day_of(int(axis.first_days[a])), day_of(int(axis.last_days[b])))
        for a, b in zip(starts, ends, strict=True)
    ]


@dataclass(frozen=True)
class Reading:
    """What to take from a block: its value, whether anybody is in it, and a missing one's value."""

    value: Callable[[Mapping[str, Any]], Any]
    occupied: Callable[[Mapping[str, Any]], bool]
    nothing: float | None


def _frame(
    asked: Asked, solved: Sequence[Mapping[str, Any]], reading: Reading, zero: bool
) -> Frame:
    depth, blocks = len(asked.dimensions), dict[Path, list[Mapping[str, Any] | None]]()
    for series in solved:
        for path, node in _lines(series, (), depth):
            own = blocks.setdefault(path, [None] * len(asked.axis))
            for at, key in enumerate(asked.axis.keys):
                own[at] = node if key == "all" else node.get(key, own[at])
    kept = {
        path: own
        for path, own in blocks.items()
        if not path or any(block is not None and reading.occupied(block) for block in own)
    }
    values = [
        [reading.nothing if block is None else reading.value(block) for block in own]
        for own in kept.values()
    ]
    numbers = np.array(values, np.float64).reshape(len(kept), len(asked.axis))
    return Frame(list(kept), numbers, zero, (None,) * depth)


def _lines(node: Mapping[str, Any], path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    if depth == 0:
        yield path, node
        return
    for label, inner in node.items():
        if label != OVERALL:
            yield from _lines(inner, (*path, label), depth - 1)
