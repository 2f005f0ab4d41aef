"""Webhooks as Mixpanel stores them: addresses that are told when something happens.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: the password is sent and never
answered, and no repr shows it.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from mpnb.entity.model import OrOther, Params, Record


class WebhookAuthType(StrEnum):
    """How Mixpanel signs in at a webhook."""

    BASIC = "basic"


class ProjectWebhook(Record):
    """A webhook of the project."""

    id: str
    name: str
    url: str
    is_enabled: bool
    auth_type: OrOther[WebhookAuthType] | None = None
    created: str | None = None
    modified: str | None = None
    creator_id: int | None = None
    creator_name: str | None = None


class CreateWebhookParams(Params):
    """What a new webhook needs."""

    name: str
    url: str
    auth_type: WebhookAuthType | None = None
    username: str | None = None
    password: str | None = Field(default=None, repr=False)


class UpdateWebhookParams(Params):
    """What of a webhook is to change; parts left out stay as they are."""

    name: str | None = None
    url: str | None = None
    auth_type: WebhookAuthType | None = None
    username: str | None = None
    password: str | None = Field(default=None, repr=False)
    is_enabled: bool | None = None


class WebhookTestParams(Params):
    """Where a test message goes."""

    url: str
    name: str | None = None
    auth_type: WebhookAuthType | None = None
    username: str | None = None
    password: str | None = Field(default=None, repr=False)


class WebhookTestResult(Record):
    """What a webhook answered to a test message."""

    success: bool
    """Whether the address took the message."""
    status_code: int
    """HTTP status that it answered with."""
    message: str
    """What happened, in words."""


class WebhookMutationResult(Record):
    """Which webhook was made or changed."""

    id: str
    name: str
