"""Generated questions of the five kinds."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mpnb.query.behavior import BehaviorRef
from mpnb.query.flow import FlowQuery, flow
from mpnb.query.funnel import FunnelQuery, funnel
from mpnb.query.insights import InsightsQuery, insights
from mpnb.query.metric import (
    Formula,
)
from mpnb.query.question import Question
from mpnb.query.retention import RetentionQuery, retention
from mpnb.query.step import (
    FlowStep,
)
from mpnb.query.users import UserQuery, users
from mpnb.query.window import TimeComparison
from tests.strategies.metrics import (
    FUNNEL_MATHS,
    FUNNEL_PROPERTY_MATHS,
    filtered,
    formulas,
    funnel_shape,
    operands,
    own_formulas,
    retention_events,
    retention_shape,
)
from tests.strategies.parts import (
    COMPARE,
    DATES,
    RELATIVE,
    Args,
    any_breakdowns,
    breakdowns,
    cohort_breakdowns,
    cohort_filters,
    cohorts,
    day_pairs,
    days,
    filters,
    frequency_filters,
    group_bys,
    ids,
    keywords,
    keywords_of,
    list_filters,
    many,
    names,
    simple_filters,
)

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
