"""Decides whether an answer can still change: whether it reaches today or names what may change.

Enters: params JSON or a method's arguments, and the moment. Leaves: yes or no. The surprise: in
doubt it can; a range that is over everywhere still changes when a saved cohort, metric or property
that it names is edited, or when a filter inside it counts back from today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

LAST_ZONE = timedelta(hours=12)
"""A day is over everywhere when it is over twelve hours west of Greenwich."""

OWN_IDS = frozenset({"project_id", "workspace_id", "data_group_id", "dataGroupId"})
OWN_IDS |= frozenset({"globalDataGroupId", "distinct_id", "distinct_ids"})
"""Ids that name no definition somebody may edit."""

COUNTS_BACK = re.compile(
    r"in the (last|next)\b|^since$|relative_after|\$now|\bnow\(|\btoday\b|\$custom_event:|"
    r"\$custom_property:",
    re.IGNORECASE,
)


def closed(asked: Mapping[str, Any], now: datetime) -> bool:
    """Whether the same question will get the same answer for good.

    Args:
        asked: params of any kind, or the arguments of a legacy method.
        now: an aware moment.
    """
    ends = list(_ends(asked))
    over = (now.astimezone(UTC) - LAST_ZONE).date()
    if not ends or any(end is None or end >= over for end in ends):
        return False
    return not any(_may_change(key, value) for key, value in _leaves("", asked))


def span(asked: Mapping[str, Any]) -> str:
    """The range of a question in words, as far as it says one."""
    ends = [end for end in _ends(asked) if end is not None]
    return f"to {max(ends).isoformat()}" if ends else "to today"


def _ends(asked: Mapping[str, Any]) -> Iterator[date | None]:
    """The last days of the ranges; None for one that has no fixed last day."""
    sections = asked.get("sections")
    times = sections.get("time") if isinstance(sections, Mapping) else None
    for time in times or ():
        value = time.get("value")
        fixed = time.get("dateRangeType") == "between" and isinstance(value, list)
        yield _day(value[-1]) if fixed and value else None
    span = asked.get("date_range")
    if isinstance(span, Mapping):
        yield _day(span.get("to_date")) if span.get("type") == "between" else None
    if "to_date" in asked:
        yield _day(asked["to_date"])


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _may_change(key: str, value: Any) -> bool:
    if value is None:
        return False
    if isinstance(value, str) and COUNTS_BACK.search(value):
        return True
    named = key == "id" or key.endswith(("Id", "_id", "Ids", "_ids"))
    return key == "window" or (named and key not in OWN_IDS and bool(value))


def _leaves(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value with the key it stands under; objects under a key count as well."""
    if isinstance(value, Mapping):
        if key == "window":
            yield key, value
        for name, item in value.items():
            yield from _leaves(str(name), item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(key, item)
    else:
        yield key, value
