"""Question → Python call → question: what is printed is evaluated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mpnb import params
from mpnb.query import behavior, breakdown, cohort, custom, filter, frequency, metric, step, window
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.question import Question
from mpnb.query.retention import retention
from mpnb.query.users import users
from mpnb.text.python import to_python
from tests import strategies
from tests.params.test_read import CASES, cases

MODULES = (behavior, breakdown, cohort, custom, filter, frequency, metric, step, window)
NAMES = {name: thing for module in MODULES for name, thing in vars(module).items()}


class Desk:
    """A workspace that only builds questions."""

    query = staticmethod(insights)
    query_funnel = staticmethod(funnel)
    query_retention = staticmethod(retention)
    query_flow = staticmethod(flow)
    query_user = staticmethod(users)

    run_params = staticmethod(lambda p: params.read(p, "insights"))
    run_funnel_params = staticmethod(lambda p: params.read(p, "funnel"))
    run_retention_params = staticmethod(lambda p: params.read(p, "retention"))
    run_flow_params = staticmethod(lambda p: params.read(p, "flow"))
    run_user_params = staticmethod(lambda p: params.read(p, "users"))


def evaluate(source: str) -> Question:
    made = eval(source, {**NAMES, "ws": Desk()})
    assert isinstance(made, Question)
    return made


def as_text(question: Question) -> str:
    return json.dumps(question.to_params(), sort_keys=True)


def widest(source: str) -> int:
    return max(len(line) for line in source.splitlines())


@pytest.mark.skipif(not CASES.exists(), reason="the parity cases are not here")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_parity_cases_can_be_said(case: dict[str, Any]) -> None:
    question = params.read(case["params"], case["kind"])
    assert as_text(evaluate(to_python(question))) == as_text(question)


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)
@given(strategies.questions())
def test_generated_questions_can_be_said(question: Question) -> None:
    source = to_python(question)
    assert ".run" not in source.partition("(")[0]
    assert evaluate(source) == question
    assert to_python(question) == source
