"""All profiles that pass a condition, page after page, or several pages at a time.

Enters: the arguments of `stream_profiles`. Leaves: engage records in the order of their pages. The
surprise: side by side, pages are asked for only a few ahead of the one in use, so that memory does
not grow with the number of people; a page that cannot be had ends the whole.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any

from mpnb.engine import halting

Fetch = Callable[[dict[str, Any]], Any]
MOST_WORKERS = 5


def profile_records(
    fetch: Fetch, project_id: str, arguments: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Profiles one by one.

    Args:
        fetch: posts a body and returns a page; what it raises ends the whole.
        project_id: whose profiles.
        arguments: those of `stream_profiles`.
    """
    if arguments.get("distinct_ids") == []:
        return
    body = {"project_id": project_id, "page": 0, **profile_body(arguments)}
    first = fetch(body)
    if arguments.get("parallel") and first.get("session_id") and first.get("total") is not None:
        pages = _side_by_side(fetch, body, first, arguments.get("workers") or MOST_WORKERS)
    else:
        pages = _in_turn(fetch, body, first)
    for page in pages:
        yield from page.get("results") or []


def _in_turn(fetch: Fetch, body: Mapping[str, Any], first: Any) -> Iterator[Any]:
    page, number = first, 0
    while True:
        yield page
        session = page.get("session_id")
        if not session or not page.get("results"):
            return
        number += 1
        page = fetch({**body, "page": number, "session_id": session})


def _side_by_side(fetch: Fetch, body: Mapping[str, Any], first: Any, workers: int) -> Iterator[Any]:
    """Pages in their order; how many there are is said by the first."""
    size = first.get("page_size") or len(first.get("results") or []) or 1
    shared = {**body, "session_id": first["session_id"]}
    at_once = min(max(workers, 1), MOST_WORKERS)
    yield first
    waiting: deque[Future[Any]] = deque()
    with halting.threads(at_once) as pool:
        try:
            for number in range(1, math.ceil(first["total"] / size)):
                waiting.append(pool.submit(fetch, {**shared, "page": number}))
                if len(waiting) > at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def profile_body(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `stream_profiles` as engage takes them."""
    cohort = arguments.get("cohort_id")
    ids = arguments.get("distinct_ids")
    body = {
        "where": arguments.get("where") or None,
        "filter_by_cohort": json.dumps({"id": cohort}) if cohort else None,
        "output_properties": _list(arguments.get("output_properties")),
        "distinct_id": arguments.get("distinct_id"),
        "distinct_ids": None if ids is None else json.dumps(list(dict.fromkeys(ids))),
        "data_group_id": arguments.get("group_id"),
        "behaviors": _list(arguments.get("behaviors")),
        "as_of_timestamp": arguments.get("as_of_timestamp"),
        "include_all_users": bool(arguments.get("include_all_users")) if cohort else None,
    }
    return {key: value for key, value in body.items() if value is not None}


def _list(values: Any) -> str | None:
    return json.dumps(list(values)) if values else None
