"""Cohorts: groups of users, defined by what they did, have, or belong to.

Enter: criteria from the factories. Leave: a definition, and its JSON from `to_dict`. The surprise:
a criterion keeps its JSON from the start (so unknown saved criteria can be kept too); the call that
made it is remembered in `made_by` for printing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mpnb.errors import ParamTypeError, ParamValidationError
from mpnb.query.check import is_blank, is_finite, items_of, require_date, require_word, shown
from mpnb.query.filter import Filter
from mpnb.query.words import CohortAggregationType, CohortPropertyOperator, InputType

PROPERTY_OPERATORS: dict[str, str] = {
    "equals": "==",
    "not_equals": "!=",
    "contains": "in",
    "not_contains": "not in",
    "greater_than": ">",
    "less_than": "<",
    "is_set": "defined",
    "is_not_set": "not defined",
}
"""Operators on profile properties → how a cohort's selector writes them."""

DEPTH_MAX = 100
AGGREGATIONS = ("total", "unique", "average", "min", "max", "median")
INPUT_TYPES = ("string", "number", "boolean", "datetime", "list")
FILTER_OPERATORS = (
    "equals",
    "does not equal",
    "contains",
    "does not contain",
    "is greater than",
    "is less than",
    "is between",
    "is set",
    "is not set",
)
"""Operators of filters that a cohort's event selector understands."""

MadeBy = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class CohortCriteria:
    """One condition on a user, made by a factory."""

    _selector_node: dict[str, Any]
    _behavior_key: str | None
    _behavior: dict[str, Any] | None
    made_by: MadeBy | None = field(default=None, compare=False, repr=False)
    """The factory that made it and its arguments, which `to_python` prints."""

    @classmethod
    def did_event(
        cls,
        event: str,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        exactly: int | None = None,
        within_days: int | None = None,
        within_weeks: int | None = None,
        within_months: int | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
        where: Filter | Sequence[Filter] | None = None,
        aggregation: CohortAggregationType | None = None,
        aggregation_property: str | None = None,
    ) -> CohortCriteria:
        """Users who did the event at least, at most or exactly so often in a time.

        With an aggregation the threshold is for that number over the events' property.

        Raises:
            ParamValidationError: CD1 to CD6, CD10, CA1 or CA2, with what to change.
        """
        call = {name: value for name, value in locals().items() if name != "cls"}
        _require_event(event)
        _require_aggregation(aggregation, aggregation_property)
        operator, operand = _threshold(at_least, at_most, exactly)
        _require_one_time(within_days, within_weeks, within_months, from_date, to_date)
        count: dict[str, Any] = {
            "event_selector": {"event": event, "selector": _event_selector(where)},
            "type": "absolute",
        }
        window = _time(within_days, within_weeks, within_months, from_date, to_date)
        if aggregation is not None:
            count["aggregationOperator"] = aggregation
            count["property"] = aggregation_property
        return cls._behavior_node(operator, operand, {"count": count, **window}, "did_event", call)

    @classmethod
    def did_not_do_event(
        cls,
        event: str,
        *,
        within_days: int | None = None,
        within_weeks: int | None = None,
        within_months: int | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
    ) -> CohortCriteria:
        """Users who did not do the event in a time.

        Raises:
            ParamValidationError: CD3 to CD6, with what to change.
        """
        call = {name: value for name, value in locals().items() if name != "cls"}
        _require_event(event)
        window = _time(within_days, within_weeks, within_months, from_date, to_date)
        count = {"event_selector": {"event": event, "selector": None}, "type": "absolute"}
        return cls._behavior_node("==", 0, {"count": count, **window}, "did_not_do_event", call)

    @classmethod
    def _behavior_node(
        cls,
        operator: str,
        operand: int,
        behavior: dict[str, Any],
        factory: str,
        call: dict[str, Any],
    ) -> CohortCriteria:
        node = {
            "property": "behaviors",
            "value": "bhvr_0",
            "operator": operator,
            "operand": operand,
        }
        return cls(node, "bhvr_0", behavior, (factory, _given(call)))

    @classmethod
    def has_property(
        cls,
        property: str,
        value: str | int | float | bool | Sequence[str] | None,
        *,
        operator: CohortPropertyOperator = "equals",
        property_type: InputType = "string",
    ) -> CohortCriteria:
        """Users whose profile property compares with the value.

        Raises:
            ParamValidationError: CD7 for a blank property, CD11 or CD12 for an unknown word.
        """
        call = {name: value for name, value in locals().items() if name != "cls"}
        if is_blank(property):
            raise ParamValidationError("property is blank; name one.", "CD7_EMPTY_PROPERTY")
        require_word("CD11_INVALID_OPERATOR", "operator", operator, PROPERTY_OPERATORS)
        require_word("CD12_INVALID_PROPERTY_TYPE", "property_type", property_type, INPUT_TYPES)
        if value is None and operator in ("is_set", "is_not_set"):
            call["value"] = value = ""  # nothing to compare with, as `property_is_set` writes it
        for item in value if isinstance(value, list | tuple) else (value,):
            if not isinstance(item, str | bool) and not is_finite(item):
                raise ParamTypeError(
                    f"value must be text, a finite number, True or False, or a list of these, "
                    f"not {shown(value)}.",
                    "CD17_VALUE_TYPE",
                )
        node = {
            "property": "user",
            "value": property,
            "operator": PROPERTY_OPERATORS[operator],
            "operand": list(value) if isinstance(value, tuple) else value,
            "type": property_type,
        }
        return cls(node, None, None, ("has_property", _given(call)))

    @classmethod
    def property_is_set(cls, property: str) -> CohortCriteria:
        """Users whose profile has the property."""
        return cls.has_property(property, "", operator="is_set")

    @classmethod
    def property_is_not_set(cls, property: str) -> CohortCriteria:
        """Users whose profile lacks the property."""
        return cls.has_property(property, "", operator="is_not_set")

    @classmethod
    def in_cohort(cls, cohort_id: int) -> CohortCriteria:
        """Users in a saved cohort."""
        return cls._membership(cohort_id, "in", "in_cohort")

    @classmethod
    def not_in_cohort(cls, cohort_id: int) -> CohortCriteria:
        """Users outside a saved cohort."""
        return cls._membership(cohort_id, "not in", "not_in_cohort")

    @classmethod
    def _membership(cls, cohort_id: int, operator: str, factory: str) -> CohortCriteria:
        if type(cohort_id) is not int or cohort_id <= 0:
            raise ParamValidationError(
                f"cohort_id must be a positive whole number, not {shown(cohort_id)}.",
                "CD8_COHORT_ID_NOT_POSITIVE",
            )
        node = {"property": "cohort", "value": cohort_id, "operator": operator}
        return cls(node, None, None, (factory, {"cohort_id": cohort_id}))


@dataclass(frozen=True, init=False)
class CohortDefinition:
    """Criteria joined by and (`all_of`, the default) or by or (`any_of`); definitions nest.

    Raises:
        ParamValidationError: CD9 without any criterion.
    """

    _criteria: tuple[CohortCriteria | CohortDefinition, ...]
    _operator: Literal["and", "or"]

    def __init__(self, *criteria: CohortCriteria | CohortDefinition) -> None:
        if not criteria:
            raise ParamValidationError(
                "A cohort needs at least one criterion.", "CD9_EMPTY_CRITERIA"
            )
        for item in criteria:
            if not isinstance(item, CohortCriteria | CohortDefinition):
                raise ParamTypeError(
                    f"A cohort is made of CohortCriteria and CohortDefinition, not {shown(item)}.",
                    "CD13_CRITERIA_TYPE",
                )
        depth = 1 + max(getattr(item, "_depth", 0) for item in criteria)
        if depth > DEPTH_MAX:
            raise ParamValidationError(
                f"A cohort nests at most {DEPTH_MAX} deep; name parts as saved cohorts.",
                "CD16_TOO_DEEP",
            )
        object.__setattr__(self, "_depth", depth)
        object.__setattr__(self, "_criteria", criteria)
        object.__setattr__(self, "_operator", "and")

    @classmethod
    def all_of(cls, *criteria: CohortCriteria | CohortDefinition) -> CohortDefinition:
        """Users who meet all criteria."""
        return cls(*criteria)

    @classmethod
    def any_of(cls, *criteria: CohortCriteria | CohortDefinition) -> CohortDefinition:
        """Users who meet at least one criterion."""
        definition = cls(*criteria)
        object.__setattr__(definition, "_operator", "or")
        return definition

    def to_dict(self) -> dict[str, Any]:
        """Return the raw cohort JSON: a selector tree and its numbered behaviors."""
        behaviors: dict[str, Any] = {}
        return {"selector": self._node(behaviors), "behaviors": behaviors}

    def to_clause(self) -> dict[str, Any]:
        """Return the JSON that stands inside params: as `to_dict`, without empty selectors."""
        found: dict[str, Any] = _without_empty_selectors(self.to_dict())
        return found

    def _node(self, behaviors: dict[str, Any]) -> dict[str, Any]:
        children = [
            item._node(behaviors) if isinstance(item, CohortDefinition) else _leaf(item, behaviors)
            for item in self._criteria
        ]
        return {"operator": self._operator, "children": children}


def _leaf(criteria: CohortCriteria, behaviors: dict[str, Any]) -> dict[str, Any]:
    if criteria._behavior is None:
        return dict(criteria._selector_node)
    # Keys are numbered over the whole definition: one criterion may stand in it twice.
    key = f"bhvr_{len(behaviors)}"
    behaviors[key] = criteria._behavior
    return {**criteria._selector_node, "value": key}


def _without_empty_selectors(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_empty_selectors(item)
            for key, item in value.items()
            if not (key == "selector" and item is None)
        }
    if isinstance(value, list):
        return [_without_empty_selectors(item) for item in value]
    return value


def _given(call: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in call.items() if value is not None}


def _require_event(event: Any) -> None:
    if is_blank(event):
        raise ParamValidationError("event is blank; name an event.", "CD4_EMPTY_EVENT")


def _threshold(at_least: Any, at_most: Any, exactly: Any) -> tuple[str, int]:
    rows = ((">=", at_least), ("<=", at_most), ("==", exactly))
    given = [(operator, count) for operator, count in rows if count is not None]
    if len(given) != 1:
        raise ParamValidationError(
            "Give exactly one of at_least, at_most and exactly.", "CD1_FREQUENCY_PARAM_REQUIRED"
        )
    operator, count = given[0]
    if not is_finite(count) or count < 0:
        raise ParamValidationError(
            f"The number of times must be 0 or more, not {shown(count)}.", "CD2_FREQUENCY_NEGATIVE"
        )
    return operator, count


def _time(
    days: Any, weeks: Any, months: Any, from_date: str | None, to_date: str | None
) -> dict[str, Any]:
    _require_one_time(days, weeks, months, from_date, to_date)
    if from_date is not None or to_date is not None:
        return _dates(from_date, to_date)
    rows = (("day", days), ("week", weeks), ("month", months))
    unit, amount = next((unit, amount) for unit, amount in rows if amount is not None)
    if not is_finite(amount) or amount <= 0:
        raise ParamValidationError(
            f"within_{unit}s must be a positive whole number, not {shown(amount)}.",
            "CD3_WINDOW_NOT_POSITIVE",
        )
    return {"window": {"unit": unit, "value": amount}}


def _require_one_time(days: Any, weeks: Any, months: Any, from_date: Any, to_date: Any) -> None:
    dated = from_date is not None or to_date is not None
    if sum(amount is not None for amount in (days, weeks, months)) + dated != 1:
        raise ParamValidationError(
            "Give exactly one time: within_days, within_weeks, within_months, or from_date with "
            "to_date.",
            "CD3_TIME_CONSTRAINT_REQUIRED",
        )


def _dates(from_date: str | None, to_date: str | None) -> dict[str, Any]:
    if to_date is None:
        raise ParamValidationError("from_date needs to_date too.", "CD5_FROM_REQUIRES_TO")
    if from_date is None:
        raise ParamValidationError("to_date needs from_date too.", "CD5_TO_REQUIRES_FROM")
    require_date("from_date", from_date, "CD6")
    require_date("to_date", to_date, "CD6")
    if from_date > to_date:
        raise ParamValidationError(
            f"from_date {from_date} lies after to_date {to_date}; swap them.", "CD6_DATE_ORDER"
        )
    return {"from_date": from_date, "to_date": to_date}


def _require_aggregation(aggregation: Any, prop: Any) -> None:
    if (aggregation is None) != (prop is None):
        raise ParamValidationError(
            "aggregation and aggregation_property come together: give both or none.",
            "CA1_AGGREGATION_PAIR",
        )
    if aggregation is None:
        return
    if is_blank(prop):
        raise ParamValidationError(
            "aggregation_property is blank; name one.", "CA2_EMPTY_AGGREGATION_PROPERTY"
        )
    require_word("CA3_INVALID_AGGREGATION", "aggregation", aggregation, AGGREGATIONS)


def _event_selector(where: Filter | Sequence[Filter] | None) -> dict[str, Any] | None:
    filters = items_of(where)
    if not filters:
        return None
    return {"operator": "and", "children": [_selector_filter(item) for item in filters]}


def _selector_filter(item: Filter) -> dict[str, Any]:
    if not isinstance(item, Filter):
        raise ParamTypeError(f"where takes filters, not {shown(item)}.", "CD14_WHERE_TYPE")
    if item._operator not in FILTER_OPERATORS:
        raise ParamValidationError(
            f"A cohort cannot ask {item._operator!r}. "
            f"Operators that it knows: {', '.join(FILTER_OPERATORS)}.",
            "CD10_UNSUPPORTED_FILTER_OPERATOR",
        )
    if not isinstance(item._property, str):
        raise ParamValidationError(
            "A cohort's event filter takes a property by name, not a custom property.",
            "CD15_CUSTOM_PROPERTY",
        )
    clause: dict[str, Any] = {
        "resourceType": item._resource_type,
        "filterType": item._property_type,
        "defaultType": item._property_type,
        "filterOperator": item._operator,
        "value": item._property,
    }
    if item._value is not None:
        clause["filterValue"] = item._value
    return clause
