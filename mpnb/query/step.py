"""Steps of funnels, retentions and flows, and what surrounds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpnb.query.filter import Filter
from mpnb.query.words import FiltersCombinator, FlowSessionEvent, FunnelOrder, ResourceType


@dataclass(frozen=True)
class CustomEventRef:
    """A custom event that is saved in the project, by id."""

    id: int


@dataclass(frozen=True)
class FunnelStep:
    """One step of a funnel."""

    event: str
    label: str | None = None
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"
    order: FunnelOrder | None = None


@dataclass(frozen=True)
class Exclusion:
    """An event that must not happen between two steps (counted from 0; None is the last step)."""

    event: str
    from_step: int = 0
    to_step: int | None = None


@dataclass(frozen=True)
class HoldingConstant:
    """A property that must have one value in all steps."""

    property: str
    resource_type: ResourceType = "events"


@dataclass(frozen=True)
class RetentionEvent:
    """The born or the return event of a retention."""

    event: str
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"


@dataclass(frozen=True)
class FlowStep:
    """An anchor of a flow, with its own number of steps forward and back."""

    event: str
    forward: int | None = None
    reverse: int | None = None
    label: str | None = None
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"
    session_event: FlowSessionEvent | None = None
