"""From blocks in load order to the columns of a store.

Enters: blocks, profiles, the zone and the settings. Leaves: named arrays in a target: rows by user
in the store's order, each property as numbers, as codes for every row, or as codes for the few rows
that have it. The surprise: rows without a user come last, after all users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb import identity, jit, zones
from mpnb.engine.duckdb.arrays import Arrays, Target
from mpnb.engine.duckdb.load.blocks import Block, code_type
from mpnb.engine.duckdb.load.columns import Part, put_column
from mpnb.engine.duckdb.load.loaded import Loaded
from mpnb.engine.duckdb.load.memory import give_back
from mpnb.engine.duckdb.load.order import sorted_rows, without_duplicates
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.engine.duckdb.load.spool import Rows
from mpnb.engine.duckdb.room import STEP, Room, filled, forget, stretches, taken
from mpnb.engine.duckdb.settings import Settings

Vector = npt.NDArray[Any]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

Progress = Callable[[str, float], None]


def assemble(
    blocks: list[Rows] | list[Block],
    profiles: Profiles,
    zone: ZoneInfo,
    settings: Settings,
    target: Target,
    progress: Progress | None = None,
) -> Arrays:
    """Sort, de-duplicate, resolve users and write every column.

    Args:
        blocks: all rows; their `order` decides ties. The list is emptied, to save memory.
        profiles: the profiles in load order.
        zone: the project's zone.
        settings: the project's settings.
        target: where the columns go.
        progress: told the name of a stage and the share of it that is done.
    """
    tell = progress or (lambda stage, share: None)
    give_back()
    loaded = Loaded(blocks, target.room)
    blocks.clear()
    tell("sort", 0.0)
    base = _base(loaded, zone, settings, target)
    give_back()
    user_ids = _with_profiles(base.users, profiles)
    _put_users(target, base, user_ids)
    base = replace(base, users=replace(base.users, codes=base.users.codes[:0]))
    columns, coverage = _put_properties(target, loaded, base, tell)
    target.put("coverage", coverage.ravel())
    meta: dict[str, Any] = {
        "n_rows": len(base.event),
        "n_users": len(user_ids),
        "n_event_users": len(base.users.names),
        "n_loaded": len(loaded),
        "events": base.event_names,
        "columns": columns,
        "profiles": profiles.put(target, user_ids, base.users.resolve),
        "raw": base.raw,
        "timezone": zone.key,
        "settings": settings.to_dict(),
    }
    return target.finish(meta)


@dataclass(frozen=True, eq=False)
class _Base:
    """What is still needed of the rows when they are in the store's order.

    Attributes:
        users: who is who, without the codes of rows.
        place: where each loaded row went; of a duplicate that was dropped, the number of rows.
        event: event code of each row.
        event_names: the events by code.
        offsets: where the rows of each user begin.
        raw: arrays that keep what was read where the store has something else.
    """

    users: identity.Users
    place: Int32
    event: npt.NDArray[Any]
    event_names: list[str]
    offsets: Int64
    raw: list[str]


def _base(loaded: Loaded, zone: ZoneInfo, settings: Settings, target: Target) -> _Base:
    """Order the rows and write what every store has, one column after the other."""
    event, event_names = loaded.events
    ids, id_names = loaded.ids
    stored = identity.as_is(ids, id_names)
    forget(loaded.order)
    rows = _ordered(loaded, _counted(len(loaded), target.room), stored, loaded.clock, event)
    rows = without_duplicates(loaded, rows, ids, loaded.clock, event)
    time, raw = loaded.clock, False
    if settings.time_storage == "project_local":
        time = _each(loaded.clock, np.int64, lambda clock: zones.instants(clock, zone), target)
    users = _users(loaded, rows, time, event, event_names, stored, settings)
    if users is not stored or time is not loaded.clock:
        raw, rows = True, _ordered(loaded, rows, users, time, event)
        target.put("clock", taken(loaded.clock, rows, target.room))
        target.put("ids", taken(ids, rows, target.room))
        target.put("id_names", id_names)
    forget(time)
    target.put("order", taken(loaded.order, rows, target.room))
    loaded.order = loaded.order[:0]
    _put_times(target, taken(time, rows, target.room), zone)
    del time
    loaded.forget_rows()
    user = taken(users.codes, rows, target.room)
    event = _each(event, code_type(len(event_names) - 1), lambda code: code, target)
    return _Base(
        users=replace(users, codes=user),
        place=_places(rows, len(loaded), target.room),
        event=taken(event, rows, target.room),
        event_names=event_names,
        offsets=np.concatenate([[0], np.cumsum(_counts(user, len(users.names)))]).astype(np.int64),
        raw=["clock", "ids", "id_names"] if raw else [],
    )


def _counted(length: int, room: Room) -> Int32:
    """0, 1, 2, … `length` - 1."""
    rows = room(length, np.int32)
    for part in stretches(length):
        rows[part] = np.arange(part.start, part.stop, dtype=np.int32)
    return rows


def _places(rows: Int32, length: int, room: Room) -> Int32:
    """Where each of `length` rows went; of those that are not among `rows`, their number."""
    place = filled(room, length, np.int32, len(rows))
    for part in stretches(len(rows)):
        place[rows[part]] = np.arange(part.start, part.stop, dtype=np.int32)
    return place


def _each(values: Vector, dtype: Any, change: Callable[[Vector], Vector], target: Target) -> Vector:
    """What `change` makes of an array, a stretch at a time."""
    found = target.room(len(values), dtype)
    for part in stretches(len(values)):
        found[part] = change(values[part])
    return found


def _counts(codes: Vector, size: int) -> Int64:
    """How often each code from 0 on occurs; a stretch at a time, as in `taken`."""
    count = np.zeros(size, np.int64)
    for start in range(0, len(codes), STEP):
        part = codes[start : start + STEP]
        count += np.bincount(part[part >= 0], minlength=size)
    return count


def _put_times(target: Target, time: Int64, zone: ZoneInfo) -> None:
    target.put("time", time)
    target.put("day", _each(time, np.int32, lambda some: zones.local_days(some, zone), target))


def _ordered(
    loaded: Loaded, rows: Int32, users: identity.Users, time: Int64, event: Int32
) -> Int32:
    """The rows in the store's order, those without a user last."""
    user = _with_others(taken(users.codes, rows, loaded.room), len(users.names))
    forget(users.codes)
    forget(event)
    return sorted_rows(loaded, rows, user, time, event, loaded.room)


def _with_others(codes: Int32, size: int) -> Int32:
    """User codes in which rows without a user have a code of their own; in place."""
    for part in stretches(len(codes)):
        own = codes[part]
        own[own < 0] = size
    return codes


def _users(
    loaded: Loaded,
    rows: Int32,
    time: Int64,
    event: Int32,
    event_names: list[str],
    stored: identity.Users,
    settings: Settings,
) -> identity.Users:
    if settings.identity == "simplified":
        return identity.simplified(loaded, rows, time, event)
    if settings.identity == "original":
        return identity.original(loaded, rows, time, event, event_names)
    return stored


def _with_profiles(users: identity.Users, profiles: Profiles) -> pa.Array:
    """The ids of users with events, then those known from profiles alone, each in text order."""
    resolved = pa.array([users.resolve(text) for text in profiles.ids], pa.large_string())
    others = pc.unique(resolved.filter(pc.invert(pc.is_in(resolved, value_set=users.names))))
    others = others.take(pc.sort_indices(others))
    return pa.chunked_array([users.names, others], pa.large_string()).combine_chunks()


def _put_users(target: Target, base: _Base, user_ids: pa.Array) -> None:
    without_events = len(user_ids) - (len(base.offsets) - 1)
    target.put("users", user_ids)
    target.put("user", _with_others(base.users.codes, len(user_ids)))
    target.put("event", base.event)
    rest = np.full(without_events, base.offsets[-1], np.int64)
    target.put("offsets", np.concatenate([base.offsets, rest]))


def _put_properties(
    target: Target, loaded: Loaded, base: _Base, tell: Progress
) -> tuple[list[dict[str, Any]], Int64]:
    """Write all properties, two at a time.

    Returns:
        The facts of each, and per property and event the number of rows on which it is defined.
    """
    size = len(base.event_names)
    coverage = np.zeros((len(loaded.names), size), np.int64)

    def put(number: int) -> dict[str, Any]:
        name = loaded.names[number]
        parts = _parts(loaded, name, base.place)
        facts, defined = put_column(target, f"p{number}", name, len(base.event), parts)
        coverage[number] = _covered(base.event, defined, size)
        if len(base.event) > STEP:
            del defined
            give_back()
        return facts

    facts: list[dict[str, Any]] = []
    with ThreadPoolExecutor(jit.threads()) as pool:
        for found in pool.map(put, range(len(loaded.names))):
            tell("columns", len(facts) / len(loaded.names))
            facts.append(found)
    return facts, coverage


def _covered(event: Vector, defined: npt.NDArray[np.bool_], size: int) -> Int64:
    count = np.zeros(size, np.int64)
    for part in stretches(len(event)):
        count += np.bincount(event[part][defined[part]], minlength=size)
    return count


def _parts(loaded: Loaded, name: str, place: Int32) -> Iterator[Part]:
    for start, length, piece in loaded.take_pieces(name):
        yield Part(piece, place[start : start + length])
