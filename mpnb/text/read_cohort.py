"""Reads cohorts that are defined in the cell: criteria joined by and/or, nested by parentheses.

The surprise: `did` and a test of a property mean something else here than in a where clause; they
become criteria on users, and properties are those of profiles.
"""

from __future__ import annotations

from typing import Any

from lark import Token

from mpnb.errors import MixpanelHeadlessError
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.text.read_value import tree
from mpnb.text.reading import Node, Reading, place_error, rule, span_of

HAS_PROPERTY = {
    "equals": "equals",
    "does not equal": "not_equals",
    "contains": "contains",
    "does not contain": "not_contains",
    "is greater than": "greater_than",
    "is less than": "less_than",
    "is set": "is_set",
    "is not set": "is_not_set",
}
"""Wire operator → how a criterion on a profile property calls it."""

WINDOWS = {"day": "within_days", "week": "within_weeks", "month": "within_months"}
THRESHOLDS = {"is at least": "at_least", "is at most": "at_most", "is equal to": "exactly"}


@rule("definition_all", "definition_any")
def _definition(reading: Reading, node: Node) -> CohortDefinition:
    criteria = [_criterion(reading, tree(child)) for child in node.children]
    make = CohortDefinition.any_of if node.data == "definition_any" else CohortDefinition.all_of
    return make(*criteria)


def _criterion(reading: Reading, node: Node) -> CohortCriteria | CohortDefinition:
    readers = {
        "did": _did,
        "did_not": _did_not,
        "property_filter": _has_property,
        "cohort_filter": _membership,
    }
    try:
        reader = readers.get(str(node.data))
        found = reader(reading, node) if reader else reading.read(node)
    except MixpanelHeadlessError as error:
        place_error(error, span_of(node))
        raise
    assert isinstance(found, CohortCriteria | CohortDefinition)
    return found


@rule("raw_criterion")
def _raw_criterion(reading: Reading, node: Node) -> CohortCriteria:
    raw = reading.only(node)
    if not isinstance(raw, dict) or not isinstance(raw.get("selector"), dict):
        raise reading.error(node, 'A raw criterion is an object with a "selector".')
    return CohortCriteria(raw["selector"], raw.get("key"), raw.get("behavior"))


def _did(reading: Reading, node: Node) -> CohortCriteria:
    found = reading.by_rule(node)
    if "label" in found:
        raise reading.error(node, "A criterion has no name of its own.", "Name the cohort.")
    if "did_times" not in found:
        raise reading.error(node, "How often?", 'Write: did "Event" at least 3 times.')
    operator, value = found["did_times"]
    if operator not in THRESHOLDS:
        raise reading.error(
            node, "A cohort counts at least, at most or exactly.", "Write: at least 3 times."
        )
    call: dict[str, Any] = {THRESHOLDS[operator]: value, **_when(reading, node, found)}
    if "did_where" in found:
        call["where"] = found["did_where"]
    if "did_with" in found:
        call["aggregation"], call["aggregation_property"] = found["did_with"]
    return CohortCriteria.did_event(found["string"], **call)


def _did_not(reading: Reading, node: Node) -> CohortCriteria:
    found = reading.by_rule(node)
    for odd in ("did_times", "did_where", "did_with", "label"):
        if odd in found:
            raise reading.error(
                node,
                "After did not, only a time may stand.",
                'Write: did not "Event" within 30 days.',
            )
    return CohortCriteria.did_not_do_event(found["string"], **_when(reading, node, found))


def _when(reading: Reading, node: Node, found: dict[str, Any]) -> dict[str, Any]:
    when: dict[str, Any] = {}
    if "did_within" in found:
        count, unit = found["did_within"]
        if unit not in WINDOWS:
            raise reading.error(node, f"A cohort does not look back {unit}s.", "Use days.")
        when[WINDOWS[unit]] = count
    if "did_between" in found:
        when["from_date"], when["to_date"] = found["did_between"]
    return when


def _has_property(reading: Reading, node: Node) -> CohortCriteria:
    trees = [tree(child) for child in node.children]
    named, _ = reading.read(trees[0])
    kind = reading.read(trees[1]) if len(trees) > 2 else None
    operator, value, implied, _ = reading.read(trees[-1])
    if not isinstance(named, str) or operator not in HAS_PROPERTY:
        raise reading.error(
            node,
            "A cohort cannot test a property this way.",
            "It knows = != contains > < is set, on profile properties by name.",
        )
    if trees[-1].data == "test_value" and isinstance(value, list):
        value = value[0]
    call = {"operator": HAS_PROPERTY[operator], "property_type": kind or implied}
    return CohortCriteria.has_property(named, "" if value is None else value, **call)


def _membership(reading: Reading, node: Node) -> CohortCriteria:
    word, cohort, *label = node.children
    if label or tree(cohort).data != "number":
        raise reading.error(node, "A criterion names a cohort by its id.", "Write: in cohort 123.")
    inside = isinstance(word, Token) and word.type == "IN_COHORT"
    make = CohortCriteria.in_cohort if inside else CohortCriteria.not_in_cohort
    return make(reading.whole(tree(cohort)))
