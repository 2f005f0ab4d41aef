"""Labels: which segment each row is in, and the crossing of several breakdowns.

`Labels` are made by the breakdowns and consumed by every kind of question. The surprise: a row may
be in several segments (a list value, several cohorts) or in none, so there are two forms: one code
per row with -1 for none, or pairs of row and code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb.sources import Array, Mask

Codes = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]
Pairs = tuple[Rows, Codes]


@dataclass(frozen=True, eq=False)
class Labels:
    """The segments of rows by one breakdown.

    Attributes:
        codes: index into `labels` of each row, -1 for a row in no segment; not to be used when
            `exploded` is there.
        labels: the distinct labels; some may have no rows.
        exploded: pairs (row, code), ascending, each pair once; None when a row has one segment.
        ordered: True when `labels` stand in an order of their own (numeric buckets by lower bound).
    """

    codes: Codes
    labels: list[str]
    exploded: Pairs | None = None
    ordered: bool = False

    def pairs(self, within: Mask | None = None) -> Pairs:
        """Row and code of every membership, rows ascending."""
        if self.exploded is not None:
            rows, codes = self.exploded
            kept = slice(None) if within is None else within[rows]
            return rows[kept], codes[kept]
        member = self.codes >= 0 if within is None else (self.codes >= 0) & within
        rows = np.flatnonzero(member)
        return rows, self.codes[rows]


@dataclass(frozen=True, eq=False)
class Segments:
    """The segments of rows by several breakdowns: as `Labels`, with one label per breakdown."""

    codes: Codes
    paths: list[tuple[str, ...]]
    exploded: Pairs | None = None


@dataclass(frozen=True, eq=False)
class Segments:
    """The segments of rows by several breakdowns: as `Labels`, with one label per breakdown."""

    codes: Codes
    paths: list[tuple[str, ...]]
    exploded: Pairs | None = None


NO_CODES: Codes = np.zeros(0, np.int32)
MAX_DENSE = 1 << 20
"""Up to so many combinations of labels are counted in a table, more are sorted."""
MAX_DENSE = 1 << 20


def single(codes: Array, labels: list[str], ordered: bool = False) -> Labels:
    """Labels of one segment per row."""
    return Labels(codes.astype(np.int32, copy=False), labels, ordered=ordered)


def several(rows: Rows, codes: Array, labels: list[str], ordered: bool = False) -> Labels:
    """Labels of any number of segments per row; a pair that comes twice counts once."""
    keys = np.unique(rows * len(labels) + codes) if len(rows) else np.zeros(0, np.int64)
    pairs = keys // max(len(labels), 1), (keys % max(len(labels), 1)).astype(np.int32)
    return Labels(NO_CODES, labels, pairs, ordered)


def merged(names: Sequence[str], order: Callable[[str], Any] | None) -> tuple[list[str], Codes]:
    """The distinct names, in an order of their own or as they come, and the place of each name."""
    distinct = list(dict.fromkeys(names))
    if order is not None:
        distinct.sort(key=order)
    place = {name: i for i, name in enumerate(distinct)}
    return distinct, np.array([place[name] for name in names], np.int32)


def cross(dimensions: Sequence[Labels], within: Mask | None = None) -> Segments:
    """All breakdowns nested in the given order; combinations without rows may be left out."""
    first, *others = dimensions
    found = Segments(first.codes, [(name,) for name in first.labels], first.exploded)
    for following in others:
        found = _nest(found, following, within)
    return found


def _nest(outer: Segments, inner: Labels, within: Mask | None) -> Segments:
    width = len(inner.labels)
    if outer.exploded is None and inner.exploded is None:
        both = (outer.codes >= 0) & (inner.codes >= 0)
        joined = np.where(both, outer.codes.astype(np.int64) * width + inner.codes, -1)
        return _compress(None, joined, outer, inner)
    left = Labels(outer.codes, [], outer.exploded).pairs(within)
    rows, outer_codes, inner_codes = _join(left, inner.pairs(within))
    return _compress(rows, outer_codes.astype(np.int64) * width + inner_codes, outer, inner)


def _join(left: Pairs, right: Pairs) -> tuple[Rows, Codes, Codes]:
    """Pairs of equal rows, as (row, left code, right code)."""
    starts = np.searchsorted(right[0], left[0], side="left")
    counts = np.searchsorted(right[0], left[0], side="right") - starts
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    picks = np.arange(total, dtype=np.int64) + np.repeat(starts - ends + counts, counts)
    return np.repeat(left[0], counts), np.repeat(left[1], counts), right[1][picks]


def _compress(rows: Rows | None, joined: Array, outer: Segments, inner: Labels) -> Segments:
    """Only the combinations that occur, in the order of their labels."""
    width = len(inner.labels)
    size = len(outer.paths) * width
    codes: Array
    if size <= MAX_DENSE:
        present = np.flatnonzero(np.bincount(joined[joined >= 0], minlength=size))
        lookup = np.full(size + 1, -1, np.int32)  # the last entry serves -1
        lookup[present] = np.arange(len(present))
        codes = lookup[joined]
    else:
        present, codes = np.unique(joined, return_inverse=True)
        if len(present) and present[0] < 0:
            present, codes = present[1:], codes - 1
    paths = [(*outer.paths[k // width], inner.labels[k % width]) for k in present.tolist()]
    narrow: Codes = codes.astype(np.int32, copy=False)
    return Segments(narrow, paths) if rows is None else Segments(NO_CODES, paths, (rows, narrow))
