"""Breakdowns: by what an answer is split."""

from __future__ import annotations

from dataclasses import dataclass

from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import PropertySpec
from mpnb.query.words import CustomPropertyType


@dataclass(frozen=True)
class ListItemGroupMode:
    """Break down by a key of the objects in a list property."""

    sub: str
    sub_type: CustomPropertyType


@dataclass(frozen=True)
class GroupBy:
    """Break down by a property, optionally in numeric buckets."""

    property: PropertySpec
    property_type: CustomPropertyType = "string"
    bucket_size: int | float | None = None
    bucket_min: int | float | None = None
    bucket_max: int | float | None = None
    _list_item_mode: ListItemGroupMode | None = None


@dataclass(frozen=True)
class CohortBreakdown:
    """Break down by membership of a cohort; `include_negated` adds "Not in"."""

    cohort: int | CohortDefinition
    name: str | None = None
    include_negated: bool = True


@dataclass(frozen=True)
class FrequencyBreakdown:
    """Break down by how often users did an event, in buckets."""

    event: str
    bucket_size: int = 1
    bucket_min: int = 0
    bucket_max: int = 10
    label: str | None = None


Breakdown = GroupBy | CohortBreakdown | FrequencyBreakdown
