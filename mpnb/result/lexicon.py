"""The lexicon: what people wrote about events and properties.

Enters: JSON of Mixpanel's schema endpoints. Leaves: frozen dataclasses. The surprise: parts of a
schema that nobody filled in are left out of `to_dict`, as the endpoint leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mpnb.result.reading import reading

MIXPANEL = "com.mixpanel"
"""Key under which a schema keeps what only Mixpanel understands."""


@dataclass(frozen=True)
class LexiconMetadata:
    """Marks of an event or property: names, tags, whether it is hidden or dropped, whom to ask.

    Attributes:
        source: where the entry comes from, as the server says it.
        display_name: the name that people see instead of its own.
        tags: names of its tags.
        hidden: whether it is left out of menus in Mixpanel.
        dropped: whether it is no longer taken in.
        contacts: people to ask about it.
        team_contacts: teams to ask about it.
    """

    source: str | None
    display_name: str | None
    tags: list[str]
    hidden: bool
    dropped: bool
    contacts: list[str]
    team_contacts: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the marks as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class LexiconProperty:
    """One property of a schema.

    Attributes:
        type: of its values, as JSON Schema names it.
        description: what people wrote; None when nothing.
        metadata: its marks; None when it has none.
    """

    type: str
    description: str | None
    metadata: LexiconMetadata | None

    def to_dict(self) -> dict[str, Any]:
        """Return what is known as a JSON object."""
        return {"type": self.type} | _known(self.description, self.metadata)


@dataclass(frozen=True)
class LexiconDefinition:
    """What a schema says of its event or profile.

    Attributes:
        description: what people wrote; None when nothing.
        properties: name → what is said of that property.
        metadata: marks of the event or profile itself; None when it has none.
    """

    description: str | None
    properties: dict[str, LexiconProperty]
    metadata: LexiconMetadata | None

    def to_dict(self) -> dict[str, Any]:
        """Return what is known as a JSON object."""
        properties = {name: found.to_dict() for name, found in self.properties.items()}
        return {"properties": properties} | _known(self.description, self.metadata)


@dataclass(frozen=True)
class LexiconSchema:
    """The schema of one event or profile.

    Attributes:
        entity_type: what it is of, such as ``event`` or ``profile``.
        name: name of the event or kind of profile.
        schema_json: what the schema says.
    """

    entity_type: str
    name: str
    schema_json: LexiconDefinition

    def to_dict(self) -> dict[str, Any]:
        """Return the schema as a JSON object."""
        return {
            "entity_type": self.entity_type,
            "name": self.name,
            "schema_json": self.schema_json.to_dict(),
        }


@reading("lexicon_schema")
def read_schema(raw: Mapping[str, Any]) -> LexiconSchema:
    """One schema from the endpoint's JSON."""
    definition = raw.get("schemaJson") or {}
    properties = definition.get("properties") or {}
    return LexiconSchema(
        entity_type=str(raw.get("entityType") or ""),
        name=str(raw.get("name") or ""),
        schema_json=LexiconDefinition(
            description=definition.get("description"),
            properties={name: _property(found) for name, found in properties.items()},
            metadata=_metadata(definition.get("metadata")),
        ),
    )


@reading("lexicon_schemas")
def read_schemas(raw: Any) -> list[LexiconSchema]:
    """All schemas of an answer, ordered by kind and name."""
    found = [read_schema(row) for row in raw or () if isinstance(row, Mapping)]
    return sorted(found, key=lambda schema: (schema.entity_type, schema.name))


def _property(raw: Mapping[str, Any]) -> LexiconProperty:
    metadata = _metadata(raw.get("metadata"))
    return LexiconProperty(str(raw.get("type") or "string"), raw.get("description"), metadata)


def _metadata(raw: Mapping[str, Any] | None) -> LexiconMetadata | None:
    own = (raw or {}).get(MIXPANEL)
    if not isinstance(own, Mapping):
        return None
    return LexiconMetadata(
        source=own.get("$source"),
        display_name=own.get("displayName"),
        tags=list(own.get("tags") or ()),
        hidden=bool(own.get("hidden", False)),
        dropped=bool(own.get("dropped", False)),
        contacts=list(own.get("contacts") or ()),
        team_contacts=list(own.get("teamContacts") or ()),
    )


def _known(description: str | None, metadata: LexiconMetadata | None) -> dict[str, Any]:
    known: dict[str, Any] = {} if description is None else {"description": description}
    return known if metadata is None else known | {"metadata": metadata.to_dict()}
