"""Filters: which events or profiles count. Factories enter, frozen `Filter` parts leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mpnb.query.custom import PropertySpec
from mpnb.query.words import (
    FilterDateUnit,
    FilterOperatorInput,
    FilterPropertyType,
    FilterQuantifier,
    FilterValue,
    FrequencyFilterOperator,
    FrequencyUnit,
    ResourceType,
)

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Filter:
    """One condition on a property; made by the factories below, `Filter.equals("plan", "pro")`."""

    _property: PropertySpec
    _operator: FilterOperatorInput
    _value: FilterValue
    _property_type: FilterPropertyType = "string"
    _resource_type: ResourceType = "events"
    _date_unit: FilterDateUnit | None = None
    _list_item_filters: Sequence[Filter] | None = None
    _list_item_quantifier: FilterQuantifier | None = None


@dataclass(frozen=True)
class FrequencyFilter:
    """Users who did an event some number of times, optionally in the last days, weeks or months."""

    event: str
    value: int | float
    operator: FrequencyFilterOperator = "is at least"
    date_range_value: int | None = None
    date_range_unit: FrequencyUnit | None = None
    event_filters: Sequence[Filter] | None = None
    label: str | None = None
