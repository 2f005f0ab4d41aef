"""The raw export: the rows of some days as JSON lines, a stretch at a time.

Enters: a range, event names, an expression, a limit. Leaves: bytes, piece by piece. The surprise:
rows come by time, although the store keeps them by user.
"""

from __future__ import annotations

from datetime import date

from mpnb.emulator.messages import LINES, Answer, Refusal, Request
from mpnb.emulator.project import Project
from mpnb.engine.duckdb.exporting import chosen, lines

MOST_LINES = 100_000
"""The largest limit that Mixpanel takes."""


def export(project: Project, request: Request) -> Answer:
    """GET /export: the rows of the days from from_date to to_date, oldest first."""
    first, last = day(request, "from_date"), day(request, "to_date")
    if first > last:
        raise Refusal(400, f"from_date {first} is after to_date {last}.")
    limit = request.number("limit")
    if limit is not None and not 1 <= limit <= MOST_LINES:
        raise Refusal(400, f"limit must be from 1 to {MOST_LINES:,}.")
    events = request.parsed("event")
    if events is not None and not (isinstance(events, list) and events):
        raise Refusal(400, "event must be a JSON list of event names.")
    milliseconds = str(request.get("time_in_ms", "false")).lower() in ("true", "1")
    with project.engine() as engine:
        rows = chosen(engine.store, first, last, events, request.get("where"))
        store = engine.store
    return Answer(lines(store, rows[:limit], milliseconds), type=LINES)


def day(request: Request, name: str) -> date:
    """A parameter that is a date."""
    text = str(request.need(name))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"{name} is {text!r}; a date is written like 2025-01-31.") from None
