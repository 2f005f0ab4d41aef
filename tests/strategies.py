"""Hypothesis strategies that make valid questions of all five kinds, over the whole vocabulary.

`questions()` is the union; `insights()`, `funnels()`, `retentions()`, `flows()` and `users()` are
the kinds; the parts have strategies of their own. Everything goes through the public factories, so
a question that they refuse fails the test that drew it: the strategies know the rules.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from mpnb.query.behavior import BehaviorRef, FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.breakdown import CohortBreakdown, GroupBy
from mpnb.query.cohort import CohortCriteria, CohortDefinition
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertyInput
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery, flow
from mpnb.query.frequency import FrequencyBreakdown, FrequencyFilter
from mpnb.query.funnel import FunnelQuery, funnel
from mpnb.query.insights import InsightsQuery, insights
from mpnb.query.metric import (
    CohortMetric,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery, retention
from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FlowStep,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.query.users import UserQuery, users
from mpnb.query.window import TimeComparison

Args = dict[str, Any]

STRANGE = (
    "Signup",
    "View Item",
    "$email",
    "it's",
    'say "hi"',
    "back\\slash",
    "50% off",
    "<img onerror=x>",
    "Ünïcode 日本語",
    "emoji 🎉",
    "# no comment",
    "a -> b, c",
    "{{value}}",
    "where",
    "and or not",
    "A",
    "1st",
    "x.y[0]",
    "None",
)

names = st.one_of(
    st.sampled_from(STRANGE),
    st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=8),
)
texts = names | st.sampled_from(("US", "premium", "two words", " padded "))
ids = st.integers(1, 99_999)
whole = st.integers(-1_000, 1_000)
numbers = whole | st.floats(-1e6, 1e6).map(lambda x: round(x, 3) + 0.0)
days = st.dates(date(2019, 1, 1), date(2024, 12, 31)).map(str)
day_pairs = st.tuples(days, days).map(sorted)
number_pairs = st.tuples(numbers, numbers).map(sorted)
whose = st.sampled_from(("events", "people"))


def keywords(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Args]:
    """Any of the keyword arguments, each there or not."""
    return st.fixed_dictionaries({}, optional=optional)


def plain(part: Any) -> Any:
    """The name alone of a part that says no more, as a behavior read from params holds it."""
    name = part.property if isinstance(part, HoldingConstant) else part.event
    return name if part == type(part)(name) else part


def many(part: st.SearchStrategy[Any], least: int = 1, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(part, min_size=least, max_size=most)


# --- properties ---------------------------------------------------------------------------------

INPUT_TYPES = ("string", "number", "boolean", "datetime", "list")
FORMULAS = {
    "A": "A",
    "LOWER(A)": "A",
    "A * B": "AB",
    'IF(A > 10, "late", "early")': "A",
    "(A + B) / C": "ABC",
}
inputs = st.builds(
    PropertyInput, names, st.sampled_from(INPUT_TYPES), st.sampled_from(("event", "user"))
)


@st.composite
def inline_properties(draw: Any, kinds: tuple[Any, ...] = (None, "string", "number")) -> Any:
    formula = draw(st.sampled_from(sorted(FORMULAS)))
    given = {letter: draw(inputs) for letter in FORMULAS[formula]}
    return InlineCustomProperty(formula, given, draw(st.sampled_from(kinds)), draw(whose))


custom_refs = st.builds(CustomPropertyRef, ids)


# --- filters ------------------------------------------------------------------------------------

UNITS = ("hour", "day", "week", "month")
values = st.one_of(texts, many(texts, 1, 3))
relative = st.tuples(st.integers(1, 90), st.sampled_from(UNITS))

TEXT = ("contains", "not_contains", "starts_with", "ends_with")
COMPARE = ("greater_than", "less_than", "at_least", "at_most")
DATES = ("on", "not_on", "before", "since")
RELATIVE = ("in_the_last", "not_in_the_last", "in_the_next")

FILTER_FORMS: dict[str, tuple[str, st.SearchStrategy[tuple[Any, ...]]]] = {
    **{name: ("string", st.tuples(values)) for name in ("equals", "not_equals")},
    **{name: ("string", st.tuples(texts)) for name in TEXT},
    **{name: ("number", st.tuples(numbers)) for name in COMPARE},
    **{name: ("number", number_pairs.map(tuple)) for name in ("between", "not_between")},
    **{name: ("string", st.just(())) for name in ("is_set", "is_not_set")},
    **{name: ("boolean", st.just(())) for name in ("is_true", "is_false")},
    **{name: ("datetime", st.tuples(days)) for name in DATES},
    **{name: ("datetime", day_pairs.map(tuple)) for name in ("date_between", "date_not_between")},
    **dict.fromkeys(RELATIVE, ("datetime", relative)),
}
"""Factory → the type of property that it asks of, and its arguments after the property."""


@st.composite
def simple_filters(
    draw: Any, forms: tuple[str, ...] = tuple(FILTER_FORMS), custom: bool = True
) -> Filter:
    """A filter on one property; ``custom`` allows saved and computed properties."""
    form = draw(st.sampled_from(forms))
    kind, arguments = FILTER_FORMS[form]
    property = names
    if custom:
        property = names | custom_refs | inline_properties((None, kind))
    prop = draw(property)
    extra = {} if isinstance(prop, InlineCustomProperty) else draw(keywords(resource_type=whose))
    made: Filter = getattr(Filter, form)(prop, *draw(arguments), **extra)
    return made


plain_filters = simple_filters(custom=False)
COHORT_FORMS = (
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "greater_than",
    "less_than",
    "between",
    "is_set",
    "is_not_set",
)
"""Filters that a cohort can ask of an event."""
cohort_event_filters = simple_filters(COHORT_FORMS, custom=False)


@st.composite
def list_filters(draw: Any) -> Filter:
    inner = draw(many(simple_filters(custom=False), 1, 2))
    how = draw(keywords(quantifier=st.sampled_from(("any", "all")), resource_type=whose))
    return Filter.list_contains(draw(names), *inner, **how)


@st.composite
def criteria(draw: Any) -> CohortCriteria:
    form = draw(st.sampled_from(("did", "did_not", "has", "set", "not_set", "in", "not_in")))
    if form in ("did", "did_not"):
        window = draw(
            st.one_of(
                keywords_of(within_days=st.integers(1, 90)),
                keywords_of(within_weeks=st.integers(1, 12)),
                keywords_of(within_months=st.integers(1, 12)),
                day_pairs.map(lambda pair: {"from_date": pair[0], "to_date": pair[1]}),
            )
        )
        if form == "did_not":
            return CohortCriteria.did_not_do_event(draw(names), **window)
        often = draw(st.sampled_from(("at_least", "at_most", "exactly")))
        more = draw(keywords(where=cohort_event_filters | many(cohort_event_filters)))
        if draw(st.booleans()):
            aggregations = ("total", "unique", "average", "min", "max", "median")
            more["aggregation"] = draw(st.sampled_from(aggregations))
            more["aggregation_property"] = draw(names)
        return CohortCriteria.did_event(
            draw(names), **{often: draw(st.integers(0, 20))}, **window, **more
        )
    if form == "has":
        value = draw(texts | whole)
        operators = (
            "equals",
            "not_equals",
            "contains",
            "not_contains",
            "greater_than",
            "less_than",
        )
        kinds = ("string", "number", "boolean", "datetime", "list")
        how = keywords(operator=st.sampled_from(operators), property_type=st.sampled_from(kinds))
        return CohortCriteria.has_property(draw(names), value, **draw(how))
    if form in ("set", "not_set"):
        make = CohortCriteria.property_is_set
        return (make if form == "set" else CohortCriteria.property_is_not_set)(draw(names))
    make_in = CohortCriteria.in_cohort if form == "in" else CohortCriteria.not_in_cohort
    return make_in(draw(ids))


def keywords_of(**given: st.SearchStrategy[Any]) -> st.SearchStrategy[Args]:
    """All of the keyword arguments."""
    return st.fixed_dictionaries(given)


def _joined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[CohortDefinition]:
    some = many(parts, 1, 2)
    return st.builds(lambda p: CohortDefinition.all_of(*p), some) | st.builds(
        lambda p: CohortDefinition.any_of(*p), some
    )


definitions = _joined(criteria()) | _joined(criteria() | _joined(criteria()))
cohorts = ids | definitions
cohort_filters = st.builds(
    lambda made, cohort, name: (Filter.in_cohort if made else Filter.not_in_cohort)(cohort, name),
    st.booleans(),
    cohorts,
    st.none() | names,
)
filters = simple_filters() | list_filters() | cohort_filters


@st.composite
def frequency_filters(draw: Any) -> FrequencyFilter:
    operators = ("is at least", "is at most", "is greater than", "is less than", "is equal to")
    more = draw(keywords(operator=st.sampled_from(operators), label=names))
    if draw(st.booleans()):
        more["date_range_value"] = draw(st.integers(1, 90))
        more["date_range_unit"] = draw(st.sampled_from(("day", "week", "month")))
    if draw(st.booleans()):
        more["event_filters"] = draw(many(plain_filters))
    return FrequencyFilter(draw(names), draw(st.integers(0, 20)), **more)


# --- breakdowns ---------------------------------------------------------------------------------


@st.composite
def group_bys(draw: Any) -> GroupBy:
    if draw(st.booleans()):
        kind = draw(st.sampled_from(("string", "number", "boolean", "datetime")))
        return GroupBy.list_item(draw(names), draw(names), sub_type=kind)
    kind = draw(st.sampled_from(("string", "number", "boolean", "datetime")))
    prop = draw(names | custom_refs | inline_properties((kind,)))
    if kind == "number" and draw(st.booleans()):
        low = draw(st.integers(0, 100))
        size = draw(st.integers(1, 50))
        return GroupBy(prop, kind, size, low, low + draw(st.integers(1, 500)))
    return GroupBy(prop, kind)


cohort_breakdowns = st.builds(CohortBreakdown, cohorts, name=names, include_negated=st.booleans())
frequency_breakdowns = st.builds(
    lambda event, size, low, more, label: FrequencyBreakdown(event, size, low, low + more, label),
    names,
    st.integers(1, 5),
    st.integers(0, 5),
    st.integers(1, 20),
    st.none() | names,
)
breakdowns = names | group_bys() | cohort_breakdowns
any_breakdowns = breakdowns | frequency_breakdowns


# --- steps, behaviors, metrics ------------------------------------------------------------------

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


# --- questions ----------------------------------------------------------------------------------

units = st.sampled_from(("day", "week", "month", "quarter"))
ranges = st.one_of(
    keywords(last=st.integers(1, 365)),
    day_pairs.map(lambda pair: {"from_date": pair[0], "to_date": pair[1]}),
)
comparisons = st.one_of(
    st.sampled_from(("day", "week", "month", "quarter", "year")).map(TimeComparison.relative),
    days.map(TimeComparison.absolute_start),
    days.map(TimeComparison.absolute_end),
)


def shared(where: Any, group_by: Any) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "unit": units,
        "where": where | many(where),
        "group_by": group_by | many(group_by, 1, 2),
        "time_comparison": comparisons,
        "data_group_id": st.integers(1, 99),
    }


@st.composite
def insights_questions(draw: Any) -> InsightsQuery:
    events = draw(many(names | operands | own_formulas(), 1, 3))
    more = draw(
        keywords(
            mode=st.sampled_from(("timeseries", "total", "table")),
            **shared(filters | frequency_filters(), any_breakdowns),
        )
    )
    plain = [event for event in events if not isinstance(event, Formula)]
    if len(plain) == len(events) > 1 and draw(st.booleans()):
        events.append(draw(formulas(len(plain))))
    analysis = draw(st.sampled_from(("linear", "rolling", "cumulative")))
    if analysis == "rolling":
        more["rolling"] = draw(st.integers(1, 30))
    if analysis == "cumulative":
        more["cumulative"] = True
    return insights(events[0] if len(events) == 1 else events, **draw(ranges), **more)


@st.composite
def funnel_questions(draw: Any) -> FunnelQuery:
    shape = {"steps": BehaviorRef(draw(ids), "funnel")}
    if draw(st.integers(0, 9)):
        shape = draw(funnel_shape())
    more = draw(
        keywords(mode=st.sampled_from(("steps", "trends", "table")), **shared(filters, breakdowns))
    )
    form = draw(st.sampled_from(("plain", "property", "session")))
    if form == "plain":
        more["math"] = draw(st.sampled_from(FUNNEL_MATHS))
    elif form == "property":
        more["math"] = draw(st.sampled_from(FUNNEL_PROPERTY_MATHS))
        more["math_property"] = draw(names)
    elif isinstance(shape["steps"], list):
        more["math"] = "conversion_rate_session"
        shape |= {"conversion_window": 1, "conversion_window_unit": "session"}
    return funnel(shape.pop("steps"), **shape, **draw(ranges), **more)


@st.composite
def retention_questions(draw: Any) -> RetentionQuery:
    events: tuple[Any, ...] = (BehaviorRef(draw(ids), "retention"),)
    more: Args = {}
    if draw(st.integers(0, 9)):
        events = (draw(retention_events), draw(retention_events))
        more = draw(retention_shape)
    more |= draw(
        keywords(
            mode=st.sampled_from(("curve", "trends", "table")),
            math=st.sampled_from(("retention_rate", "unique")),
            retention_cumulative=st.booleans(),
            **{**shared(filters, names), "unit": st.sampled_from(("day", "week", "month"))},
        )
    )
    if draw(st.booleans()):  # breakdowns by cohorts do not mix with others here
        some = draw(st.sampled_from((names | group_bys(), cohort_breakdowns)))
        more["group_by"] = draw(many(some, 1, 2))
    return retention(*events, **draw(ranges), **more)


FLOW_FORMS = (
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "is_set",
    "is_not_set",
    *COMPARE,
    "between",
    "not_between",
    "is_true",
    "is_false",
    "on",
    "not_on",
    "before",
    "since",
    "date_between",
    "date_not_between",
    "in_the_last",
)
"""Filters that a step of a flow can say."""

flow_filters = simple_filters(custom=False) | list_filters()


@st.composite
def flow_steps(draw: Any) -> Any:
    if draw(st.booleans()):
        return draw(names)
    sides = keywords(forward=st.integers(1, 5), reverse=st.integers(0, 5), label=names)
    if draw(st.integers(0, 4)) == 0:
        which = draw(st.sampled_from(("start", "end")))
        return FlowStep(f"$session_{which}", session_event=which, **draw(sides))
    conditions = filtered(simple_filters(FLOW_FORMS, custom=False))
    return FlowStep(draw(names), **draw(sides), **draw(keywords(**conditions)))


@st.composite
def flow_questions(draw: Any) -> FlowQuery:
    steps = draw(many(flow_steps(), 1, 3))
    more = draw(
        keywords(
            reverse=st.integers(0, 5),
            count_type=st.sampled_from(("unique", "total")),
            cardinality=st.integers(1, 50),
            collapse_repeated=st.booleans(),
            hidden_events=many(names),
            mode=st.sampled_from(("sankey", "paths", "tree")),
            where=flow_filters | many(flow_filters),
            data_group_id=st.integers(1, 99),
            segments=any_breakdowns | many(any_breakdowns, 1, 2),
            exclusions=many(names),
        )
    )
    if draw(st.booleans()):
        more["where"] = [*draw(many(flow_filters, 0, 2)), draw(cohort_filters)]
    if draw(st.booleans()):
        unit, most = draw(st.sampled_from((("day", 366), ("week", 52), ("month", 12))))
        window = draw(st.integers(1, most))
        more |= {"conversion_window": window, "conversion_window_unit": unit}
    forward = draw(st.integers(1, 5))
    return flow(steps[0] if len(steps) == 1 else steps, forward=forward, **draw(ranges), **more)


USER_FORMS = (
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    *COMPARE,
    "between",
    "is_set",
    "is_not_set",
    "is_true",
    "is_false",
    *DATES,
    "date_between",
    *RELATIVE,
)
"""Filters that a profile selector can say."""


@st.composite
def user_questions(draw: Any) -> UserQuery:
    user_filters = simple_filters(USER_FORMS, custom=False)
    more = draw(keywords(where=user_filters | many(user_filters), group_id=names))
    who = draw(st.sampled_from(("all", "cohort", "filter")))
    if who == "cohort":
        more["cohort"] = draw(cohorts)
        more |= draw(keywords(include_all_users=st.booleans()))
    if draw(st.booleans()):
        return users(**more, **draw(_aggregates()))
    more |= draw(
        keywords(
            properties=many(names),
            sort_by=names,
            search=names,
            as_of=st.integers(1_500_000_000, 1_700_000_000),
            limit=st.none() | st.integers(1, 500),
        )
    )
    if "sort_by" in more and draw(st.booleans()):
        more["sort_order"] = "ascending"
    if draw(st.integers(0, 3)) == 0:
        more |= draw(keywords_of(distinct_ids=many(names)) | keywords_of(distinct_id=names))
    return users(mode="profiles", **more)


@st.composite
def _aggregates(draw: Any) -> Args:
    aggregate = draw(st.sampled_from(("count", "extremes", "percentile", "numeric_summary")))
    found: Args = {"aggregate": aggregate}
    if aggregate != "count":
        found["aggregate_property"] = draw(names)
    if aggregate == "percentile":
        found["percentile"] = draw(st.integers(1, 99))
    if draw(st.booleans()):
        found["segment_by"] = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    return found


KINDS = {
    "insights": insights_questions(),
    "funnel": funnel_questions(),
    "retention": retention_questions(),
    "flow": flow_questions(),
    "users": user_questions(),
}


def questions() -> st.SearchStrategy[Question]:
    """Questions of any kind."""
    return st.one_of(*KINDS.values())
