"""Reads names, numbers, dates and JSON from the tree.

The surprise: a value of JSON may be a single word of the tree rather than a node.
"""

from __future__ import annotations

from typing import Any

from lark import Token

from mpnb.text.reading import Node, Reading, rule
from mpnb.text.value import to_number, unquote


def tree(child: Any) -> Node:
    """Return a child that is a node, not a word."""
    assert not isinstance(child, Token)
    node: Node = child
    return node


@rule("string")
def _string(reading: Reading, node: Node) -> str:
    return unquote(str(node.children[0]))


@rule("name")
def _name(reading: Reading, node: Node) -> str:
    return _text(node.children[0])


@rule("date")
def _date(reading: Reading, node: Node) -> str:
    return _text(node.children[0])


def _text(token: Any) -> str:
    return unquote(str(token)) if token.type == "STRING" else str(token)


@rule("number")
def _number(reading: Reading, node: Node) -> int | float:
    return to_number(str(node.children[0]))


@rule("unit")
def _unit(reading: Reading, node: Node) -> str:
    return str(node.children[0]).removesuffix("s")


@rule("literal")
def _literal(reading: Reading, node: Node) -> str | int | float | bool:
    token = node.children[0]
    assert isinstance(token, Token)
    value = json_token(token)
    return value if isinstance(value, str | int | float | bool) else str(token)


def json_token(token: Token) -> str | int | float | bool | None:
    """Return the value of a word of JSON, or of a bare date."""
    match token.type:
        case "STRING":
            return unquote(str(token))
        case "NUMBER":
            return to_number(str(token))
        case "BOOLEAN":
            return str(token) == "true"
        case "NULL":
            return None
    return str(token)


def json_value(reading: Reading, node: Node | Token) -> Any:
    """Return a JSON value, which may be a single word."""
    return json_token(node) if isinstance(node, Token) else reading.read(node)


@rule("array")
def _array(reading: Reading, node: Node) -> list[Any]:
    return [json_value(reading, child) for child in node.children]


@rule("object")
def _object(reading: Reading, node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in node.children:
        key, value = reading.read(tree(child))
        if key in found:
            raise reading.error(child, f"The key {key!r} is there twice.")
        found[key] = value
    return found


@rule("pair")
def _pair(reading: Reading, node: Node) -> tuple[str, Any]:
    key, value = node.children
    return unquote(str(key)), json_value(reading, value)
