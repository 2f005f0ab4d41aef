"""Cohorts: which users belong (section 11), and the filters that ask for it.

A cohort enters (an id, a definition, or its JSON), one boolean per user leaves. The surprise:
membership is worked out once, as of one instant, and then holds for the whole range of a question;
users who never did an event are members of "at most 1 time" too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mpnb.engine.duckdb import matching, predicates, properties, sources
from mpnb.engine.duckdb.aggregates import AGGREGATES, per_user
from mpnb.engine.duckdb.caches import cached
from mpnb.engine.duckdb.sources import Array, Mask
from mpnb.engine.duckdb.values import DURATIONS_MS, add_days, day_start_ms, is_number, to_moment
from mpnb.errors import MixpanelHeadlessError, NotSupportedError, QueryError
from mpnb.params import read_parts
from mpnb.params.read_cohort import Unreadable
from mpnb.query.cohort import CohortDefinition
from mpnb.query.filter import Filter

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

COHORTS: Final = "$cohorts"
Cohort = int | CohortDefinition | Mapping[str, Any]

_COMPARE: Final = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
}

_PROPERTY_OPERATORS: Final = {
    "==": "equals",
    "!=": "does not equal",
    "in": "contains",
    "not in": "does not contain",
    ">": "is greater than",
    "<": "is less than",
    ">=": "is at least",
    "<=": "is at most",
    "defined": "is set",
    "not defined": "is not set",
}


def members(store: Store, cohort: Cohort, asof_ms: int | None = None) -> Mask:
    """Which users belong to a cohort.

    Args:
        store: the events and profiles; its users are the universe (C-3).
        cohort: id of a saved cohort, a definition, or the JSON of either.
        asof_ms: the instant from which windows count back, ms since 1970; default the store's now.

    Raises:
        QueryError: a saved cohort is not known, or refers to itself.
        NotSupportedError: a criterion is of a form that this engine does not know.
    """
    asof = sources.clock(store).now_ms if asof_ms is None else asof_ms
    return _Members(store, asof, ()).of(cohort)


def name_of(store: Store, cohort: Cohort) -> str:
    """The name of a saved cohort, or an empty text."""
    if not isinstance(cohort, int):
        return ""
    return str(_saved(store, cohort).get("name") or "")


def is_cohort_filter(filter_: Filter) -> bool:
    """Whether a filter asks for membership."""
    return filter_._property == COHORTS


def filter_members(store: Store, filter_: Filter, asof_ms: int | None = None) -> tuple[Mask, bool]:
    """Users that pass a cohort filter, and whether rows without a user pass it."""
    negated = filter_._operator == "does not contain"
    if filter_._operator not in ("contains", "does not contain"):
        raise NotSupportedError(
            f"The operator {filter_._operator!r} on cohorts is not supported; "
            "use Filter.in_cohort or Filter.not_in_cohort."
        )
    wanted = filter_._value if isinstance(filter_._value, list | tuple) else [filter_._value]
    found = np.zeros(store.n_users, np.bool_)
    for item in wanted:
        found |= members(store, _cohort_of(item), asof_ms)
    return (~found if negated else found), negated


def filter_mask(store: Store, filter_: Filter, asof_ms: int | None = None) -> Mask:
    """Rows that pass one filter on a property or a cohort."""
    if is_cohort_filter(filter_):
        passing, without_user = filter_members(store, filter_, asof_ms)
        return sources.spread_mask(store, passing, without_user)
    source = properties.resolve(store, filter_._property, filter_._resource_type)
    wanted = predicates.condition(filter_, sources.clock(store))
    found = predicates.passes(store, source, wanted)
    if not source.per_user:
        return found
    return sources.spread_mask(store, found, wanted.holds(None))


def _cohort_of(item: Any) -> Cohort:
    """The cohort that an entry of a cohort filter means."""
    entry = item.get("cohort", item) if isinstance(item, Mapping) else item
    if isinstance(entry, int | CohortDefinition):
        return entry
    if isinstance(entry, Mapping):
        for key in ("id", "raw_cohort", "definition"):
            if entry.get(key) is not None:
                found: Cohort = entry[key]
                return found
        if "selector" in entry:
            return entry
    raise NotSupportedError(f"This is no cohort that the local engine can read: {item!r}.")


def _saved(store: Store, cohort_id: int) -> Mapping[str, Any]:
    for row in store.settings.cohorts:
        if str(row["id"]) == str(cohort_id):
            found: Mapping[str, Any] = row
            return found
    known = ", ".join(str(row["id"]) for row in store.settings.cohorts) or "none"
    raise QueryError(
        f"There is no saved cohort {cohort_id}; set it in `cohorts` of the settings "
        f"(known: {known})."
    )


@dataclass(frozen=True)
class _Members:
    """Evaluates cohorts as of one instant; `path` are the saved ones being evaluated."""

    store: Store
    asof: int
    path: tuple[int, ...]

    def of(self, cohort: Cohort) -> Mask:
        if isinstance(cohort, int):
            return self.saved(cohort)
        raw = cohort.to_dict() if isinstance(cohort, CohortDefinition) else cohort
        if "selector" not in raw:
            return self.of(_cohort_of(raw))
        key = ("cohort", self.asof, json.dumps(raw, sort_keys=True, default=str))
        return cached(
            self.store, key, lambda: self.node(raw["selector"], raw.get("behaviors") or {})
        )

    def saved(self, cohort_id: int) -> Mask:
        if cohort_id in self.path:
            circle = " → ".join(map(str, (*self.path, cohort_id)))
            raise QueryError(f"Cohort {cohort_id} refers to itself: {circle}.")
        definition = _saved(self.store, cohort_id)["definition"]
        return _Members(self.store, self.asof, (*self.path, cohort_id)).of(definition)

    def node(self, node: Mapping[str, Any], behaviors: Mapping[str, Any]) -> Mask:
        if "children" in node:
            return self.group(node, behaviors)
        subject = node.get("property")
        if subject == "behaviors" and node.get("value") in behaviors:
            return self.behavior(node, behaviors[node["value"]])
        if subject == "user":
            return self.property(node)
        if subject == "cohort" and node.get("operator") in ("in", "not in"):
            found = self.of(_cohort_of(node["value"]))
            return ~found if node["operator"] == "not in" else found
        raise NotSupportedError(f"This criterion of a cohort is not known here: {dict(node)!r}.")

    def group(self, node: Mapping[str, Any], behaviors: Mapping[str, Any]) -> Mask:
        operator, children = node.get("operator"), node["children"]
        if operator not in ("and", "or") or not children:
            raise NotSupportedError(f"Criteria of a cohort are joined by and/or, not {operator!r}.")
        masks = [self.node(child, behaviors) for child in children]
        return predicates.every(masks, "all" if operator == "and" else "any")

    def property(self, node: Mapping[str, Any]) -> Mask:
        """A condition on the current profile (C-5)."""
        source = sources.profile_property(self.store, node["value"])
        clock = sources.clock(self.store)
        filters, negated = profile_filter(node)
        found = predicates.passes(self.store, source, predicates.condition(filters, clock))
        return ~found if negated else found

    def behavior(self, node: Mapping[str, Any], behavior: Mapping[str, Any]) -> Mask:
        """A condition on how often, or on how much, a user did an event (C-1, C-2, C-4)."""
        compare, operand = _COMPARE.get(str(node.get("operator"))), node.get("operand")
        if compare is None or operand is None or not is_number(operand):
            raise NotSupportedError(f"This threshold of a cohort is not known: {dict(node)!r}.")
        measured = self.measure(behavior)
        with np.errstate(invalid="ignore"):
            found: Mask = compare(measured, operand)
        return found & ~np.isnan(measured)

    def measure(self, behavior: Mapping[str, Any]) -> Array:
        """For each user the count of events, or the aggregate of a property, NaN for nothing."""
        count = behavior.get("count") or {}
        rows = np.flatnonzero(self.rows(count.get("event_selector") or {}, behavior))
        operator = count.get("aggregationOperator")
        if operator is None:
            return np.bincount(self.store.user[rows], minlength=self.store.n_users).astype(float)
        if operator not in AGGREGATES:
            raise NotSupportedError(
                f"The aggregation {operator!r} of a cohort is not known; "
                f"use {', '.join(AGGREGATES)}."
            )
        source = properties.resolve(self.store, count["property"])
        return per_user(self.store, source, rows, operator)

    def rows(self, selector: Mapping[str, Any], behavior: Mapping[str, Any]) -> Mask:
        """Rows of users that are counted: the event, its filters, the window."""
        event = selector.get("event")
        if not isinstance(event, str):
            raise NotSupportedError(f"This event of a cohort is not known: {dict(selector)!r}.")
        filters = _event_filters(selector.get("selector"))
        mask = matching.match(self.store, event, filters, "all", self.row_mask).rows()
        first, last = self.window(behavior)
        time = self.store.time
        return mask & (time >= first) & (time <= last) & (self.store.user < self.store.n_users)

    def row_mask(self, filter_: Filter) -> Mask:
        return filter_mask(self.store, filter_, self.asof)

    def window(self, behavior: Mapping[str, Any]) -> tuple[float, float]:
        """First and last instant that count, in ms, both included."""
        window = behavior.get("window")
        if window is None and behavior.get("from_date") is None:
            return -np.inf, self.asof
        if window is None:
            zone = self.store.timezone
            first, last = (_day(behavior.get(key)) for key in ("from_date", "to_date"))
            end = day_start_ms(add_days(last, 1), zone) - 1
            return day_start_ms(first, zone), min(end, self.asof)
        unit, value = window.get("unit"), window.get("value")
        if unit not in DURATIONS_MS or not is_number(value):
            raise NotSupportedError(f"This window of a cohort is not known: {dict(window)!r}.")
        return self.asof - value * DURATIONS_MS[unit], self.asof


def _day(text: Any) -> Any:
    moment = to_moment(text) if isinstance(text, str) else None
    if moment is None or len(text) != 10:
        raise QueryError(f"A cohort's date is {text!r}; it must be like 2025-01-31.")
    return moment


def profile_filter(node: Mapping[str, Any]) -> tuple[Filter, bool]:
    """A criterion on a profile as a filter, and whether the filter's result is to be negated.

    With a declared type other than text the value is cast to it before an equality (D-8, C-5).
    """
    operator, operand, kind = node.get("operator"), node.get("operand"), node.get("type")
    wire = _PROPERTY_OPERATORS.get(str(operator))
    if wire is None:
        raise NotSupportedError(f"The operator {operator!r} of a cohort is not known here.")
    name, negated = str(node["value"]), wire == "does not equal"
    if wire in ("equals", "does not equal") and kind == "number" and is_number(operand):
        return Filter(name, "is between", [operand, operand], "number", "people"), negated
    if wire in ("equals", "does not equal") and kind == "datetime":
        return Filter(name, "was on", operand, "datetime", "people"), negated
    if wire in _ORDERED and not is_number(operand):
        raise NotSupportedError(
            f"The local engine compares numbers with {operator!r}, not {operand!r}; "
            "compare dates with Filter.before or Filter.since."
        )
    value = list(operand) if isinstance(operand, list | tuple) else operand
    filter_type: Any = "number" if wire in _ORDERED else "string"
    return Filter(name, wire, value, filter_type, "people"), False  # type: ignore[arg-type]  # the part checks its words


_ORDERED = ("is greater than", "is less than", "is at least", "is at most")


def _event_filters(selector: Any) -> Sequence[Filter]:
    if selector is None:
        return ()
    children = selector.get("children") if isinstance(selector, Mapping) else None
    if not isinstance(children, list) or selector.get("operator") != "and":
        raise NotSupportedError(f"These event filters of a cohort are not known: {selector!r}.")
    try:
        return [read_parts.property_filter(child) for child in children]
    except (Unreadable, MixpanelHeadlessError) as error:
        raise NotSupportedError(f"An event filter of a cohort cannot be read: {error}") from error
