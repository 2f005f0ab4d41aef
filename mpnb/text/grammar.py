"""Loads the grammar of one kind of question: a kind enters, a lark parser leaves (made once).

The surprise: the file `grammar.lark` is not complete by itself. Its @PLACES@ are filled from
`words.py` and `clauses.py`, and every keyword is made to end at a word's end.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from lark import Lark
from lark.lexer import PatternRE, PatternStr, TerminalDef

from mpnb.query.words import Kind
from mpnb.text.clauses import starters
from mpnb.text.words import UNITS, WORDS

WORD_END = r"(?![\w$])"
"""A keyword ends here: what follows cannot be part of a name."""

SIGN_END = r"(?![=<>])"
"""A sign ends here, so that `==` is not read as two."""


def pattern(phrases: tuple[str, ...]) -> str:
    """Return a regular expression for any of the phrases, longer ones first."""
    ordered = sorted(phrases, key=len, reverse=True)
    return "|".join(_phrase(phrase) for phrase in ordered)


def _phrase(phrase: str) -> str:
    text = r"\s+".join(re.escape(word) for word in phrase.split())
    return text + (WORD_END if phrase[-1].isalnum() else SIGN_END)


TEXTS: dict[str, str] = {}
"""Keyword and sign terminals → their text; filled as parsers are made."""


def phrases(terminals: Collection[str]) -> tuple[str, ...]:
    """Return the words that terminals stand for; names, values and signs have none."""
    found: list[str] = []
    for terminal in terminals:
        if terminal.lstrip("_") in WORDS:
            found += WORDS[terminal.lstrip("_")]
        elif TEXTS.get(terminal, "").rstrip(".").isalpha():
            found.append(TEXTS[terminal])
    return tuple(found)


@cache
def parser(kind: Kind) -> Lark:
    """Return the LALR parser of a kind; the first call for a kind takes a moment."""
    places = {name: pattern(phrases) for name, phrases in WORDS.items()}
    places["UNIT"] = "(?:" + "|".join(UNITS) + ")s?" + WORD_END
    places["STARTERS"] = "|".join(_phrase(word) for word in starters(kind))
    text = (files("mpnb.text") / "grammar.lark").read_text("utf-8")
    return Lark(
        re.sub(r"@([A-Z_]+)@", lambda place: places[place[1]].replace("/", r"\/"), text),
        start=kind,
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=False,
        edit_terminals=_end_keywords,
    )


def _end_keywords(terminal: TerminalDef) -> TerminalDef:
    """Make a keyword end where a word ends, and win over a name."""
    found = terminal.pattern
    if isinstance(found, PatternStr):
        TEXTS[terminal.name] = found.value
    if isinstance(found, PatternStr) and found.value.isalpha():
        terminal.pattern = PatternRE(re.escape(found.value) + WORD_END)
        terminal.priority = 1
    return terminal
