"""Facts about one property or the whole log, for which Mixpanel has no endpoint (N-4 to N-8).

The store and the arguments of a call go in, the numbers by name come out. The surprise: missing
values stand in a distribution as ``undefined``, and in no summary.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import axis, envelope, properties
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.legacy import UNDEFINED, Arguments, entries
from mpnb.engine.duckdb.matching import ALL_EVENTS
from mpnb.engine.duckdb.maths import once, percentile
from mpnb.engine.duckdb.properties_of import Numbers, numbers, texts
from mpnb.engine.duckdb.sample import Sample
from mpnb.errors import QueryError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

PERCENTILES = (25, 50, 75, 90, 95, 99)
ENGAGEMENT = (1, 2, 5, 10, 25, 50, 100)
NO_LIST = "property_coverage needs a list of properties"


def _rows(store: Store, asked: Arguments, event: Any) -> Sample:
    when = axis.whole(store, asked["from_date"], asked["to_date"])
    return once(entries(store, event, None, when))


def property_distribution(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Rows per value, the most frequent first; ties by text."""
    found = _rows(store, asked, asked["event"])
    _, codes, labels = texts(found, properties.resolve(store, asked["property"]))
    counts = np.bincount(codes, minlength=len(labels)).tolist()
    by_name = dict(zip([UNDEFINED, *labels[1:]], counts, strict=True))
    order = sorted((n for n in by_name if by_name[n]), key=lambda name: (-by_name[name], name))
    context.note(f"pass: values of {asked['property']!r}")
    kept = order[: asked["limit"]]
    return {"total": len(found.rows), "values": {name: by_name[name] for name in kept}}


def numeric_summary(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Count, range, sum, mean, population standard deviation, percentiles."""
    found = numbers(_rows(store, asked, asked["event"]), asked["property"])
    values = found.value
    context.note(f"pass: numbers of {asked['property']!r}")
    some = len(values) > 0
    facts = {
        "min": values.min() if some else np.nan,
        "max": values.max() if some else np.nan,
        "sum": values.sum() if some else np.nan,
        "avg": values.mean() if some else np.nan,
        "stddev": values.std() if some else np.nan,
    }
    plain = {name: envelope.plain(float(fact)) for name, fact in facts.items()}
    wanted = asked.get("percentiles") or PERCENTILES
    return {"count": len(values), **plain, "percentiles": {str(p): _at(values, p) for p in wanted}}


def _at(values: npt.NDArray[np.float64], percent: float) -> Any:
    everything = Numbers(np.zeros(len(values), np.int64), values, None)
    return envelope.plain(float(percentile(everything, 1, percent)[0]))


def engagement_distribution(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Users by their number of events; each is in the largest bucket not above it."""
    starts: list[int] = sorted(set(asked.get("buckets") or ENGAGEMENT))
    if starts[0] < 1:
        raise QueryError("the smallest engagement bucket starts at 1 event or more")
    found = _rows(store, asked, asked.get("events") or ALL_EVENTS)
    _, counts = np.unique(found.user[found.known], return_counts=True)
    place = np.searchsorted(starts, counts, side="right") - 1
    users = np.bincount(place[place >= 0], minlength=len(starts)).tolist()
    context.note("pass: events per user")
    rows = [list(row) for row in zip(starts, _labels(starts), users, strict=True)]
    return {"total_users": len(counts), "buckets": rows}


def _labels(starts: list[int]) -> list[str]:
    inner = [str(a) if b == a + 1 else f"{a}-{b - 1}" for a, b in pairwise(starts)]
    return [*inner, f"{starts[-1]}+"]


def property_coverage(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Rows of an event on which each property is defined."""
    if isinstance(asked["properties"], str):
        raise QueryError(NO_LIST)
    found = _rows(store, asked, asked["event"])
    context.note(f"pass: rows of {asked['event']!r}")
    defined = {}
    for name in asked["properties"]:
        column = store.column(name)
        defined[name] = 0 if column is None else int(column.defined[found.rows].sum())
    return {"total_events": len(found.rows), "defined": defined}


def daily_counts(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Rows per local day and event, by day, then event."""
    found = _rows(store, asked, asked.get("events") or ALL_EVENTS)
    width = max(len(store.events), 1)
    keys = store.day[found.rows].astype(np.int64) * width + store.event[found.rows]
    present, counts = np.unique(keys, return_counts=True)
    context.note("pass: rows by day and event")
    return {
        "rows": [
            [axis.day_of(key // width).isoformat(), store.events[key % width], count]
            for key, count in zip(present.tolist(), counts.tolist(), strict=True)
        ]
    }
