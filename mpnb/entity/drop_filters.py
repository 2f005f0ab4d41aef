"""Drop filters; every change answers with all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import Entity, delete, get, patch, post

if TYPE_CHECKING:
    from mpnb.entity.drop_filter import (
        CreateDropFilterParams,
        DropFilter,
        DropFilterLimitsResponse,
        UpdateDropFilterParams,
    )


class DropFilters(Entity, models=("mpnb.entity.drop_filter",)):
    """Filters that throw events away as they arrive; what they took cannot be brought back."""

    @get("data-definitions/events/drop-filters/")
    def list_drop_filters(self) -> list[DropFilter]:
        """The drop filters."""
        ...

    @post("data-definitions/events/drop-filters/")
    def create_drop_filter(self, params: CreateDropFilterParams) -> list[DropFilter]:
        """Make a drop filter; answers with all of them."""
        ...

    @patch("data-definitions/events/drop-filters/")
    def update_drop_filter(self, params: UpdateDropFilterParams) -> list[DropFilter]:
        """Change the parts of a drop filter that are given; answers with all of them."""
        ...

    @delete(
        "data-definitions/events/drop-filters/",
        names={"drop_filter_id": "id"},
        into="body",
        destroys=True,
    )
    def delete_drop_filter(self, drop_filter_id: int, *, confirm: bool = False) -> list[DropFilter]:
        """Delete a drop filter, so that its events are kept again; answers with those left."""
        ...

    @get("data-definitions/events/drop-filters/limits/")
    def get_drop_filter_limits(self) -> DropFilterLimitsResponse:
        """How many drop filters there may be."""
        ...
