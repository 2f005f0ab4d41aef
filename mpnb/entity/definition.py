"""Definitions of events and properties in the lexicon, tags, and the words to change them.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: changes of many events at once
spell only ``displayName`` the camel way, everything beside it with underscores.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from mpnb.entity.model import CamelParams, CamelRecord, Params


def _capital(value: Any) -> Any:
    """``event`` and ``user`` as the server spells them."""
    known = {"event": "Event", "user": "User", "groupprofile": "GroupProfile"}
    return known.get(value.casefold(), value) if isinstance(value, str) else value


OfWhat = Annotated[Literal["Event", "User"], BeforeValidator(_capital)]
"""Whose property it is; small letters will do."""


class PropertyResourceType(StrEnum):
    """Whose property it is."""

    EVENT = "event"
    USER = "user"
    GROUPPROFILE = "groupprofile"


Owner = Annotated[Literal["Event", "User", "GroupProfile"], BeforeValidator(_capital)]
"""A `PropertyResourceType`, spelled as the server reads it."""


class EventDefinition(CamelRecord):
    """What the lexicon says about an event."""

    id: int
    name: str
    display_name: str | None = None
    description: str | None = None
    hidden: bool | None = None
    dropped: bool | None = None
    merged: bool | None = None
    verified: bool | None = None
    tags: list[str] | None = None
    custom_event_id: int | None = None
    """Set when it is a custom event."""
    last_modified: str | None = None
    status: str | None = None
    """How it stands, in a word of the API."""
    platforms: list[str] | None = None
    """Where it is sent from."""
    created_utc: str | None = None
    """When it was made, in UTC."""
    modified_utc: str | None = None
    """When it was last changed, in UTC."""


class PropertyDefinition(CamelRecord):
    """What the lexicon says about a property."""

    id: int | None = None
    name: str
    resource_type: str | None = None
    display_name: str | None = None
    description: str | None = None
    example_value: str | None = None
    hidden: bool | None = None
    dropped: bool | None = None
    merged: bool | None = None
    sensitive: bool | None = None
    data_group_id: str | None = None


class UpdateEventDefinitionParams(CamelParams):
    """What of an event's definition is to change; parts left out stay as they are."""

    hidden: bool | None = None
    dropped: bool | None = None
    merged: bool | None = None
    verified: bool | None = None
    tags: list[str] | None = None
    display_name: str | None = None
    description: str | None = None


class UpdatePropertyDefinitionParams(CamelParams):
    """What of a property's definition is to change; parts left out stay as they are."""

    hidden: bool | None = None
    dropped: bool | None = None
    merged: bool | None = None
    sensitive: bool | None = None
    display_name: str | None = None
    description: str | None = None
    example_value: str | None = None
    resource_type: OfWhat | None = None


class BulkEventUpdate(Params):
    """A change of one event among many; name it by ``name`` or ``id``."""

    name: str | None = None
    id: int | None = None
    hidden: bool | None = None
    dropped: bool | None = None
    merged: bool | None = None
    verified: bool | None = None
    tags: list[str] | None = None
    display_name: str | None = Field(
        default=None,
        validation_alias=AliasChoices("display_name", "displayName"),
        serialization_alias="displayName",
    )
    description: str | None = None
    contacts: list[str] | None = None
    """Addresses of the people to ask about the event."""
    team_contacts: list[str] | None = None
    """Names of the teams to ask about the event."""


class BulkUpdateEventsParams(Params):
    """Changes of many events."""

    events: list[BulkEventUpdate]
    """One entry for each event."""


class BulkPropertyUpdate(CamelParams):
    """A change of one property among many."""

    name: str
    resource_type: OfWhat
    id: int | None = None
    hidden: bool | None = None
    dropped: bool | None = None
    sensitive: bool | None = None
    display_name: str | None = None
    description: str | None = None
    example_value: str | None = None
    data_group_id: str | None = None


class BulkUpdatePropertiesParams(Params):
    """Changes of many properties."""

    properties: list[BulkPropertyUpdate]
    """One entry for each property."""


class LexiconTag(CamelRecord):
    """A word that groups definitions; one that comes without an id has the id 0."""

    id: int
    name: str

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        return {"id": 0, "name": given} if isinstance(given, str) else given


class CreateTagParams(Params):
    """What a new tag needs."""

    name: str


class UpdateTagParams(Params):
    """What of a tag is to change."""

    name: str | None = None
