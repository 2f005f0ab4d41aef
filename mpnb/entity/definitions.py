"""Definitions of events and properties, and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import Entity, delete, get, patch, post

if TYPE_CHECKING:
    from mpnb.entity.definition import (
        BulkUpdateEventsParams,
        BulkUpdatePropertiesParams,
        CreateTagParams,
        EventDefinition,
        LexiconTag,
        Owner,
        PropertyDefinition,
        UpdateEventDefinitionParams,
        UpdatePropertyDefinitionParams,
        UpdateTagParams,
    )


class Definitions(Entity, models=("mpnb.entity.definition",)):
    """The lexicon of a project: what its events and properties mean."""

    @get("data-definitions/events/", names={"names": "name[]"}, lists="repeat")
    def get_event_definitions(self, *, names: list[str]) -> list[EventDefinition]:
        """The definitions of events by their names."""
        ...

    @patch("data-definitions/events/", names={"event_name": "name"})
    def update_event_definition(
        self, event_name: str, params: UpdateEventDefinitionParams
    ) -> EventDefinition:
        """Change the parts of an event's definition that are given."""
        ...

    @delete("data-definitions/events/", names={"event_name": "name"}, into="body", destroys=True)
    def delete_event_definition(self, event_name: str, *, confirm: bool = False) -> None:
        """Delete an event's definition; the events themselves stay."""
        ...

    @patch("data-definitions/events/")
    def bulk_update_event_definitions(
        self, params: BulkUpdateEventsParams
    ) -> list[EventDefinition]:
        """Change the definitions of many events in one call."""
        ...

    @get(
        "data-definitions/properties/",
        names={"names": "name[]", "resource_type": "resourceType"},
        lists="repeat",
    )
    def get_property_definitions(
        self, *, names: list[str], resource_type: Owner | None = None
    ) -> list[PropertyDefinition]:
        """The definitions of properties by their names.

        Args:
            names: the properties.
            resource_type: whose they are: ``"event"``, ``"user"`` or ``"groupprofile"``.
        """
        ...

    @patch("data-definitions/properties/", names={"property_name": "name"})
    def update_property_definition(
        self, property_name: str, params: UpdatePropertyDefinitionParams
    ) -> PropertyDefinition:
        """Change the parts of a property's definition that are given."""
        ...

    @patch("data-definitions/properties/")
    def bulk_update_property_definitions(
        self, params: BulkUpdatePropertiesParams
    ) -> list[PropertyDefinition]:
        """Change the definitions of many properties in one call."""
        ...

    @get("data-definitions/tags/")
    def list_lexicon_tags(self) -> list[LexiconTag]:
        """The tags of the lexicon."""
        ...

    @post("data-definitions/tags/")
    def create_lexicon_tag(self, params: CreateTagParams) -> LexiconTag:
        """Make a tag."""
        ...

    @patch("data-definitions/tags/{tag_id}/")
    def update_lexicon_tag(self, tag_id: int, params: UpdateTagParams) -> LexiconTag:
        """Rename a tag."""
        ...

    @post(
        "data-definitions/tags/",
        names={"tag_name": "name"},
        body={"delete": True},
        destroys=True,
    )
    def delete_lexicon_tag(self, tag_name: str, *, confirm: bool = False) -> None:
        """Delete a tag by its name."""
        ...
