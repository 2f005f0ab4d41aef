"""Calls as text become plain parts, without a class of the package.

Enters ``ws.query("A", where=Filter.equals("p", "x"))``; leaves `Part("query", events="A", …)`. The
surprise: a factory's part carries the factory's name, such as ``Filter.equals``, and its arguments.
"""

from __future__ import annotations

from typing import Any

SIGNATURES = {
    "Metric": "event math property per_user percentile_value filters filters_combinator"
    " segment_method",
    "Formula": "expression label metrics",
    "FunnelMetric": "behavior math property step_index label",
    "RetentionMetric": "behavior math bucket_index retention_cumulative property label",
    "FunnelBehavior": "steps conversion_window conversion_window_unit order exclusions"
    " holding_constant reentry_mode",
    "RetentionBehavior": "born_event return_event retention_unit alignment bucket_sizes"
    " unbounded_mode",
    "SimpleBehavior": "events name",
    "CohortMetric": "cohort name",
    "CohortBreakdown": "cohort name include_negated",
    "FrequencyBreakdown": "event bucket_size bucket_min bucket_max label",
    "FrequencyFilter": "event value operator date_range_value date_range_unit event_filters label",
    "GroupBy": "property property_type bucket_size bucket_min bucket_max mode resource_type",
    "GroupBy.list_item": "property sub",
    "InlineCustomProperty": "formula inputs property_type resource_type",
    "PropertyInput": "name type resource_type",
    "CustomPropertyRef": "id",
    "CustomEventRef": "id",
    "FunnelStep": "event label filters filters_combinator order",
    "Exclusion": "event from_step to_step",
    "HoldingConstant": "property resource_type",
    "RetentionEvent": "event filters filters_combinator",
    "FlowStep": "event forward reverse label filters filters_combinator session_event",
    "TimeComparison.relative": "unit",
    "TimeComparison.absolute_start": "date",
    "TimeComparison.absolute_end": "date",
    "CohortCriteria.did_event": "event",
    "CohortCriteria.did_not_do_event": "event",
    "CohortCriteria.has_property": "property value",
    "CohortCriteria.property_is_set": "property",
    "CohortCriteria.property_is_not_set": "property",
    "CohortCriteria.in_cohort": "cohort",
    "CohortCriteria.not_in_cohort": "cohort",
    "Filter.in_cohort": "cohort name",
    "Filter.not_in_cohort": "cohort name",
    "Filter.between": "property low high",
    "Filter.not_between": "property low high",
    "Filter.date_between": "property low high",
    "Filter.date_not_between": "property low high",
    "Filter.in_the_last": "property value unit",
    "Filter.not_in_the_last": "property value unit",
    "Filter.in_the_next": "property value unit",
    "query": "events",
    "query_funnel": "steps",
    "query_retention": "born_event return_event",
    "query_flow": "event",
    "query_user": "",
    "segmentation": "event",
    "segmentation_numeric": "event",
    "segmentation_sum": "event",
    "segmentation_average": "event",
    "event_counts": "events",
    "property_counts": "event property_name",
    "frequency": "",
    "retention": "",
}
REST = {"Filter.list_contains", "CohortDefinition", "CohortDefinition.all_of"}
ANY_OF = "CohortDefinition.any_of"


class Part(dict[str, Any]):
    """One part of a question: its arguments by name, absent ones read as None."""

    def __init__(self, kind: str, arguments: dict[str, Any]) -> None:
        super().__init__(arguments)
        self.kind = kind

    def __getattr__(self, name: str) -> Any:
        return self.get(name)


class _Maker:
    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, *given: Any, **named: Any) -> Part:
        if self.kind in REST or self.kind == ANY_OF:
            start = 1 if self.kind == "Filter.list_contains" else 0
            rest = {"property": given[0]} if start else {}
            return Part(self.kind, {**rest, "parts": list(given[start:]), "equals": named})
        names = SIGNATURES.get(self.kind, "property value").split()
        return Part(self.kind, {**dict(zip(names, given, strict=False)), **named})

    def __getattr__(self, name: str) -> Any:
        if f"{self.kind}.{name}" == "InlineCustomProperty.numeric":
            return _numeric
        return _Maker(f"{self.kind}.{name}")


def _numeric(formula: str, **properties: str) -> Part:
    inputs = {
        k: Part("PropertyInput", {"name": v, "type": "number"}) for k, v in properties.items()
    }
    named = {"formula": formula, "inputs": inputs, "property_type": "number"}
    return Part("InlineCustomProperty", named)


class _Workspace:
    def __getattr__(self, name: str) -> _Maker:
        return _Maker(name)


class _Names(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        return _Workspace() if name == "ws" else _Maker(name)


def read(text: Any) -> Any:
    """The parts that a call or an expression says; what is not text stays."""
    if not isinstance(text, str):
        return text
    return eval(text, {"__builtins__": {}}, _Names())


def many(given: Any) -> list[Any]:
    """One thing or several, as a list."""
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def part_of(given: Any, kind: str, field: str = "event") -> Part:
    """A plain name as the part that stands for it."""
    return given if isinstance(given, Part) else Part(kind, {field: given})
