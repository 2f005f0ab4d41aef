"""Alerts as Mixpanel stores them: a condition on a report, and who is told.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: frequencies are in seconds.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Literal

from pydantic import Field

from mpnb.entity.model import Params, Record


class AlertFrequencyPreset(IntEnum):
    """How often a condition is looked at, in seconds."""

    HOURLY = 3600
    DAILY = 86400
    WEEKLY = 604800


class AlertBookmark(Record):
    """The report that an alert looks at."""

    id: int
    name: str | None = None
    type: str | None = None


class AlertCreator(Record):
    """Who made an alert."""

    id: int
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class AlertWorkspace(Record):
    """The data view of an alert."""

    id: int
    name: str | None = None


class AlertProject(Record):
    """The project of an alert."""

    id: int
    name: str | None = None


class CustomAlert(Record):
    """An alert on a report."""

    id: int
    name: str
    bookmark: AlertBookmark | None = None
    condition: dict[str, Any] = Field(default_factory=dict)
    frequency: int = 0
    """Seconds between two looks."""
    paused: bool = False
    subscriptions: list[dict[str, Any]] = Field(default_factory=list)
    notification_windows: dict[str, Any] | None = None
    creator: AlertCreator | None = None
    workspace: AlertWorkspace | None = None
    project: AlertProject | None = None
    created: str = ""
    modified: str = ""
    last_checked: str | None = None
    """When its condition was last looked at."""
    last_fired: str | None = None
    """When its condition last held."""
    valid: bool = True
    """Whether it still fits its report."""
    results: dict[str, Any] | None = None
    """What it found last, as Mixpanel stores it."""


class CreateAlertParams(Params):
    """What a new alert needs."""

    bookmark_id: int
    name: str = Field(max_length=50)
    condition: dict[str, Any]
    frequency: int
    """Seconds between two looks; `AlertFrequencyPreset` has the usual ones."""
    paused: bool
    subscriptions: list[dict[str, Any]]
    notification_windows: dict[str, Any] | None = None


class UpdateAlertParams(Params):
    """What of an alert is to change; parts left out stay as they are."""

    name: str | None = None
    bookmark_id: int | None = None
    condition: dict[str, Any] | None = None
    frequency: int | None = None
    """Seconds between two looks."""
    paused: bool | None = None
    subscriptions: list[dict[str, Any]] | None = None
    notification_windows: dict[str, Any] | None = None


class AlertCount(Record):
    """How many alerts there may be, and are."""

    anomaly_alerts_count: int
    """Alerts that there are."""
    alert_limit: int
    """Alerts that there may be."""
    is_below_limit: bool
    """Whether there is room for one more."""


class AlertHistoryPagination(Record):
    """Where the pages beside this one are."""

    next_cursor: str | None = None
    previous_cursor: str | None = None
    page_size: int = 20


class AlertHistoryResponse(Record):
    """A page of an alert's history."""

    results: list[dict[str, Any]] = Field(default_factory=list)
    """What the alert did, as Mixpanel sends it."""
    pagination: AlertHistoryPagination | None = None


class AlertScreenshotResponse(Record):
    """Where the picture of an alert can be fetched for a while."""

    signed_url: str
    """Its address, which works without signing in."""


class AlertValidation(Record):
    """Whether an alert still fits its report."""

    alert_id: int
    alert_name: str
    """Name of the alert."""
    valid: bool
    """Whether it still fits."""
    reason: str | None = None
    """Why it does not."""


class ValidateAlertsForBookmarkParams(Params):
    """Which alerts to check against which params of a report."""

    alert_ids: list[int] = Field(min_length=1)
    bookmark_type: Literal["insights", "funnels"]
    bookmark_params: dict[str, Any]
    """Params of the report as they would be."""


class ValidateAlertsForBookmarkResponse(Record):
    """Which alerts would still fit a report."""

    alert_validations: list[AlertValidation] = Field(default_factory=list)
    """One for each alert."""
    invalid_count: int = 0
    """How many would not fit."""
