"""Formulas over whole columns of numbers: arithmetic, comparisons, choices (X-4, X-5, X-8, X-9).

A tree and columns of numbers enter, one `Vector` leaves; `NotVectors` says that the formula needs
the way over single values. The surprise: a vector of labels (``if(a > 5, "big", "small")``) is a
vector of codes, so that bucketing ten million numbers makes no Python text per row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mpnb.engine.duckdb.sources import Array, Mask
from mpnb.query.expression import (
    Call,
    Constant,
    Expression,
    Let,
    Name,
    Negation,
    Operation,
    Property,
)


class NotVectors(Exception):
    """The formula does something that is done value by value."""


@dataclass(frozen=True, eq=False)
class Numeric:
    """Numbers, NaN for undefined."""

    array: Array

    @property
    def known(self) -> Mask:
        """Where there is a value."""
        return ~np.isnan(self.array)


@dataclass(frozen=True, eq=False)
class Boolean:
    """Booleans, of which only those that are `known` mean anything."""

    array: Mask
    known: Mask


@dataclass(frozen=True, eq=False)
class Coded:
    """Codes into values; code 0 is undefined."""

    array: Array
    values: tuple[Any, ...]

    @property
    def known(self) -> Mask:
        """Where there is a value."""
        known: Mask = self.array != 0
        return known


Vector = Numeric | Boolean | Coded
Scope = Mapping[Hashable, Vector]


def evaluate(tree: Expression, inputs: Scope, count: int) -> Vector:
    """The values of a formula, `count` of them.

    Raises:
        NotVectors: the formula is not made of numbers, comparisons and choices alone.
    """
    with np.errstate(all="ignore"):
        return _evaluate(tree, inputs, count)


def _evaluate(node: Expression, scope: Scope, count: int) -> Vector:
    match node:
        case Constant():
            return _constant(node.value, count)
        case Name() | Property():
            key = node.name if isinstance(node, Name) else (node.space, node.key)
            return scope[key]
        case Negation():
            return _negation(node, _evaluate(node.operand, scope, count))
        case Operation():
            return _operation(node, [_evaluate(part, scope, count) for part in node.operands])
        case Let():
            inner = dict(scope)
            for name, value in node.bindings:
                inner[name] = _evaluate(value, inner, count)
            return _evaluate(node.body, inner, count)
        case Call():
            return _call(node, [_evaluate(part, scope, count) for part in node.arguments], count)
    raise NotVectors


def _constant(value: Any, count: int) -> Vector:
    if isinstance(value, bool):
        return Boolean(np.full(count, value), np.ones(count, np.bool_))
    if isinstance(value, float):
        return Numeric(np.full(count, value))
    if value is None:
        return Coded(np.zeros(count, np.uint8), (None,))
    return Coded(np.ones(count, np.uint8), (None, value))


def _negation(node: Negation, operand: Vector) -> Vector:
    if node.operator == "-":
        return Numeric(-_numbers(operand))
    return _not(operand)


def _not(operand: Vector) -> Vector:
    if isinstance(operand, Boolean):
        return Boolean(~operand.array | ~operand.known, np.ones(len(operand.array), np.bool_))
    # Undefined becomes true, everything else that is no boolean undefined.
    return Boolean(~operand.known, ~operand.known)


def _numbers(vector: Vector) -> Array:
    if isinstance(vector, Numeric):
        return vector.array
    # What is no number takes part in arithmetic as undefined; numbers are never coded.
    return np.full(len(vector.array), np.nan)


def _true(vector: Vector) -> Mask:
    """Where a condition holds: only where it is the boolean true."""
    if isinstance(vector, Boolean):
        return vector.array & vector.known
    return np.zeros(len(vector.array), np.bool_)


def _operation(node: Operation, operands: list[Vector]) -> Vector:
    value = operands[0]
    if node.operators[0] in ("and", "or"):
        return _logic(node.operators[0], operands)
    if node.operators[0] in _ARITHMETIC:
        return _arithmetic(node.operators, operands)
    for operator, operand in zip(node.operators, operands[1:], strict=True):
        if operator in _ORDER:
            value = _order(operator, value, operand)
        elif operator in ("==", "!="):
            value = _equality(operator, value, operand)
        else:
            raise NotVectors
    return value


def _logic(operator: str, operands: Sequence[Vector]) -> Vector:
    masks = [_true(operand) for operand in operands]
    join = np.logical_and if operator == "and" else np.logical_or
    return Boolean(join.reduce(masks), np.ones(len(masks[0]), np.bool_))


_ARITHMETIC: Final[dict[str, np.ufunc]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
}
_ORDER: Final[dict[str, Callable[[Array, Array], Array]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def _arithmetic(operators: Sequence[str], operands: Sequence[Vector]) -> Vector:
    """Numbers from left to right; what is not finite once stays so and is undefined at the end."""
    if "+" in operators and sum(isinstance(operand, Coded) for operand in operands) > 1:
        raise NotVectors
    value = _numbers(operands[0]).copy()
    for operator, operand in zip(operators, operands[1:], strict=True):
        _ARITHMETIC[operator](value, _numbers(operand), out=value)
    value[~np.isfinite(value)] = np.nan
    return Numeric(value)


def _order(operator: str, left: Vector, right: Vector) -> Vector:
    first, second = _numbers(left), _numbers(right)
    return Boolean(_ORDER[operator](first, second), ~np.isnan(first) & ~np.isnan(second))


def _equality(operator: str, left: Vector, right: Vector) -> Vector:
    if isinstance(left, Coded) and isinstance(right, Coded):
        raise NotVectors
    same = ~left.known & ~right.known
    if type(left) is type(right):
        same |= left.known & right.known & (left.array == right.array)
    every = np.ones(len(same), np.bool_)
    return Boolean(same if operator == "==" else ~same, every)


def _call(node: Call, arguments: list[Vector], count: int) -> Vector:
    if node.function in ("if", "ifs"):
        return _choice(arguments, count)
    if node.function == "defined":
        return Boolean(arguments[0].known, np.ones(count, np.bool_))
    if node.function == "not":
        return _not(arguments[0])
    if node.function == "number" and isinstance(arguments[0], Numeric):
        return arguments[0]
    if node.function not in _FUNCTIONS:
        raise NotVectors
    return Numeric(_FUNCTIONS[node.function](*map(_numbers, arguments)))


def _least(*arrays: Array) -> Array:
    found: Array = np.minimum.reduce(arrays)
    return found


def _greatest(*arrays: Array) -> Array:
    found: Array = np.maximum.reduce(arrays)
    return found


def _round(array: Array) -> Array:
    size = np.abs(array)
    whole = np.floor(size)
    rounded: Array = np.copysign(whole + (size - whole >= 0.5), array)
    return rounded


_FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {
    "min": _least,
    "max": _greatest,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": _round,
}


def _choice(arguments: list[Vector], count: int) -> Vector:
    """`if` and `ifs`: the result of the first condition that holds, else the last or undefined."""
    undefined = _constant(None, count)
    found = arguments.pop() if len(arguments) % 2 else undefined
    pairs = list(zip(arguments[::2], arguments[1::2], strict=True))
    for condition, result in reversed(pairs):
        found = _pick(_true(condition), result, found)
    return found


def _pick(mask: Mask, left: Vector, right: Vector) -> Vector:
    """`left` where the mask is true, else `right`; both of one kind, or one undefined."""
    left, right = _alike(left, right), _alike(right, left)
    if isinstance(left, Numeric) and isinstance(right, Numeric):
        return Numeric(np.where(mask, left.array, right.array))
    if isinstance(left, Boolean) and isinstance(right, Boolean):
        array: Mask = np.where(mask, left.array, right.array)
        return Boolean(array, np.where(mask, left.known, right.known))
    if isinstance(left, Coded) and isinstance(right, Coded):
        values = tuple(dict.fromkeys((*left.values, *right.values)))
        return Coded(np.where(mask, _recoded(left, values), _recoded(right, values)), values)
    raise NotVectors


def _alike(vector: Vector, other: Vector) -> Vector:
    """An undefined vector in the form of the other."""
    if not isinstance(vector, Coded) or len(vector.values) > 1:
        return vector
    count = len(vector.array)
    if isinstance(other, Numeric):
        return Numeric(np.full(count, np.nan))
    if isinstance(other, Boolean):
        return Boolean(np.zeros(count, np.bool_), np.zeros(count, np.bool_))
    return vector


def _recoded(vector: Coded, values: tuple[Any, ...]) -> Array:
    kind = np.uint8 if len(values) <= 256 else np.int32
    return np.array([values.index(value) for value in vector.values], kind)[vector.array]
