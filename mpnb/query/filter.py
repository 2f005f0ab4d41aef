"""Filters: which events or profiles count.

Enter: a property, an operator and a value, by factories such as `Filter.equals`. Leave: frozen
parts. The surprise: a yes/no question is always stored as the operator `true` or `false`, however
it was asked (`equals True`, `not_equals [False]`), because that is all the server knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mpnb.errors import ParamValidationError
from mpnb.query.check import require_date, require_word
from mpnb.query.custom import InlineCustomProperty, PropertySpec
from mpnb.query.filter_checks import (
    YES_NO,
    nested,
    require_cohort,
    require_dates,
    require_keyword,
    require_order,
    require_quantity,
    settled,
    settled_items,
    unknown_operator,
)
from mpnb.query.frequency import FrequencyFilter
from mpnb.query.operators import COHORTS, PUBLIC_NAMES, QUANTIFIERS, RESOURCE_TYPES
from mpnb.query.part import quick
from mpnb.query.words import (
    FilterDateUnit,
    FilterOperatorInput,
    FilterPropertyType,
    FilterQuantifier,
    FilterValue,
    ResourceType,
)

if TYPE_CHECKING:
    from mpnb.query.cohort import CohortDefinition

__all__ = ["Filter", "FrequencyFilter", "WhereInput"]


@quick
@dataclass(frozen=True)
class Filter:
    """One condition on a property, made by a factory: `Filter.equals("plan", "pro")`.

    The constructor takes the operator by its public name (`"is at least"`) or by the name of its
    factory (`"at_least"`).

    Raises:
        ParamValidationError: the operator is not known, or does not fit the property's type.
    """

    _property: PropertySpec
    _operator: FilterOperatorInput
    _value: FilterValue
    _property_type: FilterPropertyType = "string"
    _resource_type: ResourceType = "events"
    _date_unit: FilterDateUnit | None = None
    _list_item_filters: Sequence[Filter] | None = None
    _list_item_quantifier: FilterQuantifier | None = None

    def __post_init__(self) -> None:
        operator = self._operator
        wire = PUBLIC_NAMES.get(operator) if isinstance(operator, str) else None
        if wire is None:
            raise unknown_operator(operator)
        if self._resource_type not in RESOURCE_TYPES:
            require_word(
                "FR1_INVALID_RESOURCE_TYPE", "resource_type", self._resource_type, RESOURCE_TYPES
            )
        value = list(self._value) if isinstance(self._value, tuple) else self._value
        if wire == "list_contains":
            items = settled_items(self._list_item_filters, self._list_item_quantifier)
            object.__setattr__(self, "_list_item_filters", items)
        inline = isinstance(self._property, InlineCustomProperty)
        if inline or wire in YES_NO or self._property_type == "boolean":
            kind = self.value_type
            number = inline and kind == "number"
            wire, value = settled(wire, value, boolean=kind == "boolean", number=number)
        if wire is not operator:
            object.__setattr__(self, "_operator", wire)
        if value is not self._value:
            object.__setattr__(self, "_value", value)

    @property
    def value_type(self) -> str:
        """Type that the condition is decided in: that of an inline property wins."""
        prop = self._property
        if isinstance(prop, InlineCustomProperty) and prop.property_type is not None:
            return prop.property_type
        return self._property_type

    @classmethod
    def equals(
        cls,
        property: PropertySpec,
        value: str | Sequence[str],
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep what has the value, or one of the values."""
        return cls._equality(property, "equals", value, resource_type)

    @classmethod
    def not_equals(
        cls,
        property: PropertySpec,
        value: str | Sequence[str],
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep what has none of the values."""
        return cls._equality(property, "does not equal", value, resource_type)

    @classmethod
    def _equality(
        cls,
        property: PropertySpec,
        operator: FilterOperatorInput,
        value: Any,
        resource_type: ResourceType,
    ) -> Filter:
        if isinstance(value, bool):
            return cls(property, operator, value, "boolean", resource_type)
        values = [value] if isinstance(value, (str, int, float)) else value
        return cls(property, operator, values, "string", resource_type)

    @classmethod
    def contains(
        cls, property: PropertySpec, value: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what contains the text."""
        return cls(property, "contains", value, "string", resource_type)

    @classmethod
    def not_contains(
        cls, property: PropertySpec, value: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what does not contain the text."""
        return cls(property, "does not contain", value, "string", resource_type)

    @classmethod
    def starts_with(
        cls, property: PropertySpec, prefix: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what begins with the text."""
        return cls(property, "starts with", prefix, "string", resource_type)

    @classmethod
    def ends_with(
        cls, property: PropertySpec, suffix: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what ends with the text."""
        return cls(property, "ends with", suffix, "string", resource_type)

    @classmethod
    def greater_than(
        cls, property: PropertySpec, value: int | float, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep numbers above the value."""
        return cls(property, "is greater than", value, "number", resource_type)

    @classmethod
    def less_than(
        cls, property: PropertySpec, value: int | float, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep numbers below the value."""
        return cls(property, "is less than", value, "number", resource_type)

    @classmethod
    def at_least(
        cls, property: PropertySpec, value: int | float, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep numbers that are the value or above."""
        return cls(property, "is at least", value, "number", resource_type)

    @classmethod
    def at_most(
        cls, property: PropertySpec, value: int | float, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep numbers that are the value or below."""
        return cls(property, "is at most", value, "number", resource_type)

    @classmethod
    def between(
        cls,
        property: PropertySpec,
        min_val: int | float,
        max_val: int | float,
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep numbers between the two, both included."""
        require_order(min_val, max_val)
        return cls(property, "is between", [min_val, max_val], "number", resource_type)

    @classmethod
    def not_between(
        cls,
        property: PropertySpec,
        min_val: int | float,
        max_val: int | float,
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep numbers outside the two."""
        require_order(min_val, max_val)
        return cls(property, "not between", [min_val, max_val], "number", resource_type)

    @classmethod
    def is_set(cls, property: PropertySpec, *, resource_type: ResourceType = "events") -> Filter:
        """Keep what has the property."""
        return cls(property, "is set", None, "string", resource_type)

    @classmethod
    def is_not_set(
        cls, property: PropertySpec, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what lacks the property."""
        return cls(property, "is not set", None, "string", resource_type)

    @classmethod
    def is_true(cls, property: PropertySpec, *, resource_type: ResourceType = "events") -> Filter:
        """Keep where the property is true."""
        return cls(property, "true", None, "boolean", resource_type)

    @classmethod
    def is_false(cls, property: PropertySpec, *, resource_type: ResourceType = "events") -> Filter:
        """Keep where the property is false."""
        return cls(property, "false", None, "boolean", resource_type)

    @classmethod
    def in_cohort(cls, cohort: int | CohortDefinition, name: str | None = None) -> Filter:
        """Keep the users of a cohort, saved (by id) or defined here."""
        return cls._membership(cohort, name, negated=False)

    @classmethod
    def not_in_cohort(cls, cohort: int | CohortDefinition, name: str | None = None) -> Filter:
        """Keep the users outside a cohort, saved (by id) or defined here."""
        return cls._membership(cohort, name, negated=True)

    @classmethod
    def _membership(
        cls, cohort: int | CohortDefinition, name: str | None, *, negated: bool
    ) -> Filter:
        require_cohort(cohort, name, "CF")
        member: dict[str, Any] = {"negated": negated, "name": name or ""}
        member["id" if isinstance(cohort, int) else "raw_cohort"] = cohort
        operator: FilterOperatorInput = "does not contain" if negated else "contains"
        return cls(COHORTS, operator, [{"cohort": member}], "list")

    @classmethod
    def on(
        cls, property: PropertySpec, date: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what falls on the day (YYYY-MM-DD)."""
        require_date("date", date)
        return cls(property, "was on", date, "datetime", resource_type)

    @classmethod
    def not_on(
        cls, property: PropertySpec, date: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what falls on another day (YYYY-MM-DD)."""
        require_date("date", date)
        return cls(property, "was not on", date, "datetime", resource_type)

    @classmethod
    def before(
        cls, property: PropertySpec, date: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what lies before the day (YYYY-MM-DD)."""
        require_date("date", date)
        return cls(property, "was before", date, "datetime", resource_type)

    @classmethod
    def since(
        cls, property: PropertySpec, date: str, *, resource_type: ResourceType = "events"
    ) -> Filter:
        """Keep what lies on or after the day (YYYY-MM-DD)."""
        require_date("date", date)
        return cls(property, "was since", date, "datetime", resource_type)

    @classmethod
    def date_between(
        cls,
        property: PropertySpec,
        from_date: str,
        to_date: str,
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep what lies between two days (YYYY-MM-DD), both included."""
        require_dates(from_date, to_date)
        return cls(property, "was between", [from_date, to_date], "datetime", resource_type)

    @classmethod
    def date_not_between(
        cls,
        property: PropertySpec,
        from_date: str,
        to_date: str,
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep what lies outside two days (YYYY-MM-DD)."""
        require_dates(from_date, to_date)
        return cls(property, "was not between", [from_date, to_date], "datetime", resource_type)

    @classmethod
    def in_the_last(
        cls,
        property: PropertySpec,
        quantity: int,
        date_unit: FilterDateUnit,
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep what lies in the last so many hours, days, weeks or months."""
        require_quantity(quantity)
        return cls(property, "was in the", quantity, "datetime", resource_type, date_unit)

    @classmethod
    def not_in_the_last(
        cls,
        property: PropertySpec,
        quantity: int,
        date_unit: FilterDateUnit,
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep what lies outside the last so many hours, days, weeks or months."""
        require_quantity(quantity)
        return cls(property, "was not in the", quantity, "datetime", resource_type, date_unit)

    @classmethod
    def in_the_next(
        cls,
        property: PropertySpec,
        quantity: int,
        date_unit: FilterDateUnit,
        *,
        resource_type: ResourceType = "events",
    ) -> Filter:
        """Keep what lies in the next so many hours, days, weeks or months."""
        require_quantity(quantity)
        return cls(property, "was in the next", quantity, "datetime", resource_type, date_unit)

    @classmethod
    def list_contains(
        cls,
        property: str,
        *item_filters: Filter,
        quantifier: FilterQuantifier = "any",
        resource_type: ResourceType = "events",
        **equals: str | Sequence[str],
    ) -> Filter:
        """Keep lists of objects where any (or all) items match.

        Conditions are filters on the items' keys, or keywords: `list_contains("cart", Brand="x")`.
        """
        require_word("LC4_INVALID_QUANTIFIER", "quantifier", quantifier, QUANTIFIERS)
        items = _items(item_filters, equals, resource_type)
        return cls(
            property, "list_contains", None, "object", resource_type, None, items, quantifier
        )


def _items(
    given: tuple[Filter, ...], keywords: dict[str, Any], resource_type: ResourceType
) -> tuple[Filter, ...]:
    if given and keywords:
        raise ParamValidationError(
            "Give conditions on the items as filters or as keywords, not both.", "LC3_MIXED_ARGS"
        )
    if not given and not keywords:
        raise ParamValidationError(
            "list_contains needs conditions: Filter.equals('Brand', 'x') or Brand='x'.",
            "LC7_NO_CONDITIONS",
        )
    if any(getattr(item, "_operator", None) == "list_contains" for item in given):
        raise nested()
    return given or tuple(_keyword(key, value, resource_type) for key, value in keywords.items())


def _keyword(key: str, value: Any, resource_type: ResourceType) -> Filter:
    require_keyword(key, value)
    return Filter.equals(key, value, resource_type=resource_type)


WhereInput = Filter | FrequencyFilter | Sequence[Filter | FrequencyFilter] | None
"""What `where` takes: a filter or a list of filters."""
