"""What to say when cell text cannot be read: an error of the parser enters, ours leaves.

The surprise: most of the help comes from what the parser would have taken at that place; only the
usual slips (`==`, capital AND, a bare event name) have rows of their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from mpnb.errors import QuerySyntaxError
from mpnb.query.words import Kind
from mpnb.text.clauses import BASES, CLAUSES, Clause, of_kind
from mpnb.text.grammar import TEXTS, phrases
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
    "like": "contains",
    "equals": "=",
    "is": "=",
    "group": "by",
    "breakdown": "by",
    "filter": "where",
    "if": "where",
    "with": "where",
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

NEW_CLAUSE = "A clause begins on a new line or after a comma."

_WORD = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[\w$]+|->|=>|==|<>|&&|\|\||\S")


@dataclass(frozen=True)
class Place:
    """Where a text went wrong: offset, the word found there, and the terminals that would do."""

    source: str
    kind: Kind
    at: int
    found: str
    expected: Collection[str]

    @property
    def begins(self) -> bool:
        """Whether a clause would begin here."""
        before = self.source[: self.at].rstrip(" \t\r")
        return not before.strip() or before[-1] in "\n,"

    @property
    def clause(self) -> Clause | None:
        """The clause that the place is in."""
        before = self.source[: self.at]
        line = before[before.rfind("\n") + 1 :]
        starts = {word: clause for clause in reversed(of_kind(self.kind)) for word in clause.words}
        words = [word for word in re.findall(r"[a-z_]+", line) if word in starts]
        return starts[words[-1]] if words else None


def syntax_error(error: UnexpectedInput, source: str, kind: Kind) -> QuerySyntaxError:
    """Return the error that says where the text went wrong and what would have worked."""
    at, expected = _where(error, source)
    match = _WORD.match(source, at)
    place = Place(source, kind, at, match.group() if match else "", expected)
    line, column, length = Span(at, at + max(len(place.found), 1)).place(source)
    message, hint = _words(place)
    return QuerySyntaxError(message, line=line, column=column, length=length, hint=hint)


def _where(error: UnexpectedInput, source: str) -> tuple[int, set[str]]:
    """Return the offset of what was not expected, and the terminals that were."""
    if isinstance(error, UnexpectedToken):
        expected = set(error.accepts or error.expected)
        if error.token.type == "$END":
            return len(source.rstrip()), expected
        token = str(error.token)
        return (error.token.start_pos or 0) + len(token) - len(token.lstrip()), expected
    if isinstance(error, UnexpectedCharacters):
        return error.pos_in_stream or 0, set(error.allowed or ())
    return error.pos_in_stream or 0, set()


def _words(place: Place) -> tuple[str, str]:
    found = place.found
    if not place.source.strip():
        return "Nothing is asked.", f"Write, for example: {of_kind(place.kind)[0].example}"
    if found in ('"', "'"):
        return "This quote is not closed on its line.", f"Close it with {found}."
    if not found:
        return "The text ends too early.", _expectation(place)
    other = _other_kind(place)
    if other is not None:
        return other
    hint = _slip(place) or _near(place) or _quotes(place) or _expectation(place)
    return f"{found!r} cannot stand here.", hint


def _slip(place: Place) -> str:
    """Return the hint for a usual slip."""
    before = place.source[: place.at].rstrip()
    if place.found in ("in", "not"):
        return 'A list goes in parentheses: in ("a", "b").'
    if before.endswith(",") and place.clause and place.clause.words == ("where",):
        return "Join conditions with and."
    own = {word for clause in of_kind(place.kind) for word in clause.words}
    if not place.begins and place.found in own and "_NL" in place.expected:
        return NEW_CLAUSE
    return ""


def _other_kind(place: Place) -> tuple[str, str] | None:
    """Return what to say of a clause of another kind."""
    own = {word for clause in of_kind(place.kind) for word in clause.words}
    clauses = [clause for clause in CLAUSES if place.found in clause.words]
    if not clauses or not place.begins or place.found in own:
        return None
    kinds = ", ".join(dict.fromkeys(name for clause in clauses for name in clause.kinds))
    instead = ", ".join(dict.fromkeys(clause.name for clause in of_kind(place.kind)))
    message = f"{place.found!r} is a clause of {kinds}, not of {place.kind}."
    return message, f"Clauses of {place.kind}: {instead}."


def _near(place: Place) -> str:
    """Return the hint that names the word that was meant."""
    words, found = sorted(set(phrases(place.expected))), place.found.lower()
    if found in words and found != place.found:
        return f"Did you mean {found}?"
    slip = SLIPS.get(found)
    if slip in words:
        return f"Did you mean {slip}?"
    first = {word.split()[0]: word for word in reversed(words)}
    close = get_close_matches(found, [*words, *first], n=1, cutoff=0.6) if len(found) > 2 else []
    return f"Did you mean {first.get(close[0], close[0])}?" if close else ""


def _quotes(place: Place) -> str:
    """Return the hint for a word that should be quoted."""
    bare = re.fullmatch(r"[^\W\d]\w*", place.found)
    if bare is None or "STRING" not in place.expected or "EXPRESSION" in place.expected:
        return ""
    what = "Text goes" if "BOOLEAN" in place.expected else "Names of events go"
    return f'{what} in quotes: "{place.found}".'


def _expectation(place: Place) -> str:
    things = [THINGS[name] for name in THINGS if name in place.expected]
    signs = [TEXTS[name] for name in sorted(place.expected) if not TEXTS.get(name, "a").isalpha()]
    shown = [*things, *phrases(sorted(place.expected)), *(sign for sign in signs if sign != ",")]
    if not shown:
        return NEW_CLAUSE
    more = f", … ({len(shown) - 12} more)" if len(shown) > 12 else ""
    example = place.clause.example if place.clause else BASES[place.kind]
    text = f"Expected {', '.join(shown[:12])}{more}."
    return f"{text} Example: {example}" if example else text
