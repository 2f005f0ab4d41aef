"""Python source laid out the way a formatter does: nodes in, text at most 88 columns wide out.

A node is source text, or a bracket with items in it. A bracket goes on one line if it fits, else
the items of a call go on one indented line, else each item on its own, with a trailing comma if it
is not alone.
The surprise: text is quoted with double quotes unless single quotes need fewer escapes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 88
"""Columns that a line may have."""


@dataclass(frozen=True)
class Item:
    """One item of a bracket; ``prefix`` stands before the node (``"math="``, ``'"key": '``)."""

    node: Node
    prefix: str = ""


@dataclass(frozen=True)
class Bracket:
    """``opening`` items ``closing``, for example ``Metric(`` … ``)``."""

    opening: str
    items: tuple[Item, ...]
    closing: str


Node = str | Bracket


def call(
    name: str,
    positional: Sequence[Node] = (),
    named: Mapping[str, Node] | None = None,
) -> Bracket:
    """Make the node of a call."""
    keywords = (Item(node, f"{key}=") for key, node in (named or {}).items())
    return Bracket(f"{name}(", (*map(Item, positional), *keywords), ")")


def brackets(nodes: Sequence[Node]) -> Bracket:
    """Make the node of a list."""
    return Bracket("[", tuple(map(Item, nodes)), "]")


def literal(value: Any) -> Node:
    """Make the node of a JSON value.

    Raises:
        TypeError: the value is not made of text, numbers, booleans, None, lists and dicts.
    """
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, Mapping):
        items = tuple(Item(literal(held), f"{literal(key)}: ") for key, held in value.items())
        return Bracket("{", items, "}")
    if isinstance(value, list | tuple):
        return brackets([literal(held) for held in value])
    raise TypeError(f"no source for a value of type {type(value).__name__}")


def quoted(text: str) -> str:
    """Return ``text`` as a string literal, in double quotes where that needs no more escapes."""
    body = "".join(c if c in "'\"" else repr(c)[1:-1] for c in text)
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + body.replace(quote, f"\\{quote}") + quote


def layout(node: Node, before: str = "", indent: int = 0) -> str:
    """Return the source of a node that starts after ``before`` on a line of that indentation."""
    return _lines(node, before, indent, "")


def _lines(node: Node, before: str, indent: int, after: str) -> str:
    flat = _flat(node)
    if (
        isinstance(node, str)
        or not node.items
        or indent + len(before) + len(flat) + len(after) <= WIDTH
    ):
        return f"{before}{flat}{after}"
    inner, pad, deep = indent + 4, " " * indent, " " * (indent + 4)
    body = ", ".join(f"{item.prefix}{_flat(item.node)}" for item in node.items)
    if inner + len(body) <= WIDTH and (node.closing == ")" or len(node.items) == 1):
        return f"{before}{node.opening}\n{deep}{body}\n{pad}{node.closing}{after}"
    comma = "," if len(node.items) > 1 else ""
    lines = (f"{deep}{_lines(item.node, item.prefix, inner, comma)}" for item in node.items)
    return "\n".join([f"{before}{node.opening}", *lines, f"{pad}{node.closing}{after}"])


def _flat(node: Node) -> str:
    if isinstance(node, str):
        return node
    body = ", ".join(f"{item.prefix}{_flat(item.node)}" for item in node.items)
    return f"{node.opening}{body}{node.closing}"
