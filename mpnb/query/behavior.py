"""Behaviors: event sets, funnels and retentions as the subject of a metric.

Enter: events and settings. Leave: frozen parts. The surprise: what can be wrong with a funnel's
settings is found by the question that uses it, together with everything else that is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mpnb.errors import ParamValidationError
from mpnb.query.check import (
    as_tuple,
    is_blank,
    items_of,
    one_or_more,
    require_event,
    require_label,
    require_positive_id,
    require_word,
)
from mpnb.query.part import quick
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.query.words import (
    BehaviorRefType,
    ConversionWindowUnit,
    FunnelOrder,
    FunnelReentryMode,
    RetentionAlignment,
    RetentionUnboundedMode,
    TimeUnit,
)

BEHAVIOR_TYPES = ("simple", "funnel", "retention")


@quick
@dataclass(frozen=True)
class BehaviorRef:
    """A behavior that is saved in the project, by id and type.

    Attributes:
        id: its id.
        type: simple, funnel or retention.

    Raises:
        ParamValidationError: BR1 for the id, BR2 for the type.
    """

    id: int
    type: BehaviorRefType

    def __post_init__(self) -> None:
        require_positive_id(self.id, "BR1_INVALID_ID", "id")
        require_word("BR2_INVALID_TYPE", "type", self.type, BEHAVIOR_TYPES)


@quick
@dataclass(frozen=True)
class SimpleBehavior:
    """Several events counted as one.

    Attributes:
        events: the events; any of them counts.
        name: what they are called together.

    Raises:
        ParamValidationError: BH1 without events, BH2 or EV2 for an unusable name.
    """

    events: Sequence[str | CustomEventRef | FunnelStep]
    name: str | None = None

    def __post_init__(self) -> None:
        require_label(self.name, "name")
        object.__setattr__(self, "events", items_of(self.events))
        if not self.events:
            raise _too_few("A behavior", 1)
        for event in self.events:
            require_behavior_event(event)


@quick
@dataclass(frozen=True)
class FunnelBehavior:
    """A funnel inside an insights metric.

    Attributes:
        steps: events or steps, at least two.
        conversion_window: how long the whole way may take, in the unit.
        conversion_window_unit: unit of the window, or session.
        order: whether the steps come in order.
        exclusions: events that must not happen on the way.
        holding_constant: up to three properties that must keep their value.
        reentry_mode: how users enter again.

    Raises:
        ParamValidationError: BH1 for fewer than two steps, or what its parts raise.
    """

    steps: Sequence[str | FunnelStep]
    conversion_window: int = 14
    conversion_window_unit: ConversionWindowUnit = "day"
    order: FunnelOrder = "loose"
    exclusions: Sequence[str | Exclusion] | None = None
    holding_constant: str | HoldingConstant | Sequence[str | HoldingConstant] | None = None
    reentry_mode: FunnelReentryMode | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", items_of(self.steps))
        object.__setattr__(self, "exclusions", one_or_more(self.exclusions))
        held = self.holding_constant
        held = (held,) if isinstance(held, str | HoldingConstant) else as_tuple(held)
        object.__setattr__(self, "holding_constant", held)
        if len(self.steps) < 2:
            raise _too_few("A funnel", 2)
        for step in self.steps:
            require_behavior_event(step)
        exclusion_parts(self.exclusions)
        holding_parts(self.holding_constant)


@quick
@dataclass(frozen=True)
class RetentionBehavior:
    """A retention inside an insights metric.

    Attributes:
        born_event: what makes a user part of a cohort.
        return_event: what counts as coming back.
        retention_unit: length of a bucket.
        alignment: buckets from the birth itself, or from the start of its period.
        bucket_sizes: rising ends of uneven buckets, in units.
        unbounded_mode: whether returns count for earlier or later buckets too.

    Raises:
        ParamValidationError: BH2 or EV2 for an unusable event name.
    """

    born_event: str | RetentionEvent
    return_event: str | RetentionEvent
    retention_unit: TimeUnit = "week"
    alignment: RetentionAlignment = "birth"
    bucket_sizes: Sequence[int] | None = None
    unbounded_mode: RetentionUnboundedMode | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "bucket_sizes", as_tuple(self.bucket_sizes))
        require_behavior_event(self.born_event)
        require_behavior_event(self.return_event)


def require_behavior_event(event: Any) -> None:
    """Raise BH2 or EV2 when a plain name cannot be an event."""
    if event is not None:  # the question finds it, with its place
        require_event(event, "A behavior", "BH2_EMPTY_EVENT")


def step_parts(steps: Sequence[str | FunnelStep]) -> tuple[FunnelStep, ...]:
    """Return steps with plain names turned into parts."""
    return tuple([FunnelStep(step) if isinstance(step, str) else step for step in steps])


def exclusion_parts(exclusions: Sequence[str | Exclusion] | None) -> tuple[Exclusion, ...]:
    """Return exclusions with plain names turned into parts."""
    if exclusions is None:
        return ()
    items = items_of(exclusions)
    return tuple([Exclusion(item) if isinstance(item, str) else item for item in items])


def holding_parts(
    holding: str | HoldingConstant | Sequence[str | HoldingConstant] | None,
) -> tuple[HoldingConstant, ...]:
    """Return held properties with plain names turned into parts."""
    if holding is None:
        return ()
    items = items_of(holding)
    return tuple([HoldingConstant(item) if isinstance(item, str) else item for item in items])


def event_part(event: str | RetentionEvent) -> RetentionEvent:
    """Return an event of a retention as a part."""
    return RetentionEvent(event) if isinstance(event, str) else event


def is_blank_property(value: Any) -> bool:
    """Tell whether a property is missing or blank text."""
    return value is None or (isinstance(value, str) and is_blank(value))


def _too_few(what: str, least: int) -> ParamValidationError:
    return ParamValidationError(
        f"{what} needs at least {least} event{'s' if least > 1 else ''}.", "BH1_STEP_COUNT"
    )


class SavedBehaviorLike(Protocol):
    """A saved behavior as the server returns it; it knows its reference."""

    def to_ref(self) -> BehaviorRef:
        """Return the reference for a question."""
        ...
