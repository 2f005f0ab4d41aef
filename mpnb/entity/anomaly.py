"""Days on which an event came more or less often than expected.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: the class of an anomaly must be
told with its id whenever it is changed, because ids are counted per class.
"""

from __future__ import annotations

from typing import Any

from mpnb.entity.model import CamelParams, CamelRecord


class DataVolumeAnomaly(CamelRecord):
    """A day on which something came more or less often than expected."""

    id: int
    timestamp: str | None = None
    actual_count: int
    predicted_upper: int
    predicted_lower: int
    percent_variance: str
    """As it is shown, with its sign of percent."""
    status: str
    """``"open"`` or ``"dismissed"``."""
    project: int
    event: int | None = None
    event_name: str | None = None
    property: int | None = None
    property_name: str | None = None
    metric: int | None = None
    metric_name: str | None = None
    metric_type: str | None = None
    primary_type: str | None = None
    drift_types: dict[str, Any] | None = None
    anomaly_class: str
    """``"Event"``, ``"Property"``, ``"PropertyTypeDrift"`` or ``"Metric"``."""


class UpdateAnomalyParams(CamelParams):
    """The new status of an anomaly."""

    id: int
    status: str
    anomaly_class: str


class BulkAnomalyEntry(CamelParams):
    """One anomaly among many."""

    id: int
    anomaly_class: str


class BulkUpdateAnomalyParams(CamelParams):
    """The new status of many anomalies."""

    anomalies: list[BulkAnomalyEntry]
    status: str
