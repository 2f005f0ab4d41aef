"""Rules of retention, as a question and inside an insights metric.

Enter arguments as given, leave findings. The surprise: cohort breakdowns do not mix with others,
because the server segments them in another way.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from mpnb.query import sound
from mpnb.query.behavior import BehaviorRef, RetentionBehavior
from mpnb.query.breakdown import CohortBreakdown, GroupBy
from mpnb.query.check import bad_word, is_word, shown
from mpnb.query.math import RETENTION_MATHS
from mpnb.query.operators import COMBINATORS
from mpnb.query.rules import common
from mpnb.query.rules.common import Found, error
from mpnb.query.step import RetentionEvent

BUCKETS_MAX = 730
UNITS = ("day", "week", "month")
ALIGNMENTS = ("birth", "interval_start")
MODES = ("curve", "trends", "table")
UNBOUNDED_MODES = ("none", "carry_back", "carry_forward", "consecutive_forward")
DEFAULTS: dict[str, Any] = {
    "return_event": None,
    "retention_unit": "week",
    "alignment": "birth",
    "bucket_sizes": None,
    "unbounded_mode": None,
}
"""Settings that a saved behavior brings itself → what they are when nobody gives them."""
BORN_CODES = ("R1_EMPTY_BORN_EVENT", "R1_CONTROL_CHAR_BORN_EVENT", "R1_INVISIBLE_BORN_EVENT")
RETURN_CODES = (
    "R2_EMPTY_RETURN_EVENT",
    "R2_CONTROL_CHAR_RETURN_EVENT",
    "R2_INVISIBLE_RETURN_EVENT",
)


def question(given: dict[str, Any], found: Found) -> None:
    """Check a retention question."""
    if isinstance(given["born_event"], BehaviorRef):
        _reference(given, found)
    else:
        _several(given, found)
        if found:
            return
        _event(given["born_event"], "born_event", BORN_CODES, found)
        _event(given["return_event"], "return_event", RETURN_CODES, found)
        settings(given, "", found)
    math(given["math"], "", found)
    for code, name, legal in (
        ("R10_INVALID_MODE", "mode", MODES),
        ("R11_INVALID_UNIT", "unit", UNITS),
    ):
        if not is_word(given[name], legal):
            found.append(bad_word(code, name, given[name], legal))
    common.window(given["last"], given["from_date"], given["to_date"], found)
    common.group_by(given["group_by"], found, blank="R12_EMPTY_GROUP_BY")
    _mixed(given["group_by"], found)
    common.where(given["where"], found)
    common.data_group(given["data_group_id"], found)
    common.comparison(given["time_comparison"], found)


def _reference(given: dict[str, Any], found: Found) -> None:
    kind = given["born_event"].type
    if kind != "retention":
        error(
            found,
            "R14_BEHAVIOR_REF_TYPE",
            "born_event",
            f"The saved behavior is of type {shown(kind)}; a retention is needed.",
        )
    for name, default in DEFAULTS.items():
        if given[name] != default and given[name] != []:
            error(
                found,
                "R15_BEHAVIOR_REF_SETTINGS",
                name,
                f"The saved behavior brings its own {name}.",
            )


def _several(given: dict[str, Any], found: Found) -> None:
    for name, codes in (("born_event", BORN_CODES), ("return_event", RETURN_CODES)):
        if isinstance(given[name], list | tuple):
            error(
                found,
                codes[0],
                name,
                f"Name one event here, not {shown(given[name])}; "
                "for any of several make a custom event of them.",
            )


def _event(item: Any, path: str, codes: tuple[str, str, str], found: Found) -> None:
    if sound.step(item):
        return
    if not isinstance(item, RetentionEvent):
        common.event_name(item, path, codes, found)
        return
    common.event_name(item.event, path, codes, found)
    common.filters(item.filters, f"{path}.filters", found)
    if item.filters_combinator not in COMBINATORS:
        found.append(
            bad_word(
                "R16_INVALID_FILTERS_COMBINATOR",
                f"{path}.filters_combinator",
                item.filters_combinator,
                COMBINATORS,
            )
        )


def _mixed(group_by: Any, found: Found) -> None:
    items = group_by if isinstance(group_by, list | tuple) else ()
    cohorts = any(isinstance(item, CohortBreakdown) for item in items)
    if cohorts and any(isinstance(item, str | GroupBy) for item in items):
        error(
            found,
            "CB3_RETENTION_MIXED_BREAKDOWN",
            "group_by",
            "Break down by cohorts or by properties, not by both.",
        )


def math(word: Any, prefix: str, found: Found) -> None:
    """Check what is counted, R9; `prefix` is a metric's place."""
    if not is_word(word, RETENTION_MATHS):
        found.append(bad_word("R9_INVALID_MATH", f"{prefix}math", word, RETENTION_MATHS))


def behavior(value: RetentionBehavior, prefix: str, found: Found) -> None:
    """Check a retention inside a metric; `prefix` is the metric's place."""
    _event(value.born_event, f"{prefix}born_event", BORN_CODES, found)
    _event(value.return_event, f"{prefix}return_event", RETURN_CODES, found)
    settings(vars(value), prefix, found)


def settings(given: dict[str, Any], prefix: str, found: Found) -> None:
    """Check what surrounds the events: R5 to R8, R13."""
    for code, name, legal in (
        ("R7_INVALID_RETENTION_UNIT", "retention_unit", UNITS),
        ("R8_INVALID_ALIGNMENT", "alignment", ALIGNMENTS),
    ):
        if not is_word(given[name], legal):
            found.append(bad_word(code, f"{prefix}{name}", given[name], legal))
    mode = given["unbounded_mode"]
    if mode is not None and not is_word(mode, UNBOUNDED_MODES):
        found.append(
            bad_word("R13_INVALID_UNBOUNDED_MODE", f"{prefix}unbounded_mode", mode, UNBOUNDED_MODES)
        )
    if given["bucket_sizes"]:
        _buckets(given["bucket_sizes"], f"{prefix}bucket_sizes", found)


def _buckets(sizes: Any, path: str, found: Found) -> None:
    if not isinstance(sizes, list | tuple):
        error(
            found,
            "R5_BUCKET_SIZES_INTEGER",
            path,
            f"Give a list like [1, 7, 30], not {shown(sizes)}.",
        )
        return
    items = sizes
    floats = [index for index, size in enumerate(items) if isinstance(size, float)]
    for index in floats:
        error(
            found,
            "R5_BUCKET_SIZES_INTEGER",
            f"{path}[{index}]",
            f"{shown(items[index])} is no whole number.",
        )
    others = [size for size in items if not isinstance(size, float)]
    if any(type(size) is not int or size <= 0 for size in others):
        error(found, "R5_BUCKET_SIZES_POSITIVE", path, "Bucket sizes are positive whole numbers.")
    elif not floats and any(before >= after for before, after in pairwise(items)):
        error(found, "R6_BUCKET_SIZES_ASCENDING", path, "Bucket sizes must rise, as in [1, 7, 30].")
    if len(items) > BUCKETS_MAX:
        error(
            found,
            "R5_BUCKET_SIZES_TOO_MANY",
            path,
            f"At most {BUCKETS_MAX} buckets, not {len(items)}.",
        )
