"""From what went wrong on the wire to the error tree, in one place.

Enters: a call and the answer that refused it, or none. Leaves: the exception to raise, with the
request, an excerpt of the answer and what to do. The surprise: secrets are taken out of all of it,
also where a server repeats them.
"""

from __future__ import annotations

import html
import math
import os
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from mpnb.engine.mixpanel.call import Call, Reply, retry_after
from mpnb.engine.mixpanel.redact import redacted, scrubbed
from mpnb.errors import (
    APIError,
    AuthenticationError,
    ConfigError,
    JQLSyntaxError,
    MixpanelHeadlessError,
    QueryError,
    RateLimitError,
    ServerError,
    SessionReplayAccessError,
)

LONGEST_REPORTED_WAIT_S = 3600
EXCERPT = 2000
REPLAYS_REFUSED = "SESSION_RECORDING_SENSITIVE_DATA"

HINTS: dict[int, str] = {
    400: "The request is not what the API expects.",
    401: "Check the user name, the secret and the region of the account.",
    402: "The organisation's plan does not include this.",
    403: "The account lacks access to this project or data view, or the plan lacks this API.",
    404: "Check the id, the project and the region.",
    409: "Something of that name exists already.",
    413: "The request is too large: send less at a time.",
    422: "A value is not one that the API takes.",
}
"""Status → what to do."""


def failure(call: Call, reply: Reply, project_id: str, secrets: Collection[str] = ()) -> APIError:
    """The exception for an answer with a status of 300 or more."""
    body = _body(reply, secrets)
    status = reply.status_code
    context: dict[str, Any] = {
        "status_code": status,
        "response_body": body,
        "request_method": call.method,
        "request_url": reply.url,
        "request_params": redacted(dict(call.query), secrets) or None,
    }
    said = message_of(body)
    hint = HINTS.get(status, "")
    if status == 429:
        return _too_many(said, reply, context, project_id)
    context["request_body"] = _sent(call, secrets)
    if status < 400:
        return QueryError(_redirected(reply), **context)
    if status == 401:
        return AuthenticationError(f"{_ended(said)} {hint}", **context)
    if status == 403 and REPLAYS_REFUSED in reply.text:
        return SessionReplayAccessError(
            f"{_ended(said)} The account may not see replays.", **context
        )
    if status == 412 and call.path == "/jql":
        told = body.get("error") if isinstance(body, dict) else body
        return JQLSyntaxError(str(told or said), (call.body or {}).get("script"), reply.url)
    if status >= 500:
        return ServerError(
            f"Mixpanel failed ({status}): {_ended(said)} {_next_step(call, status)}", **context
        )
    between = "\n" if "\n" in said else " "  # what points at a character ends its line
    return QueryError(f"{said.rstrip('.')}{between}(status {status}). {hint}".rstrip(), **context)


def _ended(said: str) -> str:
    """What a server says, as a sentence."""
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."


def _next_step(call: Call, status: int) -> str:
    """What to do after a failure of the server."""
    if status == 501:
        return "This server does not do that, and asking again does not help."
    return "Try again later." if call.repeatable else UNKNOWN


UNKNOWN = "Whether the change was made is not known: look before you repeat it."


LONGEST_REASON = 300
"""Characters of a reason that are shown; the whole one stands in ``response_body``."""


def refused(call: Call, body: dict[str, Any]) -> QueryError:
    """The exception for an answer with status 200 that holds an error, without secrets already."""
    return QueryError(
        message_of(body),
        status_code=200,
        response_body=body,
        request_method=call.method,
        request_body=_sent(call, ()),
    )


def without_secrets(answer: Any, secrets: Collection[str]) -> Any:
    """An answer with a good status; one that is an error all the same may repeat what was sent."""
    is_error = isinstance(answer, dict) and answer.get("error") and "results" not in answer
    return redacted(answer, secrets) if is_error else answer


def misread(call: Call, reply: Reply, secrets: Collection[str]) -> MixpanelHeadlessError:
    """The exception for an answer with a good status that is not JSON."""
    body = scrubbed(reply.text, secrets)
    what = "a web page" if _is_page(body) else "something that is not JSON"
    return MixpanelHeadlessError(
        f"{call.method} {urlsplit(reply.url).path} answered with {what}: {_plain(body)[:200]!r}. "
        "A proxy or a sign-in page may answer instead of Mixpanel, MP_API_BASE_URL may be wrong, "
        "or the answer was cut off.",
        code="INVALID_RESPONSE",
        details={"status_code": reply.status_code, "response_body": body[:EXCERPT]},
    )


def lost(call: Call, problem: str, timed_out: bool, unsent: bool) -> MixpanelHeadlessError:
    """The exception for a call without an answer."""
    kind = "took too long" if timed_out and not unsent else "cannot be reached"
    known = "" if call.repeatable or unsent else f" {UNKNOWN}"
    return MixpanelHeadlessError(
        f"Mixpanel {kind} ({_where(call)}: {problem}).{known} "
        "Check the connection, the region and MP_API_BASE_URL, then try again.",
        code="HTTP_ERROR",
        details={"error": problem, "request_method": call.method},
    )


def cut(call: Call, problem: str) -> MixpanelHeadlessError:
    """The exception for an answer that broke off."""
    return MixpanelHeadlessError(
        f"The answer to {_where(call)} broke off ({problem}): what came is not whole. Try again.",
        code="STREAM_CUT",
        details={"error": problem},
    )


def unusable_header(call: Call) -> ConfigError:
    """The exception for a request that cannot be written down."""
    return ConfigError(
        f"{_where(call)} cannot be sent: the address, the credentials or a header hold characters "
        "that HTTP does not take. Check the account's secret, MP_API_BASE_URL and custom headers."
    )


def forbidden(what: str) -> MixpanelHeadlessError:
    """The exception for a change while only reading is allowed."""
    return MixpanelHeadlessError(
        f"{what} would change the project, and this workspace only reads. "
        "Nothing was sent. Without read_only=True and MP_READ_ONLY it is allowed.",
        code="READ_ONLY",
    )


def only_reading() -> bool:
    """Whether ``MP_READ_ONLY`` forbids changes."""
    return os.environ.get("MP_READ_ONLY", "").strip().casefold() in ("1", "true", "yes", "on")


def message_of(body: str | dict[str, Any]) -> str:
    """What an answer says went wrong."""
    if isinstance(body, dict):
        said = str(body.get("error") or body.get("message") or "The request was refused.")
        details = body.get("details")
        if isinstance(details, dict) and {"path", "schema"} <= details.keys():
            return _of_schema(said, details["path"])
        return said
    return _plain(body)[:200] or "The request was refused without a reason."


def _of_schema(said: str, path: Any) -> str:
    """What a schema refused, and where; such a message repeats the data, which may be long."""
    place = ".".join(map(str, path)) if isinstance(path, list) else str(path)
    short = said if len(said) <= LONGEST_REASON else f"{said[:LONGEST_REASON]}…"
    return f"{short} (at {place})" if place else short


def _too_many(said: str, reply: Reply, context: dict[str, Any], project_id: str) -> RateLimitError:
    asked = retry_after(reply.headers)
    wait = None if asked is None else min(math.ceil(asked), LONGEST_REPORTED_WAIT_S)
    hint = f"Try again in {wait} s." if wait is not None else "Try again later."
    return RateLimitError(
        f"{_ended(said)} {hint}", retry_after=wait, project_id=project_id, **context
    )


def _redirected(reply: Reply) -> str:
    target = urlsplit(str(reply.headers.get("location", ""))).netloc.rpartition("@")[2]
    there = f"to {target}" if target and target != urlsplit(reply.url).netloc else "elsewhere"
    return (
        f"{urlsplit(reply.url).netloc} sends this request {there} (status {reply.status_code}), "
        "which was not followed, so that no other host sees the credentials. "
        "Check the region of the account and MP_API_BASE_URL."
    )


def _body(reply: Reply, secrets: Collection[str]) -> str | dict[str, Any]:
    try:
        parsed = reply.json()
    except ValueError:
        return scrubbed(reply.text, secrets)[:EXCERPT]
    clean = redacted(parsed, secrets)
    return clean if isinstance(clean, dict) else {"results": clean}


def _sent(call: Call, secrets: Collection[str]) -> dict[str, Any] | None:
    return redacted(call.body, secrets) if isinstance(call.body, dict) else None


def _where(call: Call) -> str:
    return f"{call.method} {call.path.partition('?')[0] or '/'}"


def _is_page(body: str) -> bool:
    return body.lstrip()[:200].casefold().startswith(("<!doctype", "<html", "<?xml", "<head"))


def _plain(body: str) -> str:
    """The words of a body; of a web page those that a person would see."""
    if not _is_page(body):
        return body.strip()
    seen = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>|<[^>]*>", " ", body[:EXCERPT])
    return " ".join(html.unescape(seen).split())
