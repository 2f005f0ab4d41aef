"""What an explorer shows of a local store: volumes and trends of events, facts about a property.

The store and the arguments of a call go in, plain records come out. The surprise: everything is
counted by code in one pass, so that thousands of events cost no more than ten; only the property
that a person opens is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb import axis
from mpnb.engine.duckdb.column import Column
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.legacy import Arguments
from mpnb.engine.duckdb.load.tokens import to_value
from mpnb.engine.duckdb.values import number_text, to_text
from mpnb.errors import QueryError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

TREND_DAYS = 30
TOP = 20
SAMPLE = 3
KINDS = ("number", "string", "boolean", "list", "object")
KIND_OF = np.zeros(256, np.int64)
"""The place in `KINDS` of a JSON text by its first byte; digits and the minus stay numbers."""
for _byte, _kind in ((b'"', 1), (b"t", 2), (b"f", 2), (b"[", 3), (b"{", 4)):
    KIND_OF[_byte[0]] = _kind


def event_trends(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Every event with its number of rows, and rows per day of the last days that the data has."""
    context.note("pass: rows by event and day")
    totals = np.bincount(store.event, minlength=len(store.events)).tolist()
    if not store.n_rows:
        return {"from_date": None, "to_date": None, "events": []}
    last = int(store.day.max())
    first = last - TREND_DAYS + 1
    inside = store.day >= first
    place = store.event[inside].astype(np.int64) * TREND_DAYS + (store.day[inside] - first)
    days = np.bincount(place, minlength=len(store.events) * TREND_DAYS)
    trends = days.reshape(len(store.events), TREND_DAYS).tolist()
    rows = [
        {"name": name, "count": totals[code], "trend": trends[code]}
        for code, name in enumerate(store.events)
    ]
    return {
        "from_date": axis.day_of(first).isoformat(),
        "to_date": axis.day_of(last).isoformat(),
        "events": sorted(rows, key=lambda row: (-row["count"], row["name"])),
    }


def event_survey(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """The properties that an event's rows carry, with coverage; no column is read."""
    code = _code(store, asked["event"])
    context.note(f"coverage: properties of {asked['event']!r}")
    names = store.properties()
    if store.event_id is None and store.n_rows == store.arrays.meta["n_rows"]:
        counts = store.arrays.vector("coverage").reshape(len(names), -1)[:, code].tolist()
    else:
        counts = [int(store.coverage(name)[code]) for name in names]
    return {
        "event": asked["event"],
        "count": int(np.count_nonzero(store.event == code)),
        "properties": [
            {"name": name, "type": kind_of(store.property_facts[name]["types"]), "count": count}
            for name, count in zip(names, counts, strict=True)
            if count
        ],
    }


def event_sample(store: Store, asked: Arguments, context: Context) -> list[dict[str, Any]]:
    """The latest rows of an event."""
    rows = np.flatnonzero(store.event == _code(store, asked["event"]))
    context.note(f"sample: rows of {asked['event']!r}")
    latest = rows[np.argsort(-store.time[rows], kind="stable")[:SAMPLE]]
    return [store.event_json(int(row)) for row in latest]


def _code(store: Store, event: str) -> int:
    code = store.event_code(event)
    if code is None:
        raise QueryError(f"there is no event {event!r}", status_code=404)
    return code


def people_survey(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """The properties of profiles, with coverage, and the first profiles."""
    context.note("coverage: properties of profiles")
    holders = np.flatnonzero(store.has_profile)
    facts = store.profile_facts
    return {
        "count": len(holders),
        "properties": [
            {"name": name, "type": kind_of(facts[name]["types"]), "count": facts[name]["count"]}
            for name in sorted(facts)
        ],
        "sample": [
            {"distinct_id": store.users[int(user)], **store.profile_json(int(user))}
            for user in holders[:SAMPLE]
        ],
    }


def property_survey(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """One property of an event, of all events, or of profiles: types, top values, numbers.

    Args:
        store: the data.
        asked: ``property_name``; ``resource`` ``"event"`` or ``"people"``; ``event`` or None.
        context: takes note of the pass.
    """
    name, people = asked["property_name"], asked.get("resource") == "people"
    column = store.profile_column(name) if people else store.column(name)
    if column is None:
        raise QueryError(f"there is no property {name!r}", status_code=404)
    context.note(f"pass: values of {name!r}")
    within = store.has_profile if people else _rows(store, asked.get("event"))
    count = int(np.count_nonzero(within))
    found = _numbers(column, within) if column.kind == "number" else _values(column, within, store)
    defined = sum(found["types"].values())
    return {"name": name, "rows": count, "count": defined, **found}


def _rows(store: Store, event: str | None) -> npt.NDArray[np.bool_]:
    if event is None:
        return np.ones(store.n_rows, np.bool_)
    chosen: npt.NDArray[np.bool_] = store.event == _code(store, event)
    return chosen


def _numbers(column: Column, within: Any) -> dict[str, Any]:
    """Facts of a column that holds numbers only."""
    held = column.numbers[within]
    held = held[~np.isnan(held)]
    values, counts = np.unique(held, return_counts=True)
    order = np.lexsort((values, -counts))[:TOP]
    top = [
        {"value": _plain(float(values[i])), "text": number_text(float(values[i])), "count": n}
        for i, n in zip(order, counts[order].tolist(), strict=True)
    ]
    types = {"number": len(held)} if len(held) else {}
    return {"types": types, "distinct": len(values), "top": top, "numbers": _summary(held)}


def _values(column: Column, within: Any, store: Store) -> dict[str, Any]:
    """Facts of a column of values of any kind; only the most frequent values are decoded."""
    counts = np.bincount(column.codes[within], minlength=len(column.stored))
    counts[0] = 0
    present = np.flatnonzero(counts)
    picked = _most_frequent(column, present, counts)
    types, numbers = _kinds(column, present, counts)
    top = []
    for code in picked:
        stored = column.stored[code].as_py()
        value = stored if column.text else to_value(stored.encode("utf-8"))
        text = to_text(value, store.timezone)
        top.append({"value": value, "text": text, "count": int(counts[code])})
    return {"types": types, "distinct": len(present), "top": top, "numbers": numbers}


def _kinds(
    column: Column, present: Any, counts: Any
) -> tuple[dict[str, int], dict[str, Any] | None]:
    """How many rows hold each type of value, and a summary of those that are numbers.

    The type of a JSON text shows in its first byte, so that a million values are not parsed.
    """
    if not len(present):
        return {}, None
    if column.text:
        return {"string": int(counts.sum())}, None
    texts = column.stored.take(pa.array(present))
    starts = np.frombuffer(texts.buffers()[1], np.int64, len(texts))
    kinds = KIND_OF[np.frombuffer(texts.buffers()[2], np.uint8)[starts]]
    rows = np.bincount(kinds, weights=counts[present], minlength=len(KINDS)).astype(np.int64)
    found = {name: int(n) for name, n in zip(KINDS, rows, strict=True) if n}
    ordered = dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
    numeric = kinds == KINDS.index("number")
    if not numeric.any():
        return ordered, None
    amounts = texts.filter(pa.array(numeric)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return ordered, _summary(np.repeat(amounts, counts[present][numeric]))


def _most_frequent(column: Column, present: Any, counts: Any) -> list[int]:
    """The most frequent codes; of equally frequent ones the first by text, whatever the codes."""
    if not len(present):
        return []
    order = present[np.argsort(-counts[present], kind="stable")]
    least = counts[order[min(TOP, len(order)) - 1]]
    above = [int(code) for code in order[:TOP] if counts[code] > least]
    level = present[counts[present] == least]
    texts = column.stored.take(pa.array(level))
    first = pc.sort_indices(texts)[: TOP - len(above)].to_pylist()
    above.sort(key=lambda code: (-counts[code], column.stored[code].as_py()))
    return above + [int(level[place]) for place in first]


def _summary(held: Any) -> dict[str, Any] | None:
    """Smallest, quartiles, largest and mean of the numbers; None where there are none.

    A mean of numbers too large for a double is None too: JSON has no infinity.
    """
    if not len(held):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        points = np.percentile(held, [0, 25, 50, 75, 100])
        found = [*points.tolist(), float(held.mean())]
    names = ("min", "p25", "median", "p75", "max", "mean")
    return {
        name: _plain(n) if np.isfinite(n) else None for name, n in zip(names, found, strict=True)
    }


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def kind_of(types: list[str]) -> str:
    """The type that all values of a property share, else ``mixed``."""
    return types[0] if len(types) == 1 else "mixed"
