"""Dashboards, their cards, and the templates they are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpnb.entity.base import Entity, delete, get, patch, post, put

if TYPE_CHECKING:
    from mpnb.entity.dashboard import (
        BlueprintConfig,
        BlueprintFinishParams,
        BlueprintTemplate,
        CreateDashboardParams,
        CreateRcaDashboardParams,
        Dashboard,
        UpdateDashboardParams,
        UpdateReportLinkParams,
        UpdateTextCardParams,
    )


class Dashboards(Entity, models=("mpnb.entity.dashboard",)):
    """Dashboards of a project."""

    @get("dashboards")
    def list_dashboards(self, *, ids: list[int] | None = None) -> list[Dashboard]:
        """The dashboards, or those with the given ids."""
        ...

    @post("dashboards")
    def create_dashboard(self, params: CreateDashboardParams) -> Dashboard:
        """Make a dashboard, empty, with rows, or as a copy."""
        ...

    @get("dashboards/{dashboard_id}")
    def get_dashboard(self, dashboard_id: int) -> Dashboard:
        """One dashboard by its id, with layout and contents."""
        ...

    @patch("dashboards/{dashboard_id}")
    def update_dashboard(self, dashboard_id: int, params: UpdateDashboardParams) -> Dashboard:
        """Change the parts of a dashboard that are given."""
        ...

    @delete("dashboards/{dashboard_id}", destroys=True)
    def delete_dashboard(self, dashboard_id: int, *, confirm: bool = False) -> None:
        """Delete a dashboard for good."""
        ...

    @post("dashboards/bulk-delete", names={"ids": "dashboard_ids"}, destroys=True)
    def bulk_delete_dashboards(self, ids: list[int], *, confirm: bool = False) -> None:
        """Delete dashboards for good."""
        ...

    @post("dashboards/{dashboard_id}/favorites")
    def favorite_dashboard(self, dashboard_id: int) -> None:
        """Mark a dashboard as a favourite."""
        ...

    @delete("dashboards/{dashboard_id}/favorites")
    def unfavorite_dashboard(self, dashboard_id: int) -> None:
        """Take back that a dashboard is a favourite."""
        ...

    @post("dashboards/{dashboard_id}/pin")
    def pin_dashboard(self, dashboard_id: int) -> None:
        """Pin a dashboard for everybody."""
        ...

    @delete("dashboards/{dashboard_id}/pin")
    def unpin_dashboard(self, dashboard_id: int) -> None:
        """Take a dashboard off the pins."""
        ...

    def add_report_to_dashboard(self, dashboard_id: int, bookmark_id: int) -> Dashboard:
        """Put a report on a dashboard.

        Args:
            dashboard_id: the dashboard.
            bookmark_id: the report, which stays where else it is.
        """
        added = {"source_bookmark_id": bookmark_id}
        return self._change_dashboard_content(
            dashboard_id, {"action": "create", "content_type": "report", "content_params": added}
        )

    def remove_report_from_dashboard(self, dashboard_id: int, bookmark_id: int) -> Dashboard:
        """Take a report off a dashboard; the report itself stays."""
        return self._change_dashboard_content(
            dashboard_id,
            {"action": "delete", "content_type": "report", "content_id": bookmark_id},
        )

    @patch("dashboards/{dashboard_id}")
    def _change_dashboard_content(self, dashboard_id: int, content: dict[str, Any]) -> Dashboard:
        """Add or remove one card."""
        ...

    @get("dashboards/blueprints-all", envelope="templates")
    def list_blueprint_templates(self, *, include_reports: bool = False) -> list[BlueprintTemplate]:
        """The templates that dashboards are made from, with their reports when asked."""
        ...

    @post("dashboards/blueprints")
    def create_blueprint(self, template_type: str) -> Dashboard:
        """Make a dashboard from a template; `finalize_blueprint` settles its cards."""
        ...

    @get("dashboards/{dashboard_id}/blueprint-config")
    def get_blueprint_config(self, dashboard_id: int) -> BlueprintConfig:
        """What the template of a dashboard asks for."""
        ...

    @put("dashboards/blueprints/cohorts")
    def update_blueprint_cohorts(self, cohorts: list[dict[str, Any]]) -> None:
        """Set the cohorts that templates compare."""
        ...

    @post("dashboards/blueprints/finish")
    def finalize_blueprint(self, params: BlueprintFinishParams) -> Dashboard:
        """Settle the cards of a dashboard that was made from a template."""
        ...

    @post("dashboards/rca")
    def create_rca_dashboard(self, params: CreateRcaDashboardParams) -> Dashboard:
        """Make a dashboard that looks for the cause of a change."""
        ...

    @get("dashboards/bookmarks/{bookmark_id}/dashboard-ids")
    def get_bookmark_dashboard_ids(self, bookmark_id: int) -> list[int]:
        """Ids of the dashboards that a report stands on."""
        ...

    @get("dashboards/{dashboard_id}/erf")
    def get_dashboard_erf(self, dashboard_id: int) -> dict[str, Any]:
        """The metrics of a dashboard in the experiment framework's form, as the server sends it."""
        ...

    @patch("dashboards/{dashboard_id}/report-links/{report_link_id}")
    def update_report_link(
        self, dashboard_id: int, report_link_id: int, params: UpdateReportLinkParams
    ) -> None:
        """Change how a report stands on a dashboard."""
        ...

    @patch("dashboards/{dashboard_id}/text-cards/{text_card_id}")
    def update_text_card(
        self, dashboard_id: int, text_card_id: int, params: UpdateTextCardParams
    ) -> None:
        """Change what a text card says."""
        ...
