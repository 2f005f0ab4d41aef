"""Breakdowns: from a property or a cohort to the label of every row (I-16 to I-19, I-24, I-25).

A `GroupBy` or `CohortBreakdown` enters, `Labels` leave. The surprise: automatic numeric buckets
depend on which rows count, so those have to be named (`within`) to get the right widths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mpnb.engine.duckdb import axis, buckets, cohorts, numbers, properties, sources, values, zones
from mpnb.engine.duckdb.caches import cached
from mpnb.engine.duckdb.elements import Elements, Rows, elements, list_items
from mpnb.engine.duckdb.labels import Labels, merged, several, single
from mpnb.engine.duckdb.sources import Array, Mask, Source
from mpnb.errors import NotSupportedError
from mpnb.query.breakdown import CohortBreakdown, GroupBy

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

NOT_IN: Final = "Not In "
CALENDAR: Final = (axis.day_number(date.min), axis.day_number(date.max))


Chosen = buckets.Rule | buckets.Each


def of_property(
    store: Store, breakdown: GroupBy, within: Mask | None = None, chosen: Chosen | None = None
) -> Labels:
    """The labels of rows by a property, its buckets, or a key of the objects in a list.

    `chosen` takes the place of automatic numeric buckets.
    """
    items, kind = _items(store, breakdown, within)
    return _labelled(store, items, kind, _rule(breakdown) or chosen, within)


def automatic(store: Store, breakdown: GroupBy, within: Mask) -> Array | None:
    """The numbers of some rows that choose automatic buckets; None for any other breakdown."""
    items, kind = _items(store, breakdown, within)
    if kind != "number" or breakdown.bucket_size is not None:
        return None
    cast = sources.spread_array(store, items.source, numbers.cast(store, items.source), np.nan)
    counted = cast[within if items.rows is None else within[items.rows]]
    return np.asarray(counted[~np.isnan(counted)])


def defined(store: Store, breakdown: GroupBy, within: Mask) -> Mask:
    """The rows that have a value to break down by; empty lists are values (D-9)."""
    source = properties.resolve(store, breakdown.property, breakdown.resource_type, within)
    return np.asarray(sources.spread_array(store, source, sources.known(source), False), np.bool_)


def _items(store: Store, breakdown: GroupBy, within: Mask | None) -> tuple[Elements, str]:
    """The single values of a breakdown, and the type to read them as."""
    source = properties.resolve(store, breakdown.property, breakdown.resource_type, within)
    mode = breakdown._list_item_mode
    if mode is not None:
        return list_items(store, source, mode.sub, within), mode.sub_type
    kind = properties.declared_type(store, breakdown.property) or breakdown.property_type
    return elements(store, source, within), kind


def of_source(store: Store, source: Source, kind: str, within: Mask | None = None) -> Labels:
    """The labels of rows by the values of a source, read as of a type."""
    return _labelled(store, elements(store, source, within), kind, None, within)


def _rule(breakdown: GroupBy) -> buckets.Rule | None:
    if breakdown.bucket_size is None:
        return None
    return buckets.Rule(breakdown.bucket_size, breakdown.bucket_min, breakdown.bucket_max)


def _labelled(
    store: Store, items: Elements, kind: str, rule: Chosen | None, within: Mask | None
) -> Labels:
    if kind not in _KINDS:
        raise NotSupportedError(
            f"A breakdown by values of type {kind!r} is not supported; use {', '.join(_KINDS)}."
        )
    if kind == "number" or rule is not None:
        return _numeric(store, items, rule, within)
    return _KINDS[kind](store, items)


def _texts(store: Store, items: Elements) -> Labels:
    """Segments by the text of each value."""
    zone = store.timezone
    return _by_value(store, items, "text", lambda value: values.label(value, zone))


def _by_value(
    store: Store,
    items: Elements,
    kind: str,
    name: Callable[[Any], str],
    order: Callable[[str], Any] | None = None,
) -> Labels:
    """Segments by what each distinct value is called; `kind` names the way of calling."""
    coded = sources.as_dict(store, items.source)
    distinct, lookup = cached(
        store,
        ("labels", kind, coded.key, coded.per_user),
        lambda: merged([name(value) for value in coded.values], order),
    )
    codes = sources.spread_array(store, coded, coded.array, 0)
    if items.rows is None:
        return single(sources.take(lookup, codes), distinct, order is not None)
    return several(items.rows, sources.take(lookup, codes), distinct, order is not None)


def _booleans(store: Store, items: Elements) -> Labels:
    """Segments true and false; what is missing is not false (I-19)."""
    source = items.source
    if source.kind == "number":
        known = ~np.isnan(source.array)
        codes = np.where(known, np.where(source.array != 0, 1, 2), 0)
        key = ("booleans", source.key)
        source = replace(source, kind="dict", array=codes, values=[None, True, False], key=key)

    def name(value: Any) -> str:
        if value is None:
            return values.NOT_SET
        return "true" if values.to_boolean(value) else "false"

    return _by_value(store, replace(items, source=source), "boolean", name)


def _days(store: Store, items: Elements) -> Labels:
    """Segments by local calendar day, in order of time; what is no date is not set (I-25)."""
    source = items.source
    ms = sources.as_ms(source)
    if ms is None:
        return _by_value(store, items, "day", lambda value: _day_label(store, value), _days_first)
    if source.kind == "time" and not source.per_user:
        days: Array = store.day
        known = np.ones(len(days), np.bool_)
    else:
        known = ~np.isnan(ms)
        days = zones.local_days(np.where(known, ms, 0).astype(np.int64), store.timezone)
        days = np.clip(days, *CALENDAR)  # a zone's day may lie beyond it at its two ends
    found, codes = np.unique(days[known], return_inverse=True)
    every = np.full(len(days), len(found), np.int64)
    every[known] = codes
    labels = [*(axis.day_of(day).isoformat() for day in found.tolist()), values.NOT_SET]
    every = sources.spread_array(store, source, every, len(found))
    if items.rows is not None:
        return several(items.rows, every, labels, ordered=True)
    return single(every, labels, ordered=True)


def _day_label(store: Store, value: Any) -> str:
    moment = values.to_moment(value)
    if moment is None:
        return values.NOT_SET
    return values.local_day(moment, store.timezone).isoformat()


def _days_first(name: str) -> tuple[bool, str]:
    return name == values.NOT_SET, name


_KINDS: Final[dict[str, Callable[[Any, Elements], Labels]]] = {
    "string": _texts,
    "boolean": _booleans,
    "datetime": _days,
    "number": _texts,
    "list": _texts,
    "object": _texts,
}
"""How values of a declared type are labelled; numbers have a way of their own."""


def _numeric(store: Store, items: Elements, rule: Chosen | None, within: Mask | None) -> Labels:
    """Segments by numeric bucket, in ascending order, then what is no number or missing."""
    source = items.source
    if items.rows is None and within is not None:
        return _numeric_within(store, source, rule, np.flatnonzero(within))
    cast = sources.spread_array(store, source, numbers.cast(store, source), np.nan)
    set_ = sources.spread_array(store, source, sources.known(source), False)
    if items.rows is None:
        return single(*_bucketed(cast, set_, rule, None), ordered=True)
    counted = None if within is None else within[items.rows]
    codes, labels = _bucketed(cast, set_, rule, counted)
    return several(items.rows, codes, labels, ordered=True)


def _numeric_within(store: Store, source: Source, rule: Chosen | None, rows: Rows) -> Labels:
    """The same for some rows only; the others are in no segment."""
    source = sources.spread(store, source)
    part = replace(source, array=source.array[rows])
    some, labels = _bucketed(numbers.cast(store, part), sources.known(part), rule, None)
    codes = np.full(store.n_rows, -1, np.int32)
    codes[rows] = some
    return single(codes, labels, ordered=True)


def _bucketed(
    cast: Array, set_: Mask, rule: Chosen | None, counted: Mask | None
) -> tuple[Array, list[str]]:
    codes, labels = buckets.group(cast, rule, counted)
    labels = [*labels, values.NON_NUMERIC, values.NOT_SET]
    others = np.where(set_, len(labels) - 2, len(labels) - 1)
    return np.where(codes >= 0, codes, others), labels


def of_cohort(store: Store, breakdown: CohortBreakdown) -> Labels:
    """In the cohort, and outside of it when that was asked for too (C-8).

    Rows without a user are in no cohort.
    """
    cohort = breakdown.cohort
    name = breakdown.name or cohorts.name_of(store, cohort)
    inside = sources.spread_mask(store, cohorts.members(store, cohort), without_user=False)
    if breakdown.include_negated:
        return single(np.where(inside, 0, 1), [name, NOT_IN + name])
    return single(np.where(inside, 0, -1), [name])


def identities(store: Store, source: Source, within: Mask | None = None) -> Labels:
    """The distinct values of a source as segments; undefined values are in none (I-8)."""
    items = elements(store, source, within)
    coded = sources.as_dict(store, items.source)
    codes = sources.spread_array(store, coded, coded.array, 0).astype(np.int64) - 1
    names = [values.label(value, store.timezone) for value in coded.values[1:]]
    if items.rows is None:
        return single(codes, names)
    return several(items.rows[codes >= 0], codes[codes >= 0], names)
