"""The figures of a retention: counts per cohort and bucket enter, raw cohorts and averages leave.

The surprise: ``$average`` weighs cohorts by their sizes, and leaves out those for which a bucket is
not over yet, so it differs from the pooled rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Segment = tuple[Ints, Ints, npt.NDArray[np.float64]]
"""Sizes [cohort], users and sums [cohort, bucket]."""


@dataclass(frozen=True, eq=False)
class Buckets:
    """The buckets of a retention.

    Attributes:
        bracket: the bucket of each distance from birth, in units.
        unit_ms: length of a unit when buckets roll from the birth.
        intervals: first instants of calendar intervals, when buckets follow the calendar.
        complete: [cohort, bucket], True when the last possible member's bucket is over.
    """

    bracket: Ints
    unit_ms: int
    intervals: Ints | None
    complete: npt.NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of buckets."""
        return int(self.complete.shape[1])

    def interval(self, time: Ints) -> Ints:
        """Calendar interval of each instant."""
        assert self.intervals is not None
        return np.searchsorted(self.intervals, time, "right") - 1


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts per segment, cohort and bucket.

    Attributes:
        first: [segment, cohort], users born.
        users: [segment, cohort, bucket], users that count in the bucket.
        sums: the same, sum of the values of their returns: 1 each, or those of a property.
    """

    first: Ints
    users: Ints
    sums: npt.NDArray[np.float64]

    def add(self, other: Counts) -> None:
        """Add the counts of other users."""
        self.first[...] += other.first
        self.users[...] += other.users
        self.sums[...] += other.sums

    def of(self, segment: int) -> Segment:
        """Sizes, users and sums of one segment."""
        return self.first[segment], self.users[segment], self.sums[segment]


def line(counts: Segment, keys: Sequence[str], buckets: Buckets, math: str) -> dict[str, Any]:
    """The cohorts of one segment by date, and their average."""
    first, users, sums = counts
    measured = measure(users, sums, math)
    rates = share(measured, first[:, None])
    cohorts: dict[str, Any] = {
        key: {
            "first": int(first[i]),
            "counts": [_plain(value) for value in measured[i].tolist()],
            "rates": rates[i].tolist(),
            "complete": buckets.complete[i].tolist(),
        }
        for i, key in enumerate(keys)
    }
    cohorts["$average"] = average(first, measured, buckets.complete)
    return cohorts


def measure(users: Ints, sums: Vector, math: str) -> Vector:
    """What is shown of each bucket: users, the sum of returns, or that per retained user (R-11)."""
    if math == "total":
        return sums
    return share(sums, users) if math == "average" else users


def share(part: Vector, whole: Vector) -> npt.NDArray[np.float64]:
    """Elementwise quotients, 0 where there is nothing to share."""
    out = np.zeros(np.broadcast_shapes(part.shape, whole.shape))
    return np.divide(part, whole, out=out, where=whole != 0)


def average(first: Ints, measured: Vector, complete: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Means over complete cohorts weighed by size, per bucket; null where there is none (R-7)."""
    counts: list[float | None] = []
    rates: list[float | None] = []
    for k in range(measured.shape[1]):
        sizes = np.where(complete[:, k], first, 0).astype(float)
        total = sizes.sum()
        if total == 0:
            counts.append(None)
            rates.append(None)
            continue
        weights = sizes / total
        counts.append(_plain(float((measured[:, k] * weights).sum())))
        rates.append(float((measured[:, k] * weights).sum() / (first * weights).sum()))
    everybody = float(first.sum())
    mean = float((first * (first / everybody)).sum()) if everybody else 0
    return {"first": _plain(mean), "counts": counts, "rates": rates}


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
