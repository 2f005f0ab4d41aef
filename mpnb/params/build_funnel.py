"""Funnel questions as bookmark JSON.

Enters a `FunnelQuery`, leaves a fresh params object. The surprise: the funnel is one metric of
`show`, written exactly as a `FunnelMetric` of insights.
"""

from __future__ import annotations

from datetime import date

from mpnb.params.build_metrics import funnel_behavior, funnel_measurement
from mpnb.params.build_parts import Clause, comparison, data_group, filters, groups, time
from mpnb.query.funnel import FunnelQuery

CHARTS = {"steps": "funnel-steps", "trends": "line", "table": "table"}
"""Mode → chart type."""


def build(query: FunnelQuery, today: date | None) -> Clause:
    """Write a funnel question."""
    group = data_group(query.data_group_id)
    sections: Clause = {
        "show": [
            {
                "type": "metric",
                "behavior": funnel_behavior(query),
                "measurement": funnel_measurement(query.math, query.math_property),
            }
        ],
        "time": time(query.range, query.unit, today),
        "filter": filters(query.where),
        "group": groups(query.group_by, group),
        "formula": [],
    }
    if group is not None:
        sections["globalDataGroupId"] = group
    display: Clause = {"chartType": CHARTS.get(query.mode, "funnel-steps")}
    if query.time_comparison is not None:
        display["timeComparison"] = comparison(query.time_comparison)
    return {"sections": sections, "displayOptions": display}
