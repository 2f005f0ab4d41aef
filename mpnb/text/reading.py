"""What reading a tree needs: the registry of rules, spans, and how a place becomes an error.

Enters: the tree of a parsed cell. Leaves: parts of questions. The surprise: every part that is
read is remembered with its place, so that a finding such as `events[0].filters[1]` can be shown
under the text it is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from lark import Token, Tree

from mpnb.errors import MixpanelHeadlessError, QuerySyntaxError
from mpnb.query.words import Kind

Node = Tree[Token]
Rule = Callable[["Reading", Node], Any]

MAX_DEPTH = 150
"""How deep a text may be nested; far more than anyone reads, and less than Python's stack."""

RULES: dict[str, Rule] = {}
"""How each rule of the grammar is read; filled by `rule`."""


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a function as the reader of rules of the grammar."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        return function

    return register


@dataclass(frozen=True)
class Span:
    """A stretch of the cell text: offsets, the end excluded."""

    start: int
    end: int

    def place(self, source: str) -> tuple[int, int, int]:
        """Return line and column, counted from 1, and the length on that line."""
        line = source.count("\n", 0, self.start) + 1
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.start)
        end = min(self.end, len(source) if last < 0 else last)
        return line, self.start - first + 1, max(end - self.start, 1)


@dataclass
class Reading:
    """One cell being read: its text and kind, and where each part stands.

    `plain` has the ids of parts that are written as a bare name and nothing more.
    """

    source: str
    kind: Kind
    parts: list[tuple[object, Span]] = field(default_factory=list)
    plain: set[int] = field(default_factory=set)
    depth: int = 0

    def read(self, node: Node) -> Any:
        """Read a node with the function registered for its rule, and remember where it stands."""
        if self.depth > MAX_DEPTH:
            raise self.error(node, f"Nested deeper than {MAX_DEPTH} levels.")
        self.depth += 1
        try:
            part = RULES[str(node.data)](self, node)
        except QuerySyntaxError:
            raise
        except MixpanelHeadlessError as error:
            place_error(error, span_of(node))
            raise
        finally:
            self.depth -= 1
        if is_dataclass(part):
            self.parts.append((part, span_of(node)))
        return part

    def all(self, node: Node) -> list[Any]:
        """Read the children of a node; words stay as they are written."""
        return [self.read(child) if isinstance(child, Tree) else child for child in node.children]

    def only(self, node: Node) -> Any:
        """Read the single child of a node."""
        return self.all(node)[0]

    def by_rule(self, node: Node) -> dict[str, Any]:
        """Read children that may each stand once, as rule → value."""
        found: dict[str, Any] = {}
        for child in node.children:
            if not isinstance(child, Tree):
                continue
            if str(child.data) in found:
                raise self.error(child, "This is said twice.", "Leave one of them out.")
            found[str(child.data)] = self.read(child)
        return found

    def whole(self, node: Node) -> int:
        """Read a number that must be whole."""
        value = self.read(node)
        if not isinstance(value, int):
            raise self.error(node, "A whole number is needed here.", f"Write {round(value)}.")
        return value

    def error(self, node: Node | Token, message: str, hint: str = "") -> QuerySyntaxError:
        """Return the error for a place in the text."""
        return self.error_at(span_of(node), message, hint)

    def error_at(self, span: Span, message: str, hint: str = "") -> QuerySyntaxError:
        """Return the error for a span of the text."""
        line, column, length = span.place(self.source)
        return QuerySyntaxError(message, line=line, column=column, length=length, hint=hint)


def span_of(node: Node | Token) -> Span:
    """Return where a node or word stands; the span of an empty node is empty."""
    if isinstance(node, Token):
        return Span(node.start_pos or 0, node.end_pos or 0)
    return Span(getattr(node.meta, "start_pos", 0), getattr(node.meta, "end_pos", 0))


def place_error(error: MixpanelHeadlessError, span: Span) -> None:
    """Note on an error where in the text it arose; the innermost place stays."""
    if getattr(error, "span", None) is None:
        error.span = span  # type: ignore[attr-defined]  # where in the text, for explain_error


def paths(values: Mapping[str, object], parts: Sequence[tuple[object, Span]]) -> dict[str, Span]:
    """Return where the parts inside keyword arguments stand, by path (`events[0].filters[1]`)."""
    known = {id(part): span for part, span in parts}
    found: dict[str, Span] = {}

    def walk(path: str, value: object) -> None:
        if id(value) in known:
            found[path] = known[id(value)]
        if is_dataclass(value):
            for part in fields(value):
                walk(f"{path}.{part.name.lstrip('_')}", getattr(value, part.name))
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                walk(f"{path}[{index}]", item)

    for name, value in values.items():
        walk(name, value)
    return found


_TOGETHER = {
    "percentile": "aggregate",
    "aggregate_property": "aggregate",
    "math_property": "math",
    "conversion_window_unit": "conversion_window",
    "last": "from_date",
    "to_date": "from_date",
    "action": "aggregate",
    "sort_order": "sort_by",
}
"""Arguments that one clause gives together: a missing one is shown at the other."""


def locate_path(path: str, spans: Mapping[str, Span]) -> Span | None:
    """Return the span of a path, of the nearest part that holds it, or of its companion."""
    while path:
        if path in spans:
            return spans[path]
        shorter = re.sub(r"(\.[^.\[\]]+|\[\d+\])$", "", path)
        path = shorter if shorter != path else _TOGETHER.get(path, "")
    return spans.get("")
