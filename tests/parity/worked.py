"""A workspace for a worked case, and the evaluation of its expressions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Any

import mpnb


def evaluated(expression: Any, **more: Any) -> Any:
    """An expression over the public names of the package; other values stay as they are."""
    if not isinstance(expression, str):
        return expression
    tree = ast.parse(expression.strip(), mode="eval")
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    known = {n: getattr(mpnb, n) for n in used - more.keys() if not hasattr(builtins, n)}
    return eval(compile(tree, "<case>", "eval"), {**known, **more})


def workspace(case: Mapping[str, Any]) -> Any:
    """A local workspace over the rows of a case, with its clock, zone and settings."""
    settings = {**(case.get("settings") or {}), **_saved(case.get("saved") or {})}
    return mpnb.local(
        case["events"],
        profiles=case.get("profiles") or [],
        timezone=case["timezone"],
        now=case["now"],
        settings=settings,
    )


def _saved(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Saved cohorts, events and properties; their expressions become parts of questions."""
    found: dict[str, Any] = {}
    if "cohorts" in saved:
        found["cohorts"] = [
            {**row, "definition": evaluated(row["definition"])} for row in saved["cohorts"]
        ]
    if "custom_events" in saved:
        found["custom_events"] = [
            {**row, "alternatives": [_alternative(a) for a in row["alternatives"]]}
            for row in saved["custom_events"]
        ]
    if "custom_properties" in saved:
        found["custom_properties"] = [
            {**row, "inputs": {k: evaluated(v) for k, v in row["inputs"].items()}}
            for row in saved["custom_properties"]
        ]
    return found


def _alternative(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "filters": [evaluated(text) for text in row.get("filters", [])]}
