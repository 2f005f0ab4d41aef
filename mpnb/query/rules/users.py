"""Rules of questions about profiles.

Enter arguments as given, leave findings. The surprise: most arguments belong to one of the two
modes, and giving them in the other is an error, since they would do nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mpnb.query.check import bad_word, date_problem, is_blank, is_number, is_word, items_of, shown
from mpnb.query.cohort import CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.operators import COHORTS
from mpnb.query.rules.common import Found, error

WORKERS_MAX = 5
MODES = ("profiles", "aggregate")
AGGREGATES = ("count", "extremes", "percentile", "numeric_summary")
SORT_ORDERS = ("ascending", "descending")
LISTS = ("properties", "distinct_ids", "segment_by")
IDLE = {"aggregate": "count", "aggregate_property": None, "percentile": None}
"""What aggregates when nobody says so → how it is then."""
PROFILES_ONLY = (
    ("U18", "parallel"),
    ("U19", "sort_by"),
    ("U20", "search"),
    ("U22", "properties"),
    ("U30", "as_of"),
)


def question(given: dict[str, Any], found: Found) -> None:
    """Check a question about profiles."""
    where = given["where"]
    if where is None or isinstance(where, str):
        filters = []
    else:
        filters = where if isinstance(where, list) else [where]
        if not isinstance(where, list | Filter):
            error(found, "U9", "where", "where takes a Filter, a list of Filters or selector text.")
            return
        _where(filters, found)
    _cohort(given, filters, found)
    _values(given, found)
    _as_of(given["as_of"], found)
    if not is_word(given["mode"], MODES):
        found.append(bad_word("U32", "mode", given["mode"], MODES))
    elif given["mode"] == "aggregate":
        _aggregate(given, found)
    else:
        _profiles(given, found)


def _where(filters: Sequence[Any], found: Found) -> None:
    for index, item in enumerate(filters):
        path = f"where[{index}]"
        if not isinstance(item, Filter):
            error(found, "U0", path, f"A Filter stands here, not {shown(item)}.")
            continue
        name = item._property
        if not isinstance(name, str):
            error(found, "U25", f"{path}._property", "Profiles filter by properties given by name.")
        elif is_blank(name):
            error(found, "U10", f"{path}._property", "The property is blank; name one.")
        elif name == COHORTS and item._operator == "does not contain":
            error(found, "U12", path, "Profiles cannot be outside a cohort; filter in another way.")


def _cohort(given: dict[str, Any], filters: Sequence[Any], found: Found) -> None:
    inside = [
        item
        for item in filters
        if isinstance(item, Filter)
        and item._property == COHORTS
        and item._operator != "does not contain"
    ]
    cohort = given["cohort"]
    if not isinstance(cohort, CohortDefinition | None) and (type(cohort) is not int or cohort <= 0):
        error(found, "U34", "cohort", f"A cohort id or a definition, not {shown(cohort)}.")
    if given["cohort"] is not None and inside:
        error(found, "U2", "cohort", "The cohort is given twice; drop cohort or Filter.in_cohort.")
    if len(inside) > 1:
        error(found, "U13", "where", "Only one cohort can be asked for; join them in a definition.")
    if given["include_all_users"] and given["cohort"] is None and not inside:
        error(found, "U7", "include_all_users", "include_all_users needs a cohort.")


def _values(given: dict[str, Any], found: Found) -> None:
    if given["distinct_id"] is not None and given["distinct_ids"] is not None:
        error(found, "U1", "distinct_id", "Give distinct_id or distinct_ids, not both.")
    if given["distinct_ids"] is not None and not given["distinct_ids"]:
        error(found, "U4", "distinct_ids", "distinct_ids is empty; leave it out.")
    limit = given["limit"]
    if limit is not None and (type(limit) is not int or limit <= 0):
        error(found, "U3", "limit", f"limit must be a positive whole number, not {shown(limit)}.")
    group = given["group_id"]
    if group is not None and not isinstance(group, str):
        error(found, "U35", "group_id", f"group_id is text, not {shown(group)}.")
    for name in LISTS:
        if given[name] is not None and not isinstance(given[name], list | tuple):
            error(found, "U33", name, f"{name} is a list, not {shown(given[name])}.")
    if given["sort_by"] is not None and is_blank(given["sort_by"]):
        error(found, "U5", "sort_by", "sort_by is blank; name a property.")
    if given["properties"] is not None:
        _properties(given["properties"], found)
    if given["segment_by"] is not None:
        _segments(given["segment_by"], found)
    percentile = given["percentile"]
    if not _is_percentile(percentile):
        error(
            found,
            "U28",
            "percentile",
            f"percentile lies between 0 and 100, not {shown(percentile)}.",
        )
    workers = given["workers"]
    if type(workers) is not int or not 1 <= workers <= WORKERS_MAX:
        error(found, "U23", "workers", f"workers must be 1 to {WORKERS_MAX}, not {shown(workers)}.")


def _is_percentile(value: Any) -> bool:
    return value is None or (is_number(value) and 0 < value < 100)


def _properties(properties: Any, found: Found) -> None:
    if not properties:
        error(found, "U29", "properties", "properties is empty; leave it out for all of them.")
    for index, name in enumerate(items_of(properties)):
        if is_blank(name):
            error(found, "U11", f"properties[{index}]", "The property is blank; name one.")


def _segments(cohorts: Any, found: Found) -> None:
    for index, cohort in enumerate(items_of(cohorts)):
        if type(cohort) is not int or cohort <= 0:
            error(
                found,
                "U17",
                f"segment_by[{index}]",
                f"A cohort id is a positive number, not {shown(cohort)}.",
            )


def _as_of(as_of: Any, found: Found) -> None:
    if as_of is None:
        return
    if type(as_of) is int:
        moment = as_of
    elif date_problem(as_of):
        error(found, "U6", "as_of", f"as_of is a date like '2025-01-31', not {shown(as_of)}.")
        return
    else:
        moment = int(datetime.fromisoformat(as_of).replace(tzinfo=UTC).timestamp())
    if moment > datetime.now(UTC).timestamp():
        error(found, "U8", "as_of", f"as_of {shown(as_of)} lies in the future.")


def _aggregate(given: dict[str, Any], found: Found) -> None:
    kind, prop, percentile = given["aggregate"], given["aggregate_property"], given["percentile"]
    if kind == "count" and prop is not None:
        error(found, "U15", "aggregate_property", "Counting takes no aggregate_property.")
    if kind != "count" and prop is None:
        error(found, "U14", "aggregate_property", f"aggregate={shown(kind)} needs a property.")
    if kind == "percentile" and percentile is None:
        error(found, "U26", "percentile", "aggregate='percentile' needs percentile, as in 95.")
    if kind != "percentile" and percentile is not None:
        error(found, "U27", "percentile", "percentile goes with aggregate='percentile' only.")
    for code, name in PROFILES_ONLY:
        if given[name] is not None and given[name] is not False:
            error(found, code, name, f"{name} goes with mode='profiles' only.")
    if given["distinct_id"] is not None or given["distinct_ids"] is not None:
        error(found, "U21", "distinct_id", "Ids go with mode='profiles' only.")


def _profiles(given: dict[str, Any], found: Found) -> None:
    if given["segment_by"] is not None:
        error(found, "U16", "segment_by", "segment_by goes with mode='aggregate' only.")
    for name, default in IDLE.items():
        if given[name] != default and (name != "percentile" or _is_percentile(given[name])):
            error(found, "U31", name, f"{name} goes with mode='aggregate' only.")
