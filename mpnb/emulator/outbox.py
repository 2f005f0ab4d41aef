"""What would leave for the world: test messages of alerts, test calls of webhooks.

Enters: a request. Leaves: what happened. The surprise: mail goes to an outbox that a test can read
(``/_emulator/outbox``), and a webhook is really called, but on this machine only.
"""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import orjson

from mpnb.emulator.entities import Entities
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project

Keys = tuple[str, ...]
KEPT = "outbox"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
TIMEOUT_S = 5.0


class Outbox:
    """Sends, or keeps what would be sent."""

    def __init__(self, project: Project, entities: Entities) -> None:
        self._project, self._entities = project, entities

    def answers(self) -> dict[tuple[str, str], Callable[[Request, Keys], Any]]:
        """Method and address below the scope → what answers."""
        return {
            ("POST", "alerts/custom/test"): self._alert,
            ("GET", "alerts/custom/screenshot"): self._screenshot,
            ("POST", "webhooks/test"): self._webhook,
        }

    def messages(self) -> list[Any]:
        """What would have been sent, oldest first."""
        found: list[Any] = self._entities.value(KEPT, [])
        return found

    def _alert(self, request: Request, keys: Keys) -> dict[str, Any]:
        """The message of an alert; its report must be there."""
        sent, number = request.fields, request.need("bookmark_id")
        if self._entities.find("bookmarks", str(number)) is None:
            raise Refusal(404, f"There is no bookmarks {number} in this project.")
        to = [one.get("value") for one in sent.get("subscriptions") or () if isinstance(one, dict)]
        message = {"name": sent.get("name"), "to": to, "bookmark_id": number}
        self._entities.set_value(KEPT, [*self.messages(), message])
        return {"status": "sent"}

    def _screenshot(self, request: Request, keys: Keys) -> Any:
        key = request.need("gcs_key")
        raise Refusal(404, f"There is no picture {key}: the emulator's messages have none.")

    def _webhook(self, request: Request, keys: Keys) -> dict[str, Any]:
        """Call an address of this machine once; what it answers is the result."""
        url = str(request.need("url"))
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK:
            said = "The emulator calls webhooks on this machine only."
            return {"success": False, "status_code": 0, "message": said}
        body = orjson.dumps({"test": True, "project_id": self._project.identity.project_id})
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        link = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
        try:
            target = f"{parts.path or '/'}?{parts.query}".removesuffix("?")
            link.request("POST", target, body, {"Content-Type": "application/json"})
            status = link.getresponse().status
        except (OSError, HTTPException) as problem:
            return {"success": False, "status_code": 0, "message": str(problem)}
        finally:
            link.close()
        good = status < 300
        said = "ok" if good else f"It answered {status}; redirects are not followed."
        return {"success": good, "status_code": status, "message": said}
