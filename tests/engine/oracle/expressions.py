"""Formulas of custom properties (section 12), the part of them that Python can parse.

Enters a formula and a source of values; leaves the value, None where it is undefined. What is not
here raises `NotImplementedError`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from tests.engine.oracle.values import Instant, number

Values = dict[str, Any]


def evaluate(formula: str, values: Values) -> Any:
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except SyntaxError:
        raise NotImplementedError(formula) from None
    return _value(tree, values)


def _value(node: Any, values: Values) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id.upper() in ("TRUE", "FALSE", "UNDEFINED"):
        return {"TRUE": True, "FALSE": False}.get(node.id.upper())
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return values[node.value.id](_value(node.slice, values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        found = _value(node.operand, values)
        return True if found is None else not found if isinstance(found, bool) else None
    if isinstance(node, ast.BinOp):
        return _arithmetic(node.op, _value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        right = _value(node.comparators[0], values)
        return _compare(node.ops[0], _value(node.left, values), right)
    if isinstance(node, ast.BoolOp):
        true = [_value(one, values) is True for one in node.values]
        return all(true) if isinstance(node.op, ast.And) else any(true)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _call(node.func.id.upper(), node.args, values)
    raise NotImplementedError(ast.unparse(node))


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _arithmetic(operator: ast.operator, left: Any, right: Any) -> Any:
    """X-4."""
    if isinstance(operator, ast.Add) and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not is_number(left) or not is_number(right):
        return None
    if isinstance(operator, ast.Div | ast.Mod) and right == 0:
        return None
    by_kind: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
        ast.Add: lambda a, b: a + b,
        ast.Sub: lambda a, b: a - b,
        ast.Mult: lambda a, b: a * b,
        ast.Div: lambda a, b: a / b,
        ast.Mod: math.fmod,
    }
    return by_kind[type(operator)](left, right)


def _compare(operator: ast.cmpop, left: Any, right: Any) -> Any:
    """X-2, X-3, E-3."""
    if isinstance(operator, ast.Eq | ast.NotEq):
        return _equal(left, right) == isinstance(operator, ast.Eq)
    if isinstance(operator, ast.In) and isinstance(left, str) and isinstance(right, str):
        return left.lower() in right.lower()
    if not is_number(left) or not is_number(right):
        return None
    by_kind: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
        ast.Lt: lambda a, b: bool(a < b),
        ast.LtE: lambda a, b: bool(a <= b),
        ast.Gt: lambda a, b: bool(a > b),
        ast.GtE: lambda a, b: bool(a >= b),
    }
    if type(operator) not in by_kind:
        return None
    return by_kind[type(operator)](left, right)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if is_number(left) and is_number(right):
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


def _call(name: str, arguments: list[ast.expr], values: Values) -> Any:
    if name == "IF":
        taken = _value(arguments[0], values) is True
        rest = arguments[1:2] if taken else arguments[2:3]
        return _value(rest[0], values) if rest else None
    given = [_value(one, values) for one in arguments]
    if name == "DEFINED":
        return given[0] is not None
    if name == "NUMBER" and not isinstance(given[0], Instant):
        return number(given[0])
    if name in ("UPPER", "LOWER"):
        text = given[0]
        return getattr(text, name.lower())() if isinstance(text, str) else None
    if name == "LEN":
        return len(given[0]) if isinstance(given[0], str | list) else None
    if name in ("MIN", "MAX") and len(given) == 2:
        return (min if name == "MIN" else max)(given) if all(map(is_number, given)) else None
    if name in ("FLOOR", "CEIL"):
        return getattr(math, name.lower())(given[0]) if is_number(given[0]) else None
    raise NotImplementedError(name)
