"""Saved reports of Mixpanel; the facade (`mpnb.reports`) adds rules, and local reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import delete, get, patch, post
from mpnb.entity.dashboards import Dashboards
from mpnb.entity.report_line import BookmarkType
from mpnb.errors import MixpanelHeadlessError, ParamValidationError
from mpnb.params.storable import require_storable
from mpnb.query.checked import checked

if TYPE_CHECKING:
    from mpnb.entity.bookmark import (
        Bookmark,
        BookmarkHistoryResponse,
        BulkUpdateBookmarkEntry,
        CreateBookmarkParams,
        UpdateBookmarkParams,
    )

V2 = {"v": 2}
"""The version of stored params that everything here reads and writes."""


class Bookmarks(Dashboards, models=("mpnb.entity.bookmark",)):
    """Saved reports of a project; each stands on a dashboard."""

    @get("bookmarks", query=V2, names={"bookmark_type": "type"})
    def list_bookmarks_v2(
        self, *, bookmark_type: BookmarkType | None = None, ids: list[int] | None = None
    ) -> list[Bookmark]:
        """The saved reports, whole; of one type, or those with the given ids, when asked."""
        ...

    @checked
    def create_bookmark(self, params: CreateBookmarkParams) -> Bookmark:
        """Keep a new report, and put it on its dashboard with a second call.

        Raises:
            BookmarkValidationError: the params are none that Mixpanel could show; all findings.
            ParamValidationError: `dashboard_id` is missing.
        """
        require_storable(params.params, params.bookmark_type)
        if params.dashboard_id is None:
            raise ParamValidationError(
                "A report of Mixpanel stands on a dashboard: give dashboard_id "
                "(list_dashboards() shows them, create_dashboard(…) makes one).",
                "DASHBOARD_REQUIRED",
            )
        made = self._create_bookmark(params)
        try:
            self.add_report_to_dashboard(params.dashboard_id, made.id)
        except MixpanelHeadlessError as problem:
            problem.add_note(f"Report {made.id} is saved, but not on the dashboard.")
            raise
        return made

    @post("bookmarks", body=V2)
    def _create_bookmark(self, params: CreateBookmarkParams) -> Bookmark:
        """Keep a new report, on no dashboard yet."""
        ...

    @get("bookmarks/{bookmark_id}", query=V2)
    def get_bookmark(self, bookmark_id: int) -> Bookmark:
        """One saved report by its id."""
        ...

    @patch("bookmarks/{bookmark_id}", body=V2)
    def update_bookmark(self, bookmark_id: int, params: UpdateBookmarkParams) -> Bookmark:
        """Change the parts of a report that are given."""
        ...

    @delete("bookmarks/{bookmark_id}", destroys=True)
    def delete_bookmark(self, bookmark_id: int, *, confirm: bool = False) -> None:
        """Delete a report for good."""
        ...

    @post("bookmarks/bulk-delete", names={"ids": "bookmark_ids"}, destroys=True)
    def bulk_delete_bookmarks(self, ids: list[int], *, confirm: bool = False) -> None:
        """Delete reports for good."""
        ...

    @post("bookmarks/bulk-update", names={"entries": "bookmarks"})
    def bulk_update_bookmarks(self, entries: list[BulkUpdateBookmarkEntry]) -> None:
        """Change several reports at once."""
        ...

    @get("bookmarks/{bookmark_id}/linked-dashboard-ids")
    def bookmark_linked_dashboard_ids(self, bookmark_id: int) -> list[int]:
        """Ids of the dashboards that show a report."""
        ...

    @get("bookmarks/{bookmark_id}/history")
    def get_bookmark_history(
        self, bookmark_id: int, *, cursor: str | None = None, page_size: int | None = None
    ) -> BookmarkHistoryResponse:
        """One page of what was changed in a report.

        Args:
            bookmark_id: the report.
            cursor: `pagination.next_cursor` of the page before, to go on.
            page_size: changes on a page.
        """
        ...
