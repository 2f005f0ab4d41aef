"""Insights questions: metrics, formulas and series operations over one axis, to the raw answer.

A question and a store go in, the raw answer of Mixpanel's endpoint comes out. The surprise: as soon
as one formula uses letters, the lettered metrics are hidden inputs and only formulas are shown.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from mpnb.engine.duckdb import arithmetic, axis, compare, envelope, names, scales
from mpnb.engine.duckdb.axis import Axis
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.dimension import dimensions
from mpnb.engine.duckdb.frame import Frame, cumulative, limited, ranked, rolling
from mpnb.engine.duckdb.maths import ADDED_LEVELS
from mpnb.engine.duckdb.measure import Asked, frame
from mpnb.query.filter import Filter, FrequencyFilter
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import Formula, FormulaOperand, Metric

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store


def answer(store: Store, query: InsightsQuery, context: Context) -> dict[str, Any]:
    """The raw answer of an insights question.

    Raises:
        NotSupportedError: a metric or breakdown that the local engine lacks.
        QueryError: the range is reversed, or a formula or property cannot be evaluated.
    """
    if query.data_group_id is not None:
        store = store.by_group(query.data_group_id)
    first, last = axis.between(store, query.range)
    shown, series, cut = _series(store, query, context, first, last)
    comparison = None
    if query.time_comparison is not None:
        other = compare.compared(query.time_comparison, first, last)
        _, compared, _ = _series(store, query, context, *other)
        comparison = {"date_range": axis.date_range(store, *other), "series": compared}
    headers = ["$metric", *_levels(query)]
    return envelope.answer(store, shown, headers, series, cut=cut, comparison=comparison)


def _levels(query: InsightsQuery) -> list[str]:
    levels = [dimension.name for dimension in dimensions(query.group_by)]
    added = (ADDED_LEVELS.get(m.math) for m in query.metrics if isinstance(m, Metric))
    return [*levels, *dict.fromkeys(level for level in added if level)]


def _series(
    store: Store, query: InsightsQuery, context: Context, first: date, last: date
) -> tuple[Axis, dict[str, Any], bool]:
    """The axis that is shown, the named series, and whether segments were left out."""
    shown = _axis(store, query, first, last)
    before = (query.rolling or 1) - 1 if query.mode == "timeseries" else 0
    wide = axis.build(store, first, last, query.unit, before=before) if before else shown
    asked = scales.shared(_asked(store, query, context, wide, before), _counted(query), shown)
    found, cut = {}, False
    for name, metric_frame in _frames(asked, query):
        finished = _finished(metric_frame, query, len(shown))
        kept, some_left = limited(finished, context.max_segments)
        found[name] = envelope.tree(ranked(kept), shown)
        cut = cut or some_left
    return shown, found, cut


def _axis(store: Store, query: InsightsQuery, first: date, last: date) -> Axis:
    if query.mode == "timeseries":
        return axis.build(store, first, last, query.unit)
    return axis.whole(store, first, last)


def _counted(query: InsightsQuery) -> list[Metric]:
    """The metrics over rows, those inside formulas too."""
    inside = [m for f in query.metrics if isinstance(f, Formula) for m in f.metrics or ()]
    return [metric for metric in (*query.metrics, *inside) if isinstance(metric, Metric)]


def _asked(store: Store, query: InsightsQuery, context: Context, wide: Axis, before: int) -> Asked:
    return Asked(
        store,
        wide,
        tuple(part for part in query.where if isinstance(part, Filter)),
        tuple(part for part in query.where if isinstance(part, FrequencyFilter)),
        tuple(dimensions(query.group_by)),
        context,
        before,
    )


def _frames(asked: Asked, query: InsightsQuery) -> list[tuple[str, Frame]]:
    """The frames to show, with their names, in the order of the question."""
    lettered = [metric for metric in query.metrics if not isinstance(metric, Formula)]
    hidden = any(isinstance(m, Formula) and m.metrics is None for m in query.metrics)
    made: dict[int, Frame] = {}  # by identity: filters may hold lists, which have no hash

    def measured(metric: FormulaOperand) -> Frame:
        if id(metric) not in made:
            made[id(metric)] = frame(asked, metric)
        return made[id(metric)]

    def evaluated(formula: Formula) -> Frame:
        operands = lettered if formula.metrics is None else formula.metrics
        frames = [measured(metric) for metric in operands]
        return arithmetic.evaluate(formula.expression, frames, len(asked.axis))

    shown = [m for m in query.metrics if isinstance(m, Formula) or not hidden]
    labels = names.series(asked.store, shown)
    return [
        (label, evaluated(m) if isinstance(m, Formula) else measured(m))
        for label, m in zip(labels, shown, strict=True)
    ]


def _finished(found: Frame, query: InsightsQuery, shown: int) -> Frame:
    """Rolling mean or running sum; totals are one point and stay as they are."""
    if query.mode != "timeseries":
        return found
    if query.rolling is not None:
        return rolling(found, query.rolling, shown)
    return cumulative(found) if query.cumulative else found
