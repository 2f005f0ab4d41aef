"""Python values in a cell: ``{{expression}}`` becomes the value as the language writes it.

Enters: the text of a cell and a way to evaluate Python. Leaves: the text with every expression
replaced. The surprise: outside quotes a value is typed and quoted (a list becomes a list, a text
gets its quotes); inside quotes it is only escaped, so that a name can be put together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnb.magic.errors import CellError
from mpnb.text import quote

OPEN, CLOSE = "{{", "}}"


def substitute(source: str, evaluate: Callable[[str], Any]) -> str:
    """Replace every ``{{expression}}`` outside comments.

    Raises:
        CellError: an expression has no end, fails, or gives a value the language cannot write.
    """
    out: list[str] = []
    at, quote_mark, in_comment = 0, "", False
    while at < len(source):
        char = source[at]
        if not in_comment and source.startswith(OPEN, at):
            end = source.find(CLOSE, at)
            if end < 0:
                raise CellError(f"{_where(source, at)}: {OPEN} has no {CLOSE}.")
            code = source[at + len(OPEN) : end].strip()
            out.append(_written(_value(code, evaluate, _where(source, at)), quote_mark, code))
            at = end + len(CLOSE)
            continue
        if quote_mark and char == "\\":
            out.append(source[at : at + 2])
            at += 2
            continue
        if char == "\n":
            in_comment, quote_mark = False, ""
        elif quote_mark:
            quote_mark = "" if char == quote_mark else quote_mark
        elif char == "#":
            in_comment = True
        elif char in "\"'" and not in_comment:
            quote_mark = char
        out.append(char)
        at += 1
    return "".join(out)


def _value(code: str, evaluate: Callable[[str], Any], where: str) -> Any:
    try:
        return evaluate(code)
    except Exception as problem:
        kind = type(problem).__name__
        raise CellError(f"{where}: {{{{{code}}}}} failed with {kind}: {problem}") from problem


def _written(value: Any, quote_mark: str, code: str) -> str:
    if not quote_mark:
        try:
            return quote(value)
        except (TypeError, ValueError) as problem:
            raise CellError(f"{{{{{code}}}}}: {problem}") from problem
    escaped = str(value).replace("\\", "\\\\").replace(quote_mark, "\\" + quote_mark)
    return escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _where(source: str, at: int) -> str:
    line = source.count("\n", 0, at) + 1
    return f"Line {line}, column {at - (source.rfind(chr(10), 0, at) + 1) + 1}"
