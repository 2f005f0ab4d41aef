"""The expression language as data: the tree, the functions, the ranks of operators, the error.

Nothing enters; `mpnb.query.formula` makes trees of these nodes and engines walk them. The surprise:
a run of equal-ranking operators is one flat node, so a selector of a thousand ``or`` is long but
not deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from mpnb.errors import ParamValidationError

MAX_LENGTH: Final = 20_000
"""The longest formula in characters."""

MAX_DEPTH: Final = 100
"""How deep parentheses, calls and operators may be nested."""

Space = Literal["properties", "user", "event", "behaviors"]
SPACES: Final[tuple[Space, ...]] = ("properties", "user", "event", "behaviors")
"""What a selector reads from: ``properties["p"]``, ``user["p"]``, ``event["$time"]``, …"""


class FormulaError(ParamValidationError):
    """A formula cannot be read (or run); points at the character.

    `position` is the offset of the character in `text`; `str()` shows the line with a caret.
    """

    default_code = "FORMULA_ERROR"

    def __init__(self, code: str, message: str, text: str, position: int) -> None:
        self.reason = message
        self.text = text
        self.position = position
        line, column = self._place()
        super().__init__(
            f"{message}\n  {line}\n  {' ' * column}^",
            code,
            {"position": position, "formula": text[:MAX_LENGTH], "reason": message},
        )

    def __reduce__(self) -> tuple[type[FormulaError], tuple[str, str, str, int]]:
        return type(self), (self.code, self.reason, self.text, self.position)

    def _place(self) -> tuple[str, int]:
        """The line around the position, cut to 80 characters, and the column in it."""
        start = self.text.rfind("\n", 0, self.position) + 1
        end = self.text.find("\n", self.position)
        end = len(self.text) if end < 0 else end
        start, end = max(start, self.position - 40), min(end, self.position + 40)
        return self.text[start:end].replace("\t", " "), self.position - start


# --- the tree -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Constant:
    """A number, a text, a boolean, or undefined (None)."""

    value: float | str | bool | None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Name:
    """An input letter, or a name that ``let``, ``map`` and the like have bound."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Property:
    """``properties["key"]`` and its kin."""

    space: Space
    key: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Items:
    """A list written out: ``[1, 2]``."""

    items: tuple[Expression, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Negation:
    """``-x`` or ``not x``."""

    operator: Literal["-", "not"]
    operand: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Operation:
    """Operands joined by operators of one rank, taken from the left: ``a - b + c``."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Element:
    """``x["key"]`` of an object, ``x[i]`` of a list."""

    base: Expression
    key: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    """A function of `FUNCTIONS` with its arguments; the name is in lower case."""

    function: str
    arguments: tuple[Expression, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Let:
    """``let(name, value, …, body)``; each value sees the names before it."""

    bindings: tuple[tuple[str, Expression], ...]
    body: Expression
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Each:
    """``any``, ``all``, ``filter`` or ``map``: `body` for every element, called `name`."""

    function: Literal["any", "all", "filter", "map"]
    name: str
    source: Expression
    body: Expression
    at: int = field(default=0, compare=False)


Expression = Constant | Name | Property | Items | Negation | Operation | Element | Call | Let | Each


def walk(tree: Expression) -> Iterator[Expression]:
    """All nodes of a tree, the root first."""
    stack: list[Expression] = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(_children(node))


def _children(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Items():
            return node.items
        case Negation():
            return (node.operand,)
        case Operation():
            return node.operands
        case Element():
            return (node.base, node.key)
        case Call():
            return node.arguments
        case Let():
            return (*(value for _, value in node.bindings), node.body)
        case Each():
            return (node.source, node.body)
    return ()


# --- the words ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Function:
    """One function: how many arguments it takes (`most` None: any number) and how it reads."""

    least: int
    most: int | None
    usage: str


FUNCTIONS: Final[dict[str, Function]] = {
    "if": Function(2, 3, "if(condition, then, else)"),
    "ifs": Function(2, None, "ifs(condition, value, condition, value, …)"),
    "let": Function(3, None, "let(name, value, …, expression)"),
    "number": Function(1, 1, "number(x)"),
    "string": Function(1, 1, "string(x)"),
    "boolean": Function(1, 1, "boolean(x)"),
    "datetime": Function(1, 1, "datetime(x)"),
    "defined": Function(1, 1, "defined(x)"),
    "not": Function(1, 1, "not(x)"),
    "min": Function(1, None, "min(a, b)"),
    "max": Function(1, None, "max(a, b)"),
    "floor": Function(1, 1, "floor(n)"),
    "ceil": Function(1, 1, "ceil(n)"),
    "round": Function(1, 1, "round(n)"),
    "upper": Function(1, 1, "upper(text)"),
    "lower": Function(1, 1, "lower(text)"),
    "len": Function(1, 1, "len(text or list)"),
    "left": Function(2, 2, "left(text, count)"),
    "right": Function(2, 2, "right(text, count)"),
    "mid": Function(3, 3, "mid(text, first, count)"),
    "split": Function(2, 3, "split(text, delimiter, n)"),
    "has_prefix": Function(2, 2, "has_prefix(text, prefix)"),
    "has_suffix": Function(2, 2, "has_suffix(text, suffix)"),
    "parse_url": Function(2, 2, 'parse_url(text, "domain")'),
    "regex_match": Function(2, 2, "regex_match(text, pattern)"),
    "regex_extract": Function(2, 3, "regex_extract(text, pattern, group)"),
    "regex_replace": Function(3, 3, "regex_replace(text, pattern, replacement)"),
    "datedif": Function(3, 3, 'datedif(from, to, "D")'),
    "today": Function(0, 0, "today()"),
    "sum": Function(1, 1, "sum(list)"),
    "any": Function(3, 3, "any(x, list, condition)"),
    "all": Function(3, 3, "all(x, list, condition)"),
    "filter": Function(3, 3, "filter(x, list, condition)"),
    "map": Function(3, 3, "map(x, list, expression)"),
}
"""Every function of the language; names are not case-sensitive."""

CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "undefined": None}

RANKS: Final[dict[str, int]] = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 4),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys("*/%", 6),
}
"""How tightly an operator binds; ``not`` has rank 3 and unary minus 7."""
