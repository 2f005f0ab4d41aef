"""The users question (section 10): which people, or one number over them.

A `UserQuery` enters, an answer in the shape of the engage endpoints leaves: a page of profiles, or
the results of an aggregate. The surprise: people are those with a profile; somebody known only from
events counts when a cohort is asked for and `include_all_users` is set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mpnb.engine.duckdb import cohorts, formula, matching, numbers, rows, sources, values
from mpnb.engine.duckdb.column import plain
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.elements import Rows
from mpnb.engine.duckdb.sources import Array, Mask
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.users import UserQuery

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

LAST_SEEN: Final = "$last_seen"
_WINDOW: Final = re.compile(r"(\d+)\s*(h|d|w)")
_WINDOW_UNITS: Final = {"h": "hour", "d": "day", "w": "week"}


def answer(store: Store, question: UserQuery, context: Context) -> dict[str, Any]:
    """The raw answer: ``results`` is a list of profiles, or the aggregate.

    Args:
        store: the profiles and events.
        question: what is asked.
        context: `limit` is the most profiles to return, None for all.
    """
    if question.group_id is not None:
        store = store.by_group(question.group_id)
    context.note(f"pass: profiles{_people_said(question)}")
    members = people(store, question)
    if question.mode == "profiles":
        return _page(store, question, members, context.limit)
    return _envelope(store, _aggregated(store, question, members))


def _people_said(question: UserQuery) -> str:
    """Which conditions were tested, in words."""
    count = len(question.where) if isinstance(question.where, tuple) else 0
    parts = [f"{count} filter{'s' * (count > 1)}"] if count else []
    parts += ["a selector"] if question.where and not count else []
    parts += ["a cohort"] if question.cohort is not None else []
    parts += ["ids"] if _wanted_ids(question) is not None else []
    parts += ["a search"] if question.search else []
    return " by " + ", ".join(parts) if parts else ""


def people(store: Store, question: UserQuery, behaviors: Mapping[str, Array] | None = None) -> Mask:
    """Which users a question is about."""
    asof = _asof(store, question.as_of)
    found: Mask = store.has_profile.copy()
    if question.cohort is not None:
        members = cohorts.members(store, question.cohort, asof)
        found = members if question.include_all_users else members & found
    if isinstance(question.where, str) and question.where.strip():
        found = found & formula.selected(store, question.where, people=True, behaviors=behaviors)
    elif question.where and not isinstance(question.where, str):
        passing = rows.user_mask(store, question.where, asof_ms=asof)
        found = found if passing is None else found & passing
    wanted = _wanted_ids(question)
    if wanted is not None:
        found = found & _have_ids(store, wanted)
    return found & _matching(store, question.search) if question.search else found


def _asof(store: Store, as_of: str | int | None) -> int | None:
    """The instant that windows count back from, in ms; a date means its local midnight."""
    if as_of is None:
        return None
    if isinstance(as_of, int):
        return as_of * 1000
    moment = values.to_moment(as_of)
    if moment is None:
        raise QueryError(f"as_of is {as_of!r}; it must be a date like 2025-01-31 or Unix seconds.")
    return int(values.to_ms(moment, store.timezone))


def _wanted_ids(question: UserQuery) -> Sequence[str] | None:
    if question.distinct_id is not None:
        return [question.distinct_id]
    return question.distinct_ids


def _have_ids(store: Store, wanted: Sequence[str]) -> Mask:
    found = np.zeros(store.n_users, np.bool_)
    codes = [store.user_code(user_id) for user_id in wanted]
    found[[code for code in codes if code is not None]] = True
    return found


def _matching(store: Store, search: str) -> Mask:
    """Users whose id or any text property has the text in it, ignoring case (U-9)."""
    wanted = search.lower()

    def has(value: Any) -> bool:
        return isinstance(value, str) and wanted in value.lower()

    found = np.fromiter((wanted in user.lower() for user in store.users), np.bool_, store.n_users)
    for name in store.profile_properties():
        source = sources.profile_property(store, name)
        if source.kind == "dict":
            lookup = np.fromiter(map(has, source.values), np.bool_, len(source.values))
            found |= sources.take(lookup, source.array)
    return found


# --- profiles -----------------------------------------------------------------------------------


def _page(store: Store, question: UserQuery, members: Mask, limit: int | None) -> dict[str, Any]:
    order = _sorted(store, question, np.flatnonzero(members))
    shown = order if limit is None else order[:limit]
    return {
        "results": records(store, shown, question.properties),
        "session_id": None,
        "page": 0,
        "page_size": max(len(shown), 1),
        "total": len(order),
        **_stamp(store),
    }


def _stamp(store: Store) -> dict[str, Any]:
    return {"status": "ok", "computed_at": store.now.isoformat()}


def _envelope(store: Store, results: Any) -> dict[str, Any]:
    return {"results": results, **_stamp(store)}


def records(
    store: Store, users: Sequence[int] | Rows, names: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Engage records of users; with `names` only those properties, null where missing (U-4)."""
    if names is None:
        return [_record(store, user, store.profile_json(user)) for user in map(int, users)]
    asked = dict.fromkeys([*names, LAST_SEEN])
    found = {name: store.profile_column(name) for name in asked}
    out = []
    for user in map(int, users):
        properties = {
            name: column.value(user) if column else None for name, column in found.items()
        }
        if LAST_SEEN not in names and properties[LAST_SEEN] is None:
            del properties[LAST_SEEN]
        out.append(_record(store, user, properties))
    return out


def _record(store: Store, user: int, properties: dict[str, Any]) -> dict[str, Any]:
    return {"$distinct_id": store.users[user], "$properties": properties}


def _sorted(store: Store, question: UserQuery, users: Rows) -> Sequence[int]:
    """Users by the sort property, those without it last, ties by id (U-3)."""
    by_id = sorted(users.tolist(), key=_ids(store))
    if question.sort_by is None:
        return by_id
    source = sources.as_dict(store, sources.profile_property(store, question.sort_by))
    rank = _ranks(store, source.values)
    known = [user for user in by_id if source.array[user]]
    missing = [user for user in by_id if not source.array[user]]
    # Sorting is stable in both directions, so ties stay in the order of ids.
    descending = question.sort_order == "descending"
    return sorted(known, key=lambda u: rank[source.array[u]], reverse=descending) + missing


def _ids(store: Store) -> Callable[[int], str]:
    ids = list(store.users)
    return ids.__getitem__


def _ranks(store: Store, items: Sequence[Any]) -> list[int]:
    """The place of each value: numbers first, then text, then whatever else as text."""

    def key(value: Any) -> tuple[int, float, str]:
        if values.is_number(value):
            return 0, float(value), ""
        return (
            (1 if isinstance(value, str) else 2),
            0.0,
            values.to_text(value, store.timezone) or "",
        )

    keys = [key(value) for value in items]
    places = {each: place for place, each in enumerate(sorted(set(keys)))}
    return [places[each] for each in keys]


# --- aggregates ---------------------------------------------------------------------------------


def _aggregated(store: Store, question: UserQuery, members: Mask) -> Any:
    if question.segment_by is None:
        return _aggregate(store, question, members)
    asof = _asof(store, question.as_of)
    return {
        str(cohort): _aggregate(store, question, members & cohorts.members(store, cohort, asof))
        for cohort in question.segment_by
    }


def _aggregate(store: Store, question: UserQuery, members: Mask) -> Any:
    if question.aggregate == "count":
        return int(members.sum())
    if question.aggregate_property is None:
        raise QueryError(f"The aggregate {question.aggregate!r} needs a property.")
    found = _numbers(store, question.aggregate_property, members)
    return _AGGREGATES[question.aggregate](found, question)


def _numbers(store: Store, name: str, members: Mask) -> Array:
    """All numbers of a profile property over some users, lists by element (U-5)."""
    source = sources.profile_property(store, name)
    if source.kind == "number":
        found: Array = source.array[members]
        return found[~np.isnan(found)]
    items = numbers.cast_items(store, source)
    picked = [items[code] for code in source.array[members].tolist()]
    return np.array([number for group in picked for number in group], np.float64)


def _extremes(found: Array, question: UserQuery) -> dict[str, Any]:
    if not len(found):
        return {"max": None, "min": None}
    return {"max": plain(float(found.max())), "min": plain(float(found.min()))}


def _percentile(found: Array, question: UserQuery) -> dict[str, Any]:
    if question.percentile is None:
        raise QueryError("The aggregate 'percentile' needs a percentile from 0 to 100.")
    result = plain(float(np.percentile(found, question.percentile))) if len(found) else None
    return {"percentile": question.percentile, "result": result}


def _summary(found: Array, question: UserQuery) -> dict[str, Any]:
    some = len(found) > 0
    return {
        "count": len(found),
        "mean": plain(float(found.mean())) if some else None,
        "var": plain(float(found.var())) if some else None,
        "sum_of_squares": plain(float(np.square(found).sum())),
    }


_AGGREGATES: Final[Mapping[str, Callable[[Array, UserQuery], dict[str, Any]]]] = {
    "extremes": _extremes,
    "percentile": _percentile,
    "numeric_summary": _summary,
}
"""What each aggregate but `count` says of the numbers."""


# --- the stream of profiles ---------------------------------------------------------------------


def stream(store: Store, arguments: Mapping[str, Any], context: Context) -> list[dict[str, Any]]:
    """Engage records for `stream_profiles`, ordered by id.

    Args:
        store: the profiles and events.
        arguments: the call's keywords; `behaviors` are rows ``{"name", "window": "7d",
            "event_selectors": [{"event", "selector"}]}``, counted back from `as_of_timestamp`.
        context: notes what was done.
    """
    if arguments.get("group_id") is not None:
        store = store.by_group(arguments["group_id"])
    cohort = arguments.get("cohort_id")
    ids = arguments.get("distinct_ids")
    question = UserQuery(
        where=arguments.get("where") or (),
        cohort=None if cohort is None else int(cohort),
        distinct_id=arguments.get("distinct_id"),
        distinct_ids=None if ids is None else tuple(ids),
        as_of=arguments.get("as_of_timestamp"),
        include_all_users=bool(arguments.get("include_all_users")),
        mode="profiles",
    )
    context.note(f"pass: profiles{_people_said(question)}")
    asof = _asof(store, question.as_of)
    counted = {
        str(row["name"]): _behavior(store, row, asof) for row in arguments.get("behaviors") or ()
    }
    users = np.flatnonzero(people(store, question, counted))
    return records(store, _sorted(store, question, users), arguments.get("output_properties"))


def _behavior(store: Store, row: Mapping[str, Any], asof: int | None) -> Array:
    """For each user, how many events of a behavior are in its window (U-10)."""
    end = sources.clock(store).now_ms if asof is None else asof
    match = _WINDOW.fullmatch(str(row.get("window", "")))
    if match is None:
        raise NotSupportedError(
            f"The window {row.get('window')!r} of a behavior is not known; use 24h, 7d or 4w."
        )
    start = end - int(match[1]) * values.DURATIONS_MS[_WINDOW_UNITS[match[2]]]
    found = np.zeros(store.n_rows, np.bool_)
    for chosen in row.get("event_selectors") or ():
        found |= _selected(store, chosen)
    found &= (store.time >= start) & (store.time <= end) & (store.user < store.n_users)
    return np.bincount(store.user[found], minlength=store.n_users)


def _selected(store: Store, chosen: Mapping[str, Any]) -> Mask:
    named = rows.events(store, chosen.get("event", matching.ALL_EVENTS)).rows()
    text = chosen.get("selector")
    return named & formula.selected(store, text) if text else named
