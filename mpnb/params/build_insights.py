"""Insights questions as bookmark JSON.

Enters an `InsightsQuery`, leaves a fresh params object. The surprise: there is no `formula` section
here, unlike in funnels and retention; formulas stand in `show`.
"""

from __future__ import annotations

from datetime import date

from mpnb.params.build_metrics import show
from mpnb.params.build_parts import Clause, comparison, data_group, filters, groups, time
from mpnb.query.insights import InsightsQuery

CHARTS = {"timeseries": "line", "total": "bar", "table": "table"}
"""Mode → chart type."""


def build(query: InsightsQuery, today: date | None) -> Clause:
    """Write an insights question."""
    group = data_group(query.data_group_id)
    sections: Clause = {
        "show": show(query.metrics),
        "time": time(query.range, query.unit, today),
        "filter": filters(query.where),
        "group": groups(query.group_by, group),
    }
    if group is not None:
        sections["globalDataGroupId"] = group
    return {"sections": sections, "displayOptions": _display(query)}


def _display(query: InsightsQuery) -> Clause:
    display: Clause = {"chartType": CHARTS.get(query.mode, "line"), "analysis": "linear"}
    if query.rolling is not None:
        display["analysis"] = "rolling"
        display["rollingWindowSize"] = query.rolling
    elif query.cumulative:
        display["analysis"] = "cumulative"
    if query.time_comparison is not None:
        display["timeComparison"] = comparison(query.time_comparison)
    return display
