"""The figures of flows: a matrix of nodes enters, steps, paths or trees leave.

One line per flow, one column per step; the shapes are those of Mixpanel's endpoint. The surprise:
counts of nodes and edges are texts there, and numbers in trees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb.kernels_flow import DROPOFF, NONE
from mpnb.engine.duckdb.sequence import Ints

Vector = npt.NDArray[Any]

DROPOFF_NAME = "DROPOFF"
OTHER_NAME = "$other"
MAX_PATHS = 50
PERCENTILES = (25, 50, 75, 90)


@dataclass(frozen=True, eq=False)
class Layout:
    """What codes and columns mean.

    Attributes:
        names: names of the event codes, then of the anchors.
        n_events: number of event codes; anchor i is code ``n_events + i``.
        anchors: column of each anchor.
        forward: number of events shown after each anchor.
        custom: whether each anchor is a custom event.
    """

    names: list[str]
    n_events: int
    anchors: Ints
    forward: Ints
    custom: list[bool]

    def kind(self, column: int, code: int) -> str:
        """The type of a node."""
        if code == DROPOFF:
            return "DROPOFF"
        if code >= self.n_events:
            return "ANCHOR"
        before = int(np.searchsorted(self.anchors, column)) - 1
        after = before >= 0 and column <= self.anchors[before] + self.forward[before]
        return "FORWARD" if after else "REVERSE"

    def anchor_kind(self, code: int) -> str:
        """How an anchor stands to the others: the first looks forward, the last back."""
        if code < self.n_events or len(self.anchors) == 1:
            return "NORMAL"
        first = code == self.n_events
        last = code == self.n_events + len(self.anchors) - 1
        return "RELATIVE_FORWARD" if first else "RELATIVE_REVERSE" if last else "NORMAL"

    def name(self, code: int) -> str:
        """The event of a node."""
        return DROPOFF_NAME if code == DROPOFF else self.names[code]

    def is_custom(self, code: int) -> bool:
        """Whether a node is a custom event."""
        return code >= self.n_events and self.custom[code - self.n_events]


@dataclass(frozen=True, eq=False)
class Flows:
    """Flows as a matrix.

    Attributes:
        nodes: [flow, column], event code, anchor, DROPOFF, or NONE.
        rows: [flow, column], the row of each node; without lines when nobody asked.
        entry: row of the first anchor.
        reached: number of anchors reached.
        time: ms of every row of the store.
        layout: what the codes mean.
    """

    nodes: Vector
    rows: Vector
    entry: Ints
    reached: Vector
    time: Ints
    layout: Layout

    def take(self, chosen: Ints) -> Flows:
        """Some of the flows."""
        rows = self.rows[chosen] if len(self.rows) else self.rows
        return replace(
            self,
            nodes=self.nodes[chosen],
            rows=rows,
            entry=self.entry[chosen],
            reached=self.reached[chosen],
        )


def answer(flows: Flows, mode: str, cardinality: int) -> dict[str, Any]:
    """One of the three shapes, with the share of flows that reach the last anchor."""
    total = len(flows.reached)
    complete = int(np.count_nonzero(flows.reached == len(flows.layout.anchors)))
    shape: dict[str, Any]
    if mode == "paths":
        shape = {"flows": _paths(flows)}
    elif mode == "tree":
        shape = {"trees": _trees(flows)}
    else:
        shape = {"steps": _steps(flows, cardinality)}
    return {"overallConversionRate": complete / total if total else 0.0, **shape}


# --- steps: nodes and edges -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Column:
    """One step after merging: names and counts of its nodes, and the node of each flow."""

    names: list[str]
    kinds: list[str]
    anchor_kinds: list[str]
    custom: list[bool]
    counts: Ints
    of_flow: Vector


def _steps(flows: Flows, cardinality: int) -> list[dict[str, Any]]:
    width = flows.nodes.shape[1]
    columns = [_merge(flows, c, cardinality) for c in range(width)]
    edges = _edges(columns)
    steps = [
        {
            "nodes": [
                {
                    "event": column.names[i],
                    "type": column.kinds[i],
                    "totalCount": str(int(column.counts[i])),
                    "anchorType": column.anchor_kinds[i],
                    "isCustomEvent": column.custom[i],
                    "conversionRateChange": 0.0,
                    "edges": edges.get((c, i), []),
                }
                for i in range(len(column.names))
            ]
        }
        for c, column in enumerate(columns)
    ]
    while steps and not steps[-1]["nodes"]:
        steps.pop()
    return steps


def _merge(flows: Flows, column: int, cardinality: int) -> _Column:
    """Keep the most frequent events of a step, and merge the rest into one node (FL-7)."""
    layout = flows.layout
    codes = flows.nodes[:, column].astype(np.int64) - DROPOFF  # drop-off is 0, none 1, event k+2
    counts = np.bincount(codes, minlength=len(layout.names) + 2)
    counts[1] = 0
    present = (np.flatnonzero(counts) + DROPOFF).tolist()
    events = [code for code in present if 0 <= code < layout.n_events]
    events.sort(key=lambda code: (-counts[code - DROPOFF], layout.names[code]))
    kept = sorted(
        [code for code in present if code not in set(events[cardinality:])],
        key=lambda code: (code == DROPOFF, -counts[code - DROPOFF], layout.name(code)),
    )
    others = events[cardinality:]
    place = np.full(len(counts), -1, np.int16 if len(kept) < 30_000 else np.int32)
    for i, code in enumerate(kept):
        place[code - DROPOFF] = i
    for code in others:
        place[code - DROPOFF] = len(kept)
    sizes = [int(counts[code - DROPOFF]) for code in kept]
    if others:
        sizes.append(sum(int(counts[code - DROPOFF]) for code in others))
    return _Column(
        [layout.name(code) for code in kept] + [OTHER_NAME] * bool(others),
        [layout.kind(column, code) for code in kept] + ["PRUNED"] * bool(others),
        [layout.anchor_kind(code) for code in kept] + ["NORMAL"] * bool(others),
        [layout.is_custom(code) for code in kept] + [False] * bool(others),
        np.array(sizes, np.int64),
        place[codes],
    )


Edges = dict[tuple[int, int], list[dict[str, Any]]]


def _edges(columns: list[_Column]) -> Edges:
    """For each node (column, place) the edges that leave it, largest first."""
    found: Edges = {}
    for c in range(1, len(columns)):
        target = columns[c]
        if not target.names:
            continue
        counts = _pairs(columns[c - 1].of_flow, target.of_flow, len(target.names))
        _add_edges(found, columns[c - 1], c - 1, target, c, counts[1:, 1:])
        if counts[0, 1:].any():
            _add_distant(found, columns, c)
    for edges in found.values():
        edges.sort(key=lambda edge: (edge["step"], -int(edge["totalCount"]), edge["event"]))
    return found


def _pairs(source: Vector, target: Vector, n_targets: int) -> Ints:
    """How many flows have each pair of places; row and column 0 are for no node."""
    width = n_targets + 1
    keys = (source.astype(np.int64) + 1) * width + (target + 1)
    counts = np.bincount(keys)
    height = -(-len(counts) // width)
    return np.pad(counts, (0, height * width - len(counts))).reshape(height, width)


def _add_distant(found: Edges, columns: list[_Column], c: int) -> None:
    """Edges into a step from flows that have no node in the step before it."""
    target = columns[c]
    flows = np.flatnonzero((target.of_flow >= 0) & (columns[c - 1].of_flow < 0))
    for b in range(c - 2, -1, -1):
        source = columns[b].of_flow[flows]
        counts = _pairs(source, target.of_flow[flows], len(target.names))
        _add_edges(found, columns[b], b, target, c, counts[1:, 1:])
        flows = flows[source < 0]
        if not len(flows):
            return


def _add_edges(
    found: Edges, source: _Column, b: int, target: _Column, c: int, counts: Ints
) -> None:
    for i, j in np.argwhere(counts).tolist():
        kind = target.kinds[j]
        found.setdefault((b, i), []).append(
            {
                "event": target.names[j],
                "type": kind if kind in ("ANCHOR", "DROPOFF", "PRUNED") else "NORMAL",
                "totalCount": str(int(counts[i, j])),
                "step": c,
            }
        )


# --- paths and trees ------------------------------------------------------------------------------


def _sequences(flows: Flows) -> tuple[Vector, Ints, Ints]:
    """The distinct sequences, how many flows have each, and the sequence of every flow."""
    keys, base, size = np.zeros(len(flows.nodes), np.int64), len(flows.layout.names) + 2, 1
    for column in flows.nodes.T:
        if size > (1 << 62) // base:
            _, keys = np.unique(keys, return_inverse=True)
            size = len(keys)
        keys = keys * base + (column.astype(np.int64) - DROPOFF)
        size *= base
    _, first, of_flow, counts = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    return flows.nodes[first], counts, of_flow


Step = tuple[int, int]
"""Column and code of a node."""


def _path(nodes: Vector) -> tuple[Step, ...]:
    return tuple((c, code) for c, code in enumerate(nodes.tolist()) if code != NONE)


def _ordered(
    flows: Flows, distinct: Vector, counts: Ints
) -> Iterator[tuple[tuple[Step, ...], int, int]]:
    """Path, number of flows and index of each sequence: most frequent first, ties by names."""
    paths = [_path(nodes) for nodes in distinct]
    names = [[flows.layout.name(code) for _, code in path] for path in paths]
    for i in sorted(range(len(paths)), key=lambda i: (-counts[i], names[i], paths[i])):
        yield paths[i], int(counts[i]), i


def _paths(flows: Flows) -> list[dict[str, Any]]:
    """The most frequent sequences; a step's count is that of the flows that share its prefix."""
    prefixes: dict[tuple[Step, ...], int] = {}
    distinct, counts, _ = _sequences(flows)
    ordered = list(_ordered(flows, distinct, counts))
    for path, count, _ in ordered:
        for k in range(1, len(path) + 1):
            prefixes[path[:k]] = prefixes.get(path[:k], 0) + count
    return [
        {
            "flowSteps": [
                {
                    "event": flows.layout.name(code),
                    "type": flows.layout.kind(column, code),
                    "totalCount": str(prefixes[path[: k + 1]]),
                }
                for k, (column, code) in enumerate(path)
            ]
        }
        for path, _, _ in ordered[:MAX_PATHS]
    ]


@dataclass(eq=False)
class _Node:
    """A node of the prefix tree while it grows: the sequences that pass through it."""

    step: Step
    count: int
    sequences: list[int]
    children: dict[Step, _Node]


def _trees(flows: Flows) -> list[dict[str, Any]]:
    """Prefix trees of all sequences, one per first node (FL-15)."""
    roots: dict[Step, _Node] = {}
    distinct, counts, of_flow = _sequences(flows)
    for path, count, index in _ordered(flows, distinct, counts):
        level = roots
        for step in path:
            node = level.setdefault(step, _Node(step, 0, [], {}))
            node.count += count
            node.sequences.append(index)
            level = node.children
    times = _Times(flows, of_flow)
    anchor = int(flows.layout.anchors[0])
    return [
        {"root": _tree(node, None, node.step[0], flows, times, anchor)}
        for node in _by_count(roots, flows)
    ]


def _by_count(nodes: dict[Step, _Node], flows: Flows) -> list[_Node]:
    return sorted(
        nodes.values(),
        key=lambda node: (-node.count, flows.layout.name(node.step[1]), node.step),
    )


def _tree(
    node: _Node, before: int | None, start: int, flows: Flows, times: _Times, anchor: int
) -> dict[str, Any]:
    column, code = node.step
    layout = flows.layout
    dropped = sum(child.count for child in node.children.values() if child.step[1] == DROPOFF)
    return {
        "step": {
            "event": layout.name(code),
            "type": layout.kind(column, code),
            "step_number": column - anchor,
            "anchor_type": layout.anchor_kind(code),
            "is_computed": layout.is_custom(code),
        },
        "total_count": node.count,
        "drop_off_total_count": dropped,
        "converted_total_count": node.count - dropped,
        "time_percentiles_from_start": times.between(node, start),
        "time_percentiles_from_prev": times.between(node, before),
        "children": [
            _tree(child, column, start, flows, times, anchor)
            for child in _by_count(node.children, flows)
        ],
    }


class _Times:
    """Percentiles of the time between columns, over the flows that pass through a node."""

    def __init__(self, flows: Flows, of_flow: Ints) -> None:
        self.flows = flows
        self.order = np.argsort(of_flow, kind="stable")
        size = int(of_flow.max(initial=-1)) + 1
        self.bounds = np.searchsorted(of_flow[self.order], np.arange(size + 1))

    def between(self, node: _Node, column: int | None) -> dict[str, float]:
        """Seconds from ``column`` to the node, by percentile; empty where nothing can be said."""
        if column is None or node.step[1] == DROPOFF or not len(self.flows.rows):
            return {}
        parts = [self.order[self.bounds[s] : self.bounds[s + 1]] for s in node.sequences]
        members = np.concatenate(parts)
        time, rows = self.flows.time, self.flows.rows
        spent = np.sort(time[rows[members, node.step[0]]] - time[rows[members, column]])
        return {f"p{p}": _percentile(spent, p) / 1000 for p in PERCENTILES}


def _percentile(ordered: Ints, percent: int) -> float:
    """Linear interpolation between order statistics (I-7)."""
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    before, after = int(ordered[low]), int(ordered[min(low + 1, len(ordered) - 1)])
    return before + (place - low) * (after - before)
