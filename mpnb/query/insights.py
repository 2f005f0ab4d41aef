"""The insights question: metrics over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mpnb.query.breakdown import Breakdown
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.metric import AnyMetric
from mpnb.query.question import Question
from mpnb.query.window import DEFAULT_RANGE, TimeComparison, TimeRange
from mpnb.query.words import InsightsMode, Kind, QueryTimeUnit


@dataclass(frozen=True, kw_only=True)
class InsightsQuery(Question):
    """Count metrics over a range, per unit of time, split by breakdowns."""

    kind: ClassVar[Kind] = "insights"

    metrics: tuple[AnyMetric, ...]
    range: TimeRange = DEFAULT_RANGE
    unit: QueryTimeUnit = "day"
    group_by: tuple[Breakdown, ...] = ()
    where: tuple[Filter | FrequencyFilter, ...] = ()
    rolling: int | None = None
    cumulative: bool = False
    mode: InsightsMode = "timeseries"
    time_comparison: TimeComparison | None = None
    data_group_id: int | None = None
