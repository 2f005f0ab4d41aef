"""Which days an answer rests on: the asked range, and the windows that reach out of it.

Enters: a question and today. Leaves: the first and last day that must be known, or the reason why
no days would do. The surprise: what is not known for sure to rest on those days alone, such as
cohorts, people's properties or saved definitions, is a reason; in doubt Mixpanel answers.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.breakdown import CohortBreakdown, GroupBy
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.frequency import FrequencyBreakdown, FrequencyFilter
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import CohortMetric, Metric
from mpnb.query.metric_ref import MetricRef
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import CustomEventRef, FlowStep, HoldingConstant
from mpnb.query.users import UserQuery
from mpnb.query.window import TimeComparison, TimeRange

DAYS: dict[str, float] = {
    "second": 1 / 86400,
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "session": 1,
    "day": 1,
    "week": 7,
    "month": 31,
    "quarter": 92,
    "year": 366,
}
"""Unit of time → the most days it has."""

SAVED = (BehaviorRef, CustomEventRef, CustomPropertyRef, MetricRef, SimpleBehavior)
COHORTS = (CohortMetric, CohortBreakdown, CohortDefinition, CohortCriteria)
FREQUENCIES = (FrequencyFilter, FrequencyBreakdown)
BACKWARDS = {"wau": 7, "mau": 31}
"""Math → the days before each day that count."""

Reach = tuple[date, date]


def reach(question: Question, today: date) -> Reach | str:
    """The days that an answer rests on, or why that cannot be said.

    Args:
        question: any of the five kinds.
        today: the last day of a range that is left open.
    """
    if isinstance(question, UserQuery):
        return "profiles change every day"
    if question.extras:
        return "the params hold more than the question says"
    for part in _parts(question):
        reason = _reason(part)
        if reason:
            return reason
    if getattr(question, "data_group_id", None) is not None:
        return "it counts groups"
    first, last = _range(question, today)
    before, after = _windows(question, (last - first).days + 1)
    compared = _compared(question, first, last)
    return (
        min(first, compared[0]) - timedelta(days=before),
        min(max(last, compared[1]) + timedelta(days=after), max(today, last)),
    )


def _parts(value: Any) -> Iterator[Any]:
    """A question and everything that it is made of."""
    yield value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _parts(item)


def _reason(part: Any) -> str:
    """Why a part does not rest on the events of some days alone; empty when it does."""
    if isinstance(part, SAVED):
        return "it names a definition that is saved in Mixpanel"
    if isinstance(part, COHORTS) or (isinstance(part, str) and part == "$cohorts"):
        return "it asks for a cohort"
    if isinstance(part, FREQUENCIES):
        return "it counts how often users did something"
    if isinstance(part, Filter) and part._resource_type != "events":
        return "it asks for properties of people"
    if isinstance(part, (GroupBy, InlineCustomProperty, HoldingConstant)):
        return "" if part.resource_type == "events" else "it asks for properties of people"
    if isinstance(part, PropertyInput):
        return "" if part.resource_type == "event" else "it asks for properties of people"
    if isinstance(part, Metric) and part.segment_method == "first":
        return "it asks for the first time ever"
    if isinstance(part, FlowStep) and part.session_event is not None:
        return "it asks for sessions"
    if isinstance(part, str) and part.startswith(("$session", "$ae_session")):
        return "it asks for sessions"
    return ""


def _range(question: Any, today: date) -> Reach:
    asked: TimeRange = question.range
    last = date.fromisoformat(asked.to_date) if asked.to_date else today
    if asked.from_date:
        return date.fromisoformat(asked.from_date), last
    return last - timedelta(days=asked.last - 1), last


def _windows(question: Question, length: int) -> tuple[int, int]:
    """How many days before and after the range of so many days count too."""
    before = after = 0.0
    for part in _parts(question):
        if isinstance(part, Metric):
            before = max(before, BACKWARDS.get(part.math, 0))
        elif isinstance(part, (FunnelQuery, FunnelBehavior, FlowQuery)):
            window = part.conversion_window * DAYS[part.conversion_window_unit]
            after = max(after, window)
            before = max(before, window if isinstance(part, FlowQuery) else 0)
        elif isinstance(part, (RetentionQuery, RetentionBehavior)):
            after = max(after, _returning(part, length))
    if isinstance(question, InsightsQuery) and question.rolling:
        before += question.rolling * DAYS[question.unit]
    return math.ceil(before), math.ceil(after)


def _returning(part: RetentionQuery | RetentionBehavior, length: int) -> float:
    """The days after a birth in which somebody may come back."""
    unit = DAYS[part.retention_unit]
    units = sum(part.bucket_sizes) if part.bucket_sizes else length / unit + 1
    return (units + 2) * unit


def _compared(question: Any, first: date, last: date) -> Reach:
    """The other range that a question compares with; the same where it does not."""
    other: TimeComparison | None = getattr(question, "time_comparison", None)
    if other is None:
        return first, last
    if other.type == "relative":
        return first - timedelta(days=math.ceil(DAYS[str(other.unit)])), last
    moment, length = date.fromisoformat(str(other.date)), last - first
    return moment - length, moment + length
