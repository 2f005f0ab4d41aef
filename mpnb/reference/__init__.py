"""Help on everything public, in the notebook and on the command line.

``mp.help("Workspace.query")`` prints a page, ``mp.help("search cohort")`` searches, ``mp.help()``
lists what there is. The surprise: pages are made from the live code when they are asked for.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TextIO

from mpnb.engine.mixpanel.countdown import in_notebook
from mpnb.errors import HelpLookupError
from mpnb.reference import domains, names, pages, searching
from mpnb.reference.html import bundle
from mpnb.reference.models import (
    DocSections,
    FieldDoc,
    Group,
    HelpEntry,
    HelpFormat,
    HelpKind,
    Hint,
    MemberDoc,
    ParamDoc,
    SearchHit,
    SearchResult,
    SignatureDoc,
    UsageDoc,
)
from mpnb.reference.render import render
from mpnb.reference.searching import search
from mpnb.result.base import PUBLISH, resolve

__all__ = [
    "DocSections",
    "FieldDoc",
    "Group",
    "HelpEntry",
    "HelpFormat",
    "HelpKind",
    "HelpLookupError",
    "Hint",
    "MemberDoc",
    "ParamDoc",
    "SearchHit",
    "SearchResult",
    "SignatureDoc",
    "UsageDoc",
    "clear_cache",
    "describe",
    "help",
    "render",
    "search",
]

SEARCH = "search "


def describe(query: str | object, *, hints: bool = True, domain: str | None = None) -> HelpEntry:
    """Return the page of something.

    Args:
        query: a public name (``"Filter"``), a path from one (``"Workspace.query.math"``), a listing
            (``"types"``, ``"exceptions"``, ``"words"``, ``"functions"``, ``"modules"``,
            ``"domains"``), an empty text for the overview, or an object.
        hints: with pages elsewhere that say more.
        domain: of the workspace's page, only the members about one subject.

    Raises:
        HelpLookupError: there is no such thing; it says what is near.
        HelpDomainError: the domain is unknown, ambiguous, or the page is not the workspace's.
    """
    try:
        entry = pages.page(query)
    except HelpLookupError as error:
        if not isinstance(query, str):
            raise
        found = search(query, limit=5).hits
        raise HelpLookupError(query, suggestions=error.suggestions, hits=found) from None
    if domain is not None:
        entry = pages.in_domain(entry, domain)
    return replace(entry, hints=domains.hints(entry.qualname)) if hints else entry


def help(
    query: str | object | None = None,
    *,
    format: HelpFormat = "text",
    file: TextIO | None = None,
    hints: bool = True,
    domain: str | None = None,
) -> None:
    """Print the page of something, or what a search finds; a notebook shows it as a page.

    Args:
        query: what `describe` takes, or ``"search WORDS"``; without it the overview.
        format: text, markdown or json.
        file: where to; by default the output of the cell, or standard output.
        hints: with pages elsewhere that say more.
        domain: of the workspace's page, only the members about one subject.

    Raises:
        HelpLookupError: there is no such thing; it says what is near.
        ParamValidationError: there is no such format.
    """
    found = answer("" if query is None else query, hints=hints, domain=domain)
    if file is None and format == "text" and in_notebook():
        resolve(PUBLISH)(bundle(found))
    else:
        print(render(found, format), end="", file=sys.stdout if file is None else file)


def answer(
    query: str | object, *, hints: bool = True, domain: str | None = None
) -> HelpEntry | SearchResult:
    """What `help` prints: a page, or for ``"search WORDS"`` what is found."""
    if isinstance(query, str) and query.strip().casefold().startswith(SEARCH):
        return search(query.strip()[len(SEARCH) :])
    return describe(query, hints=hints, domain=domain)


def clear_cache() -> None:
    """Forget what was read of the public names, so that the next page reads them again."""
    for held in (names.public, domains.all_of_them, pages._usage, searching._index):
        held.cache_clear()
