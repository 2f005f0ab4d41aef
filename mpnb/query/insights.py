"""The insights question: metrics over time.

Enter the public arguments (`insights`), leaves a frozen question in normal form. The surprise: how
to count, said for the whole question, ends up in the metrics made of plain names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mpnb.errors import ParamValidationError
from mpnb.query.breakdown import Breakdown, GroupByInput
from mpnb.query.custom import PropertySpec
from mpnb.query.filter import Filter, FrequencyFilter, WhereInput
from mpnb.query.metric import (
    AnyMetric,
    CohortMetric,
    EventInput,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
    as_reference,
)
from mpnb.query.part import quick
from mpnb.query.question import Question
from mpnb.query.rules import common
from mpnb.query.rules import insights as rules
from mpnb.query.window import DEFAULT_RANGE, TimeComparison, TimeRange
from mpnb.query.words import InsightsMode, Kind, MathType, PerUserAggregation, QueryTimeUnit


@quick
@dataclass(frozen=True, kw_only=True)
class InsightsQuery(Question):
    """Count metrics over a range, per unit of time, split by breakdowns."""

    kind: ClassVar[Kind] = "insights"

    metrics: tuple[AnyMetric, ...]
    """What is counted; formulas name the others by letters, A first."""
    range: TimeRange = DEFAULT_RANGE
    """Days that count."""
    unit: QueryTimeUnit = "day"
    group_by: tuple[Breakdown, ...] = ()
    where: tuple[Filter | FrequencyFilter, ...] = ()
    rolling: int | None = None
    cumulative: bool = False
    mode: InsightsMode = "timeseries"
    time_comparison: TimeComparison | None = None
    """Another period to show beside this one."""
    data_group_id: int | None = None


_ONE_EVENT = str | Metric | CohortMetric | FunnelMetric | RetentionMetric | MetricRef | Formula


def insights(
    events: EventInput | Sequence[EventInput],
    *,
    from_date: str | None = None,
    to_date: str | None = None,
    last: int = 30,
    unit: QueryTimeUnit = "day",
    math: MathType = "total",
    math_property: PropertySpec | None = None,
    per_user: PerUserAggregation | None = None,
    percentile_value: int | float | None = None,
    group_by: GroupByInput = None,
    where: WhereInput = None,
    formula: str | None = None,
    formula_label: str | None = None,
    rolling: int | None = None,
    cumulative: bool = False,
    mode: InsightsMode = "timeseries",
    time_comparison: TimeComparison | None = None,
    data_group_id: int | None = None,
) -> InsightsQuery:
    """Make an insights question: count events or metrics over time.

    Args:
        events: an event's name, a metric, a formula, or a list of them.
        from_date: first day (YYYY-MM-DD); without it the range is the last days.
        to_date: last day (YYYY-MM-DD), today when left open.
        last: number of days up to today, 1 to 3650.
        unit: length of the periods on the time axis.
        math: how plain event names are counted.
        math_property: the property that the math is over.
        per_user: what is made of each user's values before the math.
        percentile_value: which percentile, 0 to 100.
        group_by: a property's name, a breakdown, or a list of them.
        where: a filter or a list of filters; all must hold.
        formula: arithmetic over the events, which letters name in order.
        formula_label: how the formula is called in the answer.
        rolling: average over so many periods, 1 to 365.
        cumulative: add up from the start of the range.
        mode: a value per period, one total, or a table.
        time_comparison: another period to show beside this one.
        data_group_id: count groups of this kind instead of users.

    Raises:
        BookmarkValidationError: arguments break rules; all findings at once.
        ParamValidationError: a part is wrong in itself.
    """
    items = _listed(events)
    if formula is not None:
        items = _with_formula(items, formula, formula_label)
    common.raise_all(
        rules.question,
        {
            "events": items,
            "last": last,
            "from_date": from_date,
            "to_date": to_date,
            "math": math,
            "math_property": math_property,
            "per_user": per_user,
            "percentile_value": percentile_value,
            "group_by": group_by,
            "where": where,
            "rolling": rolling,
            "cumulative": cumulative,
            "mode": mode,
            "time_comparison": time_comparison,
            "data_group_id": data_group_id,
            "formula": formula,
            "formula_label": formula_label,
        },
    )
    return InsightsQuery(
        metrics=tuple(
            [
                Metric(item, math, math_property, per_user, percentile_value)
                if isinstance(item, str)
                else item
                for item in _formulas_last(items)
            ]
        ),
        range=common.time_range(last, from_date, to_date),
        unit=unit,
        group_by=common.breakdowns(group_by),
        where=common.where_parts(where),
        rolling=rolling,
        cumulative=cumulative,
        mode=mode,
        time_comparison=time_comparison,
        data_group_id=data_group_id,
    )


def _listed(events: Any) -> list[Any]:
    listed = isinstance(events, list | tuple)
    items = [_settled(item) for item in (events if listed else (events,))]
    if not listed and isinstance(items[0], Formula) and items[0].metrics is None:
        common.refuse("V0_NO_EVENTS", "events", "Ask for at least one event or metric.")
    if not listed and not isinstance(items[0], _ONE_EVENT):
        common.refuse(
            "V21_INVALID_EVENT_TYPE",
            "events",
            f"events takes names, metrics and formulas, or a list of them, not {events!r}.",
        )
    return items


def _settled(item: Any) -> Any:
    if isinstance(item, str | Metric):
        return item
    if hasattr(item, "sql") and hasattr(item, "source_id"):
        raise ParamValidationError(
            "A warehouse metric is saved first (create_metric) and then asked for by its id: "
            "MetricRef(id, type='warehouse').",
            "MR3_WAREHOUSE_INLINE",
        )
    return as_reference(item)


def _formulas_last(items: list[Any]) -> list[Any]:
    # The letters of formulas count the metrics, and reports show the metrics first.
    return sorted(items, key=lambda item: isinstance(item, Formula))


def _with_formula(items: list[Any], formula: str, label: str | None) -> list[Any]:
    if any(isinstance(item, Formula) for item in items):
        common.refuse(
            "V4_FORMULA_CONFLICT",
            "formula",
            "Give the formula as an argument or as Formula objects, not both.",
        )
    return [*items, Formula(formula, label or None)]
