"""The schema registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, patch, post
from mpnb.errors import ParamValidationError

if TYPE_CHECKING:
    from mpnb.entity.schema_entry import (
        BulkCreateSchemasParams,
        BulkCreateSchemasResponse,
        BulkPatchResult,
        DeleteSchemasResponse,
        SchemaEntry,
    )


class SchemaRegistry(Entity, models=("mpnb.entity.schema_entry",)):
    """What events and profiles are supposed to look like."""

    def list_schema_registry(self, *, entity_type: str | None = None) -> list[SchemaEntry]:
        """The schemas, of one type (``"event"``, ``"profile"``) when asked."""
        return self._list_schemas() if entity_type is None else self._list_schemas_of(entity_type)

    @get("schemas")
    def _list_schemas(self) -> list[SchemaEntry]:
        """The schemas."""
        ...

    @get("schemas/{entity_type}")
    def _list_schemas_of(self, entity_type: str) -> list[SchemaEntry]:
        """The schemas of one type."""
        ...

    @post("schemas/{entity_type}/{entity_name}", whole="schema_json")
    def create_schema(
        self, entity_type: str, entity_name: str, schema_json: dict[str, Any]
    ) -> dict[str, Any]:
        """Make a schema."""
        ...

    @post("schemas")
    def create_schemas_bulk(self, params: BulkCreateSchemasParams) -> BulkCreateSchemasResponse:
        """Make many schemas; with ``truncate`` all others are deleted first."""
        ...

    @patch("schemas/{entity_type}/{entity_name}", whole="schema_json")
    def update_schema(
        self, entity_type: str, entity_name: str, schema_json: dict[str, Any]
    ) -> dict[str, Any]:
        """Merge parts into a schema."""
        ...

    @patch("schemas")
    def update_schemas_bulk(self, params: BulkCreateSchemasParams) -> list[BulkPatchResult]:
        """Merge parts into many schemas; answers with how each went."""
        ...

    def delete_schemas(
        self,
        *,
        entity_type: str | None = None,
        entity_name: str | None = None,
        confirm: bool = False,
    ) -> DeleteSchemasResponse:
        """Delete one schema, those of a type, or, when nothing is named, all of them.

        Args:
            entity_type: ``"event"`` or ``"profile"``.
            entity_name: the one of that type.
            confirm: do not ask a person in a notebook first.

        Raises:
            ParamValidationError: a name without a type.
        """
        if entity_type is None:
            if entity_name is not None:
                raise ParamValidationError("entity_name needs entity_type beside it.")
            return self._delete_all_schemas(confirm=confirm)
        if entity_name is None:
            return self._delete_schemas_of(entity_type, confirm=confirm)
        return self._delete_schema(entity_type, entity_name, confirm=confirm)

    @delete("schemas", destroys=True)
    def _delete_all_schemas(self, *, confirm: bool = False) -> DeleteSchemasResponse:
        """Delete all schemas of the project."""
        ...

    @delete("schemas/{entity_type}", destroys=True)
    def _delete_schemas_of(
        self, entity_type: str, *, confirm: bool = False
    ) -> DeleteSchemasResponse:
        """Delete all schemas of a type."""
        ...

    @delete("schemas/{entity_type}/{entity_name}", destroys=True)
    def _delete_schema(
        self, entity_type: str, entity_name: str, *, confirm: bool = False
    ) -> DeleteSchemasResponse:
        """Delete a schema."""
        ...
