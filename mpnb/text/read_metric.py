"""Reads what a question is about: events, metrics, behaviors and steps.

The surprise: inside behaviors a plain name and a step without settings are different parts; the
word `step` before the name makes the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lark import Token

from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.metric import (
    CohortMetric,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FlowStep,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.text.read_clause import settle_bucket_unit
from mpnb.text.read_filter import event_only
from mpnb.text.read_value import tree
from mpnb.text.reading import Node, Reading, rule, span_of
from mpnb.text.value import unquote
from mpnb.text.words import CADENCES

COMPUTED = 'Count a computed property: custom user property ("A", A = user.plan).'

# --- events -------------------------------------------------------------------------------------


@rule("custom_event")
def _custom_event(reading: Reading, node: Node) -> CustomEventRef:
    return CustomEventRef(reading.whole(tree(node.children[0])))


@rule("any_event")
def _any_event(reading: Reading, node: Node) -> list[Any]:
    return reading.all(node)


@rule("event_set")
def _event_set(reading: Reading, node: Node) -> SimpleBehavior:
    trees = [tree(child) for child in node.children]
    label = reading.read(trees.pop()) if trees[-1].data == "label" else None
    return SimpleBehavior([_member(reading, child) for child in trees], label)


def _member(reading: Reading, node: Node) -> str | CustomEventRef | FunnelStep:
    """Read one event of a behavior: a bare name, or a step when anything is said of it."""
    only = tree(node.children[0]) if not isinstance(node.children[0], Token) else None
    if only is not None and len(node.children) == 1:
        event = reading.read(only)
        assert isinstance(event, str | CustomEventRef)
        return event
    step = reading.read(node)
    assert isinstance(step, FunnelStep)
    return step


def _named(reading: Reading, node: Node) -> str:
    """Read the event of a step; a custom event has its name there."""
    event = reading.read(node)
    return f"$custom_event:{event.id}" if isinstance(event, CustomEventRef) else str(event)


# --- metrics ------------------------------------------------------------------------------------


@rule("event_metric", "property_metric", "percentile_metric")
def _event_metric(reading: Reading, node: Node) -> Metric:
    math = "percentile" if node.data == "percentile_metric" else "total"
    settings: dict[str, Any] = {}
    event: Any = None
    for child in node.children:
        if isinstance(child, Token):
            math = str(child)
        elif child.data == "property":
            settings["property"] = event_only(reading, child, COMPUTED)
        elif child.data == "number":
            settings["percentile_value"] = reading.read(child)
        elif str(child.data) in _METRIC_SETTINGS:
            _set(reading, child, settings, _METRIC_SETTINGS)
        else:
            event = _event(reading, child, "simple")
    return Metric(event, math, **settings)  # type: ignore[arg-type]  # the part checks its words


def _event(reading: Reading, node: Node, kind: Any) -> Any:
    if node.data == "behavior_ref":
        return BehaviorRef(reading.whole(tree(node.children[0])), kind)
    return reading.read(node)


_METRIC_SETTINGS = {
    "filtered": "filters",
    "per_user": "per_user",
    "segment": "segment_method",
    "percentile": "percentile_value",
}
_REF_SETTINGS = {
    "label": "label",
    "per_user": "per_user",
    "segment": "segment_method",
    "percentile": "percentile_value",
    "mod_math": "math",
    "mod_property": "property",
    "mod_step": "step_index",
    "mod_bucket": "bucket_index",
    "mod_order": "funnel_order",
    "mod_type": "type",
    "mod_hidden": "hidden",
    "mod_shown": "hidden",
    "mod_overrides": "overrides",
}
_COHORT_SETTINGS = {"label": "name"}
_FUNNEL_SETTINGS = {
    "label": "label",
    "mod_math": "math",
    "mod_property": "property",
    "mod_step": "step_index",
}
_RETENTION_SETTINGS = {
    "label": "label",
    "mod_math": "math",
    "mod_property": "property",
    "mod_bucket": "bucket_index",
    "mod_cumulative": "retention_cumulative",
}


def _set(reading: Reading, node: Node, settings: dict[str, Any], known: Mapping[str, str]) -> None:
    """Read a setting of a metric into keyword arguments."""
    name = known.get(str(node.data))
    if name is None:
        says = ", ".join(rule.removeprefix("mod_").replace("_", " ") for rule in known)
        raise reading.error(node, "This metric has no such setting.", f"It takes: {says}.")
    if name in settings:
        raise reading.error(node, "This is said twice.", "Leave one of them out.")
    value = reading.read(node)
    if name == "filters":
        settings["filters_combinator"], value = value
    settings[name] = value


def _settings(reading: Reading, node: Node, known: Mapping[str, str]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for child in node.children[1:]:
        _set(reading, tree(child), settings, known)
    return settings


@rule("per_user", "segment", "mod_math", "mod_order", "mod_type")
def _word(reading: Reading, node: Node) -> str:
    return str(node.children[0])


@rule("percentile", "mod_overrides")
def _single(reading: Reading, node: Node) -> Any:
    return reading.only(node)


@rule("mod_property")
def _mod_property(reading: Reading, node: Node) -> Any:
    return event_only(reading, tree(node.children[0]), COMPUTED)


@rule("mod_step")
def _mod_step(reading: Reading, node: Node) -> int:
    return reading.whole(tree(node.children[0])) - 1


@rule("mod_bucket")
def _mod_bucket(reading: Reading, node: Node) -> int:
    return reading.whole(tree(node.children[0]))


@rule("mod_hidden", "mod_cumulative")
def _yes(reading: Reading, node: Node) -> bool:
    return True


@rule("mod_shown")
def _no(reading: Reading, node: Node) -> bool:
    return False


@rule("metric_ref")
def _metric_ref(reading: Reading, node: Node) -> MetricRef:
    settings = _settings(reading, node, _REF_SETTINGS)
    return MetricRef(reading.whole(tree(node.children[0])), **settings)


@rule("cohort_metric")
def _cohort_metric(reading: Reading, node: Node) -> CohortMetric:
    settings = _settings(reading, node, _COHORT_SETTINGS)
    return CohortMetric(reading.whole(tree(node.children[0])), **settings)


@rule("funnel_metric")
def _funnel_metric(reading: Reading, node: Node) -> FunnelMetric:
    settings = _settings(reading, node, _FUNNEL_SETTINGS)
    return FunnelMetric(_behavior(reading, tree(node.children[0]), "funnel"), **settings)


@rule("retention_metric")
def _retention_metric(reading: Reading, node: Node) -> RetentionMetric:
    settings = _settings(reading, node, _RETENTION_SETTINGS)
    return RetentionMetric(_behavior(reading, tree(node.children[0]), "retention"), **settings)


def _behavior(reading: Reading, node: Node, kind: Any) -> Any:
    if node.data == "number":
        return BehaviorRef(reading.whole(node), kind)
    return reading.read(node)


@rule("formula")
def _formula(reading: Reading, node: Node) -> Formula:
    word = node.children[0]
    quoted = isinstance(word, Token) and word.type == "STRING"
    expression = unquote(str(word)) if quoted else str(word).rstrip()
    rest = {str(tree(child).data): reading.read(tree(child)) for child in node.children[1:]}
    return Formula(expression, rest.get("label"), rest.get("operands"))


@rule("operands")
def _operands(reading: Reading, node: Node) -> list[Any]:
    return reading.all(node)


# --- behaviors and steps ------------------------------------------------------------------------


@rule("funnel_behavior")
def _funnel_behavior(reading: Reading, node: Node) -> FunnelBehavior:
    steps, *rest = [tree(child) for child in node.children]
    settings = clause_values(reading, rest)
    for setting, name in (("exclusions", "event"), ("holding_constant", "property")):
        if setting in settings:
            settings[setting] = [
                getattr(item, name) if id(item) in reading.plain else item
                for item in settings[setting]
            ]
    events: list[Any] = [_member(reading, tree(child)) for child in steps.children]
    return FunnelBehavior(events, **settings)


@rule("retention_behavior")
def _retention_behavior(reading: Reading, node: Node) -> RetentionBehavior:
    pair, *rest = [tree(child) for child in node.children]
    born, back = (_retention_member(reading, tree(child)) for child in pair.children)
    values = settle_bucket_unit(reading, clause_values(reading, rest))
    return RetentionBehavior(born, back, **values)


def _retention_member(reading: Reading, node: Node) -> str | RetentionEvent:
    if len(node.children) == 1:
        return _named(reading, tree(node.children[0]))
    event = reading.read(node)
    assert isinstance(event, RetentionEvent)
    return event


def clause_values(reading: Reading, clauses: list[Node]) -> dict[str, Any]:
    """Read clauses, each of which gives keyword arguments; saying one twice is an error."""
    values: dict[str, Any] = {}
    for clause in clauses:
        for name, value in reading.read(clause).items():
            if name in values:
                raise reading.error(clause, "This is said twice.", "Leave one of them out.")
            values[name] = value
    return values


@rule("funnel_step")
def _funnel_step(reading: Reading, node: Node) -> FunnelStep:
    return FunnelStep(**_step(reading, node))


@rule("retention_step")
def _retention_step(reading: Reading, node: Node) -> RetentionEvent:
    return RetentionEvent(**_step(reading, node))


@rule("flow_step")
def _flow_step(reading: Reading, node: Node) -> FlowStep:
    first = tree(node.children[0])
    step = _step(reading, node)
    if first.data in ("session_start", "session_end"):
        word = str(first.data).removeprefix("session_")
        return FlowStep(**{**step, "event": f"$session_{word}", "session_event": word})
    return FlowStep(**step)


def _step(reading: Reading, node: Node) -> dict[str, Any]:
    """Read a step into keyword arguments."""
    trees = [child for child in node.children if not isinstance(child, Token)]
    settings: dict[str, Any] = {"event": _named(reading, trees[0])}
    names = {"filtered": "filters", "label": "label"}
    for child in trees[1:]:
        value = reading.read(child)
        if not isinstance(value, dict):
            name = names[str(child.data)]
            value = (
                {"filters_combinator": value[0], name: value[1]}
                if name == "filters"
                else {name: value}
            )
        if settings.keys() & value.keys():
            raise reading.error(child, "This is said twice.", "Leave one of them out.")
        settings |= value
    return settings


@rule("step_order")
def _step_order(reading: Reading, node: Node) -> dict[str, str]:
    return {"order": str(node.children[0])}


@rule("session_start", "session_end")
def _session(reading: Reading, node: Node) -> str:
    return f"${node.data}"


@rule("exclusion_anywhere")
def _exclusion_anywhere(reading: Reading, node: Node) -> Exclusion:
    exclusion = Exclusion(reading.only(node))
    reading.plain.add(id(exclusion))
    return exclusion


@rule("exclusion_between")
def _exclusion_between(reading: Reading, node: Node) -> Exclusion:
    event, first, last = (tree(child) for child in node.children)
    low, high = reading.whole(first) - 1, reading.whole(last) - 1
    return Exclusion(reading.read(event), low, high)


@rule("exclusion_after")
def _exclusion_after(reading: Reading, node: Node) -> Exclusion:
    event, first = (tree(child) for child in node.children)
    return Exclusion(reading.read(event), reading.whole(first) - 1)


@rule("excluding")
def _excluding(reading: Reading, node: Node) -> dict[str, Any]:
    return {"exclusions": reading.all(node)}


@rule("event_property")
def _event_property(reading: Reading, node: Node) -> str:
    return str(reading.only(node))


@rule("holding")
def _holding(reading: Reading, node: Node) -> dict[str, Any]:
    return {"holding_constant": [_held(reading, tree(child)) for child in node.children]}


def _held(reading: Reading, node: Node) -> HoldingConstant:
    if node.data == "event_property":
        return HoldingConstant(reading.read(node))
    named, resource = reading.read(node)
    if not isinstance(named, str):
        raise reading.error(node, "Only a property by name can be held constant.")
    held = HoldingConstant(named, resource)
    reading.parts.append((held, span_of(node)))
    if resource == "events":
        reading.plain.add(id(held))
    return held


@rule("retention_unit")
def _retention_unit(reading: Reading, node: Node) -> dict[str, str]:
    return {"retention_unit": CADENCES[str(node.children[0])]}


@rule("align")
def _align(reading: Reading, node: Node) -> dict[str, str]:
    return {"alignment": str(node.children[0])}


@rule("unbounded")
def _unbounded(reading: Reading, node: Node) -> dict[str, str]:
    return {"unbounded_mode": str(node.children[0])}
