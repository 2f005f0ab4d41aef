"""Which function answers each discovery and legacy call: one row per method of a workspace.

More, of `survey`, are asked by the explorer, of a local store only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnb.engine.duckdb import discover, exporting, legacy, legacy_people, summaries, survey, users

CALLS: dict[str, Callable[..., Any]] = {
    "segmentation": legacy.segmentation,
    "segmentation_numeric": legacy.segmentation_numeric,
    "segmentation_sum": legacy.segmentation_sum,
    "segmentation_average": legacy.segmentation_average,
    "event_counts": legacy.event_counts,
    "property_counts": legacy.property_counts,
    "frequency": legacy_people.frequency,
    "retention": legacy_people.retention,
    "activity_feed": legacy_people.activity_feed,
    "stream_profiles": users.stream,
    "stream_events": exporting.stream,
    "events": discover.events,
    "properties": discover.properties_of,
    "property_values": discover.property_values,
    "subproperties": discover.subproperties,
    "top_events": discover.top_events,
    "cohorts": discover.saved_cohorts,
    "funnels": discover.saved_funnels,
    "schema_graph": discover.schema_graph,
    "event_trends": survey.event_trends,
    "event_survey": survey.event_survey,
    "event_sample": survey.event_sample,
    "people_survey": survey.people_survey,
    "property_survey": survey.property_survey,
    "property_distribution": summaries.property_distribution,
    "numeric_summary": summaries.numeric_summary,
    "engagement_distribution": summaries.engagement_distribution,
    "property_coverage": summaries.property_coverage,
    "daily_counts": summaries.daily_counts,
}
"""Method name → function of store, arguments and context, to the body of the endpoint."""
