"""Saved reports hold more than the builders write: it is carried, shown and judged."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from mpnb import params
from mpnb.errors import BookmarkValidationError
from mpnb.params.extras import ABSENT, diff, overlay
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import Metric
from mpnb.query.question import Extra
from mpnb.query.window import TimeRange

REPORT: dict[str, Any] = {
    "id": 7,
    "name": "Signups by plan",
    "type": "insights",
    "params": {
        "title": "Signups",
        "legend": {"line": {"hidden": ["free"]}},
        "sorting": {"line": {"sortBy": "value", "colSortAttrs": []}},
        "columnWidths": {"table": {}},
        "displayOptions": {
            "chartType": "stacked-column",
            "plotStyle": "stacked",
            "analysis": "linear",
            "value": "absolute",
            "primaryYAxisOptions": {"label": None},
        },
        "sections": {
            "show": [
                {
                    "type": "metric",
                    "isHidden": False,
                    "metricId": "x1",
                    "behavior": {
                        "type": "simple",
                        "name": "Signup",
                        "resourceType": "events",
                        "dataset": "$mixpanel",
                        "dataGroupId": None,
                        "profileType": None,
                        "search": "",
                        "filters": [],
                        "filtersDeterminer": "all",
                    },
                    "measurement": {
                        "math": "unique",
                        "property": None,
                        "perUserAggregation": None,
                    },
                }
            ],
            "cohorts": [],
            "group": [
                {
                    "value": "plan",
                    "propertyName": "plan",
                    "resourceType": "events",
                    "propertyType": "string",
                    "propertyDefaultType": "string",
                    "typeCast": None,
                    "isHidden": False,
                }
            ],
            "filter": [
                {
                    "resourceType": "events",
                    "filterType": "number",
                    "defaultType": "number",
                    "filterValue": 5,
                    "filterOperator": "is equal to",
                    "value": "amount",
                    "isExpanded": True,
                }
            ],
            "formula": [],
            "time": [
                {
                    "dateRangeType": "in the last",
                    "unit": "week",
                    "window": {"unit": "day", "value": 90},
                }
            ],
        },
    },
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The report with one value set, or taken away when ``to`` is ``ABSENT``."""
    body = copy.deepcopy(REPORT)
    holder = body["params"]
    for key in path[:-1]:
        holder = holder[key]
    if to is ABSENT:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return body


def comes_back(body: dict[str, Any]) -> InsightsQuery:
    question = params.read_report(body)
    same = json.dumps(question.to_params(), sort_keys=True)
    assert same == json.dumps(body["params"], sort_keys=True)
    assert isinstance(question, InsightsQuery)
    return question


def test_report_of_the_product_is_read_and_comes_back() -> None:
    question = comes_back(REPORT)
    assert question.metrics == (Metric("Signup", math="unique"),)
    assert question.unit == "week"
    assert question.range.last == 90
    assert params.meaningful_extras(question) == ()


def test_what_is_beyond_is_listed_in_words() -> None:
    words = params.unknown(comes_back(REPORT))
    assert 'displayOptions.plotStyle: "stacked" (how the report looks)' in words
    assert any(line.startswith("sections.show[0].metricId: ") for line in words)
    assert all("changes the question" not in line for line in words)


SHOW = ("sections", "show", 0)
MEANINGFUL: dict[str, tuple[Any, ...]] = {
    "unknown key of a metric": (*SHOW, "measurement", "attribution", {"model": "first"}),
    "unknown key of a behavior": (*SHOW, "behavior", "sampling", 0.1),
    "unknown section": ("sections", "experiments", [1]),
    "unknown top key": ("samplingFactor", 0.1),
    "window in months": ("sections", "time", 0, "window", {"unit": "month", "value": 3}),
    "breakdown of others": ("sections", "group", 0, "resourceType", "other"),
    "another cast": ("sections", "group", 0, "typeCast", "number"),
    "chart of other numbers": ("displayOptions", "chartType", "funnel-top-paths"),
    "unknown operator": ("sections", "filter", 0, "filterOperator", "sounds like"),
    "a flag": ("sections", "includeToday", False),
    "another profile type": (*SHOW, "behavior", "resourceType", "other"),
}


@pytest.mark.parametrize("name", MEANINGFUL)
def test_what_changes_the_question_is_known(name: str) -> None:
    *path, value = MEANINGFUL[name]
    question = comes_back(changed(*path, to=value))
    assert params.meaningful_extras(question)
    assert any("changes the question" in line for line in params.unknown(question))


HARMLESS: dict[str, tuple[Any, ...]] = {
    "no filters": ("sections", "filter", ABSENT),
    "no determiner": (*SHOW, "behavior", "filtersDeterminer", ABSENT),
    "another description": ("description", "What people see"),
    "another color": (*SHOW, "color", "#fff"),
    "wider columns": ("columnWidths", {"bar": {"a": 1}}),
    "logarithmic": ("displayOptions", "analysis", "logarithmic"),
    "bars": ("displayOptions", "chartType", "pie"),
    "since a date": (
        "sections",
        "time",
        [{"dateRangeType": "since", "unit": "day", "value": "2024-01-01"}],
    ),
    "on a date": (
        "sections",
        "time",
        [{"dateRangeType": "on", "unit": "day", "value": "2024-01-01"}],
    ),
    "renamed metric": (*SHOW, "name", "People"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_different_is_known(name: str) -> None:
    *path, value = HARMLESS[name]
    question = comes_back(changed(*path, to=value))
    assert params.meaningful_extras(question) == ()


def test_open_and_single_days_are_ranges() -> None:
    def when(kind: str) -> TimeRange:
        time = [{"dateRangeType": kind, "unit": "day", "value": "2024-01-01"}]
        return comes_back(changed("sections", "time", to=time)).range

    assert when("since") == TimeRange(from_date="2024-01-01")
    assert when("on") == TimeRange(from_date="2024-01-01", to_date="2024-01-01")


def test_params_may_be_text_and_in_an_envelope() -> None:
    body = {**REPORT, "params": json.dumps(REPORT["params"])}
    assert params.read_report({"status": "ok", "results": body}) == params.read_report(REPORT)


def test_report_type_decides_the_kind() -> None:
    built = params.read({"action": "count()"}, "users").to_params()
    assert built == {"action": "count()"}
    assert params.read({}, "users").to_params() == {}


PAIRS: list[tuple[Any, Any]] = [
    ({"a": 1}, {"a": 1.0}),
    ({"a": True}, {"a": 1}),
    ({"a": [1, 2, 3]}, {"a": [1]}),
    ({"a": [1]}, {"a": [1, 2, 3]}),
    ({"a": []}, {"a": [{"b": 1}]}),
    ({}, {"a": {"b": 1}}),
    ({"a": {"b": [{"c": None}]}}, {}),
    ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"d": 2}], "e": 1}}),
    ({"a": {}}, {"a": []}),
    ({"a": None}, {"a": {"b": 1}}),
]


@pytest.mark.parametrize(("wanted", "built"), PAIRS)
def test_overlay_undoes_diff(wanted: Any, built: Any) -> None:
    before = copy.deepcopy(built)
    extras = [Extra(path, value) for path, value in diff(wanted, built)]
    assert json.dumps(overlay(built, extras)) == json.dumps(wanted)
    assert built == before


def test_extra_without_a_place_is_named() -> None:
    with pytest.raises(BookmarkValidationError) as error:
        overlay({"a": [1]}, [Extra(("a", 4, "b"), 1)])
    assert [finding.code for finding in error.value.errors] == ["PX1_NO_PLACE"]
    assert error.value.errors[0].path == "a[4].b"


def test_equal_values_have_no_difference() -> None:
    assert list(diff(REPORT, copy.deepcopy(REPORT))) == []


def test_extras_are_dropped_when_the_question_moves_away_from_them() -> None:
    question = comes_back(REPORT)
    plain = replace(question, extras=())
    assert params.unknown(plain) == []
