"""Definitions of metrics and behaviors that are kept as they are stored, and warehouse metrics.

Enter JSON objects or SQL, leave frozen parts. The surprise: none of them can stand in a question;
they are saved first and then asked for by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mpnb.errors import ParamValidationError
from mpnb.query.behavior import FunnelBehavior, RetentionBehavior, SimpleBehavior
from mpnb.query.check import is_word, word_message
from mpnb.query.metric import CohortMetric, Formula, FunnelMetric, Metric, RetentionMetric
from mpnb.query.metric_ref import REF_TYPES
from mpnb.query.words import MetricRefType

WarehouseAggregation = Literal[
    "none", "sum", "count", "average", "min", "max", "median", "last_value"
]
WarehouseSyncInterval = Literal["hourly", "daily", "weekly", "manual"]


@dataclass(frozen=True)
class WarehouseMetric:
    """A metric that a warehouse computes by SQL; saved with `create_metric`, asked for by id."""

    source_id: int
    """Id of the warehouse's connection."""
    sql: str
    """The query."""
    metric_type: Literal["numeric", "timeseries"]
    """One number, or numbers over time."""
    value_column: str | None = None
    """Column of the numbers."""
    time_column: str | None = None
    """Column of the times."""
    aggregation: WarehouseAggregation | None = None
    """How numbers of a period become one."""
    sync_interval: WarehouseSyncInterval | None = None
    """How often it is computed anew."""


@dataclass(frozen=True)
class RawMetricDefinition:
    """The stored definition of a metric, carried as it is.

    Raises:
        ParamValidationError: SM4, the definition has not the shape of its type.
    """

    type: MetricRefType
    definition: Mapping[str, Any]
    warehouse_source_id: int | None = None

    def __post_init__(self) -> None:
        if not is_word(self.type, REF_TYPES):
            raise _schema(word_message("type", self.type, REF_TYPES))
        _require_mapping(self.definition)


@dataclass(frozen=True)
class RawBehaviorDefinition:
    """The stored definition of a behavior, carried as it is.

    Raises:
        ParamValidationError: SM4, the definition is empty or no object.
    """

    definition: Mapping[str, Any]

    def __post_init__(self) -> None:
        _require_mapping(self.definition)

    @property
    def behavior_type(self) -> str | None:
        """Type of the behavior, when the definition says it."""
        return behavior_type(self.definition)


def behavior_type(definition: Mapping[str, Any]) -> str | None:
    """Return the type of behavior that a stored definition holds, or None."""
    behavior = definition.get("behavior", definition)
    found = behavior.get("type") if isinstance(behavior, Mapping) else None
    return found if isinstance(found, str) else None


def _require_mapping(definition: Any) -> None:
    if not isinstance(definition, Mapping) or not definition:
        raise _schema(f"The definition must be an object with content, not {definition!r}.")


def _schema(message: str) -> ParamValidationError:
    return ParamValidationError(message, "SM4_SCHEMA")


MetricDefinition = (
    Metric
    | CohortMetric
    | FunnelMetric
    | RetentionMetric
    | Formula
    | WarehouseMetric
    | RawMetricDefinition
)
BehaviorDefinition = SimpleBehavior | FunnelBehavior | RetentionBehavior | RawBehaviorDefinition
