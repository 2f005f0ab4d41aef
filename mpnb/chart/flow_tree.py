"""Paths of a flow as a tree of boxes that split from left to right.

Enters: an answer with prefix trees. Leaves: an icicle. The surprise: children stand by size here,
and in the order of the answer in the table; `walked` gives the latter.
"""

from __future__ import annotations

from mpnb.chart import theme, words
from mpnb.chart.base import Chart, cut
from mpnb.chart.flow import GREY, node_name, summary, title
from mpnb.result import FlowQueryResult
from mpnb.result.flow_tree import FlowTreeNode

MAX_BOXES = 120


def fits_tree(result: FlowQueryResult) -> bool:
    """Trees."""
    return result.mode == "tree"


def boxes(result: FlowQueryResult) -> list[tuple[str, str, FlowTreeNode]]:
    """(id, id of the parent, node) of every node of the trees, larger ones first."""
    found: list[tuple[str, str, FlowTreeNode]] = []

    def visit(node: FlowTreeNode, own: str, parent: str) -> None:
        found.append((own, parent, node))
        ranked = sorted(node.children, key=lambda child: (-child.total_count, child.event))
        for at, child in enumerate(ranked):
            visit(child, f"{own}.{at}", own)

    for at, tree in enumerate(result.trees):
        visit(tree, str(at), "")
    return found


def walked(result: FlowQueryResult) -> list[FlowTreeNode]:
    """Every node of the trees in the order of the rows of the table."""
    return [node for tree in result.trees for _, _, node in tree.walk()]


def build_tree(result: FlowQueryResult) -> Chart:
    """Boxes from left to right; each is as high as its share of the flows."""
    every = boxes(result)
    ranked = sorted(every, key=lambda box: (box[0].count("."), -box[2].total_count, box[0]))
    kept = _with_parents(ranked, MAX_BOXES)
    names = [node_name(node.event, node.type) for _, _, node in kept]
    sizes = dict.fromkeys(names, 0)
    for name, (_, _, node) in zip(names, kept, strict=True):
        sizes[name] += node.total_count
    order = [n for n in sorted(sizes, key=lambda n: (-sizes[n], n)) if n not in GREY]
    colours = {**{n: theme.PALETTE[at % 7] for at, n in enumerate(order)}, **GREY}
    icicle = {
        "type": "icicle",
        "ids": [own for own, _, _ in kept],
        "parents": [parent for _, parent, _ in kept],
        "labels": [
            words.label(f"{words.shorten(name, 22)} · {words.number(node.total_count)}")
            for name, (_, _, node) in zip(names, kept, strict=True)
        ],
        "values": [node.total_count for _, _, node in kept],
        "branchvalues": "total",
        "sort": False,
        "marker": {
            "colors": [theme.pale(colours[name]) for name in names],
            "line": {"width": 1, "color": "rgba(128,132,140,0.6)"},
        },
        "textfont": {"color": theme.INK},
        "leaf": {"opacity": 1},
        "tiling": {"orientation": "h", "pad": 2},
        "pathbar": {"visible": False},
        "hovertemplate": "%{label}<br>%{percentParent} of the step before<extra></extra>",
    }
    deepest = max((leaf.leaf_count for leaf in result.trees), default=1)
    return Chart(
        title=title(result, "Paths as a tree"),
        traces=[icicle] if kept else [],
        summary=summary(result),
        notes=cut(len(kept), len(every), "branches"),
        layout={
            "uniformtext": {"minsize": 9, "mode": "hide"},
            "height": min(max(260, 60 + 26 * min(deepest, 24)), 640),
            "margin": {"l": 8, "r": 8, "t": 56, "b": 8},
        },
    )


def _with_parents(
    ranked: list[tuple[str, str, FlowTreeNode]], most: int
) -> list[tuple[str, str, FlowTreeNode]]:
    """The first boxes whose parents are kept too; parents come first in the ranking."""
    kept: dict[str, tuple[str, str, FlowTreeNode]] = {}
    for own, parent, node in ranked[:most]:
        if node.total_count and (not parent or parent in kept):
            kept[own] = (own, parent, node)
    return list(kept.values())
