"""Whether the days of a question and the days of the data meet: a raw answer in, the same out.

The surprise: an answer that no event could reach is right, all zeros, and of no help. It gets a
note that says where the data are; "last 30 days" and its like count from the store's clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.engine.base import Raw
from mpnb.engine.duckdb import axis

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store


def span(store: Store) -> tuple[str, str] | None:
    """First and last day that have events, ``YYYY-MM-DD``; None where there are none."""
    if not store.n_rows:
        return None
    first, last = int(store.day.min()), int(store.day.max())
    return str(axis.day_of(first)), str(axis.day_of(last))


def told(raw: Raw, asked: tuple[str, str] | None, held: tuple[str, str] | None) -> Raw:
    """The answer, with a note where the days asked for lie outside those that have events."""
    if asked is None or held is None or (asked[0] <= held[1] and held[0] <= asked[1]):
        return raw
    advice = f"no events on these days: they are from {held[0]} to {held[1]}"
    meta = raw.get("meta") or {}
    known = meta.get("mpnb") or {}
    notes = [*known.get("notes", ()), advice]
    return {**raw, "meta": {**meta, "mpnb": {**known, "notes": notes}}}
