"""The prefix tree of a flow: every node stands for one path from the start.

Raw trees (snake or camel case, counts as digits or numbers) enter, frozen nodes leave. The
surprise: a flow of five steps is shallow but wide, so walks are recursive in depth only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mpnb.result.types import FlowAnchorType, FlowNodeType

PATH_SEPARATOR = " > "


@dataclass(frozen=True)
class FlowTreeNode:
    """A point that flows reach by one particular path.

    Attributes:
        event: name of the event.
        type: kind of node, such as ``"ANCHOR"`` or ``"DROPOFF"``.
        step_number: zero-based position in the flow.
        total_count: flows that reach this node.
        drop_off_count: flows that end here.
        converted_count: flows that go on.
        anchor_type: how the node stands to the anchor.
        is_computed: whether the event is a custom one.
        children: what comes next.
        time_percentiles_from_start: seconds since the start of the flow, by percentile.
        time_percentiles_from_prev: seconds since the previous step, by percentile.
    """

    event: str
    type: FlowNodeType
    step_number: int
    total_count: int
    drop_off_count: int = 0
    converted_count: int = 0
    anchor_type: FlowAnchorType = "NORMAL"
    is_computed: bool = False
    children: tuple[FlowTreeNode, ...] = ()
    time_percentiles_from_start: dict[str, Any] = field(default_factory=dict)
    time_percentiles_from_prev: dict[str, Any] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """Steps from here to the farthest leaf; 0 for a leaf."""
        return max((1 + child.depth for child in self.children), default=0)

    @property
    def node_count(self) -> int:
        """Nodes of this subtree, this one included."""
        return 1 + sum(child.node_count for child in self.children)

    @property
    def leaf_count(self) -> int:
        """Nodes of this subtree with nothing after them."""
        return sum(child.leaf_count for child in self.children) or 1

    @property
    def conversion_rate(self) -> float:
        """Share of flows that go on, 0 to 1; 0 when none came here."""
        return self.converted_count / self.total_count if self.total_count else 0.0

    @property
    def drop_off_rate(self) -> float:
        """Share of flows that end here, 0 to 1; 0 when none came here."""
        return self.drop_off_count / self.total_count if self.total_count else 0.0

    def all_paths(self) -> list[list[FlowTreeNode]]:
        """Every way from here to a leaf, as lists of nodes."""
        below = [path for child in self.children for path in child.all_paths()]
        return [[self, *path] for path in below] or [[self]]

    def flatten(self) -> list[FlowTreeNode]:
        """All nodes of this subtree, parents before children."""
        return [self, *(node for child in self.children for node in child.flatten())]

    def find(self, event: str) -> list[FlowTreeNode]:
        """All nodes of this subtree with that event."""
        return [node for node in self.flatten() if node.event == event]

    def to_dict(self) -> dict[str, Any]:
        """The subtree as nested dicts, ready for JSON."""
        return {**asdict(self), "children": [child.to_dict() for child in self.children]}

    def render(self, _prefix: str = "", _is_last: bool = True, _is_root: bool = True) -> str:
        """The subtree as text, one line per node, with box-drawing characters."""
        branch = "" if _is_root else "└── " if _is_last else "├── "
        indent = "" if _is_root else "    " if _is_last else "│   "
        lines = [f"{_prefix}{branch}{self.event} ({self.total_count})\n"]
        for child in self.children:
            lines.append(child.render(_prefix + indent, child is self.children[-1], False))
        return "".join(lines)

    def to_anytree(self) -> Any:
        """The subtree as ``anytree.AnyNode``, with parents and path resolution.

        A node's ``name`` is its event, which is what anytree's exporters write.
        """
        # anytree is loaded here and not above, so that importing mpnb stays light.
        from anytree import AnyNode

        attributes = {key: value for key, value in vars(self).items() if key != "children"}
        attributes["name"] = self.event
        return AnyNode(**attributes, children=[child.to_anytree() for child in self.children])

    def walk(
        self, depth: int = 0, path: tuple[str, ...] = ()
    ) -> Iterator[tuple[int, tuple[str, ...], FlowTreeNode]]:
        """(depth, events from the root, node) of the subtree, parents before children."""
        here = (*path, self.event)
        yield depth, here, self
        for child in self.children:
            yield from child.walk(depth + 1, here)


def read_tree(raw: Mapping[str, Any]) -> FlowTreeNode:
    """Read one raw tree, with or without its ``root`` wrapper."""
    root = raw.get("root", raw)
    return _read_node(root if isinstance(root, Mapping) else {})


def _read_node(raw: Mapping[str, Any]) -> FlowTreeNode:
    step = raw.get("step")
    about = step if isinstance(step, Mapping) else raw
    return FlowTreeNode(
        event=str(_get(about, "event") or ""),
        type=_get(about, "type") or "NORMAL",
        step_number=count(_get(about, "step_number")),
        total_count=count(_get(raw, "total_count")),
        drop_off_count=count(_get(raw, "drop_off_total_count")),
        converted_count=count(_get(raw, "converted_total_count")),
        anchor_type=_get(about, "anchor_type") or "NORMAL",
        is_computed=bool(_get(about, "is_computed")),
        children=tuple(_read_node(child) for child in raw.get("children") or []),
        time_percentiles_from_start=dict(_get(raw, "time_percentiles_from_start") or {}),
        time_percentiles_from_prev=dict(_get(raw, "time_percentiles_from_prev") or {}),
    )


def _get(raw: Mapping[str, Any], name: str) -> Any:
    """A key in snake or camel case."""
    if name in raw:
        return raw[name]
    first, *rest = name.split("_")
    return raw.get(first + "".join(word.capitalize() for word in rest))


def count(value: Any) -> int:
    """A count that may be digits in a string; nothing is 0.

    >>> count("33"), count(15), count("4.0"), count(None)
    (33, 15, 4, 0)
    """
    return int(float(value)) if value else 0
