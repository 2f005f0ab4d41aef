"""Formulas over metrics: `A / B * 100`, where letters name metrics in order.

Enters the text of a formula, leaves what is wrong with it, or its tokens in postfix order. The
surprise: `^` is a power and binds tightest to the right, and `1e3` is a number but `1E3` is not,
because the server would read the letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_uppercase

from mpnb.errors import ParamValidationError

_TOKEN = re.compile(
    r" *(?:"
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)"
    r"|(?P<sign>[-+*/^()])"
    r"|(?P<letter>[A-Z])(?![A-Za-z0-9_])"
    r")"
)
_UPPER_E = re.compile(r"\d\.?E[+-]?\d")
_LETTER = re.compile(r"[A-Z]")
_FLAT = re.compile(r" *(?:[A-Z]|[0-9]+)(?: *[-+*/] *(?:[A-Z]|[0-9]+))* *")
"""A formula without parentheses, which needs no parser to be right."""
_RANKS = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}


@dataclass(frozen=True)
class FormulaProblem:
    """What is wrong with a formula: a code, a message and the position of the character."""

    code: str
    message: str
    position: int = 0


class _Syntax(Exception):
    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def problem(
    expression: str, count: int, unknown: str = "V19_FORMULA_BOUNDS"
) -> FormulaProblem | None:
    """Say what is wrong with a formula over `count` metrics, or None.

    `unknown` is the code for a letter that names none of them.
    """
    letters = _LETTER.findall(expression)
    if not letters:
        return FormulaProblem(
            "V16_FORMULA_SYNTAX",
            f"The formula {expression!r} names no metric; use letters from A, as in 'A / B'.",
        )
    if max(letters) < ascii_uppercase[count : count + 1] and _FLAT.fullmatch(expression):
        return None
    upper = _UPPER_E.search(expression)
    if upper:
        return FormulaProblem(
            "FM5_UPPER_E",
            f"Write numbers in {expression!r} with a small e (1e5): a capital E is a metric.",
            upper.start(),
        )
    try:
        tokens = postfix(expression)
    except _Syntax as error:
        return FormulaProblem("FM4_SYNTAX", f"{error} in {expression!r}.", error.position)
    strange = sorted({token for token in tokens if token in ascii_uppercase[count:] and token})
    if strange:
        legal = ", ".join(ascii_uppercase[:count])
        return FormulaProblem(
            unknown,
            f"The formula {expression!r} names {', '.join(strange)}, but the metrics are {legal}.",
            expression.index(strange[0]),
        )
    return None


def require(expression: str, count: int) -> None:
    """Raise the problem of a formula that brings its own `count` metrics, if it has one."""
    found = problem(expression, count, unknown="FM2_UNKNOWN_LETTER")
    if found:
        raise ParamValidationError(
            found.message, found.code, {"expression": expression, "position": found.position}
        )


def postfix(expression: str) -> list[str]:
    """Return numbers, letters and operators (`neg` is unary minus) in postfix order.

    Raises:
        Exception: the text is no formula; `problem` says it as a finding.
    """
    output: list[str] = []
    stack: list[str] = []
    expect_operand = True
    for token, position in _tokens(expression):
        if expect_operand:
            expect_operand = _operand(token, position, output, stack)
        else:
            expect_operand = _operator(token, position, output, stack)
    if expect_operand:
        raise _Syntax("An operand is missing at the end", len(expression))
    while stack:
        sign = stack.pop()
        if sign == "(":
            raise _Syntax("A parenthesis is not closed", expression.index("("))
        output.append(sign)
    return output


def _tokens(expression: str) -> list[tuple[str, int]]:
    found = []
    at, end = 0, len(expression.rstrip(" "))
    while at < end:
        match = _TOKEN.match(expression, at)
        if match is None:
            at += len(expression[at:]) - len(expression[at:].lstrip(" "))
            raise _Syntax(f"{expression[at]!r} at position {at} cannot stand there", at)
        kind = match.lastgroup or "sign"
        found.append((match[kind], match.start(kind)))
        at = match.end()
    return found


def _operand(token: str, position: int, output: list[str], stack: list[str]) -> bool:
    if token == "(":
        stack.append(token)
        return True
    if token == "-":
        stack.append("neg")
        return True
    if token in "+*/^)":
        raise _Syntax(f"{token!r} at position {position} needs an operand before it", position)
    output.append(token)
    return False


def _operator(token: str, position: int, output: list[str], stack: list[str]) -> bool:
    if token == ")":
        while stack and stack[-1] != "(":
            output.append(stack.pop())
        if not stack:
            raise _Syntax(f"')' at position {position} was never opened", position)
        stack.pop()
        return False
    if token not in "+-*/^":
        raise _Syntax(f"An operator is missing before {token!r} at position {position}", position)
    rank = _RANKS[token]
    while stack and stack[-1] != "(" and _binds(stack[-1], rank, token):
        output.append(stack.pop())
    stack.append(token)
    return True


def _binds(before: str, rank: int, token: str) -> bool:
    return _RANKS[before] > rank or (_RANKS[before] == rank and token != "^")
