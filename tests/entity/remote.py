"""A workspace of a project whose server is a list of answers; what was asked is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from mpnb import Project, ServiceAccount, Session, Workspace, WorkspaceRef

PROJECT = "12345"
VIEW = 777


@dataclass
class Server:
    """Answers in order, as (status, JSON body or None)."""

    answers: list[tuple[int, Any]]
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        status, body = self.answers[len(self.asked)]
        self.asked.append(request)
        if isinstance(body, str):
            return httpx.Response(status, text=body)
        return httpx.Response(status) if body is None else httpx.Response(status, json=body)


def workspace(server: Server, *, pinned: bool = False) -> Workspace:
    account = ServiceAccount(name="test", region="us", username="user", secret="not-a-secret")
    session = Session(
        account=account,
        project=Project(id=PROJECT),
        workspace=WorkspaceRef(id=VIEW) if pinned else None,
    )
    client = httpx.Client(transport=httpx.MockTransport(server))
    return Workspace(session=session, _api_client=client)


def answering(*bodies: Any, pinned: bool = False) -> tuple[Workspace, Server]:
    """A workspace whose server answers with bodies of status 200."""
    server = Server([(200, body) for body in bodies])
    return workspace(server, pinned=pinned), server


def sent(request: httpx.Request) -> dict[str, Any]:
    """A request as data: method, path, query (repeated keys as lists), body."""
    query: dict[str, Any] = {}
    for key, value in parse_qsl(request.url.query.decode(), keep_blank_values=True):
        query[key] = value if key not in query else [*_listed(query[key]), value]
    return {
        "method": request.method,
        "path": request.url.raw_path.decode().partition("?")[0],
        "query": query,
        "body": _body(request),
    }


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _body(request: httpx.Request) -> Any:
    if not request.content:
        return None
    if "form" in request.headers["content-type"]:
        return dict(parse_qsl(request.content.decode(), keep_blank_values=True))
    return json.loads(request.content)
