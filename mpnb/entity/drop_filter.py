"""Drop filters: events that Mixpanel throws away as they arrive.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: answers are spelled
``likeThis``, what is sent ``like_this``.
"""

from __future__ import annotations

from typing import Any

from mpnb.entity.model import CamelRecord, Params


class DropFilter(CamelRecord):
    """Which events of a name are thrown away."""

    id: int
    event_name: str
    filters: list[Any] | dict[str, Any] | None = None
    """What must hold for an event to be thrown away; empty: all of the name."""
    active: bool | None = None
    display_name: str | None = None
    created: str | None = None


class CreateDropFilterParams(Params):
    """What a new drop filter needs."""

    event_name: str
    filters: Any
    """What must hold for an event to be thrown away, as Mixpanel stores it."""


class UpdateDropFilterParams(Params):
    """What of a drop filter is to change; parts left out stay as they are."""

    id: int
    event_name: str | None = None
    filters: Any | None = None
    """What must hold for an event to be thrown away, as Mixpanel stores it."""
    active: bool | None = None


class DropFilterLimitsResponse(CamelRecord):
    """How many drop filters there may be."""

    filter_limit: int
    """Drop filters that there may be."""
