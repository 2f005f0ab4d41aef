"""The questions of the benchmark, as mpnb is asked them, and how its raw answers are read.

Enters: a workspace. Leaves: params for the engine, and answers in one comparable form, a number for
each tuple of labels. The surprise: filter and breakdown are over properties that are constant per
user, so that the rules of attribution, which SQL written by hand leaves out, cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Answer = dict[tuple[str, ...], int]

STEPS = ["Open App", "View Item", "Add to Cart", "Purchase"]
BIRTH, RETURN = "Sign Up", "Open App"
COUNTED = "Open App"
ANCHOR, FORWARD = "Add to Cart", 3
COUNTRIES = ["US", "DE", "FR"]
WINDOW_DAYS = 7
RANGE = {"from_date": "2025-01-01", "to_date": "2025-03-31"}
NOW = "2025-03-31T23:59:59+00:00"
EVERYTHING = "all"


@dataclass(frozen=True)
class Question:
    """One question: its name in the table, and whether a filter and a breakdown are added."""

    key: str
    title: str
    kind: str
    split: bool

    @property
    def name(self) -> str:
        return f"{self.key}{'+' if self.split else ''}"


_PLAIN = [
    ("funnel", "4-step funnel, 7 days", "funnel"),
    ("retention", "weekly birth retention", "retention"),
    ("dau", "daily users by platform", "insights"),
    ("totals", "totals per day", "insights"),
    ("flow", "flow, 3 forward", "flow"),
]
QUESTIONS = [
    Question(key, title, kind, split) for split in (False, True) for key, title, kind in _PLAIN
]


def params(ws: Any, question: Question) -> dict[str, Any]:
    """The params of a question, built through the public methods of a workspace."""
    from mpnb import Filter  # in the child process only, after its clock has started

    where = Filter.equals("country", COUNTRIES) if question.split else None
    plan = "plan" if question.split else None
    common = {**RANGE, "where": where}
    make: dict[str, Callable[[], dict[str, Any]]] = {
        "funnel": lambda: ws.build_funnel_params(
            STEPS, conversion_window=WINDOW_DAYS, group_by=plan, **common
        ),
        "retention": lambda: ws.build_retention_params(
            BIRTH, RETURN, retention_unit="week", unit="week", group_by=plan, **common
        ),
        "dau": lambda: ws.build_params(
            COUNTED, math="unique", group_by=["platform", *([plan] if plan else [])], **common
        ),
        "totals": lambda: ws.build_params(COUNTED, group_by=plan, **common),
        "flow": lambda: ws.build_flow_params(
            ANCHOR, forward=FORWARD, conversion_window=WINDOW_DAYS, cardinality=50,
            segments=plan, **common,
        ),
    }  # fmt: skip
    return make[question.key]()


def read(question: Question, raw: dict[str, Any]) -> Answer:
    """The comparable form of a raw answer; zeros are left out."""
    return {key: int(n) for key, n in _numbers(question, raw) if int(n)}


def _numbers(question: Question, raw: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if question.key == "flow":
        flows = raw["segments"] if question.split else {EVERYTHING: raw}
        for segment, flow in flows.items():
            yield from _flow(segment, flow["steps"])
        return
    series = next(iter(raw["series"].values()))
    if question.key in ("dau", "totals"):
        yield from _leaves(series, () if question.key == "dau" or question.split else (EVERYTHING,))
        return
    segments = series if question.split else {EVERYTHING: series}
    read_one = _funnel if question.key == "funnel" else _retention
    for segment, block in segments.items():
        if segment != "$overall":
            yield from read_one(segment, block)


def _leaves(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Segments, then days; the line over all segments is left out."""
    if not isinstance(tree, dict):
        yield (*path[:-1], path[-1][:10]), tree
        return
    for label, below in tree.items():
        if label != "$overall":
            yield from _leaves(below, (*path, label))


def _funnel(segment: str, block: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for step, cell in enumerate(block["count"].values(), start=1):
        yield (segment, str(step)), cell["all"]


def _retention(segment: str, block: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for week, cohort in block.items():
        if week != "$average":
            for bucket, count in enumerate(cohort["counts"]):
                yield (segment, week[:10], str(bucket)), count


def _flow(segment: str, steps: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for number, step in enumerate(steps):
        for node in step["nodes"]:
            yield (segment, str(number), node["event"]), node["totalCount"]


def flow_of_paths(rows: list[tuple[Any, ...]]) -> Answer:
    """Nodes per step from counted paths: segment, three following events or None, number."""
    found: Answer = {}

    def add(segment: str, step: int, event: str, count: int) -> None:
        key = (segment, str(step), event)
        found[key] = found.get(key, 0) + count

    for segment, *events, count in rows:
        add(segment, 0, ANCHOR, count)
        for step, event in enumerate(events, start=1):
            add(segment, step, event or "DROPOFF", count)
            if not event:
                break
    return found
