"""Errors of requests: the server refused or failed, with what was sent and what came back.

Enter the parts of a request and its answer, leave exceptions. The surprise: session replays have
their own statuses, used when no answer of the server is at hand.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mpnb.errors.base import MixpanelHeadlessError

RATE_LIMIT_FORM_URL = "https://docs.mixpanel.com/docs/orgs-and-projects/rate-limits"


class APIError(MixpanelHeadlessError):
    """The server refused a request; carries what was sent and what came back."""

    default_code = "API_ERROR"

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        response_body: str | dict[str, Any] | None = None,
        request_method: str | None = None,
        request_url: str | None = None,
        request_params: dict[str, Any] | None = None,
        request_body: dict[str, Any] | None = None,
        code: str = "API_ERROR",
    ) -> None:
        context: dict[str, Any] = {
            "response_body": response_body,
            "request_method": request_method,
            "request_url": request_url,
            "request_params": request_params,
            "request_body": request_body,
        }
        details = {"status_code": status_code} | {
            key: value for key, value in context.items() if value is not None
        }
        super().__init__(message, self.default_code if code == "API_ERROR" else code, details)
        self._status_code = status_code
        self._context = context

    @property
    def status_code(self) -> int:
        """HTTP status of the answer."""
        return self._status_code

    @property
    def response_body(self) -> str | dict[str, Any] | None:
        """Body of the answer, parsed where it was JSON."""
        body: str | dict[str, Any] | None = self._context["response_body"]
        return body

    @property
    def request_method(self) -> str | None:
        """HTTP method of the request."""
        method: str | None = self._context["request_method"]
        return method

    @property
    def request_url(self) -> str | None:
        """URL of the request, without secrets."""
        url: str | None = self._context["request_url"]
        return url

    @property
    def request_params(self) -> dict[str, Any] | None:
        """Query parameters of the request."""
        params: dict[str, Any] | None = self._context["request_params"]
        return params

    @property
    def request_body(self) -> dict[str, Any] | None:
        """JSON body of the request."""
        body: dict[str, Any] | None = self._context["request_body"]
        return body


class AuthenticationError(APIError):
    """The credentials were refused."""

    default_code = "AUTH_FAILED"

    def __init__(
        self,
        message: str = "Authentication failed",
        *,
        status_code: int = 401,
        response_body: str | dict[str, Any] | None = None,
        request_method: str | None = None,
        request_url: str | None = None,
        request_params: dict[str, Any] | None = None,
        request_body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            message,
            status_code=status_code,
            response_body=response_body,
            request_method=request_method,
            request_url=request_url,
            request_params=request_params,
            request_body=request_body,
        )


class RateLimitError(APIError):
    """Too many requests; `retry_after` is the wait in seconds when the server said so."""

    default_code = "RATE_LIMITED"

    def __init__(
        self,
        message: str = "Rate limit exceeded",
        *,
        retry_after: int | None = None,
        status_code: int = 429,
        response_body: str | dict[str, Any] | None = None,
        request_method: str | None = None,
        request_url: str | None = None,
        request_params: dict[str, Any] | None = None,
        project_id: str | None = None,
    ) -> None:
        super().__init__(
            message,
            status_code=status_code,
            response_body=response_body,
            request_method=request_method,
            request_url=request_url,
            request_params=request_params,
        )
        self._retry_after = retry_after
        self._project_id = project_id
        if retry_after is not None:
            self._details["retry_after"] = retry_after
        if project_id is not None:
            self._details["project_id"] = project_id

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait, or None when the server did not say."""
        return self._retry_after

    @property
    def project_id(self) -> str | None:
        """Project whose limit was reached."""
        return self._project_id

    @property
    def rate_limit_form_url(self) -> str:
        """Where the limits are explained and an increase can be asked for."""
        return RATE_LIMIT_FORM_URL


class QueryError(APIError):
    """The server could not answer the query."""

    default_code = "QUERY_FAILED"

    def __init__(
        self,
        message: str = "Query execution failed",
        *,
        status_code: int = 400,
        response_body: str | dict[str, Any] | None = None,
        request_method: str | None = None,
        request_url: str | None = None,
        request_params: dict[str, Any] | None = None,
        request_body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            message,
            status_code=status_code,
            response_body=response_body,
            request_method=request_method,
            request_url=request_url,
            request_params=request_params,
            request_body=request_body,
        )


class ServerError(APIError):
    """The server failed (5xx)."""

    default_code = "SERVER_ERROR"

    def __init__(
        self,
        message: str = "Server error",
        *,
        status_code: int = 500,
        response_body: str | dict[str, Any] | None = None,
        request_method: str | None = None,
        request_url: str | None = None,
        request_params: dict[str, Any] | None = None,
        request_body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            message,
            status_code=status_code,
            response_body=response_body,
            request_method=request_method,
            request_url=request_url,
            request_params=request_params,
            request_body=request_body,
        )


class SessionReplayError(APIError):
    """A session replay could not be had."""

    default_code = "SESSION_REPLAY_ERROR"
    default_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        details: dict[str, Any] | None = None,
        status_code: int | None = None,
        response_body: str | dict[str, Any] | None = None,
        request_method: str | None = None,
        request_url: str | None = None,
        request_params: dict[str, Any] | None = None,
        request_body: dict[str, Any] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(
            message,
            status_code=self.default_status if status_code is None else status_code,
            response_body=response_body,
            request_method=request_method,
            request_url=request_url,
            request_params=request_params,
            request_body=request_body,
            code=self.default_code if code is None else code,
        )
        self._details.update(details or {})


class SessionReplayAccessError(SessionReplayError):
    """The account may not see session replays."""

    default_code = "SESSION_REPLAY_ACCESS_ERROR"
    default_status = 403


class SignedURLExpiredError(SessionReplayError):
    """A signed replay link is too old; ask for a new one."""

    default_code = "SIGNED_URL_EXPIRED"
    default_status = 403


class ReplayNotFoundError(SessionReplayError):
    """There is no such replay, or it is past its retention."""

    default_code = "REPLAY_NOT_FOUND"
    default_status = 404


class UnsupportedReplayFormatError(SessionReplayError):
    """The replay was recorded in a format that is not understood."""

    default_code = "UNSUPPORTED_REPLAY_FORMAT"
    default_status = 501
