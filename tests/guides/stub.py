"""A server that answers every recorded call with its recorded answer, whatever ids are asked for.

Enters: requests of any client. Leaves: recorded answers. The surprise: readers' ids are not those of
the record, so paths are compared by their templates; addresses inside of answers lead back here.
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.parity.shared import SHARED

SCOPE = r"projects/\d+(?:/workspaces/\d+)?|workspaces/\d+"
PREFIX = {
    "app": "/api/app",
    "query": "/api/query",
    "engage": "/api/query/engage",
    "export": "/api/2.0",
}
Recorded = tuple[str, "re.Pattern[str]", dict[str, Any]]


def recorded() -> list[Recorded]:
    """Method, pattern of the path, and the recorded request; the most literal patterns first."""
    file = SHARED / "reference" / "endpoints.json"
    if not file.exists():
        return []
    requests = [
        each for m in json.loads(file.read_text("utf-8"))["methods"] for each in m["requests"]
    ]
    requests.sort(
        key=lambda each: (each["path_template"].count("{"), "response_example" not in each)
    )
    return [(each["http_method"], _pattern(each), each) for each in requests]


def _pattern(each: dict[str, Any]) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", each["path_template"].rstrip("/"))
    named = [SCOPE if name == "scope" else r"[^/]+" for name in pieces[1::2]]
    names = [f"(?:{name})" for name in named]
    literal = [re.escape(piece) for piece in pieces[::2]]
    body = "".join(a + b for a, b in zip(literal, [*names, ""], strict=True))
    return re.compile(re.escape(PREFIX.get(each["host"], "")) + body + "/?")


RECORDED = recorded()


def _keys(text: str) -> set[str]:
    """The keys of a JSON object; none of anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return set()
    return set(found) if isinstance(found, dict) else set()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *words: Any) -> None:
        """Say nothing."""

    def _any(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        found = [each for m, p, each in RECORDED if m == self.command and p.fullmatch(path)]
        answer = self._chosen(found, sent)
        body, status = b"", 200 if found else 404
        if answer is not None:
            text = answer if isinstance(answer, str) else json.dumps(answer)
            body = re.sub(r"https://[\w.-]+", self.server.url, text).encode()  # type: ignore[attr-defined]
        if "export" in path:
            body = gzip.compress(body)
        self.send_response(status)
        if "export" in path:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))  # and the connection is closed
        self.end_headers()
        self.wfile.write(body)

    def _chosen(self, found: list[dict[str, Any]], sent: bytes) -> Any:
        """The answer of the page that is asked for, else of the body that is most like this one."""
        good = [each for each in found if each["response_status"] < 300]
        text = sent.decode("utf-8", "replace")
        asked = re.search(r"\bpage\"?[=:] ?(\d+)", text)
        keys = _keys(text)

        def unlike(each: dict[str, Any]) -> tuple[int, int]:
            body, answer = each.get("body"), each.get("response_example")
            page = answer.get("page", 0) if isinstance(answer, dict) else 0
            own = set(body) if isinstance(body, dict) else set()
            return abs(page - int(asked[1]) if asked else 0), -len(own & keys)

        return min(good, key=unlike).get("response_example") if good else None

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any


@contextmanager
def serving() -> Iterator[str]:
    """Run the server; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.url  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
