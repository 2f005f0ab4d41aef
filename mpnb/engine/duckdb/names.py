"""What the lines of an insights answer are called.

A metric is called by its event and a formula by its label. The surprise: only where two lines would
share a name does the way of counting become part of it, ``Login [Unique Users]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpnb.engine.duckdb import cohorts
from mpnb.engine.duckdb.dimension import property_name
from mpnb.query.behavior import BehaviorRef, SimpleBehavior
from mpnb.query.metric import AnyMetric, CohortMetric, Formula, Metric, MetricRef
from mpnb.query.step import CustomEventRef, FunnelStep

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

MATH_NAMES = {
    "total": "Total",
    "unique": "Unique Users",
    "dau": "DAU",
    "wau": "WAU",
    "mau": "MAU",
    "cumulative_unique": "Cumulative Unique Users",
    "sessions": "Sessions",
    "unique_values": "Unique Values",
    "most_frequent": "Most Frequent",
    "first_value": "First Value",
    "multi_attribution": "Attributed",
    "numeric_summary": "Summary",
}


def series(store: Store, shown: Sequence[AnyMetric]) -> list[str]:
    """One name per line, all different."""
    plain = [name(store, metric) for metric in shown]
    counts = Counter(plain)
    longer = [
        _longer(text, metric) if counts[text] > 1 else text
        for text, metric in zip(plain, shown, strict=True)
    ]
    return _numbered(longer)


def _numbered(texts: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    result = []
    for text in texts:
        seen[text] += 1
        result.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return result


def name(store: Store, metric: AnyMetric) -> str:
    """The event, behavior, cohort or label that a line is about."""
    if isinstance(metric, Metric):
        return event_name(metric.event)
    if isinstance(metric, Formula):
        return metric.label or metric.expression
    if isinstance(metric, CohortMetric):
        return metric.name or cohorts.name_of(store, metric.cohort) or "Cohort"
    if isinstance(metric, MetricRef):
        return metric.label or f"Metric {metric.id}"
    return metric.label or _behavior_name(metric.behavior)


def event_name(event: object) -> str:
    """The name of an event, of several, or of a behavior."""
    if isinstance(event, CustomEventRef):
        return f"$custom_event:{event.id}"
    if isinstance(event, FunnelStep):
        return event.label or event.event
    if isinstance(event, BehaviorRef):
        return f"Behavior {event.id}"
    if isinstance(event, SimpleBehavior):
        return event.name or event_name(event.events)
    if isinstance(event, str):
        return event
    assert isinstance(event, Sequence)
    return " or ".join(event_name(part) for part in event)


def _behavior_name(behavior: object) -> str:
    steps = getattr(behavior, "steps", None)
    if steps is not None:
        return " → ".join(event_name(step) for step in steps)
    born = getattr(behavior, "born_event", None)
    if born is None:
        return event_name(behavior)
    back = getattr(behavior, "return_event", "")
    return " → ".join(getattr(part, "event", part) for part in (born, back))


def _longer(text: str, metric: AnyMetric) -> str:
    if not isinstance(metric, Metric):
        return text
    math = MATH_NAMES.get(metric.math, metric.math.capitalize())
    if metric.property is not None:
        return f"{text} [{math} {property_name(metric.property)}]"
    return f"{text} [{'Total Events' if metric.math == 'total' else math}]"
