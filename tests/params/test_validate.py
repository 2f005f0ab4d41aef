"""What `validate_bookmark` finds in params, one row for each place and form of a mistake."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, get_args

import pytest

import mpnb as mp
from mpnb.params import known
from mpnb.query import operators, window, words
from mpnb.query.rules import flow, funnel, retention

SHARED = Path(os.environ.get("MPNB_SHARED", Path(__file__).parents[2].parent / "shared"))
EXAMPLES = SHARED / "reference" / "bookmark_examples.json"
DAYS = {"dateRangeType": "in the last", "unit": "day", "window": {"unit": "day", "value": 7}}
COHORT = {"type": "cohort", "id": 5, "resourceType": "cohorts"}
MEMBERS = {"filterType": "list", "filterOperator": "contains", "filterValue": [{"cohort": {}}]}


def metric(behavior: Any = None, measurement: Any = None) -> dict[str, Any]:
    given = {"type": "event", "name": "A"} if behavior is None else behavior
    return {"type": "metric", "behavior": given, "measurement": measurement or {}}


def counted(**measurement: Any) -> dict[str, Any]:
    return metric(measurement=measurement)


def report(show: Any = None, **sections: Any) -> dict[str, Any]:
    """Params of one metric, with other sections and display options where they are given."""
    display = sections.pop("display", {"chartType": "line"})
    shown = [metric() if show is None else show]
    given = {"sections": {"show": shown, "time": [DAYS], **sections}, "displayOptions": display}
    return given if "sorting" not in sections else {**given, "sorting": sections["sorting"]}


def sorted_by(**charts: Any) -> dict[str, Any]:
    return report(sorting={name.replace("_", "-"): entry for name, entry in charts.items()})


SHOW = "sections.show[0]"
FILTER = "sections.filter[0]"
ROWS: list[tuple[dict[str, Any], list[str]]] = [
    # the frame
    ({}, ["B1_MISSING_SECTIONS@params", "B2_MISSING_DISPLAY_OPTIONS@params"]),
    ({"displayOptions": {}}, ["B1_MISSING_SECTIONS@params"]),
    ({"sections": [], "displayOptions": {}}, ["B1_MISSING_SECTIONS@sections"]),
    ({"sections": {}}, ["B2_MISSING_DISPLAY_OPTIONS@params", "B3_MISSING_SHOW@sections"]),
    (report(display="line"), ["B2_MISSING_DISPLAY_OPTIONS@displayOptions"]),
    (report(display={}), ["B5_INVALID_CHART_TYPE@displayOptions"]),
    (report(display={"chartType": "x"}), ["B5_INVALID_CHART_TYPE@displayOptions.chartType"]),
    (report(display={"chartType": []}), ["B5_INVALID_CHART_TYPE@displayOptions.chartType"]),
    # what is shown
    (report({}), [f"B6_MISSING_BEHAVIOR@{SHOW}"]),
    (report({"behavior": 5}), [f"B6_MISSING_BEHAVIOR@{SHOW}.behavior"]),
    (report({"definition": "A / B"}), [f"B6_MISSING_BEHAVIOR@{SHOW}"]),
    (report({"type": "metric", "id": None}), [f"B6_MISSING_BEHAVIOR@{SHOW}"]),
    (report({"definition": "A", "id": 0}), [f"B27_INVALID_REFERENCE_ID@{SHOW}.id"]),
    (report({"type": "formula", "definition": "A"}), []),
    (report({"behavior": {}}), []),
    (report(metric({"type": "simple"})), [f"B8_MISSING_EVENT_NAME@{SHOW}.behavior"]),
    (report(metric({"type": "simple", "id": 5})), []),
    (report(metric({"type": "event", "name": " "})), [f"B8_MISSING_EVENT_NAME@{SHOW}.behavior"]),
    (report(metric({"type": "formula"})), []),
    (report(metric({"type": "flow"})), [f"B7_INVALID_BEHAVIOR_TYPE@{SHOW}.behavior.type~"]),
    (
        report({"type": "formula", "referencedMetrics": [{"type": None, "id": 4}]}),
        [f"B29_OPERAND_MISSING_TYPE@{SHOW}.referencedMetrics[0]"],
    ),
    # measurements
    (report(counted(math=None)), []),
    (report(counted(math="average", property={})), []),
    (report(counted(math="average")), [f"B10_MATH_MISSING_PROPERTY@{SHOW}.measurement.property~"]),
    (
        report(counted(property={"resourceType": "x"})),
        [f"B16_INVALID_RESOURCE_TYPE@{SHOW}.measurement.property.resourceType~"],
    ),
    (report(counted(property={"type": None})), []),
    (report(metric({"type": "funnel"}, {"math": "conversion_rate"})), []),
    (report(metric({"type": "event", "name": "A", "filtersDeterminer": None})), []),
    # cohorts
    (report(metric({**COHORT, "id": None})), [f"B22_COHORT_MISSING_IDENTIFIER@{SHOW}.behavior"]),
    (report(metric({**COHORT, "resourceType": None}, {"math": None})), []),
    (
        report(metric(COHORT, {"math": "mode"})),
        [f"B24_COHORT_MATH@{SHOW}.measurement.math", f"B9_INVALID_MATH@{SHOW}.measurement.math"],
    ),
    (report(group=[{"cohorts": None}]), []),
    (report(group=[{"cohorts": []}]), ["B26_EMPTY_COHORTS@sections.group[0].cohorts"]),
    (report(filter=[{**MEMBERS, "value": "p"}]), [f"B25_COHORT_FILTER_VALUE@{FILTER}.value"]),
    (report(filter=[{**MEMBERS, "value": "p", "filterOperator": "equals"}]), []),
    # times
    (report(time=[{"dateRangeType": "in the last"}]), []),
    (report(time=[{"unit": "days"}]), ["B12_INVALID_TIME_UNIT@sections.time[0].unit"]),
    (report(time=[5]), ["B12_INVALID_TIME_UNIT@sections.time[0]"]),
    # sorting
    (sorted_by(bar=None), []),
    (sorted_by(bar={}), ["S2_MISSING_COL_SORT_ATTRS@sorting.bar.colSortAttrs", "S8_MISSING_SORT_BY@sorting.bar.sortBy"]),
    (sorted_by(bar={"sortBy": "value", "colSortAttrs": []}), []),
    (sorted_by(bar={"sortBy": "label", "colSortAttrs": []}), ["S1_INVALID_SORT_BY@sorting.bar.sortBy"]),
    (sorted_by(bar={"sortBy": "column", "colSortAttrs": None}), ["S7_NOT_A_LIST@sorting.bar.colSortAttrs"]),
    (sorted_by(bar={"sortBy": "column", "colSortAttrs": [{"sortBy": "column", "sortOrder": "asc"}]}), ["S1_INVALID_SORT_BY@sorting.bar.colSortAttrs[0].sortBy"]),
    (sorted_by(line={}), ["S8_MISSING_SORT_BY@sorting.line.sortBy", "S9_MISSING_SORT_ORDER@sorting.line.sortOrder"]),
    (sorted_by(line={"sortBy": "value", "sortOrder": "asc"}), []),
    (sorted_by(line={"sortBy": "value", "colSortAttrs": []}), []),
    (sorted_by(line={"sortBy": "column"}), ["S2_MISSING_COL_SORT_ATTRS@sorting.line.colSortAttrs"]),
    (sorted_by(line={"sortBy": "label", "sortOrder": "asc", "colSortAttrs": []}), ["S3_UNKNOWN_FIELD@sorting.line.colSortAttrs"]),
    (sorted_by(sankey={}), ["S3_UNKNOWN_FIELD@sorting.sankey"]),
    (sorted_by(heatmap={}), ["S4_UNKNOWN_CHART_TYPE@sorting.heatmap~"]),
]  # fmt: skip


@pytest.mark.parametrize(("params", "findings"), ROWS)
def test_it_finds_this_and_nothing_else(params: dict[str, Any], findings: list[str]) -> None:
    found = mp.validate_bookmark(params)
    marks = {"error": "", "warning": "~"}
    assert sorted(f"{x.code}@{x.path}{marks[x.severity]}" for x in found) == sorted(findings)


def test_sections_that_cannot_be_read_are_all_that_is_said() -> None:
    params = {"sections": 5, "displayOptions": {}, "sorting": 5}
    assert [found.path for found in mp.validate_bookmark(params)] == ["sections"]


@pytest.mark.parametrize("inner", ["filters", "listItemFilters"])
def test_filters_inside_are_looked_at(inner: str) -> None:
    empty = {"value": "p", "filterValue": []}
    if inner == "filters":
        params = report(
            metric({"type": "funnel", "behaviors": [{"name": "A", "filters": [empty]}]})
        )
    else:
        params = report(filter=[{"value": "p", "listItemFilters": [empty]}])
    (found,) = mp.validate_bookmark(params)
    assert (found.code, found.path.rpartition(".")[2]) == ("B20_EMPTY_FILTER_VALUE", "filterValue")


TABLES: dict[str, Any] = {
    "VALID_MATH_INSIGHTS": known.MATHS["insights"],
    "VALID_MATH_FUNNELS": known.MATHS["funnel"],
    "VALID_MATH_RETENTION": known.MATHS["retention"],
    "VALID_PER_USER_AGGREGATIONS": known.PER_USER,
    "VALID_PROPERTY_TYPES": known.PROPERTY_TYPES,
    "VALID_TIME_UNITS": known.TIME_UNITS,
    "VALID_RESOURCE_TYPES": known.RESOURCE_TYPES,
    "VALID_METRIC_TYPES": known.BEHAVIOR_TYPES,
    "VALID_CHART_TYPES": known.CHART_TYPES,
    "VALID_FILTER_OPERATORS": known.OPERATORS,
    "VALID_DATE_RANGE_TYPES": known.DATE_RANGE_TYPES,
    "VALID_FILTERS_DETERMINER": operators.COMBINATORS,
    "VALID_CONVERSION_WINDOW_UNITS": funnel.WINDOW_MAX,
    "VALID_FUNNEL_REENTRY_MODES": funnel.REENTRY_MODES,
    "VALID_RETENTION_UNITS": retention.UNITS,
    "VALID_RETENTION_ALIGNMENT": retention.ALIGNMENTS,
    "VALID_RETENTION_UNBOUNDED_MODES": retention.UNBOUNDED_MODES,
    "VALID_FLOWS_COUNT_TYPES": flow.COUNT_TYPES,
    "VALID_FLOWS_MODES": flow.MODES,
    "VALID_FLOWS_CONVERSION_WINDOW_UNITS": flow.WINDOW_MAX,
    "VALID_TIME_COMPARISON_UNITS": window.COMPARISON_UNITS,
    "VALID_COHORT_AGGREGATION_OPERATORS": get_args(words.CohortAggregationType),
    "VALID_FREQUENCY_FILTER_OPERATORS": get_args(words.FrequencyFilterOperator),
}


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the reference is not here")
@pytest.mark.parametrize("name", TABLES)
def test_the_words_are_those_of_the_reference(name: str) -> None:
    accepted = json.loads(EXAMPLES.read_text(encoding="utf-8"))["accepted_values"]
    assert sorted(TABLES[name]) == sorted(accepted[name])
