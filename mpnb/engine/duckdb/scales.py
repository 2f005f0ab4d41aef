"""Automatic numeric buckets that all metrics of a question share.

What surrounds the metrics enters and leaves with the buckets chosen. The surprise: a single metric
chooses its own where it is broken down; metrics that stand side by side, in a formula for instance,
and points that look at rows before the range must not each choose others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpnb.engine.duckdb import breakdowns, buckets, measure, passes
from mpnb.engine.duckdb.axis import Axis
from mpnb.engine.duckdb.dimension import Dimension
from mpnb.engine.duckdb.sources import Array
from mpnb.query.breakdown import GroupBy
from mpnb.query.metric import Metric


def shared(asked: measure.Asked, metrics: Sequence[Metric], shown: Axis) -> measure.Asked:
    """The same question with buckets that the rows of all metrics in the range choose (I-24)."""
    alone = len(metrics) == 1 and not asked.before and not asked.by_bucket
    if alone and metrics[0].math not in measure.WINDOW_DAYS:
        return asked
    found = tuple(_chosen(asked, level, metrics, shown) for level in asked.dimensions)
    return replace(asked, dimensions=found)


def _chosen(
    asked: measure.Asked, level: Dimension, metrics: Sequence[Metric], shown: Axis
) -> Dimension:
    one = level.breakdowns[0]
    if not isinstance(one, GroupBy) or not _numeric(one):
        return level
    parts = [_numbers(asked, one, metric, shown) for metric in metrics]
    some = [numbers for numbers in parts if numbers is not None]
    if not some:
        return level
    return replace(level, chosen=buckets.shared(np.concatenate(some)))


def _numeric(one: GroupBy) -> bool:
    """Whether buckets may be automatic; a custom property has a type of its own."""
    return one.bucket_size is None and not (
        isinstance(one.property, str)
        and one.property_type != "number"
        and one._list_item_mode is None
    )


def _numbers(asked: measure.Asked, one: GroupBy, metric: Metric, shown: Axis) -> Array | None:
    asked = replace(measure.counting(asked, metric), axis=shown)
    cells = passes.grid(asked.store, shown)
    sample = measure.whole(asked, metric, measure.matched(asked, metric), cells)
    within = np.zeros(asked.store.n_rows, np.bool_)
    within[sample.rows] = True
    return breakdowns.automatic(asked.store, one, within)
