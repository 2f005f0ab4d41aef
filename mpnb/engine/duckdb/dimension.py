"""Breakdowns as dimensions: from rows and their buckets to codes of labels.

``dimensions`` turns the breakdowns of a question into dimensions. The surprise: all cohort
breakdowns of a question make one flat dimension together, and a frequency breakdown depends on the
bucket a row is in, so it can only be worked out once the rows are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import frequency, passes, properties
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.breakdowns import Chosen
from mpnb.engine.duckdb.caches import cached
from mpnb.engine.duckdb.labels import Labels
from mpnb.engine.duckdb.passes import Grid
from mpnb.engine.duckdb.values import label
from mpnb.query.breakdown import Breakdown, CohortBreakdown, FrequencyBreakdown, GroupBy
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertySpec

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Ints = npt.NDArray[np.int64]

MAX_CROSSED = 1 << 16
"""Up to so many combinations of labels have a code per row."""


@dataclass(frozen=True)
class Coded:
    """Codes of rows by one dimension.

    Attributes:
        labels: the distinct labels.
        codes: code of each entry.
        at: which of the given rows each entry is; None when entry i is row i.
        ordered: True when the labels stand in an order of their own.
    """

    labels: list[str]
    codes: Ints
    at: Ints | None
    ordered: bool


@dataclass(frozen=True)
class Dimension:
    """One level of segments: a breakdown, or all cohort breakdowns together.

    `chosen` are the automatic numeric buckets of a question, where several parts of it share them.
    """

    breakdowns: tuple[Breakdown, ...]
    chosen: Chosen | None = None

    @property
    def name(self) -> str:
        """The header of the level."""
        return " / ".join(name_of(breakdown) for breakdown in self.breakdowns)

    @property
    def by_bucket(self) -> bool:
        """True when the segment of a row depends on its bucket."""
        return isinstance(self.breakdowns[0], FrequencyBreakdown)

    def of(self, store: Store, rows: Ints, bucket: Ints, cells: Grid) -> Coded:
        """The codes of some rows, which are ascending but may repeat."""
        first = self.breakdowns[0]
        if isinstance(first, FrequencyBreakdown):
            codes, labels = frequency.labels(store, first, rows, bucket, cells)
            return Coded(labels, codes, None, True)
        plain = self.direct(store)
        if plain is not None:
            return Coded(plain.labels, plain.of(rows), None, False)
        parts = [_at(self.labels(store, one, rows), rows) for one in self.breakdowns]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def direct(self, store: Store) -> passes.Segments | None:
        """Segments by the text of one event property without lists; None for anything else."""
        first, *more = self.breakdowns
        if more or not isinstance(first, GroupBy) or first != GroupBy(first.property):
            return None
        if not isinstance(first.property, str):
            return None
        source = properties.resolve(store, first.property)
        if source.kind != "dict" or source.per_user:
            return None
        key = ("segments", source.key)
        lookup, labels = cached(store, key, lambda: _texts(source.values, store.timezone))
        return None if lookup is None else passes.Segments(source.array, lookup, labels)

    def labels(self, store: Store, breakdown: Breakdown, rows: Ints) -> Labels:
        """The labels of one breakdown; only those of the given rows count."""
        within = np.zeros(store.n_rows, np.bool_)
        within[rows] = True
        return rows_of.labels(store, breakdown, within, self.chosen)


@dataclass(frozen=True, eq=False)
class Crossed:
    """One segment per row by several breakdowns, and the labels of each segment."""

    segments: passes.Segments
    paths: list[tuple[str, ...]]


def crossed(store: Store, levels: Sequence[Dimension]) -> Crossed | None:
    """All levels nested, where each is `Dimension.direct`; None for anything else."""
    plain = [found for level in levels if (found := level.direct(store)) is not None]
    size = prod(found.count for found in plain)
    if len(plain) < len(levels) or size > MAX_CROSSED:
        return None
    paths = list(product(*(found.labels for found in plain)))
    if len(plain) == 1:
        return Crossed(plain[0], paths)
    key = ("crossed", *(level.breakdowns for level in levels))
    codes = cached(store, key, lambda: _joined_codes(plain, size))
    labels = [" | ".join(path) for path in paths]
    return Crossed(passes.Segments(codes, np.arange(size, dtype=np.int32), labels), paths)


def _joined_codes(plain: Sequence[passes.Segments], size: int) -> Any:
    """The place of each row among all combinations of labels, the last level fastest."""
    kind: Any = np.uint8 if size <= 256 else np.uint16
    joined = plain[0].segment_of.astype(kind)[plain[0].codes]
    for found in plain[1:]:
        joined *= kind(found.count)
        joined += found.segment_of.astype(kind)[found.codes]
    return joined


def _texts(values: Sequence[Any], zone: ZoneInfo) -> tuple[Any, list[str]]:
    """The label code of each distinct value and the labels; (None, []) where one is a list."""
    if any(isinstance(value, list) for value in values):
        return None, []
    place: dict[str, int] = {}
    codes = [place.setdefault(label(value, zone), len(place)) for value in values]
    return np.array(codes, np.int32), list(place)


def dimensions(group_by: Sequence[Breakdown]) -> list[Dimension]:
    """The levels of segments, in order."""
    cohorts = tuple(b for b in group_by if isinstance(b, CohortBreakdown))
    levels: list[Dimension] = []
    for breakdown in group_by:
        if not isinstance(breakdown, CohortBreakdown):
            levels.append(Dimension((breakdown,)))
        elif breakdown is cohorts[0]:
            levels.append(Dimension(cohorts))
    return levels


def name_of(breakdown: Breakdown) -> str:
    """How a header names a breakdown."""
    if isinstance(breakdown, GroupBy):
        return property_name(breakdown.property)
    if isinstance(breakdown, FrequencyBreakdown):
        return breakdown.label or f"{breakdown.event} Frequency"
    return breakdown.name or f"Cohort {breakdown.cohort}"


def property_name(spec: PropertySpec) -> str:
    """How a header or a label names a property."""
    if isinstance(spec, CustomPropertyRef):
        return f"$custom_property:{spec.id}"
    return spec.formula if isinstance(spec, InlineCustomProperty) else spec


def _at(labels: Labels, rows: Ints) -> Coded:
    if labels.exploded is None:
        codes = labels.codes[rows].astype(np.int64)
        at = None if (codes >= 0).all() else np.flatnonzero(codes >= 0)
        return Coded(labels.labels, codes if at is None else codes[at], at, labels.ordered)
    where, of_entry = labels.exploded
    at, entries = passes.expand(where, rows)
    return Coded(labels.labels, of_entry[entries].astype(np.int64), at, labels.ordered)


def _joined(parts: Sequence[Coded]) -> Coded:
    """Several codings of the same rows as one: each row is in its segments of all of them."""
    labels: list[str] = []
    codes: list[Any] = []
    places: list[Any] = []
    for part in parts:
        codes.append(part.codes + len(labels))
        places.append(np.arange(len(part.codes)) if part.at is None else part.at)
        labels += part.labels
    at, joined = np.concatenate(places), np.concatenate(codes)
    order = np.lexsort((joined, at))
    return Coded(labels, joined[order], at[order], False)
