"""Addresses that Mixpanel tells when something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import Entity, delete, get, patch, post

if TYPE_CHECKING:
    from mpnb.entity.webhook import (
        CreateWebhookParams,
        ProjectWebhook,
        UpdateWebhookParams,
        WebhookMutationResult,
        WebhookTestParams,
        WebhookTestResult,
    )


class Webhooks(Entity, models=("mpnb.entity.webhook",)):
    """Webhooks of a project."""

    @get("webhooks/")
    def list_webhooks(self) -> list[ProjectWebhook]:
        """The webhooks of the project."""
        ...

    @post("webhooks/")
    def create_webhook(self, params: CreateWebhookParams) -> WebhookMutationResult:
        """Make a webhook."""
        ...

    @patch("webhooks/{webhook_id}/")
    def update_webhook(self, webhook_id: str, params: UpdateWebhookParams) -> WebhookMutationResult:
        """Change the parts of a webhook that are given."""
        ...

    @delete("webhooks/{webhook_id}/", destroys=True)
    def delete_webhook(self, webhook_id: str, *, confirm: bool = False) -> None:
        """Delete a webhook for good."""
        ...

    @post("webhooks/test/")
    def test_webhook(self, params: WebhookTestParams) -> WebhookTestResult:
        """Send a test message to an address."""
        ...
