"""Every clause of the cell language: the table behind docs, completion and hints.

Nothing enters. The surprise: `words` is what a clause may begin with; after a comma such a word
begins the clause, so a property of that name must be quoted there.
"""

from __future__ import annotations

from typing import Final

from mpnb.query.words import Kind
from mpnb.text.clause import Clause
from mpnb.text.clauses_kind import FLOW, FUNNEL, INSIGHTS, RETENTION, USERS
from mpnb.text.clauses_shared import KINDS, SHARED, WHOLE
from mpnb.text.clauses_subject import SUBJECTS
from mpnb.text.words import CADENCES

__all__ = ["BASES", "CLAUSES", "KINDS", "Clause", "body", "of_kind", "starters"]

CLAUSES: Final[tuple[Clause, ...]] = (
    *SUBJECTS,
    *WHOLE,
    *SHARED,
    *INSIGHTS,
    *FUNNEL,
    *RETENTION,
    *FLOW,
    *USERS,
)
"""Every clause, in the order in which the docs show them."""

BASES: Final[dict[Kind, str]] = {
    "insights": '"Login"',
    "funnel": '"View" -> "Cart" -> "Purchase"',
    "retention": '"Signup" -> "Login"',
    "flow": '"Purchase"',
    "users": "",
}
"""The shortest question of a kind, to which an example clause is added."""

_INNER: Final = (
    *("within", "order", "excluding", "holding", "reentry"),
    *("align", "at", "unbounded", *CADENCES),
)


def of_kind(kind: Kind) -> list[Clause]:
    """Return the clauses that a kind takes."""
    return [clause for clause in CLAUSES if kind in clause.kinds]


def starters(kind: Kind) -> tuple[str, ...]:
    """Return the words that begin a clause of a kind after a comma.

    `cohort` is none in insights: `by platform, cohort 5` goes on with the breakdowns.
    """
    words = [word for clause in of_kind(kind) for word in clause.words]
    if kind == "insights":
        words = [word for word in (*words, *_INNER) if word != "cohort"]
    return tuple(dict.fromkeys(words))


def body(clause: Clause, example: str, kind: Kind) -> str:
    """Return a whole question that holds the example."""
    base = "" if clause.subject else BASES[kind]
    return f"{base}\n{example}".strip()
