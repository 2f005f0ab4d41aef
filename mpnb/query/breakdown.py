"""Breakdowns: by what an answer is split.

Enter: a property with its type and buckets, or a cohort. Leave: frozen parts. The surprise: a plain
name means an event property unless `resource_type` says people; a computed property says it itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpnb.errors import ParamValidationError
from mpnb.query.check import is_blank, is_number, require_word
from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import InlineCustomProperty, PropertySpec
from mpnb.query.filter_checks import require_cohort
from mpnb.query.frequency import FrequencyBreakdown
from mpnb.query.operators import RESOURCE_TYPES
from mpnb.query.part import quick
from mpnb.query.words import CustomPropertyType, ResourceType

__all__ = [
    "Breakdown",
    "CohortBreakdown",
    "FrequencyBreakdown",
    "GroupBy",
    "GroupByInput",
    "ListItemGroupMode",
]

CUSTOM_PROPERTY_TYPES = ("string", "number", "boolean", "datetime")


@quick
@dataclass(frozen=True)
class ListItemGroupMode:
    """Break down by a key of the objects in a list property: `sub` is the key.

    Attributes:
        sub: key of the objects in the list.
        sub_type: type of the key's values.

    Raises:
        ParamValidationError: LG1 for a blank key, LG2 for a type that is not known.
    """

    sub: str
    sub_type: CustomPropertyType

    def __post_init__(self) -> None:
        if is_blank(self.sub):
            raise ParamValidationError("sub is blank; name a key of the items.", "LG1_EMPTY_SUB")
        require_word("LG2_INVALID_SUB_TYPE", "sub_type", self.sub_type, CUSTOM_PROPERTY_TYPES)


@quick
@dataclass(frozen=True)
class GroupBy:
    """Break down by a property; numbers may go into buckets of `bucket_size` from min to max.

    `resource_type="people"` means a property of the profile, as it is now, not of the event.

    Attributes:
        property: name of a property, or a computed or saved one.
        property_type: type that its values are read as.
        bucket_size: width of a bucket of numbers.
        bucket_min: start of the first bucket.
        bucket_max: end of the last bucket.
        resource_type: whether the event has the property or the profile.

    Raises:
        ParamValidationError: GB1 to GB8, V12 and V18, with what to change.
    """

    property: PropertySpec
    property_type: CustomPropertyType = "string"
    bucket_size: int | float | None = None
    bucket_min: int | float | None = None
    bucket_max: int | float | None = None
    _list_item_mode: ListItemGroupMode | None = None
    resource_type: ResourceType = "events"

    def __post_init__(self) -> None:
        if isinstance(self.property, str) and is_blank(self.property):
            raise ParamValidationError("property is blank; name one.", "GB1_EMPTY_PROPERTY")
        if self.property_type not in CUSTOM_PROPERTY_TYPES:
            require_word(
                "GB6_INVALID_PROPERTY_TYPE",
                "property_type",
                self.property_type,
                CUSTOM_PROPERTY_TYPES,
            )
        self._check_resource()
        if self._list_item_mode is not None:
            self._check_list_item()
        if is_bucketed(self):
            self._check_buckets()

    def _check_resource(self) -> None:
        if self.resource_type == "events":
            return
        require_word(
            "GB7_INVALID_RESOURCE_TYPE", "resource_type", self.resource_type, RESOURCE_TYPES
        )
        if isinstance(self.property, InlineCustomProperty):
            raise ParamValidationError(
                "A computed property says itself whose it is: give resource_type to "
                "InlineCustomProperty, not to GroupBy.",
                "GB8_RESOURCE_TYPE_OF_COMPUTED",
            )

    def _check_list_item(self) -> None:
        if not isinstance(self._list_item_mode, ListItemGroupMode):
            raise ParamValidationError(
                "A list-item breakdown is made by GroupBy.list_item.", "GB9_LIST_ITEM_MODE"
            )
        if not isinstance(self.property, str):
            raise ParamValidationError(
                "A list-item breakdown takes a property by name, not a custom property.",
                "GB5_LIST_ITEM_PROPERTY_TYPE",
            )
        if is_bucketed(self):
            raise ParamValidationError(
                "A list-item breakdown takes no buckets.", "GB4_LIST_ITEM_BUCKETING"
            )

    def _check_buckets(self) -> None:
        size, lowest, highest = self.bucket_size, self.bucket_min, self.bucket_max
        for name, value in (("size", size), ("min", lowest), ("max", highest)):
            if value is not None and not is_number(value):
                raise ParamValidationError(
                    f"bucket_{name} must be a number, not {value!r}.", "V24_BUCKET_NOT_FINITE"
                )
        if size is not None and size <= 0:
            raise ParamValidationError(
                f"bucket_size must be positive, not {size!r}.", "V12_BUCKET_SIZE_POSITIVE"
            )
        if lowest is not None and highest is not None and lowest >= highest:
            raise ParamValidationError(
                f"bucket_min {lowest!r} must be below bucket_max {highest!r}.", "V18_BUCKET_ORDER"
            )

    @classmethod
    def list_item(
        cls,
        property: str,
        sub: str,
        *,
        sub_type: CustomPropertyType = "string",
        resource_type: ResourceType = "events",
    ) -> GroupBy:
        """Break down by a key of the objects in a list: `GroupBy.list_item("cart", "Brand")`."""
        mode = ListItemGroupMode(sub, sub_type)
        return cls(property, _list_item_mode=mode, resource_type=resource_type)


def is_bucketed(group: GroupBy) -> bool:
    """Tell whether any of the bucket settings is given."""
    return not (group.bucket_size is None and group.bucket_min is None and group.bucket_max is None)


def value_type(group: GroupBy) -> str:
    """Return the type that is broken down by: that of an inline property wins."""
    prop = group.property
    if isinstance(prop, InlineCustomProperty) and prop.property_type is not None:
        return prop.property_type
    return group.property_type


@quick
@dataclass(frozen=True)
class CohortBreakdown:
    """Break down by membership of a cohort; `include_negated` adds the users outside it.

    Attributes:
        cohort: id of a saved cohort, or a definition.
        name: what the segment is called.
        include_negated: whether those outside are a segment too.

    Raises:
        ParamValidationError: CB1 for an id that is not positive, CB2 for a blank name.
    """

    cohort: int | CohortDefinition
    name: str | None = None
    include_negated: bool = True

    def __post_init__(self) -> None:
        require_cohort(self.cohort, self.name, "CB")


Breakdown = GroupBy | CohortBreakdown | FrequencyBreakdown
GroupByInput = str | Breakdown | Sequence[str | Breakdown] | None
"""What `group_by` takes: a property's name, a breakdown, or a list of them."""
