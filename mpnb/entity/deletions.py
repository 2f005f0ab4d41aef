"""Requests to delete events; every change answers with all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, post

if TYPE_CHECKING:
    from mpnb.entity.deletion import (
        CreateDeletionRequestParams,
        EventDeletionRequest,
        PreviewDeletionFiltersParams,
    )


class Deletions(Entity, models=("mpnb.entity.deletion",)):
    """Requests to delete events that were sent."""

    @get("data-definitions/events/deletion-requests/")
    def list_deletion_requests(self) -> list[EventDeletionRequest]:
        """The requests to delete events."""
        ...

    @post("data-definitions/events/deletion-requests/", destroys=True)
    def create_deletion_request(
        self, params: CreateDeletionRequestParams, *, confirm: bool = False
    ) -> list[EventDeletionRequest]:
        """Ask for events to be deleted for good; answers with all requests.

        `preview_deletion_filters` shows which ones.
        """
        ...

    @delete("data-definitions/events/deletion-requests/", names={"request_id": "id"}, into="body")
    def cancel_deletion_request(self, request_id: int) -> list[EventDeletionRequest]:
        """Take a request back that has not begun; answers with all requests."""
        ...

    @post("data-definitions/events/deletion-requests/preview-filters/", reads=True)
    def preview_deletion_filters(
        self, params: PreviewDeletionFiltersParams
    ) -> list[dict[str, Any]]:
        """Which filters a request would have; nothing is deleted."""
        ...
