"""The worked cases of funnels, retention and flows, asked of the engine without params or results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import mpnb.query.breakdown
import mpnb.query.cohort
import mpnb.query.custom
import mpnb.query.filter
import mpnb.query.step
import mpnb.query.window
from mpnb.engine.duckdb.store import Store
from tests.engine.sequences.ask import Asker
from tests.parity.shared import SHARED

AREAS = ("funnels", "retention", "flows")
FILE = SHARED / "semantics" / "cases.jsonl"


def cases() -> Iterator[dict[str, Any]]:
    if not FILE.is_file():
        return
    for line in FILE.read_text().splitlines():
        case = json.loads(line)
        if case["area"] in AREAS and "ws.retention(" not in case["call"]:
            yield case


def vocabulary() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for module in ("breakdown", "cohort", "custom", "filter", "step", "window"):
        names |= vars(getattr(mpnb.query, module))
    return names


def store_of(case: dict[str, Any]) -> Store:
    settings = dict(case.get("settings") or {})
    settings |= case.get("saved") or {}
    return Store.from_rows(
        case["events"],
        case.get("profiles") or (),
        timezone=case["timezone"],
        now=case["now"],
        settings=settings,
    )


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in cases()])
def test_case(case: dict[str, Any]) -> None:
    raw = eval(case["call"], vocabulary(), {"ws": Asker(store_of(case))})
    check = {"funnels": check_funnel, "retention": check_retention, "flows": check_flow}
    check[case["area"]](raw, case["expect"])


def near(found: Any, wanted: Any) -> None:
    if wanted is None or found is None or isinstance(wanted, bool):
        assert found == wanted
    else:
        assert found == pytest.approx(wanted, abs=1e-6)


def rows(found: list[Any], wanted: list[Any]) -> None:
    assert len(found) >= len(wanted)
    for mine, theirs in zip(found, wanted, strict=False):
        near(mine, theirs)


def top(raw: Any) -> Any:
    return next(iter(raw["series"].values()))


# --- funnels --------------------------------------------------------------------------------------

MEASURES = {
    "counts": "count",
    "step_conv": "step_conv_ratio",
    "avg_time": "avg_time",
    "avg_time_from_start": "avg_time_from_start",
    "values": "value",
}


def check_funnel(raw: Any, expect: dict[str, Any]) -> None:
    block = top(raw)
    if "trends" in expect:
        assert {key[:10] for key in block} == set(expect["trends"])
        for key, inner in block.items():
            check_block(inner, expect["trends"][key[:10]])
    if "segments" in expect:
        assert set(block) - {"$overall"} == set(expect["segments"])
        for name, wanted in expect["segments"].items():
            check_block(block[name], wanted)
    if "comparison" in expect:
        check_funnel(raw["time_comparison"], expect["comparison"])
    check_block(block.get("$overall", block), expect)


def check_block(block: Any, expect: dict[str, Any]) -> None:
    for name, measure in MEASURES.items():
        if name in expect:
            rows([cell["all"] for cell in block[measure].values()], expect[name])
    if "overall" in expect:
        near([*block["overall_conv_ratio"].values()][-1]["all"], expect["overall"])


# --- retention ------------------------------------------------------------------------------------


def check_retention(raw: Any, expect: dict[str, Any]) -> None:
    block = top(raw)
    check_cohorts(block.get("$overall", block), expect)
    if "segments" in expect:
        assert set(block) - {"$overall"} == set(expect["segments"])
        for name, wanted in expect["segments"].items():
            check_cohorts(block[name], wanted)
    if "comparison" in expect:
        check_retention(raw["time_comparison"], expect["comparison"])


def check_cohorts(block: Any, expect: dict[str, Any]) -> None:
    if "average" in expect:
        for name, wanted in expect["average"].items():
            rows(block["$average"][name], wanted)
    found = {key[:10]: cohort for key, cohort in block.items() if key != "$average"}
    if "cohorts" not in expect:
        return
    for date in set(found) | set(expect["cohorts"]):
        if date not in expect["cohorts"]:
            assert found[date]["first"] == 0
            continue
        wanted = expect["cohorts"][date]
        assert found[date]["first"] == wanted["first"]
        for name in ("counts", "rates", "complete"):
            if name in wanted:
                rows(found[date][name], wanted[name])


# --- flows ----------------------------------------------------------------------------------------

SPECIAL = {"DROPOFF": "<DROPOFF>", "$other": "<OTHER>"}


def check_flow(raw: Any, expect: dict[str, Any]) -> None:
    nodes, edges = graph(raw)
    if "nodes" in expect:
        assert sorted(nodes) == sorted(expect["nodes"])
    if "edges" in expect:
        assert sorted(edges) == sorted(expect["edges"])
    if "overall" in expect:
        near(raw["overallConversionRate"], expect["overall"])
    if "paths" in expect:
        assert sorted(paths(raw)) == sorted(expect["paths"])
    if "segments" in expect:
        assert set(raw["segments"]) == set(expect["segments"])
        for name, wanted in expect["segments"].items():
            check_flow(raw["segments"][name], wanted)


def graph(raw: Any) -> tuple[list[Any], list[Any]]:
    steps = raw.get("steps", [])
    kinds = [[node["type"] for node in step["nodes"]] for step in steps]
    anchor = next((i for i, kind in enumerate(kinds) if "ANCHOR" in kind), 0)
    nodes, edges = [], []
    for i, step in enumerate(steps):
        for node in step["nodes"]:
            event = SPECIAL.get(node["event"], node["event"])
            nodes.append([i - anchor, event, int(node["totalCount"])])
            for edge in node["edges"]:
                target = SPECIAL.get(edge["event"], edge["event"])
                count = int(edge["totalCount"])
                edges.append([event, i - anchor, target, edge["step"] - anchor, count])
    return nodes, edges


def paths(raw: Any) -> list[Any]:
    if "trees" in raw:
        return [path for tree in raw["trees"] for path in leaves(tree["root"], [])]
    return [
        [
            [SPECIAL.get(step["event"], step["event"]) for step in flow["flowSteps"]],
            int(flow["flowSteps"][-1]["totalCount"]),
        ]
        for flow in raw["flows"]
    ]


def leaves(node: Any, before: list[str]) -> list[Any]:
    event = node["step"]["event"]
    path = [*before, SPECIAL.get(event, event)]
    below = [found for child in node["children"] for found in leaves(child, path)]
    return below or [[path, node["total_count"]]]
