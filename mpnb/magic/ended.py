"""Data that end long ago: a workspace in, a line of advice out, or nothing.

The surprise: questions ask for the days before today by themselves, so that over old events every
first answer would be empty.
"""

from __future__ import annotations

from datetime import date

from mpnb.query.window import TimeRange
from mpnb.workspace import Workspace


def ended(opened: Workspace) -> str:
    """What to do where the days that a question asks for by itself have no events."""
    facts = opened.describe()
    last = facts.get("days", "").rpartition(" ")[2]
    usual = TimeRange().last
    if not last:
        return ""
    if (date.fromisoformat(facts["today"]) - date.fromisoformat(last)).days < usual:
        return ""
    return (
        f"The events end on {last}, and questions ask for the {usual} days before today. "
        f"To count from their end add: --now {last}T23:59:59"
    )
