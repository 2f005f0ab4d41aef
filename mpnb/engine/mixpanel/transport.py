"""The one file that knows httpx: a call goes out, parsed JSON comes back, or an error of ours.

Enters: a family, a path, parameters and a body. Leaves: the JSON of the answer, the answer itself,
or its bytes as they come. The surprise: only failures that are worth it are tried again (429, 502,
503, 504, lost connections), and a change is repeated only when it certainly did not arrive.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

try:
    import httpx
except ModuleNotFoundError:  # its successor has the same names
    import httpx2 as httpx  # type: ignore[import-not-found,no-redef]  # one of the two is installed

from mpnb.engine import halting
from mpnb.engine.mixpanel.audit import Audit
from mpnb.engine.mixpanel.budget import Budget, Pool, Slot
from mpnb.engine.mixpanel.call import (
    HEADER_VALUE,
    Call,
    Lost,
    Reply,
    Stream,
    backoff,
    content,
    content_type,
    jittered,
    retry_after,
    texts,
    timeout,
)
from mpnb.engine.mixpanel.failures import (
    cut,
    failure,
    forbidden,
    lost,
    misread,
    only_reading,
    unusable_header,
    without_secrets,
)
from mpnb.engine.mixpanel.redact import (
    SHORTEST,
    quiet_logs,
    redacted,
    secrets_in,
    signature,
    spelled,
)
from mpnb.engine.mixpanel.regions import ANONYMOUS, base_url
from mpnb.engine.mixpanel.scope import USER_AGENT, Scope
from mpnb.engine.mixpanel.wire import as_it_came, watched
from mpnb.errors import APIError, MixpanelHeadlessError

__all__ = ["Call", "Reply", "Scope", "Stream", "Transport", "retry_after"]

CONNECT_S = 10.0
ATTEMPTS = 4
PATIENCE = 12
"""Attempts after 429, where a budget says when the next one is due."""
LONGEST_WAIT_S = 60.0
RETRIED = frozenset({429, 502, 503, 504})
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Errors after which the server certainly saw nothing."""
NO_HTTP = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)  # their words repeat what was sent

quiet_logs()


class _Connection:
    """The connections; made when they are needed, since that reads a file of certificates."""

    def __init__(self, client: httpx.Client | None) -> None:
        self._client = client
        self._lock = threading.Lock()

    @property
    def client(self) -> httpx.Client:
        """What sends requests."""
        with self._lock:
            if self._client is None:
                none = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # they outlive accounts
                self._client = watched(httpx.Client(follow_redirects=False, cookies=none))
            return self._client

    def close(self) -> None:
        """Let go of the connections; who asks again afterwards gets new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class Transport:
    """Sends calls for a scope.

    Args:
        scope: who asks, and where.
        client: an `httpx.Client` to send with; by default one of its own, made when needed.
        budget: what keeps requests inside Mixpanel's limits; None asks at once.
        audit: where changes are written down.
        read_only: refuse every change before it is sent.
    """

    def __init__(
        self,
        scope: Scope,
        client: Any = None,
        *,
        budget: Budget | None = None,
        audit: Audit | None = None,
        read_only: bool = False,
    ) -> None:
        self._scope = scope
        self._connection = _Connection(client)
        self._budget = budget
        self._audit = audit
        self._read_only = read_only
        self._sent: set[str] = set()
        self.requests = 0
        """Requests that were sent so far, repeated ones included."""

    def send(self, call: Call) -> Any:
        """Send a call and return the JSON of its answer.

        Raises:
            AuthenticationError: the credentials were refused.
            RateLimitError: still too many requests after waiting, or no budget is left.
            QueryError: the request was refused.
            ServerError: the server failed.
            MixpanelHeadlessError: no connection, an answer that is not JSON, or a change while
                only reading is allowed (code ``READ_ONLY``).
        """
        reply = self.reply(call)
        if reply.status_code >= 300:
            raise self.refusal(call, reply)
        if reply.status_code == 204 or not reply.content:
            return {"status": "ok"}
        try:
            return without_secrets(reply.json(), self._secrets())
        except ValueError:
            pass
        raise self.unread(call, reply)

    def reply(self, call: Call) -> Reply:
        """Send a call and return its answer whatever its status, after the repeats it is worth.

        Redirects are not followed: another host must not see the credentials.
        """
        if not call.changes:
            return self._last_of(call)
        self.permit(f"{call.method} {call.path.partition('?')[0]}")
        if self._audit is None:
            return self._last_of(call)
        with self._audit.change(call, self._scope, self._secrets) as entry:
            entry.reply = self._last_of(call)
            return entry.reply

    def permit(self, what: str) -> None:
        """Return when a change may be sent (MixpanelHeadlessError, ``READ_ONLY``, when not)."""
        if self._read_only or only_reading():
            raise forbidden(what)

    @contextmanager
    def stream(self, call: Call) -> Iterator[Stream]:
        """Send a call and hand over its body as it comes; the place in the budget is kept.

        Raises:
            APIError: the status is 300 or more; nothing was handed over then.
        """
        with self._opened(call) as response:
            if response.status_code >= 300:
                refused = _whole(response, timeout(call))
                if isinstance(refused, Lost):
                    raise lost(call, refused.problem, refused.timed_out, False)
                raise self.refusal(call, refused)
            chunks = _chunks(call, response.iter_bytes())
            raw = _chunks(call, as_it_came(response))
            yield Stream(response.status_code, response.headers, chunks, raw)

    def refusal(self, call: Call, reply: Reply) -> APIError:
        """The exception for an answer with a status of 300 or more, without secrets."""
        return failure(call, reply, self._scope.project_id, self._secrets())

    def unread(self, call: Call, reply: Reply) -> MixpanelHeadlessError:
        """The exception for an answer with a good status that is not what was asked for."""
        return misread(call, reply, self._secrets())

    def clean(self, answer: Any) -> Any:
        """An answer without secrets, where what it says is shown."""
        return redacted(answer, self._secrets())

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    @property
    def client(self) -> Any:
        """What sends the requests, to be shared with another scope's transport."""
        return self._connection.client

    def counted(self) -> Transport:
        """The same transport with a count of its own."""
        own = copy.copy(self)
        own.requests = 0
        return own

    def _last_of(self, call: Call) -> Reply:
        tried = 0
        while True:
            outcome = self._attempt(call)
            wait = self._wait(call, outcome, tried)
            if wait is None:
                break
            self._pause(call, outcome, wait)
            tried += 1
        if isinstance(outcome, Lost):
            raise lost(call, outcome.problem, outcome.timed_out, outcome.unsent)
        return outcome

    @contextmanager
    def _opened(self, call: Call) -> Iterator[httpx.Response]:
        """The answer to a call, opened after the repeats it is worth; its body is not read."""
        tried = 0
        while True:
            with self._slot(call) as slot:
                outcome = self._begin(call, slot)
                wait = self._wait(call, outcome, tried)
                if not isinstance(outcome, Lost):
                    with closing(outcome) as response:
                        if wait is None:
                            yield response
                            return
            if wait is None:
                break
            self._pause(call, outcome, wait)
            tried += 1
        assert isinstance(outcome, Lost), "the last attempt is handed over or lost"
        raise lost(call, outcome.problem, outcome.timed_out, outcome.unsent)

    def _attempt(self, call: Call) -> Reply | Lost:
        with self._slot(call) as slot:
            outcome = self._begin(call, slot)
            if isinstance(outcome, Lost):
                return outcome
            try:
                return _whole(outcome, timeout(call))
            finally:
                outcome.close()

    def _begin(self, call: Call, slot: Slot | None) -> httpx.Response | Lost:
        """The head of an answer; a token that is refused is renewed once, and the call repeated."""
        outcome = self._sending(call, slot)
        if isinstance(outcome, Lost) or outcome.status_code != 401 or call.family in ANONYMOUS:
            return outcome
        renew = getattr(self._scope, "renew", None)
        try:
            better = bool(renew and renew(outcome.request.headers["Authorization"]))
        except BaseException:
            outcome.close()
            raise
        if better:  # nothing was done for the refused one, so a change is repeated too
            outcome.close()
        return self._sending(call, slot) if better else outcome

    def _sending(self, call: Call, slot: Slot | None) -> httpx.Response | Lost:
        """Send a request and wait for the head of its answer."""
        request = self._request(call)
        if request is None:
            raise unusable_header(call)
        self.requests += 1
        try:
            return self._connection.client.send(request, stream=True, follow_redirects=False)
        except (KeyboardInterrupt, halting.HaltedError) as stop:
            outcome: BaseException | Lost = type(stop)()
        except httpx.RequestError as problem:
            outcome = unusable_header(call) if isinstance(problem, NO_HTTP) else _lost(problem)
        # The errors themselves are let go of: their tracebacks hold the headers that were sent.
        del request
        if not isinstance(outcome, Lost):
            raise outcome
        if outcome.unsent and slot is not None:
            slot.give_back()
        return outcome

    def _request(self, call: Call) -> httpx.Request | None:
        """The request; None where HTTP does not take what it holds."""
        url = base_url(call.family, self._scope.region) + call.path
        query = {key: texts(value) for key, value in call.query.items() if value is not None}
        headers = self._headers(call)
        if not all(HEADER_VALUE.fullmatch(value) for value in headers.values()):
            return None
        try:
            return self._connection.client.build_request(
                call.method,
                url,
                params=query or None,  # an empty one would cut off a signed address's own query
                content=content(call),
                headers=headers,
                timeout=httpx.Timeout(timeout(call), connect=CONNECT_S),
            )
        except (UnicodeEncodeError, httpx.InvalidURL):
            return None

    def _headers(self, call: Call) -> httpx.Headers:
        """The headers; a kind of mapping that does not show credentials."""
        headers = httpx.Headers({"User-Agent": USER_AGENT})
        headers.update(call.custom_headers())
        headers.update(dict(self._scope.headers))
        headers.pop("Authorization", None)
        for value in headers.values():
            self._sent |= {value} if len(value) >= SHORTEST and value != USER_AGENT else set()
        if call.family not in ANONYMOUS:
            headers["Authorization"] = self._scope.auth_header()
            self._sent |= spelled(headers["Authorization"])
        if call.body is not None:
            headers["Content-Type"] = content_type(call)
        headers.update(dict(call.headers))
        signed = signature(call.path) if call.family == "outside" else ()
        self._sent |= {*secrets_in(call.query), *secrets_in(call.body), *signed}
        return headers

    def _secrets(self) -> Collection[str]:
        """What must not show: what was sent to say who asks."""
        return self._sent

    def _slot(self, call: Call) -> AbstractContextManager[Slot | None]:
        pool = self._pool(call)
        return nullcontext() if self._budget is None or pool is None else self._budget.slot(pool)

    def _pool(self, call: Call) -> Pool | None:
        if self._budget is None:
            return None
        host = base_url(call.family, self._scope.region)
        return self._budget.pool(call.family, call.path, host, self._scope.project_id)

    def _wait(self, call: Call, outcome: Reply | httpx.Response | Lost, tried: int) -> float | None:
        """Seconds until the next attempt; None when there is none."""
        most = call.attempts or ATTEMPTS
        if isinstance(outcome, Lost):
            worth_it = tried + 1 < most and (call.repeatable or outcome.unsent)
            return backoff(tried) if worth_it else None
        status = outcome.status_code
        if status not in RETRIED or not (status == 429 or call.repeatable):
            return None
        asked = retry_after(outcome.headers)
        patient = status == 429 and call.attempts is None and self._pool(call) is not None
        if tried + 1 >= (PATIENCE if patient else most):
            return None
        if patient:
            return jittered(asked) if asked else backoff(min(tried, 6))
        return min(asked if asked is not None else backoff(tried), LONGEST_WAIT_S)

    def _pause(self, call: Call, outcome: Reply | httpx.Response | Lost, wait: float) -> None:
        """Wait; after a 429 everybody on this machine waits, and the budget shows for how long."""
        pool = self._pool(call)
        refused = not isinstance(outcome, Lost) and outcome.status_code == 429
        if self._budget is not None and pool is not None and refused:
            self._budget.block(pool, wait)
        else:
            halting.sleep(wait)


def _lost(problem: httpx.RequestError) -> Lost:
    """What happened, in words that hold nothing that was sent."""
    unsent = isinstance(problem, UNSENT)
    said = f": {problem}" if unsent and str(problem) else ""
    return Lost(type(problem).__name__ + said, isinstance(problem, httpx.TimeoutException), unsent)


def _whole(response: httpx.Response, timeout_s: float) -> Reply | Lost:
    """The answer with its body; a server that sends drop by drop does not hold a call forever."""
    end = time.monotonic() + timeout_s
    chunks = []
    try:
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            if time.monotonic() > end:
                return Lost("the answer did not end", timed_out=True)
    except httpx.RequestError as problem:
        return _lost(problem)
    url = str(response.request.url.copy_with(query=None))
    return Reply(response.status_code, dict(response.headers), b"".join(chunks), url)


def _chunks(call: Call, body: Iterator[bytes]) -> Iterator[bytes]:
    problem = None
    try:
        yield from body
    except (httpx.TransportError, httpx.DecodingError) as error:
        problem = type(error).__name__
    if problem is not None:
        raise cut(call, problem)
