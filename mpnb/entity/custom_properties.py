"""Custom properties; an update replaces the whole definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, post, put

if TYPE_CHECKING:
    from mpnb.entity.custom_property import (
        CreateCustomPropertyParams,
        CustomProperty,
        UpdateCustomPropertyParams,
    )


class CustomProperties(Entity, models=("mpnb.entity.custom_property",)):
    """Properties that are computed from others."""

    @get("custom_properties/")
    def list_custom_properties(self) -> list[CustomProperty]:
        """The custom properties."""
        ...

    @post("custom_properties/")
    def create_custom_property(self, params: CreateCustomPropertyParams) -> CustomProperty:
        """Make a custom property."""
        ...

    @get("custom_properties/{property_id}/")
    def get_custom_property(self, property_id: str) -> CustomProperty:
        """One custom property by its id."""
        ...

    @put("custom_properties/{property_id}/")
    def update_custom_property(
        self, property_id: str, params: UpdateCustomPropertyParams
    ) -> CustomProperty:
        """Replace a custom property as a whole; what is not given is reset."""
        ...

    @delete("custom_properties/{property_id}/", destroys=True)
    def delete_custom_property(self, property_id: str, *, confirm: bool = False) -> None:
        """Delete a custom property for good."""
        ...

    @post("custom_properties/validate/", reads=True)
    def validate_custom_property(self, params: CreateCustomPropertyParams) -> dict[str, Any]:
        """Whether a custom property could be made; nothing is."""
        ...
