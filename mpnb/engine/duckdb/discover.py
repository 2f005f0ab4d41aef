"""What a local store holds: events, properties, values, top events, saved cohorts, the schema.

The store and the arguments of a call go in, the body of its endpoint comes out. The surprise: there
are no saved funnels in a local store, so their list is empty.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import axis, cohorts, properties, sources
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.elements import elements
from mpnb.engine.duckdb.legacy import Arguments
from mpnb.engine.duckdb.matching import ALL_EVENTS
from mpnb.engine.duckdb.values import to_text
from mpnb.errors import QueryError

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

MAX_TOP = 100
Rows = npt.NDArray[np.int64]


def events(store: Store, asked: Arguments, context: Context) -> list[str]:
    """Names of events with rows in the range, the most frequent first."""
    inside = np.ones(store.n_rows, np.bool_)
    if asked.get("from_date"):
        inside &= store.day >= axis.day_number(axis.parse(asked["from_date"]))
    if asked.get("to_date"):
        inside &= store.day <= axis.day_number(axis.parse(asked["to_date"]))
    counts = np.bincount(store.event[inside], minlength=len(store.events))
    order = sorted(range(len(store.events)), key=lambda i: (-counts[i], store.events[i]))
    context.note("pass: rows by event")
    return [store.events[i] for i in order if counts[i]][: asked.get("limit")]


def properties_of(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """The properties that rows of an event carry, with the number of rows of each."""
    event = asked["event"]
    if event not in store.events:
        raise QueryError(f"there is no event {event!r}", status_code=404)
    code = store.events.index(event)
    context.note(f"coverage: properties of {event!r}")
    counts = {name: int(store.coverage(name)[code]) for name in store.properties()}
    return {name: {"count": count} for name, count in counts.items() if count}


def property_values(store: Store, asked: Arguments, context: Context) -> list[str]:
    """Distinct defined values as text, the most frequent first, list elements singly."""
    counts = _value_counts(store, asked, singly=True)
    texts: dict[str, int] = {}
    for value, count in counts:
        text = to_text(value, store.timezone) or ""
        texts[text] = texts.get(text, 0) + count
    order = sorted(texts, key=lambda text: (-texts[text], text))
    context.note(f"pass: values of {asked['property_name']!r}")
    return order[: asked.get("limit")]


def subproperties(store: Store, asked: Arguments, context: Context) -> list[str]:
    """Whole values of a property as JSON text, the most frequent first: lists stay lists."""
    counts = _value_counts(store, asked, singly=False)
    context.note(f"pass: values of {asked['property_name']!r}")
    order = sorted(counts, key=lambda pair: (-pair[1], json.dumps(pair[0])))
    found = [value for value, _ in order[: asked.get("sample_size")]]
    return [value if isinstance(value, str) else json.dumps(value) for value in found]


def _value_counts(store: Store, asked: Arguments, *, singly: bool) -> list[tuple[Any, int]]:
    """Each distinct defined value of a property and the number of its rows."""
    event = asked.get("event")
    within = rows_of.events(store, event or ALL_EVENTS).rows()
    source = properties.resolve(store, asked["property_name"])
    where: Rows | None = None
    if singly:
        items = elements(store, source, within)
        source, where = items.source, items.rows
    coded = sources.as_dict(store, sources.spread(store, source) if where is None else source)
    codes = coded.array[within] if where is None else coded.array[within[where]]
    counts = np.bincount(codes, minlength=len(coded.values)).tolist()
    return [(coded.values[i], n) for i, n in enumerate(counts) if i and n]


def top_events(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Today's events up to now, and their change against yesterday up to the same time of day."""
    now = axis.millis(store.now)
    today = axis.today(store)
    start = axis.midnight(store.timezone, today)
    before = axis.midnight(store.timezone, axis.day_of(axis.day_number(today) - 1))
    counted = _counts_between(store, start, now, asked["type"])
    earlier = _counts_between(store, before, before + now - start, asked["type"])
    context.note("pass: rows by event, today and yesterday")
    order = sorted(counted, key=lambda name: (-counted[name], name))
    limit = MAX_TOP if asked.get("limit") is None else asked["limit"]
    rows = [
        {"event": name, "amount": counted[name], "percent_change": _change(counted, earlier, name)}
        for name in order[:limit]
    ]
    return {"events": rows, "type": asked["type"]}


def _counts_between(store: Store, start: int, end: int, kind: str) -> dict[str, float]:
    """Rows, users, or rows per user of each event with rows from start to end, both included."""
    rows = np.flatnonzero((store.time >= start) & (store.time <= end))
    codes = store.event[rows].astype(np.int64)
    known = store.user[rows] < store.n_users
    pairs = np.unique(store.user[rows][known].astype(np.int64) * len(store.events) + codes[known])
    total = np.bincount(codes, minlength=len(store.events))
    users = np.bincount(pairs % max(len(store.events), 1), minlength=len(store.events))
    found = {"general": total, "unique": users, "average": total / np.maximum(users, 1)}
    if kind not in found:
        raise QueryError(f"type {kind!r} is not known; one of {', '.join(found)}")
    return {store.events[i]: found[kind][i].item() for i in np.flatnonzero(total).tolist()}


def _change(today: dict[str, float], yesterday: dict[str, float], name: str) -> float:
    before = yesterday.get(name, 0)
    return (today[name] - before) / before if before else 1.0


def saved_cohorts(store: Store, asked: Arguments, context: Context) -> list[dict[str, Any]]:
    """The saved cohorts of the settings, with their present size."""
    return [
        {
            "id": row["id"],
            "name": row.get("name") or "",
            "count": int(cohorts.members(store, int(row["id"])).sum()),
            "description": row.get("description") or "",
            "created": "",
            "is_visible": 1,
            "project_id": 0,
        }
        for row in store.settings.cohorts
    ]


def saved_funnels(store: Store, asked: Arguments, context: Context) -> list[dict[str, Any]]:
    """A store has no saved funnels: reports are kept by the workspace over it."""
    return []


def schema_graph(store: Store, asked: Arguments, context: Context) -> dict[str, Any]:
    """Events, properties with their types, and which event carries which property."""
    counts = np.bincount(store.event, minlength=len(store.events)).tolist()
    people = store.profile_properties() if asked.get("include_user_properties", True) else []
    return {
        "events": [{"name": n, "count": c} for n, c in zip(store.events, counts, strict=True)],
        "properties": [
            {"name": name, "type": _type(facts["types"]), "resourceType": "Event"}
            for name, facts in store.property_facts.items()
        ],
        "user_properties": [
            {"name": name, "type": _type(_profile_types(store, name)), "resourceType": "User"}
            for name in people
        ],
        "per_event": [_carried(store, name, asked, context) for name in store.events],
    }


def _carried(store: Store, event: str, asked: Arguments, context: Context) -> dict[str, Any]:
    found = properties_of(store, {"event": event}, context)
    rows = int(np.count_nonzero(store.event == store.events.index(event)))
    dense = asked.get("include_density")
    return {
        "name": event,
        "properties": [
            {"name": name, "density": facts["count"] / rows} if dense else {"name": name}
            for name, facts in found.items()
        ],
    }


def _type(types: list[str]) -> str:
    """The type that all values of a property share, else string."""
    return types[0] if len(types) == 1 else "string"


def _profile_types(store: Store, name: str) -> list[str]:
    facts = store.profile_facts.get(name)  # the time of the first event has none of its own
    return ["number"] if facts is None else list(facts["types"])
