"""The rows behind an answer, as SQL over the store's views: what `--sql` shows.

A question enters, statements leave, one per event that it names. The surprise: the engine itself
answers by passes over sorted columns; these statements count the same rows and can be run on the
store's connection to check it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from mpnb.engine.duckdb import axis, sql_filters
from mpnb.engine.duckdb.matching import ALL_EVENTS, ANY_EVENT, SESSION_EVENTS, custom_event_id
from mpnb.errors import NotSupportedError
from mpnb.query.filter import Filter
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.insights import InsightsQuery
from mpnb.query.metric import Metric
from mpnb.query.retention import RetentionQuery
from mpnb.query.users import UserQuery

if TYPE_CHECKING:
    from mpnb.engine.duckdb.store import Store

Part = tuple[str, Any, Sequence[Any], str]
"""What a statement is about: its title, the event, its filters, and how they are joined."""


def statements(store: Store, question: Any) -> list[str]:
    """SQL for each event of a question, or a comment that says why there is none.

    Views: `events` (i row, t ms since 1970 UTC, u user, e event code, day local day since 1970, and
    one column per property), `users` (u, id, profile properties), `event_names` (e, name).
    """
    group = getattr(question, "data_group_id", None) or getattr(question, "group_id", None)
    if group is not None:
        return ["-- Questions about groups have no short form in SQL."]
    if isinstance(question, UserQuery):
        return [_titled("people", functools.partial(_people, store, question))]
    return [
        _titled(part[0], functools.partial(_rows, store, question, part))
        for part in _parts(question)
    ]


def _titled(title: str, make: Callable[[], exp.Select]) -> str:
    try:
        statement = make().sql("duckdb", pretty=True)
    except NotSupportedError as reason:
        statement = f"-- {reason}"
    return f"-- {title}\n{statement}"


def _parts(question: Any) -> Iterator[Part]:
    if isinstance(question, InsightsQuery):
        for metric in question.metrics:
            if isinstance(metric, Metric):
                filters, joined = metric.filters or (), metric.filters_combinator
                yield f"rows of {metric.event!r}", metric.event, filters, joined
    elif isinstance(question, FunnelQuery | FlowQuery) and isinstance(question.steps, tuple):
        steps: Sequence[Any] = question.steps
        for number, step in enumerate(steps, 1):
            title = f"rows in the range for step {number}, {step.event!r}"
            yield title, step.event, step.filters or (), step.filters_combinator
    elif isinstance(question, RetentionQuery):
        for word, side in (("born", question.born_event), ("return", question.return_event)):
            event = getattr(side, "event", None)
            if side is not None and event is not None:
                joined = getattr(side, "filters_combinator", "all")
                yield (
                    f"rows of the {word} event",
                    event,
                    getattr(side, "filters", None) or (),
                    joined,
                )


def _rows(store: Store, question: Any, part: Part) -> exp.Select:
    """Rows and users per local day."""
    _, event, filters, joined = part
    where = getattr(question, "where", ())
    if any(not isinstance(filter_, Filter) for filter_ in (*filters, *where)):
        raise NotSupportedError(
            "A filter on how often users did an event has no short form in SQL."
        )
    conditions = [_named(event), _in_range(store, question)]
    if filters:
        conditions.append(sql_filters.where(store, filters, joined))
    if where and not isinstance(question, FunnelQuery):  # a funnel's own acts on attempts
        conditions.append(sql_filters.where(store, where))
    day = exp.Add(
        this=exp.cast(exp.Literal.string("1970-01-01"), "DATE"), expression=exp.column("day")
    )
    known = exp.LT(this=exp.column("u"), expression=exp.Literal.number(store.n_users))
    users = exp.Case().when(known, exp.column("u"))
    return (
        exp.select(
            exp.alias_(day, "date"),
            exp.alias_(exp.Count(this=exp.Star()), "rows"),
            exp.alias_(exp.Count(this=exp.Distinct(expressions=[users])), "users"),
        )
        .from_("events")
        .where(*conditions)
        .group_by("date")
        .order_by(exp.Ordered(this=exp.column("date"), nulls_first=False))
    )


def _named(event: Any) -> exp.Expr:
    names = list(event) if isinstance(event, list | tuple) else [event]
    for name in names:
        if custom_event_id(name) is not None or name in SESSION_EVENTS:
            raise NotSupportedError("Custom events and sessions have no short form in SQL.")
    if ALL_EVENTS in names or ANY_EVENT in names:
        return exp.true()
    wanted = [exp.Literal.string(name) for name in names]
    codes = exp.select("e").from_("event_names").where(exp.column("name").isin(*wanted))
    return exp.column("e").isin(query=codes)


def _in_range(store: Store, question: Any) -> exp.Expr:
    first, last = axis.between(store, question.range)
    whole = axis.whole(store, first, last)
    start, end = (exp.Literal.number(int(ms[0])) for ms in (whole.starts_ms, whole.ends_ms))
    time = exp.column("t")
    return exp.and_(exp.GTE(this=time, expression=start), exp.LT(this=time.copy(), expression=end))


def _people(store: Store, question: UserQuery) -> exp.Select:
    if question.cohort is not None or question.search or question.segment_by is not None:
        raise NotSupportedError("Cohorts and searches have no short form in SQL.")
    if not store.has_profile.all():
        raise NotSupportedError(
            "The view `users` also holds users without a profile, which do not count here."
        )
    if isinstance(question.where, str):
        raise NotSupportedError("The engine evaluates selector expressions itself.")
    condition = sql_filters.where_users(store, question.where)
    counted = exp.alias_(exp.Count(this=exp.Star()), "people")
    return exp.select(counted).from_("users").where(condition)
