"""A local project's events and profiles as columns.

Enters: a folder that `load` filled, or rows in memory. Leaves: numpy arrays over rows that are
sorted by user and time, and columns of properties. The surprise: nothing is read before it is
asked for; from a folder the arrays are views over mapped files and cost no memory of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpnb.engine.duckdb import folder
from mpnb.engine.duckdb.arrays import Arrays, MemoryArrays
from mpnb.engine.duckdb.column import (
    Column,
    column_of_texts,
    column_of_values,
    open_column,
    plain,
)
from mpnb.engine.duckdb.groups import regrouped
from mpnb.engine.duckdb.load.assemble import assemble
from mpnb.engine.duckdb.load.blocks import BlockBuilder, code_type
from mpnb.engine.duckdb.load.job import load
from mpnb.engine.duckdb.load.profiles import Profiles
from mpnb.engine.duckdb.load.tokens import distinct, to_token
from mpnb.engine.duckdb.settings import Settings
from mpnb.engine.duckdb.sql import EVENT_COLUMNS, USER_COLUMNS, column_names, connection
from mpnb.errors import QueryError

Vector = npt.NDArray[Any]
FIRST_EVENT_TIME = "$mp_first_event_time"


class Texts(Sequence[str]):
    """A list of texts that stays where it is mapped."""

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, index: Any) -> Any:
        taken = self.array[index]
        return taken.to_pylist() if isinstance(index, slice) else taken.as_py()

    def __iter__(self) -> Iterator[str]:
        return iter(cast("list[str]", self.array.to_pylist()))


class Store:
    """Events and profiles of one project.

    Attributes:
        timezone: the project's zone.
        now: the injected clock, aware; one without an offset was read in `timezone`.
        settings: the project's settings.
        version: names the content; equal data, zone and settings have equal versions.
        n_rows: number of events.
        n_users: number of users: those with events first, then those with only a profile.
        time: int64 per row, ms since 1970 UTC; rows of a user are in order.
        user: int32 per row, the user's code; `n_users` for rows without a user, which come last.
        day: int32 per row, local calendar day, days since 1970-01-01.
        event: unsigned code per row into `events`.
        events: the event names in text order.
        offsets: int64, `n_users + 1` long: rows of user u are `offsets[u]:offsets[u + 1]`.
        users: the users' ids by code.
        has_profile: bool per user.
        property_facts, profile_facts: per name its number of `count` rows and `distinct` values.
        first: None, or bool per row, True once per event when an event stands for several users
            (groups): a total counts the rows where it is True.
        event_id: None, or int32 per row: which event of the project a row stands for.
    """

    def __init__(
        self,
        arrays: Arrays,
        *,
        now: datetime | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.arrays = arrays
        meta = arrays.meta
        self.timezone = ZoneInfo(meta["timezone"])
        now = now or datetime.now(UTC)
        self.now = now if now.tzinfo else now.replace(tzinfo=self.timezone)
        self.settings = settings or Settings.of(meta["settings"])
        self.version: str = meta["version"]
        self.n_rows: int = meta["n_rows"]
        self.n_users: int = meta["n_users"]
        self.events: list[str] = meta["events"]
        self.first: npt.NDArray[np.bool_] | None = None
        self.event_id: npt.NDArray[np.int32] | None = None
        self.property_facts = {facts["name"]: facts for facts in meta["columns"]}
        self.profile_facts = {facts["name"]: facts for facts in meta["profiles"]}
        self._columns: dict[tuple[str, str], Column] = {}
        self._groups: dict[str, Store] = {}

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        profiles: Iterable[Any] = (),
        *,
        timezone: str | ZoneInfo = "UTC",
        now: datetime | str | None = None,
        settings: Mapping[str, Any] | Settings | None = None,
    ) -> Store:
        """A store in memory from export rows `{"event", "properties"}` and engage records.

        Raises:
            BadLine: a row or profile is not of that form.
        """
        zone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
        chosen = Settings.of(settings)
        builder = BlockBuilder()
        for order, row in enumerate(rows):
            builder.add(row.get("event"), row.get("properties"), order)
        arrays = assemble([builder.build()], Profiles.of(profiles), zone, chosen, MemoryArrays())
        return cls(arrays, now=_moment(now), settings=chosen)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        timezone: str | None = None,
        now: datetime | str | None = None,
        settings: Mapping[str, Any] | Settings | None = None,
    ) -> Store:
        """Open the store of a folder; the arrays are mapped when they are first touched.

        Args:
            path: the folder that `load` filled.
            timezone: the project's zone; None keeps the store's.
            now: the injected clock; None is the system's.
            settings: the project's settings; None keeps the store's. A change of identity, time
                storage or zone writes the store anew, once.

        Raises:
            ConfigError: the folder holds no store.
        """
        place = Path(path)
        arrays: Arrays = folder.current(place)
        chosen = Settings.of(arrays.meta["settings"] if settings is None else settings)
        zone = timezone or arrays.meta["timezone"]
        if stored_by(arrays) != (zone, chosen.identity, chosen.time_storage):
            _, arrays = load(None, place, timezone=zone, settings=chosen)
        return cls(arrays, now=_moment(now), settings=chosen)

    @classmethod
    def of(
        cls,
        source: Any,
        *,
        profiles: Any = None,
        timezone: str | None = None,
        now: datetime | str | None = None,
        settings: Mapping[str, Any] | Settings | None = None,
        mapping: Mapping[str, str] | None = None,
    ) -> Store:
        """A store in memory from anything that `load` takes; bad lines are left out."""
        _, arrays = load(
            source, None, profiles=profiles, timezone=timezone, settings=settings, mapping=mapping
        )
        return cls(arrays, now=_moment(now), settings=Settings.of(settings))

    @cached_property
    def time(self) -> npt.NDArray[np.int64]:
        """Instant of each row, ms since 1970 UTC."""
        return self.arrays.vector("time")

    @cached_property
    def user(self) -> npt.NDArray[np.int32]:
        """User code of each row."""
        return self.arrays.vector("user")

    @cached_property
    def day(self) -> npt.NDArray[np.int32]:
        """Local day of each row, days since 1970-01-01."""
        return self.arrays.vector("day")

    @cached_property
    def event(self) -> Vector:
        """Event code of each row."""
        return self.arrays.vector("event")

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """First row of each user, and the first row without a user."""
        return self.arrays.vector("offsets")

    @cached_property
    def users(self) -> Texts:
        """The users' ids by code."""
        return Texts(self.arrays.texts("users"))

    @cached_property
    def has_profile(self) -> npt.NDArray[np.bool_]:
        """Which users have a profile."""
        return self.arrays.vector("has_profile").view(bool)

    @property
    def n_event_users(self) -> int:
        """Number of users with events; their codes come first."""
        return int(self.arrays.meta["n_event_users"])

    def event_code(self, name: str) -> int | None:
        """The code of an event name, None when no row has it."""
        return self._event_codes.get(name)

    def user_code(self, name: str) -> int | None:
        """The code of a user's id, None when it is not known."""
        found = pc.index(self.users.array, pa.scalar(name, self.users.array.type)).as_py()
        return None if found < 0 else int(found)

    def coverage(self, name: str) -> npt.NDArray[np.int64]:
        """Rows on which an event property is defined, by event code; as loaded, nothing is read."""
        if self.event_id is not None or self.n_rows != self.arrays.meta["n_rows"]:
            defined = cast("Column", self.column(name)).defined
            return np.bincount(self.event[defined], minlength=len(self.events))
        place = list(self.property_facts).index(name)
        size = len(self.events)
        return self.arrays.vector("coverage")[place * size : (place + 1) * size]

    def properties(self) -> list[str]:
        """Names of the event properties, in text order."""
        return list(self.property_facts)

    def profile_properties(self) -> list[str]:
        """Names of the profile properties, in text order."""
        return sorted({*self.profile_facts, FIRST_EVENT_TIME})

    def column(self, name: str) -> Column | None:
        """An event property over the rows; None when no row has it.

        `$event_name` and `$distinct_id` (or `distinct_id`) are columns too; times are in `time`.
        """
        if name in ("$event_name", "$distinct_id", "distinct_id"):
            return self._cached("built-in", name)
        return self._cached("event", name) if name in self.property_facts else None

    def sql_column(self, name: str) -> Column:
        """An event property for SQL, where equal values may have several codes."""
        facts = self.property_facts[name]
        if facts.get("unique", True):
            return cast("Column", self.column(name))
        return open_column(self.arrays, facts, self.n_rows, unique=False)

    def profile_column(self, name: str) -> Column | None:
        """A profile property over user codes; None when no user has it."""
        if name in self.profile_facts or name == FIRST_EVENT_TIME:
            return self._cached("profile", name)
        return None

    def _cached(self, kind: str, name: str) -> Column:
        if (kind, name) not in self._columns:
            make = {
                "event": self._event_column,
                "profile": self._profile_column,
                "built-in": self._built_in,
            }[kind]
            self._columns[kind, name] = make(name)
        return self._columns[kind, name]

    def _event_column(self, name: str) -> Column:
        return open_column(self.arrays, self.property_facts[name], self.n_rows)

    def _profile_column(self, name: str) -> Column:
        known = None
        if name in self.profile_facts:
            known = open_column(self.arrays, self.profile_facts[name], self.n_users)
        if name != FIRST_EVENT_TIME:
            return cast("Column", known)
        return self._first_event_time(known)

    @cached_property
    def _event_codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.events)}

    def _built_in(self, name: str) -> Column:
        if name == "$event_name":
            codes = self.event.astype(code_type(len(self.events)))
            codes += 1
            return column_of_texts(name, codes, pa.array(self.events, pa.large_string()))
        codes = (self.user.astype(np.uint32) + 1) * (self.user < self.n_users)
        return column_of_texts(name, codes, self.users.array)

    def _first_event_time(self, known: Column | None) -> Column:
        """Unix seconds of each user's first event, where the profile does not say otherwise."""
        seconds = np.full(self.n_users, np.nan)
        seconds[: self.n_event_users] = self.time[self.offsets[: self.n_event_users]] / 1000
        if known is None:
            return Column(FIRST_EVENT_TIME, "number", self.n_event_users, seconds)
        tokens = [to_token(plain(own)) for own in seconds]
        texts, where = distinct([known.tokens, pa.array(tokens, pa.large_binary())])
        own_codes = where[len(known.tokens) :] + 1
        said = np.concatenate([[0], where[: len(known.tokens)] + 1])[known.codes]
        codes = np.where(said != 0, said, np.where(np.isnan(seconds), 0, own_codes))
        return column_of_values(FIRST_EVENT_TIME, codes, texts.to_pylist())

    def event_json(self, row: int) -> dict[str, Any]:
        """One row as an export line holds it; `time` in seconds, the user's resolved id."""
        properties: dict[str, Any] = {"time": plain(int(self.time[row]) / 1000)}
        if self.user[row] < self.n_users:
            properties["distinct_id"] = self.users[int(self.user[row])]
        for name in self.properties():
            value = cast("Column", self.column(name)).value(row)
            if value is not None:
                properties[name] = value
        return {"event": self.events[int(self.event[row])], "properties": properties}

    def profile_json(self, user: int) -> dict[str, Any]:
        """The profile properties of one user, without those that are not set."""
        columns = {name: self.profile_column(name) for name in self.profile_facts}
        values = {name: column.value(user) for name, column in columns.items() if column}
        return {name: value for name, value in values.items() if value is not None}

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A new DuckDB connection that reads the store without copying it.

        Views: `events` (row `i`, time `t` in ms, user code `u`, event code `e`, local `day` and
        one column per property), `users` (code `u`, `id`, and one column per profile property),
        `event_names` (`e`, `name`). `sql_names` says what each property's column is called.
        """
        return connection(self)

    @cached_property
    def sql_names(self) -> dict[str, str]:
        """The column of each event property in SQL, whose names ignore case."""
        return column_names(self.properties(), EVENT_COLUMNS)

    @cached_property
    def sql_profile_names(self) -> dict[str, str]:
        """The column of each profile property in SQL."""
        return column_names(self.profile_properties(), USER_COLUMNS)

    def by_group(self, group_id: object) -> Store:
        """The events of a data group: every user is a group, an event may stand for several.

        Raises:
            QueryError: the settings name no property for that group.
        """
        wanted = str(group_id)
        if wanted not in self._groups:
            key = self.settings.group_key(wanted)
            if key is None:
                known = ", ".join(str(row["id"]) for row in self.settings.group_keys) or "none"
                raise QueryError(
                    f"no group key is set for data group {wanted}; set `group_keys` in the "
                    f"settings (known: {known})"
                )
            self._groups[wanted] = _GroupStore(self, key)
        return self._groups[wanted]


def stored_by(arrays: Arrays) -> tuple[str, str, str]:
    """The zone, identity and time storage that a store was written with."""
    settings = arrays.meta["settings"]
    return arrays.meta["timezone"], settings["identity"], settings["time_storage"]


def _moment(now: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(now) if isinstance(now, str) else now


class _GroupStore(Store):
    """The same events re-keyed: a user is a group of the property `key`."""

    def __init__(self, parent: Store, key: str) -> None:
        self._parent = parent
        arrays, members = regrouped(parent, key, Profiles.read(parent.arrays.texts("profiles")))
        super().__init__(arrays, now=parent.now, settings=parent.settings)
        self.property_facts = parent.property_facts
        self.event_id = members
        self.first = np.zeros(len(members), bool)
        self.first[np.unique(members, return_index=True)[1]] = True

    def sql_column(self, name: str) -> Column:
        """An event property for SQL."""
        return self._parent.sql_column(name).take(cast("Vector", self.event_id))

    def _event_column(self, name: str) -> Column:
        return cast("Column", self._parent.column(name)).take(cast("Vector", self.event_id))
