"""Flows over small random worlds: engine in Python, engine compiled, and a plain reading agree."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Any

import pytest

from mpnb.engine.duckdb import compiled
from mpnb.query.filter import Filter
from mpnb.query.step import FlowStep
from tests.engine.sequences.ask import Asker
from tests.engine.sequences.test_cases import graph, paths
from tests.engine.sequences.world import START, Row, World, sessions, world

DAY = 86_400_000
LOW, HIGH = START * 1000, START * 1000 + 3 * DAY
Node = tuple[int, str]


def draw(rng: random.Random) -> tuple[list[FlowStep], dict[str, Any]]:
    steps = [
        FlowStep(rng.choice("AB"), forward=rng.randint(0, 3), reverse=rng.randint(0, 2))
        for _ in range(rng.choice([1, 1, 1, 2, 3]))
    ]
    asked: dict[str, Any] = {
        "from_date": "2025-01-01",
        "to_date": "2025-01-03",
        "conversion_window": 1,
        "conversion_window_unit": rng.choice(["day", "day", "session"]),
        "count_type": rng.choice(["unique", "total", "session"]),
        "cardinality": rng.choice([1, 2, 50]),
        "collapse_repeated": rng.random() < 0.3,
        "mode": rng.choice(["sankey", "sankey", "paths", "tree"]),
    }
    if rng.random() < 0.3:
        asked["hidden_events"] = [rng.choice("XC")]
    if rng.random() < 0.3:
        asked["exclusions"] = [rng.choice("YC")]
    if rng.random() < 0.3:
        asked["where"] = Filter.equals("p", "a")
    if rng.random() < 0.4:
        asked["segments"] = rng.choice(["p", "xs"])
    return steps, asked


class Reading:
    """Section 9, read plainly."""

    def __init__(self, steps: list[FlowStep], asked: dict[str, Any]) -> None:
        self.steps, self.asked = steps, asked
        self.by_session = "session" in (asked["conversion_window_unit"], asked["count_type"])
        self.timed = asked["conversion_window_unit"] == "day"
        self.columns = [0]
        for before, step in itertools.pairwise(steps):
            gap = (before.forward or 0) + (step.reverse or 0) + 1
            self.columns.append(self.columns[-1] + gap)

    def visible(self, rows: list[Row]) -> list[tuple[Row, int]]:
        """Rows with their sessions, after hiding, filtering and collapsing."""
        numbers = sessions(rows)
        found: list[tuple[Row, int]] = []
        for row, number in zip(rows, numbers, strict=True):
            session = number if self.by_session else 0
            if not LOW <= row.t < HIGH or row.name in self.asked.get("hidden_events", []):
                continue
            if "where" in self.asked and row.p != "a":
                continue
            repeats = found and found[-1][0].name == row.name and found[-1][1] == session
            if not (self.asked["collapse_repeated"] and repeats):
                found.append((row, session))
        return found

    def near(self, start: tuple[Row, int], other: tuple[Row, int]) -> bool:
        if self.by_session and start[1] != other[1]:
            return False
        return not self.timed or abs(other[0].t - start[0].t) <= DAY

    def anchors(self, trace: list[tuple[Row, int]], first: int) -> list[int]:
        found = [first]
        for step in self.steps[1:]:
            later = (
                i
                for i in range(found[-1] + 1, len(trace))
                if trace[i][0].name == step.event and self.near(trace[first], trace[i])
            )
            following = next(later, None)
            if following is None:
                break
            found.append(following)
        return found

    def lay(self, trace: list[tuple[Row, int]], at: list[int]) -> dict[int, Any]:
        """Column → index of a row, or "drop"."""
        nodes: dict[int, Any] = dict(zip(self.columns, at, strict=False))
        near = [i for i in range(len(trace)) if self.near(trace[at[0]], trace[i])]
        before = [i for i in near if i < at[0]]
        for back, i in enumerate(reversed(before[-(self.steps[0].reverse or 0) or len(before) :])):
            if back < (self.steps[0].reverse or 0):
                nodes[-1 - back] = i
        for a, place in enumerate(at):
            forward = self.steps[a].forward or 0
            last = a + 1 == len(at)
            between = [i for i in near if i > place and (last or i < at[a + 1])]
            for ahead, i in enumerate(between[:forward]):
                nodes[self.columns[a] + 1 + ahead] = i
            if not last:
                left = between[forward:]
                reverse = self.steps[a + 1].reverse or 0
                for back, i in enumerate(reversed(left)):
                    if back < reverse:
                        nodes[self.columns[a + 1] - 1 - back] = i
            elif len(between) < forward or len(at) < len(self.steps):
                nodes[self.columns[a] + 1 + min(len(between), forward)] = "drop"
        return nodes

    def flows(self, here: World) -> list[tuple[list[Node], Row, bool]]:
        found = []
        for rows in here.rows.values():
            found += self.of_user(self.visible(rows))
        return found

    def of_user(self, trace: list[tuple[Row, int]]) -> list[tuple[list[Node], Row, bool]]:
        found, done, i = [], set(), 0
        while i < len(trace):
            row, session = trace[i]
            if row.name != self.steps[0].event or session in done:
                i += 1
                continue
            at = self.anchors(trace, i)
            nodes = self.lay(trace, at)
            shown = [k for k in nodes.values() if k != "drop" and k not in at]
            barred = [k for k in shown if trace[k][0].name in self.asked.get("exclusions", [])]
            if not barred:
                found.append((self.named(trace, nodes), row, len(at) == len(self.steps)))
            if self.asked["count_type"] == "unique":
                break
            if self.asked["count_type"] == "session":
                done.add(session)
                i += 1
                continue
            i = self.resume(trace, i, at, self.first_barred(nodes, barred))
        return found

    def first_barred(self, nodes: dict[int, Any], barred: list[int]) -> int | None:
        return next((nodes[c] for c in sorted(nodes) if nodes[c] in barred), None)

    def resume(self, trace: Any, start: int, at: list[int], barred: int | None) -> int:
        """Index from which a new flow may start in totals."""
        if len(self.steps) == 1:
            return start + 1
        if len(at) == len(self.steps):
            over = at[-1] + 1
            return over if barred is None else max(start + 1, min(over, barred + 1))
        if barred is not None:
            return max(start, barred) + 1
        later = (i for i in range(start, len(trace)) if not self.near(trace[start], trace[i]))
        return next(later, len(trace))

    def named(self, trace: list[tuple[Row, int]], nodes: dict[int, Any]) -> list[Node]:
        return [
            (c, "<DROPOFF>" if nodes[c] == "drop" else trace[nodes[c]][0].name)
            for c in sorted(nodes)
        ]

    def graph(self, flows: list[list[Node]]) -> tuple[list[Any], list[Any]]:
        names: dict[Node, str] = {}
        counts = Counter(node for flow in flows for node in flow)
        for column in {c for c, _ in counts}:
            free = [
                node
                for node in counts
                if node[0] == column and column not in self.columns and node[1] != "<DROPOFF>"
            ]
            free.sort(key=lambda node: (-counts[node], node[1]))
            names |= dict.fromkeys(free[self.asked["cardinality"] :], "<OTHER>")
        merged = [[(c, names.get((c, e), e)) for c, e in flow] for flow in flows]
        nodes = Counter(node for flow in merged for node in flow)
        edges = Counter(pair for flow in merged for pair in itertools.pairwise(flow))
        return (
            [[c, e, n] for (c, e), n in nodes.items()],
            [[e, c, f, d, n] for ((c, e), (d, f)), n in edges.items()],
        )


def check(raw: Any, reading: Reading, flows: list[Any], why: str) -> None:
    lists = [flow for flow, _, _ in flows]
    share = sum(done for *_, done in flows) / len(flows) if flows else 0
    assert raw["overallConversionRate"] == pytest.approx(share), why
    if reading.asked["mode"] == "sankey":
        nodes, edges = graph(raw)
        wanted_nodes, wanted_edges = reading.graph(lists)
        assert sorted(nodes) == sorted(wanted_nodes), why
        assert sorted(edges) == sorted(wanted_edges), why
        return
    # A path is a sequence of steps; the same events at other steps are another path.
    wanted = Counter(tuple(flow) for flow in lists)
    found = sorted((tuple(path), count) for path, count in paths(raw))
    assert found == sorted((tuple(e for _, e in path), n) for path, n in wanted.items()), why


def labels(value: Any) -> set[str]:
    items = value if isinstance(value, list) else [value]
    return {"(not set)" if item is None else str(item) for item in items}


@pytest.mark.parametrize("seed", range(12))
def test_answers_are_those_of_a_plain_reading(seed: int) -> None:
    rng = random.Random(seed)
    for turn in range(40):
        here, (steps, asked) = world(rng), draw(rng)
        why = f"seed {seed} turn {turn}: {steps} {asked}"
        raw = Asker(here.store).query_flow(steps, **asked)
        reading = Reading(steps, asked)
        flows = reading.flows(here)
        check(raw, reading, flows, why)
        if "segments" in asked:
            check_segments(raw, reading, flows, asked["segments"], why)


def check_segments(raw: Any, reading: Reading, flows: list[Any], name: str, why: str) -> None:
    wanted = {label for _, row, _ in flows for label in labels(row.get(name))}
    assert set(raw["segments"]) == wanted, why
    for label in wanted:
        members = [flow for flow in flows if label in labels(flow[1].get(name))]
        check(raw["segments"][label], reading, members, f"{why} {name}={label}")


@pytest.mark.parametrize("seed", range(3))
def test_compiled_answers_are_the_same(seed: int) -> None:
    rng = random.Random(100 + seed)
    for turn in range(40):
        here, (steps, asked) = world(rng), draw(rng)
        ask = Asker(here.store)
        plain = ask.query_flow(steps, **asked)
        with compiled.small_below(0):
            assert ask.query_flow(steps, **asked) == plain, f"turn {turn}: {steps} {asked}"
