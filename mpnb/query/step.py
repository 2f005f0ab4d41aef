"""Steps of funnels, retentions and flows, and what surrounds them.

Enter: event names with labels and filters. Leave: frozen parts. The surprise: steps count from 0
here and from 1 in params.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpnb.errors import ParamValidationError
from mpnb.query.check import (
    is_blank,
    is_finite,
    is_number,
    one_or_more,
    require_event,
    require_label,
    require_positive_id,
    require_word,
)
from mpnb.query.filter import Filter
from mpnb.query.operators import RESOURCE_TYPES
from mpnb.query.part import quick
from mpnb.query.words import FiltersCombinator, FlowSessionEvent, FunnelOrder, ResourceType

FLOW_STEPS_MAX = 5
SESSION_EVENTS = {"start": "$session_start", "end": "$session_end"}


@quick
@dataclass(frozen=True)
class CustomEventRef:
    """A custom event that is saved in the project, by id.

    Attributes:
        id: its id.

    Raises:
        ParamValidationError: CE1 for an id that is not a positive whole number.
    """

    id: int

    def __post_init__(self) -> None:
        require_positive_id(self.id, "CE1_INVALID_ID", "id")


@quick
@dataclass(frozen=True)
class FunnelStep:
    """One step of a funnel; `order` overrides the funnel's order for this step.

    Attributes:
        event: the event.
        label: what the step is called.
        filters: conditions on the event.
        filters_combinator: whether all of them must hold or any.
        order: order of this step, if it differs from the funnel's.

    Raises:
        ParamValidationError: EV1 for a blank event, EV2 for control characters in it.
    """

    event: str
    label: str | None = None
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"
    order: FunnelOrder | None = None

    def __post_init__(self) -> None:
        require_event(self.event, "FunnelStep")
        require_label(self.label)
        if self.filters is not None:
            object.__setattr__(self, "filters", one_or_more(self.filters))


@quick
@dataclass(frozen=True)
class Exclusion:
    """An event that must not happen between two steps (counted from 0; None is the last step).

    Attributes:
        event: the event that must not happen.
        from_step: step from which it must not, from 0.
        to_step: step up to which; the last one when left out.

    Raises:
        ParamValidationError: EV1, EV2, EX1 or EX2, with what to change.
    """

    event: str
    from_step: int = 0
    to_step: int | None = None

    def __post_init__(self) -> None:
        require_event(self.event, "Exclusion")
        first, last = self.from_step, self.to_step
        if not is_finite(first) or first < 0:
            raise ParamValidationError(
                f"from_step must be 0 or more, not {first!r}.", "EX1_FROM_STEP_NEGATIVE"
            )
        if last is not None and (not is_finite(last) or last < first):
            raise ParamValidationError(
                f"to_step {last!r} must not lie before from_step {first!r}.", "EX2_STEP_ORDER"
            )


@quick
@dataclass(frozen=True)
class HoldingConstant:
    """A property that must have one value in all steps.

    Attributes:
        property: the property.
        resource_type: whether the event has it or the profile.

    Raises:
        ParamValidationError: HC1 for a blank property.
    """

    property: str
    resource_type: ResourceType = "events"

    def __post_init__(self) -> None:
        if is_blank(self.property):
            raise ParamValidationError("property is blank; name one.", "HC1_EMPTY_PROPERTY")
        require_word(
            "HC2_INVALID_RESOURCE_TYPE", "resource_type", self.resource_type, RESOURCE_TYPES
        )


@quick
@dataclass(frozen=True)
class RetentionEvent:
    """The born or the return event of a retention.

    Attributes:
        event: the event.
        filters: conditions on the event.
        filters_combinator: whether all of them must hold or any.

    Raises:
        ParamValidationError: EV1 for a blank event, EV2 for control characters in it.
    """

    event: str
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"

    def __post_init__(self) -> None:
        require_event(self.event, "RetentionEvent")
        if self.filters is not None:
            object.__setattr__(self, "filters", one_or_more(self.filters))


@quick
@dataclass(frozen=True)
class FlowStep:
    """An anchor of a flow, with its own number of steps forward and back (0 to 5).

    Attributes:
        event: the event.
        forward: steps after it, 0 to 5; as many as the flow has when left out.
        reverse: steps before it, 0 to 5.
        label: what the step is called.
        filters: conditions on the event.
        filters_combinator: whether all of them must hold or any.
        session_event: ``start`` or ``end``, when it stands for the border of a session.

    Raises:
        ParamValidationError: EV1, EV2, FL3, FL4 or FS1, with what to change.
    """

    event: str
    forward: int | None = None
    reverse: int | None = None
    label: str | None = None
    filters: Sequence[Filter] | None = None
    filters_combinator: FiltersCombinator = "all"
    session_event: FlowSessionEvent | None = None

    def __post_init__(self) -> None:
        require_event(self.event, "FlowStep")
        require_label(self.label)
        require_reach(self.forward, self.reverse)
        if self.filters is not None:
            object.__setattr__(self, "filters", one_or_more(self.filters))
        if self.session_event is not None:
            self._check_session()

    def _check_session(self) -> None:
        name = SESSION_EVENTS.get(str(self.session_event))
        if name is None or self.event != name:
            raise ParamValidationError(
                "session_event 'start' goes with the event '$session_start' and 'end' with "
                f"'$session_end'; got {self.session_event!r} with {self.event!r}.",
                "FS1_SESSION_EVENT_MISMATCH",
            )


def require_reach(forward: object, reverse: object) -> None:
    """Raise FL3 or FL4 unless the numbers of steps forward and back are 0 to 5 or left open."""
    if forward is not None:
        _require_steps(forward, "forward", "FL3_FORWARD_RANGE")
    if reverse is not None:
        _require_steps(reverse, "reverse", "FL4_REVERSE_RANGE")


def _require_steps(count: object, name: str, code: str) -> None:
    # Other types pass: the flow question finds them all at once, with their place.
    if is_number(count) and not 0 <= count <= FLOW_STEPS_MAX:
        raise ParamValidationError(f"{name} must be 0 to {FLOW_STEPS_MAX}, not {count!r}.", code)
