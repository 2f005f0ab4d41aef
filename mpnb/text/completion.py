"""Completion of cell text: a body and a cursor enter, candidates leave, best first.

What may stand at the cursor comes from the grammar; names and values come from the project's
schema. The surprise: a phrase of several words ("is not set") is one candidate, so the text before
the cursor is tried with up to three of its last words taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lark import Token
from lark.exceptions import LarkError

from mpnb.errors import ParamValidationError
from mpnb.query.words import Kind
from mpnb.text.clauses import CLAUSES, of_kind
from mpnb.text.grammar import TEXTS, parser
from mpnb.text.value import literal, name, string, unquote
from mpnb.text.words import OPERATORS, WORDS

CandidateType = Literal["keyword", "event", "property", "profile property", "value"]


class Schema(Protocol):
    """What completion asks of a project; each list is in the order to be shown."""

    def events(self) -> Sequence[str]:
        """Names of events."""
        ...

    def properties(self, event: str | None) -> Sequence[str]:
        """Names of the properties of an event, of all events for None."""
        ...

    def profile_properties(self) -> Sequence[str]:
        """Names of profile properties."""
        ...

    def values(self, prop: str) -> Sequence[str | int | float | bool]:
        """Frequent values of a property."""
        ...


@dataclass(frozen=True)
class Candidate:
    """One way to go on: `text` replaces the body from `start` to `end`."""

    text: str
    start: int
    end: int
    type: CandidateType
    help: str = ""


@dataclass(frozen=True)
class _Spot:
    """A place to complete: what is before it, what is being typed, and what may stand there."""

    before: str
    typed: str
    start: int
    end: int
    kind: Kind
    tokens: tuple[Token, ...]
    accepts: frozenset[str]

    def ends_with(self, *terminals: str) -> bool:
        """Whether the word before the place is one of these terminals."""
        return bool(self.tokens) and self.tokens[-1].type in terminals


_CLAUSE_HELP = {word: clause.help for clause in reversed(CLAUSES) for word in clause.words}
_OPERATOR_HELP = {row.text: row.help for row in reversed(OPERATORS)}
_OPERATORS = tuple(dict.fromkeys(row.text for row in OPERATORS))
_HIDDEN = frozenset({"step", "criterion", "operator", "extra", "params"})
"""Words for what only printed questions need; they are not offered."""

_UNITS = {
    "PER": ("hour", "day", "week", "month", "quarter"),
    "PREVIOUS": ("day", "week", "month", "quarter", "year"),
    "LAST": ("days", "weeks", "months"),
    "AT": ("days", "weeks", "months"),
    "WITHIN": ("days", "weeks", "months", "hours", "minutes", "seconds", "session"),
    "RELATIVE_OPERATOR": ("days", "weeks", "months", "hours"),
}
"""The units to offer after a word."""

_OPEN_QUOTE = re.compile(r"(?:[^\"'#]|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')*([\"'])?(.*)$")


def complete(body: str, cursor: int, kind: Kind, schema: Schema) -> list[Candidate]:
    """Return what may be typed at the cursor.

    Args:
        body: the text of the cell below its first line.
        cursor: an offset into the body.
        kind: insights, funnel, retention, flow or users.
        schema: names and values of the project.
    """
    line = body[body.rfind("\n", 0, cursor) + 1 : cursor]
    quote = _OPEN_QUOTE.match(line)
    if quote is None or (not quote[1] and quote[2].startswith("#")):
        return []
    found = _quoted(body, cursor, kind, schema, quote) if quote[1] else None
    candidates = found if found is not None else _plain(body, cursor, kind, schema)
    return list(dict.fromkeys(candidates))


def _quoted(
    body: str, cursor: int, kind: Kind, schema: Schema, quote: re.Match[str]
) -> Iterable[Candidate]:
    """Complete inside quotes: names and text values, the quotes included."""
    start = cursor - len(quote[2]) - 1
    end = cursor + (body[cursor : cursor + 1] == quote[1])
    before = body[:start]
    if before.endswith("user."):
        spot = _spot(before.removesuffix("user."), quote[2], start, end, kind)
        return [] if spot is None else _matching(spot, _profile_offers(schema, "", string))
    spot = _spot(before, quote[2], start, end, kind)
    return [] if spot is None else _matching(spot, _names(spot, schema, quoted=True))


def _plain(body: str, cursor: int, kind: Kind, schema: Schema) -> Iterator[Candidate]:
    """Complete a word, or a phrase whose first words are typed."""
    before = body[:cursor]
    profile = re.search(r"(?<![\w$.])user\.[\w$]*\Z", before)
    if profile is not None:
        spot = _spot(before[: profile.start()], profile.group(), profile.start(), cursor, kind)
        if spot is not None and "USER" in spot.accepts:
            yield from _matching(spot, _profile_offers(schema, "user.", name))
        return
    for back in range(4):
        match = re.search(rf"(?:[\w$]+[ \t]+){{{back}}}[\w$]*\Z", before)
        if match is None:
            return
        spot = _spot(before[: match.start()], match.group(), match.start(), cursor, kind)
        if spot is None:
            continue
        if back == 0:
            yield from _matching(spot, _names(spot, schema, quoted=False))
        yield from _matching(spot, _keywords(spot, phrases_only=back > 0))
        if back == 0 and spot.ends_with("COMMA") and not _in_brackets(spot.tokens):
            yield from _after_comma(spot)


def _in_brackets(tokens: Sequence[Token]) -> bool:
    types = [token.type for token in tokens]
    return types.count("LPAR") > types.count("RPAR")


def _after_comma(spot: _Spot) -> Iterator[Candidate]:
    """After the comma of a list a new clause may begin, too."""
    words = [word for clause in of_kind(spot.kind) for word in clause.words]
    yield from _matching(spot, (("keyword", word, _CLAUSE_HELP.get(word, "")) for word in words))


_Offer = tuple[CandidateType, str, str]
"""Type, text as it will stand, help."""


def _matching(spot: _Spot, offers: Iterable[_Offer]) -> Iterator[Candidate]:
    typed = " ".join(spot.typed.lower().split())
    if spot.typed[-1:].isspace():
        typed += " "
    for kind, text, help_line in offers:
        if text.lower().strip("\"'").startswith(typed) or (
            kind != "keyword" and len(typed) > 1 and typed in text.lower()
        ):
            yield Candidate(text, spot.start, spot.end, kind, help_line)


def _spot(before: str, typed: str, start: int, end: int, kind: Kind) -> _Spot | None:
    """Read what is before a place; None when it cannot be read."""
    interactive = parser(kind).parse_interactive(before)
    try:
        tokens = tuple(interactive.exhaust_lexer())
        accepts = frozenset(map(str, interactive.accepts()))  # type: ignore[no-untyped-call]  # lark has no types here
    except LarkError:
        return None
    return _Spot(before, typed, start, end, kind, tokens, accepts)


# --- keywords -----------------------------------------------------------------------------------


def _keywords(spot: _Spot, *, phrases_only: bool) -> Iterator[_Offer]:
    words = [word for clause in of_kind(spot.kind) for word in clause.words]
    order = {word: place for place, word in enumerate([*words, *_OPERATORS])}
    tables = _CLAUSE_HELP if _begins(spot) else _OPERATOR_HELP
    for text in sorted(_texts(spot), key=lambda text: order.get(text, len(order))):
        if text not in _HIDDEN and (not phrases_only or " " in text):
            yield "keyword", text, tables.get(text, "")


def _begins(spot: _Spot) -> bool:
    """Whether a clause begins at the place."""
    return not spot.tokens or spot.ends_with("_NL", "_CSEP", "COMMA")


def _texts(spot: _Spot) -> Iterator[str]:
    for terminal in sorted(spot.accepts):
        bare = terminal.lstrip("_")
        if terminal == "UNIT":
            types = [token.type for token in spot.tokens if token.type != "NUMBER"]
            yield from _UNITS.get(types[-1] if types else "", _UNITS["LAST"])
        elif bare in WORDS:
            yield from WORDS[bare]
        else:
            text = TEXTS.get(terminal, "")
            if text.isalpha() or text == "->":
                yield text


# --- names and values ---------------------------------------------------------------------------


def _names(spot: _Spot, schema: Schema, *, quoted: bool) -> Iterator[_Offer]:
    """Offer events, properties and values, whichever may stand at the place."""
    write: Any = string if quoted else name
    if "BOOLEAN" in spot.accepts and "STRING" in spot.accepts:
        yield from _values(spot, schema, quoted)
        return
    if spot.ends_with("USER"):
        yield from _profile_offers(schema, "", write)
        return
    if "NAME" in spot.accepts or (quoted and "STRING" in spot.accepts and _property_place(spot)):
        yield from _property_offers(spot, schema, write)
    if "STRING" in spot.accepts and not _property_place(spot) and not _free_text(spot):
        for event in schema.events():
            yield "event", string(event), ""


def _property_place(spot: _Spot) -> bool:
    """Whether only a property, not an event, may stand at the place."""
    return "NAME" in spot.accepts and not spot.ends_with("MATH")


def _free_text(spot: _Spot) -> bool:
    """Whether a text is wanted that no list knows: labels, searches, ids."""
    return spot.ends_with("AS", "SEARCH", "ID", "IDS", "SELECTOR", "GROUP", "OPERATOR", "LPAR")


def _property_offers(spot: _Spot, schema: Schema, write: Any) -> Iterator[_Offer]:
    if spot.kind == "users":
        yield from _profile_offers(schema, "", write)
        return
    for prop in schema.properties(_event_near(spot, schema)):
        yield "property", write(prop), ""
    if "USER" in spot.accepts:
        yield from _profile_offers(schema, "user.", write)


def _profile_offers(schema: Schema, prefix: str, write: Any) -> Iterator[_Offer]:
    for prop in schema.profile_properties():
        yield "profile property", prefix + write(prop), ""


def _event_near(spot: _Spot, schema: Schema) -> str | None:
    """Return the event that the clause, else the whole question, is about."""
    known = set(schema.events())
    line = spot.before.count("\n") + 1
    named = [(token.line, _text(token)) for token in spot.tokens if token.type == "STRING"]
    events = [(at, event) for at, event in named if event in known]
    here = [event for at, event in events if at == line]
    if here:
        return here[-1]
    return events[0][1] if len({event for _, event in events}) == 1 else None


def _values(spot: _Spot, schema: Schema, quoted: bool) -> Iterator[_Offer]:
    prop = _property_before(spot.tokens)
    for value in schema.values(prop) if prop is not None else ():
        if not quoted or isinstance(value, str):
            yield "value", literal(value), ""


def _property_before(tokens: Sequence[Token]) -> str | None:
    """Return the property that the last operator tests."""
    for at in range(len(tokens) - 1, 0, -1):
        if tokens[at].type.endswith("_OPERATOR"):
            named = tokens[at - 1]
            if named.type == "TYPE" and at >= 3:
                named = tokens[at - 3]
            if named.type in ("NAME", "STRING"):
                return _text(named)
            return None
    return None


def _text(token: Token) -> str:
    """Return what a word says; text with an escape that is not known says nothing."""
    try:
        return unquote(str(token)) if token.type == "STRING" else str(token)
    except ParamValidationError:
        return ""
