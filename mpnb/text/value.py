"""Literals of the cell language, both ways: Python values and names enter or leave as text.

The surprise: a name stands bare only where it can be nothing else, so every word of the language
is quoted when it is printed as a name.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from mpnb.errors import ParamTypeError, ParamValidationError
from mpnb.text.words import UNITS, WORDS

_BARE = re.compile(r"[^\W\d][\w$]*|\$[\w$]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"} | {
    sign: sign for sign in "\"'\\/"
}


def quote(value: object) -> str:
    """Return a Python value as a typed literal of the cell language.

    Text is quoted and escaped, numbers and booleans are plain, a date (or the day of a datetime)
    is YYYY-MM-DD, and a list or tuple of these is put in parentheses, as after `in`.

    Raises:
        ParamTypeError: for any other type, numbers that are not finite included.
    """
    item = getattr(value, "item", None)
    plain = item() if callable(item) and not isinstance(value, list | tuple) else value
    if isinstance(plain, list | tuple):
        return "(" + ", ".join(_scalar(element) for element in plain) + ")"
    return _scalar(plain)


def _scalar(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return string(value)
        case int() | float():
            return number(value)
        case datetime.datetime():
            return value.date().isoformat()
        case datetime.date():
            return value.isoformat()
    raise ParamTypeError(
        f"{type(value).__name__} has no form in a cell. Use text, a number, a boolean, a date, "
        "or a list of them."
    )


def string(text: str) -> str:
    """Return text in double quotes; control and line-breaking characters are escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() or char == " " else _escape(char) for char in quoted)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def unquote(literal: str) -> str:
    """Return the text of a quoted literal.

    Raises:
        ParamValidationError: for an escape that is not known.
    """
    text = _ESCAPE.sub(_unescape, literal[1:-1])
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text


def _unescape(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    if escape not in _ESCAPES:
        raise ParamValidationError(
            f"The escape \\{escape} is not known. Write \\\\ for a backslash; "
            "the others are \\\" \\' \\n \\t \\r and \\uXXXX."
        )
    return _ESCAPES[escape]


def number(value: int | float) -> str:
    """Return a finite number so that it reads back with its type."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ParamTypeError(f"{value} has no form in a cell; only finite numbers do.")
    return repr(value)


def to_number(text: str) -> int | float:
    """Read a number; without a point or exponent it is an int.

    Raises:
        ParamValidationError: the number is too large to be one.
    """
    digits = text.lstrip("-")
    if len(digits) > 400:
        raise ParamValidationError(f"A number of {len(digits)} characters is too long.")
    value = int(text) if digits.isdigit() else float(text)
    if isinstance(value, float) and not math.isfinite(value):
        raise ParamValidationError(f"The number {text} is too large.")
    return value


def is_date(value: object) -> bool:
    """Whether a value is text that looks like YYYY-MM-DD."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def date(text: str) -> str:
    """Return a date, bare when it looks like one."""
    return text if is_date(text) else string(text)


def literal(value: object) -> str:
    """Return a filter value: text, number or boolean."""
    return _scalar(value)


def name(text: str) -> str:
    """Return a property's name, bare when it can be nothing else."""
    bare = _BARE.fullmatch(text) is not None and text not in keywords()
    return text if bare else string(text)


def json_text(value: object) -> str:
    """Return a JSON value on one line, in double quotes throughout."""
    match value:
        case Mapping():
            pairs = (f"{string(str(key))}: {json_text(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case str():
            return string(value)
        case None:
            return "null"
        case Sequence():
            return "[" + ", ".join(json_text(item) for item in value) + "]"
    return _scalar(value)


@cache
def keywords() -> frozenset[str]:
    """Return every word of the language: those of the grammar, and those of the tables."""
    grammar = (files("mpnb.text") / "grammar.lark").read_text("utf-8")
    own = re.findall(r'"([a-z]+)"', grammar)
    listed = [word for phrases in WORDS.values() for text in phrases for word in text.split()]
    units = [unit + ending for unit in UNITS for ending in ("", "s")]
    return frozenset([*own, *listed, *units])
