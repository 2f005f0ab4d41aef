"""Frames that keep more than the recorded ones, and the constructors that scripts rely on."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import mpnb
from mpnb import result
from mpnb.errors import QueryError
from mpnb.result import Provenance
from mpnb.result.activity import read_activity_feed
from mpnb.result.saved import read_insights

SHARED = Path(os.environ.get("MPNB_SHARED", Path(__file__).parents[2].parent / "shared"))
API = SHARED / "reference" / "api.json"


def envelope(series: dict[str, Any], headers: list[str], **more: Any) -> dict[str, Any]:
    dates = {"from_date": "2025-03-01T00:00:00Z", "to_date": "2025-03-02T23:59:59Z"}
    base = {"computed_at": "2025-03-08T09:15:27+00:00", "date_range": dates, "meta": {}}
    return {**base, "headers": headers, "series": series, **more}


def steps(*counts: int) -> dict[str, Any]:
    names = [f"{at}. S{at}" for at in range(1, len(counts) + 1)]
    return {
        "count": {name: {"all": n} for name, n in zip(names, counts, strict=True)},
        "overall_conv_ratio": {
            name: {"all": n / counts[0]} for name, n in zip(names, counts, strict=True)
        },
    }


def rows(found: Any, *columns: str) -> list[tuple[Any, ...]]:
    return list(found.df[list(columns)].itertuples(index=False, name=None))


def test_segmented_funnel_is_whole() -> None:
    raw = envelope({"F": {"$overall": steps(5, 2), "iOS": steps(3, 1), "web": steps(2, 1)}}, ["$f"])
    found = result.read("funnel", raw, {})
    assert rows(found, "segment", "step", "count") == [
        ("$overall", 1, 5),
        ("$overall", 2, 2),
        ("iOS", 1, 3),
        ("iOS", 2, 1),
        ("web", 1, 2),
        ("web", 2, 1),
    ]
    assert found.overall_conversion_rate == 0.4
    assert [step["count"] for step in found.steps_data] == [5, 2]


def test_two_levels_of_a_funnel_take_their_names() -> None:
    params = {"sections": {"group": [{"propertyName": "os"}, {"propertyName": "plan"}]}}
    raw = envelope({"F": {"$overall": steps(5, 2), "iOS": {"pro": steps(3, 1)}}}, ["$funnel"])
    found = result.read("funnel", raw, params)
    assert rows(found, "os", "plan", "count")[::2] == [
        ("$overall", "$overall", 5),
        ("iOS", "pro", 3),
    ]


def test_no_total_is_invented() -> None:
    found = result.read("funnel", envelope({"F": {"iOS": steps(3, 1)}}, ["$f"]), {})
    assert math.isnan(found.overall_conversion_rate)
    assert found.steps_data == []
    assert len(found.df) == 2


@pytest.mark.parametrize("params", [{}, {"displayOptions": {"chartType": "line"}}])
def test_funnel_trends_keep_every_date(params: dict[str, Any]) -> None:
    series = {"2025-03-01T00:00:00-07:00": steps(4, 2), "2025-03-02T00:00:00-07:00": steps(8, 1)}
    found = result.read("funnel", envelope({"F": series}, ["$f"]), params)
    assert rows(found, "date", "step", "count") == [
        ("2025-03-01", 1, 4),
        ("2025-03-01", 2, 2),
        ("2025-03-02", 1, 8),
        ("2025-03-02", 2, 1),
    ]


def test_dates_of_a_trend_may_stand_inside_the_steps() -> None:
    inside = {"count": {"1. A": {"2025-03-01": 4}, "2. B": {"2025-03-01": 1}}}
    found = result.read("funnel", envelope({"F": inside}, ["$f"]), {})
    assert rows(found, "date", "event", "count") == [("2025-03-01", "A", 4), ("2025-03-01", "B", 1)]


def test_a_breakdown_by_dates_is_no_trend() -> None:
    params = {"displayOptions": {"chartType": "funnel-steps"}}
    raw = envelope({"F": {"2025-03-01": steps(4, 2), "2025-03-02": steps(8, 1)}}, ["$f", "born"])
    found = result.read("funnel", raw, params)
    assert found.df.columns[0] == "segment"


def test_a_segment_called_count_is_a_segment() -> None:
    found = result.read("funnel", envelope({"F": {"count": steps(3, 1)}}, ["$f"]), {})
    assert rows(found, "segment", "count") == [("count", 3), ("count", 1)]


def cohort(*counts: int) -> dict[str, Any]:
    return {"first": 10, "counts": list(counts), "rates": [n / 10 for n in counts]}


def test_retention_by_two_breakdowns_is_whole() -> None:
    series = {
        "$overall": {"$overall": {"2025-03-01": cohort(10, 5)}},
        "iOS": {"US": {"2025-03-01": cohort(6, 3)}, "CA": {"2025-03-01": cohort(4, 2)}},
    }
    raw = envelope({"A and then B": series}, ["$retention", "os", "country"])
    found = result.read("retention", raw, {})
    assert list(found.cohorts) == ["2025-03-01"]
    assert list(found.segments) == ["iOS | US", "iOS | CA"]
    assert rows(found, "os", "country", "bucket", "count")[2:] == [
        ("iOS", "US", 0, 6),
        ("iOS", "US", 1, 3),
        ("iOS", "CA", 0, 4),
        ("iOS", "CA", 1, 2),
    ]


def test_retention_trends_of_plain_numbers_are_kept() -> None:
    raw = envelope({"S": {"2025-03-01T00:00:00Z": 0.5, "2025-03-02T00:00:00Z": 0.4}}, ["$r"])
    assert rows(result.read("retention", raw, {}), "cohort_date", "rate") == [
        ("2025-03-01", 0.5),
        ("2025-03-02", 0.4),
    ]
    counted = {"sections": {"show": [{"measurement": {"math": "unique"}}]}}
    assert rows(result.read("retention", raw, counted), "count") == [(0.5,), (0.4,)]


def test_segmented_saved_insights() -> None:
    series = {"Sign Up": {"US": {"2025-03-01T00:00:00-07:00": 150}}}
    found = read_insights(envelope(series, ["$event", "country"]), 7)
    assert found.to_table_dict() == [
        {"date": "2025-03-01T00:00:00-07:00", "event": "Sign Up", "segment": "US", "count": 150}
    ]


def test_activity_keeps_its_time() -> None:
    event = {"event": "A", "properties": {"time": 1740787200, "$distinct_id": "u", "event": "x"}}
    found = read_activity_feed({"results": {"events": [event]}}, distinct_ids=["u"])
    assert list(found.df.columns) == ["event", "time", "distinct_id", "properties.event"]
    assert found.df["time"][0].isoformat() == "2025-03-01T00:00:00+00:00"


def test_email_beside_email() -> None:
    profile = {"$distinct_id": "u", "$properties": {"$email": "a", "email": "b", "$city": "Oslo"}}
    found = result.read("users", {"results": [profile]}, {})
    assert found.to_table_dict() == [
        {"distinct_id": "u", "last_seen": None, "$email": "a", "city": "Oslo", "email": "b"}
    ]


def test_comparison_is_a_result_of_its_own() -> None:
    other = {"date_range": {"from_date": "2025-02-01"}, "series": {"A": {"2025-02-01": 3}}}
    raw = envelope({"A": {"2025-03-01": 5}}, ["$metric"], time_comparison=other)
    found = result.read("insights", raw, {})
    assert found.comparison is not None
    assert rows(found.comparison, "date", "count") == [("2025-02-01", 3)]
    assert found.comparison.comparison is None


def test_provenance_says_what_is_cut() -> None:
    meta = {"is_segmentation_limit_hit": True, "sampling_factor": 0.1, "incomplete": ["2025-03-02"]}
    raw = envelope({"A": {"2025-03-01": 5, "2025-03-02": 1}}, ["$metric"])
    found = result.read("insights", {**raw, "meta": meta}, {}, Provenance(source="shop"))
    assert found.provenance.line() == (
        "shop · 2025-03-01 – 2025-03-02 · computed 2025-03-08 09:15:27 · "
        "segments cut at the limit of the query · last bucket not whole · sampled at 10%"
    )


def test_an_error_body_is_no_answer() -> None:
    for kind in ("insights", "funnel", "retention", "flow", "users"):
        with pytest.raises(QueryError, match="boom"):
            result.read(kind, {"error": "boom"}, {})


@pytest.mark.parametrize("kind", ["insights", "funnel", "retention"])
@pytest.mark.parametrize("key", ["series", "meta", "date_range"])
def test_an_odd_body_is_refused(kind: str, key: str) -> None:
    with pytest.raises(QueryError, match=f"'{key}' is a list"):
        result.read(kind, {**envelope({}, ["$metric"]), key: [1]}, {})


@pytest.mark.parametrize("kind", ["insights", "funnel", "retention"])
def test_a_body_without_anything_is_empty(kind: str) -> None:
    found = result.read(kind, {"series": None, "headers": None}, {})
    assert len(found.df) == 0


def test_graph_of_a_flow() -> None:
    nodes = [
        {"event": "A", "totalCount": "5", "edges": [{"event": "B", "totalCount": "3", "step": 2}]}
    ]
    raw = {"steps": [{"nodes": nodes}, {}, {"nodes": [{"event": "B", "totalCount": "3"}]}]}
    found = result.read("flow", raw, {})
    assert isinstance(found.graph, nx.DiGraph)
    assert list(found.graph.edges(data=True)) == [("A@0", "B@2", {"count": 3, "type": ""})]
    assert found.graph is found.graph


def tree() -> dict[str, Any]:
    leaf = {"step": {"event": "B", "type": "NORMAL", "stepNumber": 1}, "totalCount": "4"}
    step = {"event": "A", "type": "ANCHOR", "stepNumber": 0}
    root = {"step": step, "totalCount": "7", "dropOffTotalCount": 3, "convertedTotalCount": 4}
    return {"root": {**root, "children": [leaf, {**leaf, "totalCount": 1}]}}


def test_trees_in_camel_case() -> None:
    found = result.read("flow", {"trees": [tree()]}, {"flows_merge_type": "tree"})
    root = found.trees[0]
    assert root.render() == "A (7)\n├── B (4)\n└── B (1)\n"
    assert (root.depth, root.node_count, root.leaf_count) == (1, 3, 2)
    assert [node.event for node in root.all_paths()[1]] == ["A", "B"]
    assert [child.parent.event for child in found.anytree[0].children] == ["A", "A"]
    assert found.anytree[0].name == "A"
    assert rows(found, "path", "total_count") == [("A", 7), ("A > B", 4), ("A > B", 1)]


def _classes() -> list[str]:
    return [name for name in result.__all__ if dataclasses.is_dataclass(getattr(result, name))]


@pytest.mark.skipif(not API.exists(), reason="the reference is not beside the checkout")
@pytest.mark.parametrize("name", sorted(_classes()))
def test_names_are_promises(name: str) -> None:
    known = json.loads(API.read_text("utf-8"))
    found = {**known["referenced_but_not_exported"], **known["names"]}.get(name)
    if found is None:
        pytest.skip("a class of our own")
    cls = getattr(result, name)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    promised = found["fields"]
    positional = [field for field, about in promised.items() if not about.get("kw_only")]
    own = [f.name for f in fields.values() if not f.kw_only]
    assert own[: len(positional)] == positional
    for field, about in promised.items():
        if field not in fields and field.endswith("_cache"):
            continue  # how a result keeps its frames is its own affair
        empty = fields[field].default is dataclasses.MISSING
        assert bool(about.get("required")) == (
            empty and fields[field].default_factory is dataclasses.MISSING
        ), field
        if "default" in about and about["default"] != []:
            assert fields[field].default == about["default"]
    for member in (*found.get("properties", {}), *found.get("methods", {})):
        assert hasattr(cls, member), member
    if any(base == "ResultWithDataFrame" for base in found.get("bases", [])):
        assert fields["_df_cache"].kw_only
        assert issubclass(cls, result.ResultWithDataFrame)


def test_results_are_frozen_and_equal_by_value() -> None:
    first, second = (result.QueryResult("at", "a", "b", series={"A": {"all": 1}}) for _ in "12")
    assert first == second
    assert first.df is first.df
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.series = {}  # type: ignore[misc]


ANSWERED: dict[str, Any] = {
    "computed_at": "2025-03-08",
    "from_date": "2025-03-01",
    "to_date": "2025-03-07",
}


@pytest.mark.parametrize("headers", [["$metric", "plan"], ["$metric", "plan", "country"]])
@pytest.mark.parametrize(
    ("series", "columns"),
    [
        ({"A": {"all": 5}}, ["event", "count"]),
        ({"A": {"2025-03-01": 5}}, ["date", "event", "count"]),
        ({"A": {"pro": {"2025-03-01": 5}}}, ["date", "event", "segment", "count"]),
    ],
)
def test_levels_are_those_of_the_answer(headers: Any, series: Any, columns: list[str]) -> None:
    frame = mpnb.QueryResult(**ANSWERED, headers=headers, series=series).df
    assert (list(frame.columns), list(frame["count"])) == (columns, [5])


def test_steps_that_lack_measures_have_all_columns() -> None:
    steps = [{"event": "A", "count": 10}, {"event": "B", "overall_conv_ratio": 0.5, "more": 1}]
    frame = mpnb.FunnelQueryResult(**ANSWERED, steps_data=steps).df
    assert list(frame.columns[:7]) == [
        "step",
        "event",
        "count",
        "step_conv_ratio",
        "overall_conv_ratio",
        "avg_time",
        "avg_time_from_start",
    ]
    assert (list(frame["count"]), list(frame["overall_conv_ratio"])) == ([10, 0], [0, 0.5])


@pytest.mark.parametrize(
    ("params", "meta", "data", "rows"),
    [
        ({}, {}, 5, [("aggregate", 5)]),
        ({"action": "count()"}, {"segmented": True}, 5, [("count()", 5)]),
        ({"action": "count()"}, {"segmented": True}, {"pro": 5}, [("pro", 5)]),
        ({"action": "count()"}, {"segmented": True}, None, []),
    ],
)
def test_no_aggregate_is_lost(params: Any, meta: Any, data: Any, rows: list[Any]) -> None:
    found = mpnb.UserQueryResult(
        "2025-03-08", 5, params=params, meta=meta, mode="aggregate", aggregate_data=data
    )
    assert [tuple(row) for row in found.df.itertuples(index=False)] == rows
