"""Which rows an event name stands for: plain, all events, several, or a saved custom event.

A name enters with its filters, a `Match` leaves: which event codes, and which rows of them. The
surprise: the test of a filter is handed in, because cohorts need matches and filters need cohorts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mpnb.engine.duckdb import predicates
from mpnb.engine.duckdb.sources import Array, Mask
from mpnb.errors import MixpanelHeadlessError, NotSupportedError, QueryError
from mpnb.params import read_parts
from mpnb.params.read_cohort import Unreadable
from mpnb.query.filter import Filter

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

ALL_EVENTS: Final = "$all_events"
ANY_EVENT: Final = "$any_event"
"""What Mixpanel's reports write for all events; it means the same (D-16)."""
CUSTOM_EVENT: Final = "$custom_event:"
SESSION_EVENTS: Final = frozenset({"$session_start", "$session_end"})
MAX_ALTERNATIVES: Final = 25

RowTest = Callable[[Filter], Mask]
"""The rows that pass one filter."""


@dataclass(frozen=True, eq=False)
class Match:
    """Rows of an event.

    Attributes:
        event_lut: for each event code of the store, whether it can match.
        mask: for each row, whether it passes the filters; None when all do. Only meaningful
            together with `event_lut`.
    """

    event_lut: Mask
    mask: Mask | None
    codes: Array

    def rows(self) -> Mask:
        """For each row, whether it matches."""
        named = self.event_lut[self.codes] if len(self.event_lut) else _none(len(self.codes))
        return named if self.mask is None else named & self.mask


def _none(count: int) -> Mask:
    return np.zeros(count, np.bool_)


def match(
    store: Store, event: Any, filters: Sequence[Filter], combinator: str, passes: RowTest
) -> Match:
    """Rows of an event (or of any of several) that pass the filters."""
    found = _named(store, event, passes)
    if not filters:
        return found
    mask = predicates.every([passes(filter_) for filter_ in filters], combinator)
    return Match(found.event_lut, mask if found.mask is None else found.mask & mask, found.codes)


def _named(store: Store, event: Any, passes: RowTest) -> Match:
    if isinstance(event, list | tuple):
        return _union([_named(store, one, passes) for one in event])
    saved = custom_event_id(event)
    if saved is not None:
        return _custom(store, saved, passes)
    if event in SESSION_EVENTS:
        raise NotSupportedError(
            f"{event} stands for no stored row; it cannot be used in this place of a question."
        )
    lut = np.full(len(store.events), event in (ALL_EVENTS, ANY_EVENT))
    lut[getattr(store, "n_stored_events", len(lut)) :] = False  # no virtual session event (D-16)
    if event in store.events:
        lut[store.events.index(event)] = True
    return Match(lut, None, store.event)


def custom_event_id(event: Any) -> str | None:
    """The id of the custom event that an event name or reference means, else None."""
    if isinstance(event, str):
        return event.removeprefix(CUSTOM_EVENT) if event.startswith(CUSTOM_EVENT) else None
    return str(event.id)


def _custom(store: Store, event_id: str, passes: RowTest) -> Match:
    """Rows that match at least one alternative of a custom event (D-15)."""
    row = _saved(store, event_id)
    alternatives = row["alternatives"]
    if len(alternatives) > MAX_ALTERNATIVES:
        raise QueryError(
            f"Custom event {event_id} has {len(alternatives)} alternatives; "
            f"at most {MAX_ALTERNATIVES} are allowed."
        )
    found = []
    for alternative in alternatives:
        name = alternative["event"]
        if custom_event_id(name) is not None or name in SESSION_EVENTS:
            raise QueryError(f"A custom event is made of stored events, not of {name!r}.")
        filters = [_filter(given) for given in alternative.get("filters") or ()]
        found.append(match(store, name, filters, "all", passes))
    return _union(found)


def _union(parts: Sequence[Match]) -> Match:
    lut = np.logical_or.reduce([part.event_lut for part in parts])
    if all(part.mask is None for part in parts):
        return Match(lut, None, parts[0].codes)
    mask = np.logical_or.reduce([part.rows() for part in parts])
    return Match(lut, mask, parts[0].codes)


def _filter(given: Any) -> Filter:
    if isinstance(given, Filter):
        return given
    try:
        return read_parts.property_filter(given)
    except (Unreadable, MixpanelHeadlessError) as error:
        raise QueryError(f"A filter of a custom event cannot be read: {given!r}.") from error


def _saved(store: Store, event_id: str) -> Mapping[str, Any]:
    for row in store.settings.custom_events:
        if str(row["id"]) == event_id:
            found: Mapping[str, Any] = row
            return found
    known = ", ".join(str(row["id"]) for row in store.settings.custom_events) or "none"
    raise QueryError(
        f"There is no saved custom event {event_id}; set it in `custom_events` of the settings "
        f"(known: {known})."
    )
