"""Reads clauses: each becomes keyword arguments of the factory that makes its kind of question.

The surprise: in `users`, clauses that only a list of profiles takes (sort, search, …) ask for that
list by themselves.
"""

from __future__ import annotations

from typing import Any

from lark import Token

from mpnb.query.behavior import BehaviorRef
from mpnb.query.question import Extra
from mpnb.query.window import TimeComparison
from mpnb.text.read_value import json_value, tree
from mpnb.text.reading import Node, Reading, rule
from mpnb.text.words import AGGREGATES, CADENCES, DAYS_IN, DIRECTIONS

Values = dict[str, Any]


# --- shared -------------------------------------------------------------------------------------


@rule("where")
def _where(reading: Reading, node: Node) -> Values:
    filters = tree(node.children[0])
    combinator, found = reading.read(filters)
    if combinator == "any":
        raise reading.error(
            filters,
            "Conditions of a whole question are joined by and.",
            'For one property write in ("a", "b"); or put the conditions behind an event.',
        )
    return {"where": found}


@rule("by")
def _by(reading: Reading, node: Node) -> Values:
    name = "segments" if reading.kind == "flow" else "group_by"
    return {name: reading.all(node)}


@rule("range_last")
def _range_last(reading: Reading, node: Node) -> Values:
    count, unit, *per = (tree(child) for child in node.children)
    word = reading.read(unit)
    if word not in DAYS_IN:
        raise reading.error(unit, f"A range is not counted in {word}s.", "Use days, weeks, months.")
    return {"last": reading.whole(count) * DAYS_IN[word], **_per_of(reading, per)}


@rule("range_dates")
def _range_dates(reading: Reading, node: Node) -> Values:
    first, last, *per = (tree(child) for child in node.children)
    return {
        "from_date": reading.read(first),
        "to_date": reading.read(last),
        **_per_of(reading, per),
    }


@rule("range_since")
def _range_since(reading: Reading, node: Node) -> Values:
    first, *per = (tree(child) for child in node.children)
    return {"from_date": reading.read(first), **_per_of(reading, per)}


def _per_of(reading: Reading, per: list[Node]) -> Values:
    if per and reading.kind == "flow":
        raise reading.error(per[0], "A flow has no unit of time.", "Leave it out.")
    return reading.read(per[0]) if per else {}


@rule("per")
def _per(reading: Reading, node: Node) -> Values:
    return {"unit": reading.only(node)}


@rule("compare_previous")
def _compare_previous(reading: Reading, node: Node) -> Values:
    return {"time_comparison": TimeComparison.relative(reading.only(node))}


@rule("compare_starting")
def _compare_starting(reading: Reading, node: Node) -> Values:
    return {"time_comparison": TimeComparison.absolute_start(reading.only(node))}


@rule("compare_ending")
def _compare_ending(reading: Reading, node: Node) -> Values:
    return {"time_comparison": TimeComparison.absolute_end(reading.only(node))}


@rule("data_group")
def _data_group(reading: Reading, node: Node) -> Values:
    return {"data_group_id": reading.whole(tree(node.children[0]))}


@rule("extra")
def _extra(reading: Reading, node: Node) -> Extra:
    path, value = (json_value(reading, child) for child in node.children)
    steps = path if isinstance(path, list) else [path]
    if not steps or not all(type(step) in (str, int) for step in steps):
        raise reading.error(
            node, "The path of an extra is a list of keys.", 'Write: extra ["a", 0, "b"] = 1.'
        )
    return Extra(tuple(steps), value)


@rule("params")
def _params(reading: Reading, node: Node) -> Any:
    return json_value(reading, node.children[0])


@rule("cumulative")
def _cumulative(reading: Reading, node: Node) -> Values:
    return {"retention_cumulative" if reading.kind == "retention" else "cumulative": True}


@rule("window")
def _window(reading: Reading, node: Node) -> Values:
    count, unit = (tree(child) for child in node.children)
    return {
        "conversion_window": reading.whole(count),
        "conversion_window_unit": reading.read(unit),
    }


@rule("order")
def _order(reading: Reading, node: Node) -> Values:
    return {"order": str(node.children[0])}


@rule("insights_mode", "funnel_mode", "retention_mode", "flow_mode")
def _mode(reading: Reading, node: Node) -> Values:
    return {"mode": str(node.children[0])}


@rule("rolling")
def _rolling(reading: Reading, node: Node) -> Values:
    return {"rolling": reading.whole(tree(node.children[0]))}


# --- funnel and retention -----------------------------------------------------------------------


@rule("behavior_ref")
def _behavior_ref(reading: Reading, node: Node) -> Values:
    behavior_id = reading.whole(tree(node.children[0]))
    if reading.kind == "retention":
        return {"born_event": BehaviorRef(behavior_id, "retention")}
    return {"steps": BehaviorRef(behavior_id, "funnel")}


@rule("funnel_steps", "flow_steps")
def _steps(reading: Reading, node: Node) -> Values:
    return {"steps": reading.all(node)}


@rule("retention_pair")
def _pair(reading: Reading, node: Node) -> Values:
    born, back = reading.all(node)
    return {"born_event": born, "return_event": back}


@rule("reentry")
def _reentry(reading: Reading, node: Node) -> Values:
    return {"reentry_mode": str(node.children[0])}


@rule("funnel_math")
def _funnel_math(reading: Reading, node: Node) -> Values:
    math, *rest = node.children
    found: Values = {"math": str(math)}
    if rest:
        named, resource = reading.read(tree(rest[0]))
        if resource == "people":
            raise reading.error(tree(rest[0]), "A math needs a property of events here.")
        found["math_property"] = named
    return found


@rule("retention_math")
def _retention_math(reading: Reading, node: Node) -> Values:
    return {"math": str(node.children[0])}


@rule("buckets_at")
def _buckets_at(reading: Reading, node: Node) -> Values:
    trees = [tree(child) for child in node.children]
    sizes = [reading.whole(child) for child in trees if child.data == "number"]
    units = [child for child in trees if child.data == "unit"]
    if not units:
        return {"bucket_sizes": sizes}
    return {"bucket_sizes": sizes, "bucket_unit": (reading.read(units[0]), units[0])}


def settle_bucket_unit(reading: Reading, values: Values) -> Values:
    """Let `at days …` name the unit of the buckets; another cadence beside it is of the cohorts."""
    unit, place = values.pop("bucket_unit", (None, None))
    if unit is None:
        return values
    cadence = values.get("retention_unit", unit)
    values["retention_unit"] = unit
    if cadence != unit and (
        reading.kind != "retention" or values.setdefault("unit", cadence) != cadence
    ):
        word = next(word for word, meant in CADENCES.items() if meant == cadence)
        raise reading.error(
            place, f"It says {word}, but counts buckets in {unit}s.", "Leave one of them out."
        )
    return values


# --- flow ---------------------------------------------------------------------------------------


@rule("forward")
def _forward(reading: Reading, node: Node) -> Values:
    return {"forward": reading.whole(tree(node.children[0]))}


@rule("back")
def _back(reading: Reading, node: Node) -> Values:
    return {"reverse": reading.whole(tree(node.children[0]))}


@rule("top")
def _top(reading: Reading, node: Node) -> Values:
    return {"cardinality": reading.whole(tree(node.children[0]))}


@rule("collapse")
def _collapse(reading: Reading, node: Node) -> Values:
    return {"collapse_repeated": True}


@rule("hide")
def _hide(reading: Reading, node: Node) -> Values:
    return {"hidden_events": reading.all(node)}


@rule("excluding_events")
def _excluding_events(reading: Reading, node: Node) -> Values:
    return {"exclusions": reading.all(node)}


@rule("count_by")
def _count_by(reading: Reading, node: Node) -> Values:
    return {"count_type": str(node.children[0])}


# --- users --------------------------------------------------------------------------------------


@rule("show")
def _show(reading: Reading, node: Node) -> Values:
    return {"properties": reading.all(node)}


@rule("profiles")
def _profiles(reading: Reading, node: Node) -> Values:
    return {"mode": "profiles"}


@rule("aggregate")
def _aggregate(reading: Reading, node: Node) -> Values:
    found: Values = {"aggregate": AGGREGATES[str(node.children[0])]}
    names = {"number": "percentile", "name": "aggregate_property"}
    for child in node.children[1:]:
        found[names[str(tree(child).data)]] = reading.read(tree(child))
    return found


@rule("user_where")
def _user_where(reading: Reading, node: Node) -> Values:
    inner = tree(node.children[0])
    return {"where": reading.read(inner)} if inner.data == "string" else _where(reading, node)


@rule("user_cohort")
def _user_cohort(reading: Reading, node: Node) -> Values:
    inner = tree(node.children[0])
    found = reading.whole(inner) if inner.data == "number" else reading.read(inner)
    return {"cohort": found}


@rule("all_users")
def _all_users(reading: Reading, node: Node) -> Values:
    return {"include_all_users": True}


@rule("by_cohorts")
def _by_cohorts(reading: Reading, node: Node) -> Values:
    return {"segment_by": [reading.whole(tree(child)) for child in node.children]}


@rule("sort")
def _sort(reading: Reading, node: Node) -> Values:
    found: Values = {}
    for child in node.children:
        if isinstance(child, Token):
            found["sort_order"] = DIRECTIONS[str(child)]
        else:
            found["sort_by"] = reading.read(child)
    return found


@rule("search")
def _search(reading: Reading, node: Node) -> Values:
    return {"search": reading.only(node)}


@rule("one_id")
def _one_id(reading: Reading, node: Node) -> Values:
    return {"distinct_id": reading.only(node)}


@rule("many_ids")
def _many_ids(reading: Reading, node: Node) -> Values:
    return {"distinct_ids": reading.all(node)}


@rule("as_of")
def _as_of(reading: Reading, node: Node) -> Values:
    inner = tree(node.children[0])
    return {"as_of": reading.whole(inner) if inner.data == "number" else reading.read(inner)}


@rule("limit")
def _limit(reading: Reading, node: Node) -> Values:
    return {"limit": reading.whole(tree(node.children[0]))}


@rule("no_limit")
def _no_limit(reading: Reading, node: Node) -> Values:
    return {"limit": None}


@rule("group")
def _group(reading: Reading, node: Node) -> Values:
    return {"group_id": reading.only(node)}


@rule("parallel")
def _parallel(reading: Reading, node: Node) -> Values:
    return {"parallel": True}


@rule("workers")
def _workers(reading: Reading, node: Node) -> Values:
    return {"workers": reading.whole(tree(node.children[0]))}


LISTED = (
    *("properties", "sort_by", "search", "distinct_id", "distinct_ids"),
    *("as_of", "parallel"),
)
"""Arguments that only a list of profiles takes."""


def settle_user_mode(values: Values) -> Values:
    """Ask for a list of profiles where a clause needs one."""
    if any(name in values for name in LISTED):
        values.setdefault("mode", "profiles")
    return values
