"""A project for tests: events by day, served as Mixpanel's APIs do, and a workspace that asks.

Enters: events by day and faults. Leaves: answers. The surprise: a fault is used up by the request
that it is for, so that the next attempt succeeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import mpnb
from tests.streaming.server import Answer, Asked

Fault = Callable[[bytes], Answer]


def event(day: str, user: int, number: int = 0, **more: Any) -> dict[str, Any]:
    """One event of a day."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() + 3600 * number
    properties = {
        "time": int(moment),
        "distinct_id": f"u{user}",
        "$insert_id": f"{day}-{user}-{number}",
        "plan": "pro" if user % 2 else "free",
    }
    return {"event": "Login" if number % 2 == 0 else "Purchase", "properties": properties | more}


def lines(rows: list[dict[str, Any]]) -> bytes:
    """Rows as the Export API writes them."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@dataclass
class World:
    """What the server knows, and the faults it still has to make."""

    days: dict[str, list[dict[str, Any]]]
    profiles: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    packed: bool = True
    page_size: int = 2
    said: dict[str, Any] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Answer:
        """Answer a request."""
        if asked.path.endswith("/export"):
            return self._export(asked)
        if "/engage" in asked.path:
            return self._engage(asked)
        return Answer(json.dumps(self.said or {"status": "ok", "results": {}}).encode())

    def _export(self, asked: Asked) -> Answer:
        first, last = asked.query["from_date"], asked.query["to_date"]
        body = lines(
            [row for day in sorted(self.days) if first <= day <= last for row in self.days[day]]
        )
        waiting = self.faults.get(first, [])
        if waiting:
            return waiting.pop(0)(body)
        return Answer(body, packed=self.packed)

    def _engage(self, asked: Asked) -> Answer:
        page = asked.json()["page"]
        rows = self.profiles[page * self.page_size : (page + 1) * self.page_size]
        answer = {
            "results": rows,
            "page": page,
            "page_size": self.page_size,
            "session_id": "s",
            "total": len(self.profiles),
            "status": "ok",
        }
        return Answer(json.dumps(answer).encode())


def three_days() -> dict[str, list[dict[str, Any]]]:
    """Three days with four users each."""
    days = ("2025-01-01", "2025-01-02", "2025-01-03")
    return {day: [event(day, u, n) for u in range(4) for n in range(3)] for day in days}


OPENED: list[mpnb.Workspace] = []
"""Workspaces that a test made; its fixture closes them."""


def workspace() -> mpnb.Workspace:
    """A workspace of the project; the environment says where the server is."""
    account = mpnb.ServiceAccount(name="a", region="us", username="u", secret="s")  # type: ignore[arg-type]
    project = mpnb.Project(id="12345", timezone="UTC")
    made = mpnb.Workspace(
        session=mpnb.Session(account=account, project=project), cache=False, on_limit="ignore"
    )
    OPENED.append(made)
    return made


def today() -> str:
    """The day it is in UTC."""
    return date.fromtimestamp(datetime.now(UTC).timestamp()).isoformat()
