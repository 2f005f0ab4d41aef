"""Reports as Mixpanel stores them, and the words to create and change one.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: Mixpanel's API says *bookmark*
where its pages say *report*; models keep the API's word, people read the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from mpnb.entity.model import Params, Record

BookmarkTypeLiteral = Literal[
    "insights", "funnels", "retention", "flows", "launch-analysis", "user", "users"
]
"""What can be stored; ``"users"`` is for local reports, Mixpanel has no such report."""


class BookmarkMetadata(Record):
    """Settings of a report's display that stand beside its params."""

    table_display_mode: str | None = None
    """How its table is laid out, in a word of the API."""
    compare_enabled: bool | None = None
    """Whether another period or segment stands beside it."""
    compare_filters: list[Any] | None = None
    """What it is compared by, as Mixpanel stores it."""
    retention_calculation_type: str | None = None
    """How a retention is counted, in a word of the API."""
    event_name: str | None = None
    funnel_conversion_window: int | None = None
    """Days that a funnel may take."""
    funnel_breakdown_limit: int | None = None
    """Segments that a funnel shows at most."""


class Bookmark(Record):
    """A saved report; fields that the server adds and we do not know are kept."""

    id: int
    project_id: int | None = None
    name: str
    bookmark_type: str = Field(alias="type")
    description: str | None = None
    icon: str | None = None
    params: dict[str, Any] | None = None
    dashboard_id: int | None = None
    include_in_dashboard: bool | None = None
    """Whether it stands on a dashboard."""
    is_default: bool | None = None
    creator_id: int | None = None
    creator_name: str | None = None
    creator_email: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
    metadata: BookmarkMetadata | None = None
    """Settings of its display."""
    is_visibility_restricted: bool | None = None
    is_modification_restricted: bool | None = None
    can_update_basic: bool | None = None
    can_view: bool | None = None
    can_share: bool | None = None
    generation_type: str | None = None
    original_type: str | None = None
    """Its type before it was made into another one."""
    unique_view_count: int | None = None
    total_view_count: int | None = None


class CreateBookmarkParams(Params):
    """What a new report needs."""

    name: str
    bookmark_type: BookmarkTypeLiteral = Field(validation_alias="type", serialization_alias="type")
    params: dict[str, Any]
    description: str | None = None
    icon: str | None = None
    dashboard_id: int | None = None
    is_visibility_restricted: bool | None = None
    is_modification_restricted: bool | None = None


class UpdateBookmarkParams(Params):
    """What of a report is to change; parts left out stay as they are."""

    name: str | None = None
    params: dict[str, Any] | None = None
    description: str | None = None
    icon: str | None = None
    dashboard_id: int | None = None
    is_visibility_restricted: bool | None = None
    is_modification_restricted: bool | None = None
    deleted: bool | None = None
    """Delete it (True), or bring it back."""


class BulkUpdateBookmarkEntry(Params):
    """What of one report is to change, among many."""

    id: int
    name: str | None = None
    params: dict[str, Any] | None = None
    description: str | None = None
    icon: str | None = None
    is_visibility_restricted: bool | None = None
    is_modification_restricted: bool | None = None


class BookmarkHistoryPagination(Record):
    """Where the pages beside this one are."""

    next_cursor: str | None = None
    previous_cursor: str | None = None
    page_size: int = 0


class BookmarkHistoryResponse(Record):
    """A page of a report's history."""

    results: list[Any] = Field(default_factory=list)
    """Changes, as Mixpanel sends them."""
    pagination: BookmarkHistoryPagination | None = None
