"""Formulas over metrics: `A / B * 100`, where letters name metrics in order.

Enters the text of a formula, leaves what is wrong with it, or its tokens in postfix order. The
surprise: letters count like digits (after Z comes BA), `^` is a power and binds tightest to the
right, and `1e3` is a number but `1E3` is not, because the server would read the letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_uppercase

from mpnb.errors import ParamValidationError

_TOKEN = re.compile(
    r"[ \t]*(?:"
    r"(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<sign>[-+*/^()])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r")"
)
_LETTER = re.compile(r"[A-Z]")
_FLAT = re.compile(r" *(?:[A-Z]|[0-9]+)(?: *[-+*/] *(?:[A-Z]|[0-9]+))* *")
"""A formula without parentheses, which needs no parser to be right."""
NEGATIVE = "~"
"""How the minus of one operand is written in postfix order."""
_RANKS = {"+": 1, "-": 1, "*": 2, "/": 2, NEGATIVE: 3, "^": 4}


@dataclass(frozen=True)
class Token:
    """A piece of a formula: a number, a sign or a name, and where it stands."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True)
class FormulaProblem:
    """What is wrong with a formula: a code, a message and the position of the character."""

    code: str
    message: str
    position: int = 0


class FormulaSyntaxError(ValueError):
    """The text is no formula."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def letter(index: int) -> str:
    """Return how formulas name the metric at an index, from 0: A to Z, then BA, BB, …"""
    rest, digit = divmod(index, len(ascii_uppercase))
    return (letter(rest) if rest else "") + ascii_uppercase[digit]


def problem(expression: str, count: int) -> FormulaProblem | None:
    """Say what is wrong with a formula over the `count` metrics of a question, or None.

    Without metrics nothing is said of letters: what is missing then are the metrics.
    """
    letters = _LETTER.findall(expression)
    if not letters:
        return _nameless(expression)
    if max(letters) < ascii_uppercase[count : count + 1] and _FLAT.fullmatch(expression):
        return None
    beyond = sorted(set(letters) & set(ascii_uppercase[count:]))
    if beyond and count:
        return _unknown("V19_FORMULA_BOUNDS", expression, count, beyond[0])
    wrong = _wrong_in_itself(expression)
    if isinstance(wrong, FormulaProblem):
        return wrong
    odd = _strange(wrong, count)
    return _unknown("V19_FORMULA_BOUNDS", expression, count, odd) if odd and count else None


def require(expression: str, count: int) -> None:
    """Raise the problem of a formula that brings its own `count` metrics, if it has one."""
    if count and _FLAT.fullmatch(expression):
        letters = _LETTER.findall(expression)
        if letters and max(letters) < ascii_uppercase[count : count + 1]:
            return
    found = _own_problem(expression, count)
    if found:
        raise ParamValidationError(
            found.message, found.code, {"expression": expression, "position": found.position}
        )


def _own_problem(expression: str, count: int) -> FormulaProblem | None:
    wrong = _wrong_in_itself(expression)
    if isinstance(wrong, FormulaProblem):
        return wrong
    if all(token.kind != "name" for token in wrong):
        return _nameless(expression)
    odd = _strange(wrong, count)
    return _unknown("FM2_UNKNOWN_LETTER", expression, count, odd) if odd else None


def _wrong_in_itself(expression: str) -> FormulaProblem | list[Token]:
    """Return the tokens in postfix order, or what is wrong whatever the letters name."""
    try:
        tokens = postfix(expression)
    except FormulaSyntaxError as error:
        return FormulaProblem("FM4_SYNTAX", f"{error} in {expression!r}.", error.position)
    for token in tokens:
        if token.kind == "number" and "E" in token.text:
            return FormulaProblem(
                "FM5_UPPER_E",
                f"Write {token.text.lower()} for {token.text} in {expression!r}: "
                "a capital E is a metric.",
                token.position,
            )
    return tokens


def _nameless(expression: str) -> FormulaProblem:
    return FormulaProblem(
        "V16_FORMULA_SYNTAX",
        f"The formula {expression!r} names no metric; use letters from A, as in 'A / B'.",
    )


def _strange(tokens: list[Token], count: int) -> str | None:
    legal = {letter(index) for index in range(count)}
    names = (token.text for token in tokens if token.kind == "name")
    return next((name for name in names if name not in legal), None)


def _unknown(code: str, expression: str, count: int, name: str) -> FormulaProblem:
    last = letter(count - 1) if count else ""
    legal = {0: "there are none", 1: "there is only A"}.get(count, f"they are A to {last}")
    hint = " Write numbers with a small e (1e5)." if re.search(r"\d\.?E[+-]?\d", expression) else ""
    return FormulaProblem(
        code,
        f"The formula {expression!r} names {name}, which is none of the metrics: {legal}.{hint}",
        expression.index(name),
    )


def postfix(expression: str) -> list[Token]:
    """Return numbers, names and operators (`~` is the minus of one operand) in postfix order.

    Raises:
        FormulaSyntaxError: the text is no formula.
    """
    output: list[Token] = []
    stack: list[Token] = []
    before = None
    for token in _tokens(expression):
        if before is None or before.text in _RANKS or before.text == "(":
            before = _operand(token, before, output, stack)
        else:
            before = _operator(token, output, stack)
    if before is None or before.text in _RANKS or before.text == "(":
        raise FormulaSyntaxError("An operand is missing at the end", len(expression))
    while stack:
        sign = stack.pop()
        if sign.text == "(":
            raise FormulaSyntaxError("A parenthesis is not closed", sign.position)
        output.append(sign)
    return output


def _tokens(expression: str) -> list[Token]:
    found = []
    at, end = 0, len(expression.rstrip(" \t"))
    while at < end:
        match = _TOKEN.match(expression, at)
        if match is None:
            at += len(expression[at:]) - len(expression[at:].lstrip(" \t"))
            raise FormulaSyntaxError(f"{expression[at]!r} at position {at} cannot stand there", at)
        kind = match.lastgroup or "sign"
        found.append(Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return found


def _operand(token: Token, before: Token | None, output: list[Token], stack: list[Token]) -> Token:
    if token.text == "(":
        stack.append(token)
        return token
    if token.text == "-" and (before is None or before.text != "^"):
        minus = Token("sign", NEGATIVE, token.position)
        stack.append(minus)
        return minus
    if token.kind == "sign":
        raise FormulaSyntaxError(
            f"{token.text!r} at position {token.position} needs an operand before it",
            token.position,
        )
    output.append(token)
    return token


def _operator(token: Token, output: list[Token], stack: list[Token]) -> Token:
    if token.text == ")":
        while stack and stack[-1].text != "(":
            output.append(stack.pop())
        if not stack:
            raise FormulaSyntaxError(
                f"')' at position {token.position} was never opened", token.position
            )
        stack.pop()
        return token
    if token.text not in _RANKS:
        raise FormulaSyntaxError(
            f"An operator is missing before {token.text!r} at position {token.position}",
            token.position,
        )
    rank = _RANKS[token.text]
    while stack and stack[-1].text != "(" and _binds(stack[-1].text, rank, token.text):
        output.append(stack.pop())
    stack.append(token)
    return token


def _binds(before: str, rank: int, token: str) -> bool:
    return _RANKS[before] > rank or (_RANKS[before] == rank and token != "^")
