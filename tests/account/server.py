"""A small Mixpanel over real sockets: OAuth with PKCE, `/me`, data views, and the five APIs."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ME: dict[str, Any] = {
    "user_id": 42,
    "user_email": "a@example.com",
    "user_name": "Ada",
    "organizations": {"9": {"id": 9, "name": "Acme, Inc.", "role": "admin", "permissions": []}},
    "projects": {
        "12345": {"name": "Demo", "organization_id": 9, "timezone": "US/Pacific", "new_key": 1},
    },
    "workspaces": {
        "777": {
            "id": 777,
            "name": "All Project Data",
            "project_id": 12345,
            "is_global": True,
            "member_list": ["somebody@example.com"],
        },
        "778": {"id": 778, "name": "EU only", "project_id": 12345, "is_default": False},
    },
}


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class Mixpanel:
    """What the server knows; tests read and change it."""

    expires_in: int = 3600
    me: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(ME)))
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """Path → (status, body), instead of what the server would say."""
    basic: dict[str, str] = field(default_factory=dict)
    """Basic credentials (user:password) → nothing; empty accepts any."""
    deny: str = ""
    clients: dict[str, str] = field(default_factory=dict)
    challenges: dict[str, tuple[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    counter: Any = field(default_factory=lambda: itertools.count(1))
    url: str = ""

    def asked(self, part: str) -> list[Request]:
        return [request for request in self.requests if part in request.path]

    def answer(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        if request.path in self.answers:
            return (*self.answers[request.path], {})
        if request.path.startswith("/oauth/"):
            return self.oauth(request)
        if not self.knows(request.headers.get("authorization", "")):
            return 401, {"error": "Invalid credentials"}, {}
        if request.path == "/api/app/me":
            return 200, {"status": "ok", "results": self.me}, {}
        if request.path.endswith("/workspaces/public"):
            return 200, {"results": list(self.me["workspaces"].values())}, {}
        if request.path == "/api/2.0/export":
            return 200, {"event": "Seen", "properties": {"time": 1}}, {}
        if request.path == "/api/query/events/names":
            return 200, ["Seen"], {}
        return 200, {"status": "ok", "results": []}, {}

    def knows(self, header: str) -> bool:
        kind, _, sent = header.partition(" ")
        if kind == "Bearer":
            return sent in self.access
        pair = base64.b64decode(sent).decode() if kind == "Basic" else ""
        return kind == "Basic" and (not self.basic or pair in self.basic)

    def oauth(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        if request.path == "/oauth/mcp/register/":
            client = f"cid-{next(self.counter)}"
            self.clients[client] = json.loads(request.body)["redirect_uris"][0]
            return 201, {"client_id": client}, {}
        if request.path == "/oauth/authorize/":
            return self.authorize(request.query)
        form = {key: values[0] for key, values in parse_qs(request.body).items()}
        if form["grant_type"] == "authorization_code":
            client, challenge = self.challenges.pop(form["code"], ("", ""))
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            good = client == form["client_id"] and proof == challenge
        else:
            good = self.refresh.pop(form["refresh_token"], None) == form["client_id"]
        return self.tokens(form["client_id"]) if good else (400, {"error": "invalid_grant"}, {})

    def authorize(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        back = self.clients.get(query["client_id"])
        if back != query["redirect_uri"]:
            return 400, {"error": "redirect_uri does not match"}, {}
        code = f"code-{next(self.counter)}"
        self.challenges[code] = (query["client_id"], query["code_challenge"])
        said = {"error": self.deny} if self.deny else {"code": code}
        return 302, "", {"Location": f"{back}?{urlencode({**said, 'state': query['state']})}"}

    def tokens(self, client: str) -> tuple[int, Any, dict[str, str]]:
        number = next(self.counter)
        access, refresh = f"access-secret-{number}", f"refresh-secret-{number}"
        self.access = {access} if self.expires_in <= 30 else {*self.access, access}
        self.refresh[refresh] = client
        body = {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": self.expires_in,
            "token_type": "Bearer",
            "scope": "projects",
        }
        return 200, body, {}


def serve(mixpanel: Mixpanel) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            headers = {key.lower(): value for key, value in self.headers.items()}
            request = Request(self.command, parts.path, query, headers, body)
            with mixpanel.lock:
                mixpanel.requests.append(request)
                status, answer, more = mixpanel.answer(request)
            sent = answer if isinstance(answer, str) else json.dumps(answer)
            self.send_response(status)
            for key, value in more.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(sent.encode())))
            self.end_headers()
            self.wfile.write(sent.encode())

        do_GET = do_POST = do_PATCH = do_DELETE = handle_one

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mixpanel.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
