"""Enforcement of schemas, and audits against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, patch, post, put

if TYPE_CHECKING:
    from mpnb.entity.enforcement import (
        AuditResponse,
        InitSchemaEnforcementParams,
        ReplaceSchemaEnforcementParams,
        SchemaEnforcementConfig,
        UpdateSchemaEnforcementParams,
    )


class Enforcement(Entity, models=("mpnb.entity.enforcement",)):
    """What happens to data that does not fit its schema."""

    @get("data-definitions/schema/")
    def get_schema_enforcement(self, *, fields: str | None = None) -> SchemaEnforcementConfig:
        """How schemas are enforced; only some fields (``"ruleEvent,state"``) when asked."""
        ...

    @post("data-definitions/schema/")
    def init_schema_enforcement(self, params: InitSchemaEnforcementParams) -> dict[str, Any]:
        """Start to enforce schemas."""
        ...

    @patch("data-definitions/schema/")
    def update_schema_enforcement(self, params: UpdateSchemaEnforcementParams) -> dict[str, Any]:
        """Change the parts of the enforcement that are given."""
        ...

    @put("data-definitions/schema/", destroys=True)
    def replace_schema_enforcement(
        self, params: ReplaceSchemaEnforcementParams, *, confirm: bool = False
    ) -> dict[str, Any]:
        """Replace the enforcement as a whole."""
        ...

    @delete("data-definitions/schema/", destroys=True)
    def delete_schema_enforcement(self, *, confirm: bool = False) -> dict[str, Any]:
        """Stop to enforce schemas, and forget how."""
        ...

    @get("data-definitions/audit/")
    def run_audit(self) -> AuditResponse:
        """What does not fit its schema."""
        ...

    @get("data-definitions/audit-events-only/")
    def run_audit_events_only(self) -> AuditResponse:
        """Which events do not fit their schemas; faster, because properties are not looked at."""
        ...
