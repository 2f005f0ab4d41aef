"""References to saved metrics.

Enters an id and changes to how the metric is shown. Leaves a frozen part. The surprise: `label` and
`hidden` may change on every kind of saved metric, everything else only on plain ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mpnb.errors import ParamValidationError
from mpnb.query.check import (
    is_blank,
    is_finite,
    is_word,
    legal_list,
    require_positive_id,
    require_word,
)
from mpnb.query.custom import CustomPropertyRef, InlineCustomProperty, PropertySpec
from mpnb.query.math import (
    ALL_MATHS,
    INSIGHTS_MATHS,
    PER_USER_AGGREGATIONS,
    SEGMENT_METHODS,
    needs,
)
from mpnb.query.part import quick
from mpnb.query.words import (
    FunnelMathType,
    FunnelOrder,
    MathType,
    MetricRefType,
    PerUserAggregation,
    RetentionMathType,
    SegmentMethod,
)

REF_TYPES = ("metric", "formula", "warehouse")
FUNNEL_ORDERS = ("loose", "any")
_FILTER_KEYS = frozenset({"filter", "filters", "filtersDeterminer"})
_ON_METRICS_ONLY = (
    "math",
    "property",
    "per_user",
    "percentile_value",
    "segment_method",
    "funnel_order",
    "step_index",
    "bucket_index",
)


@quick
@dataclass(frozen=True)
class MetricRef:
    """A metric that is saved in the project, by id, with changes to how it is shown.

    Attributes:
        id: its id.
        type: what sort of metric it is.
        label: another name for its line.
        math: another way to count.
        property: another property for the math.
        per_user: another aggregation per user.
        percentile_value: another percentile.
        segment_method: another way to give users to segments.
        funnel_order: another order of its steps.
        step_index: another step, from 0.
        bucket_index: another bucket, from 0.
        hidden: whether its line is left out.
        overrides: other changes, as params JSON.

    Raises:
        ParamValidationError: MR1 to MR7, MT2, V3 or V14, with what to change.
    """

    id: int
    type: MetricRefType = field(default="metric", kw_only=True)
    label: str | None = field(default=None, kw_only=True)
    math: MathType | FunnelMathType | RetentionMathType | None = field(default=None, kw_only=True)
    property: PropertySpec | None = field(default=None, kw_only=True)
    per_user: PerUserAggregation | None = field(default=None, kw_only=True)
    percentile_value: int | float | None = field(default=None, kw_only=True)
    segment_method: SegmentMethod | None = field(default=None, kw_only=True)
    funnel_order: FunnelOrder | None = field(default=None, kw_only=True)
    step_index: int | None = field(default=None, kw_only=True)
    bucket_index: int | None = field(default=None, kw_only=True)
    hidden: bool | None = field(default=None, kw_only=True)
    overrides: Mapping[str, Any] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        require_positive_id(self.id, "MR4_INVALID_ID", "id")
        require_word("MR5_INVALID_TYPE", "type", self.type, REF_TYPES)
        if not self.given():
            return
        if self.segment_method is not None:
            require_word(
                "MT2_INVALID_SEGMENT_METHOD", "segment_method", self.segment_method, SEGMENT_METHODS
            )
        self._check_values()
        self._check_overrides()
        self._check_applicable()
        self._check_measurement()

    def __hash__(self) -> int:
        return hash((self.id, self.type, self.label))

    def given(self) -> set[str]:
        """Return the names of the changes that are asked for."""
        names = ("label", *_ON_METRICS_ONLY, "hidden", "overrides")
        return {name for name in names if getattr(self, name) is not None}

    def _check_overrides(self) -> None:
        if self.overrides is None:
            return
        if not isinstance(self.overrides, Mapping) or not all(
            isinstance(key, str) for key in self.overrides
        ):
            raise _invalid("overrides", self.overrides, "a mapping from text")
        if _holds_filters(self.overrides):
            raise ParamValidationError(
                "The filters of a saved metric cannot be changed; filter the question with where.",
                "MR1_FILTER_OVERRIDE",
            )

    def _check_values(self) -> None:
        for name, is_legal, legal in _CHECKS:
            value = getattr(self, name)
            if value is not None and not is_legal(value):
                raise _invalid(name, value, legal)

    def _check_applicable(self) -> None:
        if self.type == "metric":
            return
        odd = sorted(self.given() & set(_ON_METRICS_ONLY))
        if odd:
            raise ParamValidationError(
                f"A saved {self.type} takes no {', '.join(odd)}; only label and hidden.",
                "MR6_OVERRIDE_NOT_APPLICABLE",
                {"given": odd},
            )

    def _check_measurement(self) -> None:
        if self.math is None:
            return
        row = INSIGHTS_MATHS.get(self.math)
        if row is not None and row.counts_users and self.per_user is not None:
            raise ParamValidationError(
                f"math={self.math!r} counts users, so it takes no per_user.",
                "V3_PER_USER_INCOMPATIBLE",
            )
        if self.property is not None and needs(self.math, INSIGHTS_MATHS) == "refused":
            raise ParamValidationError(
                f"math={self.math!r} takes no property.", "V14_METRIC_REJECTS_PROPERTY"
            )


def _is_property(value: Any) -> bool:
    return not is_blank(value) or isinstance(value, CustomPropertyRef | InlineCustomProperty)


def _is_index(value: Any) -> bool:
    return type(value) is int and value >= 0


_CHECKS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("label", lambda value: not is_blank(value), "text"),
    ("math", lambda value: is_word(value, ALL_MATHS), f"one of {legal_list(sorted(ALL_MATHS))}"),
    ("property", _is_property, "a property's name or a custom property"),
    (
        "per_user",
        lambda value: is_word(value, PER_USER_AGGREGATIONS),
        f"one of {legal_list(PER_USER_AGGREGATIONS)}",
    ),
    ("percentile_value", is_finite, "a number"),
    (
        "funnel_order",
        lambda value: is_word(value, FUNNEL_ORDERS),
        f"one of {legal_list(FUNNEL_ORDERS)}",
    ),
    ("step_index", _is_index, "a whole number, 0 or more"),
    ("bucket_index", _is_index, "a whole number, 0 or more"),
    ("hidden", lambda value: isinstance(value, bool), "True or False"),
)


def _invalid(name: str, value: Any, legal: str) -> ParamValidationError:
    return ParamValidationError(
        f"{name} must be {legal}, not {value!r}.", "MR7_INVALID_OVERRIDE", {"field": name}
    )


def _holds_filters(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(key in _FILTER_KEYS or _holds_filters(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return any(_holds_filters(item) for item in value)
    return False
