"""Section 9: traces, flows from anchors, and the graph of them."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.engine.oracle import sessions
from tests.engine.oracle.breakdowns import cohort_labels, cut, listed, of_value
from tests.engine.oracle.calendar import LENGTHS
from tests.engine.oracle.data import Row, World
from tests.engine.oracle.filters import Filters, resource
from tests.engine.oracle.words import Part, many, part_of

Node = tuple[int, str]
Segment = tuple[str, ...]
DROP, OTHER = "<DROPOFF>", "<OTHER>"


@dataclass
class Flow:
    """One flow: its nodes in order, its user and first anchor, and whether all anchors came."""

    nodes: list[Node]
    user: str
    anchor: Row
    done: bool


def answer(here: World, asked: Part) -> tuple[list[Flow], dict[Segment, list[Flow]], Flows]:
    if asked.data_group_id is not None:
        here = here.by_group(asked["data_group_id"])
    question = Flows(here, asked)
    found = [flow for user in sorted(question.here.histories) for flow in question.of_user(user)]
    return found, question.split(found), question


class Flows:
    """One flow question."""

    def __init__(self, world: World, asked: Part) -> None:
        self.stored, self.asked = world, asked
        self.here = sessions.with_virtual(world) if sessions.named_in(asked) else world
        self.filters = Filters(self.here)
        self.steps = [part_of(one, "FlowStep") for one in many(asked["event"])]
        top = asked.get("forward", 3), asked.get("reverse", 0)
        self.forward = [top[0] if s.forward is None else s["forward"] for s in self.steps]
        self.reverse = [top[1] if s.reverse is None else s["reverse"] for s in self.steps]
        self.columns = [0]
        for k in range(1, len(self.steps)):
            self.columns.append(self.columns[-1] + self.forward[k - 1] + self.reverse[k] + 1)
        unit = asked.get("conversion_window_unit", "day")
        self.count_type = asked.get("count_type", "unique")
        self.in_session = "session" in (unit, self.count_type)
        amount = asked.get("conversion_window", 7)
        self.window = None if unit == "session" else amount * LENGTHS[unit]
        calendar = self.here.calendar
        days = calendar.range(asked, self.here.now)
        self.span = calendar.start(days[0]), calendar.end(days[1])

    # traces

    def trace(self, user: str) -> list[Row]:
        """FL-1, FL-5, FL-8, FL-9, FL-12: the rows of a user that a flow may show."""
        found: list[Row] = []
        for row in self.here.histories[user]:
            hidden = row.name in many(self.asked.hidden_events)
            if hidden or not self.span[0] <= row.t < self.span[1]:
                continue
            if self.in_session and self.numbers(user).get(row.at) is None:
                continue
            if row.virtual and row.name not in [step["event"] for step in self.steps]:
                continue
            if not all(self.filters.row(row, one, user) for one in many(self.asked.where)):
                continue
            if not (self.asked.collapse_repeated and self.repeats(found, row, user)):
                found.append(row)
        return found

    def repeats(self, before: list[Row], row: Row, user: str) -> bool:
        """FL-8; session events are no run, and an anchor of theirs ends one."""
        if row.virtual or not before or before[-1].name != row.name:
            return False
        numbers = self.numbers(user)
        return not self.in_session or numbers.get(before[-1].at) == numbers.get(row.at)

    def numbers(self, user: str) -> dict[int, int]:
        found = sessions.of_user(self.here, self.stored.histories[user])
        return found | {-at - 1: number for at, number in found.items()}

    def is_anchor(self, row: Row, step: int, user: str) -> bool:
        part = self.steps[step]
        return self.filters.event(row, part["event"]) and self.filters.joined(
            row, part.filters, part.filters_combinator, user
        )

    # flows

    def of_user(self, user: str) -> list[Flow]:
        trace, numbers = self.trace(user), self.numbers(user)
        found: list[Flow] = []
        done: set[Any] = set()
        at = 0
        while at < len(trace):
            session = numbers.get(trace[at].at)
            if not self.is_anchor(trace[at], 0, user) or session in done:
                at += 1
                continue
            if self.in_session and session is None:
                at += 1
                continue
            near = [k for k in range(len(trace)) if self.near(trace, numbers, at, k)]
            places = self.anchors(trace, near, at, user)
            shown = self.lay(trace, near, places)
            barred = [
                k
                for k in shown.values()
                if k is not None
                and k not in places
                and trace[k].name in many(self.asked.exclusions)
            ]
            if not barred:
                nodes = [
                    (c, DROP if k is None else trace[k].name) for c, k in sorted(shown.items())
                ]
                found.append(Flow(nodes, user, trace[at], len(places) == len(self.steps)))
            if self.count_type == "unique":
                break
            if self.count_type == "session":
                done.add(session)
            at = self.after(trace, near, places, barred)
        return found

    def near(self, trace: list[Row], numbers: dict[int, int], start: int, other: int) -> bool:
        """FL-11: whether a row is inside the window of an anchor."""
        if self.in_session and numbers.get(trace[start].at) != numbers.get(trace[other].at):
            return False
        return self.window is None or abs(trace[other].t - trace[start].t) <= self.window

    def anchors(self, trace: list[Row], near: list[int], first: int, user: str) -> list[int]:
        found = [first]
        for step in range(1, len(self.steps)):
            later = [k for k in near if k > found[-1] and self.is_anchor(trace[k], step, user)]
            if not later:
                break
            found.append(later[0])
        return found

    def lay(self, trace: list[Row], near: list[int], places: list[int]) -> dict[int, int | None]:
        """FL-5, FL-6, FL-13: column to place in the trace, None for a drop-off."""
        usual = [k for k in near if not trace[k].virtual]
        shown: dict[int, int | None] = dict(zip(self.columns, places, strict=False))
        before = [k for k in usual if k < places[0]]
        for back in range(min(self.reverse[0], len(before))):
            shown[-1 - back] = before[-1 - back]
        for step, place in enumerate(places):
            last = step + 1 == len(places)
            end = len(trace) if last else places[step + 1]
            between = [k for k in usual if place < k < end]
            following, left = between[: self.forward[step]], between[self.forward[step] :]
            for ahead, k in enumerate(following):
                shown[self.columns[step] + 1 + ahead] = k
            if not last:
                for back in range(min(self.reverse[step + 1], len(left))):
                    shown[self.columns[step + 1] - 1 - back] = left[-1 - back]
            elif len(following) < self.forward[step] or len(places) < len(self.steps):
                shown[self.columns[step] + 1 + len(following)] = None
        return shown

    def after(self, trace: list[Row], near: list[int], places: list[int], barred: list[int]) -> int:
        """FL-3: where the next flow may start."""
        first = places[0]
        if self.count_type == "session" or len(self.steps) == 1:
            return first + 1
        over = places[-1] + 1
        if len(places) < len(self.steps):
            over = next((k for k in range(first, len(trace)) if k not in near), len(trace))
        if barred:
            return max(first + 1, min(over, min(barred) + 1))
        return over

    # figures

    def split(self, flows: list[Flow]) -> dict[Segment, list[Flow]]:
        parts = listed(self.asked.segments)
        cohorts = [part for part in parts if part.kind == "CohortBreakdown"]
        names = [
            of_value(part, self.filters, [self.value(flow, part) for flow in flows])
            if part.kind.startswith("GroupBy")
            else None
            for part in parts
        ]
        found: dict[Segment, list[Flow]] = {}
        for flow in flows if parts else ():
            levels = []
            for part, name in zip(parts, names, strict=True):
                if name is not None:
                    levels.append(name(self.value(flow, part)))
                elif part.kind == "FrequencyBreakdown":
                    levels.append([cut(self.times(flow.user, part), part)])
                elif part is cohorts[0]:
                    levels.append(cohort_labels(self.filters, cohorts, flow.user))
            for segment in itertools.product(*levels):
                found.setdefault(segment, []).append(flow)
        return found

    def times(self, user: str, part: Part) -> int:
        return sum(
            self.span[0] <= row.t < self.span[1] and self.filters.event(row, part["event"])
            for row in self.here.histories[user]
        )

    def value(self, flow: Flow, part: Part) -> Any:
        if resource(part) == "people":
            return self.here.profile(flow.user, part["property"])
        return self.filters.value(flow.anchor, part["property"])

    def graph(self, flows: list[Flow]) -> tuple[Counter[Any], Counter[Any]]:
        """FL-7, FL-18: nodes and edges with the numbers of flows."""
        counts = Counter(node for flow in flows for node in flow.nodes)
        renamed: dict[Node, str] = {}
        for column in {column for column, _ in counts} - set(self.columns):
            free = [node for node in counts if node[0] == column and node[1] != DROP]
            free.sort(key=lambda node: (-counts[node], node[1]))
            renamed |= dict.fromkeys(free[self.asked.get("cardinality", 3) :], OTHER)
        merged = [[(c, renamed.get((c, e), e)) for c, e in flow.nodes] for flow in flows]
        nodes = Counter(node for flow in merged for node in flow)
        edges = Counter(pair for flow in merged for pair in itertools.pairwise(flow))
        return nodes, edges

    def paths(self, flows: list[Flow]) -> Counter[tuple[str, ...]]:
        return Counter(tuple(name for _, name in flow.nodes) for flow in flows)
