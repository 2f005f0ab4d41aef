"""Labels: which segment each row is in.

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


NO_CODES: Codes = np.zeros(0, np.int32)


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
