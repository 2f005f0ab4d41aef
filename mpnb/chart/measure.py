"""How the numbers of an insights answer were measured, as far as its params say.

An answer enters; its unit, analysis and the words for its measure leave. The surprise: params may
be missing or of any form (a saved report), so that each question has a harmless answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mpnb.result import AnyResult

COUNTS: Final = {
    "total": "",
    "unique": "users",
    "dau": "daily active users",
    "wau": "weekly active users",
    "mau": "monthly active users",
    "sessions": "sessions",
}
"""Words for maths without a property; the others are their own words."""


def section(result: AnyResult, name: str) -> list[Mapping[str, Any]]:
    """The clauses of a section of the params."""
    sections = result.params.get("sections")
    found = sections.get(name) if isinstance(sections, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def unit(result: AnyResult) -> str:
    """The unit of the buckets."""
    found = next((clause.get("unit") for clause in section(result, "time")), None)
    return found if isinstance(found, str) else "day"


def analysis(result: AnyResult) -> str:
    """Whether values are plain ("linear"), "rolling" or "cumulative"."""
    display = result.params.get("displayOptions")
    found = display.get("analysis") if isinstance(display, Mapping) else None
    return found if isinstance(found, str) else "linear"


def shown(result: AnyResult) -> list[Mapping[str, Any]]:
    """The metrics that the answer shows."""
    return [clause for clause in section(result, "show") if not clause.get("isHidden")]


def additive(result: AnyResult) -> bool:
    """Whether the values of buckets add up: counts of events and sums, as they are."""
    found = shown(result)
    return (
        bool(found)
        and analysis(result) == "linear"
        and all(clause.get("type") == "metric" and _adds_up(clause) for clause in found)
    )


def _adds_up(clause: Mapping[str, Any]) -> bool:
    measured = clause.get("measurement")
    behavior = clause.get("behavior")
    if not isinstance(measured, Mapping) or not isinstance(behavior, Mapping):
        return False
    plain = set(measured) <= {"math", "property"} and behavior.get("type") in ("event", "simple")
    return plain and measured.get("math") == "total"


def phrase(result: AnyResult) -> str:
    """What is measured, behind the name of the only metric: " (average of amount)" or nothing."""
    found = shown(result)
    if len(found) != 1:
        return ""
    behavior = found[0].get("behavior")
    plain = isinstance(behavior, Mapping) and behavior.get("type") in ("event", "simple")
    measured = found[0].get("measurement") if plain else None
    math = measured.get("math") if isinstance(measured, Mapping) else None
    if not isinstance(math, str) or not isinstance(measured, Mapping):
        return ""
    prop = measured.get("property")
    name = prop.get("name") if isinstance(prop, Mapping) else None
    if isinstance(name, str) and name:
        return f" ({math.replace('_', ' ')} of {name})"
    word = COUNTS.get(math, math.replace("_", " "))
    return f" ({word})" if word else ""
