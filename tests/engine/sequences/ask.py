"""Questions in normal form from the arguments of the public calls, answered by a store in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mpnb.engine.duckdb import flow, funnel, retention
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.store import Store
from mpnb.query.breakdown import GroupBy
from mpnb.query.flow import FlowQuery
from mpnb.query.funnel import FunnelQuery
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import Exclusion, FlowStep, FunnelStep, HoldingConstant, RetentionEvent
from mpnb.query.window import TimeRange


def many(given: Any, kind: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    items = given if isinstance(given, list | tuple) else [given]
    return tuple(kind(item) if isinstance(item, str) else item for item in items)


def window(arguments: dict[str, Any]) -> TimeRange:
    names = ("last", "from_date", "to_date")
    return TimeRange(**{name: arguments.pop(name) for name in names if name in arguments})


class Asker:
    """Answers the five calls' names over one store; answers are raw."""

    def __init__(self, store: Store, limit: int | None = None) -> None:
        self.store, self.context = store, Context(limit=limit)

    def query_funnel(self, steps: Any, **arguments: Any) -> Mapping[str, Any]:
        arguments["group_by"] = many(arguments.get("group_by"), GroupBy)
        arguments["where"] = many(arguments.get("where"), str)
        arguments["exclusions"] = many(arguments.get("exclusions"), Exclusion)
        arguments["holding_constant"] = many(arguments.get("holding_constant"), HoldingConstant)
        query = FunnelQuery(steps=many(steps, FunnelStep), range=window(arguments), **arguments)
        return funnel.answer(self.store, query, self.context)

    def query_retention(self, born: Any, back: Any, **arguments: Any) -> Mapping[str, Any]:
        arguments["group_by"] = many(arguments.get("group_by"), GroupBy)
        arguments["where"] = many(arguments.get("where"), str)
        if arguments.get("bucket_sizes"):
            arguments["bucket_sizes"] = tuple(arguments["bucket_sizes"])
        query = RetentionQuery(
            born_event=many(born, RetentionEvent)[0],
            return_event=many(back, RetentionEvent)[0],
            range=window(arguments),
            **arguments,
        )
        return retention.answer(self.store, query, self.context)

    def query_flow(self, event: Any, **arguments: Any) -> Mapping[str, Any]:
        for name, kind in (("where", str), ("segments", GroupBy)):
            arguments[name] = many(arguments.get(name), kind)
        for name in ("hidden_events", "exclusions"):
            arguments[name] = many(arguments.get(name), str)
        query = FlowQuery(steps=many(event, FlowStep), range=window(arguments), **arguments)
        return flow.answer(self.store, query, self.context)
