"""Words and shapes of raw answers: literals for kinds of nodes and reports, and TypedDicts."""

from __future__ import annotations

from typing import Literal, TypedDict

FlowNodeType = Literal["ANCHOR", "NORMAL", "DROPOFF", "PRUNED", "FORWARD", "REVERSE"]
FlowAnchorType = Literal["NORMAL", "RELATIVE_REVERSE", "RELATIVE_FORWARD"]
FlowMode = Literal["sankey", "paths", "tree"]
SavedReportType = Literal["insights", "retention", "funnel", "flows"]
UserMode = Literal["profiles", "aggregate"]
CalendarUnit = Literal["day", "week", "month"]
HourOrDay = Literal["hour", "day"]
CountType = Literal["general", "unique", "average"]


class QueryMeta(TypedDict, total=False):
    """What an answer says about its own making."""

    sampling_factor: float
    is_cached: bool
    computation_time: float
    query_id: str


class FunnelStepData(TypedDict):
    """One step of a funnel; ratios are 0 to 1, times are seconds."""

    event: str
    count: int
    step_conv_ratio: float
    overall_conv_ratio: float
    avg_time: float
    avg_time_from_start: float


class RetentionCohortData(TypedDict):
    """One cohort: its size, and returned users and their share per bucket."""

    first: int
    counts: list[int]
    rates: list[float]


class FlowStepNode(TypedDict, total=False):
    """One node of a flow step; counts are digits in a string."""

    event: str
    totalCount: str
    type: FlowNodeType
    anchorType: FlowAnchorType
    isCustomEvent: bool
    conversionRateChange: float | None


class FlowEdge(TypedDict, total=False):
    """One transition of a flow."""

    source: str
    target: str
    count: int
    step: int


EntityType = Literal["event", "profile"]
"""What a Lexicon schema describes."""
