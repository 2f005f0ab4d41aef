"""The engine's door: params, refused extras, discovery and legacy calls; metrics of behaviors."""

from __future__ import annotations

import pytest

from mpnb import params
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.engine import DuckEngine
from mpnb.engine.duckdb.insights import answer
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError, QueryError
from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior
from mpnb.query.breakdown import GroupBy
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import FunnelMetric, Metric, MetricRef, RetentionMetric
from mpnb.query.window import TimeComparison, TimeRange

START = 1735689600  # 2025-01-01T00:00Z
DAY = 86400
RANGE = TimeRange(from_date="2025-01-01", to_date="2025-01-03")


def row(event: str, user: str, seconds: int, **properties) -> dict:
    time = START + seconds
    given = {"time": time, "distinct_id": user, "$insert_id": f"{event}{user}{seconds}"}
    return {"event": event, "properties": given | properties}


ROWS = [
    row("S", "u1", 0, os="ios", cart=[{"b": "x"}]),
    row("P", "u1", 60, os="ios", v=5),
    row("S", "u2", 100, os="web"),
    row("S", "u3", DAY, os="ios"),
    row("P", "u3", DAY + 30, os="ios", v="7"),
    row("L", "u1", DAY + 60),
    row("L", "u1", DAY + 3700),
    row("S", "u4", 2 * DAY, team=["a", "b"]),
    row("P", "u4", 2 * DAY + 5, team="a"),
]


@pytest.fixture
def engine() -> DuckEngine:
    settings = {"group_keys": [{"id": 7, "key": "team"}]}
    made = Store.from_rows(ROWS, now="2025-01-03T12:00:00+00:00", settings=settings)
    return DuckEngine(made, "local store test")


def ask(engine: DuckEngine, *metrics, **more) -> dict:
    query = InsightsQuery(metrics=metrics, range=RANGE, **more)
    return engine.run("insights", params.build(query))


def values(line: dict) -> list:
    return list(line.values())


def test_run_answers_params_in_the_shape_of_the_endpoint(engine):
    raw = ask(engine, Metric("S"), group_by=(GroupBy("os"),))
    assert list(raw) == ["computed_at", "date_range", "headers", "series", "meta"]
    assert raw["computed_at"] == "2025-01-03T12:00:00+00:00"
    assert raw["date_range"]["to_date"] == "2025-01-03T23:59:59+00:00"
    assert raw["headers"] == ["$metric", "os"]
    assert raw["series"]["S"]["ios"] == {
        "2025-01-01T00:00:00+00:00": 1,
        "2025-01-02T00:00:00+00:00": 1,
        "2025-01-03T00:00:00+00:00": 0,
    }
    assert raw["meta"]["incomplete"] == ["2025-01-03T00:00:00+00:00"]
    assert engine.steps == ["pass: total of 'S' by day"]


def test_meaningful_extras_are_refused(engine):
    made = params.build(InsightsQuery(metrics=(Metric("S"),), range=RANGE))
    made["sections"]["show"][0]["behavior"]["firstTimeOnly"] = True
    with pytest.raises(NotSupportedError, match="firstTimeOnly"):
        engine.run("insights", made)


def test_unknown_calls_and_saved_metrics_are_refused(engine):
    with pytest.raises(NotSupportedError, match="lexicon_schemas"):
        engine.call("lexicon_schemas", {})
    with pytest.raises(NotSupportedError, match="saved in a Mixpanel project"):
        answer(engine.store, InsightsQuery(metrics=(MetricRef(1),), range=RANGE), Context())
    query = InsightsQuery(metrics=(FunnelMetric(BehaviorRef(1, "funnel")),), range=RANGE)
    with pytest.raises(NotSupportedError, match="saved in a Mixpanel project"):
        answer(engine.store, query, Context())


def test_a_funnel_is_a_metric(engine):
    metric = FunnelMetric(FunnelBehavior(["S", "P"], conversion_window=1), label="rate")
    assert values(ask(engine, metric)["series"]["rate"]) == [0.5, 1, 1]
    assert values(ask(engine, metric, mode="total")["series"]["rate"]) == [0.75]
    split = ask(engine, metric, group_by=(GroupBy("os"),))["series"]["rate"]
    assert values(split["ios"]) == [1, 1, 0]
    first = FunnelMetric(FunnelBehavior(["S", "P"]), math="unique", step_index=0, label="n")
    assert values(ask(engine, first)["series"]["n"]) == [2, 1, 1]


def test_a_retention_is_a_metric(engine):
    behavior = RetentionBehavior("S", "L", retention_unit="day")
    metric = RetentionMetric(behavior, bucket_index=1, label="day 1")
    assert values(ask(engine, metric)["series"]["day 1"]) == [0.5, 0, 0]
    with pytest.raises(NotSupportedError, match="bucket_index"):
        ask(engine, RetentionMetric(behavior, label="any"))


def test_groups_take_the_place_of_users_and_totals_count_events_once(engine):
    metrics = (Metric("$all_events"), Metric("$all_events", math="unique"))
    series = ask(engine, *metrics, data_group_id=7, mode="total")["series"]
    assert [line["all"] for line in series.values()] == [2, 2]


def test_the_comparison_has_its_own_dates(engine):
    query = InsightsQuery(
        metrics=(Metric("S"),),
        range=TimeRange(from_date="2025-01-02", to_date="2025-01-02"),
        time_comparison=TimeComparison.relative("day"),
    )
    raw = answer(engine.store, query, Context())
    assert raw["series"] == {"S": {"2025-01-02T00:00:00+00:00": 1}}
    assert raw["time_comparison"]["series"] == {"S": {"2025-01-01T00:00:00+00:00": 2}}


def test_segmentation(engine):
    asked = {"event": "S", "from_date": "2025-01-01", "to_date": "2025-01-02", "unit": "day"}
    raw = engine.call("segmentation", asked | {"on": "os", "where": None})
    assert raw["data"]["values"]["web"] == {"2025-01-01": 1, "2025-01-02": 0}
    where = 'properties["os"] == "ios"'
    raw = engine.call("segmentation", asked | {"on": None, "where": where})
    assert raw["data"]["values"] == {"S": {"2025-01-01": 1, "2025-01-02": 1}}
    raw = engine.call("segmentation", asked | {"on": 'properties["none"]', "where": None})
    assert list(raw["data"]["values"]) == ["undefined"]


def test_activity_feed_is_in_order_of_time(engine):
    asked = {"distinct_ids": ["u3", "u1", "nobody"], "from_date": None, "to_date": "2025-01-02"}
    events = engine.call("activity_feed", asked | {"limit": 3})["results"]["events"]
    assert [event["event"] for event in events] == ["S", "P", "S"]
    assert events[0]["properties"]["$distinct_id"] == "u1"
    assert events[0]["properties"]["cart"] == [{"b": "x"}]
    with pytest.raises(NotSupportedError, match="use_custom_events"):
        engine.call("activity_feed", asked | {"use_custom_events": True})


def test_discovery(engine):
    assert engine.call("events", {"limit": 2}) == ["S", "P"]
    assert set(engine.call("properties", {"event": "P"})) >= {"os", "v", "team"}
    with pytest.raises(QueryError) as caught:
        engine.call("properties", {"event": "Nope"})
    assert caught.value.status_code == 404
    asked = {"property_name": "team", "event": None, "limit": 10}
    assert engine.call("property_values", asked) == ["a", "b"]
    asked = {"property_name": "cart", "event": "S", "sample_size": 5}
    assert engine.call("subproperties", asked) == ['[{"b": "x"}]']


def test_engagement_and_distribution(engine):
    dates = {"from_date": "2025-01-01", "to_date": "2025-01-03"}
    raw = engine.call("engagement_distribution", dates | {"events": None, "buckets": [1, 2, 4]})
    assert raw == {"total_users": 4, "buckets": [[1, "1", 1], [2, "2-3", 2], [4, "4+", 1]]}
    asked = dates | {"event": "S", "property": "os", "limit": 2}
    assert engine.call("property_distribution", asked) == {
        "total": 4,
        "values": {"ios": 2, "undefined": 1},
    }
