"""The words of the vocabulary as `Literal` types; nothing enters, types leave.

Each alias equals the keys of one table (a test compares them). The surprise: an alias may be
narrower than what a saved report holds; such values travel as extras of a question.
"""

from __future__ import annotations

from typing import Any, Literal

JSON = Any
"""A JSON value: None, bool, int, float, str, list or dict of them."""

Kind = Literal["insights", "funnel", "retention", "flow", "users"]

TimeUnit = Literal["day", "week", "month"]
HourDayUnit = Literal["hour", "day"]
QueryTimeUnit = Literal["hour", "day", "week", "month", "quarter"]
CountType = Literal["general", "unique", "average"]
MathType = Literal[
    "total",
    "unique",
    "dau",
    "wau",
    "mau",
    "average",
    "median",
    "min",
    "max",
    "p25",
    "p75",
    "p90",
    "p99",
    "percentile",
    "histogram",
    "cumulative_unique",
    "sessions",
    "unique_values",
    "most_frequent",
    "first_value",
    "multi_attribution",
    "numeric_summary",
]
PerUserAggregation = Literal["unique_values", "total", "average", "min", "max"]
FunnelMathType = Literal[
    "conversion_rate_unique",
    "conversion_rate_total",
    "conversion_rate_session",
    "unique",
    "total",
    "average",
    "median",
    "min",
    "max",
    "p25",
    "p75",
    "p90",
    "p99",
    "histogram",
]
RetentionMathType = Literal["retention_rate", "unique", "total", "average"]
ConversionWindowUnit = Literal["second", "minute", "hour", "day", "week", "month", "session"]
FunnelOrder = Literal["loose", "any"]
FunnelMode = Literal["steps", "trends", "table"]
FunnelReentryMode = Literal["default", "basic", "aggressive", "optimized"]
RetentionAlignment = Literal["birth", "interval_start"]
RetentionMode = Literal["curve", "trends", "table"]
RetentionUnboundedMode = Literal["none", "carry_back", "carry_forward", "consecutive_forward"]
FlowCountType = Literal["unique", "total", "session"]
FlowChartType = Literal["sankey", "paths", "tree"]
FlowConversionWindowUnit = Literal["day", "week", "month", "session"]
FlowSessionEvent = Literal["start", "end"]
FlowNodeType = Literal["ANCHOR", "NORMAL", "DROPOFF", "PRUNED", "FORWARD", "REVERSE"]
FlowAnchorType = Literal["NORMAL", "RELATIVE_REVERSE", "RELATIVE_FORWARD"]
InsightsMode = Literal["timeseries", "total", "table"]
CustomPropertyType = Literal["string", "number", "boolean", "datetime"]
InputType = Literal["string", "number", "boolean", "datetime", "list"]
ResourceType = Literal["events", "people"]
InputResourceType = Literal["event", "user"]
FilterOperator = Literal[
    "contains",
    "does not contain",
    "does not equal",
    "ends with",
    "equals",
    "false",
    "is at least",
    "is at most",
    "is between",
    "is greater than",
    "is less than",
    "is not set",
    "is set",
    "list_contains",
    "not between",
    "starts with",
    "true",
    "was before",
    "was between",
    "was in the",
    "was in the next",
    "was not between",
    "was not in the",
    "was not on",
    "was on",
    "was since",
]
FilterOperatorInput = (
    FilterOperator
    | Literal[
        "at_least",
        "at_most",
        "before",
        "between",
        "date_between",
        "date_not_between",
        "ends_with",
        "greater_than",
        "in_cohort",
        "in_the_last",
        "in_the_next",
        "is_false",
        "is_not_set",
        "is_set",
        "is_true",
        "less_than",
        "not_between",
        "not_contains",
        "not_equals",
        "not_in_cohort",
        "not_in_the_last",
        "not_on",
        "on",
        "since",
        "starts_with",
        "is equal to",
    ]
)
FilterPropertyType = Literal["string", "number", "boolean", "datetime", "list", "object"]
FilterDateUnit = Literal["hour", "day", "week", "month"]
FilterQuantifier = Literal["any", "all"]
FiltersCombinator = Literal["all", "any"]
FilterValue = Any
"""str, int, float, list of str, list of numbers, list of cohort objects, or None."""
SegmentMethod = Literal["all", "first"]
TimeComparisonType = Literal["relative", "absolute-start", "absolute-end"]
TimeComparisonUnit = Literal["day", "week", "month", "quarter", "year"]
CohortAggregationType = Literal["total", "unique", "average", "min", "max", "median"]
CohortPropertyOperator = Literal[
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "greater_than",
    "less_than",
    "is_set",
    "is_not_set",
]
FrequencyFilterOperator = Literal[
    "is at least", "is at most", "is greater than", "is less than", "is equal to"
]
FrequencyUnit = Literal["day", "week", "month"]
MetricRefType = Literal["metric", "formula", "warehouse"]
BehaviorRefType = Literal["simple", "funnel", "retention"]
UserMode = Literal["profiles", "aggregate"]
SortOrder = Literal["ascending", "descending"]
UserAggregate = Literal["count", "extremes", "percentile", "numeric_summary"]
