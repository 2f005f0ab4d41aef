"""What is asked: the parts of questions and the five questions, in the standard library only.

Enter plain arguments, leave frozen objects. The surprise: the factories that check arguments are
named like their modules (`mpnb.query.insights.insights`), so they are imported from there.
"""

from mpnb.query.behavior import (
    BehaviorRef,
    FunnelBehavior,
    RetentionBehavior,
    SimpleBehavior,
)
from mpnb.query.breakdown import (
    CohortBreakdown,
    FrequencyBreakdown,
    GroupBy,
    ListItemGroupMode,
)
from mpnb.query.cohort import (
    CohortCriteria,
    CohortDefinition,
)
from mpnb.query.custom import (
    CustomPropertyRef,
    InlineCustomProperty,
    PropertyInput,
    PropertySpec,
)
from mpnb.query.definition import (
    BehaviorDefinition,
    MetricDefinition,
    RawBehaviorDefinition,
    RawMetricDefinition,
    WarehouseAggregation,
    WarehouseMetric,
    WarehouseSyncInterval,
)
from mpnb.query.filter import (
    Filter,
    FrequencyFilter,
)
from mpnb.query.flow import (
    FlowQuery,
)
from mpnb.query.funnel import (
    FunnelQuery,
)
from mpnb.query.insights import (
    InsightsQuery,
)
from mpnb.query.metric import (
    CohortMetric,
    Formula,
    FormulaOperand,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.question import (
    Extra,
    Question,
)
from mpnb.query.retention import (
    RetentionQuery,
)
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FlowStep,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.query.users import (
    UserQuery,
)
from mpnb.query.window import (
    TimeComparison,
    TimeRange,
)
from mpnb.query.words import (
    CohortAggregationType,
    ConversionWindowUnit,
    CountType,
    CustomPropertyType,
    FilterDateUnit,
    FilterOperator,
    FilterPropertyType,
    FiltersCombinator,
    FlowAnchorType,
    FlowChartType,
    FlowConversionWindowUnit,
    FlowCountType,
    FlowNodeType,
    FlowSessionEvent,
    FrequencyFilterOperator,
    FunnelMathType,
    FunnelMode,
    FunnelOrder,
    FunnelReentryMode,
    HourDayUnit,
    InsightsMode,
    MathType,
    PerUserAggregation,
    QueryTimeUnit,
    RetentionAlignment,
    RetentionMathType,
    RetentionMode,
    RetentionUnboundedMode,
    SegmentMethod,
    TimeComparisonType,
    TimeComparisonUnit,
    TimeUnit,
)

__all__ = [
    "BehaviorDefinition",
    "BehaviorRef",
    "CohortAggregationType",
    "CohortBreakdown",
    "CohortCriteria",
    "CohortDefinition",
    "CohortMetric",
    "ConversionWindowUnit",
    "CountType",
    "CustomEventRef",
    "CustomPropertyRef",
    "CustomPropertyType",
    "Exclusion",
    "Extra",
    "Filter",
    "FilterDateUnit",
    "FilterOperator",
    "FilterPropertyType",
    "FiltersCombinator",
    "FlowAnchorType",
    "FlowChartType",
    "FlowConversionWindowUnit",
    "FlowCountType",
    "FlowNodeType",
    "FlowQuery",
    "FlowSessionEvent",
    "FlowStep",
    "Formula",
    "FormulaOperand",
    "FrequencyBreakdown",
    "FrequencyFilter",
    "FrequencyFilterOperator",
    "FunnelBehavior",
    "FunnelMathType",
    "FunnelMetric",
    "FunnelMode",
    "FunnelOrder",
    "FunnelQuery",
    "FunnelReentryMode",
    "FunnelStep",
    "GroupBy",
    "HoldingConstant",
    "HourDayUnit",
    "InlineCustomProperty",
    "InsightsMode",
    "InsightsQuery",
    "ListItemGroupMode",
    "MathType",
    "Metric",
    "MetricDefinition",
    "MetricRef",
    "PerUserAggregation",
    "PropertyInput",
    "PropertySpec",
    "QueryTimeUnit",
    "Question",
    "RawBehaviorDefinition",
    "RawMetricDefinition",
    "RetentionAlignment",
    "RetentionBehavior",
    "RetentionEvent",
    "RetentionMathType",
    "RetentionMetric",
    "RetentionMode",
    "RetentionQuery",
    "RetentionUnboundedMode",
    "SegmentMethod",
    "SimpleBehavior",
    "TimeComparison",
    "TimeComparisonType",
    "TimeComparisonUnit",
    "TimeRange",
    "TimeUnit",
    "UserQuery",
    "WarehouseAggregation",
    "WarehouseMetric",
    "WarehouseSyncInterval",
]
