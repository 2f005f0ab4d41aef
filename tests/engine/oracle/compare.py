"""Ask the local engine and the oracle the same question; say where they differ.

Enters a case (rows, settings, a call as text); leaves differences. Numbers are equal within 1e-6
absolute or 1e-9 relative, all else exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.engine.oracle import (
    breakdowns,
    compare_legacy,
    data,
    flows,
    funnels,
    insights,
    people,
    retentions,
)
from tests.engine.oracle.words import Part, read
from tests.parity import observed
from tests.parity.worked import evaluated, workspace


def differences(case: Mapping[str, Any], ws: Any = None) -> list[str]:
    """What the engine says and the oracle does not, or the other way round."""
    result = evaluated(case["call"], ws=ws or workspace(case))
    return list(differ(case, result))


def differ(case: Mapping[str, Any], result: Any) -> Iterator[str]:
    asked = read(case["call"])
    here = data.world(case)
    if asked.kind not in READERS:
        raise NotImplementedError(asked.kind)
    yield from READERS[asked.kind](here, asked, result)


def equal(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, bool) or isinstance(theirs, bool) or mine is None or theirs is None:
        return mine is theirs
    if isinstance(mine, int | float) and isinstance(theirs, int | float):
        return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-6)
    if isinstance(mine, list) and isinstance(theirs, list):
        return len(mine) == len(theirs) and all(map(equal, mine, theirs))
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(equal(mine[k], theirs[k]) for k in mine)
    return bool(type(mine) is type(theirs) and mine == theirs)


def unequal(wanted: Mapping[Any, Any], found: Mapping[Any, Any], where: str) -> Iterator[str]:
    for key in sorted(wanted.keys() | found.keys(), key=str):
        if key not in found:
            yield f"{where}{key}: the oracle says {wanted[key]!r}, the engine nothing"
        elif key not in wanted:
            yield f"{where}{key}: the engine says {found[key]!r}, the oracle nothing"
        elif not equal(wanted[key], found[key]):
            yield f"{where}{key}: the oracle says {wanted[key]!r}, the engine {found[key]!r}"


def _insights(here: data.World, asked: Part, result: Any) -> Iterator[str]:
    wanted = insights.answer(here, asked)
    hours = asked.unit == "hour"
    yield from _series(wanted, result.raw["series"], "", hours)
    if wanted.comparison is not None:
        raw = result.raw["time_comparison"]["series"]
        yield from _series(wanted.comparison, raw, "compared ", hours)


def _series(wanted: insights.Answer, raw: Any, where: str, hours: bool) -> Iterator[str]:
    if len(raw) != len(wanted.series):
        yield f"{where}{len(wanted.series)} series wanted, found {list(raw)}"
        return
    for at, (series, found) in enumerate(zip(wanted.series, raw.values(), strict=True)):
        points = {
            (*segment, label): value
            for segment, values in series.items()
            for label, value in zip(wanted.labels, values, strict=True)
        }
        yield from unequal(points, dict(leaves(found, (), hours)), f"{where}metric {at} ")


def leaves(node: Any, path: tuple[str, ...], hours: bool) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*path, key), hours)
        else:
            yield (*path, key if hours else key[:10]), value


def _funnel(here: data.World, asked: Part, result: Any) -> Iterator[str]:
    wanted, compared = funnels.answer(here, asked)
    hours, depth = asked.unit == "hour", levels(asked.group_by)
    yield from unequal(_figures(wanted), _blocks(result.raw, hours, depth), "")
    if compared is not None:
        yield from unequal(
            _figures(compared), _blocks(result.raw["time_comparison"], hours, depth), "compared "
        )


def levels(group_by: Any) -> int:
    """How many labels a segment has; all cohort breakdowns together make one."""
    parts = breakdowns.listed(group_by)
    cohorts = [part for part in parts if part.kind == "CohortBreakdown"]
    return len(parts) - max(len(cohorts) - 1, 0)


def _figures(blocks: funnels.Blocks) -> dict[Any, Any]:
    return {
        (segment, label, name, at): value
        for (segment, label), figures in blocks.items()
        for name, values in vars(figures).items()
        for at, value in enumerate(values)
    }


STEP_FACTS = {
    "count": "counts",
    "step_conv_ratio": "step_conv",
    "overall_conv_ratio": "overall",
    "avg_time": "avg_time",
    "avg_time_from_start": "avg_time_from_start",
    "value": "values",
}


def _blocks(raw: Mapping[str, Any], hours: bool, depth: int) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for path, node in _facts(next(iter(raw["series"].values())), ()):
        segment, rest = path[:depth], path[depth:]
        if set(segment) == {"$overall"}:
            segment = ()
        if "$overall" in segment:
            continue  # a roll-up of the inner levels
        for name, steps in node.items():
            for at, cells in enumerate(steps.values()):
                for key, value in cells.items():
                    label = rest[0] if rest else "" if key == "all" else key
                    where = segment, label if hours else label[:10]
                    found[(*where, STEP_FACTS[name], at)] = value
    return found


def _facts(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The innermost objects of a funnel's answer: figure, step, bucket."""
    if "count" in node and "avg_time" in node:
        yield path, node
        return
    for key, inner in node.items():
        yield from _facts(inner, (*path, key))


def _retention(here: data.World, asked: Part, result: Any) -> Iterator[str]:
    wanted, compared = retentions.answer(here, asked)
    depth = levels(asked.group_by)
    yield from unequal(_cohorts(wanted), _lines(result.raw, asked, depth), "")
    if compared is not None:
        raw = result.raw["time_comparison"]
        yield from unequal(_cohorts(compared), _lines(raw, asked, depth), "compared ")


def _cohorts(blocks: Mapping[Any, retentions.Block]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for segment, block in blocks.items():
        for label, cohort in block.cohorts.items():
            if cohort.first or not segment:
                found[segment, label] = vars(cohort)
        found[segment, "$average"] = {"counts": block.counts, "rates": block.rates}
    return found


def _lines(raw: Mapping[str, Any], asked: Part, depth: int) -> dict[Any, Any]:
    by_hour = asked.mode == "trends" and asked.unit == "hour"
    found: dict[Any, Any] = {}
    for path, node in _cohort_lines(next(iter(raw["series"].values())), ()):
        segment, label = path[:depth], path[-1]
        if set(segment) == {"$overall"}:
            segment = ()
        if "$overall" in segment or (segment and node["first"] == 0 and label != "$average"):
            continue
        names = ["first", "counts", "rates", "complete"]
        names = names[1:3] if label == "$average" else names
        key = label if by_hour or label == "$average" else label[:10]
        found[segment, key] = {name: node[name] for name in names}
    return found


def _cohort_lines(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if "counts" in node and "rates" in node:
        yield path, node
        return
    for key, inner in node.items():
        yield from _cohort_lines(inner, (*path, key))


def _flow(here: data.World, asked: Part, result: Any) -> Iterator[str]:
    found, split, question = flows.answer(here, asked)
    mode = asked.get("mode", "sankey")
    yield from unequal(_drawn(question, found, mode), _seen(result.raw, mode), "")
    parts = {" | ".join(segment): some for segment, some in split.items()}
    raw = result.raw.get("segments") or {}
    if parts.keys() != raw.keys():
        yield f"segments: the oracle says {sorted(parts)}, the engine {sorted(raw)}"
    for name in parts.keys() & raw.keys():
        yield from unequal(_drawn(question, parts[name], mode), _seen(raw[name], mode), f"{name} ")


def _drawn(question: flows.Flows, found: list[flows.Flow], mode: str) -> dict[Any, Any]:
    done = sum(flow.done for flow in found)
    facts: dict[Any, Any] = {"overall": done / len(found) if found else 0.0}
    if mode == "sankey":
        nodes, edges = question.graph(found)
        return facts | dict(nodes) | dict(edges)
    return facts | dict(question.paths(found))


def _seen(raw: Mapping[str, Any], mode: str) -> dict[Any, Any]:
    facts: dict[Any, Any] = {"overall": raw["overallConversionRate"]}
    if mode == "sankey":
        graph = observed._graph(raw)
        facts |= {(step, event): count for step, event, count in graph["nodes"]}
        return facts | {((s, e), (t, f)): n for e, s, f, t, n in graph["edges"]}
    paths = [observed._flat(flow["flowSteps"]) for flow in raw.get("flows") or []]
    for tree in raw.get("trees") or []:
        paths += observed._branches(tree["root"], [])
    for path, count in paths:
        facts[tuple(path)] = facts.get(tuple(path), 0) + count
    return facts


def _users(here: data.World, asked: Part, result: Any) -> Iterator[str]:
    question = people.People(here, asked)
    if asked.get("mode", "aggregate") == "aggregate":
        wanted = question.aggregate(question.ids())
        found = result.value if result.aggregate_data is None else result.aggregate_data
        if not equal(wanted, found):
            yield f"the oracle says {wanted!r}, the engine {found!r}"
    elif not people.unsortable(question):
        limit = asked.get("limit", 1)
        wanted = question.sorted()[:limit]
        if wanted != result.distinct_ids:
            yield f"the oracle says {wanted!r}, the engine {result.distinct_ids!r}"


def _legacy(here: data.World, asked: Part, result: Any) -> Iterator[str]:
    for wanted, found in compare_legacy.facts(here, asked, result):
        yield from unequal(wanted, found, "")


READERS: dict[str, Callable[[data.World, Part, Any], Iterator[str]]] = {
    "query": _insights,
    "query_funnel": _funnel,
    "query_retention": _retention,
    "query_flow": _flow,
    "query_user": _users,
    **dict.fromkeys(
        (
            "segmentation",
            "segmentation_numeric",
            "segmentation_sum",
            "segmentation_average",
            "event_counts",
            "property_counts",
            "frequency",
            "retention",
        ),
        _legacy,
    ),
}
