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
    status: str
    deleted_events_count: int
    created: str
    requesting_user: dict[str, Any]

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


class PreviewDeletionFiltersParams(CamelParams):
    """Which events would be deleted."""

    event_name: str
    from_date: str
    to_date: str
    filters: dict[str, Any] | None = None
