"""Formulas of metrics (I-22), point by point."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from tests.engine.oracle.words import Part, many, part_of

Series = dict[tuple[str, ...], list[Any]]


def split(asked: Part) -> tuple[list[Part], list[Part]]:
    """The lettered metrics of a question, and its formulas."""
    own = ("math", "per_user", "percentile_value")
    metrics, formulas = [], []
    for one in many(asked["events"]):
        if isinstance(one, Part) and one.kind == "Formula":
            formulas.append(one)
        elif isinstance(one, Part) and one.kind not in ("SimpleBehavior", "CustomEventRef"):
            metrics.append(one)
        else:
            metric = (
                part_of(one, "Metric") if isinstance(one, str) else Part("Metric", {"event": one})
            )
            metric |= {name: asked[name] for name in own if asked.get(name) is not None}
            if asked.math_property is not None:
                metric["property"] = asked["math_property"]
            metrics.append(metric)
    if asked.formula is not None:
        formulas.append(Part("Formula", {"expression": asked["formula"]}))
    return metrics, formulas


def points(
    formula: Part, series: Sequence[Series], metrics: Sequence[Part], is_count: Callable[..., bool]
) -> Series:
    """A formula over the series of its metrics."""
    tree = ast.parse(formula["expression"].strip(), mode="eval").body
    used = sorted({ord(n.id) - 65 for n in ast.walk(tree) if isinstance(n, ast.Name)})
    segments = list(dict.fromkeys(key for at in used for key in series[at]))
    length = max(len(values) for one in series for values in one.values()) if segments else 0
    found: Series = {}
    for segment in segments:
        found[segment] = []
        for point in range(length):
            values: dict[str, Any] = {}
            for at in used:
                nothing = 0 if is_count(metrics[at]) else None
                mine = series[at].get(segment)
                values[chr(65 + at)] = mine[point] if mine else nothing
            found[segment].append(_value(tree, values))
    return found


def _value(node: Any, values: dict[str, Any]) -> float | None:
    if isinstance(node, ast.Name):
        return values[node.id]  # type: ignore[no-any-return]
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.UnaryOp):
        found = _value(node.operand, values)
        return None if found is None else -found
    left, right = _value(node.left, values), _value(node.right, values)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    return left / right if right else None
