"""The numbers of one metric while they are worked on: segments by buckets.

Frames come from measurements and go through formulas, rolling means and running sums to the raw
answer. The surprise: a number that is not there is NaN (None in frames of texts or summaries), and
``zero`` says what a segment that a metric lacks would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.errors import NotSupportedError

Path = tuple[str, ...]
"""Labels of a segment, one per breakdown; empty without one."""

Order = Mapping[str, float] | None
"""Rank of each label of a level that has an order of its own (numeric buckets), else None."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Values of one metric.

    Attributes:
        paths: the segments.
        values: array of [segments, buckets]; float64 with NaN for null, or objects.
        zero: True for counts and sums, where nothing to count is 0; False where it is null.
        orders: per level of the paths, the order of its labels where it has one.
        levels: names of levels that the measurement itself adds behind the breakdowns.
    """

    paths: list[Path]
    values: npt.NDArray[Any]
    zero: bool
    orders: tuple[Order, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """True when the values are numbers (or null)."""
        return self.values.dtype != object

    def with_values(self, values: npt.NDArray[Any]) -> Frame:
        """The same segments with other values."""
        return replace(self, values=values)

    def kept(self, rows: Sequence[int]) -> Frame:
        """Only some of the segments, in the given order."""
        picked = np.asarray(rows, np.int64)
        return replace(self, paths=[self.paths[i] for i in rows], values=self.values[picked])

    def weights(self) -> npt.NDArray[np.float64]:
        """Sum of each segment over the buckets, by which segments are ranked."""
        if self.numeric:
            return np.asarray(np.nansum(self.values, axis=1), np.float64)
        return np.zeros(len(self.paths))

    def need_numbers(self, what: str) -> None:
        """Refuse series operations on texts and summaries."""
        if not self.numeric:
            raise NotSupportedError(
                f"{what} needs numbers, and this measurement gives texts or summaries; "
                "ask for it in a question of its own"
            )


def empty(n_buckets: int, zero: bool, depth: int = 0) -> Frame:
    """A frame without breakdown: one segment with nothing in it; with one: no segment."""
    fill = 0.0 if zero else np.nan
    return Frame([()] if depth == 0 else [], np.full((depth == 0, n_buckets), fill), zero)


def ranked(frame: Frame) -> Frame:
    """Segments by descending sum, then label; numeric buckets by lower bound; level by level."""
    weights = frame.weights()
    groups: dict[Path, float] = {}
    for path, weight in zip(frame.paths, weights, strict=True):
        for depth in range(1, len(path) + 1):
            groups[path[:depth]] = groups.get(path[:depth], 0.0) + float(weight)
    orders = (*frame.orders, *(None for _ in range(len(frame.paths[0]) if frame.paths else 0)))

    def key(index: int) -> tuple[tuple[float, str], ...]:
        path = frame.paths[index]
        return tuple(
            (-groups[path[: level + 1]] if order is None else order.get(name, np.inf), name)
            for level, (name, order) in enumerate(zip(path, orders, strict=False))
        )

    return frame.kept(sorted(range(len(frame.paths)), key=key))


def limited(frame: Frame, limit: int) -> tuple[Frame, bool]:
    """The first ``limit`` segments by sum, then label, and whether any was left out."""
    if len(frame.paths) <= limit:
        return frame, False
    weights = frame.weights()
    best = sorted(range(len(frame.paths)), key=lambda i: (-weights[i], frame.paths[i]))[:limit]
    return frame.kept(sorted(best)), True


def rolling(frame: Frame, size: int, shown: int) -> Frame:
    """Mean of each bucket and the ``size - 1`` before it, of the last ``shown`` buckets.

    Periods without a value are left out of the mean (counts always have one).
    """
    frame.need_numbers("rolling")
    defined = ~np.isnan(frame.values)
    sums = _moving(np.where(defined, frame.values, 0.0), size, shown)
    counts = _moving(defined.astype(float), size, shown)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(counts > 0, sums / counts, np.nan)
    return frame.with_values(means)


def _moving(values: npt.NDArray[Any], size: int, shown: int) -> npt.NDArray[Any]:
    first = values.shape[1] - shown
    columns = [values[:, i - size + 1 : i + 1].sum(axis=1) for i in range(first, first + shown)]
    return np.stack(columns, axis=1)


def cumulative(frame: Frame) -> Frame:
    """Running sums from the first bucket on; nulls add nothing."""
    frame.need_numbers("cumulative")
    return frame.with_values(np.cumsum(np.nan_to_num(frame.values), axis=1))


def stacked(frames: Sequence[Frame]) -> Frame:
    """Frames of one bucket each, side by side; a segment that one lacks is 0 (or null) there."""
    first = frames[0]
    paths = list(dict.fromkeys(path for frame in frames for path in frame.paths))
    place = {path: i for i, path in enumerate(paths)}
    values = np.full((len(paths), len(frames)), 0.0 if first.zero else np.nan)
    for bucket, frame in enumerate(frames):
        for path, value in zip(frame.paths, frame.values[:, 0].tolist(), strict=True):
            values[place[path], bucket] = value
    orders = max((frame.orders for frame in frames), key=len)
    return replace(first, paths=paths, values=values, orders=orders)
