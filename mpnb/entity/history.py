"""What is known about definitions: who sends an event, what was changed, all of it as an export."""

from __future__ import annotations

from typing import Any

from mpnb.entity.base import Entity, get

EXPORTED = ("All Events and Properties", "All User Profile Properties")
"""What an export of the lexicon holds when nobody says."""


class History(Entity, models=()):
    """Where events come from, and how their definitions changed."""

    @get("data-definitions/events/tracking-metadata/")
    def get_tracking_metadata(self, event_name: str) -> dict[str, Any]:
        """Which sources send an event."""
        ...

    @get("data-definitions/events/{event_name}/history/")
    def get_event_history(self, event_name: str) -> list[dict[str, Any]]:
        """What was changed in an event's definition."""
        ...

    @get("data-definitions/properties/{property_name}/history/")
    def get_property_history(self, property_name: str, entity_type: str) -> list[dict[str, Any]]:
        """What was changed in a property's definition.

        Args:
            property_name: the property.
            entity_type: whose it is: ``"event"`` or ``"user"``.
        """
        ...

    def export_lexicon(self, *, export_types: list[str] | None = None) -> dict[str, Any]:
        """All definitions; where Mixpanel mails them instead, ``status`` is ``"pending"``.

        Args:
            export_types: parts of the lexicon; events, their properties and those of profiles when
                left out.
        """
        types: list[str] = [*EXPORTED] if export_types is None else export_types
        found = self._export_lexicon(types)
        return {"status": "pending", "message": found} if isinstance(found, str) else found

    @get("data-definitions/export/", names={"export_types": "export_type"}, lists="json")
    def _export_lexicon(self, export_types: list[str]) -> dict[str, Any] | str:
        """Definitions, or a word about where they will be."""
        ...
