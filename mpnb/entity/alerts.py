"""Alerts on reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, patch, post

if TYPE_CHECKING:
    from mpnb.entity.alert import (
        AlertCount,
        AlertHistoryResponse,
        AlertScreenshotResponse,
        CreateAlertParams,
        CustomAlert,
        UpdateAlertParams,
        ValidateAlertsForBookmarkParams,
        ValidateAlertsForBookmarkResponse,
    )


class Alerts(Entity, models=("mpnb.entity.alert",)):
    """Alerts of a project."""

    @get("alerts/custom/")
    def list_alerts(
        self, *, bookmark_id: int | None = None, skip_user_filter: bool | None = None
    ) -> list[CustomAlert]:
        """The alerts.

        Args:
            bookmark_id: only those on this report.
            skip_user_filter: those of everybody, not only your own.
        """
        ...

    @post("alerts/custom/")
    def create_alert(self, params: CreateAlertParams) -> CustomAlert:
        """Make an alert on a report."""
        ...

    @get("alerts/custom/{alert_id}/")
    def get_alert(self, alert_id: int) -> CustomAlert:
        """One alert by its id."""
        ...

    @patch("alerts/custom/{alert_id}/")
    def update_alert(self, alert_id: int, params: UpdateAlertParams) -> CustomAlert:
        """Change the parts of an alert that are given."""
        ...

    @delete("alerts/custom/{alert_id}/", destroys=True)
    def delete_alert(self, alert_id: int, *, confirm: bool = False) -> None:
        """Delete an alert for good."""
        ...

    @post("alerts/custom/bulk-delete/", names={"ids": "alert_ids"}, destroys=True)
    def bulk_delete_alerts(self, ids: list[int], *, confirm: bool = False) -> None:
        """Delete alerts for good."""
        ...

    @get("alerts/custom/alert-count/", names={"alert_type": "type"})
    def get_alert_count(self, *, alert_type: str | None = None) -> AlertCount:
        """How many alerts there may be, and are; of one type when asked."""
        ...

    @get("alerts/custom/{alert_id}/history/")
    def get_alert_history(
        self,
        alert_id: int,
        *,
        page_size: int | None = None,
        next_cursor: str | None = None,
        previous_cursor: str | None = None,
    ) -> AlertHistoryResponse:
        """One page of when an alert fired.

        Args:
            alert_id: the alert.
            page_size: rows on a page.
            next_cursor: from the page before, to go on.
            previous_cursor: from the page after, to go back.
        """
        ...

    @post("alerts/custom/test/")
    def test_alert(self, params: CreateAlertParams) -> dict[str, Any]:
        """Send an alert's messages once, to see what they look like."""
        ...

    @get("alerts/custom/screenshot/")
    def get_alert_screenshot_url(self, gcs_key: str) -> AlertScreenshotResponse:
        """Where the picture of an alert can be fetched; the key stands in its history."""
        ...

    @post("alerts/custom/validate-alerts-for-bookmark/", reads=True)
    def validate_alerts_for_bookmark(
        self, params: ValidateAlertsForBookmarkParams
    ) -> ValidateAlertsForBookmarkResponse:
        """Which alerts would still fit a report with other params."""
        ...
