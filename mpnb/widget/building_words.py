"""How the form of a builder says things: labels, what is in view, and what each field picks from.

Nothing enters, tables leave. The surprise: a field that stands in no table still has a control; it
is then labelled by its own name, explained by its factory's docstring, and found under “More”.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.math import (
    FUNNEL_MATHS,
    INSIGHTS_MATHS,
    PER_USER_AGGREGATIONS,
    RETENTION_MATHS,
    Math,
)
from mpnb.query.operators import OPERATORS
from mpnb.query.retention import retention
from mpnb.query.users import users

IN_VIEW: Final[Mapping[str, tuple[str, ...]]] = {
    "InsightsQuery": ("metrics", "group_by", "where", "range", "unit", "mode"),
    "FunnelQuery": (
        *("steps", "conversion_window", "conversion_window_unit", "group_by", "where", "range"),
        *("math", "mode"),
    ),
    "RetentionQuery": (
        *("born_event", "return_event", "retention_unit", "group_by", "where", "range", "mode"),
    ),
    "FlowQuery": ("steps", "forward", "reverse", "where", "range", "mode"),
    "UserQuery": ("mode", "where", "cohort", "aggregate", "properties", "limit"),
    "Metric": ("event", "math", "filters"),
    "FunnelStep": ("event", "filters"),
    "RetentionEvent": ("event", "filters"),
    "FlowStep": ("event", "filters"),
    "Filter": ("property", "operator", "value"),
    "FrequencyFilter": ("event", "operator", "value"),
    "GroupBy": ("property",),
    "MetricRef": ("id", "label"),
    "FunnelMetric": ("behavior", "math"),
    "RetentionMetric": ("behavior", "math"),
    "FunnelBehavior": ("steps", "conversion_window", "conversion_window_unit"),
    "RetentionBehavior": ("born_event", "return_event", "retention_unit"),
    "Formula": ("expression", "label"),
}
"""What a part shows at first, besides whatever differs from its default; the rest is under “More”.
A part that is not listed shows all."""

LABELS: Final[Mapping[str, str]] = {
    "metrics": "Count",
    "group_by": "Break down by",
    "where": "Only where",
    "filters": "where",
    "range": "When",
    "last": "Last days",
    "unit": "Per",
    "mode": "Show",
    "math": "How",
    "math_property": "Property",
    "per_user": "First per user",
    "conversion_window": "Within",
    "conversion_window_unit": "Unit",
    "born_event": "Born by",
    "return_event": "Returns with",
    "retention_unit": "Retention per",
    "time_comparison": "Compare with",
    "filters_combinator": "Conditions that hold",
    "resource_type": "Whose",
    "property_type": "Taken as",
    "reverse": "Steps back",
    "forward": "Steps forward",
    "cardinality": "Events per step",
    "date_unit": "Unit",
    "list_item_filters": "items where",
    "list_item_quantifier": "Items that match",
    "list_item_mode": "Item of a list",
    "sub": "Key of the items",
    "cohort": "Cohort",
    "negated": "Outside of it",
    "include_negated": "Also those outside",
    "where selector": "Selector",
    "holding_constant": "Holding constant",
    "exclusions": "Excluding",
    "hidden_events": "Hide",
    "from_step": "From step (0 is the first)",
    "to_step": "To step",
    "segments": "Break down by",
}
"""Field → label; the others are called by their names."""

ONE: Final[Mapping[str, str]] = {
    "steps": "step",
    "exclusions": "event",
    "hidden_events": "event",
    "holding_constant": "property",
    "bucket_sizes": "size",
    "properties": "property",
    "distinct_ids": "id",
    "segment_by": "cohort",
}
"""Field of a list that takes one sort of thing → what one of them is called."""

VARIANTS: Final[Mapping[str, str]] = {
    "text": "a name",
    "whole": "a saved one",
    "number": "a number",
    "many": "several",
    "none": "–",
    "Filter": "property",
    "Membership": "cohort",
    "FrequencyFilter": "how often",
    "GroupBy": "property",
    "CohortBreakdown": "cohort",
    "FrequencyBreakdown": "how often",
    "Metric": "event",
    "CohortMetric": "cohort size",
    "FunnelMetric": "funnel",
    "RetentionMetric": "retention",
    "MetricRef": "saved metric",
    "Formula": "formula",
    "CustomEventRef": "custom event",
    "SimpleBehavior": "events as one",
    "BehaviorRef": "saved behavior",
    "CustomPropertyRef": "custom property",
    "cohort": "defined here",
    "property": "computed here",
    "FunnelBehavior": "made here",
    "RetentionBehavior": "made here",
    "FunnelStep": "with settings",
    "RetentionEvent": "event",
    "Exclusion": "with steps",
    "HoldingConstant": "of events or people",
    "ListItemGroupMode": "by a key of its objects",
    "TimeComparison": "another period",
    "TimeRange": "days",
}
"""What one of several shapes is called."""

PICKS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("event", "events", "hidden_events", "exclusions", "steps"), "event"),
    **dict.fromkeys(("born_event", "return_event"), "event"),
    **dict.fromkeys(("property", "math_property", "holding_constant"), "property"),
    **dict.fromkeys(("aggregate_property", "sort_by", "properties"), "profile property"),
    **dict.fromkeys(("from_date", "to_date", "date", "as_of"), "date"),
    **dict.fromkeys(("cohort", "segment_by"), "cohort"),
    "sub": "key",
    "value": "value",
}
"""Field → what its texts and numbers are chosen from; nothing for the others."""

PICKS_OF: Final[Mapping[tuple[str, str], str]] = {
    ("CustomPropertyRef", "id"): "custom property",
    ("CustomEventRef", "id"): "custom event",
    ("FrequencyFilter", "value"): "",
}


def _maths(rows: Mapping[str, Math]) -> dict[str, str]:
    return {row.name: f"{row.name} – {row.help}" for row in rows.values()}


_ALL_MATHS: Final = {
    **_maths(RETENTION_MATHS),
    **_maths(FUNNEL_MATHS),
    **_maths(INSIGHTS_MATHS),
}
WORDS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("Metric", "math"): _maths(INSIGHTS_MATHS),
    ("MetricRef", "math"): _ALL_MATHS,
    ("FunnelQuery", "math"): _maths(FUNNEL_MATHS),
    ("FunnelMetric", "math"): _maths(FUNNEL_MATHS),
    ("RetentionQuery", "math"): _maths(RETENTION_MATHS),
    ("RetentionMetric", "math"): _maths(RETENTION_MATHS),
    **{
        (name, "per_user"): {
            word: f"{word} – {said}" for word, said in PER_USER_AGGREGATIONS.items()
        }
        for name in ("Metric", "MetricRef")
    },
    ("Filter", "operator"): {row.wire: f"{row.text} – {row.help}" for row in OPERATORS.values()},
}
"""Class and field → how its words are told."""

_FACTORIES: Final[Mapping[str, Any]] = {
    "InsightsQuery": insights,
    "FunnelQuery": funnel,
    "RetentionQuery": retention,
    "FlowQuery": flow,
    "UserQuery": users,
}


@cache
def helps(part: str) -> Mapping[str, str]:
    """What the factory of a question says of each argument."""
    made = inspect.getdoc(_FACTORIES.get(part)) or ""
    return dict(re.findall(r"^    (\w+): (.+)$", made, re.MULTILINE))


def label(name: str) -> str:
    """How a field is called."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def picks(part: str, name: str) -> str:
    """What the texts of a field are chosen from."""
    return PICKS_OF.get((part, name), PICKS.get(name, ""))
