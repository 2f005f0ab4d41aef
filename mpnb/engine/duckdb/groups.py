"""Events by group: every group of a property takes the place of a user.

Enters: a store's arrays, the group's property and all profiles. Leaves: arrays of the same shape,
and which event each new row stands for. The surprise: an event with a list of groups becomes a row
for each of them, so totals must count each event once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.arrays import MemoryArrays
from mpnb.engine.duckdb.load.loaded import INSERT_ID
from mpnb.engine.duckdb.load.order import sorted_rows
from mpnb.engine.duckdb.load.profiles import Profiles, put_profiles
from mpnb.engine.duckdb.load.tokens import to_text

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


class _Keys:
    """The store's rows as `sorted_rows` reads them."""

    def __init__(self, store: Store) -> None:
        self._insert_id = store.column(INSERT_ID)
        self.names = [] if self._insert_id is None else [INSERT_ID]
        self.order = store.arrays.vector("order").astype(np.int64)

    def texts_at(self, name: str, rows: npt.NDArray[Any]) -> pa.Array:
        column = self._insert_id
        assert column is not None
        codes = column.codes[rows].astype(np.int64) if column.kind == "dict" else None
        if codes is None:
            return pa.array([to_text(column.value(row)) for row in rows], pa.large_string())
        return column.texts.take(pa.array(codes))


def regrouped(store: Store, key: str, profiles: Profiles) -> tuple[MemoryArrays, Int32]:
    """The arrays of the store with groups for users, and the event of each row."""
    members, texts = _memberships(store, key)
    groups = texts.dictionary_encode()
    own = [p for p in profiles.records if p.group_key == key]
    if not own:  # plain profiles may carry group ids
        own = [p for p in profiles.records if p.group_key is None]
    names = groups.dictionary.take(pc.sort_indices(groups.dictionary))
    others = pa.array([p.id for p in own if p.group_key is not None], pa.large_string())
    others = pc.unique(others.filter(pc.invert(pc.is_in(others, value_set=names))))
    everybody = pa.chunked_array(
        [names, others.take(pc.sort_indices(others))], pa.large_string()
    ).combine_chunks()
    codes = pc.index_in(texts, value_set=names).to_numpy().astype(np.int32)
    place = _order(store, members, codes)
    arrays = MemoryArrays()
    members, codes = members[place], codes[place]
    count = np.bincount(codes, minlength=len(everybody))
    arrays.put("users", everybody)
    arrays.put("time", store.time[members])
    arrays.put("day", store.day[members])
    arrays.put("event", store.event[members])
    arrays.put("user", codes)
    arrays.put("order", store.arrays.vector("order")[members])
    arrays.put("offsets", np.concatenate([[0], np.cumsum(count)]).astype(np.int64))
    facts = _put_profiles(arrays, everybody, own)
    meta = {**store.arrays.meta, "n_rows": len(members), "n_users": len(everybody)}
    return arrays.finish({**meta, "n_event_users": len(names), "profiles": facts}), members


def _memberships(store: Store, key: str) -> tuple[Int32, pa.Array]:
    """Pairs of an event and a group that it belongs to, each pair once."""
    column = store.column(key)
    if column is None:
        return np.zeros(0, np.int32), pa.array([], pa.large_string())
    if column.kind == "number":
        rows: Int32 = np.flatnonzero(column.defined).astype(np.int32)
        texts = [to_text(column.value(int(row))) for row in rows]
        return rows, pa.array(texts, pa.large_string())
    lists = [_groups_of(value) for value in column.values]
    lengths = np.array([len(groups) for groups in lists])
    starts = np.cumsum(lengths) - lengths
    flat = pa.array([group for groups in lists for group in groups], pa.large_string())
    each = lengths[column.codes]
    rows = np.repeat(np.arange(store.n_rows), each).astype(np.int32)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(each) - each, each)
    return rows, flat.take(pa.array(np.repeat(starts[column.codes], each) + within))


def _groups_of(value: Any) -> list[str]:
    """The distinct groups that a value names; none for a missing or empty one."""
    items = value if isinstance(value, list) else [value]
    texts = [to_text(item) for item in items if item is not None]
    return list(dict.fromkeys(text for text in texts if text != ""))


def _order(store: Store, members: Int32, codes: Int32) -> Int64:
    """Places in `members` by group, then as events of a user are ordered."""
    pairs = np.arange(len(members))
    return sorted_rows(
        _Pairs(_Keys(store), members), pairs, codes, store.time[members], store.event[members]
    )


class _Pairs:
    """Pairs of event and group as rows: each has what its event has."""

    def __init__(self, keys: _Keys, members: Int32) -> None:
        self._keys, self._members = keys, members
        self.names, self.order = keys.names, keys.order[members]

    def texts_at(self, name: str, rows: Int64) -> pa.Array:
        return self._keys.texts_at(name, self._members[rows])


def _put_profiles(arrays: MemoryArrays, users: pa.Array, own: list[Any]) -> list[dict[str, Any]]:
    ids = pa.array([profile.id for profile in own], pa.large_string())
    codes = pc.index_in(ids, value_set=users)
    known = [i for i, code in enumerate(codes.to_pylist()) if code is not None]
    found = [codes[i].as_py() for i in known]
    has = np.zeros(len(users), np.uint8)
    has[found] = 1
    arrays.put("has_profile", has)
    return put_profiles(arrays, found, [own[i].properties for i in known], len(users))
