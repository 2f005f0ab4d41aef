"""Custom events; they are found and changed by their id, because names may be taken twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import Entity, delete, get, patch, post
from mpnb.errors import MixpanelHeadlessError

if TYPE_CHECKING:
    from mpnb.entity.custom_event import CreateCustomEventParams, CustomEvent
    from mpnb.entity.definition import EventDefinition, UpdateEventDefinitionParams


class CustomEvents(Entity, models=("mpnb.entity.custom_event", "mpnb.entity.definition")):
    """Events that stand for several others."""

    @get("data-definitions/events/", query={"custom_event": True})
    def list_custom_events(self) -> list[EventDefinition]:
        """The custom events, as the lexicon describes them."""
        ...

    @post("custom_events/", form=True, envelope="custom_event")
    def create_custom_event(self, params: CreateCustomEventParams) -> CustomEvent:
        """Make a custom event."""
        ...

    def update_custom_event(
        self, custom_event_id: int, params: UpdateEventDefinitionParams
    ) -> EventDefinition:
        """Change the parts of a custom event's definition that are given.

        Raises:
            MixpanelHeadlessError: another definition was changed (code ``UPDATE_TARGET_MISMATCH``).
        """
        changed = self._update_custom_event(custom_event_id, params)
        if changed.custom_event_id not in (None, custom_event_id):
            raise MixpanelHeadlessError(
                f"Mixpanel changed {changed.name!r} (custom event {changed.custom_event_id}) "
                f"instead of custom event {custom_event_id}; look at both in the lexicon.",
                code="UPDATE_TARGET_MISMATCH",
                details={"asked": custom_event_id, "changed": changed.custom_event_id},
            )
        return changed

    @patch("data-definitions/events/", names={"custom_event_id": "customEventId"})
    def _update_custom_event(
        self, custom_event_id: int, params: UpdateEventDefinitionParams
    ) -> EventDefinition:
        """Change a custom event, and say what was changed."""
        ...

    @delete(
        "data-definitions/events/",
        names={"custom_event_id": "customEventId"},
        into="body",
        destroys=True,
    )
    def delete_custom_event(self, custom_event_id: int, *, confirm: bool = False) -> None:
        """Delete a custom event for good; the events that it stands for stay."""
        ...
