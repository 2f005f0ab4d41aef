"""From an HTTP status to the error tree, in one place.

Enters: a call and the answer that refused it. Leaves: the exception to raise, with the request and
an excerpt of the answer. The surprise: the credentials are never part of it.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

from mpnb.errors import APIError, AuthenticationError, QueryError, RateLimitError, ServerError

LONGEST_REPORTED_WAIT_S = 3600


class Answer(Protocol):
    """The parts of an HTTP response that are looked at."""

    status_code: int

    @property
    def text(self) -> str:
        """The body as text."""
        ...

    def json(self) -> Any:
        """The body parsed."""
        ...

    @property
    def headers(self) -> Any:
        """The headers."""
        ...

    @property
    def request(self) -> Any:
        """The request that was sent."""
        ...


def failure(call: Any, answer: Answer, project_id: str) -> APIError:
    """The exception for an answer with a status of 300 or more."""
    body = _body(answer)
    context: dict[str, Any] = {
        "status_code": answer.status_code,
        "response_body": body,
        "request_method": call.method,
        "request_url": str(answer.request.url.copy_with(query=None)),
        "request_params": dict(call.query) or None,
    }
    sent = call.body if isinstance(call.body, dict) else None
    said = message_of(body)
    status = answer.status_code
    if status == 401:
        hint = "Check the user name, the secret and the region of the account."
        return AuthenticationError(f"{said} {hint}", request_body=sent, **context)
    if status == 429:
        wait = _wait(answer)
        hint = f"Try again in {wait} s." if wait is not None else "Try again later."
        return RateLimitError(f"{said} {hint}", retry_after=wait, project_id=project_id, **context)
    if status >= 500:
        return ServerError(f"Mixpanel failed ({status}): {said}", request_body=sent, **context)
    return QueryError(f"{said} (status {status})", request_body=sent, **context)


def refused(call: Any, body: dict[str, Any]) -> QueryError:
    """The exception for an answer with status 200 that holds an error."""
    return QueryError(
        message_of(body),
        status_code=200,
        response_body=body,
        request_method=call.method,
        request_body=call.body if isinstance(call.body, dict) else None,
    )


def message_of(body: str | dict[str, Any]) -> str:
    """What an answer says went wrong."""
    if isinstance(body, dict):
        said = body.get("error") or body.get("message") or "The request was refused."
        return said if isinstance(said, str) else str(said)
    return body[:200] or "The request was refused without a reason."


def _body(answer: Answer) -> str | dict[str, Any]:
    try:
        parsed = answer.json()
    except ValueError:
        return answer.text[:2000]
    return parsed if isinstance(parsed, dict) else {"results": parsed}


def _wait(answer: Answer) -> int | None:
    text = str(answer.headers.get("retry-after", ""))
    try:
        seconds = float(text)
    except ValueError:
        return None
    return min(math.ceil(seconds), LONGEST_REPORTED_WAIT_S) if math.isfinite(seconds) else None
