"""Metrics and behaviors as they are saved: type and definition.

Enter parts of a question, or definitions that were stored before; leave JSON objects. The surprise:
they differ from the entries of a report by a few keys only, and these are taken off here: a saved
thing has its name beside its definition, and no empty ``filter``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mpnb.errors import ParamValidationError
from mpnb.params.build_metrics import funnel_behavior, operand, retention_behavior
from mpnb.params.build_parts import Clause
from mpnb.params.known import CHART_TYPES
from mpnb.params.validate import bookmark_findings
from mpnb.query.behavior import FunnelBehavior, SimpleBehavior
from mpnb.query.definition import (
    BehaviorDefinition,
    MetricDefinition,
    RawBehaviorDefinition,
    RawMetricDefinition,
    WarehouseMetric,
)
from mpnb.query.metric import Formula, Metric

LONGEST = 255
"""Characters of a name or a description."""


@dataclass(frozen=True)
class Saved:
    """What is sent of a metric or a behavior, but for its name."""

    type: str
    definition: Clause
    warehouse_source_id: int | None = None


def metric(given: MetricDefinition, *, validate: bool = True) -> Saved:
    """Write a metric as it is saved.

    Raises:
        ParamValidationError: SM7, a formula without operands; FM6, an operand that attributes;
            SM4, a stored definition that is none (not with `validate=False`).
    """
    if isinstance(given, WarehouseMetric):
        return Saved("warehouse", _warehouse(given), given.source_id)
    if isinstance(given, RawMetricDefinition):
        stored = json.loads(json.dumps(dict(given.definition)))
        saved = Saved(given.type, stored, given.warehouse_source_id)
    elif isinstance(given, Formula):
        saved = Saved("formula", {"formula": _formula(given)})
    else:
        clause = operand(given)
        behavior = _without_filter(clause["behavior"])
        saved = Saved("metric", {"behavior": behavior, "measurement": clause["measurement"]})
    _check_operands(saved)
    if validate and isinstance(given, RawMetricDefinition):
        _check_shape(saved)
    return saved


def behavior(given: BehaviorDefinition) -> Saved:
    """Write a behavior as it is saved.

    Raises:
        ParamValidationError: SM4, a stored definition that does not say its type.
    """
    if isinstance(given, RawBehaviorDefinition):
        kind = given.behavior_type
        if kind is None:
            raise _schema("behavior.type is missing: simple, funnel or retention")
        stored = json.loads(json.dumps(dict(given.definition)))
        return Saved(kind, stored if "behavior" in stored else {"behavior": stored})
    clause = _behavior(given)
    return Saved(str(clause["type"]), {"behavior": clause})


def require_name(name: str | None, description: str | None = None) -> None:
    """Refuse a name that is blank, and texts that are too long.

    Raises:
        ParamValidationError: SM1 or SM2.
    """
    if name is not None and not name.strip():
        raise ParamValidationError("The name must not be blank.", "SM1_EMPTY_NAME")
    for what, text in (("name", name), ("description", description)):
        if text is not None and len(text) > LONGEST:
            raise ParamValidationError(
                f"The {what} has {len(text)} characters; {LONGEST} is the most.",
                "SM2_NAME_TOO_LONG",
            )


def require_same_kind(stored: str, given: str) -> None:
    """Refuse to make one type of metric or behavior into another.

    Raises:
        ParamValidationError: SM3.
    """
    if stored != given:
        raise ParamValidationError(
            f"It is a {stored} and cannot become a {given}: save a new one.", "SM3_KIND_CHANGE"
        )


def _behavior(given: Any) -> Clause:
    if isinstance(given, SimpleBehavior):
        clause: Clause = operand(Metric(given))["behavior"]
        return clause if given.name else {k: v for k, v in clause.items() if k != "name"}
    funnel = isinstance(given, FunnelBehavior)
    return _without_filter(funnel_behavior(given) if funnel else retention_behavior(given))


def _without_filter(clause: Clause) -> Clause:
    return {key: value for key, value in clause.items() if key != "filter" or value}


def _formula(given: Formula) -> Clause:
    if not given.metrics:
        raise ParamValidationError(
            "A saved formula brings its metrics: Formula('A / B', metrics=[Metric(…), Metric(…)]).",
            "SM7_FORMULA_WITHOUT_OPERANDS",
        )
    operands = [operand(item) for item in given.metrics]
    for clause in operands:
        if "behavior" in clause:
            clause["behavior"] = _without_filter(clause["behavior"])
    return {"definition": given.expression, "referencedMetrics": operands}


def _warehouse(given: WarehouseMetric) -> Clause:
    rows = {
        "query": given.sql,
        "metricType": given.metric_type,
        "timeColumn": given.time_column,
        "valueColumn": given.value_column,
        "aggregation": given.aggregation or "none",
        "syncInterval": given.sync_interval or "hourly",
    }
    return {key: value for key, value in rows.items() if value is not None}


def _operands(definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    formula = definition.get("formula")
    listed = formula.get("referencedMetrics") if isinstance(formula, Mapping) else None
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, Mapping):
            yield item


def _check_operands(saved: Saved) -> None:
    for number, item in enumerate(_operands(saved.definition), start=1):
        measurement = item.get("measurement")
        if isinstance(measurement, Mapping) and measurement.get("segmentMethod") is not None:
            raise ParamValidationError(
                f"Metric {number} of the formula has a segment_method, which saved formulas "
                "do not keep: leave it out.",
                "FM6_OPERAND_ATTRIBUTION",
            )


def _check_shape(saved: Saved) -> None:
    """A stored definition must be one that a report could show."""
    if saved.type == "warehouse":
        return
    inner = saved.definition.get("formula") if saved.type == "formula" else saved.definition
    if not isinstance(inner, Mapping):
        raise _schema("formula is missing")
    clause = {"type": saved.type, **inner}
    asked = {"sections": {"show": [clause]}, "displayOptions": {"chartType": CHART_TYPES[0]}}
    wrong = [f for f in bookmark_findings(asked, "insights") if f.severity == "error"]
    if wrong:
        raise _schema("; ".join(f"{finding.path}: {finding.message}" for finding in wrong))


def _schema(message: str) -> ParamValidationError:
    return ParamValidationError(f"The definition cannot be saved: {message}.", "SM4_SCHEMA")
