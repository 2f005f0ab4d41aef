"""Retention questions as bookmark JSON.

Enters a `RetentionQuery`, leaves a fresh params object. The surprise: the report wants a default
sorting and column widths, which only change how it looks.
"""

from __future__ import annotations

from datetime import date

from mpnb.params.build_metrics import retention_behavior, retention_measurement
from mpnb.params.build_parts import Clause, comparison, data_group, filters, groups, time
from mpnb.query.retention import RetentionQuery

CHARTS = {"curve": "retention-curve", "trends": "line", "table": "table"}
"""Mode → chart type."""


def build(query: RetentionQuery, today: date | None) -> Clause:
    """Write a retention question."""
    group = data_group(query.data_group_id)
    sections: Clause = {
        "show": [
            {
                "type": "metric",
                "behavior": retention_behavior(query),
                "measurement": retention_measurement(query.math, query.retention_cumulative),
            }
        ],
        "time": time(query.range, query.unit, today),
        "filter": filters(query.where),
        "group": groups(query.group_by, group),
        "formula": [],
    }
    if group is not None:
        sections["globalDataGroupId"] = group
    display: Clause = {"chartType": CHARTS.get(query.mode, "retention-curve")}
    if query.time_comparison is not None:
        display["timeComparison"] = comparison(query.time_comparison)
    return {
        "sections": sections,
        "displayOptions": display,
        "sorting": _sorting(),
        "columnWidths": {"bar": {}},
    }


def _sorting() -> Clause:
    def by_value(field: str) -> Clause:
        return {"sortBy": "value", "sortOrder": "desc", "valueField": field}

    return {
        "bar": {"sortBy": "column", "colSortAttrs": []},
        "line": {"sortBy": "column", "colSortAttrs": [by_value("averageValue")]},
        "table": {"sortBy": "column", "colSortAttrs": [{**by_value("size"), "viewNLimit": 12}]},
    }
