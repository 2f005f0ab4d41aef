"""Rules of insights questions: events, how they are counted, formulas.

Enter arguments as given, leave findings. The surprise: how to count can be said for the question
(for plain names) or for each metric; both follow the same rules under different codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mpnb.errors import ValidationError
from mpnb.query import metric_formula, sound
from mpnb.query.behavior import (
    BehaviorRef,
    FunnelBehavior,
    RetentionBehavior,
    SimpleBehavior,
    is_blank_property,
)
from mpnb.query.check import bad_word, is_number, is_word, shown
from mpnb.query.math import INSIGHTS_MATHS, WIRE_MATHS, Needs, needs
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
from mpnb.query.rules.common import Found, error
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


def question(given: dict[str, Any], found: Found) -> None:
    """Check an insights question; `given["events"]` is a list already."""
    events: Sequence[Any] = given["events"]
    plain = False
    for index, item in enumerate(events):
        if isinstance(item, str):
            plain = True
            common.event_name(item, f"events[{index}]", NAME_CODES, found)
        elif isinstance(item, Formula):
            _operands(item, _formula_place(events, index), found)
        elif not sound.metric(item):
            metric(item, f"events[{index}]", found)
    _formulas(events, found)
    if given["formula_label"] and given["formula"] is None:
        error(
            found, "V32_LABEL_WITHOUT_FORMULA", "formula_label", "formula_label needs formula too."
        )
    _measurement(given, plain, bool(events), found)
    common.window(given["last"], given["from_date"], given["to_date"], found)
    _analysis(given["rolling"], given["cumulative"], found)
    common.group_by(given["group_by"], found)
    common.where(given["where"], found)
    if given["group_by"] or given["where"]:
        _warehouse(events, found)
    common.data_group(given["data_group_id"], found)
    common.comparison(given["time_comparison"], found)
    if not is_word(given["mode"], MODES):
        found.append(bad_word("V31_INVALID_MODE", "mode", given["mode"], MODES))


def _formula_place(events: Sequence[Any], index: int) -> str:
    own = [place for place, item in enumerate(events) if isinstance(item, Formula)]
    return "formula" if len(own) == 1 else f"formula[{own.index(index)}]"


def _warehouse(events: Sequence[Any], found: Found) -> None:
    for index, item in enumerate(events):
        if isinstance(item, MetricRef) and item.type == "warehouse":
            found.append(
                ValidationError(
                    f"events[{index}]",
                    "A warehouse metric ignores breakdowns and filters.",
                    "V28_WAREHOUSE_BREAKDOWN",
                    "warning",
                )
            )


def _measurement(given: dict[str, Any], plain: bool, some: bool, found: Found) -> None:
    if plain:
        _measured_by_question(given, found)
        return
    for name, default in MEASUREMENT_DEFAULTS.items():
        if some and given[name] != default:
            error(
                found,
                "V29_QUERY_MEASUREMENT_IGNORED",
                name,
                f"{name} counts for plain event names only; say it in the Metric instead.",
            )


def _measured_by_question(given: dict[str, Any], found: Found) -> None:
    math, prop, per_user = given["math"], given["math_property"], given["per_user"]
    if prop is per_user is given["percentile_value"] is None and _is_plain(math):
        return
    treats = _treats_property(math)
    if treats == "required" and is_blank_property(prop):
        error(
            found,
            "V1_MATH_REQUIRES_PROPERTY",
            "math",
            f"math={shown(math)} needs math_property, as in math_property='amount'.",
        )
    elif treats == "refused" and prop is not None:
        error(found, "V2_MATH_REJECTS_PROPERTY", "math_property", f"math={shown(math)} takes none.")
    elif prop is not None and is_blank_property(prop):
        error(found, "V1_MATH_REQUIRES_PROPERTY", "math_property", "math_property is blank.")
    common.custom(prop, "math_property", found)
    _per_user(math, prop, per_user, "per_user", found)
    _percentile(math, given["percentile_value"], "percentile_value", found)


def _treats_property(math: Any) -> Needs:
    return needs(WIRE_MATHS.get(math, math) if isinstance(math, str) else None, INSIGHTS_MATHS)


def _is_plain(math: Any) -> bool:
    return type(math) is str and math in sound.PLAIN_MATHS


def _per_user(math: Any, prop: Any, per_user: Any, path: str, found: Found) -> None:
    row = INSIGHTS_MATHS.get(math) if isinstance(math, str) else None
    if per_user is not None:
        if row is not None and row.counts_users:
            error(
                found,
                "V3_PER_USER_INCOMPATIBLE",
                path,
                f"math={shown(math)} counts users, so it takes no per_user.",
            )
        if prop is None:
            error(found, "V3B_PER_USER_REQUIRES_PROPERTY", path, "per_user needs a property.")
    elif math == "histogram":
        error(
            found,
            "V27_HISTOGRAM_REQUIRES_PER_USER",
            path,
            "math='histogram' needs per_user, as in per_user='total'.",
        )


def _percentile(math: Any, value: Any, path: str, found: Found) -> None:
    if math == "percentile" and not is_number(value):
        error(
            found,
            "V26_PERCENTILE_REQUIRES_VALUE",
            path,
            "math='percentile' needs percentile_value, as in percentile_value=95.",
        )
    elif value is not None and is_word(math, INSIGHTS_MATHS) and math != "percentile":
        error(
            found,
            "V30_PERCENTILE_VALUE_UNUSED",
            path,
            f"percentile_value goes with math='percentile', not {shown(math)}.",
        )


def _analysis(rolling: Any, cumulative: Any, found: Found) -> None:
    if rolling is None:
        return
    if cumulative:
        error(
            found,
            "V5_ROLLING_CUMULATIVE_EXCLUSIVE",
            "rolling",
            "Give rolling or cumulative, not both.",
        )
    if type(rolling) is not int or rolling < 1:
        error(found, "V6_ROLLING_POSITIVE", "rolling", f"At least 1 period, not {shown(rolling)}.")
    elif rolling > ROLLING_MAX:
        error(found, "V23_ROLLING_TOO_LARGE", "rolling", f"At most {ROLLING_MAX}, not {rolling}.")


def metric(item: Any, path: str, found: Found) -> None:
    """Check one metric; `path` is its place."""
    if isinstance(item, Metric):
        _event_metric(item, path, found)
    elif isinstance(item, MetricRef):
        common.custom(item.property, path, found)
    elif isinstance(item, FunnelMetric):
        if isinstance(item.behavior, FunnelBehavior):
            funnel.behavior(item.behavior, item.math, f"{path}.", found)
        common.custom(item.property, f"{path}.property", found)
    elif isinstance(item, RetentionMetric):
        if isinstance(item.behavior, RetentionBehavior):
            retention.behavior(item.behavior, f"{path}.", found)
            retention.math(item.math, f"{path}.", found)
        common.custom(item.property, f"{path}.property", found)
    elif not isinstance(item, CohortMetric):
        error(
            found,
            "V21_INVALID_EVENT_TYPE",
            path,
            f"A metric stands here, not {shown(item)}; wrap a name as Metric('Login').",
        )


def _operands(item: Formula, path: str, found: Found) -> None:
    for index, operand in enumerate(item.metrics or ()):
        metric(operand, f"{path}.metrics[{index}]", found)


def _event_metric(item: Metric, path: str, found: Found) -> None:
    _events(item.event, path, found)
    treats = _treats_property(item.math)
    if treats == "refused" and item.property is not None:
        error(
            found,
            "V14_METRIC_REJECTS_PROPERTY",
            path,
            f"math={shown(item.math)} takes no property.",
        )
    elif treats == "required" and is_blank_property(item.property):
        error(found, "V13_METRIC_MATH_PROPERTY", path, f"math={shown(item.math)} needs a property.")
    elif item.property is not None and is_blank_property(item.property):
        error(found, "V13_METRIC_MATH_PROPERTY", path, "The property is blank; name one.")
    common.custom(item.property, path, found)
    _per_user(item.math, item.property, item.per_user, path, found)
    _percentile(item.math, item.percentile_value, path, found)
    if item.filters_combinator not in COMBINATORS:
        found.append(
            bad_word(
                "V33_INVALID_FILTERS_COMBINATOR",
                f"{path}.filters_combinator",
                item.filters_combinator,
                COMBINATORS,
            )
        )
    common.filters(item.filters, f"{path}.filters", found)


def _events(event: Any, path: str, found: Found) -> None:
    if isinstance(event, str):
        common.event_name(event, path, NAME_CODES, found)
    elif isinstance(event, SimpleBehavior):
        _members(event.events, path, found)
    elif not isinstance(event, CustomEventRef | BehaviorRef):
        _members(event, path, found)


def _members(parts: Sequence[Any], path: str, found: Found) -> None:
    for index, part in enumerate(parts):
        _member(part, f"{path}.event[{index}]", found)


def _member(part: Any, path: str, found: Found) -> None:
    if isinstance(part, FunnelStep):
        common.filters(part.filters, f"{path}.filters", found)
        part = part.event
    if not isinstance(part, CustomEventRef):
        common.event_name(part, path, NAME_CODES, found)


def _formulas(events: Sequence[Any], found: Found) -> None:
    formulas = [item for item in events if isinstance(item, Formula)]
    if events and not formulas:
        return
    lettered = [item for item in formulas if item.metrics is None]
    count = len(events) - len(formulas)
    if count == 0 and len(lettered) == len(formulas):
        error(found, "V0_NO_EVENTS", "events", "Ask for at least one event or metric.")
    if lettered and count < 2:
        error(
            found,
            "V4_FORMULA_MIN_EVENTS",
            "formula",
            "A formula over letters needs two events or more; write a constant factor with "
            "Formula('A * 2', metrics=[...]).",
        )
    for index, item in enumerate(events):
        if isinstance(item, Formula) and item.metrics is None:
            wrong = metric_formula.problem(item.expression, count)
            if wrong:
                error(found, wrong.code, _formula_place(events, index), wrong.message)
