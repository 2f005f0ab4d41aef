"""Flow answers: steps with nodes and edges, paths or trees enter; frames and a graph leave.

The surprise: an edge names its target by event and step, and a target may be missing among the
nodes (a drop-off after the last step); the graph then has a node without attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mpnb.errors import QueryError
from mpnb.result.base import ResultWithDataFrame
from mpnb.result.flow_tree import PATH_SEPARATOR, FlowTreeNode, count, read_tree
from mpnb.result.types import FlowMode

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

NODE_COLUMNS = [
    "step",
    "event",
    "type",
    "count",
    "anchor_type",
    "is_custom_event",
    "conversion_rate_change",
]
EDGE_COLUMNS = [
    "source_step",
    "source_event",
    "target_step",
    "target_event",
    "count",
    "target_type",
]
PATH_COLUMNS = ["path_index", "step", "event", "type", "count"]
TREE_COLUMNS = [
    "tree_index",
    "depth",
    "path",
    "event",
    "type",
    "step_number",
    "total_count",
    "drop_off_count",
    "converted_count",
]
DROPOFF = "DROPOFF"


class Edge(NamedTuple):
    """One transition between neighbouring nodes of a flow."""

    source_step: int
    source_event: str
    target_step: int
    target_event: str
    total: int
    target_type: str
    source_type: str

    @property
    def source(self) -> str:
        """Name of the source in the graph."""
        return f"{self.source_event}@{self.source_step}"

    @property
    def target(self) -> str:
        """Name of the target in the graph."""
        return f"{self.target_event}@{self.target_step}"


@dataclass(frozen=True)
class FlowQueryResult(ResultWithDataFrame):
    """The answer to a flow question: what people do before and after an event.

    Attributes:
        computed_at: when the numbers were computed, ISO format.
        steps: nodes and their edges by step (mode ``"sankey"``).
        flows: the most frequent sequences (mode ``"paths"``).
        breakdowns: what segments the answer holds.
        overall_conversion_rate: share of flows that reach the last anchor, 0 to 1.
        params: the params that asked.
        meta: sampling factor and the like.
        mode: which of the three shapes was asked for.
        trees: prefix trees (mode ``"tree"``).
    """

    kind: ClassVar[str] = "flow"

    computed_at: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    flows: list[dict[str, Any]] = field(default_factory=list)
    breakdowns: list[dict[str, Any]] = field(default_factory=list)
    overall_conversion_rate: float = 0.0
    params: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    mode: FlowMode = "sankey"
    trees: list[FlowTreeNode] = field(default_factory=list)
    _nodes_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _edges_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _graph_cache: nx.DiGraph[str] | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _trees_df_cache: pd.DataFrame | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )
    _anytree_cache: list[object] | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Every node of the steps, with the names and types of ``nodes_df``."""
        for step, content in enumerate(self.steps):
            for node in content.get("nodes") or []:
                yield {
                    "step": step,
                    "event": node.get("event") or "",
                    "type": node.get("type") or "",
                    "count": count(node.get("totalCount")),
                    "anchor_type": node.get("anchorType") or "",
                    "is_custom_event": bool(node.get("isCustomEvent")),
                    "conversion_rate_change": float(node.get("conversionRateChange") or 0.0),
                }

    def edges(self) -> Iterator[Edge]:
        """Every transition of the steps, in the order of the answer."""
        for step, content in enumerate(self.steps):
            for node in content.get("nodes") or []:
                for edge in node.get("edges") or []:
                    yield Edge(
                        step,
                        node.get("event") or "",
                        int(edge["step"]) if edge.get("step") is not None else step + 1,
                        edge.get("event") or "",
                        count(edge.get("totalCount")),
                        edge.get("type") or "",
                        node.get("type") or "",
                    )

    @property
    def nodes_df(self) -> pd.DataFrame:
        """One row per node: step, event, type, count and what else is known of it."""
        return self._cached("_nodes_df_cache", lambda: _table(list(self.nodes()), NODE_COLUMNS))

    @property
    def edges_df(self) -> pd.DataFrame:
        """One row per transition between two nodes."""
        rows = [edge[: len(EDGE_COLUMNS)] for edge in self.edges()]
        return self._cached("_edges_df_cache", lambda: _table(rows, EDGE_COLUMNS))

    @property
    def graph(self) -> nx.DiGraph[str]:
        """The flow as a networkx graph; nodes are called ``"event@step"``."""
        return self._cached("_graph_cache", self._graph)

    def _graph(self) -> nx.DiGraph[str]:
        # networkx is loaded here and not above, so that importing mpnb stays light.
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        keys = ("step", "event", "type", "count", "anchor_type")
        graph.add_nodes_from(
            (f"{node['event']}@{node['step']}", {key: node[key] for key in keys})
            for node in self.nodes()
        )
        totals: dict[tuple[str, str], tuple[int, str]] = {}
        for edge in self.edges():
            before = totals.get((edge.source, edge.target), (0, ""))[0]
            totals[edge.source, edge.target] = (before + edge.total, edge.target_type)
        graph.add_edges_from(
            (source, target, {"count": total, "type": kind})
            for (source, target), (total, kind) in totals.items()
        )
        return graph

    @property
    def trees_df(self) -> pd.DataFrame:
        """One row per node of the trees; ``path`` joins the events from the root."""
        rows = [
            (
                index,
                depth,
                PATH_SEPARATOR.join(path),
                node.event,
                node.type,
                node.step_number,
                node.total_count,
                node.drop_off_count,
                node.converted_count,
            )
            for index, tree in enumerate(self.trees)
            for depth, path, node in tree.walk()
        ]
        return self._cached("_trees_df_cache", lambda: _table(rows, TREE_COLUMNS))

    @property
    def anytree(self) -> list[Any]:
        """The roots of the trees as ``anytree.AnyNode``."""
        return self._cached("_anytree_cache", lambda: [tree.to_anytree() for tree in self.trees])

    def _frame(self) -> pd.DataFrame:
        if self.mode == "sankey":
            return self.nodes_df
        if self.mode == "tree":
            return self.trees_df
        rows = [
            (index, number, step.get("event") or "", step.get("type") or "", count(_count(step)))
            for index, flow in enumerate(self.flows)
            for number, step in enumerate(flow.get("flowSteps") or [])
        ]
        return _table(rows, PATH_COLUMNS)

    def segments(self) -> dict[str, FlowQueryResult]:
        """The same flow for each segment, when the question asked for segments."""
        found = self.raw.get("segments") if isinstance(self.raw, Mapping) else None
        if not isinstance(found, Mapping):
            return {}
        return {
            str(name): from_raw(part, self.params, mode=self.mode)
            for name, part in found.items()
            if isinstance(part, Mapping)
        }

    def top_transitions(self, n: int = 10) -> list[tuple[str, str, int]]:
        """The ``n`` busiest transitions as (source, target, count).

        Ties keep the order of the answer, so that equal answers give equal lists.
        """
        ordered = sorted(self.edges(), key=lambda edge: -edge.total)
        return [(edge.source, edge.target, edge.total) for edge in ordered[:n]]

    def drop_off_summary(self) -> dict[str, Any]:
        """Per step ``{"total", "dropoff", "rate"}``: who is there, and who leaves after it.

        People who had dropped off before are part of ``total`` and not of ``dropoff``.
        """
        found = {
            f"step_{step}": {"total": 0, "dropoff": 0, "rate": 0.0}
            for step in range(len(self.steps))
        }
        for node in self.nodes():
            found[f"step_{node['step']}"]["total"] += node["count"]
        for edge in self.edges():
            if edge.target_type == DROPOFF and edge.source_type != DROPOFF:
                found[f"step_{edge.source_step}"]["dropoff"] += edge.total
        for step in found.values():
            step["rate"] = step["dropoff"] / step["total"] if step["total"] else 0.0
        return found


def _count(step: Mapping[str, Any]) -> Any:
    return step.get("totalCount", step.get("count"))


def _table(rows: list[Any], columns: list[str]) -> pd.DataFrame:
    # pandas is loaded here and not above, so that importing mpnb stays light.
    import pandas as pd

    return pd.DataFrame(rows, columns=columns)


def mode_of(params: Mapping[str, Any]) -> FlowMode:
    """Which shape of answer the params of a flow ask for."""
    if params.get("flows_merge_type") == "tree":
        return "tree"
    if params.get("flows_merge_type") == "list" or params.get("chartType") == "top-paths":
        return "paths"
    return "sankey"


def from_raw(
    raw: Mapping[str, Any], params: Mapping[str, Any], mode: FlowMode | None = None
) -> FlowQueryResult:
    """Read the raw answer of a flow question.

    Raises:
        QueryError: the answer holds neither steps, nor flows, nor trees.
    """
    if not any(key in raw for key in ("steps", "flows", "trees")):
        raise QueryError(
            f"The answer is no flow: it has {', '.join(map(repr, raw)) or 'nothing'}, "
            "where 'steps', 'flows' or 'trees' are expected.",
            status_code=200,
            response_body=dict(raw),
        )
    return FlowQueryResult(
        computed_at=raw.get("computed_at") or "",
        steps=list(raw.get("steps") or []),
        flows=list(raw.get("flows") or []),
        breakdowns=list(raw.get("breakdowns") or []),
        overall_conversion_rate=float(raw.get("overallConversionRate") or 0.0),
        params=dict(params),
        meta=dict(raw.get("metadata") or {}),
        mode=mode or mode_of(params),
        trees=[read_tree(tree) for tree in raw.get("trees") or []],
        raw=raw,
    )
