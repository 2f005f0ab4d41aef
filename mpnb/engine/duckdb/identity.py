"""Which user an event belongs to.

Enters: the stored ids of rows in load order, and the identity setting. Leaves: a user per row, and
a way to resolve the ids of profiles by the same rule. The surprise: the default trusts the exported
`distinct_id`; the two merges are for raw or mixed files and change nothing on canonical ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb.load.loaded import Loaded
from mpnb.engine.duckdb.load.order import sorted_rows
from mpnb.engine.duckdb.load.tokens import to_text
from mpnb.engine.duckdb.room import Room, chosen, filled, stretches, taken

Int32 = npt.NDArray[np.int32]
Rows = npt.NDArray[Any]
Int64 = npt.NDArray[np.int64]

DEVICE = "$device:"
MAX_CLUSTER = 500
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)


@dataclass(frozen=True, eq=False)
class Users:
    """Who is who.

    Attributes:
        codes: user code per row of the load, -1 for rows without a user.
        names: the users' ids in text order.
        resolve: the user's id of any stored id, known from events or not.
    """

    codes: Int32
    names: pa.Array
    resolve: Callable[[str], str]


def as_is(ids: Int32, names: pa.Array) -> Users:
    """The user is the exported `distinct_id`."""
    return Users(ids, names, lambda text: text)


def simplified(loaded: Loaded, rows: Rows, time: Int64, event: Int32) -> Users:
    """Merge devices into the first user that they were seen with.

    Args:
        loaded: the rows in load order.
        rows: those that are no duplicates.
        time: instant of each row of `loaded`.
        event: event code of each row of `loaded`.
    """
    ids, id_names = loaded.ids
    users, user_names = loaded.property_texts("$user_id")
    devices, device_names = loaded.property_texts("$device_id")
    stored = id_names.to_pylist()
    known_devices = device_names.to_pylist()
    links = _links(loaded, rows, time, event, users, devices)
    linked: dict[str, str] = {known_devices[d]: user_names[u].as_py() for d, u in links.items()}

    def of_device(device: str) -> str:
        return linked.get(device, DEVICE + device)

    def resolve(text: str) -> str:
        return of_device(text[len(DEVICE) :]) if text.startswith(DEVICE) else text

    candidates = [
        (users, user_names.to_pylist()),
        (devices, [of_device(device) for device in known_devices]),
        (ids, [resolve(text) for text in stored]),
    ]
    codes, names = _first_of(candidates, len(loaded), loaded.room)
    return Users(codes, names, resolve)


def _links(
    loaded: Loaded, rows: Rows, time: Int64, event: Int32, users: Int32, devices: Int32
) -> dict[int, int]:
    """The user code of each device code: that of the earliest row with both."""
    both = _those(rows, lambda some: (users[some] >= 0) & (devices[some] >= 0), loaded.room)
    ordered = sorted_rows(loaded, both, taken(devices, both, loaded.room), time, event, loaded.room)
    device = taken(devices, ordered, loaded.room)
    first = _beginnings(device)
    return dict(zip(device[first].tolist(), users[ordered[first]].tolist(), strict=True))


def _those(rows: Rows, wanted: Callable[[Rows], Rows], room: Room) -> Rows:
    """The rows of which `wanted` is true, asked for a stretch at a time."""
    keep = room(len(rows), bool)
    for part in stretches(len(rows)):
        keep[part] = wanted(rows[part])
    return chosen(rows, keep, room)


def _beginnings(codes: Int32) -> Int64:
    """Where in an ascending array each code stands first."""
    found = [np.zeros(min(len(codes), 1), np.int64)]
    for part in stretches(len(codes)):
        low = max(part.start - 1, 0)
        found.append(low + 1 + np.flatnonzero(np.diff(codes[low : part.stop])))
    return np.concatenate(found)


def _first_of(
    candidates: list[tuple[Int32, list[str]]], length: int, room: Room
) -> tuple[Int32, pa.Array]:
    """Per row the text of the first candidate that has one, coded in text order."""
    used: list[str] = []
    codes = filled(room, length, np.int64, -1)
    for column, texts in candidates:
        for part in stretches(length):
            own, other = codes[part], column[part]
            take = (own < 0) & (other >= 0)
            own[take] = other[take].astype(np.int64) + len(used)
        used.extend(texts)
    return _recoded(codes, pa.array(used, pa.large_string()), room)


def _recoded(codes: Rows, texts: pa.Array, room: Room) -> tuple[Int32, pa.Array]:
    """Codes into distinct texts in text order, of which each is used."""
    if len(texts) == 0:
        return codes.astype(np.int32), texts
    used = np.zeros(len(texts) + 1, bool)
    for part in stretches(len(codes)):
        used[codes[part]] = True
    present = np.flatnonzero(used[:-1])  # the last entry is that of code -1
    encoded = texts.take(pa.array(present)).dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    rank = np.empty(len(order), np.int32)
    rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    lookup = np.full(len(texts) + 1, -1, np.int32)  # the last entry serves code -1
    lookup[present] = rank[encoded.indices.to_numpy()]
    return taken(lookup, codes, room), encoded.dictionary.take(order)


def original(loaded: Loaded, rows: Rows, time: Int64, event: Int32, events: list[str]) -> Users:
    """Merge ids into clusters, as the identify, alias and merge events of the load say.

    Args:
        loaded: the rows in load order.
        rows: those that are no duplicates.
        time: instant of each row of `loaded`.
        event: event code of each row of `loaded`.
        events: the event names by code.
    """
    ids, names = loaded.ids
    clusters = _Clusters()
    wanted = np.flatnonzero(np.isin(events, ["$identify", "$create_alias", "$merge"]))
    merging = _those(rows, lambda some: np.isin(event[some], wanted), loaded.room)
    no_user = np.zeros(len(merging), np.int32)
    ordered = sorted_rows(loaded, merging, no_user, time, event)
    kinds = [events[event[row]] for row in ordered]
    for kind, pair in zip(kinds, _pairs(loaded, ordered, kinds, ids, names), strict=True):
        if pair is not None:
            clusters.merge(*pair, identify=kind == "$identify")
    mapped = [clusters.name(text) for text in names.to_pylist()]
    codes, users = _recoded(ids, pa.array(mapped, pa.large_string()), loaded.room)
    return Users(codes, users, clusters.name)


def _pairs(
    loaded: Loaded, rows: Rows, kinds: list[str], ids: Int32, names: pa.Array
) -> Iterable[tuple[str, str] | None]:
    """The two ids that each merging row names; None when it failed or names no two."""
    keys = ["$anon_id", "$identified_id", "alias", "$distinct_ids", "$failure_reason"]
    columns = [
        loaded.values_at(key, rows) if key in loaded.names else [None] * len(rows) for key in keys
    ]
    for row, kind, anon, identified, alias, both, failure in zip(
        rows, kinds, *columns, strict=True
    ):
        own = names[int(ids[row])].as_py() if ids[row] >= 0 else None
        if failure is not None:
            yield None
        elif kind == "$identify":
            yield _two(anon, identified if identified is not None else own)
        elif kind == "$create_alias":
            yield _two(alias, own)
        else:
            yield _two(*both) if isinstance(both, list) and len(both) == 2 else None


def _two(a: object, b: object) -> tuple[str, str] | None:
    pair = tuple("" if value is None else to_text(value) for value in (a, b))
    return (pair[0], pair[1]) if all(pair) else None


class _Clusters:
    """Sets of ids that belong to one person."""

    def __init__(self) -> None:
        self._members: dict[str, list[str]] = {}
        self._identified: dict[str, str] = {}

    def merge(self, a: str, b: str, *, identify: bool) -> None:
        """Join the clusters of two ids; an anonymous id can be identified to one id only."""
        if identify:
            if not _UUID4.fullmatch(a) or self._identified.get(a, b) != b:
                return
            self._identified[a] = b
        one, other = self._of(a), self._of(b)
        if one is other or len(one) + len(other) > MAX_CLUSTER:
            return
        one.extend(other)
        for member in other:
            self._members[member] = one

    def name(self, text: str) -> str:
        """The id that stands for a cluster: its first in text order that is not anonymous."""
        members = self._members.get(text)
        if members is None:
            return text
        return min(members, key=lambda member: (bool(_UUID4.fullmatch(member)), member))

    def _of(self, text: str) -> list[str]:
        return self._members.setdefault(text, [text])
