"""Dashboards as Mixpanel stores them, and the words to make and change one.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: a dashboard's page is a layout
(rows and cells) beside its contents, and both are kept as the server sends them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from mpnb.entity.model import Params, Record


class Dashboard(Record):
    """A dashboard: its name, who may do what with it, and its page."""

    id: int
    title: str
    description: str | None = None
    is_private: bool = False
    is_restricted: bool = False
    creator_id: int | None = None
    creator_name: str | None = None
    creator_email: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    is_favorited: bool = False
    pinned_date: str | None = None
    layout_version: Any | None = None
    unique_view_count: int | None = None
    total_view_count: int | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
    filters: list[Any] | None = None
    breakdowns: list[Any] | None = None
    time_filter: Any | None = None
    generation_type: str | None = None
    parent_dashboard_id: int | None = None
    child_dashboards: list[Any] | None = None
    can_update_basic: bool = False
    can_share: bool = False
    can_view: bool = False
    can_update_restricted: bool = False
    can_update_visibility: bool = False
    is_superadmin: bool = False
    allow_staff_override: bool = False
    can_pin: bool = False
    is_shared_with_project: bool = False
    creator: str | None = None
    ancestors: list[Any] = Field(default_factory=list)
    layout: Any | None = None
    contents: Any | None = None
    num_active_public_links: int | None = None
    new_content: Any | None = None
    template_type: str | None = None


class DashboardRowContent(Params):
    """One cell of a row: a text card or a report."""

    content_type: Literal["text", "report"]
    content_params: dict[str, Any]
    """A text's ``markdown``, or a report's ``bookmark`` or ``source_bookmark_id``."""


class DashboardRow(Params):
    """Cells that stand side by side."""

    contents: list[DashboardRowContent]


class CreateDashboardParams(Params):
    """What a new dashboard needs."""

    title: str
    description: str | None = None
    is_private: bool | None = None
    is_restricted: bool | None = None
    filters: list[Any] | None = None
    breakdowns: list[Any] | None = None
    time_filter: Any | None = None
    duplicate: int | None = None
    """Id of the dashboard to copy."""
    rows: list[DashboardRow] | None = None


class UpdateDashboardParams(Params):
    """What of a dashboard is to change; parts left out stay as they are."""

    title: str | None = None
    description: str | None = None
    is_private: bool | None = None
    is_restricted: bool | None = None
    filters: list[Any] | None = None
    breakdowns: list[Any] | None = None
    time_filter: Any | None = None
    layout: Any | None = None
    content: Any | None = None


class BlueprintTemplate(Record):
    """A template that dashboards are made from; its extra field `name` says its type."""

    title_key: str
    description_key: str
    alternative_description_key: str | None = None
    number_of_reports: int | None = None


class BlueprintConfig(Record):
    """What a template asks for: variable → the event or property that fills it."""

    variables: dict[str, str]


class BlueprintCard(Params):
    """A card of a dashboard that is made from a template."""

    model_config = ConfigDict(extra="allow")

    card_type: str = Field(validation_alias="type", serialization_alias="type")
    text_card_id: int | None = None
    bookmark_id: int | None = None
    markdown: str | None = None
    name: str | None = None
    params: dict[str, Any] | None = None


class BlueprintFinishParams(Params):
    """Which cards a dashboard made from a template ends up with."""

    dashboard_id: int
    cards: list[BlueprintCard]


class RcaSourceData(Params):
    """What a root cause analysis starts from."""

    model_config = ConfigDict(extra="allow")

    source_type: str = Field(validation_alias="type", serialization_alias="type")
    date: str | None = None
    metric_source: bool | None = None


class CreateRcaDashboardParams(Params):
    """What a dashboard of a root cause analysis needs."""

    rca_source_id: int
    rca_source_data: RcaSourceData


class UpdateReportLinkParams(Params):
    """How a report stands on a dashboard."""

    model_config = ConfigDict(extra="allow")

    link_type: str = Field(validation_alias="type", serialization_alias="type")


class UpdateTextCardParams(Params):
    """What a text card says."""

    model_config = ConfigDict(extra="allow")

    markdown: str | None = None
