"""Funnels and retentions as metrics of insights questions (I-32).

The metric and what surrounds it go in; the question it stands for is answered per bucket, and the
asked step or bucket of it comes out as a ``Frame``. The surprise: the overall line that funnels and
retentions add to their segments is left out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from mpnb.engine.duckdb import funnel, retention
from mpnb.engine.duckdb.axis import day_of, midnight
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
    whole = asked.axis.keys == ("all",)
    query = FunnelQuery(
        steps=step_parts(behavior.steps),
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
    found = funnel.solve(asked.store, query, asked.context, *_range(asked))
    measure = _funnel_measure(metric)

    def value(block: Mapping[str, Any]) -> Any:
        steps = list(block[measure].values())
        index = len(steps) - 1 if metric.step_index is None else metric.step_index
        if index >= len(steps):
            raise QueryError(f"step_index {index} is beyond the last step, {len(steps) - 1}")
        return steps[index]["all"]

    return _frame(asked, found.series, value, metric.math in COUNTS)


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
    found = retention.solve(asked.store, query, asked.context, *_range(asked), metric.property)
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

    return _frame(asked, found.series, value, metric.math in COUNTS)


def _written(behavior: Any, kind: type) -> Any:
    if isinstance(behavior, BehaviorRef) or not isinstance(behavior, kind):
        raise NotSupportedError(
            f"behavior {getattr(behavior, 'id', '')} is saved in a Mixpanel project; "
            "write its events out"
        )
    return behavior


def _group_by(asked: Asked) -> tuple[Breakdown, ...]:
    return tuple(breakdown for level in asked.dimensions for breakdown in level.breakdowns)


def _range(asked: Asked) -> tuple[date, date]:
    """First and last day; buckets before a range that starts inside one cannot be asked at once."""
    axis = asked.axis
    first = day_of(int(axis.first_days[0]))
    if axis.unit == "hour" and int(axis.starts_ms[0]) != midnight(asked.store.timezone, first):
        raise NotSupportedError("rolling hours of a funnel or retention metric are not there")
    if (axis.first_days[1:] != axis.last_days[:-1] + 1).any() and axis.unit != "hour":
        raise NotSupportedError(
            "rolling a funnel or retention metric needs a range that starts with a whole "
            f"{axis.unit}"
        )
    return first, axis.to_date


def _frame(asked: Asked, series: Mapping[str, Any], value: Any, zero: bool) -> Frame:
    depth = len(asked.dimensions)
    lines = list(_lines(series, (), depth))
    values = [_points(asked, node, value) for _, node in lines]
    shape = len(lines), len(asked.axis)
    numbers = np.array(values, np.float64).reshape(shape)
    return Frame([path for path, _ in lines], numbers, zero, (None,) * depth)


def _lines(node: Mapping[str, Any], path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    if depth == 0:
        yield path, node
        return
    for label, inner in node.items():
        if label != OVERALL:
            yield from _lines(inner, (*path, label), depth - 1)


def _points(asked: Asked, node: Mapping[str, Any], value: Any) -> list[float]:
    keys = asked.axis.keys
    blocks = [node] if keys == ("all",) else [node[key] for key in keys]
    return [np.nan if found is None else float(found) for found in map(value, blocks)]
