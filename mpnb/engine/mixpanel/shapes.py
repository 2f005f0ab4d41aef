"""What an answer must be before it is believed, and kept: the least that each endpoint says.

Enters: a call and its parsed answer. Leaves: the answer, or an error. The surprise: an answer
without its numbers is refused instead of read as "nothing happened", because a proxy or another
service may have given it; what else stands in it, and what is optional, may come and go.
"""

from __future__ import annotations

from typing import Any

from mpnb.engine.mixpanel.call import Call
from mpnb.engine.mixpanel.failures import refused
from mpnb.errors import QueryError

LISTS = frozenset(
    {"/events/names", "/events/properties/values", "/funnels/list", "/cohorts/list", "/jql"}
)
"""Paths of the query API that answer with a list."""

KEYS: dict[str, tuple[str, ...]] = {
    "/insights": ("series",),
    "/segmentation": ("data",),
    "/segmentation/numeric": ("data",),
    "/segmentation/sum": ("results",),
    "/segmentation/average": ("results",),
    "/events": ("data",),
    "/events/properties": ("data",),
    "/events/top": ("events", "type"),
    "/retention/addiction": ("data",),
    "/funnels": ("data",),
    "/stream/bookmark": ("results",),
    "POST /arb_funnels": ("steps", "flows", "trees", "breakdowns", "overallConversionRate"),
    "/": ("results",),
    "/stats": ("results",),
}
"""Path of the query and engage APIs, with the method where that matters → keys of which an answer
has one. A saved report of flows may be empty."""

OF_OBJECTS = frozenset({"/events/properties/top"})
"""Paths whose answer is an object of objects, by name or date."""


def believed(call: Call, answer: Any) -> Any:
    """An answer with a good status.

    Raises:
        QueryError: it says that the call was refused, or is not what this endpoint answers.
    """
    if isinstance(answer, dict) and (answer.get("error") or answer.get("status") == "error"):
        raise refused(call, answer)
    wanted = "a JSON object or list"
    fits = isinstance(answer, dict | list)
    if fits and call.family in ("query", "engage"):
        fits, wanted = _fits(call, answer)
    if fits:
        return answer
    raise QueryError(
        f"{call.method} {call.path} answered with {_kind(answer)} where {wanted} was expected. A "
        "proxy may answer instead of Mixpanel, or the API may have changed.",
        status_code=200,
        response_body=answer if isinstance(answer, dict) else None,
        request_method=call.method,
    )


def _fits(call: Call, answer: Any) -> tuple[bool, str]:
    if call.path in LISTS:
        return isinstance(answer, list), "a list"
    if not isinstance(answer, dict):
        return False, "an object"
    if call.path in OF_OBJECTS or (call.path == "/retention" and "born_event" in call.query):
        return all(isinstance(value, dict) for value in answer.values()), "an object of objects"
    keys = KEYS.get(call.path) or KEYS.get(f"{call.method} {call.path}", ())
    return not keys or any(key in answer for key in keys), f"an object with {' or '.join(keys)}"


def _kind(answer: Any) -> str:
    if isinstance(answer, dict):
        return f"an object with the keys {', '.join(sorted(map(str, answer))[:8]) or '(none)'}"
    if isinstance(answer, list):
        return "a list"
    return "nothing" if answer is None else f"{answer!r:.60}"
