"""Rules of insights questions: events, how they are counted, formulas.

Enter arguments as given, leave findings. The surprise: how to count can be said for the question
(for plain names) or for each metric; both follow the same rules under different codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpnb.errors import ValidationError
from mpnb.query import metric_formula
from mpnb.query.behavior import (
    BehaviorRef,
    FunnelBehavior,
    RetentionBehavior,
    SimpleBehavior,
    is_blank_property,
)
from mpnb.query.check import bad_word, is_number, is_word
from mpnb.query.math import INSIGHTS_MATHS
from mpnb.query.metric import (
    CohortMetric,
    Formula,
    FunnelMetric,
    Metric,
    MetricRef,
    RetentionMetric,
)
from mpnb.query.operators import COMBINATORS
from mpnb.query.rules import common, funnel, retention
from mpnb.query.rules.common import Findings, error
from mpnb.query.step import CustomEventRef, FunnelStep

ROLLING_MAX = 365
MODES = ("timeseries", "total", "table")
MEASUREMENT_DEFAULTS: dict[str, Any] = {
    "math": "total",
    "math_property": None,
    "per_user": None,
    "percentile_value": None,
}
NAME_CODES = ("V17_EMPTY_EVENT", "V22_CONTROL_CHAR_EVENT", "V22_INVISIBLE_EVENT")
Operands = Metric | CohortMetric | FunnelMetric | RetentionMetric | MetricRef


def question(given: dict[str, Any]) -> Findings:
    """Check an insights question; `given["events"]` is a list already."""
    events: Sequence[Any] = given["events"]
    plain = False
    for index, item in enumerate(events):
        if isinstance(item, str):
            plain = True
            yield from common.event_name(item, f"events[{index}]", NAME_CODES)
        else:
            yield from metric(item, f"events[{index}]")
    yield from _formulas(events)
    if given["formula_label"] and given["formula"] is None:
        yield error(
            "V32_LABEL_WITHOUT_FORMULA", "formula_label", "formula_label needs formula too."
        )
    yield from _measurement(given, plain, bool(events))
    yield from common.window(given["last"], given["from_date"], given["to_date"])
    yield from _analysis(given["rolling"], given["cumulative"])
    yield from common.group_by(given["group_by"])
    yield from common.where(given["where"])
    if given["group_by"] or given["where"]:
        yield from _warehouse(events)
    yield from common.data_group(given["data_group_id"])
    yield from common.comparison(given["time_comparison"])
    if not is_word(given["mode"], MODES):
        yield bad_word("V31_INVALID_MODE", "mode", given["mode"], MODES)


def _warehouse(events: Sequence[Any]) -> Findings:
    for index, item in enumerate(events):
        if isinstance(item, MetricRef) and item.type == "warehouse":
            yield ValidationError(
                f"events[{index}]",
                "A warehouse metric ignores breakdowns and filters.",
                "V28_WAREHOUSE_BREAKDOWN",
                "warning",
            )


def _measurement(given: dict[str, Any], plain: bool, some: bool) -> Findings:
    if plain:
        yield from _measured_by_question(given)
        return
    for name, default in MEASUREMENT_DEFAULTS.items():
        if some and given[name] != default:
            yield error(
                "V29_QUERY_MEASUREMENT_IGNORED",
                name,
                f"{name} counts for plain event names only; say it in the Metric instead.",
            )


def _measured_by_question(given: dict[str, Any]) -> Findings:
    math, prop, per_user = given["math"], given["math_property"], given["per_user"]
    row = INSIGHTS_MATHS.get(math) if isinstance(math, str) else None
    if row is not None and row.needs == "required" and is_blank_property(prop):
        yield error(
            "V1_MATH_REQUIRES_PROPERTY",
            "math",
            f"math={math!r} needs math_property, as in math_property='amount'.",
        )
    elif prop is not None and is_blank_property(prop):
        yield error("V1_MATH_REQUIRES_PROPERTY", "math_property", "math_property is blank.")
    if row is not None and row.needs == "refused" and prop is not None:
        yield error("V2_MATH_REJECTS_PROPERTY", "math_property", f"math={math!r} takes none.")
    yield from common.custom(prop, "math_property")
    yield from _per_user(math, prop, per_user, "per_user")
    yield from _percentile(math, given["percentile_value"], "percentile_value")


def _per_user(math: Any, prop: Any, per_user: Any, path: str) -> Findings:
    row = INSIGHTS_MATHS.get(math) if isinstance(math, str) else None
    if per_user is not None:
        if row is not None and row.counts_users:
            yield error(
                "V3_PER_USER_INCOMPATIBLE",
                path,
                f"math={math!r} counts users, so it takes no per_user.",
            )
        if prop is None:
            yield error("V3B_PER_USER_REQUIRES_PROPERTY", path, "per_user needs a property.")
    elif math == "histogram":
        yield error(
            "V27_HISTOGRAM_REQUIRES_PER_USER",
            path,
            "math='histogram' needs per_user, as in per_user='total'.",
        )


def _percentile(math: Any, value: Any, path: str) -> Findings:
    if math == "percentile" and not is_number(value):
        yield error(
            "V26_PERCENTILE_REQUIRES_VALUE",
            path,
            "math='percentile' needs percentile_value, as in percentile_value=95.",
        )
    elif value is not None and math != "percentile":
        yield error(
            "V30_PERCENTILE_VALUE_UNUSED",
            path,
            f"percentile_value goes with math='percentile', not {math!r}.",
        )


def _analysis(rolling: Any, cumulative: Any) -> Findings:
    if rolling is None:
        return
    if cumulative:
        yield error(
            "V5_ROLLING_CUMULATIVE_EXCLUSIVE", "rolling", "Give rolling or cumulative, not both."
        )
    if type(rolling) is not int or rolling < 1:
        yield error("V6_ROLLING_POSITIVE", "rolling", f"At least 1 period, not {rolling!r}.")
    elif rolling > ROLLING_MAX:
        yield error("V23_ROLLING_TOO_LARGE", "rolling", f"At most {ROLLING_MAX}, not {rolling}.")


def metric(item: Any, path: str) -> Findings:
    """Check one metric; `path` is its place."""
    if isinstance(item, Metric):
        yield from _event_metric(item, path)
    elif isinstance(item, MetricRef):
        yield from common.custom(item.property, path)
    elif isinstance(item, FunnelMetric):
        if isinstance(item.behavior, FunnelBehavior):
            yield from funnel.behavior(item.behavior, item.math, f"{path}.")
        yield from common.custom(item.property, f"{path}.property")
    elif isinstance(item, RetentionMetric):
        if isinstance(item.behavior, RetentionBehavior):
            yield from retention.behavior(item.behavior, f"{path}.")
        yield from common.custom(item.property, f"{path}.property")
    elif isinstance(item, Formula):
        for index, operand in enumerate(item.metrics or ()):
            yield from metric(operand, f"formula.metrics[{index}]")
    elif not isinstance(item, CohortMetric):
        yield error(
            "V21_INVALID_EVENT_TYPE",
            path,
            f"A metric stands here, not {item!r}; wrap a name as Metric('Login').",
        )


def _event_metric(item: Metric, path: str) -> Findings:
    yield from _events(item.event, path)
    row = INSIGHTS_MATHS.get(item.math) if isinstance(item.math, str) else None
    if row is not None and row.needs == "refused" and item.property is not None:
        yield error("V14_METRIC_REJECTS_PROPERTY", path, f"math={item.math!r} takes no property.")
    elif item.property is not None and is_blank_property(item.property):
        yield error("V13_METRIC_MATH_PROPERTY", path, "The property is blank; name one.")
    yield from common.custom(item.property, path)
    yield from _per_user(item.math, item.property, item.per_user, path)
    yield from _percentile(item.math, item.percentile_value, path)
    if item.filters_combinator not in COMBINATORS:
        yield bad_word(
            "V33_INVALID_FILTERS_COMBINATOR",
            f"{path}.filters_combinator",
            item.filters_combinator,
            COMBINATORS,
        )
    yield from common.filters(item.filters, f"{path}.filters")


def _events(event: Any, path: str) -> Findings:
    if isinstance(event, str):
        yield from common.event_name(event, path, NAME_CODES)
    elif isinstance(event, SimpleBehavior):
        for index, part in enumerate(event.events):
            yield from _member(part, path, f"{path}.events[{index}]")
    elif not isinstance(event, CustomEventRef | BehaviorRef):
        for part in event:
            yield from _member(part, path, path)


def _member(part: Any, path: str, filters_path: str) -> Findings:
    if isinstance(part, FunnelStep):
        yield from common.filters(part.filters, f"{filters_path}.filters")
        part = part.event
    if not isinstance(part, CustomEventRef):
        yield from common.event_name(part, path, NAME_CODES)


def _formulas(events: Sequence[Any]) -> Findings:
    lettered = [item for item in events if isinstance(item, Formula) and not item.metrics]
    count = sum(not isinstance(item, Formula) for item in events)
    own = sum(isinstance(item, Formula) and bool(item.metrics) for item in events)
    if count + own == 0:
        yield error("V0_NO_EVENTS", "events", "Ask for at least one event or metric.")
    elif lettered and count < 2:
        yield error(
            "V4_FORMULA_MIN_EVENTS",
            "formula",
            "A formula over letters needs two events or more; write a constant factor with "
            "Formula('A * 2', metrics=[...]).",
        )
    else:
        for item in lettered:
            found = metric_formula.problem(item.expression, count)
            if found:
                yield error(found.code, "formula", found.message)
