"""Saved metrics and behaviors as the server returns them.

Enter JSON objects of the server, leave frozen models. The surprise: a saved metric becomes part of
a question through `to_ref`, which checks changes against the saved definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from mpnb.errors import ParamValidationError
from mpnb.query.behavior import BehaviorRef
from mpnb.query.custom import PropertySpec
from mpnb.query.definition import RawMetricDefinition, behavior_type
from mpnb.query.metric import MetricRef
from mpnb.query.words import (
    BehaviorRefType,
    FunnelMathType,
    FunnelOrder,
    MathType,
    MetricRefType,
    PerUserAggregation,
    RetentionMathType,
    SegmentMethod,
)


class CohortCreator(BaseModel):
    """A person who made or owns something."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int | None = None
    name: str | None = None
    email: str | None = None


class MetricDisplay(BaseModel):
    """How a saved metric is shown."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    prefix: str | None = None
    """Text before the number."""
    suffix: str | None = None
    """Text after the number."""
    precision: int | None = None
    """Digits after the point."""
    abbrev: bool | None = None
    """Whether large numbers are shortened."""
    direction: str | None = None
    """Which way is better, in a word of the API."""
    axis: str | None = None
    """Axis that it is drawn on."""
    trendline: bool | None = None
    """Whether a trend is drawn."""
    hide_trendline: bool | None = Field(default=None, alias="hideTrendline")
    """Whether the trend is left out."""
    minimum_detectable_effect: float | None = Field(default=None, alias="minimumDetectableEffect")
    """Smallest change that an experiment is to find."""
    one_sided: bool | None = Field(default=None, alias="oneSided")
    """Whether experiments test in one direction only."""
    power: float | None = None
    """Statistical power that experiments aim at, 0 to 1."""


class MetricGoal(BaseModel):
    """A target of a saved metric, with its checkpoints (day, value)."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str | None = None
    label: str
    """What it is called."""
    checkpoints: list[tuple[str | datetime | date, float]] = Field(default_factory=list)
    """Days, each with the number that is to be reached by then."""
    target_type: str = "absolute"
    """How the target is meant, in a word of the API."""
    target_input: float | None = None
    """The target as it was typed."""


class SavedMetric(BaseModel):
    """A metric that is saved in the project."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int
    name: str
    type: str
    description: str = ""
    definition: dict[str, Any]
    created: datetime | None = None
    modified: datetime | None = None
    created_by: CohortCreator | None = None
    owned_by: CohortCreator | None = None
    contacts: list[str] = Field(default_factory=list)
    """Mail addresses of the people to ask about it."""
    verified: bool = False
    last_verified: datetime | None = None
    last_verified_by: CohortCreator | None = None
    warehouse_source_id: int | None = None
    is_visible: bool | None = None
    is_locked: bool | None = None
    can_view: bool | None = None
    can_update_basic: bool | None = None
    can_share: bool | None = None

    @property
    def behavior_type(self) -> str | None:
        """Type of the behavior that is measured, when the definition says it."""
        return behavior_type(self.definition) if "behavior" in self.definition else None

    @property
    def math(self) -> str | None:
        """How the behavior is counted, in the spelling of params."""
        return _text(self._measurement().get("math"))

    @property
    def formula_expression(self) -> str | None:
        """The formula's text, for a saved formula."""
        return _text(self._formula().get("definition"))

    @property
    def referenced_metric_ids(self) -> list[int]:
        """Ids of the saved metrics that a formula is over."""
        operands = self._formula().get("referencedMetrics")
        items = operands if isinstance(operands, list) else []
        ids = [item.get("id") for item in items if isinstance(item, Mapping)]
        return [identifier for identifier in ids if isinstance(identifier, int)]

    @property
    def display(self) -> MetricDisplay | None:
        """How the metric is shown, when that is saved."""
        found = self.definition.get("display")
        return MetricDisplay.model_validate(found) if isinstance(found, Mapping) else None

    @property
    def goals(self) -> list[MetricGoal]:
        """Targets that are saved with the metric."""
        found = self.definition.get("goals")
        return [MetricGoal.model_validate(goal) for goal in found or []]

    def _measurement(self) -> Mapping[str, Any]:
        return _object(self.definition.get("measurement"))

    def _formula(self) -> Mapping[str, Any]:
        return _object(self.definition.get("formula"))

    def to_ref(
        self,
        *,
        label: str | None = None,
        math: MathType | FunnelMathType | RetentionMathType | None = None,
        property: PropertySpec | None = None,
        per_user: PerUserAggregation | None = None,
        percentile_value: int | float | None = None,
        segment_method: SegmentMethod | None = None,
        funnel_order: FunnelOrder | None = None,
        step_index: int | None = None,
        bucket_index: int | None = None,
        hidden: bool | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> MetricRef:
        """Return a reference for a question, with changes to how the metric is shown.

        Raises:
            ParamValidationError: MR1 to MR7, V3, V14, or V26 when the percentile is nowhere said.
        """
        ref = MetricRef(
            self.id,
            type=cast(MetricRefType, self.type),
            label=label,
            math=math,
            property=property,
            per_user=per_user,
            percentile_value=percentile_value,
            segment_method=segment_method,
            funnel_order=funnel_order,
            step_index=step_index,
            bucket_index=bucket_index,
            hidden=hidden,
            overrides=overrides,
        )
        saved = self._measurement().get("percentile")
        if math == "percentile" and percentile_value is None and saved is None:
            raise ParamValidationError(
                "math='percentile' needs percentile_value; the saved metric has none.",
                "V26_PERCENTILE_REQUIRES_VALUE",
            )
        return ref

    def to_raw_definition(self) -> RawMetricDefinition:
        """Return the stored definition, to save it again.

        Raises:
            ParamValidationError: SM4, the definition is empty.
        """
        return RawMetricDefinition(
            cast(MetricRefType, self.type), self.definition, self.warehouse_source_id
        )


class SavedBehavior(BaseModel):
    """A behavior that is saved in the project."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int
    name: str
    type: str
    description: str | None = None
    definition: dict[str, Any]
    created: datetime | None = None
    modified: datetime | None = None
    created_by: CohortCreator | None = None
    verified: bool = False
    last_verified: datetime | None = None
    last_verified_by: CohortCreator | None = None
    is_visible: bool | None = None
    is_locked: bool | None = None
    can_view: bool | None = None
    can_update_basic: bool | None = None
    can_share: bool | None = None

    @property
    def behavior_type(self) -> str | None:
        """Type of the behavior, when the definition says it."""
        return behavior_type(self.definition)

    def to_ref(self) -> BehaviorRef:
        """Return a reference for a question.

        Raises:
            ParamValidationError: BR2, the saved type is none that a question takes.
        """
        return BehaviorRef(self.id, cast(BehaviorRefType, self.type))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
