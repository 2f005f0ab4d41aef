"""What type checkers infer for calls as the guides make them; checked by mypy and pyright, not run."""

from __future__ import annotations

from typing import Any, assert_type

import networkx as nx
import pandas as pd

import mpnb as mp
from mpnb import (
    BehaviorRef,
    BookmarkValidationError,
    CohortBreakdown,
    CohortCriteria,
    CohortDefinition,
    CohortMetric,
    CustomPropertyRef,
    Exclusion,
    Filter,
    FlowStep,
    FlowTreeNode,
    Formula,
    FrequencyBreakdown,
    FrequencyFilter,
    FunnelStep,
    GroupBy,
    HoldingConstant,
    InlineCustomProperty,
    MathType,
    Metric,
    RetentionEvent,
    TimeComparison,
    ValidationError,
    validate_bookmark,
)


def insights(ws: mp.Workspace) -> None:
    often = CohortDefinition(CohortCriteria.did_event("Purchase", at_least=3, within_days=30))
    revenue = InlineCustomProperty.numeric("A * B", A="price", B="quantity")
    math: MathType = "unique"
    result = ws.query(
        [
            Metric("Sign Up", math=math),
            Metric("Purchase", math="total", property=revenue),
            "Search",
        ],
        formula="(B / A) * 100",
        formula_label="Rate",
        where=[Filter.equals("country", "US"), Filter.in_cohort(often, name="Often")],
        group_by=["plan", GroupBy("amount", property_type="number", bucket_size=50)],
        time_comparison=TimeComparison.relative("week"),
        unit="week",
        last=90,
    )
    assert_type(result, mp.QueryResult)
    assert_type(result.df, pd.DataFrame)
    assert_type(result.params, dict[str, Any])
    assert_type(result.from_date, str)
    ws.query([Metric("A"), Formula("A * 2", label="Twice")], where=FrequencyFilter("B", 3))
    ws.query(CohortMetric(123, "Often"), group_by=FrequencyBreakdown(event="B"))
    ws.query("A", group_by=[CohortBreakdown(often, name="Often"), "platform"])
    ws.query(Metric("A", math="average", property=CustomPropertyRef(42)))
    assert_type(ws.build_params("A", math="dau", last=90), dict[str, Any])
    assert_type(ws.run_params({}, limit=10), mp.QueryResult)
    assert_type(validate_bookmark({}), list[ValidationError])


def funnels(ws: mp.Workspace) -> None:
    result = ws.query_funnel(
        ["Sign Up", FunnelStep("Purchase", filters=[Filter.greater_than("amount", 50)])],
        conversion_window=7,
        conversion_window_unit="day",
        exclusions=["Log Out", Exclusion("Refund", from_step=0, to_step=1)],
        holding_constant=["platform", HoldingConstant("plan", resource_type="people")],
        mode="trends",
    )
    assert_type(result, mp.FunnelQueryResult)
    assert_type(result.overall_conversion_rate, float)
    assert_type(result.df, pd.DataFrame)
    ws.query_funnel(BehaviorRef(3, "funnel"))
    assert_type(ws.build_funnel_params(["A", "B"]), dict[str, Any])
    assert_type(ws.run_funnel_params({}), mp.FunnelQueryResult)


def retention(ws: mp.Workspace) -> None:
    result = ws.query_retention(
        RetentionEvent("Sign Up", filters=[Filter.equals("source", "organic")]),
        "Open App",
        retention_unit="day",
        bucket_sizes=[1, 3, 7],
        alignment="interval_start",
    )
    assert_type(result, mp.RetentionQueryResult)
    assert_type(result.average, dict[str, Any])
    assert_type(result.df, pd.DataFrame)
    assert_type(ws.build_retention_params("A", "B"), dict[str, Any])
    assert_type(ws.run_retention_params({}), mp.RetentionQueryResult)


def flows(ws: mp.Workspace) -> None:
    result = ws.query_flow(FlowStep("Purchase", forward=5), mode="tree", hidden_events=["Search"])
    assert_type(result, mp.FlowQueryResult)
    assert_type(result.trees, list[FlowTreeNode])
    assert_type(result.nodes_df, pd.DataFrame)
    assert_type(result.top_transitions(5), list[tuple[str, str, int]])
    graph: nx.DiGraph[str] = result.graph
    assert_type(graph.number_of_nodes(), int)
    for tree in result.trees:
        assert_type(tree.render(), str)
        assert_type(tree.all_paths(), list[list[FlowTreeNode]])
    ws.query_flow(["Sign Up", FlowStep("Purchase")], segments="platform")
    assert_type(ws.build_flow_params("A", forward=3), dict[str, Any])
    assert_type(ws.run_flow_params({}, mode="paths"), mp.FlowQueryResult)


def users(ws: mp.Workspace) -> None:
    result = ws.query_user(mode="profiles", where=Filter.is_set("$email"), limit=5)
    assert_type(result, mp.UserQueryResult)
    assert_type(result.profiles, list[dict[str, Any]])
    assert_type(result.value, int | float | None)
    assert_type(ws.build_user_params(where=Filter.is_set("$email")), dict[str, Any])


def discovery(ws: mp.Workspace) -> None:
    assert_type(ws.events(), list[str])
    assert_type(ws.top_events(), list[mp.TopEvent])
    assert_type(ws.cohorts(), list[mp.SavedCohort])
    assert_type(ws.lexicon_schemas(entity_type="event"), list[mp.LexiconSchema])
    result = ws.segmentation(event="A", from_date="2025-01-01", to_date="2025-01-31", on="plan")
    assert_type(result, mp.SegmentationResult)


def opening() -> None:
    assert_type(mp.demo(), mp.Workspace)
    assert_type(mp.local([]), mp.Workspace)
    with mp.demo() as ws:
        assert_type(ws, mp.Workspace)


def findings(ws: mp.Workspace) -> None:
    try:
        ws.query("")
    except BookmarkValidationError as error:
        assert_type(error.errors, tuple[ValidationError, ...])
        assert_type(error.errors[0].code, str)
        assert_type(error.errors[0].suggestion, tuple[str, ...] | None)


def keeping(ws: mp.Workspace) -> None:
    params = mp.CreateBookmarkParams(
        name="A", bookmark_type="insights", params=ws.build_params("A")
    )
    assert_type(ws.create_bookmark(params), mp.Bookmark)
