"""The names of data in a question: which events and properties it speaks of.

Enters: a question. Leaves: each name once, in order of appearance. The surprise: names inside an
inline cohort are not listed, because its criteria are kept in the shape that the server stores.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from mpnb.query.breakdown import FrequencyBreakdown, GroupBy
from mpnb.query.custom import InlineCustomProperty
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.metric import Metric
from mpnb.query.question import Question
from mpnb.query.step import Exclusion, FlowStep, FunnelStep, HoldingConstant, RetentionEvent

Role = Literal["event", "property", "profile property"]

_EVENT_PARTS = (
    Exclusion,
    FlowStep,
    FrequencyBreakdown,
    FrequencyFilter,
    FunnelStep,
    Metric,
    RetentionEvent,
)
_EVENT_LISTS = frozenset({"hidden_events", "exclusions", "events", "steps"})
_PROFILE_FIELDS = frozenset({"sort_by", "aggregate_property", "properties"})


@dataclass(frozen=True)
class Name:
    """A name of the data, and what it names."""

    role: Role
    text: str


def names(question: Question) -> list[Name]:
    """Every name in a question, each once."""
    return list(dict.fromkeys(_walk(question, question.kind == "users")))


def _walk(part: Any, users: bool) -> Iterator[Name]:
    if isinstance(part, (tuple, list)):
        for item in part:
            yield from _walk(item, users)
    elif dataclasses.is_dataclass(part) and not isinstance(part, type):
        yield from _own(part, users)
        for field in dataclasses.fields(part):
            if field.name != "_list_item_filters":  # those name keys of a list's items
                yield from _walk(getattr(part, field.name), users)


def _own(part: Any, users: bool) -> Iterator[Name]:
    if isinstance(part, _EVENT_PARTS):
        events = part.event if isinstance(part.event, (tuple, list)) else (part.event,)
        yield from (Name("event", event) for event in events if isinstance(event, str))
    for field in _EVENT_LISTS & {f.name for f in dataclasses.fields(part)}:
        listed = getattr(part, field) or ()
        if isinstance(listed, (tuple, list)):
            yield from (Name("event", event) for event in listed if isinstance(event, str))
    yield from _properties(part, users)


def _properties(part: Any, users: bool) -> Iterator[Name]:
    if isinstance(part, Filter):
        yield from _filtered(part, users)
    elif isinstance(part, HoldingConstant):
        yield Name(_role(part.resource_type), part.property)
    elif isinstance(part, InlineCustomProperty):
        for given in part.inputs.values():
            yield Name(
                "profile property" if given.resource_type == "user" else "property", given.name
            )
    elif isinstance(part, GroupBy) and isinstance(part.property, str):
        yield Name(_role(part.resource_type), part.property)
    elif isinstance(part, Metric) and isinstance(part.property, str):
        yield Name("property", part.property)
    elif isinstance(part, Question):
        yield from _of_question(part)


def _filtered(part: Filter, users: bool) -> Iterator[Name]:
    named = isinstance(part._property, str) and "cohort" not in part._operator
    if named and isinstance(part._property, str):
        yield Name("profile property" if users else _role(part._resource_type), part._property)


def _of_question(part: Question) -> Iterator[Name]:
    math_property = getattr(part, "math_property", None)
    if isinstance(math_property, str):
        yield Name("property", math_property)
    if part.kind == "users":
        for field in sorted(_PROFILE_FIELDS):
            value = getattr(part, field)
            listed = (value,) if isinstance(value, str) else value or ()
            yield from (Name("profile property", name) for name in listed)


def _role(resource_type: str) -> Role:
    return "profile property" if resource_type == "people" else "property"
