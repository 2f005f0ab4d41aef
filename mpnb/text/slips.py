"""What to say when cell text cannot be read: an error of the parser enters, ours leaves.

The surprise: most of the help comes from what the parser would have taken at that place; only the
usual slips (`==`, capital AND, a bare event name) have rows of their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from mpnb.errors import QuerySyntaxError
from mpnb.query.words import Kind
from mpnb.text.clauses import BASES, CLAUSES, Clause, of_kind
from mpnb.text.grammar import TEXTS, parser, phrases
from mpnb.text.reading import Span
from mpnb.text.words import OPERATORS

NEW_CLAUSE = "A clause begins on a new line or after a comma."

SLIPS = {
    "==": "=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "<>": "!=",
    "=>": "->",
    ">": "->",
    "→": "->",
    "like": "contains",
    "equals": "=",
    "filter": "where",
    "if": "where",
    "sum": "total",
    "avg": "average",
    "mean": "average",
    "window": "within",
    "except": "excluding",
    "exclude": "excluding",
    "without": "excluding",
    "breakdown": "by",
    "segment": "by",
}
"""What people write, and what it is called here, where that may stand."""

HINTS: tuple[tuple[str, str], ...] = (
    (r"[“”„«»‘’]", 'Quotes are straight: "…".'),
    (r";", NEW_CLAUSE),
    (r"->", "Steps are joined by arrows in a funnel, a retention or a flow: %%mpquery funnel."),
    (r"p\d+", 'Any percentile: percentile 95 amount of "Purchase".'),
    (r"not", "Not belongs to the operator: !=, is not set, not in, not between."),
    (r"is|null|none", "To test for a value write =, is set or is not set."),
    (r"or", "Conditions are joined by and or by or, not both."),
    (r"\(", 'Conditions are not put in parentheses; one or the other is: in ("a", "b").'),
)
"""Hints for what is found, as patterns of the whole word, where nothing nearer is known."""

BEGINNINGS: tuple[tuple[str, str], ...] = (
    (r"daily|weekly|monthly", "The unit of time is: per day, per week, per month."),
    (r"group|grouped", "Break down with by: by country."),
    (r"between", "A range is: from 2025-01-01 to 2025-03-31, or last 30 days."),
    (r"count", 'How often: total "Event". How many users: unique "Event".'),
)
"""Hints for words that begin a clause elsewhere, or nowhere."""

THINGS = {
    "NAME": "a property",
    "STRING": 'a name in quotes ("…")',
    "NUMBER": "a number",
    "DATE": "a date (YYYY-MM-DD)",
    "UNIT": "a unit (day, week, …)",
    "EXPRESSION": "a formula (A / B)",
}
"""Terminals that are no words, in words."""

RARE = frozenset({"operator", "criterion", "extra", "params", "step"})
"""Words that are possible, but hardly what is looked for."""

_OPERATORS = tuple(row.text for row in OPERATORS)
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
    found = match.group() if match else ""
    place = Place(source, kind, at, found, _accepted(source, at, kind) or expected)
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


def _accepted(source: str, at: int, kind: Kind) -> frozenset[str]:
    """Return what the parser takes after the text before a place, exactly."""
    interactive = parser(kind).parse_interactive(source[:at])
    try:
        interactive.exhaust_lexer()
        return frozenset(map(str, interactive.accepts()))  # type: ignore[no-untyped-call]  # lark has no types here
    except LarkError:
        return frozenset()


def _words(place: Place) -> tuple[str, str]:
    found = place.found
    if not place.source.strip():
        return "Nothing is asked.", f"Write, for example: {of_kind(place.kind)[0].example}"
    if found in ('"', "'"):
        return "This quote is not closed on its line.", f"Close it with {found}."
    if not found:
        return "The text ends too early.", _after_math(place) or _expectation(place)
    other = _other_kind(place)
    if other is not None:
        return other
    for helper in (_slip, _after_math, _near, _known, _quotes):
        hint = helper(place)
        if hint:
            return f"{found!r} cannot stand here.", hint
    return f"{found!r} cannot stand here.", _expectation(place)


def _slip(place: Place) -> str:
    """Return the hint for a usual slip."""
    before = place.source[: place.at].rstrip()
    if place.found == "in" and "LIST_OPERATOR" in place.expected:
        return 'A list goes in parentheses: in ("a", "b").'
    if before.endswith(",") and place.clause and place.clause.words == ("where",):
        return "Join conditions with and."
    own = {word for clause in of_kind(place.kind) for word in clause.words}
    if not place.begins and place.found in own and "_NL" in place.expected:
        return NEW_CLAUSE
    return ""


def _after_math(place: Place) -> str:
    """Return the hint for a math whose second word is neither a property nor an event."""
    if not {"OF"} <= set(place.expected) <= {"OF", "AS"}:
        return ""
    word = place.source[: place.at].split()[-1]
    return f'If {word} is an event, write "{word}"; behind a property comes of and an event.'


def _known(place: Place) -> str:
    """Return the hint for a word that people expect to mean something."""
    tables = (*BEGINNINGS, *HINTS) if place.begins else HINTS
    found = (hint for word, hint in tables if re.fullmatch(word, place.found.lower()))
    return next(found, "")


def _other_kind(place: Place) -> tuple[str, str] | None:
    """Return what to say of a clause of another kind."""
    own = {word for clause in of_kind(place.kind) for word in clause.words}
    clauses = [clause for clause in CLAUSES if place.found in clause.words]
    if not clauses or not place.begins or place.found in own:
        return None
    kinds = ", ".join(dict.fromkeys(name for clause in clauses for name in clause.kinds))
    names = (clause.name.partition(" (")[0] for clause in of_kind(place.kind))
    hint = _known(place) or f"Clauses of {place.kind}: {', '.join(dict.fromkeys(names))}."
    return f"{place.found!r} is a clause of {kinds}, not of {place.kind}.", hint


def _near(place: Place) -> str:
    """Return the hint that names the word that was meant."""
    words, found = sorted(set(phrases(place.expected))), place.found.lower()
    if found in words and found != place.found:
        return f"Did you mean {found}?"
    slip, signs = SLIPS.get(found), {TEXTS.get(name) for name in place.expected}
    if slip is not None and (slip in words or slip in signs):
        return f"Did you mean {slip}?"
    first = {word.split()[0]: word for word in reversed(words)}
    if re.fullmatch(r"p\d+", found):
        return ""
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
    words = sorted(set(phrases(place.expected)) - RARE, key=_rank)
    shown = [*things, *words, *(sign for sign in signs if sign != ",")]
    if not shown:
        return NEW_CLAUSE
    more = f", … ({len(shown) - 12} more)" if len(shown) > 12 else ""
    example = place.clause.example if place.clause else BASES[place.kind]
    clause = ", or a new clause after a comma" if "_NL" in place.expected else ""
    text = f"Expected {', '.join(shown[:12])}{more}{clause}."
    return f"{text} Example: {example}" if example else text


def _rank(word: str) -> tuple[int, str]:
    """Operators come in the order of their table, other words by the alphabet."""
    return (_OPERATORS.index(word), "") if word in _OPERATORS else (len(_OPERATORS), word)
