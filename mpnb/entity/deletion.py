"""Requests to delete events that were sent.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: no filters come as nothing, as
an empty list or as empty text; all are None here.
"""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from mpnb.entity.model import CamelParams, CamelRecord


class EventDeletionRequest(CamelRecord):
    """A request to delete events."""

    id: int
    display_name: str | None = None
    event_name: str
    from_date: str
    """``YYYY-MM-DD``, in the project's time zone, like ``to_date``."""
    to_date: str
    filters: dict[str, Any] | None = None
    """What must hold for an event to be deleted; None: all of the name."""
    status: str
    """``"Submitted"``, ``"Processing"``, ``"Completed"`` or ``"Failed"``."""
    deleted_events_count: int
    """Events deleted so far."""
    created: str
    requesting_user: dict[str, Any]
    """Who asked for it."""

    @field_validator("filters", mode="before")
    @classmethod
    def _none_is_none(cls, given: Any) -> Any:
        return given or None


class CreateDeletionRequestParams(CamelParams):
    """Which events are to be deleted."""

    from_date: str
    to_date: str
    event_name: str
    filters: dict[str, Any] | None = None
    """What must hold for an event to be deleted; None: all of the name."""


class PreviewDeletionFiltersParams(CamelParams):
    """Which events would be deleted."""

    event_name: str
    from_date: str
    to_date: str
    filters: dict[str, Any] | None = None
    """What must hold for an event to be deleted; None: all of the name."""
