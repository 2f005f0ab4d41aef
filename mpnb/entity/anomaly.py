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
    """When it was found."""
    actual_count: int
    """What was counted."""
    predicted_upper: int
    """The most that was expected."""
    predicted_lower: int
    """The least that was expected."""
    percent_variance: str
    """As it is shown, with its sign of percent."""
    status: str
    """``"open"`` or ``"dismissed"``."""
    project: int
    """Id of the project."""
    event: int | None = None
    """Id of the event, if it is about one."""
    event_name: str | None = None
    property: int | None = None
    """Id of the property, if it is about one."""
    property_name: str | None = None
    metric: int | None = None
    """Id of the saved metric, if it is about one."""
    metric_name: str | None = None
    """Name of the saved metric."""
    metric_type: str | None = None
    """Type of the saved metric."""
    primary_type: str | None = None
    """What kind of anomaly it is mostly."""
    drift_types: dict[str, Any] | None = None
    """How types of values shifted."""
    anomaly_class: str
    """``"Event"``, ``"Property"``, ``"PropertyTypeDrift"`` or ``"Metric"``."""


class UpdateAnomalyParams(CamelParams):
    """The new status of an anomaly."""

    id: int
    status: str
    """``"open"`` or ``"dismissed"``."""
    anomaly_class: str


class BulkAnomalyEntry(CamelParams):
    """One anomaly among many."""

    id: int
    anomaly_class: str


class BulkUpdateAnomalyParams(CamelParams):
    """The new status of many anomalies."""

    anomalies: list[BulkAnomalyEntry]
    """Which ones."""
    status: str
    """``"open"`` or ``"dismissed"``."""
