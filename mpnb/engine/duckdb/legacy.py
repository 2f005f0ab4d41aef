"""Mixpanel's older counting calls: segmentation, event and property counts (L-1 to L-6).

The store and the arguments of a call go in, the body of its endpoint comes out. The surprise: here
missing values are called ``undefined``, and what is no number counts as 0, also in averages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import axis, buckets, envelope, formula, passes, properties, sources
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.axis import Axis
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.frame import Path
from mpnb.engine.duckdb.maths import once
from mpnb.engine.duckdb.properties_of import texts
from mpnb.engine.duckdb.sample import Sample, distinct_users, draw
from mpnb.engine.duckdb.values import number_text
from mpnb.errors import QueryError
from mpnb.query.naming import is_expression

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Arguments = dict[str, Any]
UNDEFINED = "undefined"
MAX_VALUES = 60
"""How many values a segmentation shows when no limit is asked for."""


def segmentation(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Counts of one event per bucket, by the values of a property or expression."""
    found, when = _sample(store, asked, context)
    if asked["on"] is None:
        return _body(when, {asked["event"]: _counts(found, "general")[0]})
    at, codes, labels = texts(found, _on(store, asked["on"]))
    return _body(when, _by_label(found, at, codes, [UNDEFINED, *labels[1:]], "general", MAX_VALUES))


def segmentation_numeric(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Counts of one event per bucket, by ranges of a number; only native numbers count."""
    found, when = _sample(store, asked, context)
    numbers = _native_numbers(store, asked["on"])[found.rows]
    at = np.flatnonzero(~np.isnan(numbers))
    if len(at) == 0:
        return _body(when, {})
    codes, labels = _ranges(numbers[at])
    counts = _by_label(found, at, codes, labels, asked["type"], None)
    return _body(when, {name: counts[name] for name in labels})


def segmentation_sum(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Sum of a number per bucket."""
    sums, _, when = _sums(store, asked, context)
    return _results(store, when, sums)


def segmentation_average(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Sum of a number per bucket, divided by the rows; 0 without rows."""
    sums, rows, when = _sums(store, asked, context)
    return _results(store, when, sums / np.maximum(rows, 1))


def event_counts(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Counts of several events per bucket."""
    series, when = {}, None
    for event in asked["events"]:
        found, when = _sample(store, {**asked, "event": event, "where": None}, context)
        series[event] = _counts(found, asked["type"])[0]
    return _body(when or _axis(store, asked), series)


def property_counts(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Counts of one event per bucket and value of a property; missing values are left out."""
    found, when = _sample(store, {**asked, "where": None}, context)
    at, codes, labels = texts(found, _on(store, asked["property_name"], plain=True))
    known = codes > 0
    if asked["values"] is not None:
        wanted = {str(value) for value in asked["values"]}
        known &= np.array([label in wanted for label in labels], np.bool_)[codes]
    kind, limit = asked["type"], asked["limit"]
    return _body(when, _by_label(found, at[known], codes[known], labels, kind, limit))


def passing(store: Store, where: str | None) -> npt.NDArray[np.bool_] | None:
    """Rows on which an expression is true; None without one."""
    return None if where is None else formula.selected(store, where)


def entries(
    store: Store, event: str | Sequence[str], mask: npt.NDArray[np.bool_] | None, when: Axis
) -> Sample:
    """The rows of an event (or several) on an axis that pass a mask."""
    match = rows_of.events(store, event)
    if match.mask is not None:
        mask = match.mask if mask is None else mask & match.mask
    return draw(store, match.event_lut, mask, passes.grid(store, when))


def _axis(store: Store, asked: Arguments) -> Axis:
    return axis.build(store, asked["from_date"], asked["to_date"], asked["unit"])


def _sample(store: Store, asked: Arguments, context: Context) -> tuple[Sample, Axis]:
    when = _axis(store, asked)
    context.note(f"pass: rows of {asked['event']!r} by {asked['unit']}")
    return entries(store, asked["event"], passing(store, asked["where"]), when), when


def _on(store: Store, on: str, plain: bool = False) -> sources.Source:
    """A property by its name, or an expression."""
    if not plain and is_expression(on):
        return sources.spread(store, formula.selector(store, on))
    return properties.resolve(store, on)


def _native_numbers(store: Store, on: str) -> npt.NDArray[np.float64]:
    """A number per row, NaN for everything that is none; nothing is cast."""
    source = _on(store, on)
    if source.kind == "number":
        return np.asarray(source.array, np.float64)
    if source.kind == "time":
        return np.full(store.n_rows, np.nan)
    numbers = [
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
        for value in source.values
    ]
    return np.array(numbers, np.float64)[source.array]


def _counts(sample: Sample, kind: str) -> npt.NDArray[Any]:
    """Rows, users, or rows per user in each cell, as [segments, buckets]."""
    rows = np.bincount(once(sample).cell, minlength=sample.n_cells)
    if kind == "general":
        return rows.reshape(-1, sample.n_buckets)
    users = distinct_users(sample)
    if kind == "unique":
        return users.reshape(-1, sample.n_buckets)
    if kind != "average":
        raise QueryError(f"type {kind!r} is not known; one of general, unique, average")
    return (rows / np.maximum(users, 1)).reshape(-1, sample.n_buckets)


def _by_label(
    sample: Sample,
    at: npt.NDArray[Any],
    codes: npt.NDArray[Any],
    labels: Sequence[str],
    kind: str,
    limit: int | None,
) -> dict[str, npt.NDArray[Any]]:
    """Counts by label that occurs, by descending sum, then label."""
    present, compact = np.unique(codes, return_inverse=True)
    paths: list[Path] = [(str(labels[code]),) for code in present.tolist()]
    own = Sample(
        sample.store, sample.rows[at], sample.bucket[at], compact, paths, sample.n_buckets
    )  # fmt: skip
    counts = _counts(own, kind)
    sums = counts.sum(axis=1)
    order = sorted(range(len(paths)), key=lambda i: (-sums[i], paths[i]))
    return {paths[i][0]: counts[i] for i in order[:limit]}


def _ranges(numbers: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Range code of each number and the labels, ``2,000 - 2,100``, ascending."""
    low, high = float(numbers.min()), float(numbers.max())
    rule = buckets.automatic(low, high) if high > low else buckets.Rule(1.0, float(np.floor(low)))
    edges = buckets.Edges.of(rule)
    present, codes = np.unique(edges.find(numbers), return_inverse=True)
    labels = [f"{_grouped(edges.at(k))} - {_grouped(edges.at(k + 1))}" for k in present.tolist()]
    return codes, labels


def _grouped(number: float) -> str:
    """A number with thousands separators, in its shortest form."""
    sign, digits = ("-", number_text(-number)) if number < 0 else ("", number_text(number))
    whole, dot, fraction = digits.partition(".")
    return f"{sign}{int(whole):,}{dot}{fraction}" if whole.isdigit() else sign + digits


def _sums(
    store: Store, asked: Arguments, context: Context
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], Axis]:
    found, when = _sample(store, asked, context)
    found = once(found)
    numbers = np.nan_to_num(_native_numbers(store, asked["on"])[found.rows])
    rows = np.bincount(found.bucket, minlength=len(when))
    return np.bincount(found.bucket, numbers, len(when)).astype(np.float64), rows, when


def _results(store: Store, when: Axis, values: npt.NDArray[np.float64]) -> dict[str, Any]:
    points = zip(when.labels, map(envelope.plain, values.tolist()), strict=True)
    return {"status": "ok", "computed_at": store.now.isoformat(), "results": dict(points)}


def _body(when: Axis, series: dict[str, npt.NDArray[Any]]) -> dict[str, Any]:
    values = {
        name: dict(zip(when.labels, map(envelope.plain, counts.tolist()), strict=True))
        for name, counts in series.items()
    }
    return {"legend_size": len(values), "data": {"series": list(when.labels), "values": values}}
