"""The flow question: what users do before and after an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mpnb.query.breakdown import Breakdown
from mpnb.query.filter import Filter
from mpnb.query.question import Question
from mpnb.query.step import FlowStep
from mpnb.query.window import DEFAULT_RANGE, TimeRange
from mpnb.query.words import FlowChartType, FlowConversionWindowUnit, FlowCountType, Kind


@dataclass(frozen=True, kw_only=True)
class FlowQuery(Question):
    """Paths around anchors."""

    kind: ClassVar[Kind] = "flow"

    steps: tuple[FlowStep, ...]
    forward: int = 3
    reverse: int = 0
    range: TimeRange = DEFAULT_RANGE
    conversion_window: int = 7
    conversion_window_unit: FlowConversionWindowUnit = "day"
    count_type: FlowCountType = "unique"
    cardinality: int = 3
    collapse_repeated: bool = False
    hidden_events: tuple[str, ...] = ()
    mode: FlowChartType = "sankey"
    where: tuple[Filter, ...] = ()
    data_group_id: int | None = None
    segments: tuple[Breakdown, ...] = ()
    exclusions: tuple[str, ...] = ()
