"""Words stand in one table each, and the `Literal` beside it has the same."""

from __future__ import annotations

from typing import Any, get_args

import pytest

import mpnb as mp
from mpnb.params import build_flow, build_funnel, build_insights, build_retention
from mpnb.query import behavior, breakdown, cohort, frequency, math, metric_ref, operators, window
from mpnb.query import words as w
from mpnb.query.filter import Filter
from mpnb.query.rules import flow, funnel, insights, retention, users

TABLES: list[tuple[Any, Any]] = [
    (w.MathType, math.INSIGHTS_MATHS),
    (w.FunnelMathType, math.FUNNEL_MATHS),
    (w.RetentionMathType, math.RETENTION_MATHS),
    (w.PerUserAggregation, math.PER_USER_AGGREGATIONS),
    (w.SegmentMethod, math.SEGMENT_METHODS),
    (w.FilterOperator, operators.OPERATORS),
    (w.FilterPropertyType, operators.PROPERTY_TYPES),
    (w.FilterDateUnit, operators.DATE_UNITS),
    (w.FiltersCombinator, operators.COMBINATORS),
    (w.FilterQuantifier, operators.QUANTIFIERS),
    (w.ResourceType, operators.RESOURCE_TYPES),
    (w.CustomPropertyType, breakdown.CUSTOM_PROPERTY_TYPES),
    (w.CohortAggregationType, cohort.AGGREGATIONS),
    (w.CohortPropertyOperator, cohort.PROPERTY_OPERATORS),
    (w.InputType, cohort.INPUT_TYPES),
    (w.FrequencyFilterOperator, frequency.FREQUENCY_OPERATORS),
    (w.FrequencyUnit, frequency.FREQUENCY_UNITS),
    (w.TimeComparisonType, window.COMPARISON_TYPES),
    (w.TimeComparisonUnit, window.COMPARISON_UNITS),
    (w.QueryTimeUnit, window.TIME_UNITS),
    (w.BehaviorRefType, behavior.BEHAVIOR_TYPES),
    (w.MetricRefType, metric_ref.REF_TYPES),
    (w.FunnelOrder, metric_ref.FUNNEL_ORDERS),
    (w.InsightsMode, insights.MODES),
    (w.InsightsMode, build_insights.CHARTS),
    (w.FunnelMode, funnel.MODES),
    (w.FunnelMode, build_funnel.CHARTS),
    (w.ConversionWindowUnit, funnel.WINDOW_MAX),
    (w.FunnelReentryMode, funnel.REENTRY_MODES),
    (w.RetentionMode, retention.MODES),
    (w.RetentionMode, build_retention.CHARTS),
    (w.RetentionAlignment, retention.ALIGNMENTS),
    (w.RetentionUnboundedMode, retention.UNBOUNDED_MODES),
    (w.TimeUnit, retention.UNITS),
    (w.FlowChartType, flow.MODES),
    (w.FlowChartType, build_flow.CHARTS),
    (w.FlowCountType, flow.COUNT_TYPES),
    (w.FlowConversionWindowUnit, flow.WINDOW_MAX),
    (w.UserMode, users.MODES),
    (w.UserAggregate, users.AGGREGATES),
    (w.SortOrder, users.SORT_ORDERS),
]


@pytest.mark.parametrize(("alias", "table"), TABLES)
def test_a_literal_equals_its_table(alias: Any, table: Any) -> None:
    assert set(get_args(alias)) == set(table)
    assert len(table) == len(set(table))


def test_every_operator_has_a_factory_of_its_name() -> None:
    for row in operators.OPERATORS.values():
        assert callable(getattr(Filter, row.factory))
        assert row.help
        assert row.text


def test_every_alias_of_an_operator_is_a_word_of_its_literal() -> None:
    given = {word for part in get_args(w.FilterOperatorInput) for word in get_args(part) or (part,)}
    assert given == set(operators.PUBLIC_NAMES)


def test_public_names_exist() -> None:
    for name in mp.__all__:
        assert name in mp.LAZY or name in mp.MODULES or name in vars(mp)
