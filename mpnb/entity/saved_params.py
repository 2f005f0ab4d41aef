"""The words to save and change metrics and behaviors.

Enters: parts of a question. Leaves: frozen pydantic models. The surprise: the parts are kept as
they are; they become JSON when they are sent (`mpnb.params.saved`), where names are checked too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import ConfigDict, Field, field_validator

from mpnb.entity.model import Params
from mpnb.entity.saved import MetricDisplay, MetricGoal
from mpnb.query.definition import BehaviorDefinition, MetricDefinition

if TYPE_CHECKING:
    AMetric = MetricDefinition
    ABehavior = BehaviorDefinition
else:  # pydantic would take the dataclasses apart; they check themselves when they are made
    AMetric = ABehavior = Any


def _instance(value: Any, kinds: Any) -> Any:
    if value is None or isinstance(value, get_args(kinds)):
        return value
    names = ", ".join(kind.__name__ for kind in get_args(kinds))
    raise ValueError(f"it is a {type(value).__name__}; one of these is needed: {names}")


class _OfMetric(Params):
    model_config = ConfigDict(frozen=True)

    @field_validator("definition", mode="plain", check_fields=False)
    @classmethod
    def _is_metric(cls, value: Any) -> Any:
        return _instance(value, MetricDefinition)


class _OfBehavior(Params):
    model_config = ConfigDict(frozen=True)

    @field_validator("behavior", mode="plain", check_fields=False)
    @classmethod
    def _is_behavior(cls, value: Any) -> Any:
        return _instance(value, BehaviorDefinition)


class CreateMetricParams(_OfMetric):
    """What a new saved metric needs."""

    name: str
    definition: AMetric
    description: str | None = None
    display: MetricDisplay | None = None
    goals: list[MetricGoal] | None = None
    owned_by: int | None = None
    """Id of the user who owns it."""
    verified: bool | None = None


class UpdateMetricParams(_OfMetric):
    """What of a saved metric is to change; parts left out stay as they are."""

    name: str | None = None
    description: str | None = None
    definition: AMetric | None = None
    display: MetricDisplay | None = None
    goals: list[MetricGoal] | None = None
    owned_by: int | None = None
    verified: bool | None = None


class BulkUpdateMetricEntry(_OfMetric):
    """What of one saved metric is to change, among many."""

    id: int = Field(gt=0)
    name: str | None = None
    description: str | None = None
    definition: AMetric | None = None
    owned_by: int | None = None
    verified: bool | None = None


class CreateBehaviorParams(_OfBehavior):
    """What a new saved behavior needs."""

    name: str
    behavior: ABehavior
    description: str | None = None


class UpdateBehaviorParams(_OfBehavior):
    """What of a saved behavior is to change; parts left out stay as they are."""

    name: str | None = None
    description: str | None = None
    behavior: ABehavior | None = None
    verified: bool | None = None
