"""What to say when cell text cannot be read: an error of the parser enters, ours leaves.

The surprise: most of the help comes from what the parser would have taken at that place; only the
usual slips (`==`, capital AND, a bare event name) have rows of their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from mpnb.errors import QuerySyntaxError
from mpnb.query.words import Kind
from mpnb.text.clauses import BASES, CLAUSES, of_kind
from mpnb.text.grammar import phrases
from mpnb.text.reading import Span

SLIPS = {
    "==": "=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "<>": "!=",
    "=>": "->",
    "→": "->",
    "is": "=",
    "like": "contains",
    "equals": "=",
    "group": "by",
    "filter": "where",
    "steps": '"A" -> "B"',
}
"""What people write, and what it is called here."""

THINGS = {
    "NAME": "a property",
    "STRING": 'a name in quotes ("…")',
    "NUMBER": "a number",
    "DATE": "a date (YYYY-MM-DD)",
    "UNIT": "a unit (day, week, …)",
    "EXPRESSION": "a formula (A / B)",
}
"""Terminals that are no words, in words."""

_WORD = re.compile(r"[\w$]+|->|=>|==|<>|&&|\|\||\S")


def syntax_error(error: UnexpectedInput, source: str, kind: Kind) -> QuerySyntaxError:
    """Return the error that says where the text went wrong and what would have worked."""
    at, expected = _place(error, source)
    match = _WORD.match(source, at)
    found = match.group() if match else ""
    line, column, length = Span(at, at + max(len(found), 1)).place(source)
    message, hint = _words(source, at, found, expected, kind)
    return QuerySyntaxError(message, line=line, column=column, length=length, hint=hint)


def _place(error: UnexpectedInput, source: str) -> tuple[int, set[str]]:
    """Return the offset of what was not expected, and the terminals that were."""
    if isinstance(error, UnexpectedToken):
        if error.token.type == "$END":
            return len(source.rstrip()), set(error.accepts or error.expected)
        at = error.token.start_pos or 0
        token = str(error.token)
        return at + len(token) - len(token.lstrip(", \t\r\n")), set(error.accepts or error.expected)
    if isinstance(error, UnexpectedCharacters):
        return error.pos_in_stream, set(error.allowed or ())
    return error.pos_in_stream or 0, set()


def _words(
    source: str, at: int, found: str, expected: Collection[str], kind: Kind
) -> tuple[str, str]:
    if not source.strip():
        return "Nothing is asked.", f"Write, for example: {of_kind(kind)[0].example}"
    if found in ('"', "'"):
        return "This quote is not closed on its line.", f"Close it with {found}."
    other = _other_kind(found, expected, kind)
    if other:
        return other
    nearest = _nearest(found, expected)
    if nearest:
        return f"{found!r} cannot stand here.", f"Did you mean {nearest}?"
    if "STRING" in expected and re.fullmatch(r"[^\W\d]\w*", found):
        return f"{found!r} cannot stand here.", f'Names of events go in quotes: "{found}".'
    subject = f"{found!r} cannot stand here." if found else "The text ends too early."
    return subject, f"{_expectation(expected)}{_example(source, at, kind)}"


def _other_kind(found: str, expected: Collection[str], kind: Kind) -> tuple[str, str] | None:
    own = {word for clause in of_kind(kind) for word in clause.words}
    if found in own or found in phrases(expected):
        return None
    clauses = [clause for clause in CLAUSES if found in clause.words]
    if not clauses:
        return None
    kinds = " and ".join(dict.fromkeys(name for clause in clauses for name in clause.kinds))
    instead = ", ".join(sorted(own)[:12])
    return f"{found!r} is a clause of {kinds}, not of {kind}.", f"Clauses of {kind}: {instead}, …"


def _nearest(found: str, expected: Collection[str]) -> str:
    words = sorted({word for word in phrases(expected)})
    if found.lower() in words:
        return found.lower()
    slip = SLIPS.get(found.lower())
    if slip is not None and (slip in words or " " in slip):
        return slip
    first = {word.split()[0]: word for word in reversed(words)}
    close = get_close_matches(found.lower(), [*words, *first], n=1, cutoff=0.6)
    return first.get(close[0], close[0]) if close else ""


def _expectation(expected: Collection[str]) -> str:
    things = [THINGS[name] for name in THINGS if name in expected]
    words = phrases(sorted(expected))
    shown = [*things, *words]
    if not shown:
        return "A new clause begins on a new line or after a comma."
    more = f", … ({len(shown) - 9} more)" if len(shown) > 9 else ""
    return "Expected " + ", ".join(shown[:9]) + more + "."


def _example(source: str, at: int, kind: Kind) -> str:
    """Return an example of the clause that the place is in."""
    before = source[: at + 1]
    line = before[before.rfind("\n") + 1 :]
    starts = {word: clause for clause in reversed(of_kind(kind)) for word in clause.words}
    words = [word for word in re.findall(r"[a-z_]+", line) if word in starts]
    if words:
        return f" Example: {starts[words[-1]].example}"
    return f" Example: {BASES[kind]}" if BASES[kind] else ""
