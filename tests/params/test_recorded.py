"""The recorded cases of query building: the same params, the same findings."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import pytest

import mpnb as mp
from mpnb import params
from mpnb.entity.saved import SavedBehavior, SavedMetric
from mpnb.query.check import require_limit
from mpnb.query.flow import flow
from mpnb.query.funnel import funnel
from mpnb.query.insights import insights
from mpnb.query.retention import retention
from mpnb.query.users import users

SHARED = Path(os.environ.get("MPNB_SHARED", Path(__file__).parents[3] / "shared")) / "golden"


class Builder:
    """The building methods of a workspace, without an account or an engine."""

    @staticmethod
    def _built(make: Any) -> Any:
        return lambda *args, **kwargs: params.build(make(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        kinds = {
            "build_params": insights,
            "build_funnel_params": funnel,
            "build_retention_params": retention,
            "build_flow_params": flow,
            "build_user_params": users,
        }
        return self._built(kinds[name]) if name in kinds else self._limited

    @staticmethod
    def _limited(*args: Any, limit: Any = None, **kwargs: Any) -> None:
        require_limit(limit)


def cases(name: str) -> list[Any]:
    path = SHARED / name
    if not path.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the recorded cases are not here"))]
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [case for case in found if "quirk" not in case and case.get("scope", "core") == "core"]
    return [pytest.param(case, id=case["id"]) for case in kept]


def evaluate(call: str) -> Any:
    names = {**vars(mp), "SavedMetric": SavedMetric, "SavedBehavior": SavedBehavior}
    names["validate_bookmark"] = params.validate_bookmark
    return eval(call, {**names, "ws": Builder()})


@pytest.mark.parametrize("case", cases("params.jsonl"))
def test_params_are_as_recorded(case: Any) -> None:
    text = json.dumps(evaluate(case["call"]), sort_keys=True)
    if "today" in case.get("normalise", ()):
        text = text.replace(datetime.date.today().isoformat(), "<TODAY>")
    assert text == json.dumps(case["params"], sort_keys=True)


@pytest.mark.parametrize("case", cases("errors.jsonl"))
def test_findings_are_as_recorded(case: Any) -> None:
    if case["kind"] == "returns":
        findings = evaluate(case["call"])
    else:
        with pytest.raises(Exception) as caught:  # noqa: PT011  which one is compared below
            evaluate(case["call"])
        names = [cls.__name__ for cls in type(caught.value).__mro__]
        assert case["exception"] in names
        findings = getattr(caught.value, "errors", ())
        if not findings:
            code = getattr(caught.value, "code", None)
            assert not case["codes"] or case["codes"] == [code]
    rows = sorted([found.code, found.path, found.severity] for found in findings)
    assert rows == case.get("findings", [])
