"""The one file that knows httpx: a call goes out, parsed JSON comes back, or an error of ours.

Enters: a family, a path, parameters and a body. Leaves: the JSON of the answer. The surprise: only
failures that are worth it are tried again (429, 502, 503, 504, lost connections), and of those a
lost connection only where repeating cannot do a thing twice.
"""

from __future__ import annotations

import email.utils
import json
import platform
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx

from mpnb.engine.mixpanel.failures import failure
from mpnb.engine.mixpanel.regions import Family, base_url
from mpnb.errors import MixpanelHeadlessError

TIMEOUT_S: dict[Family, float] = {"query": 503.0, "engage": 503.0, "app": 135.0, "export": 600.0}
"""How long an answer may take; queries may run for minutes on the server."""

ATTEMPTS = 4
LONGEST_WAIT_S = 60.0
RETRIED = frozenset({429, 502, 503, 504})


class Scope(Protocol):
    """For whom and where a request is made."""

    @property
    def project_id(self) -> str:
        """The project that is asked."""
        ...

    @property
    def workspace_id(self) -> int | None:
        """The pinned data view."""
        ...

    @property
    def region(self) -> str:
        """Where the project's data lives."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that are sent along with every request."""
        ...

    def auth_header(self) -> str:
        """The value of the ``Authorization`` header."""
        ...


@dataclass(frozen=True)
class Call:
    """One request, before it knows host and credentials."""

    method: str
    family: Family
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    repeatable: bool = True
    """Whether sending it twice does no harm; every question is, a change is not."""
    form: bool = False
    """Whether the body, an object of texts, is sent as a form instead of JSON."""
    timeout_s: float | None = None
    """How long the answer may take, where the family's limit does not fit."""


class Transport:
    """Sends calls for a scope.

    Args:
        scope: who asks, and where.
        client: an `httpx.Client` to send with; by default one of its own.
    """

    def __init__(self, scope: Scope, client: httpx.Client | None = None) -> None:
        self._scope = scope
        self._client = client or httpx.Client(follow_redirects=False)

    def send(self, call: Call) -> Any:
        """Send a call and return the JSON of its answer.

        Raises:
            AuthenticationError: the credentials were refused.
            RateLimitError: still too many requests after waiting.
            QueryError: the request was refused.
            ServerError: the server failed.
            MixpanelHeadlessError: no connection, or an answer that is not JSON.
        """
        response = self._try(call)
        if response.status_code >= 300:
            raise failure(call, response, self._scope.project_id)
        if response.status_code == 204 or not response.content:
            return {"status": "ok"}
        try:
            return response.json()
        except ValueError:
            raise MixpanelHeadlessError(
                f"{call.method} {response.request.url.path} answered with something that is not "
                f"JSON: {response.text[:200]!r}. A proxy may answer, or MP_API_BASE_URL is wrong.",
                code="INVALID_RESPONSE",
                details={
                    "status_code": response.status_code,
                    "response_body": response.text[:2000],
                },
            ) from None

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _try(self, call: Call) -> httpx.Response:
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                response = self._once(call)
            except httpx.HTTPError as problem:
                if last or not call.repeatable:
                    raise _unreachable(call, problem) from problem
                time.sleep(_backoff(attempt))
                continue
            worth_it = response.status_code == 429 or call.repeatable
            if response.status_code not in RETRIED or last or not worth_it:
                return response
            time.sleep(min(retry_after(response.headers) or _backoff(attempt), LONGEST_WAIT_S))
        raise AssertionError("the last attempt returns or raises")

    def _once(self, call: Call) -> httpx.Response:
        return self._client.request(
            call.method,
            base_url(call.family, self._scope.region) + call.path,
            params={key: _texts(value) for key, value in call.query.items() if value is not None},
            content=_content(call),
            headers=self._headers(call),
            timeout=call.timeout_s or TIMEOUT_S[call.family],
        )

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {"User-Agent": f"mpnb (python/{platform.python_version()})"}
        headers.update(self._scope.headers)
        headers["Authorization"] = self._scope.auth_header()
        if call.body is not None:
            kind = "x-www-form-urlencoded" if call.form else "json"
            headers["Content-Type"] = f"application/{kind}"
        return headers


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait that a server asks for, in seconds: given as seconds or as a date (RFC 9110)."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.replace(".", "", 1).isdigit():
        return float(text)
    moment = email.utils.parsedate_to_datetime(text) if "," in text else None
    if moment is None:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _backoff(attempt: int) -> float:
    """Doubling waits with a tenth of jitter, so that many clients do not come back together."""
    return float(2**attempt * (1 + random.random() / 10))


def _content(call: Call) -> bytes | None:
    """The body as it is sent."""
    if call.body is None:
        return None
    return (urlencode(call.body) if call.form else json.dumps(call.body)).encode()


def _texts(value: Any) -> str | list[str]:
    """A query parameter; a tuple is a parameter that is repeated."""
    return [_text(item) for item in value] if isinstance(value, tuple) else _text(value)


def _text(value: Any) -> str:
    """A query parameter as Mixpanel writes it: lists as JSON, booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _unreachable(call: Call, problem: httpx.HTTPError) -> MixpanelHeadlessError:
    kind = "took too long" if isinstance(problem, httpx.TimeoutException) else "cannot be reached"
    return MixpanelHeadlessError(
        f"Mixpanel {kind} ({call.method} {call.path or '/'}: {type(problem).__name__}). "
        "Check the connection, the region and MP_API_BASE_URL, then try again.",
        code="HTTP_ERROR",
        details={"error": str(problem)},
    )
