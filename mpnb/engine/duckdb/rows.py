"""What every kind of question asks of rows: which pass, which match, in which segment, how much.

Parts of questions enter (filters, events, breakdowns, properties), arrays over the store's rows
leave. The surprise: None as a mask means that everything passes, so that an unfiltered question
touches no array at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mpnb.engine.duckdb import (
    breakdowns,
    cohorts,
    matching,
    predicates,
    properties,
    sources,
)
from mpnb.engine.duckdb import (
    numbers as _numbers,
)
from mpnb.engine.duckdb.labels import Labels
from mpnb.engine.duckdb.matching import Match
from mpnb.engine.duckdb.numbers import Numbers
from mpnb.engine.duckdb.sources import Mask
from mpnb.errors import NotSupportedError
from mpnb.query.breakdown import Breakdown, CohortBreakdown, GroupBy
from mpnb.query.custom import PropertySpec
from mpnb.query.filter import Filter, FrequencyFilter

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

__all__ = [
    "Labels",
    "Match",
    "Numbers",
    "events",
    "labels",
    "mask",
    "numbers",
    "user_mask",
    "values",
]


def mask(
    store: Store, filters: Sequence[Filter | FrequencyFilter], combinator: str = "all"
) -> Mask | None:
    """Which rows pass filters on event, profile and custom properties and on cohorts.

    Args:
        store: the events and profiles.
        filters: the conditions; a `FrequencyFilter` is refused, as it needs the buckets of time.
        combinator: "all" of them or "any" one.

    Returns:
        One boolean per row; None when there is no condition.
    """
    if not filters:
        return None
    return predicates.every([_one(store, filter_) for filter_ in filters], combinator)


def _one(store: Store, filter_: Filter | FrequencyFilter) -> Mask:
    if isinstance(filter_, FrequencyFilter):
        raise NotSupportedError(
            f"A filter on how often users did {filter_.event!r} is not supported in this place; "
            "use it in `where` of an insights question."
        )
    return cohorts.filter_mask(store, filter_)


def user_mask(
    store: Store,
    filters: Sequence[Filter],
    combinator: str = "all",
    *,
    asof_ms: int | None = None,
) -> Mask | None:
    """Which users pass filters that are all read from the profile, and on cohorts (U-1).

    Args:
        store: the events and profiles.
        filters: the conditions; each names a profile property, whatever its own resource type.
        combinator: "all" of them or "any" one.
        asof_ms: the instant from which windows of cohorts count back; default the store's now.
    """
    if not filters:
        return None
    found = [_one_of_user(store, filter_, asof_ms) for filter_ in filters]
    return predicates.every(found, combinator)


def _one_of_user(store: Store, filter_: Filter, asof_ms: int | None) -> Mask:
    if cohorts.is_cohort_filter(filter_):
        return cohorts.filter_members(store, filter_, asof_ms)[0]
    source = properties.resolve(store, filter_._property, "people")
    if not source.per_user:
        raise NotSupportedError(
            "This custom property reads event properties, which a profile does not have; "
            'give its inputs resource_type="user".'
        )
    return predicates.passes(store, source, predicates.condition(filter_, sources.clock(store)))


def events(
    store: Store, event: Any, filters: Sequence[Filter] = (), combinator: str = "all"
) -> Match:
    """Rows of an event, of all events, of any of several, or of a saved custom event.

    Args:
        store: the events.
        event: a name (``"$all_events"`` and ``"$custom_event:ID"`` too), a reference to a custom
            event, or a list of them.
        filters: the event's own conditions.
        combinator: "all" of them or "any" one.

    Raises:
        NotSupportedError: a session event, which stands for no stored row.
        QueryError: a custom event that is not saved.
    """
    return matching.match(
        store, event, filters, combinator, lambda one: cohorts.filter_mask(store, one)
    )


def labels(
    store: Store,
    breakdown: Breakdown,
    within: Mask | None = None,
    chosen: breakdowns.Chosen | None = None,
) -> Labels:
    """The segment of each row by one breakdown.

    Args:
        store: the events and profiles.
        breakdown: by property or cohort; a `FrequencyBreakdown` needs buckets and is refused.
        within: the rows that count; they decide automatic numeric buckets, and rows outside may
            lack their labels.
        chosen: buckets that take the place of automatic ones.
    """
    if isinstance(breakdown, GroupBy):
        return breakdowns.of_property(store, breakdown, within, chosen)
    if isinstance(breakdown, CohortBreakdown):
        return breakdowns.of_cohort(store, breakdown)
    raise NotSupportedError(
        f"A breakdown by how often users did {breakdown.event!r} is not supported in this place; "
        "use it in an insights question."
    )


def numbers(
    store: Store, spec: PropertySpec, within: Mask | None = None, resource: str = "events"
) -> Numbers:
    """The numeric values of a property per row; lists give each of their elements (I-6)."""
    return _numbers.of_source(store, properties.resolve(store, spec, resource, within), within)


def values(
    store: Store, spec: PropertySpec, within: Mask | None = None, resource: str = "events"
) -> Labels:
    """The distinct values of a property as segments, list elements singly (I-8 to I-10).

    Values are told apart as they are stored (1 is 1.0 and not "1"), so two segments may have the
    same label. Undefined values are in no segment.
    """
    return breakdowns.identities(store, properties.resolve(store, spec, resource, within), within)
