"""Funnels and retentions as metrics of insights (I-32)."""

from __future__ import annotations

from typing import Any

from tests.engine.oracle.calendar import Bucket
from tests.engine.oracle.cohorts import members
from tests.engine.oracle.data import World
from tests.engine.oracle.filters import Filters
from tests.engine.oracle.funnels import Figures, Funnel
from tests.engine.oracle.retentions import Retention
from tests.engine.oracle.words import Part

Series = dict[tuple[str, ...], list[Any]]


def points(here: World, asked: Part, metric: Part, buckets: list[Bucket]) -> Series:
    """A value per segment and bucket."""
    if metric.kind == "FunnelMetric":
        return _funnel(here, asked, metric, buckets)
    if metric.kind == "RetentionMetric":
        return _retention(here, asked, metric, buckets)
    if asked.group_by is not None:
        raise NotImplementedError("a cohort's size with a breakdown")
    filters = Filters(here)
    return {(): [len(members(filters, metric["cohort"], bucket.end - 1)) for bucket in buckets]}


def _around(asked: Part) -> dict[str, Any]:
    return {name: asked[name] for name in ("group_by", "where") if asked.get(name) is not None}


def _funnel(here: World, asked: Part, metric: Part, buckets: list[Bucket]) -> Series:
    measure = {name: metric[name] for name in ("math",) if metric.get(name) is not None}
    if metric.property is not None:
        measure["math_property"] = metric["property"]
    part = Part("query_funnel", {**metric["behavior"], **measure, **_around(asked)})
    funnel = Funnel(here, part)
    funnel.look(buckets)
    found = [funnel.counted(bucket) for bucket in buckets]
    return {
        segment: [_of_step(funnel.figures(some.get(segment, [])), metric) for some in found]
        for segment in _segments(found, bool(funnel.parts))
    }


def _of_step(figures: Figures, metric: Part) -> Any:
    at = len(figures.counts) - 1 if metric.step_index is None else metric["step_index"]
    if metric.property is not None:
        return figures.values[at]
    return figures.counts[at] if metric.math in ("unique", "total") else figures.overall[at]


def _segments(found: list[dict[tuple[str, ...], Any]], split: bool) -> list[tuple[str, ...]]:
    every = dict.fromkeys(segment for some in found for segment in some)
    return [segment for segment in every if segment] if split else [()]


def _retention(here: World, asked: Part, metric: Part, buckets: list[Bucket]) -> Series:
    at = metric["bucket_index"]
    measure = {
        "math": metric.get("math", "retention_rate"),
        "retention_cumulative": metric.retention_cumulative,
        "property": metric.property,
        "bucket_sizes": metric["behavior"].bucket_sizes or [1] * (at + 1),
    }
    days = here.calendar.range(asked, here.now)
    part = Part("query_retention", {**metric["behavior"], **measure, **_around(asked)})
    retention = Retention(here, part, days)
    retention.cohorts = buckets
    retention.span = Bucket("", buckets[0].start, buckets[-1].end)
    blocks = retention.blocks(list(map(str, range(len(buckets)))))
    rates, found = measure["math"] == "retention_rate", {}
    nothing = 0 if measure["math"] in ("unique", "total") else None
    for segment, block in blocks.items():
        if bool(segment) == bool(retention.parts):
            found[segment] = [
                (c.rates if rates else c.counts)[at] if c.first else nothing
                for c in block.cohorts.values()
            ]
    return found
