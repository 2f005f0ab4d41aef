"""How each math type is computed from a sample: one row per math type.

A ``Sample`` and the metric go in, a ``Frame`` comes out. The surprise: property maths know no
users; they collect all numbers of a cell (``per_user`` first makes one number per user of them).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import buckets
from mpnb.engine.duckdb.frame import Frame
from mpnb.engine.duckdb.properties_of import Numbers, labelled, numbers, touches, value_codes
from mpnb.engine.duckdb.sample import Sample, distinct_users
from mpnb.engine.duckdb.values import NOT_SET
from mpnb.errors import QueryError
from mpnb.query.metric import Metric

Flat = npt.NDArray[np.float64]
Aggregate = Callable[[Numbers, int], Flat]
"""Numbers with their cells, and the number of cells, to one number per cell (NaN for null)."""


@dataclass(frozen=True)
class Math:
    """How one math type is computed.

    Attributes:
        compute: from a sample to a frame.
        aggregate: how it sums numbers up, for maths that take a property.
        zero: True where nothing to count is 0, False where it is null.
    """

    compute: Callable[[Sample, Metric], Frame]
    aggregate: Aggregate | None = None
    zero: bool = True


def compute(sample: Sample, metric: Metric) -> Frame:
    """The frame of a metric over its sample."""
    return MATHS[metric.math].compute(sample, metric)


def _sum(found: Numbers, n_cells: int) -> Flat:
    return np.bincount(found.cell, found.value, n_cells).astype(np.float64)


def _average(found: Numbers, n_cells: int) -> Flat:
    counts = np.bincount(found.cell, minlength=n_cells)
    with np.errstate(invalid="ignore"):
        return np.asarray(_sum(found, n_cells) / counts, np.float64)


def _extreme(found: Numbers, n_cells: int, join: Any) -> Flat:
    values = np.full(n_cells, np.nan)
    join.at(values, found.cell, found.value)
    return values


def _by_cell(found: Numbers, n_cells: int) -> npt.NDArray[np.intp]:
    """Order of the numbers by cell, then value; small cell numbers are sorted by radix."""
    if n_cells > np.iinfo(np.uint16).max:
        return np.lexsort((found.value, found.cell))
    order = np.argsort(found.value)
    return order[np.argsort(found.cell[order].astype(np.uint16), kind="stable")]


def percentile(found: Numbers, n_cells: int, percent: float) -> Flat:
    """Linear interpolation between order statistics, per cell (I-7).

    Raises:
        QueryError: the percentile is none, which reports may hold all the same.
    """
    if not 0 <= percent <= 100:
        raise QueryError(f"A percentile lies between 0 and 100, not at {percent}.")
    ordered = np.append(found.value[_by_cell(found, n_cells)], np.nan)
    counts = np.bincount(found.cell, minlength=n_cells)
    first = np.cumsum(counts) - counts
    height = (np.maximum(counts, 1) - 1) * (percent / 100)
    below = np.floor(height).astype(np.int64)
    low = ordered[first + below]
    high = ordered[np.minimum(first + below + 1, first + np.maximum(counts, 1) - 1)]
    return np.where(counts > 0, low + (height - below) * (high - low), np.nan)


def _total(sample: Sample, metric: Metric) -> Frame:
    if metric.property is not None or metric.per_user is not None:
        return _aggregated(sample, metric)
    counts = np.bincount(once(sample).cell, minlength=sample.n_cells)
    return sample.frame(counts.astype(np.float64), zero=True)


def once(sample: Sample) -> Sample:
    """Each event once per cell; where groups stand for users an event may have several rows."""
    if sample.store.event_id is None:
        return sample
    keys = sample.store.event_id[sample.rows].astype(np.int64) * sample.n_cells + sample.cell
    _, first = np.unique(keys, return_index=True)
    return sample.where(np.sort(first))


def _unique(sample: Sample, metric: Metric) -> Frame:
    if metric.per_user is not None:
        return _aggregated(sample, replace(metric, math="total"))
    return sample.frame(distinct_users(sample).astype(np.float64), zero=True)


def _cumulative_unique(sample: Sample, metric: Metric) -> Frame:
    """Users counted in the bucket of their first row in the range, then summed up."""
    known = sample.where(sample.known)
    _, first = np.unique(known.user * len(known.paths) + known.code, return_index=True)
    counts = np.bincount(known.cell[first], minlength=sample.n_cells).astype(np.float64)
    frame = sample.frame(counts, zero=True)
    return frame.with_values(np.cumsum(frame.values, axis=1))


def _aggregated(sample: Sample, metric: Metric) -> Frame:
    """Property maths: a number per cell of all its numbers."""
    row = MATHS[metric.math]
    aggregate = row.aggregate
    if metric.math == "percentile":
        aggregate = partial(percentile, percent=_percent(metric))
    if metric.per_user is not None and metric.property is None:
        # Frequency per user: the rows are counted per user, and per_user sums the counts up.
        row = MATHS["total" if metric.per_user == "unique_values" else metric.per_user]
        aggregate = _distinct if metric.per_user == "unique_values" else row.aggregate
    if aggregate is None:
        raise QueryError(f"math {metric.math!r} cannot be combined with per_user")
    return sample.frame(aggregate(stage_one(sample, metric), sample.n_cells), row.zero)


def _distinct(found: Numbers, n_cells: int) -> Flat:
    order = np.lexsort((found.value, found.cell))
    cell, value = found.cell[order], found.value[order]
    new = np.ones(len(cell), np.bool_)
    new[1:] = (cell[1:] != cell[:-1]) | (value[1:] != value[:-1])
    return np.bincount(cell[new], minlength=n_cells).astype(np.float64)


def _percent(metric: Metric) -> float:
    if metric.percentile_value is None:
        raise QueryError("math 'percentile' needs percentile_value, from 0 to 100")
    return float(metric.percentile_value)


def stage_one(sample: Sample, metric: Metric) -> Numbers:
    """The numbers that a math sums up: those of the rows, or one per user with ``per_user``."""
    if metric.per_user is None:
        if metric.property is None:
            raise QueryError(f"math {metric.math!r} needs a property")
        return numbers(once(sample), metric.property)
    known = sample.where(sample.known)
    keys, who = np.unique(known.user * known.n_cells + known.cell, return_inverse=True)
    cells = keys % max(known.n_cells, 1)
    if metric.property is None:
        return Numbers(cells, np.bincount(who, minlength=len(keys)).astype(np.float64), None)
    if metric.per_user == "unique_values":
        at, codes, n_values = value_codes(known, metric.property)
        pairs = np.unique(who[at] * n_values + codes)
        counts = np.bincount(pairs // n_values, minlength=len(keys))
        return Numbers(cells, counts.astype(np.float64), None)
    found = numbers(known, metric.property)
    aggregate = MATHS[metric.per_user].aggregate
    assert aggregate is not None
    assert found.at is not None
    own = Numbers(who[found.at], found.value, None)
    with_number = np.bincount(own.cell, minlength=len(keys)) > 0
    per_user = aggregate(own, len(keys))
    return Numbers(cells[with_number], per_user[with_number], None)


def _unique_values(sample: Sample, metric: Metric) -> Frame:
    assert metric.property is not None
    at, codes, n_values = value_codes(sample, metric.property)
    pairs = np.unique(sample.cell[at] * n_values + codes)
    counts = np.bincount(pairs // n_values, minlength=sample.n_cells)
    return sample.frame(counts.astype(np.float64), zero=True)


def _most_frequent(sample: Sample, metric: Metric) -> Frame:
    """The label with the most rows; of equal ones the first in text order."""
    assert metric.property is not None
    entries, codes, labels = labelled(once(sample), metric.property)
    order = sorted(range(len(labels)), key=labels.__getitem__)
    rank = np.empty(len(labels), np.int64)
    rank[order] = np.arange(len(labels))
    counts = np.zeros((sample.n_cells, max(len(labels), 1)), np.int64)
    np.add.at(counts, (entries.cell, rank[codes]), 1)
    values = np.full(sample.n_cells, None, object)
    for cell in np.flatnonzero(counts.any(axis=1)).tolist():
        values[cell] = labels[order[int(counts[cell].argmax())]]
    return sample.frame(values, zero=False)


def _first_value(sample: Sample, metric: Metric) -> Frame:
    """Users by the first defined value of theirs in the bucket, as a further level of segments."""
    assert metric.property is not None
    entries, codes, labels = labelled(sample.where(sample.known), metric.property)
    _, first = np.unique(entries.user * entries.n_cells + entries.cell, return_index=True)
    return _by_label(entries.where(first), codes[first], labels, None)


def _by_label(
    sample: Sample, codes: npt.NDArray[Any], labels: list[str], order: dict[str, float] | None
) -> Frame:
    """Number of entries per cell and label; labels become a further level of the paths."""
    width = max(len(labels), 1)
    keys = sample.code * width + codes
    present, code = np.unique(keys, return_inverse=True)
    cell = code * sample.n_buckets + sample.bucket
    counts = np.bincount(cell, minlength=len(present) * sample.n_buckets).astype(np.float64)
    paths = [(*sample.paths[k // width], labels[k % width]) for k in present.tolist()]
    values = counts.reshape(len(present), sample.n_buckets)
    return Frame(paths, values, True, (*sample.orders, order))


def _histogram(sample: Sample, metric: Metric) -> Frame:
    """Users (or rows) by their number, in numeric buckets chosen over the whole range."""
    found = stage_one(sample, metric)
    inside = found.cell % max(sample.n_buckets, 1) >= sample.before
    codes, labels = buckets.group(found.value, buckets.shared(found.value[inside]), None)
    entries = replace(
        sample,
        rows=np.zeros(len(found.cell), np.int64),
        code=found.cell // max(sample.n_buckets, 1),
        bucket=found.cell % max(sample.n_buckets, 1),
    )
    return _by_label(entries, codes, labels, {name: i for i, name in enumerate(labels)})


def _numeric_summary(sample: Sample, metric: Metric) -> Frame:
    """Count, sum, mean and population variance, as a further level of segments."""
    found, n_cells = stage_one(sample, metric), sample.n_cells
    counts = np.bincount(found.cell, minlength=n_cells).astype(np.float64)
    mean = _average(found, n_cells)
    off = Numbers(found.cell, (found.value - mean[found.cell]) ** 2, None)
    facts = {
        "count": counts,
        "sum": _sum(found, n_cells),
        "mean": mean,
        "variance": _average(off, n_cells),
    }
    paths = [(*path, name) for path in sample.paths for name in facts]
    values = np.stack([fact.reshape(-1, sample.n_buckets) for fact in facts.values()], axis=1)
    order = {name: i for i, name in enumerate(facts)}
    return Frame(paths, values.reshape(-1, sample.n_buckets), False, (*sample.orders, order))


def _multi_attribution(sample: Sample, metric: Metric) -> Frame:
    """Conversions by the value of the property on the last touch in the 30 days before."""
    assert metric.property is not None
    entries, touched = touches(once(sample), metric.property)
    missing = entries.where(touched < 0)
    credited = replace(entries.where(touched >= 0), rows=touched[touched >= 0])
    found, codes, labels = labelled(credited, metric.property)
    joined = replace(
        found,
        rows=np.concatenate([found.rows, missing.rows]),
        bucket=np.concatenate([found.bucket, missing.bucket]),
        code=np.concatenate([found.code, missing.code]),
    )
    none = np.full(len(missing.rows), len(labels), np.int64)
    return _by_label(joined, np.concatenate([codes, none]), [*labels, NOT_SET], None)


def _property(aggregate: Aggregate) -> Math:
    return Math(_aggregated, aggregate, zero=False)


MATHS: dict[str, Math] = {
    "total": Math(_total, _sum),
    "unique": Math(_unique),
    "dau": Math(_unique),
    "wau": Math(_unique),
    "mau": Math(_unique),
    "cumulative_unique": Math(_cumulative_unique),
    "average": _property(_average),
    "median": _property(partial(percentile, percent=50)),
    "min": _property(partial(_extreme, join=np.fmin)),
    "max": _property(partial(_extreme, join=np.fmax)),
    "p25": _property(partial(percentile, percent=25)),
    "p75": _property(partial(percentile, percent=75)),
    "p90": _property(partial(percentile, percent=90)),
    "p99": _property(partial(percentile, percent=99)),
    "percentile": Math(_aggregated, zero=False),
    "histogram": Math(_histogram),
    "unique_values": Math(_unique_values),
    "most_frequent": Math(_most_frequent, zero=False),
    "first_value": Math(_first_value),
    "multi_attribution": Math(_multi_attribution),
    "numeric_summary": Math(_numeric_summary, zero=False),
}
"""Every math type that works on rows; ``sessions`` is counted in ``measure``."""

ADDED_LEVELS = {
    "first_value": "$value",
    "histogram": "$bucket",
    "multi_attribution": "$touch",
    "numeric_summary": "$summary",
}
"""Maths whose answer has a further level of segments, and the header of that level."""
