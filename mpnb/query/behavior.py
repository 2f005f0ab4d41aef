"""Behaviors: funnels, retentions and event sets as the subject of a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpnb.query.step import (
    CustomEventRef,
    Exclusion,
    FunnelStep,
    HoldingConstant,
    RetentionEvent,
)
from mpnb.query.words import (
    BehaviorRefType,
    ConversionWindowUnit,
    FunnelOrder,
    FunnelReentryMode,
    RetentionAlignment,
    RetentionUnboundedMode,
    TimeUnit,
)


@dataclass(frozen=True)
class BehaviorRef:
    """A behavior that is saved in the project, by id."""

    id: int
    type: BehaviorRefType


@dataclass(frozen=True)
class SimpleBehavior:
    """Several events counted as one."""

    events: Sequence[str | CustomEventRef | FunnelStep]
    name: str | None = None


@dataclass(frozen=True)
class FunnelBehavior:
    """A funnel inside an insights metric."""

    steps: Sequence[str | FunnelStep]
    conversion_window: int = 14
    conversion_window_unit: ConversionWindowUnit = "day"
    order: FunnelOrder = "loose"
    exclusions: Sequence[str | Exclusion] | None = None
    holding_constant: str | HoldingConstant | Sequence[str | HoldingConstant] | None = None
    reentry_mode: FunnelReentryMode | None = None


@dataclass(frozen=True)
class RetentionBehavior:
    """A retention inside an insights metric."""

    born_event: str | RetentionEvent
    return_event: str | RetentionEvent
    retention_unit: TimeUnit = "week"
    alignment: RetentionAlignment = "birth"
    bucket_sizes: Sequence[int] | None = None
    unbounded_mode: RetentionUnboundedMode | None = None
