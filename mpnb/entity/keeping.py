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
    same = kept_as(ws, name, bookmark_type, home) if replace else None
    if same is not None:
        change = UpdateBookmarkParams(params=params, description=description)
        return ws.update_bookmark(same.id, change)
    return ws.create_bookmark(
        CreateBookmarkParams(
            name=name,
            bookmark_type=cast(BookmarkTypeLiteral, bookmark_type),
            params=params,
            description=description,
            dashboard_id=home,
        )
    )


def kept_as(
    ws: Bookmarks, name: str, bookmark_type: str, dashboard_id: int | None
) -> Bookmark | None:
    """The report that `keep` would replace; nothing is changed by looking."""
    home = dashboard_id or _found_dashboard(ws)
    listed = ws.list_bookmarks_v2(bookmark_type=cast(BookmarkType, bookmark_type)) if home else []
    same = [report for report in listed if (report.name, report.dashboard_id) == (name, home)]
    return same[-1] if same else None


def _shared_dashboard(ws: Bookmarks) -> int:
    """The dashboard that reports of notebooks stand on; made when it is not there."""
    found = _found_dashboard(ws)
    return found or ws.create_dashboard(CreateDashboardParams(title=SHARED_DASHBOARD)).id


def _found_dashboard(ws: Bookmarks) -> int | None:
    titled = (one.id for one in ws.list_dashboards() if one.title == SHARED_DASHBOARD)
    return next(titled, None)
