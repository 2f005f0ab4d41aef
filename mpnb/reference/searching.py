"""Search over all that the help has pages for.

Enters a term, leaves hits, best first. The surprise: a name that is the term comes before one that
begins with it, before one that holds it; texts come last. Ties keep the order of names.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from mpnb.reference import names
from mpnb.reference.docstring import read
from mpnb.reference.models import MatchedOn, SearchHit, SearchResult
from mpnb.reference.pages import summary
from mpnb.reference.signature import values

_RANKS: tuple[MatchedOn, ...] = ("name", "member", "value", "summary", "doc")


@lru_cache(maxsize=1)
def _index() -> tuple[tuple[SearchHit, str, str], ...]:
    """Everything with a page: its hit, the words that it may be, and its whole text."""
    return tuple(_rows())


def _rows() -> Iterator[tuple[SearchHit, str, str]]:
    for thing in names.public().values():
        yield _row(thing, "name")
        for member, _ in names.callables(thing):
            yield _row(member, "member")


def _row(thing: names.Thing, where: MatchedOn) -> tuple[SearchHit, str, str]:
    hit = SearchHit(names.kind(thing), thing.path, summary(thing), where)
    text = getattr(thing.value, "__doc__", None) or ""
    return hit, " ".join(values(thing)).casefold(), f"{read(text).body}".casefold()


def search(term: str, *, limit: int | None = None) -> SearchResult:
    """Find what a term is about: in names, in words that arguments may be, in texts.

    Args:
        term: one word or several, which must all be there.
        limit: the most hits to return; all of them when left out.
    """
    wanted = term.casefold().replace("-", " ").split()
    ranked = []
    for hit, words, text in _index() if wanted else ():
        rank = _rank(hit, words, text, wanted)
        if rank is not None:
            matched = hit.matched_on if rank < 3 else _RANKS[rank - 1]
            ranked.append((rank, hit.name, SearchHit(hit.category, hit.name, hit.summary, matched)))
    hits = tuple(hit for _, _, hit in sorted(ranked, key=lambda row: row[:2]))
    near = () if hits else tuple(names.near(term))
    return SearchResult(term, hits[:limit], near)


def _rank(hit: SearchHit, words: str, text: str, wanted: list[str]) -> int | None:
    """How well something fits: 0 is the name itself, 5 its text; None does not fit."""
    name = hit.name.rpartition(".")[2].casefold()
    bare, joined = name.replace("_", ""), "".join(wanted).replace("_", "")
    if bare == joined:
        return 0
    if joined and bare.startswith(joined):
        return 1
    for rank, held in ((2, name), (3, words), (4, hit.summary.casefold()), (5, text)):
        if all(word in held for word in wanted):
            return rank
    return None
