"""Profiles come in pages: fetched one after the other, or side by side after the first.

Enters: engage params. Leaves: one answer with the rows of all pages in order. The surprise: the
first page names a session, and the other pages are pages of that session, so the set of people
does not change while it is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from mpnb.engine import halting

Fetch = Callable[[dict[str, Any]], Any]
Page = Mapping[str, Any]
MOST_WORKERS = 5


def fetch_profiles(
    fetch: Fetch, body: Mapping[str, Any], limit: int | None, parallel: bool, workers: int
) -> dict[str, Any]:
    """Fetch pages until there are no more, or `limit` rows.

    Args:
        fetch: posts a body and returns a page; what it raises ends the whole.
        body: the params, without a page.
        limit: the most rows; None is all.
        parallel: fetch the pages after the first side by side.
        workers: how many at once, 1 to 5.
    """
    workers = min(max(workers, 1), MOST_WORKERS)
    first = fetch({**body, "page": 0} | ({"limit": limit} if limit and not parallel else {}))
    if parallel:
        pages = _side_by_side(fetch, body, first, limit, workers)
    else:
        pages = _in_turn(fetch, body, first, limit)
    rows = [row for page in pages for row in page.get("results") or []]
    filled = [page for number, page in enumerate(pages) if number == 0 or page.get("results")]
    return {
        "results": rows if limit is None else rows[:limit],
        "session_id": first.get("session_id"),
        "total": first.get("total"),
        "computed_at": datetime.now(UTC).isoformat(),
        "meta": {"pages_fetched": len(filled), "parallel": parallel}
        | ({"failed_pages": [], "workers": workers} if parallel else {}),
    }


def _in_turn(fetch: Fetch, body: Mapping[str, Any], first: Page, limit: int | None) -> list[Page]:
    pages = [first]
    count = len(first.get("results") or [])
    session = first.get("session_id")
    while session and pages[-1].get("results") and (limit is None or count < limit):
        more = {"limit": limit} if limit else {}
        pages.append(fetch({**body, "page": len(pages), "session_id": session, **more}))
        count += len(pages[-1].get("results") or [])
    return pages


def _side_by_side(
    fetch: Fetch, body: Mapping[str, Any], first: Page, limit: int | None, workers: int
) -> list[Page]:
    """All pages in order; one that cannot be had fails the whole, so that no row is lost."""
    size = first.get("page_size") or len(first.get("results") or []) or 1
    wanted = first.get("total") or 0
    wanted = wanted if limit is None else min(wanted, limit)
    numbers = range(1, math.ceil(wanted / size)) if first.get("session_id") else range(0)
    shared = {**body, "session_id": first.get("session_id")}
    with halting.threads(workers) as pool:
        return [first, *pool.map(lambda number: fetch({**shared, "page": number}), numbers)]
