"""Signing in: clients, codes, access tokens and their renewal, as a browser login needs them.

Enters: requests below ``/oauth``. Leaves: answers, and whether a bearer token is one that was given
out here. The surprise: nobody is signed in for nothing. The page asks for the emulator's token; a
program that plays the person sends it as its credentials and is sent on at once.

Sources: RFC 6749, RFC 7591 (registration), RFC 7636 (PKCE).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from mpnb.emulator.entities import Entities
from mpnb.emulator.messages import Answer, Refusal, Request, as_json

PREFIX = "/oauth"
REGISTER, AUTHORIZE, TOKEN = "/mcp/register", "/authorize", "/token"
CLIENTS = "oauth/clients"
LIFETIME_S = 3600
CODE_S = 600
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ASKED = ("response_type", "client_id", "redirect_uri", "state")
PKCE = ("code_challenge", "code_challenge_method")
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head>
<body><main><h1>Sign in to the emulator</h1><p>{said}</p><form method="post" action="{action}">
{hidden}<label>Token <input name="token" type="password" required autofocus></label>
<button>Allow</button></form><form method="post" action="{action}">{hidden}
<button name="deny" value="1">Deny</button></form></main></body></html>"""


@dataclass(frozen=True)
class _Code:
    client: str
    redirect: str
    challenge: str = field(repr=False)
    ends: float


@dataclass
class OAuth:
    """Signs clients in.

    Args:
        entities: where registered clients are kept; tokens last as long as the emulator.
        is_token: whether a text is the emulator's token.
        clock: seconds that only go forward.
    """

    entities: Entities
    is_token: Callable[[str], bool]
    clock: Callable[[], float] = time.monotonic
    lifetime_s: float = LIFETIME_S
    """Seconds that the next access tokens hold."""
    given: int = 0
    """Access tokens that were given out so far."""
    _codes: dict[str, _Code] = field(default_factory=dict, repr=False)
    _access: dict[str, float] = field(default_factory=dict, repr=False)
    _refresh: dict[str, str] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, request: Request, path: str) -> Answer:
        """Answer a request; `path` starts below ``/oauth``."""
        legs = {
            ("POST", REGISTER): self._register,
            ("GET", AUTHORIZE): self._authorize,
            ("POST", AUTHORIZE): self._authorize,
            ("POST", TOKEN): self._token,
        }
        leg = legs.get((request.method, path.rstrip("/")))
        if leg is None:
            raise Refusal(404, f"There is no route {request.method} {request.path}.")
        return leg(request)

    def holds(self, bearer: str) -> bool:
        """Whether a bearer token was given out and has not run out."""
        with self._lock:
            ends = self._access.get(bearer)
        return ends is not None and self.clock() < ends

    def end(self, *, logins: bool = False) -> int:
        """Let the access tokens that were given out run out now; how many there were.

        Args:
            logins: also end what renews them, as when a person takes back the permission.
        """
        with self._lock:
            count = len(self._access)
            self._access.clear()
            if logins:
                self._refresh.clear()
        return count

    def _register(self, request: Request) -> Answer:
        asked = request.fields
        addresses = asked.get("redirect_uris")
        if not isinstance(addresses, list) or not addresses or not all(map(_is_ours, addresses)):
            raise _wrong("invalid_redirect_uri", "redirect_uris must be addresses of this machine")
        if asked.get("token_endpoint_auth_method", "none") != "none":
            raise _wrong("invalid_client_metadata", "clients have no secret here: none")
        client = f"emulated-{secrets.token_hex(8)}"
        with self._lock:
            clients = self.entities.value(CLIENTS, {})
            self.entities.set_value(CLIENTS, {**clients, client: addresses})
        kept = {"grant_types", "response_types", "scope", "client_name"}
        said = {key: value for key, value in asked.items() if key in kept}
        made = {"client_id": client, "redirect_uris": addresses, "client_id_issued_at": _now()}
        return as_json({**said, **made, "token_endpoint_auth_method": "none"}, 201)

    def _authorize(self, request: Request) -> Answer:
        """The page, and what it is answered with; a wrong client is never sent on."""
        asked = {name: str(request.get(name, "")) for name in (*ASKED, *PKCE)}
        known = self.entities.value(CLIENTS, {}).get(asked["client_id"], ())
        if asked["redirect_uri"] not in known:
            raise _wrong("invalid_request", "redirect_uri is not one that the client registered")
        if asked["response_type"] != "code":
            return _back(asked, {"error": "unsupported_response_type"})
        if asked["code_challenge_method"] != "S256" or not asked["code_challenge"]:
            said = "code_challenge with the method S256 is needed"
            return _back(asked, {"error": "invalid_request", "error_description": said})
        if request.method == "POST" and request.get("deny"):
            return _back(asked, {"error": "access_denied"})
        _, name, secret = request.credentials
        shown = request.get("token") if request.method == "POST" else None
        if not any(self.is_token(str(one)) for one in (shown, secret, name) if one):
            said = "That is not its token." if shown else "A program wants to use this project."
            return _page(request, asked, said, 403 if shown else 200)
        code = secrets.token_urlsafe(24)
        ends = self.clock() + CODE_S
        made = _Code(asked["client_id"], asked["redirect_uri"], asked["code_challenge"], ends)
        with self._lock:
            self._codes[code] = made
        return _back(asked, {"code": code})

    def _token(self, request: Request) -> Answer:
        kind = request.need("grant_type")
        if kind == "authorization_code":
            return self._given(self._of_code(request))
        if kind == "refresh_token":
            return self._given(self._of_refresh(request))
        raise _wrong("unsupported_grant_type", "authorization_code and refresh_token are")

    def _of_code(self, request: Request) -> str:
        """The client of a code; a code works once, and only for who asked for it."""
        with self._lock:
            code = self._codes.pop(str(request.need("code")), None)
        verifier = str(request.need("code_verifier"))
        proof = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        good = (
            code is not None
            and self.clock() < code.ends
            and code.client == request.get("client_id")
            and code.redirect == request.get("redirect_uri")
            and hmac.compare_digest(proof.rstrip(b"="), code.challenge.encode())
        )
        if code is None or not good:
            raise _wrong("invalid_grant", "the code was used, ran out, or is somebody else's")
        return code.client

    def _of_refresh(self, request: Request) -> str:
        """The client of a refresh token; it is replaced by a new one."""
        sent = str(request.need("refresh_token"))
        with self._lock:
            client = self._refresh.get(sent)
            if client is None or client != request.get("client_id"):
                raise _wrong("invalid_grant", "the sign-in was ended, or is another client's")
            del self._refresh[sent]
        return client

    def _given(self, client: str) -> Answer:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._lock:
            self.given += 1
            self._access[access] = self.clock() + self.lifetime_s
            self._refresh[refresh] = client
        said = {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": int(self.lifetime_s),
            "token_type": "Bearer",
            "scope": "projects",
        }
        answer = as_json(said)
        return Answer(answer.body, headers={"Cache-Control": "no-store"})


def _is_ours(address: Any) -> bool:
    parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def _wrong(error: str, description: str) -> Refusal:
    """A refusal in OAuth's own words: ``error`` is a code there."""
    return Refusal(400, description, error=error, error_description=description)


def _back(asked: Mapping[str, str], said: Mapping[str, str]) -> Answer:
    """Send the browser back to the program."""
    state = {"state": asked["state"]} if asked["state"] else {}
    target = asked["redirect_uri"]
    mark = "&" if parse_qs(urlsplit(target).query) else "?"
    return Answer(status=302, headers={"Location": f"{target}{mark}{urlencode({**said, **state})}"})


def _page(request: Request, asked: Mapping[str, str], said: str, status: int) -> Answer:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in asked.items()
    )
    text = PAGE.format(said=said, action=html.escape(request.path), hidden=hidden)
    # Another page must not show this one inside itself and let the person click on it.
    headers = {"Content-Security-Policy": "frame-ancestors 'none'"}
    return Answer(text.encode(), status, "text/html; charset=utf-8", headers)


def _now() -> int:
    return int(time.time())
