"""Flows: a sankey of steps, the most frequent paths, and the tree of all paths.

The surprise: places in the sankey are computed here, not by Plotly, so that the static drawing and
the live one look the same; events come by size, other events and drop-off last.
"""

from __future__ import annotations

from typing import NamedTuple

from mpnb.chart import theme, words
from mpnb.chart.bar import bars
from mpnb.chart.base import Chart, cut
from mpnb.result import FlowQueryResult
from mpnb.result.flow_tree import count

MAX_NODES = 60
MAX_EDGES = 140
MAX_PATHS = 15
OTHERS = ("$other", "<OTHER>", "OTHER", "PRUNED", "$pruned", "")
LINK_ALPHA = 0.3


class Node(NamedTuple):
    """One node of the sankey."""

    step: int
    event: str
    kind: str
    size: int

    @property
    def name(self) -> str:
        """What the node is called: its event, or what it stands for."""
        return node_name(self.event, self.kind)

    @property
    def rank(self) -> tuple[int, int, str]:
        """Order inside a step: by size, with other events and drop-off at the bottom."""
        place = {"Drop-off": 2, "Other events": 1}.get(self.name, 0)
        return place, -self.size, self.event


def node_name(event: str, kind: str) -> str:
    """The words for a node; drop-off and merged events are no events."""
    if kind == "DROPOFF":
        return "Drop-off"
    if kind == "PRUNED" or event in OTHERS:
        return "Other events"
    return event


def fits_sankey(result: FlowQueryResult) -> bool:
    """Steps, or nothing at all."""
    return result.mode == "sankey"


def fits_paths(result: FlowQueryResult) -> bool:
    """Paths."""
    return result.mode == "paths"


def nodes(result: FlowQueryResult) -> list[Node]:
    """All nodes, those that only edges speak of included."""
    found = {
        (node["step"], node["event"]): Node(
            node["step"], node["event"], node["type"], node["count"]
        )
        for node in result.nodes()
    }
    missing: dict[tuple[int, str], Node] = {}
    for edge in result.edges():
        key = (edge.target_step, edge.target_event)
        if key not in found:
            before = missing[key].size if key in missing else 0
            missing[key] = Node(*key, edge.target_type, before + edge.total)
    return sorted({**found, **missing}.values(), key=lambda node: (node.step, *node.rank))


def largest_nodes(result: FlowQueryResult) -> list[Node]:
    """The nodes that a sankey draws, in their order."""
    every = nodes(result)
    big = set(sorted(every, key=lambda node: (-node.size, node.step, node.event))[:MAX_NODES])
    return [node for node in every if node in big and node.size]


def build_sankey(result: FlowQueryResult) -> Chart:
    """Steps from left to right; the width of a band is how many take it."""
    every, kept = nodes(result), largest_nodes(result)
    index = {(node.step, node.event): at for at, node in enumerate(kept)}
    edges = [
        edge
        for edge in sorted(result.edges(), key=lambda edge: -edge.total)
        if edge.total
        and (edge.source_step, edge.source_event) in index
        and (edge.target_step, edge.target_event) in index
    ]
    total = sum(1 for _ in result.edges())
    drawn = sorted(
        edges[:MAX_EDGES],
        key=lambda e: (index[e.source_step, e.source_event], index[e.target_step, e.target_event]),
    )
    colours = _colours(kept)
    crowded = len({node.step for node in kept}) > 4
    places = _places(kept)
    ends = [
        (index[e.source_step, e.source_event], index[e.target_step, e.target_event]) for e in drawn
    ]
    sankey = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": _labels(kept, 15 if crowded else 22, sizes=not crowded),
            "color": [colours[node.name] for node in kept],
            "x": [place[0] for place in places],
            "y": [place[1] for place in places],
            "customdata": _labels(kept, 22),
            "pad": 18,
            "sort": "input",
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        "link": {
            "sort": "input",
            "source": [source for source, _ in ends],
            "target": [target for _, target in ends],
            "value": [edge.total for edge in drawn],
            "color": [_link_colour(kept[target], colours) for _, target in ends],
            "hovertemplate": "%{source.customdata} → %{target.customdata}<br>%{value:,}"
            "<extra></extra>",
        },
        "textfont": {"color": theme.TEXT, "shadow": "none", "size": 12},
    }
    tallest = max((sum(n.step == step for n in kept) for step in {n.step for n in kept}), default=0)
    return Chart(
        title=title(result),
        traces=[sankey] if kept else [],
        summary=summary(result),
        notes=(
            *cut(len(kept), len([node for node in every if node.size]), "nodes"),
            *cut(len(drawn), total, "transitions"),
        ),
        layout={
            "height": min(max(300, 70 + 52 * tallest), 720),
            "margin": {"l": 16, "r": 16, "t": 56, "b": 16},
        },
    )


def _labels(kept: list[Node], width: int, *, sizes: bool = True) -> list[str]:
    """Names with their sizes, or without, where two steps share the room between them."""
    return [
        words.label(
            words.shorten(node.name, width) + (f" · {words.number(node.size)}" if sizes else "")
        )
        for node in kept
    ]


def _colours(kept: list[Node]) -> dict[str, str]:
    """One colour per event, the same at every step; what is no event stays grey."""
    sizes: dict[str, int] = {}
    for node in kept:
        sizes[node.name] = sizes.get(node.name, 0) + node.size
    events = [n for n in sorted(sizes, key=lambda n: (-sizes[n], n)) if n not in GREY]
    return {**{n: theme.PALETTE[at % 7] for at, n in enumerate(events)}, **GREY}


GREY = {"Drop-off": "#8A8F98", "Other events": "#B9BEC6"}


def _link_colour(target: Node, colours: dict[str, str]) -> str:
    alpha = 0.2 if target.name in GREY else LINK_ALPHA
    return theme.faded(colours[target.name], alpha)


def _places(kept: list[Node]) -> list[tuple[float, float]]:
    """(x, y) of the middle of each node, 0 to 1, with room between nodes of a step."""
    steps = sorted({node.step for node in kept})
    column = {step: at for at, step in enumerate(steps)}
    across = max(len(steps) - 1, 1)
    load = {step: sum(node.size for node in kept if node.step == step) for step in steps}
    heaviest = max(load.values(), default=1) or 1
    most = max((sum(node.step == step for node in kept) for step in steps), default=1)
    gap = min(0.08, 0.5 / max(most, 1))
    scale = (1 - gap * max(most - 1, 0)) / heaviest
    top = dict.fromkeys(steps, 0.0)
    places = []
    for node in kept:
        height = node.size * scale
        middle = top[node.step] + height / 2
        x = 0.001 + 0.998 * column[node.step] / across
        places.append((round(x, 4), round(min(max(middle, 0.001), 0.999), 4)))
        top[node.step] += height + gap
    return places


def paths(result: FlowQueryResult) -> list[tuple[list[str], int]]:
    """(names of the nodes, how many) of each path, in the order of the answer."""
    return [(names, size) for _, names, size in _numbered(result)]


def ranked_paths(result: FlowQueryResult) -> list[tuple[int, list[str], int]]:
    """(place in the answer, names of the nodes, how many), the most frequent path first."""
    return sorted(_numbered(result), key=lambda path: -path[2])


def _numbered(result: FlowQueryResult) -> list[tuple[int, list[str], int]]:
    found = []
    for at, flow in enumerate(result.flows):
        steps = flow.get("flowSteps") or []
        sizes = [count(step.get("totalCount", step.get("count"))) for step in steps]
        names = [
            node_name(str(step.get("event") or ""), str(step.get("type") or "")) for step in steps
        ]
        if names:
            found.append((at, names, sizes[-1]))
    return found


def build_paths(result: FlowQueryResult) -> Chart:
    """Lying bars, one per path."""
    every = [(names, size) for _, names, size in ranked_paths(result)]
    shown = every[:MAX_PATHS]
    rows = [
        " → ".join(
            words.shorten(name, 18) for name in (names if len(names) < 6 else _middle(names))
        )
        for names, _ in shown
    ]
    ticks = [words.label(text) for text in words.distinct(rows, 64)]
    made = bars(0, "Paths", [size for _, size in shown], ticks, orientation="h")
    made["text"] = [words.number(size) for _, size in shown]
    made.update({"textposition": "outside", "cliponaxis": False})
    made["hovertemplate"] = "%{y}<br>%{text}<extra></extra>"
    return Chart(
        title=title(result, "Top paths"),
        traces=[made] if shown else [],
        summary=summary(result),
        notes=cut(len(shown), len(every), "paths", "most frequent"),
        layout={
            "height": 110 + 26 * max(len(shown), 2),
            "xaxis": theme.values(),
            "yaxis": theme.axis(type="category", autorange="reversed", showgrid=False),
            "margin": {"l": 56, "r": 72, "t": 64, "b": 40},
        },
    )


def _middle(names: list[str]) -> list[str]:
    return [*names[:3], "…", *names[-2:]]


def title(result: FlowQueryResult, what: str = "Flow") -> str:
    """What the flow starts from."""
    steps = result.params.get("steps")
    names = [
        words.shorten(step.get("step_label") or step.get("event") or "", 30)
        for step in (steps if isinstance(steps, list) else [])
        if isinstance(step, dict)
    ]
    return f"{what} of {' … '.join(names)}" if any(names) else what


def summary(result: FlowQueryResult) -> str:
    """Where most go, and how many stop."""
    if result.mode == "paths":
        return _path_summary(result)
    if result.mode == "tree":
        return _tree_summary(result)
    every = nodes(result)
    anchors = [node for node in every if node.kind == "ANCHOR"] or every[:1]
    if not anchors or not anchors[0].size:
        return "Nobody takes this flow in this range."
    start = anchors[0]
    after = [e for e in result.edges() if (e.source_step, e.source_event) == start[:2]]
    gone = sum(edge.total for edge in after if edge.target_type == "DROPOFF")
    nexts = [e for e in after if node_name(e.target_event, e.target_type) not in GREY]
    opening = f"Of {words.counted(start.size, noun(result))} through {words.quoted(start.event)}"
    parts = []
    if nexts:
        top = max(nexts, key=lambda edge: edge.total)
        share = words.percent(top.total / start.size)
        parts.append(f"{share} go on to {words.quoted(top.target_event)}")
    if gone:
        parts.append(f"{words.percent(gone / start.size)} stop right after it")
    if not parts:
        before = [e for e in result.edges() if (e.target_step, e.target_event) == start[:2]]
        if not before:
            return f"{opening[3:]}; nothing comes before or after."
        top = max(before, key=lambda edge: edge.total)
        share = words.percent(top.total / start.size)
        parts.append(f"{share} come from {words.quoted(top.source_event)}")
    return f"{opening}, {words.join(parts)}."


def noun(result: FlowQueryResult) -> str:
    """What a flow counts."""
    words_of = {"unique": "people", "session": "sessions"}
    return words_of.get(str(result.params.get("count_type", "unique")), "flows")


def _path_summary(result: FlowQueryResult) -> str:
    found = sorted(paths(result), key=lambda path: -path[1])
    if not found:
        return "Nobody takes this flow in this range."
    names, size = found[0]
    opening = f"The most frequent of {len(found):,} paths" if len(found) > 1 else "The only path"
    route = " → ".join(words.shorten(name, 24) for name in names)
    return f"{opening} is {route}, taken by {words.counted(size, noun(result))}."


def _tree_summary(result: FlowQueryResult) -> str:
    if not result.trees or not any(tree.total_count for tree in result.trees):
        return "Nobody takes this flow in this range."
    tree = max(result.trees, key=lambda found: found.total_count)
    nodes_below = [n for child in tree.children for n in child.flatten() if n.type != "DROPOFF"]
    ways = words.plural(sum(found.leaf_count for found in result.trees), "path")
    who = words.counted(tree.total_count, noun(result))
    one = tree.total_count == 1
    opening = f"{who} {'starts' if one else 'start'} with {words.quoted(tree.event)}"
    if not nodes_below:
        return f"{opening}; nothing follows."
    top = max(nodes_below, key=lambda node: node.total_count)
    share = words.percent(top.total_count / tree.total_count) if tree.total_count else "–"
    opening += f" and {'takes' if one else 'take'} {ways}"
    return f"{opening}; {share} go on to {words.quoted(top.event)}."
