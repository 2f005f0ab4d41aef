"""Raw cohort JSON (selector tree and behaviors) → ``CohortDefinition``.

In: ``{"selector": {"operator", "children"}, "behaviors": {key: behavior}}``. Out: the definition
that a person would write. The surprise: a condition that no factory makes is kept as it stands, as
a criterion around its raw node, so no cohort is unreadable because of one unknown operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mpnb.errors import MixpanelHeadlessError
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.filter import Filter

Clause = Mapping[str, Any]
ReadFilters = Callable[[list[Clause]], tuple[Filter, ...]]
Factory = tuple[str, tuple[Any, ...], Mapping[str, Any]]
"""Name, positional and keyword arguments of a factory of ``CohortCriteria``."""

COUNTS = {">=": "at_least", "<=": "at_most", "==": "exactly"}
WINDOWS = {"day": "within_days", "week": "within_weeks", "month": "within_months"}
PROPERTY_OPERATORS = {
    "==": "equals",
    "!=": "not_equals",
    "in": "contains",
    "not in": "not_contains",
    ">": "greater_than",
    "<": "less_than",
    "defined": "is_set",
    "not defined": "is_not_set",
}


class Unreadable(Exception):
    """A clause that the vocabulary cannot say; it is carried as an extra."""


def definition(raw: Clause, read_filters: ReadFilters) -> CohortDefinition:
    """Read a raw cohort; ``read_filters`` reads the conditions on an event's properties."""
    selector, behaviors = raw.get("selector"), raw.get("behaviors")
    if not isinstance(selector, Mapping):
        raise Unreadable("cohort without selector")
    behaviors = behaviors if isinstance(behaviors, Mapping) else {}
    return _group(selector, behaviors, read_filters)


def _group(node: Clause, behaviors: Clause, read_filters: ReadFilters) -> CohortDefinition:
    children = node.get("children")
    operator = node.get("operator")
    if not isinstance(children, list) or not children or operator not in ("and", "or"):
        raise Unreadable("cohort group")
    parts = [_child(child, behaviors, read_filters) for child in children]
    make = CohortDefinition.all_of if operator == "and" else CohortDefinition.any_of
    return make(*parts)


def _child(
    node: Any, behaviors: Clause, read_filters: ReadFilters
) -> CohortCriteria | CohortDefinition:
    if not isinstance(node, Mapping):
        raise Unreadable("cohort condition")
    if "children" in node:
        return _group(node, behaviors, read_filters)
    key = node.get("value") if node.get("property") == "behaviors" else None
    behavior = behaviors.get(key) if isinstance(key, str) else None
    factory = _factory(node, behavior, read_filters)
    if factory is not None:
        name, arguments, named = factory
        try:
            made: CohortCriteria = getattr(CohortCriteria, name)(*arguments, **named)
            return made
        except (MixpanelHeadlessError, TypeError, ValueError):
            pass
    raw = dict(behavior) if isinstance(behavior, Mapping) else None
    return CohortCriteria(dict(node), key if raw is not None else None, raw)


def _factory(node: Clause, behavior: Any, read_filters: ReadFilters) -> Factory | None:
    """Return the factory call that makes a condition, or None when none does."""
    keys, subject = set(node), node.get("property")
    if subject == "cohort" and keys == {"property", "value", "operator"}:
        return _membership(node)
    if subject == "user" and keys == {"property", "value", "operator", "operand", "type"}:
        return _profile(node)
    if subject == "behaviors" and isinstance(behavior, Mapping):
        return _did(node, behavior, read_filters)
    return None


def _membership(node: Clause) -> Factory | None:
    if type(node["value"]) is not int:
        return None
    name = {"in": "in_cohort", "not in": "not_in_cohort"}.get(node["operator"])
    return None if name is None else (name, (node["value"],), {})


def _profile(node: Clause) -> Factory | None:
    name, operand, kind = node["value"], node["operand"], node["type"]
    word = PROPERTY_OPERATORS.get(node["operator"])
    if word is None or not isinstance(name, str):
        return None
    if word in ("is_set", "is_not_set") and (operand, kind) == ("", "string"):
        return f"property_{word}", (name,), {}
    named = {"operator": word, "property_type": kind}
    defaults = {"operator": "equals", "property_type": "string"}
    changed = {key: value for key, value in named.items() if value != defaults[key]}
    return "has_property", (name, operand), changed


def _did(node: Clause, behavior: Clause, read_filters: ReadFilters) -> Factory | None:
    count = behavior.get("count")
    count = count if isinstance(count, Mapping) else {}
    target = count.get("event_selector")
    if not isinstance(target, Mapping) or not isinstance(target.get("event"), str):
        return None
    when, how_often = _when(behavior), COUNTS.get(str(node.get("operator")))
    where = _where(target.get("selector"), read_filters)
    if when is None or how_often is None or where is None or type(node.get("operand")) is not int:
        return None
    arguments: dict[str, Any] = {how_often: node["operand"], **when, **_aggregation(count)}
    if arguments == {"exactly": 0, **when} and not where:
        return "did_not_do_event", (target["event"],), when
    if where:
        arguments["where"] = where[0] if len(where) == 1 else where
    return "did_event", (target["event"],), arguments


def _when(behavior: Clause) -> dict[str, Any] | None:
    window = behavior.get("window")
    if isinstance(window, Mapping):
        name = WINDOWS.get(str(window.get("unit")))
        return {name: window["value"]} if name and type(window.get("value")) is int else None
    dates = {key: behavior.get(key) for key in ("from_date", "to_date")}
    return dates if all(isinstance(date, str) for date in dates.values()) else None


def _aggregation(count: Clause) -> dict[str, Any]:
    if "aggregationOperator" not in count:
        return {}
    return {
        "aggregation": count["aggregationOperator"],
        "aggregation_property": count.get("property"),
    }


def _where(selector: Any, read_filters: ReadFilters) -> list[Filter] | None:
    """Return the conditions on the event; None when they cannot all be read."""
    if selector is None:
        return []
    if not isinstance(selector, Mapping) or selector.get("operator") != "and":
        return None
    children = selector.get("children")
    if not isinstance(children, list):
        return None
    found = read_filters([child for child in children if isinstance(child, Mapping)])
    return list(found) if len(found) == len(children) else None
