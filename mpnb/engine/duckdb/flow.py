"""Flow questions: what users do before, between and after anchors (section 9).

A store and a question enter, the raw answer leaves: steps with nodes and edges, the most frequent
paths, or prefix trees. The surprise: the list of steps starts with the earliest reverse step, so
the first anchor stands at the index that is its ``reverse``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import (
    axis,
    compiled,
    flow_figures,
    jit,
    kernels_ahead,
    kernels_flow,
    passes,
    segments,
    sequence,
    sessions,
)
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.dimension import dimensions
from mpnb.engine.duckdb.flow_figures import Flows, Layout
from mpnb.engine.duckdb.matching import Match
from mpnb.engine.duckdb.sequence import DURATION_MS, ENDLESS_MS, Ints
from mpnb.engine.duckdb.sources import Mask
from mpnb.engine.duckdb.store import Store
from mpnb.query.flow import FlowQuery
from mpnb.query.step import FlowStep

COUNTING = {
    "unique": kernels_flow.UNIQUE,
    "total": kernels_flow.TOTAL,
    "session": kernels_flow.SESSIONS,
}

Vector = npt.NDArray[Any]
NO_BITS = np.zeros(0, np.uint8)
NO_MASK = np.zeros(0, np.bool_)
NO_SESSIONS = np.zeros(0, np.int32)


def answer(store: Store, query: FlowQuery, ctx: Context) -> dict[str, Any]:
    """The raw answer of a flow question.

    Raises:
        NotSupportedError: more anchors than the local engine can tell apart.
    """
    store = sequence.scope(store, query.data_group_id, [event_of(step) for step in query.steps])
    mode = ctx.mode or query.mode
    flows = trace(store, query, with_rows=mode == "tree")
    ctx.note(f"pass: flows of {event_of(query.steps[0])}")
    whole = flow_figures.answer(flows, mode, query.cardinality)
    raw = {
        "computed_at": store.now.isoformat(),
        "metadata": {"sampling_factor": 1.0, "is_segmentation_limit_hit": False},
        "breakdowns": [],
        **whole,
    }
    if query.segments:
        _split(store, query, ctx, flows, mode, raw)
    return raw


def event_of(step: FlowStep) -> str:
    """The event of an anchor; a session event may be named by its kind alone."""
    if step.session_event is not None:
        return sessions.START if step.session_event == "start" else sessions.END
    return step.event


def _split(
    store: Store, query: FlowQuery, ctx: Context, flows: Flows, mode: str, raw: dict[str, Any]
) -> None:
    """Add separate flows per segment, by the value at the first anchor (FL-16)."""
    levels = dimensions(query.segments)
    span = passes.grid(store, axis.whole(store, *axis.between(store, query.range)))
    found = segments.split(store, levels, flows.entry[:, None], span)
    weights = np.bincount(found.code, minlength=len(found.paths))
    order, cut = segments.rank(found.paths, weights, found.orders, ctx.max_segments)
    raw["metadata"]["is_segmentation_limit_hit"] = cut
    paths = [found.paths[i] for i in order]
    raw["breakdowns"] = [
        {"name": level.name, "values": list(dict.fromkeys(path[i] for path in paths))}
        for i, level in enumerate(levels)
    ]
    by_code = np.argsort(found.code, kind="stable")
    bounds = np.searchsorted(found.code[by_code], np.arange(len(found.paths) + 1))
    raw["segments"] = {}
    for i, path in zip(order, paths, strict=True):
        members = found.member[by_code[bounds[i] : bounds[i + 1]]]
        raw["segments"][" | ".join(path)] = flow_figures.answer(
            flows.take(members), mode, query.cardinality
        )


# --- tracing --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Columns:
    """Where each anchor stands, and how many events are shown around it."""

    forward: Ints
    reverse: Ints
    at: Ints
    width: int


def _columns(query: FlowQuery) -> _Columns:
    """Anchors are as far apart as forward steps of one and reverse steps of the next need."""
    forward = [query.forward if s.forward is None else s.forward for s in query.steps]
    reverse = [query.reverse if s.reverse is None else s.reverse for s in query.steps]
    at = [reverse[0]]
    for i in range(1, len(query.steps)):
        at.append(at[-1] + forward[i - 1] + reverse[i] + 1)
    ahead, behind, places = (np.array(numbers, np.int64) for numbers in (forward, reverse, at))
    return _Columns(ahead, behind, places, at[-1] + forward[-1] + 1)


def trace(store: Store, query: FlowQuery, *, with_rows: bool) -> Flows:
    """Trace every flow of the range."""
    columns = _columns(query)
    anchors = [
        sessions.match(store, event_of(step), step.filters, step.filters_combinator)
        for step in query.steps
    ]
    by_session = query.conversion_window_unit == "session" or query.count_type == "session"
    hidden, keep = _visible(store, query)
    excludes, exclude_rows = _named(store, query.exclusions)
    first, last = axis.between(store, query.range)
    whole = axis.whole(store, first, last)
    timed = query.conversion_window_unit != "session"
    numbers = sessions.numbers(store) if by_session else NO_SESSIONS
    inputs = (
        jit.frozen(store.offsets),
        jit.frozen(store.time),
        jit.frozen(store.event),
        jit.frozen(numbers),
        sequence.luts(anchors, len(store.events)),
        sequence.bits_per_row(store, anchors),
        hidden,
        NO_MASK if keep is None else keep,
        excludes,
        NO_MASK if exclude_rows is None else exclude_rows,
        _stored_events(store),
        query.collapse_repeated,
        int(whole.starts_ms[0]),
        int(whole.ends_ms[0]),
        _enough(query, columns),
        _window_ms(query) if timed else ENDLESS_MS,
        1 if timed or query.count_type == "session" else query.conversion_window,
        COUNTING[query.count_type],
        np.stack([columns.at, columns.forward, columns.reverse]),
    )
    if _is_plain(store, query, columns):
        found = _run_ahead(store, inputs, columns.width, with_rows)
    else:
        found = _run(store, inputs, columns.width, query.count_type == "unique", with_rows)
    layout = Layout(
        [*store.events, *map(event_of, query.steps)],
        len(store.events),
        columns.at,
        columns.forward,
        [event_of(step).startswith("$custom_event:") for step in query.steps],
    )
    return Flows(*found, store.time, layout)


def _enough(query: FlowQuery, columns: _Columns) -> int:
    """How many rows after the first anchor matter; -1 when there is no telling."""
    alone = query.count_type == "unique" and len(query.steps) == 1
    virtual = any(sessions.is_session_event(event_of(step)) for step in query.steps)
    return -1 if not alone or virtual else int(columns.forward[0])


def _window_ms(query: FlowQuery) -> int:
    return round(query.conversion_window * DURATION_MS[query.conversion_window_unit])


def _stored_events(store: Store) -> int:
    """Number of event codes that stand for stored rows; those behind are virtual."""
    if isinstance(store, sessions.SessionStore):
        return len(store.parent.events)
    return len(store.events)


def _visible(store: Store, query: FlowQuery) -> tuple[Mask, Mask | None]:
    """Event codes that are hidden, and rows that filters keep; None when all are kept."""
    hidden, hidden_rows = _named(store, query.hidden_events)
    keep = rows_of.mask(store, query.where)
    if hidden_rows is None:
        return hidden, keep
    visible = ~(hidden[store.event] & hidden_rows)
    return np.zeros_like(hidden), visible if keep is None else keep & visible


def _named(store: Store, events: Sequence[str]) -> tuple[Mask, Mask | None]:
    """Codes of some events, and the rows of them where they are custom events with filters."""
    lut = np.zeros(len(store.events), np.bool_)
    matches: list[Match] = [sessions.match(store, event) for event in events]
    for match in matches:
        lut |= match.event_lut
    if all(match.mask is None for match in matches):
        return lut, None
    return lut, np.logical_or.reduce([match.rows() for match in matches])


def _is_plain(store: Store, query: FlowQuery, columns: _Columns) -> bool:
    """True when the short pass gives the flows: one per user, from one anchor, forward."""
    return (
        not compiled.is_small(store.n_rows)
        and query.count_type == "unique"
        and query.conversion_window_unit != "session"
        and not (len(query.steps) > 1 or columns.reverse[0])
        and not (query.collapse_repeated or query.exclusions)
        and not isinstance(store, sessions.SessionStore)
    )


def _run_ahead(
    store: Store, inputs: tuple[Any, ...], width: int, with_rows: bool
) -> tuple[Vector, Vector, Ints, Vector]:
    """What `_run` gives, by the short pass."""
    kernels = compiled.pick(kernels_ahead, store.n_rows)
    anchors, anchor_rows, hidden, keep = inputs[4:8]
    start, end, _, window = inputs[12:16]
    shown = np.where(hidden, 0, anchors)
    small = np.int16 if len(store.events) < 30_000 else np.int32

    def work(first: int, last: int) -> tuple[Vector, ...]:
        most = last - first
        nodes, entry = np.empty((width, most), small), np.empty(most, np.int64)
        rows = np.empty((width, most if with_rows else 0), np.int64)
        count = kernels.trace_ahead(
            *inputs[:3], shown, anchor_rows, hidden, keep, start, end, window, width - 1,
            first, last, nodes, rows, entry,
        )  # fmt: skip
        return nodes[:, :count], rows[:, :count], entry[:count]

    ranges = jit.user_splits(store.offsets) or [(0, 0)]
    nodes, rows, entry = (
        np.concatenate(column, axis=-1) for column in zip(*jit.spread(work, ranges), strict=True)
    )
    return nodes.T, rows.T, entry, np.ones(len(entry), np.int32)


def _run(
    store: Store, inputs: tuple[Any, ...], width: int, single: bool, with_rows: bool
) -> tuple[Vector, Vector, Ints, Vector]:
    """Nodes [flow, column], their rows, the first anchor's row and the anchors reached."""
    kernels = compiled.pick(kernels_flow, store.n_rows)
    entries = inputs[4] & 1 != 0
    small = np.int16 if len(store.events) < 30_000 else np.int32

    def work(first: int, last: int) -> tuple[Vector, ...]:
        begin, end = int(store.offsets[first]), int(store.offsets[last])
        most = last - first
        if not single:
            most = int(np.count_nonzero(entries[store.event[begin:end]]))
        nodes = np.empty((most, width), small)
        rows = np.empty((max(most, 1) if with_rows else 1, width), np.int64)
        entry, reached = np.empty(most, np.int64), np.empty(most, np.int32)
        count = kernels.trace_flows(*inputs, first, last, nodes, rows, entry, reached)
        return nodes[:count], rows[: count if with_rows else 0], entry[:count], reached[:count]

    ranges = jit.user_splits(store.offsets) or [(0, 0)]
    nodes, rows, entry, reached = (
        np.concatenate(column) for column in zip(*jit.spread(work, ranges), strict=True)
    )
    return nodes, rows, entry, reached
