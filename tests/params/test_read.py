"""Params → question → params, for the parity cases and for generated questions."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mpnb import params
from mpnb.query.question import Question
from tests import strategies

SHARED = Path(os.environ.get("MPNB_SHARED", Path(__file__).parents[2].parent / "shared"))
CASES = SHARED / "golden" / "params.jsonl"
EXAMPLES = SHARED / "reference" / "bookmark_examples.json"
KINDS = {
    "build_params": "insights",
    "build_funnel_params": "funnel",
    "build_retention_params": "retention",
    "build_flow_params": "flow",
    "build_user_params": "users",
}


def as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def cases() -> list[dict[str, Any]]:
    """The parity cases that are params, each with its kind."""
    if not CASES.exists():
        return []
    found = []
    for line in CASES.read_text().splitlines():
        case = json.loads(line.replace('"<TODAY>"', f'"{date.today()}"'))
        method = case["call"].partition("(")[0].removeprefix("ws.")
        if method in KINDS:
            found.append({**case, "kind": KINDS[method]})
    return found


def examples() -> list[tuple[str, dict[str, Any]]]:
    if not EXAMPLES.exists():
        return []
    known = json.loads(EXAMPLES.read_text())["examples"]
    words = {"insights": "insights", "funnels": "funnel", "retention": "retention"}
    words |= {"flows": "flow", "users": "users"}
    return [(words[k], e["params"]) for k in words for e in known[k]]


CARRIED = {case["id"] for case in cases() if case.get("quirk") and "ignored" not in case["quirk"]}
"""Odd recorded params may need extras; all others must be said by the vocabulary."""


@pytest.mark.skipif(not CASES.exists(), reason="the parity cases are not here")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_parity_params_come_back(case: dict[str, Any]) -> None:
    question = params.read(case["params"], case["kind"])
    assert question.kind == case["kind"]
    assert as_text(question.to_params()) == as_text(case["params"])
    if case["id"] not in CARRIED:
        assert question.extras == ()


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples are not here")
@pytest.mark.parametrize(("kind", "body"), examples())
def test_examples_come_back(kind: str, body: dict[str, Any]) -> None:
    question = params.read(body, kind)
    assert question.extras == ()
    assert as_text(question.to_params()) == as_text(body)


@pytest.mark.skipif(not CASES.exists(), reason="the parity cases are not here")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_kind_is_seen(case: dict[str, Any]) -> None:
    if case["params"]:
        assert params.read(case["params"]).kind == case["kind"]


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(strategies.questions())
def test_generated_questions_come_back(question: Question) -> None:
    built = question.to_params()
    again = params.read(built, question.kind)
    assert again.extras == ()
    assert as_text(again.to_params()) == as_text(built)
    assert params.read(built, question.kind) == again
