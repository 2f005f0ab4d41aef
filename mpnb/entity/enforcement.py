"""What happens to data that does not fit its schema, and what an audit finds.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: an audit is answered as a list
of two, the violations and when they were counted.
"""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from mpnb.entity.model import CamelParams, CamelRecord, Record


class SchemaEnforcementConfig(CamelRecord):
    """How schemas are enforced."""

    id: int | None = None
    last_modified: str | None = None
    last_modified_by: dict[str, Any] | None = None
    """Who changed it last."""
    rule_event: str | None = None
    """``"Warn and Accept"``, ``"Warn and Hide"`` or ``"Warn and Drop"``."""
    notification_emails: list[str] | None = None
    events: list[dict[str, Any]] | None = None
    """Rules for events."""
    common_properties: list[dict[str, Any]] | None = None
    user_properties: list[dict[str, Any]] | None = None
    initialized_by: dict[str, Any] | None = None
    """Who started it."""
    initialized_from: str | None = None
    """First day of the data that it was started with."""
    initialized_to: str | None = None
    """Last day of the data that it was started with."""
    state: str | None = None
    """``"planned"`` or ``"ingested"``."""


class InitSchemaEnforcementParams(CamelParams):
    """What the start of enforcement needs."""

    rule_event: str


class UpdateSchemaEnforcementParams(CamelParams):
    """What of the enforcement is to change; parts left out stay as they are."""

    notification_emails: list[str] | None = None
    rule_event: str | None = None
    events: list[str] | None = None
    """Names of the events that are enforced."""
    properties: dict[str, list[str]] | None = None
    """Event → names of its properties."""


class ReplaceSchemaEnforcementParams(CamelParams):
    """The enforcement as a whole."""

    common_properties: list[dict[str, Any]]
    user_properties: list[dict[str, Any]]
    events: list[dict[str, Any]]
    """Rules for events, all of them."""
    rule_event: str
    notification_emails: list[str]
    schema_id: int | None = None


class AuditViolation(CamelRecord):
    """Data that does not fit its schema."""

    violation: str
    """What is wrong, in a word of the API."""
    name: str
    """The event or the property."""
    platform: str | None = None
    """Where it comes from: iOS, Android, Web."""
    version: str | None = None
    """Version of the schema or of the app; Mixpanel does not say which."""
    count: int
    """How often it came."""
    event: str | None = None
    """The event of a property."""
    sensitive: bool | None = None
    property_type_error: str | None = None
    """How the type of a property differs."""


class AuditResponse(Record):
    """What an audit found, and when."""

    violations: list[AuditViolation]
    """What does not fit, in no order."""
    computed_at: str

    @model_validator(mode="before")
    @classmethod
    def _from_two(cls, given: Any) -> Any:
        if given == []:
            return {"computed_at": "", "violations": []}
        if not isinstance(given, list) or not isinstance(given[0], list):
            return given
        facts = given[1] if len(given) > 1 and isinstance(given[1], dict) else {}
        return {"computed_at": "", **facts, "violations": given[0]}
