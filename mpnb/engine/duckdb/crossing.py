"""Several breakdowns crossed: the segments of rows with one label per breakdown.

`Labels` of each breakdown enter, `Segments` leave. The surprise: as with one breakdown, a row may
be in several segments or in none, so there are two forms: one code per row, or pairs of row and
code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb.labels import NO_CODES, Labels
from mpnb.engine.duckdb.sources import Array, Mask

Codes = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]
Pairs = tuple[Rows, Codes]

MAX_DENSE = 1 << 20
"""Up to so many possible combinations are counted in a table, more are sorted."""


@dataclass(frozen=True, eq=False)
class Segments:
    """The segments of rows by several breakdowns: as `Labels`, with one label per breakdown."""

    codes: Codes
    paths: list[tuple[str, ...]]
    exploded: Pairs | None = None


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
