"""Entries of the schema registry: JSON Schema (draft 7) of events and profiles.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: the schema itself is called
``schemaJson`` outside, and `SchemaEntry.schema_definition` here.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mpnb.entity.model import CamelParams, CamelRecord, Record


class SchemaEntry(CamelRecord):
    """The schema of an event, a custom event or a profile."""

    entity_type: str
    name: str
    version: str | None = None
    """Its version, YYYY-MM-DD."""
    schema_definition: dict[str, Any] = Field(alias="schemaJson")
    """The schema, as JSON Schema."""


class BulkCreateSchemasParams(CamelParams):
    """Schemas to make or to change in one call."""

    entries: list[SchemaEntry]
    """The schemas."""
    truncate: bool | None = None
    """Delete all other schemas (of ``entity_type``, when given) first."""
    entity_type: str | None = None


class BulkCreateSchemasResponse(Record):
    """How many schemas came and went."""

    added: int
    """How many were made."""
    deleted: int
    """How many `truncate` deleted."""


class BulkPatchResult(CamelRecord):
    """How the change of one schema went."""

    entity_type: str
    name: str
    status: str
    """``"ok"`` or ``"error"``."""
    error: str | None = None
    """What went wrong."""


class DeleteSchemasResponse(CamelRecord):
    """How many schemas went."""

    delete_count: int
    """How many were deleted."""
