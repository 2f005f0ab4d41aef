"""The local engine and a second one, written from the rules alone, give the same numbers.

Many more questions: ``python -m tests.engine.oracle insights --worlds 5000``.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.engine.oracle import compare, draw
from tests.engine.oracle.__main__ import REFUSED, cases
from tests.engine.oracle.words import read
from tests.parity.shared import SHARED, needs_shared
from tests.parity.worked import evaluated, workspace

WORLDS = 10


def event(name: str, user: str, seconds: int) -> dict[str, Any]:
    return {"event": name, "properties": {"time": 1735732800 + seconds, "distinct_id": user}}


SMALL: dict[str, Any] = {
    "events": [event(*row) for row in (("A", "u1", 0), ("A", "u1", 9), ("B", "u1", 99))],
    "profiles": [{"$distinct_id": "u1", "$properties": {"age": 5}}],
    "timezone": "UTC",
    "now": "2025-01-05T00:00:00+00:00",
}
FILE = SHARED / "semantics" / "cases.jsonl"


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("kind", sorted(draw.CALLS))
def test_random_questions(kind: str, part: int) -> None:
    tally: Counter[str] = Counter()
    for case, ws in cases(kind, part * WORLDS, WORLDS):
        try:
            found = compare.differences(case, ws)
        except (*REFUSED, NotImplementedError):
            tally["refused"] += 1
            continue
        tally["asked"] += 1
        assert not found, (case["call"], found[:5])
    assert tally["asked"] > 4 * tally["refused"], tally


@needs_shared
def test_the_worked_cases() -> None:
    """The oracle itself is held to the values that were worked out by hand."""
    asked = Counter[str]()
    for line in FILE.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if read(case["call"]).kind not in compare.READERS:
            continue
        try:
            found = compare.differences(case)
        except NotImplementedError:
            asked["not in the oracle"] += 1
            continue
        asked["agree"] += 1
        assert not found, (case["id"], found[:5])
    assert asked["agree"] > 170, asked


@pytest.mark.parametrize(
    ("call", "other"),
    [
        ('ws.query("A", last=30)', 'ws.query("A", math="unique", last=30)'),
        ('ws.query_funnel(["A", "B"], last=30)', 'ws.query_funnel(["A", "C"], last=30)'),
        ('ws.query_retention("A", "B", last=30)', 'ws.query_retention("A", "C", last=30)'),
        ('ws.query_flow("A", last=30)', 'ws.query_flow("A", last=30, forward=1)'),
        ("ws.query_user()", 'ws.query_user(where=Filter.is_set("plan"))'),
    ],
)
def test_a_difference_is_found(call: str, other: str) -> None:
    """The answer to another question does not pass for the right one."""
    case = {**SMALL, "call": call}
    ws = workspace(case)
    assert not compare.differences(case, ws)
    assert list(compare.differ(case, evaluated(other, ws=ws)))
