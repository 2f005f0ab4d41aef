"""Which row of an answer's table a mark of its drawing stands for.

Enters: an answer, the name of its chart, the chart's spec and the table. Leaves: {mark: row}. The
surprise: a mark whose number is not the one of its row is left out, so that a click never leads to
another place than the one that was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from mpnb.chart import bar, flow, flow_tree, funnel, retention, retention_cells, theme
from mpnb.chart.series import is_series, largest, lines
from mpnb.result.base import OVERALL, local_time
from mpnb.result.insights import leaves

Spec = dict[str, Any]
Row = dict[str, Any]
AVERAGE = "average"
Found = Iterable[tuple[str, tuple[Any, ...], float | None]]
"""Marks: the name of one, the key of its row, and its number."""


def rows(result: Any, chart: str, spec: Spec, frame: Any) -> dict[str, int]:
    """The rows that can be gone into from the marks of a drawing, by ``data-mark``."""
    known = KEYS.get(result.kind)
    maker = MARKS.get((result.kind, chart))
    if known is None or maker is None or not spec["data"]:
        return {}
    columns = [str(name) for name in frame.columns]
    places: dict[tuple[Any, ...], tuple[int, Row]] = {}
    for at, values in enumerate(frame.astype(object).itertuples(index=False, name=None)):
        row = dict(zip(columns, values, strict=True))
        places.setdefault((at,) if "tree_index" in row else known(row), (at, row))
    for at, (path, bucket, rate) in enumerate(averages(result), len(frame)):
        places[path, AVERAGE, bucket] = (at, {"rate": rate})
    made = {}
    for mark, key, number in maker(result, spec):
        at, row = places.get(key, (-1, {}))
        if at >= 0 and (number is None or _same(number, row)):
            made[mark] = at
    return made


def averages(result: Any) -> list[tuple[tuple[str, ...], int, float | None]]:
    """(segment, bucket, value) of what retention draws beside its rows; they count on from them."""
    if result.kind != "retention":
        return []
    return [
        (_segment(tuple(group.path)), bucket, value)
        for group in result.groups
        if group.average
        for bucket, value in enumerate(retention_cells.values(result, group.average))
    ]


def _same(number: float, row: Row) -> bool:
    """Whether a row holds a number, as far as drawings keep its digits."""
    numbers = [value for value in row.values() if isinstance(value, (int, float))]
    return any(math.isclose(number, value, rel_tol=1e-4, abs_tol=1e-6) for value in numbers)


# --- the keys of rows ---------------------------------------------------------------------------


def _insights_key(row: Row) -> tuple[Any, ...]:
    path = tuple(str(v) for name, v in row.items() if name not in ("date", "event", "count"))
    date = row.get("date")
    return str(row["event"]), path, "" if date is None else local_time(str(date))


def _funnel_key(row: Row) -> tuple[Any, ...]:
    names = list(row)
    path = tuple(str(row[name]) for name in names[: names.index("step")] if name != "date")
    return _segment(path), int(row["step"]), str(row.get("date") or "")


def _retention_key(row: Row) -> tuple[Any, ...]:
    names = list(row)
    path = tuple(str(row[name]) for name in names[: names.index("cohort_date")])
    bucket = row["bucket"]
    return _segment(path), str(row["cohort_date"]), None if bucket != bucket else int(bucket)


def _flow_key(row: Row) -> tuple[Any, ...]:
    if "path_index" in row:
        return row["path_index"], row["step"]
    names = ("source_step", "source_event", "target_step", "target_event")
    return tuple(row.get(name) for name in names)


def _segment(path: tuple[str, ...]) -> tuple[str, ...]:
    return path if set(path) - {OVERALL} else ()


# --- the marks of charts ------------------------------------------------------------------------


def _over_time(result: Any, spec: Spec) -> Found:
    found = list(leaves(result.series))
    many = len({leaf.event for leaf in found}) > 1
    named = {}
    for leaf in found:
        shown = (leaf.event,) if many or not leaf.path else ()
        named[" · ".join((*shown, *leaf.path))] = (leaf.event, tuple(leaf.path))
    shown_lines = largest(lines(result), theme.MAX_LINES)
    for at, (line, trace) in enumerate(zip(shown_lines, spec["data"], strict=False)):
        for number, (date, value) in enumerate(zip(trace["x"], trace["y"], strict=True)):
            if line.name in named and value is not None:
                yield f"{at}:{number}", (*named[line.name], date), value


def _totals(result: Any, spec: Spec) -> Found:
    names = bar.ranked(result)[1]
    leaves_ = list(leaves(result.series))
    split = any(set(leaf.path) - {OVERALL} for leaf in leaves_)
    metrics = list(dict.fromkeys(leaf.event for leaf in leaves_))
    of = {}
    for leaf in leaves_:
        bar_name = (" · ".join(leaf.path) if split else leaf.event) or leaf.event
        of[bar_name, leaf.event] = (leaf.event, tuple(leaf.path), "")
    for at, trace in enumerate(spec["data"]):
        for number, (name, value) in enumerate(zip(names, trace["x"], strict=False)):
            key = of.get((name, metrics[at] if split and at < len(metrics) else name))
            if key is not None and value is not None:
                yield f"{at}:{number}", key, value


def _bars(result: Any, spec: Spec) -> Found:
    return (_over_time if is_series(result) else _totals)(result, spec)


def _steps(result: Any, spec: Spec) -> Found:
    for at, trace in enumerate(spec["data"]):
        if trace.get("name") == "Converted":
            for number, value in enumerate(trace["y"]):
                yield f"{at}:{number}", ((), number + 1, ""), value


def _segments(result: Any, spec: Spec) -> Found:
    shown = funnel.largest_segments(result)
    for at, (block, trace) in enumerate(zip(shown, spec["data"], strict=False)):
        for number, value in enumerate(trace["y"]):
            yield f"{at}:{number}", (tuple(block.path), number + 1, ""), value


def _trends(result: Any, spec: Spec) -> Found:
    last = len(next((block.steps for block in result.blocks if block.date), []))
    for at, (path, trace) in enumerate(
        zip(funnel.drawn_trends(result), spec["data"], strict=False)
    ):
        for number, (date, value) in enumerate(zip(trace["x"], trace["y"], strict=True)):
            if value is not None:
                yield f"{at}:{number}", (_segment(path), last, date), value


def _curve(result: Any, spec: Spec) -> Found:
    for at, (group, trace) in enumerate(
        zip(retention.drawn_groups(result), spec["data"], strict=False)
    ):
        alone = "" if group.average else next(iter(group.cohorts), "")
        for bucket, value in enumerate(trace["y"]):
            if value is not None:
                place = (alone or AVERAGE, bucket)
                yield f"{at}:{bucket}", (_segment(tuple(group.path)), *place), value


def _over_cohorts(result: Any, spec: Spec) -> Found:
    if retention_cells.has_values(result):
        return
    path = _segment(tuple(retention_cells.main_group(result).path))
    for at, ((bucket, _), trace) in enumerate(
        zip(retention.buckets_over_time(result), spec["data"], strict=False)
    ):
        for number, (date, value) in enumerate(zip(trace["x"], trace["y"], strict=True)):
            if value is not None:
                yield f"{at}:{number}", (path, date, bucket), value


def _heatmap(result: Any, spec: Spec) -> Found:
    group, heat = retention_cells.main_group(result), spec["data"][0]
    above = 1 if group.average else 0
    count = len(heat["y"]) - above
    dates = sorted(group.cohorts)[-count:] if count else []
    for down, date in enumerate([AVERAGE, *dates] if above else dates):
        for across, value in enumerate(heat["z"][down]):
            if value is not None:
                yield f"{down}:{across}", (_segment(tuple(group.path)), date, across), value


def _paths(result: Any, spec: Spec) -> Found:
    for number, ((at, names, _), value) in enumerate(
        zip(flow.ranked_paths(result), spec["data"][0]["x"], strict=False)
    ):
        yield f"0:{number}", (at, len(names) - 1), value


def _boxes(result: Any, spec: Spec) -> Found:
    places = {id(node): at for at, node in enumerate(flow_tree.walked(result))}
    kept = {own: node for own, _, node in flow_tree.boxes(result)}
    for at, (own, value) in enumerate(
        zip(spec["data"][0]["ids"], spec["data"][0]["values"], strict=True)
    ):
        yield f"0:{at}", (places[id(kept[own])],), value


def _edges(result: Any, spec: Spec) -> Found:
    nodes, link = flow.largest_nodes(result), spec["data"][0]["link"]
    ends = zip(link["source"], link["target"], link["value"], strict=True)
    for at, (source, target, value) in enumerate(ends):
        a, b = nodes[source], nodes[target]
        yield f"0:{at}", (a.step, a.event, b.step, b.event), value


KEYS: dict[str, Callable[[Row], tuple[Any, ...]]] = {
    "insights": _insights_key,
    "funnel": _funnel_key,
    "retention": _retention_key,
    "flow": _flow_key,
}
MARKS: dict[tuple[str, str], Callable[[Any, Spec], Found]] = {
    ("insights", "line"): _over_time,
    ("insights", "bar"): _bars,
    ("insights", "stacked"): _over_time,
    ("funnel", "steps"): _steps,
    ("funnel", "segments"): _segments,
    ("funnel", "trends"): _trends,
    ("retention", "heatmap"): _heatmap,
    ("retention", "curve"): _curve,
    ("retention", "over-time"): _over_cohorts,
    ("flow", "sankey"): _edges,
    ("flow", "paths"): _paths,
    ("flow", "tree"): _boxes,
}
"""Kind of answer and chart → the marks that stand for a row; other charts have none."""
