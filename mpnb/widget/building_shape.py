"""What a question is made of, read off its dataclasses: which control each field needs.

Enters: a class of the vocabulary. Leaves: shapes, one per field. The surprise: nothing is listed
here by hand, so that an option added to the vocabulary has its control at once; only the filter is
told apart, because its value depends on its operator.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from mpnb.query.cohort import CohortDefinition
from mpnb.query.custom import InlineCustomProperty
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.operators import OPERATORS
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.users import UserQuery
from mpnb.query.words import Kind

Control = Literal[
    "text", "whole", "number", "flag", "choice", "value", "json", "piece", "many", "part", "oneof"
]
QUESTIONS: Final[Mapping[Kind, type[Question]]] = {
    "insights": InsightsQuery,
    "funnel": FunnelQuery,
    "retention": RetentionQuery,
    "flow": FlowQuery,
    "users": UserQuery,
}
_SCALARS: Final[Mapping[Any, Control]] = {str: "text", int: "whole", float: "number", bool: "flag"}


@dataclass(frozen=True)
class Membership:
    """Being in a cohort or outside it: the filter on a property that no data have."""

    cohort: int | CohortDefinition
    name: str | None = None
    negated: bool = False

    def filter(self) -> Filter:
        """The filter that it stands for."""
        make = Filter.not_in_cohort if self.negated else Filter.in_cohort
        return make(self.cohort, self.name)


@dataclass(frozen=True)
class Shape:
    """What may stand in a field.

    Attributes:
        control: how it is edited.
        optional: may be left out.
        options: the words of a choice.
        item: what a list holds.
        part: the class of a part, the rule of a piece of text, the type that a value should have.
        variants: what one of several may be.
        size: how many items a list has, when that is fixed.
    """

    control: Control
    optional: bool = False
    options: tuple[str, ...] = ()
    item: Shape | None = None
    part: str = ""
    variants: tuple[Shape, ...] = ()
    size: int | None = None

    @property
    def key(self) -> str:
        """How a variant is named."""
        return self.part or self.control


@dataclass(frozen=True)
class Member:
    """One field of a part: its name without the underscore, its argument, shape and default."""

    name: str
    argument: str
    shape: Shape
    default: Any = field(default=dataclasses.MISSING)


PIECES: Final[Mapping[type, str]] = {CohortDefinition: "cohort", InlineCustomProperty: "property"}
"""Parts that nest without end: they are edited as their piece of cell text."""


def shape_of(hint: Any) -> Shape:
    """The shape of what a type hint allows."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return Shape("choice", options=args)
    if origin in (Union, UnionType):
        return _union(args)
    if origin is not None and origin in (tuple, Sequence):
        return Shape("many", item=shape_of(args[0]))
    if hint is Filter:
        return Shape("oneof", variants=(_part(Filter), _part(Membership)))
    if hint in PIECES:
        return Shape("piece", part=PIECES[hint])
    if dataclasses.is_dataclass(hint):
        return _part(cast("type", hint))
    return Shape(_SCALARS.get(hint, "json"))


def _part(cls: type) -> Shape:
    return Shape("part", part=cls.__name__)


def _union(args: tuple[Any, ...]) -> Shape:
    shapes = [shape_of(arg) for arg in args if arg is not type(None)]
    flat = [one for shape in shapes for one in (shape.variants or (shape,))]
    words = [word for one in flat if one.control == "choice" for word in one.options]
    rest = [one for one in flat if one.control != "choice"]
    if {one.control for one in rest} >= {"whole", "number"}:
        rest = [one for one in rest if one.control != "whole"]
    if words:
        rest.insert(0, Shape("choice", options=tuple(dict.fromkeys(words))))
    optional = type(None) in args
    if len(rest) == 1:
        return replace(rest[0], optional=optional)
    return Shape("oneof", optional=optional, variants=tuple(dict.fromkeys(rest)))


def members(cls: Any) -> tuple[Member, ...]:
    """The fields of a question or part, in order; a question's extras are none of them."""
    return _members(cls)


@cache
def _members(cls: Any) -> tuple[Member, ...]:
    hints = get_type_hints(cls, localns={"Filter": Filter})
    return tuple(
        Member(row.name.lstrip("_"), row.name, shape_of(hints[row.name]), row.default)
        for row in dataclasses.fields(cls)
        if row.name != "extras"
    )


@cache
def parts() -> Mapping[str, type]:
    """Every part that a question may hold, by the name of its class."""
    known: dict[str, type] = {"Membership": Membership, "Filter": Filter}
    waiting: list[type] = [*QUESTIONS.values(), Membership, Filter]
    while waiting:
        hints = get_type_hints(waiting.pop(), localns={"Filter": Filter})
        for cls in _classes(list(hints.values())):
            if cls.__name__ not in known and cls not in PIECES:
                known[cls.__name__] = cls
                waiting.append(cls)
    return known


def _classes(hints: list[Any]) -> list[type]:
    found: list[type] = []
    for hint in hints:
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            found.append(hint)
        found += _classes([arg for arg in get_args(hint) if not isinstance(arg, str)])
    return found


VALUES: Final[Mapping[str, Shape | None]] = {
    "texts": Shape("many", item=Shape("value")),
    "text": Shape("value", part="text"),
    "number": Shape("value", part="number"),
    "numbers": Shape("many", item=Shape("value", part="number"), size=2),
    "date": Shape("value", part="date"),
    "dates": Shape("many", item=Shape("value", part="date"), size=2),
    "relative": Shape("whole"),
    "nothing": None,
    "items": None,
}
"""The value that an operator takes → its control; None where it takes none."""


def value_shape(operator: Any) -> Shape | None:
    """The control of a filter's value."""
    row = OPERATORS.get(operator)
    return Shape("json") if row is None else VALUES[row.value]


def variant(node: Any, shape: Shape) -> Shape | None:
    """Which of several shapes a piece of a draft has; None when it has none of them."""
    if shape.control != "oneof":
        return shape
    found = next((one for one in shape.variants if _is(node, one)), None)
    if found is None and isinstance(node, str):  # a number that is not written yet, or wrong
        return next((one for one in shape.variants if one.control in ("whole", "number")), None)
    return found


def _is(node: Any, shape: Shape) -> bool:
    match shape.control:
        case "many":
            return isinstance(node, list)
        case "part" | "piece":
            return isinstance(node, dict) and shape.part in (node.get("is"), node.get("rule"))
        case "whole" | "number":
            return isinstance(node, int | float) and not isinstance(node, bool)
        case "flag":
            return isinstance(node, bool)
        case "choice":
            return node in shape.options
    return isinstance(node, str)
