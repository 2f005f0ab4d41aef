"""The expression language of custom properties and of legacy selectors: text in, a tree out.

One parser serves both: a custom property names its inputs (``A * B``), a selector reads
properties by name (``properties["plan"] == "pro"``). The surprise: ``not(`` is a call and binds
tightest, ``not x`` is an operator and binds looser than a comparison.
"""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, cast

from mpnb.query.expression import (
    CONSTANTS,
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    RANKS,
    SPACES,
    Call,
    Constant,
    Each,
    Element,
    Expression,
    FormulaError,
    Items,
    Let,
    Name,
    Negation,
    Operation,
    Property,
    Space,
)

_NOT_RANK: Final = 3
_MINUS_RANK: Final = 7
_WORDS = frozenset({"or", "and", "not", "in", *CONSTANTS})
_HINTS = {"=": "==", "&&": "and", "||": "or", "!": "not", "<>": "!="}

_TOKEN = re.compile(
    r"""(?P<blank>(?:\s|//[^\n]*)+)
      |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<name>[^\W\d][\w$]*|\$[\w$]+)
      |(?P<sign>==|!=|<=|>=|&&|\|\||<>|[-+*/%<>()\[\],=!])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    out, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _bad_character(text, at)
        kind, word = str(match.lastgroup), match.group()
        if kind == "name" and word.lower() in _WORDS:
            kind, word = "word", word.lower()
        if kind != "blank":
            out.append(_Token(kind, word, at))
        at = match.end()
    return [*out, _Token("end", "", len(text))]


def _bad_character(text: str, at: int) -> FormulaError:
    if text[at] in "\"'":
        return FormulaError("FORMULA_OPEN_TEXT", "This text has no closing quote.", text, at)
    return FormulaError(
        "FORMULA_CHARACTER", f"The character {text[at]!r} has no meaning here.", text, at
    )


def _unquote(literal: str) -> str:
    """The text of a quoted literal; an unknown escape keeps its backslash, for regex's sake."""
    return re.sub(
        r"\\(.)",
        lambda match: _ESCAPES.get(match[1], match[0]),
        literal[1:-1],
        flags=re.DOTALL,
    )


# --- the parser ---------------------------------------------------------------------------------


def parse(text: str, names: Collection[str] | None = None) -> Expression:
    """Read a formula.

    Args:
        text: the formula, at most 20,000 characters.
        names: the letters that a custom property gives its inputs; None reads a legacy
            selector, whose inputs are ``properties["p"]``, ``user["p"]`` and ``event["p"]``.

    Raises:
        FormulaError: with a code (``FORMULA_…``) and the position of the character.
    """
    if len(text) > MAX_LENGTH:
        message = f"A formula may have {MAX_LENGTH:,} characters; this one has {len(text):,}."
        raise FormulaError("FORMULA_TOO_LONG", message, text, MAX_LENGTH)
    return _parse(text, None if names is None else frozenset(names))


@functools.lru_cache(maxsize=256)
def _parse(text: str, names: frozenset[str] | None) -> Expression:
    return _Parser(text, names).whole()


class _Parser:
    def __init__(self, text: str, names: frozenset[str] | None) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.next = 0
        self.depth = 0
        self.selector = names is None
        self.scope = list(names or ())

    def whole(self) -> Expression:
        if self.peek().kind == "end":
            raise self.problem("FORMULA_EMPTY", "The formula is empty.", self.peek())
        tree = self.expression(1)
        if self.peek().kind != "end":
            raise self.expected("the end or an operator")
        return tree

    def peek(self, ahead: int = 0) -> _Token:
        return self.tokens[min(self.next + ahead, len(self.tokens) - 1)]

    def take(self) -> _Token:
        token = self.peek()
        self.next += 1
        return token

    def accept(self, sign: str) -> bool:
        if self.peek().kind in ("sign", "word") and self.peek().text == sign:
            self.next += 1
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            raise self.expected(repr(sign))

    def problem(self, code: str, message: str, token: _Token) -> FormulaError:
        return FormulaError(code, message, self.text, token.at)

    def expected(self, what: str) -> FormulaError:
        token = self.peek()
        found = "the formula ends" if token.kind == "end" else f"found {token.text!r}"
        hint = f" Write {_HINTS[token.text]!r}." if token.text in _HINTS else ""
        return self.problem("FORMULA_SYNTAX", f"Expected {what}, but {found}.{hint}", token)

    def rank(self) -> int:
        token = self.peek()
        return RANKS.get(token.text, 0) if token.kind in ("sign", "word") else 0

    def expression(self, least: int) -> Expression:
        """An expression whose operators rank at least `least`."""
        self.deeper()
        left = self.prefixed(least)
        while self.rank() >= least:
            left = self.chain(left, self.rank())
        self.depth -= 1
        return left

    def chain(self, first: Expression, rank: int) -> Expression:
        operands, operators, at = [first], [], self.peek().at
        while self.rank() == rank:
            operators.append(self.take().text)
            operands.append(self.expression(rank + 1))
        return Operation(tuple(operands), tuple(operators), at)

    def prefixed(self, least: int) -> Expression:
        token = self.peek()
        if self.accept("-"):
            return Negation("-", self.expression(_MINUS_RANK), token.at)
        if token.kind == "word" and token.text == "not" and self.peek(1).text != "(":
            if least > _NOT_RANK:
                raise self.problem(
                    "FORMULA_SYNTAX", "Put this 'not' in parentheses: not(…).", token
                )
            self.take()
            return Negation("not", self.expression(_NOT_RANK), token.at)
        return self.indexed(self.atom())

    def indexed(self, base: Expression) -> Expression:
        deep = self.depth
        while self.peek().text == "[" and self.peek().kind == "sign":
            self.deeper()
            at = self.take().at
            base = Element(base, self.expression(1), at)
            self.expect("]")
        self.depth = deep
        return base

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.problem(
                "FORMULA_TOO_DEEP", f"Nested deeper than {MAX_DEPTH} levels.", self.peek()
            )

    def atom(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "text":
            return Constant(_unquote(token.text), token.at)
        if token.kind == "word" and token.text in CONSTANTS:
            return Constant(CONSTANTS[token.text], token.at)
        if token.kind == "name" or (token.kind == "word" and token.text == "not"):
            return self.call(token) if self.peek().text == "(" else self.name(token)
        if token.text == "(" and token.kind == "sign":
            inner = self.expression(1)
            self.expect(")")
            return inner
        if token.text == "[" and token.kind == "sign":
            return Items(self.sequence("]"), token.at)
        self.next -= 1
        raise self.expected("a value")

    def number(self, token: _Token) -> Constant:
        value = float(token.text)
        if math.isinf(value):
            raise self.problem("FORMULA_NUMBER", "This number is too large.", token)
        return Constant(value, token.at)

    def sequence(self, closing: str) -> tuple[Expression, ...]:
        items: list[Expression] = []
        while not self.accept(closing):
            if items:
                self.expect(",")
            items.append(self.expression(1))
        return tuple(items)

    def name(self, token: _Token) -> Expression:
        if token.text in self.scope:
            return Name(token.text, token.at)
        if self.selector and token.text.lower() == "now":
            return Call("now", (), token.at)
        if self.selector and token.text in SPACES:
            return self.property(token)
        known = sorted({*self.scope, *(SPACES if self.selector else ())})
        near = difflib.get_close_matches(token.text[:80], known, 1, 0.5)
        hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known) or 'none'}."
        raise self.problem(
            "FORMULA_NAME", f"Nothing is called {token.text[:80]!r} here.{hint}", token
        )

    def property(self, token: _Token) -> Expression:
        named = cast("Space", token.text)  # one of `SPACES`, or this was not called
        self.expect("[")
        if self.peek().kind != "text":
            raise self.expected("a property name in quotes")
        key = _unquote(self.take().text)
        self.expect("]")
        return Property(named, key, token.at)

    def call(self, token: _Token) -> Expression:
        function = token.text.lower()
        if function not in FUNCTIONS:
            near = difflib.get_close_matches(function[:80], FUNCTIONS, 1, 0.5)
            hint = f" Did you mean {near[0]}()?" if near else ""
            raise self.problem(
                "FORMULA_FUNCTION", f"There is no function {token.text[:80]}().{hint}", token
            )
        self.expect("(")
        if function == "let":
            return self.let(token)
        if function in ("any", "all", "filter", "map"):
            return self.each(token, cast(Literal["any", "all", "filter", "map"], function))
        arguments = self.sequence(")")
        self.check_count(token, function, len(arguments))
        return Call(function, arguments, token.at)

    def check_count(self, token: _Token, function: str, count: int) -> None:
        row = FUNCTIONS[function]
        odd = function == "ifs" and count % 2
        if count < row.least or (row.most is not None and count > row.most) or odd:
            message = f"{function}() got {count} argument{'' if count == 1 else 's'}: {row.usage}."
            raise self.problem("FORMULA_ARGUMENTS", message, token)

    def binding(self, function: str) -> str:
        token = self.take()
        if token.kind != "name" or self.peek().text != ",":
            raise self.problem(
                "FORMULA_ARGUMENTS", f"A new name comes first: {FUNCTIONS[function].usage}.", token
            )
        self.expect(",")
        return token.text

    def let(self, token: _Token) -> Expression:
        bindings: list[tuple[str, Expression]] = []
        while self.peek().kind == "name" and self.peek(1).text == ",":
            name = self.binding("let")
            bindings.append((name, self.expression(1)))
            self.expect(",")
            self.scope.append(name)
        if not bindings:
            raise self.problem(
                "FORMULA_ARGUMENTS", f"Nothing is bound: {FUNCTIONS['let'].usage}.", token
            )
        body = self.expression(1)
        self.expect(")")
        del self.scope[-len(bindings) :]
        return Let(tuple(bindings), body, token.at)

    def each(self, token: _Token, function: Literal["any", "all", "filter", "map"]) -> Expression:
        name = self.binding(function)
        source = self.expression(1)
        self.expect(",")
        self.scope.append(name)
        body = self.expression(1)
        self.scope.pop()
        self.expect(")")
        return Each(function, name, source, body, token.at)
