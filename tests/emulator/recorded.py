"""The recorded calls as requests to the emulator.

Enters: the file of recorded calls. Leaves: each call's requests, with the ids of the small project
in their addresses. The surprise: a few go to addresses that were handed out (uploads, files of
replays); those have no address of their own and are left to the tests of uploads and replays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.parity.shared import SHARED

FILE = SHARED / "reference" / "endpoints.json"
BASES = {
    "query": "/api/query",
    "export": "/api/2.0",
    "engage": "/api/query/engage",
    "app": "/api/app",
    "web": "",
}
HANDED_OUT = {"signed storage url", "replay CDN (signed url)"}
TODAY = "2025-01-31"
"""What stands for the day of the recording."""
OURS = {"project_id": "12345", "workspace_id": "777", "organization_id": "9"}


@dataclass(frozen=True)
class Recorded:
    """One recorded request."""

    name: str
    method: str
    path: str
    query: dict[str, Any]
    body: Any
    form: bool

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it."""
        sent: dict[str, Any] = {}
        if self.body is not None:
            sent = {"data": self.body} if self.form else {"json": self.body}
        return client.request(self.method, self.path, params=self.query, **sent)


def recorded() -> Iterator[Recorded]:
    """All of them, each kind of request once for each scope that it has."""
    if not FILE.exists():
        return
    for call in json.loads(FILE.read_text("utf-8"))["methods"]:
        for number, request in enumerate(call["requests"]):
            if request["host"] in HANDED_OUT:
                continue
            yield _one(f"{call['method_name']}.{call.get('variant', '')}.{number}", request)


def _one(name: str, request: dict[str, Any]) -> Recorded:
    named = {**request.get("path_params", {}), **OURS}
    template = request["path_template"].replace("{scope}", "projects/{project_id}")
    path = re.sub(r"\{(\w+)\}", lambda m: quote(str(named.get(m[1], "x")), safe=""), template)
    return Recorded(
        name,
        request["http_method"],
        BASES[request["host"]] + path,
        {k: str(v).replace("{today}", TODAY) for k, v in request.get("query_params", {}).items()},
        request.get("body"),
        request.get("body_type") == "form",
    )
