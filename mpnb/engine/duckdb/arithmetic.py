"""Formulas over metrics: ``B / A * 100`` is evaluated segment by segment, bucket by bucket.

The expression and the frames of A, B, … go in, one frame comes out. The surprise: division by zero
and null operands give null; a segment that an operand lacks is 0 if the operand counts or sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb.frame import Frame, Path
from mpnb.errors import QueryError
from mpnb.query.metric_formula import NEGATIVE, FormulaSyntaxError, Token, letter, postfix

Values = npt.NDArray[Any] | float


def _divide(left: Any, right: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(right) == 0, np.nan, np.asarray(left) / np.asarray(right))


def _power(base: Any, exponent: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.power(base, exponent)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "^": _power,
}


def evaluate(expression: str, operands: Sequence[Frame], n_buckets: int) -> Frame:
    """The frame of a formula whose letters name ``operands`` in order.

    Raises:
        QueryError: the expression is none, or a letter has no metric.
    """
    tokens = _parse(expression)
    letters = {letter(index): frame for index, frame in enumerate(operands)}
    used = [letters[name] for name in _names(tokens, expression, letters)]
    for frame in used:
        frame.need_numbers("a formula")
    deepest = max(used, key=lambda f: len(f.orders) if f.paths != [()] else -1, default=None)
    paths = _union(used)
    aligned = {name: _aligned(frame, paths, n_buckets) for name, frame in letters.items()}
    values = np.broadcast_to(_value(tokens, aligned), (len(paths), n_buckets))
    orders = deepest.orders if deepest else ()
    return Frame(paths, np.where(np.isfinite(values), values, np.nan), False, orders)


def _parse(expression: str) -> list[Token]:
    try:
        return postfix(expression)
    except FormulaSyntaxError as error:
        raise _wrong(expression, str(error)) from None


def _wrong(expression: str, why: str) -> QueryError:
    legal = "letters A, B, … of the metrics, numbers, + - * / ^ and parentheses"
    return QueryError(f"the formula {expression!r} cannot be evaluated: {why}; legal are {legal}")


def _names(tokens: list[Token], expression: str, letters: dict[str, Frame]) -> list[str]:
    names = sorted({token.text for token in tokens if token.kind == "name"})
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


def _value(tokens: list[Token], letters: dict[str, npt.NDArray[Any]]) -> Values:
    stack: list[Values] = []
    for token in tokens:
        if token.kind == "name":
            stack.append(letters[token.text])
        elif token.kind == "number":
            stack.append(float(token.text))
        elif token.text == NEGATIVE:
            stack.append(-stack.pop())
        else:
            right = stack.pop()
            stack.append(OPERATORS[token.text](stack.pop(), right))
    return stack.pop()
