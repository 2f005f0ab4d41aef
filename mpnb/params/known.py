"""The words that params of reports may hold, as Mixpanel's server knows them.

Nothing enters, tables leave. The surprise: the server knows more than a question can say (a chart
of medians, an hour of the day), since reports are also made by hand and by older versions.
"""

from __future__ import annotations

from collections.abc import Collection

from mpnb.query.math import FUNNEL_MATHS, PER_USER_AGGREGATIONS, RETENTION_MATHS, WIRE_MATHS
from mpnb.query.operators import PROPERTY_TYPES as ASKED_TYPES
from mpnb.query.window import TIME_UNITS as ASKED_UNITS

CHART_TYPES = (
    *("bar", "bar-stacked", "column", "stacked-column", "line", "stacked-line"),
    *("insights-metric", "metric", "pie", "table"),
    *("funnel-steps", "funnel-steps-metric", "funnel-top-paths", "funnel-trend"),
    *("funnel-median-ttc", "funnel-ttc-bar", "funnel-ttc-line"),
    *("funnel-frequency-bar", "funnel-frequency-line", "frequency", "frequency-curve"),
    *("retention-curve", "retention-table", "retention-trend", "retention-trend-metric"),
    *("line-retention", "impact-adoption", "impact-propensity", "impact-trends"),
    *("flows", "paths", "sankey"),
)
TIME_UNITS = (
    *ASKED_UNITS,
    *("second", "minute", "year", "session", "hour_of_day", "day_of_week"),
)
DATE_RANGE_TYPES = ("in the last", "between", "since", "on", "relative_after")
RESOURCE_TYPES = (
    *("events", "people", "cohorts", "other", "all", "user", "event", "cohort", "formulas"),
)
PROPERTY_TYPES = (*ASKED_TYPES, "dimension", "other", "undefined", "unknown")
BEHAVIOR_TYPES = frozenset(
    {
        *("event", "custom-event", "simple", "funnel", "retention", "cohort", "people"),
        *("addiction", "retention-frequency", "metric", "formula", "saved-metric", "verified"),
    }
)
OPERATORS = frozenset(
    {
        *("equals", "does not equal", "contains", "does not contain", "starts with", "ends with"),
        *("is set", "is not set", "true", "false", "is equal to"),
        *("is greater than", "is greater than or equal to", "is less than"),
        *("is less than or equal to", "is at least", "is at most", "is between"),
        *("between", "not between", "before", "before the last", "in the last", "in the next"),
        *("not in the last", "on", "not on", "since", "was before", "was less than", "was between"),
        *("was not between", "was in the", "was not in the", "was in the next", "was on"),
        *("was not on", "was since"),
    }
)
PER_USER = (*PER_USER_AGGREGATIONS, "session_replay_id_value")
MATHS: dict[str, Collection[str]] = {
    "insights": frozenset(WIRE_MATHS),
    "funnel": frozenset({*FUNNEL_MATHS, "conversion_rate", "general", "session"}),
    "retention": frozenset(RETENTION_MATHS),
}
"""Kind of a behavior, or of the report → how it may be counted."""
