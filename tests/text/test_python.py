"""Question → Python call → question: what is printed is evaluated."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
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


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)
@given(strategies.questions())
def test_params_to_python_to_params(question: Question) -> None:
    again = params.read(question.to_params(), question.kind)
    assert evaluate(to_python(again)).to_params() == question.to_params()


def test_layout_is_that_of_a_formatter(tmp_path: Path) -> None:
    if not CASES.exists():
        pytest.skip("the parity cases are not here")
    sources = [to_python(params.read(case["params"], case["kind"])) for case in cases()]
    file = tmp_path / "calls.py"
    file.write_text("\n".join(sources) + "\n")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "88"]
    done = subprocess.run([*command, "--diff", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert max(map(widest, sources)) <= 88


CALLS = {
    "a name": (insights("Signup"), 'ws.query("Signup")'),
    "names counted alike": (
        insights(["Signup", "Purchase"], math="unique", last=90, unit="week"),
        'ws.query(["Signup", "Purchase"], math="unique", last=90, unit="week")',
    ),
    "a formula": (
        insights(["Signup", "Purchase"], formula="B / A", formula_label="Rate"),
        'ws.query(["Signup", "Purchase"], formula="B / A", formula_label="Rate")',
    ),
    "a funnel": (
        funnel(["Signup", "Purchase"], conversion_window=7, group_by="country"),
        'ws.query_funnel(["Signup", "Purchase"], conversion_window=7, group_by="country")',
    ),
    "a property of the profile": (
        insights("Signup", group_by=breakdown.GroupBy("plan", resource_type="people")),
        'ws.query("Signup", group_by=GroupBy("plan", resource_type="people"))',
    ),
    "a retention": (
        retention("Signup", "Login", retention_unit="day", bucket_sizes=[1, 7, 30]),
        'ws.query_retention("Signup", "Login", retention_unit="day", bucket_sizes=[1, 7, 30])',
    ),
    "a flow": (flow("Purchase", forward=4), 'ws.query_flow("Purchase", forward=4)'),
    "profiles": (
        users(mode="profiles", properties=["$email"], where=filter.Filter.equals("plan", "pro")),
        """ws.query_user(
    where=Filter.equals("plan", "pro"), properties=["$email"], mode="profiles"
)""",
    ),
    "quotes": (insights("it's \"5\" o'clock"), 'ws.query("it\'s \\"5\\" o\'clock")'),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_are_what_a_person_writes(name: str) -> None:
    question, source = CALLS[name]
    assert to_python(question) == source
    assert evaluate(source) == question


def test_answer_and_workspace_have_names() -> None:
    assert to_python(insights("A"), ws="shop", name="signups") == 'signups = shop.query("A")'
    with pytest.raises(ValueError, match="is not a name"):
        to_python(insights("A"), name="class")


def test_what_the_vocabulary_lacks_is_run_as_params() -> None:
    body = insights("A").to_params()
    body["sections"]["sampling"] = 0.1
    source = to_python(params.read(body))
    assert source.startswith("ws.run_params(")
    assert evaluate(source).to_params() == body
    body["sections"].pop("sampling")
    body["title"] = "Signups"
    assert to_python(params.read(body)) == 'ws.query("A")'
