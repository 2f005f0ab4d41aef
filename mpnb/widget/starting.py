"""A question that begins with a thing of the explorer: an event, a property, a value, a cohort.

Enters: which thing, and what to do with it. Leaves: a question of the vocabulary. The surprise: a
value keeps its JSON type, so that ``5`` and ``"5"`` are different filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from mpnb.errors import ParamValidationError
from mpnb.query.breakdown import GroupBy
from mpnb.query.filter import Filter
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.users import users
from mpnb.query.words import CustomPropertyType, ResourceType

ALL_EVENTS = "$all_events"
Resource = Literal["event", "people"]
Start = Literal["count", "break down", "filter", "funnel", "cohort"]
TYPES = ("string", "number", "boolean", "datetime")
"""Types that a breakdown can be by; others are taken as text."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What a question starts from.

    Attributes:
        event: an event; None is any, or the profiles themselves for a property of people.
        property: a property to break down by or to filter.
        type: its type, as `Exploration.property` infers it.
        sub: a key of the objects in its lists, to break down by.
        value: a value to keep, in its JSON type.
        resource: whose property it is.
        steps: the events of a funnel, in order.
        cohort: the id of a cohort.
        name: what the cohort is called.
    """

    event: str | None = None
    property: str = ""
    type: str | None = None
    sub: str | None = None
    value: Any = None
    resource: Resource = "event"
    steps: Sequence[str] = ()
    cohort: int | None = None
    name: str | None = None


def question(start: Start, thing: Thing) -> Question:
    """Count an event, break it down, keep one value, go through steps, or count a cohort.

    Raises:
        MixpanelHeadlessError: a name that cannot be asked about, or a funnel of one step.
    """
    return STARTS[start](thing)


def _count(thing: Thing) -> Question:
    return insights(thing.event or ALL_EVENTS)


def _break_down(thing: Thing) -> Question:
    if _alone(thing):
        return users(where=Filter.is_set(thing.property, resource_type="people"))
    kind = cast("CustomPropertyType", thing.type if thing.type in TYPES else "string")
    of = _owner(thing)
    if thing.sub is None:
        by = GroupBy(thing.property, property_type=kind, resource_type=of)
    else:
        by = GroupBy.list_item(thing.property, thing.sub, sub_type=kind, resource_type=of)
    return insights(thing.event or ALL_EVENTS, group_by=by)


def _filter(thing: Thing) -> Question:
    kept = same(thing.property, thing.value, _owner(thing), mixed=thing.type == "mixed")
    return users(where=kept) if _alone(thing) else insights(thing.event or ALL_EVENTS, where=kept)


def _funnel(thing: Thing) -> Question:
    return funnel(list(thing.steps))


def _cohort(thing: Thing) -> Question:
    if thing.cohort is None:
        raise ParamValidationError("Name the cohort by its id.")
    if thing.event is None:
        return users(cohort=thing.cohort)
    return insights(thing.event, where=Filter.in_cohort(thing.cohort, thing.name))


STARTS = {
    "count": _count,
    "break down": _break_down,
    "filter": _filter,
    "funnel": _funnel,
    "cohort": _cohort,
}


def _owner(thing: Thing) -> ResourceType:
    return "people" if thing.resource == "people" else "events"


def _alone(thing: Thing) -> bool:
    """Whether it is about profiles and no event."""
    return thing.resource == "people" and thing.event is None


def same(
    property: str, value: Any, resource: ResourceType = "events", *, mixed: bool = False
) -> Filter:
    """The filter that keeps rows with this value, by its type; texts are compared ignoring case.

    Args:
        property: the property.
        value: the value in its JSON type.
        resource: whose property it is.
        mixed: the property holds values of several types, of which ``is true`` would keep all
            that are not empty; then only what is a boolean itself is kept.

    Raises:
        ParamValidationError: the value is a list or an object.
    """
    if isinstance(value, bool) and not mixed:
        make = Filter.is_true if value else Filter.is_false
        return make(property, resource_type=resource)
    if isinstance(value, (str, int, float)):
        kept = cast("list[str]", [value])  # a number is kept as such, as the cell language does
        return Filter.equals(property, kept, resource_type=resource)
    raise ParamValidationError(
        f"{property!r} holds lists or objects; filter by one of their parts instead."
    )
