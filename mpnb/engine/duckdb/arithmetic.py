"""Formulas over metrics: ``B / A * 100`` is evaluated segment by segment, bucket by bucket.

The expression and the frames of A, B, … go in, one frame comes out. The surprise: division by zero
and null operands give null; a segment that an operand lacks is 0 if the operand counts or sums.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb.frame import Frame, Path
from mpnb.errors import QueryError

Values = npt.NDArray[Any] | float


def _divide(left: Any, right: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(right) == 0, np.nan, np.asarray(left) / np.asarray(right))


OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: _divide,
}


def evaluate(expression: str, operands: Sequence[Frame], n_buckets: int) -> Frame:
    """The frame of a formula whose letters name ``operands`` in order.

    Raises:
        QueryError: the expression is none, or a letter has no metric.
    """
    tree = _parse(expression)
    letters = dict(zip(string.ascii_uppercase, operands, strict=False))
    used = [letters[name] for name in _names(tree, expression, letters)]
    for frame in used:
        frame.need_numbers("a formula")
    deepest = max(used, key=lambda f: len(f.orders) if f.paths != [()] else -1, default=None)
    paths = _union(used)
    aligned = {name: _aligned(frame, paths, n_buckets) for name, frame in letters.items()}
    values = np.broadcast_to(_value(tree, aligned, expression), (len(paths), n_buckets))
    orders = deepest.orders if deepest else ()
    return Frame(paths, np.where(np.isfinite(values), values, np.nan), False, orders)


def _parse(expression: str) -> ast.expr:
    try:
        return ast.parse(f"({expression})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _wrong(expression, "it does not parse") from None


def _wrong(expression: str, why: str) -> QueryError:
    legal = "letters A, B, … of the metrics, numbers, + - * / and parentheses"
    return QueryError(f"the formula {expression!r} cannot be evaluated: {why}; legal are {legal}")


def _names(tree: ast.expr, expression: str, letters: dict[str, Frame]) -> list[str]:
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    for name in names:
        if name not in letters:
            raise _wrong(expression, f"there is no metric {name}")
    return names


def _union(frames: Sequence[Frame]) -> list[Path]:
    """Segments of any operand; an operand without breakdown joins all segments of the others."""
    paths = list(dict.fromkeys(path for frame in frames for path in frame.paths if path))
    whole = all(frame.paths == [()] for frame in frames)
    return [()] if whole else paths


def _aligned(frame: Frame, paths: list[Path], n_buckets: int) -> npt.NDArray[Any]:
    if not frame.numeric:
        return np.full((len(paths), n_buckets), np.nan)
    if frame.paths == [()]:
        return np.broadcast_to(frame.values, (len(paths), n_buckets))
    values = np.full((len(paths), n_buckets), 0.0 if frame.zero else np.nan)
    place = {path: i for i, path in enumerate(frame.paths)}
    found = [(i, place[path]) for i, path in enumerate(paths) if path in place]
    if found:
        here, there = zip(*found, strict=True)
        values[list(here)] = frame.values[list(there)]
    return values


def _value(node: ast.expr, letters: dict[str, npt.NDArray[Any]], expression: str) -> Values:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            operands = (_value(side, letters, expression) for side in (left, right))
            result: Values = OPERATORS[type(op)](*operands)
            return result
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, letters, expression)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, letters, expression)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            return letters[name]
    raise _wrong(expression, f"{ast.unparse(node)!r} is not allowed")
