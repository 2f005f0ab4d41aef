"""Saved cohorts as Mixpanel stores them, and the words to make and change one.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: a definition is one object to a
person, and stands spread out among the other fields when it is sent.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from mpnb.entity.model import Params, Record
from mpnb.entity.saved import CohortCreator


class Cohort(Record):
    """A saved cohort."""

    id: int
    name: str
    description: str | None = None
    count: int | None = None
    """Users in it when it was last counted."""
    is_visible: bool | None = None
    is_locked: bool | None = None
    data_group_id: str | None = None
    last_edited: str | None = None
    """When its definition was last changed."""
    created_by: CohortCreator | None = None
    referenced_by: list[int] | None = None
    """Ids of what uses it."""
    verified: bool = False
    last_queried: str | None = None
    """When it was last asked about."""
    referenced_directly_by: list[int] = Field(default_factory=list)
    """Ids of what names it itself, not through another cohort."""
    active_integrations: list[int] = Field(default_factory=list)
    """Ids of integrations that it is sent to."""


class _Defined(Params):
    """Something with a definition that is sent beside its other fields."""

    definition: dict[str, Any] | None = None
    """``CohortDefinition.to_dict()``: a selector and its behaviors."""

    @model_serializer(mode="wrap")
    def _flat(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = inner(self)
        definition = fields.pop("definition", None) or {}
        return {**fields, **definition}


class CreateCohortParams(_Defined):
    """What a new cohort needs."""

    name: str
    description: str | None = None
    data_group_id: str | None = None
    is_locked: bool | None = None
    is_visible: bool | None = None
    deleted: bool | None = None
    """Whether it counts as deleted."""


class UpdateCohortParams(_Defined):
    """What of a cohort is to change; parts left out stay as they are."""

    name: str | None = None
    description: str | None = None
    data_group_id: str | None = None
    is_locked: bool | None = None
    is_visible: bool | None = None
    deleted: bool | None = None
    """Delete it (True), or bring it back."""


class BulkUpdateCohortEntry(_Defined):
    """What of one cohort is to change, among many."""

    id: int
    name: str | None = None
    description: str | None = None
