"""Answers: raw JSON of an engine enters, typed frozen results with ``.df`` leave.

``result.read`` is the one door for the five kinds of question; the readers for Mixpanel's older
endpoints and for discovery are plain functions in ``legacy``, ``saved`` and ``discovery``. The
surprise: nothing here imports pandas, networkx or anytree until a frame, graph or tree is
asked for.
"""

from mpnb.result.activity import ActivityFeedResult, UserEvent
from mpnb.result.base import Provenance, ResultWithDataFrame
from mpnb.result.discovery import FunnelInfo, SavedCohort, SubPropertyInfo, TopEvent
from mpnb.result.flow import FlowQueryResult
from mpnb.result.flow_tree import FlowTreeNode
from mpnb.result.funnel import FunnelQueryResult
from mpnb.result.insights import QueryResult
from mpnb.result.jql import JQLResult
from mpnb.result.legacy import (
    EventCountsResult,
    FrequencyResult,
    NumericAverageResult,
    NumericBucketResult,
    NumericSumResult,
    PropertyCountsResult,
    SegmentationResult,
)
from mpnb.result.legacy_funnel import CohortInfo, FunnelResult, FunnelResultStep, RetentionResult
from mpnb.result.lexicon import (
    LexiconDefinition,
    LexiconMetadata,
    LexiconProperty,
    LexiconSchema,
)
from mpnb.result.read import AnyResult, read
from mpnb.result.retention import RetentionQueryResult
from mpnb.result.saved import FlowsResult, SavedReportResult
from mpnb.result.schema_graph import SchemaGraphResult
from mpnb.result.types import (
    EntityType,
    FlowAnchorType,
    FlowEdge,
    FlowNodeType,
    FlowStepNode,
    FunnelStepData,
    QueryMeta,
    RetentionCohortData,
    SavedReportType,
)
from mpnb.result.users import ProfilePageResult, UserQueryResult

__all__ = [
    "ActivityFeedResult",
    "AnyResult",
    "CohortInfo",
    "EntityType",
    "EventCountsResult",
    "FlowAnchorType",
    "FlowEdge",
    "FlowNodeType",
    "FlowQueryResult",
    "FlowStepNode",
    "FlowTreeNode",
    "FlowsResult",
    "FrequencyResult",
    "FunnelInfo",
    "FunnelQueryResult",
    "FunnelResult",
    "FunnelResultStep",
    "FunnelStepData",
    "JQLResult",
    "LexiconDefinition",
    "LexiconMetadata",
    "LexiconProperty",
    "LexiconSchema",
    "NumericAverageResult",
    "NumericBucketResult",
    "NumericSumResult",
    "ProfilePageResult",
    "PropertyCountsResult",
    "Provenance",
    "QueryMeta",
    "QueryResult",
    "ResultWithDataFrame",
    "RetentionCohortData",
    "RetentionQueryResult",
    "RetentionResult",
    "SavedCohort",
    "SavedReportResult",
    "SavedReportType",
    "SchemaGraphResult",
    "SegmentationResult",
    "SubPropertyInfo",
    "TopEvent",
    "UserEvent",
    "UserQueryResult",
    "read",
]
