"""The emulator's own addresses, below ``/_emulator``: faults, tokens, traffic, links, mail.

Enters: a request that proved itself. Leaves: what it asked to change or to know. The surprise:
nothing here meets faults or limits, so a test can always look and clean up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from mpnb.emulator.entities import Entities
from mpnb.emulator.faults import Faults
from mpnb.emulator.limits import Limits
from mpnb.emulator.messages import Answer, Refusal, Request, as_json
from mpnb.emulator.oauth import OAuth
from mpnb.emulator.outbox import Outbox

PREFIX = "/_emulator"
SHORT, LINKS = "/s/", "short-links"


class Control:
    """Answers the emulator's own addresses."""

    def __init__(
        self, faults: Faults, limits: Limits, oauth: OAuth, entities: Entities, outbox: Outbox
    ) -> None:
        self._faults, self._limits = faults, limits
        self._oauth, self._entities, self._outbox = oauth, entities, outbox

    def __call__(self, request: Request, path: str) -> Answer:
        """Answer a request; `path` starts below ``/_emulator``."""
        places: dict[str, Callable[[Request], dict[str, Any]]] = {
            "/faults": self._waiting,
            "/tokens": self._tokens,
            "/traffic": self._traffic,
            "/short-links": self._links,
            "/outbox": lambda request: {"messages": self._outbox.messages()},
        }
        place = places.get(path)
        if place is None:
            raise Refusal(404, f"There is no route {request.method} {request.path}.")
        return as_json({"status": "ok", **place(request)})

    def short(self, request: Request, code: str) -> Answer:
        """GET /s/CODE: where a short link leads, as a redirect or as a page that goes on."""
        row = self._entities.find(LINKS, code)
        if row is None:
            raise Refusal(404, f"There is no short link {code}.")
        if row["page"]:
            script = as_json(row["target"]).body
            assert isinstance(script, bytes)
            page = b"<script>window.location.href = %s</script>" % script.replace(b"<", b"\\u003c")
            return Answer(page, type="text/html; charset=utf-8")
        return Answer(status=302, headers={"Location": row["target"]})

    def _waiting(self, request: Request) -> dict[str, Any]:
        """POST arms faults, DELETE forgets them, GET counts those that wait."""
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            times = request.number("times", 1) or 1
            self._faults.arm(str(request.need("fault")), times, str(request.get("path", "")))
        return {"waiting": len(self._faults)}

    def _tokens(self, request: Request) -> dict[str, Any]:
        """POST says how long the next access tokens hold; DELETE ends those that are out."""
        if request.method == "DELETE":
            return {"ended": self._oauth.end(logins=bool(request.get("logins")))}
        if request.method == "POST":
            lifetime = request.number("lifetime")
            if lifetime is None or lifetime < 0:
                raise Refusal(400, "lifetime must be a number of seconds.")
            self._oauth.lifetime_s = lifetime
        return {"lifetime": self._oauth.lifetime_s, "given": self._oauth.given}

    def _traffic(self, request: Request) -> dict[str, Any]:
        """GET: what each pool took, how many at once, and what it refused."""
        return {"pools": self._limits.traffic()}

    def _links(self, request: Request) -> dict[str, Any]:
        """POST makes a short link; in Mixpanel the web application does."""
        target = str(request.need("target"))
        if urlsplit(target).scheme not in ("http", "https"):
            raise Refusal(400, "target must be an address.")
        code = f"e{self._entities.new_id()}"
        row = {"id": code, "target": target, "page": bool(request.get("page"))}
        self._entities.put(LINKS, code, row, "created")
        return {"code": code, "path": SHORT + code}
