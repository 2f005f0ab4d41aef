"""The legs of signing in: register a client, send the person to Mixpanel, change code for tokens.

Enters: a region, and what came back from the browser. Leaves: tokens. The surprise: there is one
OAuth client per region and redirect port, which is never replaced, because the tokens of other
sign-ins belong to it.

Sources: RFC 6749, RFC 7591 (registration), RFC 7636 (PKCE).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter

from mpnb.account import files
from mpnb.account.config import checked
from mpnb.account.models import REGIONS, Region
from mpnb.account.tokens import OAuthClientInfo, OAuthTokens
from mpnb.engine.mixpanel.redact import Hidden
from mpnb.engine.mixpanel.regions import HOSTS, base_url
from mpnb.engine.mixpanel.transport import Call, Transport
from mpnb.errors import APIError, ConfigError, MixpanelHeadlessError, OAuthError

SCOPE = (
    "projects analysis events insights segmentation retention data:read funnels flows "
    "data_definitions dashboard_reports bookmarks"
)
"""What is asked for; said when the client is registered."""


@dataclass(frozen=True)
class Nobody:
    """A scope without credentials: a region, for calls that are made before signing in."""

    region: str
    project_id: str = ""
    workspace_id: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def auth_header(self) -> str:
        """Nothing: OAuth's own endpoints take no credentials."""
        return ""


@dataclass(frozen=True)
class Pkce:
    """A secret of this sign-in and what may be shown of it (RFC 7636)."""

    verifier: str = field(repr=False)
    challenge: str

    @classmethod
    def new(cls) -> Pkce:
        """A pair that nobody can guess."""
        verifier = _text(secrets.token_bytes(64))
        return cls(verifier, _text(hashlib.sha256(verifier.encode()).digest()))


def redirect_uri(port: int) -> str:
    """Where the browser is sent back to."""
    return f"http://localhost:{port}/callback"


def authorize_url(region: Region, client: OAuthClientInfo, pkce: Pkce, state: str) -> str:
    """The page on which the person says yes."""
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "state": state,
        "code_challenge": pkce.challenge,
        "code_challenge_method": "S256",
    }
    return f"{base_url('oauth', region)}/authorize/?{urlencode(query)}"


def client_for(region: Region, port: int) -> tuple[OAuthClientInfo, Path]:
    """The OAuth client of a region and a redirect port, registered at first use, and its file.

    Raises:
        OAuthError: Mixpanel does not register it (``OAUTH_REGISTRATION_ERROR``).
    """
    folder = files.storage_root() / "oauth"
    with files.locked(folder / f"client_{region}"):
        for path, client in _clients(region):
            if client.redirect_uri == redirect_uri(port) and client.host == _host(region):
                return client, path
        client = _register(region, port)
        path = next(path for path in _names(folder, client, port) if not path.exists())
        files.write(path, client.model_dump_json(indent=2, exclude_none=True).encode())
        return client, path


def exchange(region: Region, client: OAuthClientInfo, code: str, pkce: Pkce) -> OAuthTokens:
    """Change the code from the browser for tokens.

    Raises:
        OAuthError: Mixpanel refuses it (``OAUTH_TOKEN_ERROR``).
    """
    body = Hidden(
        grant_type="authorization_code",
        code=code,
        redirect_uri=client.redirect_uri,
        client_id=client.client_id,
        code_verifier=pkce.verifier,
    )
    answer = _post(region, body, "OAUTH_TOKEN_ERROR", "Signing in failed")
    known = {"client_id": client.client_id, "login": secrets.token_hex(8)}
    return _tokens({**answer, **known}, "OAUTH_TOKEN_ERROR")


def refresh(tokens: OAuthTokens, region: Region, name: str) -> OAuthTokens:
    """Renew tokens; the refresh token stays when the answer has no new one.

    Raises:
        OAuthError: the person has to sign in again (``OAUTH_REFRESH_REVOKED``), or renewing failed
            for another reason (``OAUTH_REFRESH_ERROR``).
    """
    again = f"Run mp.accounts.login({name!r}), or `mp login --name {name}`."
    if tokens.refresh_token is None:
        said = f"The token of account {name!r} has run out and cannot be renewed. {again}"
        raise OAuthError(said, "OAUTH_REFRESH_ERROR")
    client = tokens.client_id or _client_of(region)
    if client is None:
        said = f"The OAuth client of account {name!r} is not known on this machine. {again}"
        raise OAuthError(said, "OAUTH_REFRESH_ERROR")
    kept = Hidden(refresh_token=tokens.refresh_token.get_secret_value())
    body = Hidden(kept, grant_type="refresh_token", client_id=client)
    said = f"The sign-in of account {name!r} could not be renewed"
    answer = _post(region, body, "OAUTH_REFRESH_ERROR", said, again)
    known = {"client_id": client, "login": tokens.login}
    return _tokens({**kept, "scope": tokens.scope, **answer, **known}, "OAUTH_REFRESH_ERROR")


def _register(region: Region, port: int) -> OAuthClientInfo:
    body = {
        "redirect_uris": [redirect_uri(port)],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": SCOPE,
    }
    call = Call("POST", "oauth", "/mcp/register/", body=body, mutates=False, repeatable=False)
    answer = _sent(region, call, "OAUTH_REGISTRATION_ERROR", "Mixpanel registers no OAuth client")
    if not isinstance(answer.get("client_id"), str):
        said = "Mixpanel answered the registration of an OAuth client without a client_id."
        raise OAuthError(said, "OAUTH_REGISTRATION_ERROR")
    return OAuthClientInfo(
        client_id=answer["client_id"],
        region=region,
        redirect_uri=redirect_uri(port),
        scope=SCOPE,
        created_at=datetime.now(UTC),
        host=_host(region),
    )


def _post(
    region: Region, body: Mapping[str, str], code: str, said: str, advice: str = ""
) -> dict[str, Any]:
    call = Call(
        "POST", "oauth", "/token/", body=dict(body), form=True, mutates=False, repeatable=False
    )
    return _sent(region, call, code, said, advice)


def _sent(region: Region, call: Call, code: str, said: str, advice: str = "") -> dict[str, Any]:
    """The answer of an OAuth endpoint; what it refuses becomes an `OAuthError` without secrets."""
    try:
        answer = _transport(region, call)
    except APIError as problem:
        reason = _reason(problem)
        known = {"status_code": problem.status_code, "error": reason}
    except ConfigError:
        raise
    except MixpanelHeadlessError as problem:
        reason, known = problem.message, {"error": problem.message}
    else:
        if isinstance(answer, dict) and not answer.get("error"):
            return answer
        reason = str(answer.get("error")) if isinstance(answer, dict) else "no JSON object"
        known = {"error": reason}
    if code == "OAUTH_REFRESH_ERROR" and "invalid_grant" in reason:
        code = "OAUTH_REFRESH_REVOKED"
    raise OAuthError(f"{said}: {reason} {advice}".strip(), code, known)


def _transport(region: Region, call: Call) -> Any:
    transport = Transport(Nobody(region))
    try:
        return transport.send(call)
    finally:
        transport.close()


def _reason(problem: APIError) -> str:
    body = problem.response_body
    if not isinstance(body, dict):
        return f"status {problem.status_code}."
    words = [str(body[key]) for key in ("error", "error_description") if body.get(key)]
    return (": ".join(words) or f"status {problem.status_code}") + "."


def _tokens(answer: Mapping[str, Any], code: str) -> OAuthTokens:
    try:
        return OAuthTokens.from_token_response(answer)
    except (KeyError, ValueError):
        pass
    raise OAuthError("Mixpanel's answer holds no access_token, expires_in and token_type.", code)


def _clients(region: str) -> list[tuple[Path, OAuthClientInfo]]:
    """The clients of a region on this machine, the oldest file name first."""
    found = []
    for path in sorted((files.storage_root() / "oauth").glob(f"client_{region}*.json")):
        try:
            data = json.loads(files.read(path) or b"{}")
            found.append((path, checked(TypeAdapter(OAuthClientInfo), data, str(path))))
        except (ValueError, ConfigError):  # a file that is no client is not one to use
            continue
    return found


def _client_of(region: Region) -> str | None:
    """The client of tokens that do not say theirs: what was kept before they did."""
    known = [c for _, c in _clients(region) if c.host == _host(region)]
    return known[0].client_id if known else None


def _names(folder: Path, client: OAuthClientInfo, port: int) -> list[Path]:
    mark = hashlib.sha256((client.host or "").encode()).hexdigest()[:8]
    region = client.region
    stems = (region, f"{region}_{port}", f"{region}_{port}_{mark}", f"{region}_{client.client_id}")
    return [folder / f"client_{_safe(stem)}.json" for stem in stems]


def _safe(text: str) -> str:
    return "".join(c if c.isalnum() or c in "_-" else "_" for c in text)


def _host(region: Region) -> str | None:
    """Where OAuth is asked, when that is not Mixpanel itself."""
    address = base_url("oauth", region).removesuffix("/oauth")
    return None if address in {HOSTS[name].web for name in REGIONS} else address


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
