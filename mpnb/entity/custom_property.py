"""Custom properties: values computed from other properties.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: a custom property is computed by
a formula or by a behavior, never both, and a formula needs the properties that its letters mean.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import model_validator

from mpnb.entity.model import CamelParams, CamelRecord, OrOther

Kind = Literal["string", "number", "boolean", "datetime"]


class CustomPropertyResourceType(StrEnum):
    """What a custom property is computed for."""

    EVENTS = "events"
    PEOPLE = "people"
    GROUP_PROFILES = "group_profiles"


class ComposedPropertyValue(CamelRecord):
    """The property that a letter of a formula means."""

    type: str | None = None
    """The property's type."""
    type_cast: str | None = None
    """Type that its values are turned into first."""
    resource_type: str
    value: str | None = None
    """Its name."""
    label: str | None = None
    """Its name as people are shown it."""
    property_default_type: Kind | None = None
    """Type that its values usually have."""
    behavior: Any | None = None
    join_property_type: str | None = None
    """Type of the property that it is joined by."""


class CustomProperty(CamelRecord):
    """A custom property."""

    custom_property_id: int
    name: str
    description: str | None = None
    resource_type: OrOther[CustomPropertyResourceType]
    property_type: str | None = None
    display_formula: str | None = None
    composed_properties: dict[str, ComposedPropertyValue] | None = None
    is_locked: bool | None = None
    is_visible: bool | None = None
    data_group_id: str | None = None
    created: str | None = None
    modified: str | None = None
    example_value: str | None = None


class CreateCustomPropertyParams(CamelParams):
    """What a new custom property needs: a formula with its properties, or a behavior."""

    name: str
    resource_type: CustomPropertyResourceType
    description: str | None = None
    display_formula: str | None = None
    composed_properties: dict[str, ComposedPropertyValue] | None = None
    is_locked: bool | None = None
    is_visible: bool | None = None
    property_type: Kind | None = None
    example_value: str | None = None
    data_group_id: str | None = None
    behavior: Any | None = None

    @model_validator(mode="after")
    def _computed_one_way(self) -> CreateCustomPropertyParams:
        formula, behavior = self.display_formula is not None, self.behavior is not None
        if formula == behavior:
            raise ValueError("give either display_formula or behavior")
        if formula and self.composed_properties is None:
            raise ValueError("display_formula needs composed_properties: what its letters mean")
        if behavior and self.composed_properties is not None:
            raise ValueError("composed_properties belong to display_formula, not to behavior")
        return self


class UpdateCustomPropertyParams(CamelParams):
    """A custom property as it is to be; what it belongs to cannot change."""

    name: str | None = None
    description: str | None = None
    display_formula: str | None = None
    composed_properties: dict[str, ComposedPropertyValue] | None = None
    is_locked: bool | None = None
    is_visible: bool | None = None
