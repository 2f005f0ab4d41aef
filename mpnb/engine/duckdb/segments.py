"""The segments of sequences of rows: breakdowns in, memberships and their order in an answer out.

Labels of rows enter; attributed to attempts, births or flows they leave. The surprise: a sequence
has, for each breakdown on its own, the first defined value along its rows, so two breakdowns may
take theirs from different rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpnb.engine.duckdb import breakdowns, passes
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.crossing import Segments, cross
from mpnb.engine.duckdb.dimension import Dimension
from mpnb.engine.duckdb.frame import Frame, limited, ranked
from mpnb.engine.duckdb.labels import Labels, merged, several, single
from mpnb.engine.duckdb.sequence import Ints, Vector
from mpnb.engine.duckdb.store import Store
from mpnb.engine.duckdb.values import NOT_SET
from mpnb.query.breakdown import Breakdown, GroupBy

Path = tuple[str, ...]
Orders = tuple[dict[str, float] | None, ...]
"""Per breakdown the rank of its labels where they have an order of their own."""


@dataclass(frozen=True, eq=False)
class Split:
    """The segments of sequences.

    Attributes:
        member: sequence of every membership, ascending.
        code: segment of every membership, an index into ``paths``.
        paths: labels, one per breakdown.
        orders: per breakdown the rank of its labels where they have an order of their own.
        whole: True when every sequence is in exactly one segment.
    """

    member: Ints
    code: Ints
    paths: list[Path]
    orders: Orders
    whole: bool = False


def split(
    store: Store, levels: Sequence[Dimension], rows: Vector, span: passes.Grid | None = None
) -> Split:
    """The segments of sequences by the attributed value of each breakdown (FN-16).

    Args:
        store: the events and profiles.
        levels: the breakdowns.
        rows: [sequence, step], -1 where a step was not reached.
        span: the one bucket in which a frequency breakdown counts (I-29).
    """
    found = [_level(store, level, rows, span) for level in levels]
    segments = cross(found)
    member, code = pairs(segments)
    orders = _orders(found)
    whole = segments.exploded is None and len(member) == len(rows)
    return Split(member, code, segments.paths, orders, whole)


def row_segments(store: Store, levels: Sequence[Dimension]) -> tuple[Segments, Orders] | None:
    """The one segment of every row; None where rows may be in several, or buckets are automatic."""
    found = []
    for level in levels:
        one = level.breakdowns[0]
        automatic = isinstance(one, GroupBy) and one.property_type != "string"
        labels = None if automatic or len(level.breakdowns) > 1 else rows_of.labels(store, one)
        if labels is None or labels.exploded is not None:
            return None
        found.append(labels)
    return cross(found), _orders(found)


def _orders(found: Sequence[Labels]) -> Orders:
    return tuple(
        {name: float(i) for i, name in enumerate(one.labels)} if one.ordered else None
        for one in found
    )


def _level(store: Store, level: Dimension, rows: Vector, span: passes.Grid | None) -> Labels:
    """The segments of one level: a breakdown, or several cohorts side by side."""
    if span is not None and level.by_bucket:
        entry = rows[:, 0].astype(np.int64)
        coded = level.of(store, entry, np.zeros(len(entry), np.int64), span)
        return single(coded.codes, coded.labels, coded.ordered)
    plain = level.direct(store)
    if plain is not None:
        return single(_first_label(plain, rows), plain.labels)
    parts = [_attributed(store, one, rows) for one in level.breakdowns]
    if len(parts) == 1:
        return parts[0]
    names: list[str] = []
    found: list[tuple[Ints, Vector]] = []
    for part in parts:
        member, code = part.pairs()
        found.append((member, code + len(names)))
        names += part.labels
    members, codes = (np.concatenate(column) for column in zip(*found, strict=True))
    distinct, place = merged(names, None)  # two cohorts may have one name
    return several(members, place[codes], distinct)


def _first_label(plain: passes.Segments, rows: Vector) -> Ints:
    """The first defined label along each sequence; only its rows are looked up."""
    codes = plain.of(rows[:, 0])
    missing = plain.labels.index(NOT_SET) if NOT_SET in plain.labels else -2
    for k in range(1, rows.shape[1]):
        open_ = np.flatnonzero((codes == missing) & (rows[:, k] >= 0))
        if not len(open_):
            break
        codes[open_] = plain.of(rows[open_, k])
    return codes


def pairs(segments: Segments) -> tuple[Ints, Ints]:
    """Every membership as sequence and segment."""
    if segments.exploded is not None:
        return segments.exploded[0], segments.exploded[1].astype(np.int64)
    member = np.flatnonzero(segments.codes >= 0)
    return member, segments.codes[member].astype(np.int64)


def _attributed(store: Store, breakdown: Breakdown, rows: Vector) -> Labels:
    """The labels of sequences: those of the first row along each that has a value (FN-16)."""
    chosen = rows[:, 0].astype(np.int64)
    if isinstance(breakdown, GroupBy):
        defined = breakdowns.defined(store, breakdown, _within(store, rows[rows >= 0]))
        first = np.argmax(defined[rows] & (rows >= 0), axis=1)
        chosen = np.take_along_axis(rows, first[:, None], axis=1)[:, 0].astype(np.int64)
    labels = rows_of.labels(store, breakdown, _within(store, chosen))
    if labels.exploded is None:
        return single(labels.codes[chosen], labels.labels, labels.ordered)
    of_row, codes = labels.exploded
    member, entries = passes.expand(of_row, chosen)
    return several(member, codes[entries], labels.labels, labels.ordered)


def _within(store: Store, rows: Vector) -> Vector:
    within = np.zeros(store.n_rows, np.bool_)
    within[rows] = True
    return within


def rank(
    paths: Sequence[Path],
    weights: Vector,
    orders: tuple[dict[str, float] | None, ...],
    limit: int,
) -> tuple[list[int], bool]:
    """Segments that occur, in the order of an answer, and whether any was left out."""
    occurring = [i for i in range(len(paths)) if weights[i] > 0]
    frame = Frame(
        [paths[i] for i in occurring], np.asarray(weights, float)[occurring][:, None], True, orders
    )
    kept, cut = limited(frame, limit)
    place = {path: i for i, path in enumerate(paths)}
    return [place[path] for path in ranked(kept).paths], cut


def nest(paths: Sequence[Path], leaves: Sequence[Any], overall: Any, depth: int) -> dict[str, Any]:
    """Segments as nested objects, a level per breakdown, with the overall line first."""
    root: dict[str, Any] = {}
    for path, leaf in [(("$overall",) * depth, overall), *zip(paths, leaves, strict=True)]:
        holder = root
        for name in path[:-1]:
            holder = holder.setdefault(name, {})
        holder[path[-1]] = leaf
    return root
