"""Steps, behaviors and metrics of generated questions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.filter import Filter
from mpnb.query.metric import (
    CohortMetric,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from tests.strategies.parts import (
    Args,
    custom_refs,
    filters,
    ids,
    inline_properties,
    keywords,
    many,
    names,
    plain,
    whose,
)

combinators = st.sampled_from(("all", "any"))


def filtered(part: st.SearchStrategy[Filter]) -> dict[str, st.SearchStrategy[Any]]:
    return {"filters": many(part), "filters_combinator": combinators}


@st.composite
def funnel_steps(draw: Any) -> Any:
    order = st.sampled_from(("loose", "any"))
    more = keywords(label=names, order=order, **filtered(filters))
    return draw(names | st.builds(lambda e, m: plain(FunnelStep(e, **m)), names, more))


@st.composite
def funnel_shape(draw: Any) -> Args:
    """Steps and what surrounds them, as arguments of a funnel behavior or question."""
    steps = draw(many(funnel_steps(), 2, 4))
    units = (("day", 366), ("week", 52), ("month", 12), ("hour", 100), ("minute", 100))
    more = draw(
        keywords(
            order=st.sampled_from(("loose", "any")),
            exclusions=many(_exclusions(len(steps))),
            holding_constant=many(names | st.builds(HoldingConstant, names, whose).map(plain)),
            reentry_mode=st.sampled_from(("default", "basic", "aggressive", "optimized")),
        )
    )
    if draw(st.booleans()):
        unit, most = draw(st.sampled_from(units))
        window = draw(st.integers(1, most))
        more |= {"conversion_window": window, "conversion_window_unit": unit}
    return {"steps": steps, **more}


def _exclusions(count: int) -> st.SearchStrategy[Any]:
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).map(sorted)
    spans = pairs.filter(lambda pair: pair[0] < pair[1])
    bounded = st.builds(lambda e, span: Exclusion(e, *span), names, spans)
    open_ended = st.builds(Exclusion, names, st.integers(0, count - 2))
    return names | bounded.map(plain) | open_ended.map(plain)


retention_events = names | st.builds(
    lambda e, m: plain(RetentionEvent(e, **m)), names, keywords(**filtered(filters))
)
retention_shape = keywords(
    retention_unit=st.sampled_from(("day", "week", "month")),
    alignment=st.sampled_from(("birth", "interval_start")),
    bucket_sizes=st.sets(st.integers(1, 60), min_size=1, max_size=4).map(sorted),
    unbounded_mode=st.sampled_from(("none", "carry_back", "carry_forward", "consecutive_forward")),
)

MATHS = ("total", "unique", "dau", "wau", "mau", "cumulative_unique", "sessions")
PROPERTY_MATHS = ("total", "average", "median", "min", "max", "p25", "p75", "p90", "p99")
OTHER_MATHS = ("unique_values", "most_frequent", "first_value", "numeric_summary")
PER_USER = ("unique_values", "total", "average", "min", "max")
measured = names | custom_refs | inline_properties((None, "number"))


@st.composite
def measurements(draw: Any, properties: st.SearchStrategy[Any] = measured) -> Args:
    """How a metric counts, as its arguments."""
    form = draw(st.sampled_from(("plain", "property", "other", "per_user", "percentile")))
    if form == "plain":
        return {"math": draw(st.sampled_from(MATHS))}
    held = {"property": draw(properties)}
    if form == "percentile":
        return {"math": "percentile", "percentile_value": draw(st.integers(1, 99)), **held}
    if form == "other":
        return {"math": draw(st.sampled_from(OTHER_MATHS)), **held}
    math = draw(st.sampled_from(PROPERTY_MATHS))
    if form == "per_user":
        math = draw(st.sampled_from((*PROPERTY_MATHS, "histogram")))
        return {"math": math, "per_user": draw(st.sampled_from(PER_USER)), **held}
    return {"math": math, **held}


custom_events = st.builds(CustomEventRef, ids)
simple_behaviors = st.builds(
    SimpleBehavior,
    many(
        names
        | custom_events
        | st.builds(lambda e, f: FunnelStep(e, filters=f), names, many(filters))
    ),
    st.none() | names,
)


@st.composite
def metrics(draw: Any) -> Metric:
    measurement = draw(measurements())
    subject = draw(st.sampled_from(("event", "event", "event", "several", "simple", "saved")))
    if subject == "event":
        event = draw(names | custom_events)
        how = keywords(segment_method=st.sampled_from(("all", "first")), **filtered(filters))
        return Metric(event, **measurement, **draw(how))
    if subject == "several":
        return Metric(draw(many(names | custom_events, 2, 3)), **measurement)
    if subject == "simple":
        return Metric(draw(simple_behaviors), **measurement)
    return Metric(BehaviorRef(draw(ids), "simple"), **measurement)


FUNNEL_MATHS = ("conversion_rate_unique", "conversion_rate_total", "unique", "total")
FUNNEL_PROPERTY_MATHS = ("average", "median", "min", "max", "p25", "p75", "p90", "p99", "histogram")


@st.composite
def funnel_metrics(draw: Any) -> FunnelMetric:
    behavior: Any = BehaviorRef(draw(ids), "funnel")
    if draw(st.booleans()):
        behavior = FunnelBehavior(**draw(funnel_shape()))
    more = draw(keywords(step_index=st.integers(0, 3), label=names))
    if draw(st.booleans()):
        return FunnelMetric(behavior, draw(st.sampled_from(FUNNEL_MATHS)), **more)
    math = draw(st.sampled_from(FUNNEL_PROPERTY_MATHS))
    return FunnelMetric(behavior, math, draw(measured), **more)


@st.composite
def retention_metrics(draw: Any) -> RetentionMetric:
    behavior: Any = BehaviorRef(draw(ids), "retention")
    if draw(st.booleans()):
        shape = draw(retention_shape)
        behavior = RetentionBehavior(draw(retention_events), draw(retention_events), **shape)
    label = keywords(label=names)
    if draw(st.booleans()):
        math = draw(st.sampled_from(("total", "average")))
        return RetentionMetric(behavior, math, property=draw(measured), **draw(label))
    more = draw(keywords(bucket_index=st.integers(0, 9), retention_cumulative=st.booleans()))
    math = draw(st.sampled_from(("retention_rate", "unique")))
    return RetentionMetric(behavior, math, **more, **draw(label))


@st.composite
def metric_refs(draw: Any) -> MetricRef:
    more = draw(
        keywords(
            label=names,
            segment_method=st.sampled_from(("all", "first")),
            funnel_order=st.sampled_from(("loose", "any")),
            step_index=st.integers(0, 3),
            bucket_index=st.integers(0, 9),
            hidden=st.booleans(),
        )
    )
    if draw(st.booleans()):
        more |= draw(measurements())
    return MetricRef(draw(ids), **more)


cohort_metrics = st.builds(CohortMetric, ids, names)
operands = st.one_of(
    names.map(Metric),
    metrics(),
    cohort_metrics,
    funnel_metrics(),
    retention_metrics(),
    metric_refs(),
)
EXPRESSIONS = {1: ("A", "A * 100"), 2: ("A / B", "(A + B) * 2"), 3: ("A / B - C", "A + B + C")}


@st.composite
def formulas(draw: Any, count: int) -> Formula:
    return Formula(draw(st.sampled_from(EXPRESSIONS[count])), draw(st.none() | names))


@st.composite
def own_formulas(draw: Any) -> Formula:
    given = draw(
        many(operands.filter(lambda o: not isinstance(o, MetricRef) or not o.given()), 1, 3)
    )
    made = draw(formulas(len(given)))
    return Formula(made.expression, made.label, given)
