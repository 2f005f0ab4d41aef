"""Arguments read from a cell → question, through the factory of each kind.

The surprise: a text without a subject reaches the factory too, which then says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.retention import retention
from mpnb.query.users import users
from mpnb.query.words import Kind

Values = dict[str, Any]


def _insights(values: Values) -> Question:
    return insights(values.pop("events", []), **values)


def _funnel(values: Values) -> Question:
    return funnel(values.pop("steps", []), **values)


def _retention(values: Values) -> Question:
    born = values.pop("born_event", "")
    return retention(born, values.pop("return_event", None), **values)


def _flow(values: Values) -> Question:
    return flow(values.pop("steps", []), **values)


def _users(values: Values) -> Question:
    return users(**values)


MAKERS: dict[Kind, Callable[[Values], Question]] = {
    "insights": _insights,
    "funnel": _funnel,
    "retention": _retention,
    "flow": _flow,
    "users": _users,
}
"""Kind → the function that makes its question from the arguments of a cell."""
