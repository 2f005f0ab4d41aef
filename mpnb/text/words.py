"""The words of the cell language: how operators are written, and lists of words; nothing enters.

Operators come from the table of the vocabulary (`query/operators.py`). `WORDS` fills the word
terminals of the grammar. The surprise: several rows may share a wire operator (`= "a"` and
`in ("a", "b")` are both "equals"); the printer takes the one that reads back as the same filter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from mpnb.query import words
from mpnb.query.operators import OPERATORS as VOCABULARY
from mpnb.query.operators import Operator as Row

Shape = Literal["value", "list", "range", "relative", "state"]
"""What follows an operator: one value, (a list), a and b, a number and unit, or nothing."""


@dataclass(frozen=True)
class Operator:
    """How one filter operator is written, and the property type that it means by itself."""

    text: str
    wire: str
    shape: Shape
    implied: str
    help: str


_SHAPES: Final[dict[str, Shape]] = {
    "texts": "value",
    "text": "value",
    "number": "value",
    "date": "value",
    "numbers": "range",
    "dates": "range",
    "relative": "relative",
    "nothing": "state",
}
_LISTS: Final = {"=": "in", "!=": "not in"}


def _written(row: Row) -> Iterator[Operator]:
    if row.value not in _SHAPES:
        return
    yield Operator(row.text, row.wire, _SHAPES[row.value], row.property_type, row.help)
    if row.value == "texts":
        yield Operator(_LISTS[row.text], row.wire, "list", row.property_type, row.help)


OPERATORS: Final = tuple(written for row in VOCABULARY.values() for written in _written(row))
"""Every way to write a filter on a property; what else there is uses `operator "…"`."""

BY_TEXT: Final = {row.text: row for row in reversed(OPERATORS)}
"""Text → operator; of two that are written alike (between), the one for numbers."""

DATED: Final[dict[str, str]] = {
    ">=": "was since",
    "<": "was before",
    "between": "was between",
    "not between": "was not between",
}
"""What an operator on numbers means when a date follows."""

TIMES: Final[dict[str, str]] = {
    "at least": "is at least",
    "at most": "is at most",
    "more than": "is greater than",
    "less than": "is less than",
    "exactly": "is equal to",
}
"""How often someone did an event: text → operator of a frequency filter."""

CADENCES: Final[dict[str, str]] = {"daily": "day", "weekly": "week", "monthly": "month"}
"""Retention units: text → unit."""

UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year", "session")

DAYS_IN: Final[dict[str, int]] = {"day": 1, "week": 7, "month": 30}
"""`last 3 weeks` is 21 days, `last 2 months` is 60: a range is a number of days."""

AGGREGATES: Final[dict[str, str]] = {
    "count": "count",
    "extremes": "extremes",
    "summary": "numeric_summary",
    "percentile": "percentile",
}
"""Aggregates over profiles: text → aggregate."""

DIRECTIONS: Final[dict[str, str]] = {"asc": "ascending", "desc": "descending"}


def _of_shape(shape: Shape) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.text for row in OPERATORS if row.shape == shape))


_MATHS = get_args(words.MathType)
_FUNNEL_MATHS = get_args(words.FunnelMathType)
_RETENTION_MATHS = get_args(words.RetentionMathType)

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "MATH": tuple(math for math in _MATHS if math != "percentile"),
    "ANY_MATH": tuple(dict.fromkeys((*_MATHS, *_FUNNEL_MATHS, *_RETENTION_MATHS))),
    "FUNNEL_MATH": _FUNNEL_MATHS,
    "RETENTION_MATH": _RETENTION_MATHS,
    "COHORT_MATH": get_args(words.CohortAggregationType),
    "PER_USER": get_args(words.PerUserAggregation),
    "SEGMENT": get_args(words.SegmentMethod),
    "ORDER": get_args(words.FunnelOrder),
    "REENTRY": get_args(words.FunnelReentryMode),
    "REF_TYPE": get_args(words.MetricRefType),
    "CADENCE": tuple(CADENCES),
    "ALIGNMENT": get_args(words.RetentionAlignment),
    "UNBOUNDED": get_args(words.RetentionUnboundedMode),
    "COUNT_BY": get_args(words.FlowCountType),
    "INSIGHTS_MODE": get_args(words.InsightsMode),
    "FUNNEL_MODE": get_args(words.FunnelMode),
    "RETENTION_MODE": get_args(words.RetentionMode),
    "FLOW_MODE": get_args(words.FlowChartType),
    "AGGREGATE": tuple(AGGREGATES),
    "DIRECTION": tuple(DIRECTIONS),
    "TYPE": get_args(words.FilterPropertyType),
    "QUANTIFIER": get_args(words.FilterQuantifier),
    "CUSTOM_OWNER": ("user",),
    "TIMES": tuple(TIMES),
    "VALUE_OPERATOR": _of_shape("value"),
    "LIST_OPERATOR": _of_shape("list"),
    "RANGE_OPERATOR": _of_shape("range"),
    "RELATIVE_OPERATOR": _of_shape("relative"),
    "STATE_OPERATOR": _of_shape("state"),
    "IN_BUCKETS": ("in buckets of",),
    "IN_COHORT": ("in cohort",),
    "NOT_IN_COHORT": ("not in cohort",),
    "DID_NOT": ("did not",),
    "STEP": ("step",),
    "BOOLEAN": ("true", "false"),
    "NULL": ("null",),
}
"""The words that each word terminal of the grammar stands for."""
