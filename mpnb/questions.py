"""Asking: the fifteen methods of a workspace that turn arguments into an answer.

Enters: keyword arguments, or params JSON. Leaves: a typed result. The surprise: `ask` is the whole
path of the data; every other method only makes the question for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mpnb.asking import Asking, asking, building
from mpnb.engine.base import RunOptions
from mpnb.query.behavior import BehaviorRef
from mpnb.query.breakdown import CohortBreakdown, FrequencyBreakdown, GroupBy
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.metric import (
    CohortMetric,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.retention import retention
from mpnb.query.step import Exclusion, FunnelStep, HoldingConstant, RetentionEvent
from mpnb.query.users import users
from mpnb.query.window import TimeComparison
from mpnb.query.words import (
    ConversionWindowUnit,
    FlowChartType,
    FunnelMathType,
    FunnelMode,
    FunnelOrder,
    FunnelReentryMode,
    InsightsMode,
    MathType,
    PerUserAggregation,
    QueryTimeUnit,
    RetentionAlignment,
    RetentionMathType,
    RetentionMode,
    RetentionUnboundedMode,
    TimeUnit,
)
from mpnb.result import (
    FlowQueryResult,
    FunnelQueryResult,
    QueryResult,
    RetentionQueryResult,
    UserQueryResult,
)

if TYPE_CHECKING:  # pydantic models, which asking does not need at run time
    from mpnb.entity.saved import SavedBehavior, SavedMetric

    Event = (
        str
        | Metric
        | CohortMetric
        | FunnelMetric
        | RetentionMetric
        | MetricRef
        | SavedMetric
        | Formula
    )
    Events = Event | Sequence[Event]

Breakdown = str | GroupBy | CohortBreakdown | FrequencyBreakdown
Breakdowns = Breakdown | Sequence[Breakdown]
Filters = Filter | FrequencyFilter | Sequence[Filter | FrequencyFilter]


class Questions(Asking):
    """The fifteen ways to ask: a query, its params, and params run again, for each kind."""

    def query(
        self,
        events: Events,
        *,
        from_date: str | None = None,
        to_date: str | None = None,
        last: int = 30,
        unit: QueryTimeUnit = "day",
        math: MathType = "total",
        math_property: str | None = None,
        per_user: PerUserAggregation | None = None,
        percentile_value: int | float | None = None,
        group_by: Breakdowns | None = None,
        where: Filters | None = None,
        formula: str | None = None,
        formula_label: str | None = None,
        rolling: int | None = None,
        cumulative: bool = False,
        mode: InsightsMode = "timeseries",
        time_comparison: TimeComparison | None = None,
        data_group_id: int | None = None,
        limit: int | None = None,
    ) -> QueryResult:
        """Ask how often something happened: metrics over time, in total or as a table.

        Args:
            events: an event's name, a metric, a formula, or several of them.
            from_date: first day, ``YYYY-MM-DD`` in the project's zone; without it `last` counts.
            to_date: last day, included; without it the range runs to today.
            last: number of days up to and including today.
            unit: width of a point on the time axis.
            math: how plain event names are counted; a `Metric` brings its own.
            math_property: the property that `math` works on.
            per_user: aggregate within each user before `math` across users.
            percentile_value: 0 to 100, for ``math="percentile"``.
            group_by: one breakdown or several, nested in the given order.
            where: filters that every event must pass.
            formula: arithmetic over the metrics by letter, for example ``"A / B * 100"``.
            formula_label: the name of the formula's line.
            rolling: average over this many points, each with those before it.
            cumulative: add up from the start of the range.
            mode: a line over time, one total per segment, or a table.
            time_comparison: the same question for an earlier period beside it.
            data_group_id: count groups instead of users.
            limit: the most segments to return, 1 to 50,000; 3,000 when left out.

        Raises:
            BookmarkValidationError: the arguments break rules; all findings at once.
        """
        question = insights(
            events,
            from_date=from_date,
            to_date=to_date,
            last=last,
            unit=unit,
            math=math,
            math_property=math_property,
            per_user=per_user,
            percentile_value=percentile_value,
            group_by=group_by,
            where=where,
            formula=formula,
            formula_label=formula_label,
            rolling=rolling,
            cumulative=cumulative,
            mode=mode,
            time_comparison=time_comparison,
            data_group_id=data_group_id,
        )
        return self.ask(question, limit=limit)

    build_params = building(insights, "build_params", "an insights")

    def run_params(
        self,
        params: dict[str, Any],
        *,
        limit: int | None = None,
        workspace_id: int | None = None,
    ) -> QueryResult:
        """Answer params JSON of insights kind: as built, or as a saved report holds them.

        Args:
            params: bookmark JSON.
            limit: the most segments to return.
            workspace_id: the data view to ask, when it is not the workspace's own.
        """
        return self.run("insights", params, {"limit": limit, "workspace_id": workspace_id})

    def query_funnel(
        self,
        steps: Sequence[str | FunnelStep] | BehaviorRef | SavedBehavior,
        *,
        conversion_window: int = 14,
        conversion_window_unit: ConversionWindowUnit = "day",
        order: FunnelOrder = "loose",
        from_date: str | None = None,
        to_date: str | None = None,
        last: int = 30,
        unit: QueryTimeUnit = "day",
        math: FunnelMathType = "conversion_rate_unique",
        math_property: str | None = None,
        group_by: Breakdowns | None = None,
        where: Filters | None = None,
        exclusions: Sequence[str | Exclusion] | None = None,
        holding_constant: str | HoldingConstant | Sequence[str | HoldingConstant] | None = None,
        mode: FunnelMode = "steps",
        reentry_mode: FunnelReentryMode | None = None,
        time_comparison: TimeComparison | None = None,
        data_group_id: int | None = None,
        limit: int | None = None,
    ) -> FunnelQueryResult:
        """Ask how many users go through steps in order, within a window.

        Args:
            steps: two to a hundred events, or a saved funnel.
            conversion_window: time from the first step to the last, in `conversion_window_unit`.
            conversion_window_unit: ``"session"`` wants a window of 1.
            order: ``"any"`` lets the steps come in any order.
            from_date: first day of the entries; see `query` for the range.
            to_date: last day of the entries, included.
            last: number of days up to and including today.
            unit: width of a point in trends.
            math: conversion rate or count of users, totals or sessions, or math on a property.
            math_property: the property that property math works on.
            group_by: one breakdown or several.
            where: filters on whole attempts, applied after matching.
            exclusions: events that end an attempt when they come between steps.
            holding_constant: up to three properties that must be equal on all steps.
            mode: steps, trends over time of entry, or a table.
            reentry_mode: how a user may start again; see the semantics in the documentation.
            time_comparison: the same funnel for an earlier period beside it.
            data_group_id: follow groups instead of users.
            limit: the most segments to return.

        Raises:
            BookmarkValidationError: the arguments break rules; all findings at once.
        """
        question = funnel(
            steps,
            conversion_window=conversion_window,
            conversion_window_unit=conversion_window_unit,
            order=order,
            from_date=from_date,
            to_date=to_date,
            last=last,
            unit=unit,
            math=math,
            math_property=math_property,
            group_by=group_by,
            where=where,
            exclusions=exclusions,
            holding_constant=holding_constant,
            mode=mode,
            reentry_mode=reentry_mode,
            time_comparison=time_comparison,
            data_group_id=data_group_id,
        )
        return self.ask(question, limit=limit)

    build_funnel_params = building(funnel, "build_funnel_params", "a funnel")

    def run_funnel_params(
        self,
        params: dict[str, Any],
        *,
        limit: int | None = None,
        workspace_id: int | None = None,
    ) -> FunnelQueryResult:
        """Answer params JSON of funnel kind: as built, or as a saved report holds them.

        Args:
            params: bookmark JSON.
            limit: the most segments to return.
            workspace_id: the data view to ask, when it is not the workspace's own.
        """
        return self.run("funnel", params, {"limit": limit, "workspace_id": workspace_id})

    def query_retention(
        self,
        born_event: str | RetentionEvent | BehaviorRef | SavedBehavior,
        return_event: str | RetentionEvent | None = None,
        *,
        retention_unit: TimeUnit = "week",
        alignment: RetentionAlignment = "birth",
        bucket_sizes: Sequence[int] | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
        last: int = 30,
        unit: QueryTimeUnit = "day",
        math: RetentionMathType = "retention_rate",
        group_by: Breakdowns | None = None,
        where: Filters | None = None,
        mode: RetentionMode = "curve",
        unbounded_mode: RetentionUnboundedMode | None = None,
        retention_cumulative: bool = False,
        time_comparison: TimeComparison | None = None,
        data_group_id: int | None = None,
        limit: int | None = None,
    ) -> RetentionQueryResult:
        """Ask how many users who did one thing come back to do another, by time since then.

        Args:
            born_event: what puts a user into a cohort, or a saved retention behaviour.
            return_event: what counts as coming back.
            retention_unit: width of a cohort and of a bucket.
            alignment: buckets from each user's birth, or by the calendar.
            bucket_sizes: widths of consecutive brackets in units, instead of equal ones.
            from_date: first day of births; see `query` for the range.
            to_date: last day of births, included.
            last: number of days up to and including today.
            unit: width of a point in trends.
            math: rate or number of users, or totals and averages of returns.
            group_by: one breakdown or several, by the birth event's value.
            where: filters on both events.
            mode: curve, trends or table.
            unbounded_mode: whether returns before or after a bucket count in it.
            retention_cumulative: count a user in a bucket when they returned by then.
            time_comparison: the same question for an earlier period beside it.
            data_group_id: follow groups instead of users.
            limit: the most segments to return.

        Raises:
            BookmarkValidationError: the arguments break rules; all findings at once.
        """
        question = retention(
            born_event,
            return_event,
            retention_unit=retention_unit,
            alignment=alignment,
            bucket_sizes=bucket_sizes,
            from_date=from_date,
            to_date=to_date,
            last=last,
            unit=unit,
            math=math,
            group_by=group_by,
            where=where,
            mode=mode,
            unbounded_mode=unbounded_mode,
            retention_cumulative=retention_cumulative,
            time_comparison=time_comparison,
            data_group_id=data_group_id,
        )
        return self.ask(question, limit=limit)

    build_retention_params = building(retention, "build_retention_params", "a retention")

    def run_retention_params(
        self,
        params: dict[str, Any],
        *,
        limit: int | None = None,
        workspace_id: int | None = None,
    ) -> RetentionQueryResult:
        """Answer params JSON of retention kind: as built, or as a saved report holds them.

        Args:
            params: bookmark JSON.
            limit: the most segments to return.
            workspace_id: the data view to ask, when it is not the workspace's own.
        """
        return self.run("retention", params, {"limit": limit, "workspace_id": workspace_id})

    query_flow = asking(
        flow, "query_flow", FlowQueryResult, "what people do before or after an event"
    )
    build_flow_params = building(flow, "build_flow_params", "a flow")

    def run_flow_params(
        self,
        params: dict[str, Any],
        *,
        mode: FlowChartType | None = None,
        workspace_id: int | None = None,
    ) -> FlowQueryResult:
        """Answer params JSON of the flow kind.

        Args:
            params: bookmark JSON.
            mode: sankey, paths or tree; by default what the params' chart type says.
            workspace_id: the data view to ask, when it is not the workspace's own.
        """
        return self.run("flow", params, {"mode": mode, "workspace_id": workspace_id})

    query_user = asking(
        users, "query_user", UserQueryResult, "who the users are, or for one number about them"
    )
    build_user_params = building(users, "build_user_params", "a users")

    def run_user_params(
        self,
        params: dict[str, Any],
        *,
        limit: int | None = 1,
        parallel: bool = False,
        workers: int = 5,
    ) -> UserQueryResult:
        """Answer engage params.

        Args:
            params: as `build_user_params` makes them.
            limit: the most profiles to return; None is all.
            parallel: fetch pages side by side.
            workers: how many pages at once, 1 to 5.
        """
        options = RunOptions(limit=limit, parallel=parallel, workers=workers)
        return self.run("users", params, options)
