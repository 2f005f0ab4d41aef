"""Keep a question as a report of Mixpanel, on a dashboard.

Enters: params and a name. Leaves: the report. The surprise: a report is only ever replaced on the
dashboard it was saved on, so that a colleague's report of the same name stays as it is.
"""

from __future__ import annotations

from typing import Any, cast

from mpnb.entity.bookmark import (
    Bookmark,
    BookmarkTypeLiteral,
    CreateBookmarkParams,
    UpdateBookmarkParams,
)
from mpnb.entity.bookmarks import Bookmarks
from mpnb.entity.dashboard import CreateDashboardParams
from mpnb.entity.report_line import BookmarkType
from mpnb.params.storable import require_storable

SHARED_DASHBOARD = "Saved from notebooks"


def keep(
    ws: Bookmarks,
    name: str,
    bookmark_type: str,
    params: dict[str, Any],
    description: str | None,
    replace: bool,
    dashboard_id: int | None,
) -> Bookmark:
    """Keep params under a name; see `Reports.save`."""
    require_storable(params, bookmark_type)
    home = dashboard_id or _shared_dashboard(ws)
    kind = cast(BookmarkType, bookmark_type)
    listed = ws.list_bookmarks_v2(bookmark_type=kind) if replace else []
    same = [report for report in listed if (report.name, report.dashboard_id) == (name, home)]
    if same:
        change = UpdateBookmarkParams(params=params, description=description)
        return ws.update_bookmark(same[-1].id, change)
    return ws.create_bookmark(
        CreateBookmarkParams(
            name=name,
            bookmark_type=cast(BookmarkTypeLiteral, bookmark_type),
            params=params,
            description=description,
            dashboard_id=home,
        )
    )


def _shared_dashboard(ws: Bookmarks) -> int:
    """The dashboard that reports of notebooks stand on; made when it is not there."""
    for dashboard in ws.list_dashboards():
        if dashboard.title == SHARED_DASHBOARD:
            return dashboard.id
    return ws.create_dashboard(CreateDashboardParams(title=SHARED_DASHBOARD)).id
