"""Sessions: which rows belong together, and the virtual events at their ends.

A store enters; ``numbers`` leaves the session of each row, ``with_events`` a store that also has
``$session_start`` and ``$session_end`` rows with the sessions' properties. The surprise: sessions
are cut over the whole history and never stored, so a report's range cuts none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import compiled, kernels_sessions, rows, sources
from mpnb.engine.duckdb.caches import cached
from mpnb.engine.duckdb.column import Column, column_of_values
from mpnb.engine.duckdb.load.blocks import code_type
from mpnb.engine.duckdb.load.tokens import to_token
from mpnb.engine.duckdb.matching import SESSION_EVENTS, Match
from mpnb.engine.duckdb.settings import DEFAULT_EXCLUDED
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.filter import Filter

if TYPE_CHECKING:
    from mpnb.engine.duckdb.sources import Mask

Vector = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]

START, END = "$session_start", "$session_end"
DURATION, COUNT = "$duration_s", "$event_count"
ORIGIN_START, ORIGIN_END = "$origin_start", "$origin_end"

CARRIED = (
    "$browser",
    "$os",
    "$city",
    "$region",
    "$country_code",
    "mp_country_code",
    "$current_url",
    "$device",
    "$manufacturer",
    "$app_version_string",
    "$app_build_number",
    "mp_lib",
    "mp_platform",
    "utm_source",
    "utm_campaign",
    "utm_content",
)
"""Event properties that a session takes over: the first defined value in it."""

MAX_CARRIED_BY_SETTING = 4


@dataclass(frozen=True, eq=False)
class Sessions:
    """The sessions of a store.

    Attributes:
        of_row: session number of each row, ascending within a user; -1 outside of sessions.
        first_row: row that opens each session.
        last_row: last row of each session.
        n_events: rows of each session.
        closed: False where midnight cut an event-based session, which then has no end.
    """

    of_row: npt.NDArray[np.int32]
    first_row: Rows
    last_row: Rows
    n_events: Rows
    closed: Mask

    def __len__(self) -> int:
        return len(self.first_row)


def sessions(store: Store) -> Sessions:
    """The sessions of a store, as its settings define them."""
    if isinstance(store, SessionStore):
        return store.sessions
    return cached(store, ("sessions",), lambda: _cut(store))


def numbers(store: Store) -> npt.NDArray[np.int32]:
    """The session number of each row, -1 outside; virtual rows belong to their session."""
    return sessions(store).of_row


def is_session_event(event: Any) -> bool:
    """True for the names of the two virtual events."""
    return isinstance(event, str) and event in SESSION_EVENTS


def with_events(store: Store) -> Store:
    """The store with the virtual rows of its sessions among the others."""
    if isinstance(store, SessionStore):
        return store
    return cached(store, ("with session events",), lambda: SessionStore(store))


def match(
    store: Store, event: Any, filters: Sequence[Filter] | None = None, combinator: str = "all"
) -> Match:
    """Rows of an event; as ``rows.events``, but it knows session events in ``with_events``."""
    wanted = tuple(filters or ())
    if not isinstance(store, SessionStore):
        return rows.events(store, event, wanted, combinator)
    if is_session_event(event):
        lut = np.zeros(len(store.events), np.bool_)
        lut[len(store.parent.events) + (event == END)] = True
        return Match(lut, rows.mask(store, wanted, combinator), store.event)
    return rows.events(store, event, wanted, combinator)


# --- cutting ------------------------------------------------------------------------------------


def _cut(store: Store) -> Sessions:
    settings = store.settings
    if settings.session_start_events or settings.session_end_events:
        return _between_events(store)
    considered = _considered(store)
    user, day, time = store.user[considered], store.day[considered], store.time[considered]
    opens = np.ones(len(considered), np.bool_)
    opens[1:] = (user[1:] != user[:-1]) | (day[1:] != day[:-1])
    if settings.session_property is not None:
        codes = sources.as_dict(
            store, sources.event_property(store, settings.session_property)
        ).array[considered]
        opens[1:] |= codes[1:] != codes[:-1]
    else:
        timeout = round(settings.session_timeout_minutes * 60_000)
        opens[1:] |= time[1:] - time[:-1] > timeout
    of_row = np.full(store.n_rows, -1, np.int32)
    of_row[considered] = np.cumsum(opens, dtype=np.int32) - 1
    starts = np.flatnonzero(opens)
    ends = np.append(starts[1:], len(considered)) - 1
    return Sessions(
        of_row,
        considered[starts],
        considered[ends[: len(starts)]],
        ends[: len(starts)] - starts + 1,
        np.ones(len(starts), np.bool_),
    )


def _ignored(store: Store) -> Mask:
    """For each event code, whether sessions leave it out."""
    excluded = {*DEFAULT_EXCLUDED, *store.settings.session_excluded_events}
    return np.array([name in excluded for name in store.events], np.bool_)


def _considered(store: Store) -> Rows:
    """The rows that sessions are made of: those of a user that are not excluded."""
    end = int(store.offsets[-1])
    ignored = _ignored(store)
    keep = ~ignored[store.event[:end]] if ignored.any() else np.ones(end, np.bool_)
    if store.settings.session_property is not None:
        column = store.column(store.settings.session_property)
        keep &= column.defined[:end] if column is not None else False
    return np.flatnonzero(keep)


def _between_events(store: Store) -> Sessions:
    settings = store.settings
    if not (settings.session_start_events and settings.session_end_events):
        raise QueryError(
            "Sessions between events need both `session_start_events` and `session_end_events` "
            "in the settings."
        )
    opens = np.isin(np.array(store.events, object), settings.session_start_events)
    closes = np.isin(np.array(store.events, object), settings.session_end_events)
    of_row = np.full(store.n_rows, -1, np.int32)
    closed = np.zeros(store.n_rows, np.bool_)
    kernel = compiled.pick(kernels_sessions, store.n_rows)
    count = kernel.between_events(
        store.offsets, store.day, store.event, _ignored(store), opens, closes, of_row, closed
    )
    inside = np.flatnonzero(of_row >= 0)
    sizes = np.bincount(of_row[inside], minlength=count)
    ends = np.cumsum(sizes)
    return Sessions(of_row, inside[ends - sizes], inside[ends - 1], sizes, closed[:count])


# --- virtual rows -------------------------------------------------------------------------------


class SessionStore(Store):
    """A store whose rows are those of another one and two for each session."""

    def __init__(self, parent: Store) -> None:
        self.parent = parent
        base = sessions(parent)
        super().__init__(parent.arrays, now=parent.now, settings=parent.settings)
        where, self.session_of, self.is_end = _places(base)
        self.n_rows = parent.n_rows + len(where)
        added = where + np.arange(len(where))
        self.virtual = np.zeros(self.n_rows, np.bool_)
        self.virtual[added] = True
        self.source = np.empty(self.n_rows, np.int64)
        self.source[~self.virtual] = np.arange(parent.n_rows)
        ends = self.is_end
        self.source[added] = np.where(
            ends, base.last_row[self.session_of], base.first_row[self.session_of]
        )
        self.events = [*parent.events, START, END]
        self.n_stored_events = len(parent.events)
        self.property_facts = {
            **parent.property_facts,
            **{
                name: {"name": name, "count": len(where), "distinct": len(base)}
                for name in (DURATION, COUNT, ORIGIN_START, ORIGIN_END)
            },
        }
        self._base = base
        self.first = None
        if parent.first is not None:
            raise NotSupportedError(
                "Session events of a data group are not supported by the local engine; "
                "ask without the group, or without the session event."
            )

    @cached_property
    def sessions(self) -> Sessions:
        """The sessions over the rows of this store, virtual ones included."""
        base = self._base
        place = np.empty(self.parent.n_rows, np.int64)
        place[self.source[~self.virtual]] = np.flatnonzero(~self.virtual)
        of_row = base.of_row[self.source]
        return Sessions(
            of_row, place[base.first_row], place[base.last_row], base.n_events, base.closed
        )

    @cached_property
    def time(self) -> npt.NDArray[np.int64]:
        """Instant of each row; a virtual row has that of the event it stands beside."""
        return self.parent.time[self.source]

    @cached_property
    def user(self) -> npt.NDArray[np.int32]:
        """User code of each row."""
        return self.parent.user[self.source]

    @cached_property
    def day(self) -> npt.NDArray[np.int32]:
        """Local day of each row."""
        return self.parent.day[self.source]

    @cached_property
    def event(self) -> Vector:
        """Event code of each row; the last two codes are the virtual events."""
        codes = self.parent.event[self.source].astype(code_type(len(self.events)))
        codes[self.virtual] = len(self.parent.events) + self.is_end
        return codes

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """First row of each user, and the first row without a user."""
        return np.searchsorted(self.user, np.arange(self.n_users + 1)).astype(np.int64)

    def connect(self) -> Any:
        """Not to be had: virtual rows are not in SQL."""
        raise NotSupportedError(
            "Session events cannot be read through SQL; ask for them as insights, funnels or flows."
        )

    def _event_column(self, name: str) -> Column:
        if name == DURATION:
            return self._number(name, self._durations())
        if name == COUNT:
            return self._number(name, self._base.n_events.astype(np.float64))
        if name in (ORIGIN_START, ORIGIN_END):
            ends = self._base.first_row if name == ORIGIN_START else self._base.last_row
            return self._origin(name, ends)
        column = self.parent.column(name)
        assert column is not None
        rows_of = self.source.copy()
        rows_of[self.virtual] = -1
        if name in self._carried():
            rows_of[self.virtual] = self._first_defined(column)[self.session_of]
        return column.take(rows_of)

    def _profile_column(self, name: str) -> Column:
        column = self.parent.profile_column(name)
        assert column is not None
        return column

    def _carried(self) -> set[str]:
        own = self.settings.session_properties
        if len(own) > MAX_CARRIED_BY_SETTING:
            raise QueryError(f"At most {MAX_CARRIED_BY_SETTING} session properties can be set.")
        return {*CARRIED, *own}

    def _durations(self) -> npt.NDArray[np.float64]:
        """Seconds of each session; undefined where midnight cut an open one."""
        time, base = self.parent.time, self._base
        seconds = (time[base.last_row] - time[base.first_row]) / 1000
        return np.where(base.closed, seconds, np.nan)

    def _number(self, name: str, of_session: npt.NDArray[np.float64]) -> Column:
        values = np.full(self.n_rows, np.nan)
        values[self.virtual] = of_session[self.session_of]
        return Column(name, "number", int(np.count_nonzero(~np.isnan(values))), values)

    def _origin(self, name: str, ends: Rows) -> Column:
        codes = np.zeros(self.n_rows, np.int64)
        codes[self.virtual] = self.parent.event[ends].astype(np.int64)[self.session_of] + 1
        if name == ORIGIN_END:
            codes[self.virtual] *= self._base.closed[self.session_of]
        return column_of_values(name, codes, [to_token(event) for event in self.parent.events])

    def _first_defined(self, column: Column) -> Rows:
        """For each session the first row on which the property is defined, else -1."""
        defined = np.flatnonzero(column.defined & (self._base.of_row >= 0))
        session = self._base.of_row[defined]
        found, at = np.unique(session, return_index=True)
        first = np.full(len(self._base), -1, np.int64)
        first[found] = defined[at]
        return first


def _places(base: Sessions) -> tuple[Rows, Rows, Vector]:
    """Before which stored row each virtual row goes, its session, and whether it is an end."""
    ended = np.flatnonzero(base.closed)
    where = np.concatenate([base.first_row, base.last_row[ended] + 1])
    session = np.concatenate([np.arange(len(base)), ended])
    is_end = np.repeat([False, True], [len(base), len(ended)])
    order = np.lexsort((is_end, session, where))
    return where[order], session[order], is_end[order]
