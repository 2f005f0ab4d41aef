"""Cohorts of section 11: who is a member as of an instant."""

from __future__ import annotations

import statistics
from typing import Any

from tests.engine.oracle.calendar import LENGTHS
from tests.engine.oracle.data import Row, cohort_of
from tests.engine.oracle.filters import Filters, holds
from tests.engine.oracle.values import distinct, elements, number, numeric
from tests.engine.oracle.words import ANY_OF, Part, many


def members(filters: Filters, given: Any, asof: int) -> set[str]:
    """The users that a definition, or a saved cohort's id, holds."""
    here = filters.here
    if not isinstance(given, Part):
        given = cohort_of(here, given)[1]
    universe = set(here.histories) | set(here.profiles)
    return {user for user in universe if _fits(filters, given, user, asof)}


def _fits(filters: Filters, given: Part, user: str, asof: int) -> bool:
    if given.kind.startswith("CohortDefinition"):
        how = any if given.kind == ANY_OF else all
        return how(_fits(filters, one, user, asof) for one in given["parts"])
    kind = given.kind.removeprefix("CohortCriteria.")
    if kind in ("in_cohort", "not_in_cohort"):
        saved = cohort_of(filters.here, given["cohort"])[1]
        return _fits(filters, saved, user, asof) == (kind == "in_cohort")
    if kind in ("did_event", "did_not_do_event"):
        return _did(filters, given, user, asof)
    value = filters.here.profile(user, given["property"])
    if kind == "has_property":
        return _has(filters, given, value)
    return (value is not None) == (kind == "property_is_set")


def _has(filters: Filters, given: Part, value: Any) -> bool:
    operator = given.get("operator", "equals")
    if given.property_type == "number" and operator in ("equals", "not_equals"):
        found = any(number(one) == given["value"] for one in elements(value))
        return bool(found == (operator == "equals"))
    test = Part(f"Filter.{operator}", {"property": given["property"], "value": given["value"]})
    return holds(filters.here, test, value)


def _did(filters: Filters, given: Part, user: str, asof: int) -> bool:
    rows = [
        row
        for row in filters.here.histories.get(user, [])
        if filters.event(row, given["event"])
        and _inside(filters, given, row, asof)
        and all(filters.row(row, one, user) for one in many(given.where))
    ]
    if given.kind.endswith("did_not_do_event"):
        return not rows
    found = _measured(rows, given)
    if found is None:
        return False
    if given.at_least is not None:
        return bool(found >= given["at_least"])
    if given.at_most is not None:
        return bool(found <= given["at_most"])
    return bool(found == given["exactly"])


def _inside(filters: Filters, given: Part, row: Row, asof: int) -> bool:
    if row.t > asof:
        return False
    for unit in ("day", "week", "month"):
        amount = given.get(f"within_{unit}s")
        if amount is not None:
            return bool(row.t >= asof - amount * LENGTHS[unit])
    if given.from_date is not None:
        day = filters.here.calendar.day_of(row.t).isoformat()
        return bool(given["from_date"] <= day <= given["to_date"])
    return True


def _measured(rows: list[Row], given: Part) -> float | None:
    how = given.aggregation
    if how is None:
        return len(rows)
    values = [row.get(given["aggregation_property"]) for row in rows]
    if how == "unique":
        return distinct([v for value in values for v in elements(value) if v is not None])
    numbers = [n for value in values for n in numeric(value)]
    if how == "total":
        return sum(numbers)
    if not numbers:
        return None
    by_name = {"average": statistics.fmean, "min": min, "max": max, "median": statistics.median}
    found: float = by_name[how](numbers)  # type: ignore[operator]
    return found
