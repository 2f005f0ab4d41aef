"""Raw answers of the five kinds enter, typed results leave.

The surprise: Mixpanel reports some failures with status 200 and an ``error`` key; such a body is
no answer and raises ``QueryError`` here, whichever engine sent it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, overload

from mpnb.errors import QueryError
from mpnb.result import flow, funnel, insights, retention, users
from mpnb.result.base import Provenance, day, is_date
from mpnb.result.flow import FlowQueryResult
from mpnb.result.funnel import FunnelQueryResult
from mpnb.result.insights import QueryResult
from mpnb.result.retention import RetentionQueryResult
from mpnb.result.types import FlowMode
from mpnb.result.users import UserQueryResult

AnyResult = (
    QueryResult | FunnelQueryResult | RetentionQueryResult | FlowQueryResult | UserQueryResult
)
Raw = Mapping[str, Any] | Sequence[Mapping[str, Any]]
ENVELOPES: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], AnyResult]] = {
    "insights": insights.from_envelope,
    "funnel": funnel.from_envelope,
    "retention": retention.from_envelope,
}


@overload
def read(
    kind: Literal["insights"],
    raw: Raw,
    params: Mapping[str, Any],
    provenance: Provenance | None = None,
    query: Any = None,
) -> QueryResult: ...
@overload
def read(
    kind: Literal["funnel"],
    raw: Raw,
    params: Mapping[str, Any],
    provenance: Provenance | None = None,
    query: Any = None,
) -> FunnelQueryResult: ...
@overload
def read(
    kind: Literal["retention"],
    raw: Raw,
    params: Mapping[str, Any],
    provenance: Provenance | None = None,
    query: Any = None,
) -> RetentionQueryResult: ...
@overload
def read(
    kind: Literal["flow"],
    raw: Raw,
    params: Mapping[str, Any],
    provenance: Provenance | None = None,
    query: Any = None,
    *,
    mode: FlowMode | None = None,
) -> FlowQueryResult: ...
@overload
def read(
    kind: Literal["users"],
    raw: Raw,
    params: Mapping[str, Any],
    provenance: Provenance | None = None,
    query: Any = None,
    *,
    limit: int | None = None,
) -> UserQueryResult: ...
@overload
def read(
    kind: str,
    raw: Raw,
    params: Mapping[str, Any],
    provenance: Provenance | None = None,
    query: Any = None,
) -> AnyResult: ...
def read(
    kind: str,
    raw: Raw,
    params: Mapping[str, Any],
    provenance: Provenance | None = None,
    query: Any = None,
    *,
    mode: FlowMode | None = None,
    limit: int | None = None,
) -> AnyResult:
    """Turn a raw answer into the typed result of its kind.

    Args:
        kind: "insights", "funnel", "retention", "flow" or "users".
        raw: the engine's answer; for users it may be the list of pages.
        params: the params that asked; they tell modes and names that an answer leaves out.
        provenance: where the answer comes from; what the raw answer tells is filled in.
        query: the question, kept on the result.
        mode: the shape of a flow, where it differs from what the params say.
        limit: the most profiles to keep.

    Raises:
        QueryError: the body reports an error, or does not have the shape of its kind.
        ValueError: no such kind.
    """
    for body in raw if isinstance(raw, list | tuple) else [raw]:
        _require_object(body)
        refuse_error(body)
    if kind == "flow" and "mode" in params:  # a call may ask for another shape than its params
        mode = mode or params["mode"]
        params = {key: value for key, value in params.items() if key != "mode"}
    found = _read(kind, raw, params, mode, limit)
    meta = {key: value for key, value in found.meta.items() if key != "mpnb"}
    whence = _complete(provenance or Provenance(), found)
    return replace(found, meta=meta, query=query, provenance=whence)


def _read(
    kind: str, raw: Raw, params: Mapping[str, Any], mode: FlowMode | None, limit: int | None
) -> AnyResult:
    if kind == "users":
        pages = [raw] if isinstance(raw, Mapping) else list(raw)
        if "action" in params:
            return users.from_aggregate(pages[0] if pages else {}, params)
        return users.from_pages(pages, params, limit=limit)
    if not isinstance(raw, Mapping):
        raise QueryError(
            f"The answer is a list, where a {kind} object is expected.", status_code=200
        )
    if kind == "flow":
        return flow.from_raw(raw, params, mode)
    if kind not in ENVELOPES:
        raise ValueError(
            f"No such kind: {kind!r}. Kinds are {', '.join((*ENVELOPES, 'flow', 'users'))}."
        )
    return ENVELOPES[kind](raw, params)


def _require_object(body: object) -> None:
    if not isinstance(body, Mapping):
        raise QueryError(
            f"The answer is of type {type(body).__name__}, where an object is expected.",
            status_code=200,
        )
    if not isinstance(body.get("headers"), list | tuple | type(None)):
        raise QueryError("The answer's headers are no list.", status_code=200)


def refuse_error(body: object) -> None:
    """Raise for a body that reports an error, whatever its status was."""
    if isinstance(body, Mapping) and body.get("error"):
        raise QueryError(str(body["error"]), status_code=200, response_body=dict(body))


def cut_short(found: AnyResult) -> tuple[str, ...]:
    """Which buckets the range or the present cuts short, where the engine says so."""
    keys = found.meta.get("incomplete")
    if not isinstance(keys, list) or not keys:
        return ()
    dates: set[str] = set()
    if isinstance(found, QueryResult):
        dates = {day(key) for leaf in insights.leaves(found.series) for key in leaf.points}
    elif isinstance(found, FunnelQueryResult):
        dates = {block.date for block in found.blocks}
    known = sorted(filter(is_date, dates))
    keys = [day(key) for key in keys]
    ends = {"first": known[:1], "last": known[-1:]}
    cut = [name for name, date in ends.items() if date and date[0] in keys]
    return (f"{' and '.join(cut)} bucket not whole",) if cut else ()


def _complete(provenance: Provenance, found: AnyResult) -> Provenance:
    """Provenance with the range, time and limits that the answer itself tells."""
    notes = provenance.notes
    if found.meta.get("is_segmentation_limit_hit"):
        notes = (*notes, "segments cut at the limit of the query")
    notes += cut_short(found)
    sampling = found.meta.get("sampling_factor")
    if isinstance(sampling, (int, float)) and 0 < sampling < 1:
        notes = (*notes, f"sampled at {sampling:.0%}")
    return replace(
        provenance,
        from_date=provenance.from_date or getattr(found, "from_date", ""),
        to_date=provenance.to_date or getattr(found, "to_date", ""),
        computed_at=provenance.computed_at or found.computed_at,
        notes=tuple(dict.fromkeys(notes)),
    )
