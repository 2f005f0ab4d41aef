"""Anomalies of the volume of data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, get, patch

if TYPE_CHECKING:
    from mpnb.entity.anomaly import (
        BulkUpdateAnomalyParams,
        DataVolumeAnomaly,
        UpdateAnomalyParams,
    )


class Anomalies(Entity, models=("mpnb.entity.anomaly",)):
    """Days on which something came more or less often than expected."""

    @get("data-definitions/data-volume-anomalies/", whole="query_params", envelope="anomalies")
    def list_data_volume_anomalies(
        self, *, query_params: dict[str, Any] | None = None
    ) -> list[DataVolumeAnomaly]:
        """The anomalies.

        Args:
            query_params: which ones, as the server names it: ``{"status": "open", "limit": 10}``.
        """
        ...

    @patch("data-definitions/data-volume-anomalies/")
    def update_anomaly(self, params: UpdateAnomalyParams) -> dict[str, Any]:
        """Change the status of an anomaly."""
        ...

    @patch("data-definitions/data-volume-anomalies/bulk/")
    def bulk_update_anomalies(self, params: BulkUpdateAnomalyParams) -> dict[str, Any]:
        """Change the status of many anomalies in one call."""
        ...
