"""Rules of funnels, as a question and inside an insights metric.

Enter arguments as given, leave findings. The surprise: the settings of a funnel inside a metric
follow the same rules, with the metric's place before the path.
"""

from __future__ import annotations

from typing import Any

from mpnb.query import sound
from mpnb.query.behavior import BehaviorRef, FunnelBehavior, is_blank_property
from mpnb.query.check import bad_word, is_word, items_of, shown
from mpnb.query.math import FUNNEL_MATHS, WIRE_MATHS, needs
from mpnb.query.metric_ref import FUNNEL_ORDERS
from mpnb.query.operators import COMBINATORS
from mpnb.query.rules import common
from mpnb.query.rules.common import Found, error
from mpnb.query.step import Exclusion, FunnelStep, HoldingConstant

STEPS_MIN, STEPS_MAX = 2, 100
HOLDING_MAX = 3
WINDOW_MAX = {
    "second": 31_708_800,
    "minute": 528_480,
    "hour": 8808,
    "day": 367,
    "week": 52,
    "month": 12,
    "session": 12,
}
"""Longest conversion window per unit: 367 days, or its like."""
MODES = ("steps", "trends", "table")
REENTRY_MODES = ("default", "basic", "aggressive", "optimized")
SESSION_MATH = "conversion_rate_session"
DEFAULTS: dict[str, Any] = {
    "conversion_window": 14,
    "conversion_window_unit": "day",
    "order": "loose",
    "exclusions": None,
    "holding_constant": None,
    "reentry_mode": None,
}
"""Settings that a saved behavior brings itself → what they are when nobody gives them."""
STEP_CODES = ("F2_EMPTY_STEP_EVENT", "F2_CONTROL_CHAR_STEP_EVENT", "F2_INVISIBLE_STEP_EVENT")
EXCLUSION_CODES = (
    "F4_EMPTY_EXCLUSION_EVENT",
    "F4_CONTROL_CHAR_EXCLUSION",
    "F4_INVISIBLE_EXCLUSION",
)


def question(arguments: dict[str, Any], found: Found) -> None:
    """Check a funnel question."""
    given = arguments
    if isinstance(given["steps"], BehaviorRef):
        _reference(given, found)
    else:
        steps(given["steps"], "", found)
        settings(given, given["math"], len(items_of(given["steps"])), "", found)
    _measure(given["math"], given["math_property"], found)
    common.window(given["last"], given["from_date"], given["to_date"], found)
    common.group_by(given["group_by"], found)
    common.where(given["where"], found)
    common.data_group(given["data_group_id"], found)
    common.comparison(given["time_comparison"], found)
    if not is_word(given["mode"], MODES):
        found.append(bad_word("F15_INVALID_MODE", "mode", given["mode"], MODES))


def _reference(given: dict[str, Any], found: Found) -> None:
    if given["steps"].type != "funnel":
        error(
            found,
            "F13_BEHAVIOR_REF_TYPE",
            "steps",
            f"The saved behavior is of type {given['steps'].type!r}; a funnel is needed.",
        )
    for name, default in DEFAULTS.items():
        if given[name] != default and given[name] != []:
            error(
                found,
                "F14_BEHAVIOR_REF_SETTINGS",
                name,
                f"The saved behavior brings its own {name}.",
            )


def _measure(math: Any, prop: Any, found: Found) -> None:
    treats = needs(WIRE_MATHS.get(math, math) if isinstance(math, str) else None, FUNNEL_MATHS)
    if treats == "required" and is_blank_property(prop):
        error(found, "F10_MATH_MISSING_PROPERTY", "math_property", f"math={shown(math)} needs one.")
    elif prop is not None and (treats == "refused" or is_blank_property(prop)):
        verb = "takes none" if treats == "refused" else "got a blank one"
        error(found, "F11_MATH_REJECTS_PROPERTY", "math_property", f"math={shown(math)} {verb}.")
    common.custom(prop, "math_property", found)


def steps(value: Any, prefix: str, found: Found) -> None:
    """Check the steps of a funnel: F1, F2, F16 and their filters."""
    items = items_of(value)
    path = f"{prefix}steps"
    if len(items) < STEPS_MIN:
        error(found, "F1_MIN_STEPS", path, f"A funnel needs at least {STEPS_MIN} steps.")
    if len(items) > STEPS_MAX:
        error(
            found,
            "F1_MAX_STEPS",
            path,
            f"A funnel has at most {STEPS_MAX} steps, not {len(items)}.",
        )
    for index, item in enumerate(items):
        if not sound.step(item):
            _step(item, f"{path}[{index}]", found)


def _step(item: Any, path: str, found: Found) -> None:
    if not isinstance(item, FunnelStep):
        common.event_name(item, path, STEP_CODES, found)
        return
    common.event_name(item.event, path, STEP_CODES, found)
    common.filters(item.filters, f"{path}.filters", found)
    if item.filters_combinator not in COMBINATORS:
        found.append(
            bad_word(
                "F17_INVALID_FILTERS_COMBINATOR",
                f"{path}.filters_combinator",
                item.filters_combinator,
                COMBINATORS,
            )
        )
    if item.order is not None and item.order not in FUNNEL_ORDERS:
        found.append(bad_word("F16_INVALID_ORDER", f"{path}.order", item.order, FUNNEL_ORDERS))


def behavior(value: FunnelBehavior, math: Any, prefix: str, found: Found) -> None:
    """Check a funnel inside a metric; `prefix` is the metric's place."""
    steps(value.steps, prefix, found)
    settings(vars(value), math, len(value.steps), prefix, found)


def settings(given: dict[str, Any], math: Any, count: int, prefix: str, found: Found) -> None:
    """Check what surrounds the steps: F3, F4, F7, F8, F9, F12, F16."""
    window, unit = given["conversion_window"], given["conversion_window_unit"]
    _window(window, unit, math, f"{prefix}conversion_window", found)
    if not is_word(unit, WINDOW_MAX):
        found.append(
            bad_word("F7_INVALID_WINDOW_UNIT", f"{prefix}conversion_window_unit", unit, WINDOW_MAX)
        )
    if math == SESSION_MATH and unit != "session":
        error(
            found,
            "F9_SESSION_MATH_REQUIRES_SESSION_WINDOW",
            f"{prefix}math",
            f"math={shown(math)} needs conversion_window_unit='session'.",
        )
    if not is_word(given["order"], FUNNEL_ORDERS):
        found.append(bad_word("F16_INVALID_ORDER", f"{prefix}order", given["order"], FUNNEL_ORDERS))
    if given["exclusions"] is not None:
        _exclusions(given["exclusions"], count, f"{prefix}exclusions", found)
    if given["holding_constant"] is not None:
        _holding(given["holding_constant"], f"{prefix}holding_constant", found)
    mode = given["reentry_mode"]
    if mode is not None and not is_word(mode, REENTRY_MODES):
        found.append(
            bad_word("F12_INVALID_REENTRY_MODE", f"{prefix}reentry_mode", mode, REENTRY_MODES)
        )


def _window(window: Any, unit: Any, math: Any, path: str, found: Found) -> None:
    if type(window) is not int:
        error(
            found,
            "F3_CONVERSION_WINDOW_TYPE",
            path,
            f"A whole number stands here, not {shown(window)}.",
        )
        return
    longest = WINDOW_MAX.get(unit) if isinstance(unit, str) else None
    if unit == "session" and window != 1 and math != SESSION_MATH:
        error(found, "F9_SESSION_WINDOW_REQUIRES_ONE", path, "A session window is 1 session.")
    if window <= 0:
        error(found, "F3_CONVERSION_WINDOW_POSITIVE", path, f"It must be positive, not {window}.")
    elif unit == "second" and window < 2:
        error(found, "F7_SECOND_MIN_WINDOW", path, "A window in seconds is at least 2.")
    elif longest is not None and window > longest:
        error(
            found, "F3_CONVERSION_WINDOW_MAX", path, f"It is {window}; at most {longest} {unit}s."
        )


def _exclusions(items: Any, count: int, path: str, found: Found) -> None:
    for index, item in enumerate(items_of(items)):
        where = f"{path}[{index}]"
        if isinstance(item, Exclusion):
            common.event_name(item.event, where, EXCLUSION_CODES, found)
            _exclusion_steps(item, count, where, found)
        else:
            common.event_name(item, where, EXCLUSION_CODES, found)


def _exclusion_steps(item: Exclusion, count: int, path: str, found: Found) -> None:
    last = count - 1
    end = last if item.to_step is None else item.to_step
    if item.from_step > last or end > last:
        error(
            found,
            "F4_EXCLUSION_STEP_BOUNDS",
            path,
            f"The steps are 0 to {last}; it reaches beyond.",
        )
    elif end <= item.from_step:
        error(
            found,
            "F4_EXCLUSION_STEP_ORDER",
            path,
            f"It must end after step {item.from_step}, where it starts.",
        )


def _holding(value: Any, path: str, found: Found) -> None:
    items = items_of(value)
    if len(items) > HOLDING_MAX:
        error(
            found,
            "F8_MAX_HOLDING_CONSTANT",
            path,
            f"At most {HOLDING_MAX} properties can be held, not {len(items)}.",
        )
    for index, item in enumerate(items):
        name = item.property if isinstance(item, HoldingConstant) else item
        if not isinstance(name, str) or not name.strip():
            error(
                found, "F8_EMPTY_HOLDING_CONSTANT_PROPERTY", f"{path}[{index}]", "Name a property."
            )
