"""Parts of a question → nodes of Python source, as short as the API lets them be.

In: a filter, metric, step, breakdown, cohort or a plain value. Out: the node of the expression
that makes an equal part. The surprise: a factory is printed only after it was called here and gave
an equal part; otherwise the constructor is printed with all that differs from its defaults.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from mpnb.errors import MixpanelHeadlessError
from mpnb.query.behavior import RetentionBehavior
from mpnb.query.breakdown import GroupBy
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter
from mpnb.query.metric import Formula, Metric
from mpnb.query.operators import COHORTS, OPERATORS
from mpnb.query.step import Exclusion, FlowStep, FunnelStep, HoldingConstant, RetentionEvent
from mpnb.query.window import TimeComparison
from mpnb.text.code import Bracket, Item, Node, brackets, call, literal

PLAIN: tuple[tuple[type, str], ...] = (
    (Metric, "event"),
    (FunnelStep, "event"),
    (RetentionEvent, "event"),
    (FlowStep, "event"),
    (Exclusion, "event"),
    (HoldingConstant, "property"),
    (GroupBy, "property"),
)
"""Parts that the API also takes as plain text, and the field that the text stands for."""

Factory = tuple[str, tuple[Any, ...], Mapping[str, Any]]


def short(value: Any) -> Node:
    """Return the node of a part, as plain text where the API takes it."""
    for kind, name in PLAIN:
        text = getattr(value, name) if type(value) is kind else None
        if isinstance(text, str) and value == kind(text):
            return literal(text)
    return part(value)


def node(value: Any) -> Node:
    """Return the node of an argument: parts as plain text where the API takes it."""
    return part(value) if isinstance(value, list | tuple) else short(value)


def part(value: Any) -> Node:
    """Return the node of a part or a plain value."""
    if isinstance(value, list | tuple):
        return brackets([short(item) for item in value])
    if isinstance(value, Mapping):
        items = tuple(Item(part(held), f"{literal(key)}: ") for key, held in value.items())
        return Bracket("{", items, "}")
    if not is_dataclass(value) or isinstance(value, type):
        return literal(value)
    if isinstance(value, CohortDefinition):
        return _definition(value)
    factory = _FACTORIES.get(type(value), lambda _: None)(value)
    return _constructor(value) if factory is None else _factory_call(value, factory)


def _factory_call(value: Any, factory: Factory) -> Node:
    name, positional, named = factory
    keywords = {key: part(held) for key, held in named.items()}
    return call(f"{type(value).__name__}.{name}", [part(held) for held in positional], keywords)


def _constructor(value: Any) -> Node:
    """Return the constructor call; fields without default by position, others by name."""
    positional: list[Node] = []
    named: dict[str, Node] = {}
    for field in fields(value):
        held = getattr(value, field.name)
        if _default(field) is MISSING and not field.kw_only:
            positional.append(short(held) if type(value) is RetentionBehavior else part(held))
        elif held != _default(field) or type(held) is not type(_default(field)):
            named[field.name] = _operands(held) if type(value) is Formula else part(held)
    return call(type(value).__name__, positional, named)


def _operands(held: Any) -> Node:
    """Return the node of a formula's own metrics, which the API does not take as plain text."""
    return brackets([part(metric) for metric in held]) if isinstance(held, tuple) else part(held)


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _definition(value: CohortDefinition) -> Node:
    criteria = [part(criterion) for criterion in value._criteria]
    if value._operator == "or":
        return call("CohortDefinition.any_of", criteria)
    return call("CohortDefinition" if len(criteria) == 1 else "CohortDefinition.all_of", criteria)


def _makes(value: Any, factory: Factory | None) -> Factory | None:
    """Return the factory call if it makes an equal part."""
    if factory is None:
        return None
    name, positional, named = factory
    try:
        made = getattr(type(value), name)(*positional, **named)
    except (MixpanelHeadlessError, TypeError, ValueError):
        return None
    return factory if made == value and repr(made) == repr(value) else None


def _filter(value: Filter) -> Factory | None:
    whose = {} if value._resource_type == "events" else {"resource_type": value._resource_type}
    row = OPERATORS[value._operator]
    if row.factory == "list_contains":
        return _list_filter(value, whose)
    if value._property == COHORTS:
        return _membership(value)
    arguments = (value._property, *_filter_values(row.value, value))
    if row.value == "texts" and isinstance(value._value, list) and len(value._value) == 1:
        single = _makes(value, (row.factory, (value._property, value._value[0]), whose))
        if single is not None:
            return single
    return _makes(value, (row.factory, arguments, whose))


def _filter_values(kind: str, value: Filter) -> tuple[Any, ...]:
    """Return what a factory takes after the property."""
    if kind == "nothing":
        return ()
    if kind in ("numbers", "dates") and isinstance(value._value, list):
        return tuple(value._value)
    if kind == "relative":
        return value._value, value._date_unit
    return (value._value,)


def _list_filter(value: Filter, whose: Mapping[str, Any]) -> Factory | None:
    items = tuple(value._list_item_filters or ())
    how = {"quantifier": "all"} if value._list_item_quantifier == "all" else {}
    keywords = _keywords(items)
    named = {**how, **whose}
    if keywords is not None:
        plain = _makes(value, ("list_contains", (value._property,), {**keywords, **named}))
        if plain is not None:
            return plain
    return _makes(value, ("list_contains", (value._property, *items), named))


def _keywords(items: tuple[Filter, ...]) -> dict[str, Any] | None:
    """Return conditions as keywords, ``Brand="nike"``, when all of them can be that."""
    keywords: dict[str, Any] = {}
    for item in items:
        key, texts = item._property, item._value
        usable = isinstance(key, str) and key not in keywords and _is_keyword(key)
        if not usable or item._operator != "equals" or not isinstance(texts, list):
            return None
        keywords[str(key)] = texts[0] if len(texts) == 1 else texts
    return keywords


def _is_keyword(key: str) -> bool:
    taken = ("property", "quantifier", "resource_type", "cls", "None", "True", "False")
    return re.fullmatch(r"[A-Z][A-Za-z0-9_]*", key) is not None and key not in taken


def _membership(value: Filter) -> Factory | None:
    try:
        member = value._value[0]["cohort"]
        cohort = member["id"] if "id" in member else member["raw_cohort"]
        name = member["name"]
    except (TypeError, LookupError):
        return None
    factory = "in_cohort" if value._operator == "contains" else "not_in_cohort"
    return _makes(value, (factory, (cohort, name) if name else (cohort,), {}))


def _group_by(value: GroupBy) -> Factory | None:
    mode = value._list_item_mode
    if mode is None:
        return None
    kind: dict[str, str] = {} if mode.sub_type == "string" else {"sub_type": mode.sub_type}
    if value.resource_type != "events":
        kind["resource_type"] = value.resource_type
    return _makes(value, ("list_item", (value.property, mode.sub), kind))


def _inline(value: InlineCustomProperty) -> Factory | None:
    if not all(isinstance(given, PropertyInput) for given in value.inputs.values()):
        return None
    names = {letter: given.name for letter, given in value.inputs.items()}
    return _makes(value, ("numeric", (value.formula,), names))


def _comparison(value: TimeComparison) -> Factory | None:
    name = value.type.replace("-", "_")
    return _makes(value, (name, (value.unit if name == "relative" else value.date,), {}))


def _criteria(value: CohortCriteria) -> Factory | None:
    if value.made_by is None:
        return None
    name, given = value.made_by
    operator = given.get("operator")
    if operator in ("is_set", "is_not_set"):
        bare = _makes(value, (f"property_{operator}", (given["property"],), {}))
        if bare is not None:
            return bare
    signature = inspect.signature(getattr(CohortCriteria, name)).parameters
    positional = [key for key in given if signature[key].kind is not inspect.Parameter.KEYWORD_ONLY]
    named = {
        key: _single(held) if key == "where" else held
        for key, held in given.items()
        if key not in positional and held != signature[key].default
    }
    return _makes(value, (name, tuple(given[key] for key in positional), named))


def _single(where: Any) -> Any:
    return where[0] if isinstance(where, list | tuple) and len(where) == 1 else where


_FACTORIES: dict[type, Callable[[Any], Factory | None]] = {
    Filter: _filter,
    GroupBy: _group_by,
    InlineCustomProperty: _inline,
    TimeComparison: _comparison,
    CohortCriteria: _criteria,
}
