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
    """Version of the form of `layout`."""
    unique_view_count: int | None = None
    total_view_count: int | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
    filters: list[Any] | None = None
    """Conditions on all its reports, as Mixpanel stores them."""
    breakdowns: list[Any] | None = None
    time_filter: Any | None = None
    generation_type: str | None = None
    parent_dashboard_id: int | None = None
    """Id of the dashboard that it stands below."""
    child_dashboards: list[Any] | None = None
    """Dashboards that stand below it."""
    can_update_basic: bool = False
    can_share: bool = False
    can_view: bool = False
    can_update_restricted: bool = False
    """Whether you may change what is restricted."""
    can_update_visibility: bool = False
    """Whether you may change who sees it."""
    is_superadmin: bool = False
    """Whether you may do everything."""
    allow_staff_override: bool = False
    """Whether staff may override its settings."""
    can_pin: bool = False
    """Whether you may pin it."""
    is_shared_with_project: bool = False
    """Whether everybody in the project may see it."""
    creator: str | None = None
    """Who made it, in one text."""
    ancestors: list[Any] = Field(default_factory=list)
    """Dashboards that it stands below, all the way up."""
    layout: Any | None = None
    contents: Any | None = None
    """What its cells hold, as Mixpanel stores it."""
    num_active_public_links: int | None = None
    """Links by which anybody may see it."""
    new_content: Any | None = None
    """New content, as Mixpanel sends it."""
    template_type: str | None = None
    """Template that it was made from."""


class DashboardRowContent(Params):
    """One cell of a row: a text card or a report."""

    content_type: Literal["text", "report"]
    """What stands in the cell."""
    content_params: dict[str, Any]
    """A text's ``markdown``, or a report's ``bookmark`` or ``source_bookmark_id``."""


class DashboardRow(Params):
    """Cells that stand side by side."""

    contents: list[DashboardRowContent]
    """One to four cells, from left to right."""


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
    """What stands on it from the start, row by row."""


class UpdateDashboardParams(Params):
    """What of a dashboard is to change; parts left out stay as they are."""

    title: str | None = None
    description: str | None = None
    is_private: bool | None = None
    is_restricted: bool | None = None
    filters: list[Any] | None = None
    """Conditions on all its reports, as Mixpanel stores them."""
    breakdowns: list[Any] | None = None
    time_filter: Any | None = None
    layout: Any | None = None
    content: Any | None = None
    """One change of what stands on it: an object with ``action``, ``content_type`` and so on."""


class BlueprintTemplate(Record):
    """A template that dashboards are made from; its extra field `name` says its type."""

    title_key: str
    """Name of the text that is its title."""
    description_key: str
    """Name of the text that says what it is for."""
    alternative_description_key: str | None = None
    """Name of another such text."""
    number_of_reports: int | None = None
    """Reports that it makes."""


class BlueprintConfig(Record):
    """What a template asks for: variable → the event or property that fills it."""

    variables: dict[str, str]
    """Variable → name of the event or property."""


class BlueprintCard(Params):
    """A card of a dashboard that is made from a template."""

    model_config = ConfigDict(extra="allow")

    card_type: str = Field(validation_alias="type", serialization_alias="type")
    """What is on the card, in a word of the API."""
    text_card_id: int | None = None
    bookmark_id: int | None = None
    markdown: str | None = None
    name: str | None = None
    params: dict[str, Any] | None = None
    """Settings of the card."""


class BlueprintFinishParams(Params):
    """Which cards a dashboard made from a template ends up with."""

    dashboard_id: int
    cards: list[BlueprintCard]
    """All cards that the dashboard is to have."""


class RcaSourceData(Params):
    """What a root cause analysis starts from."""

    model_config = ConfigDict(extra="allow")

    source_type: str = Field(validation_alias="type", serialization_alias="type")
    """What it is, such as ``"anomaly"`` or ``"metric"``."""
    date: str | None = None
    """Day that it is about."""
    metric_source: bool | None = None
    """Whether it comes from a metric."""


class CreateRcaDashboardParams(Params):
    """What a dashboard of a root cause analysis needs."""

    rca_source_id: int
    """Id of what is to be explained, such as an anomaly."""
    rca_source_data: RcaSourceData
    """What is known of it."""


class UpdateReportLinkParams(Params):
    """How a report stands on a dashboard."""

    model_config = ConfigDict(extra="allow")

    link_type: str = Field(validation_alias="type", serialization_alias="type")
    """How it stands there, in a word of the API."""


class UpdateTextCardParams(Params):
    """What a text card says."""

    model_config = ConfigDict(extra="allow")

    markdown: str | None = None
