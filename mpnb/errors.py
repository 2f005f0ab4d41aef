"""Everything that mpnb raises on purpose, and the findings of validation.

    MixpanelHeadlessError                 the root; catch this to catch all of ours
    ├── BookmarkValidationError           a question is wrong; `.errors` lists every finding
    ├── ParamValidationError (ValueError) one value is wrong
    ├── ParamTypeError (TypeError)        one value has the wrong type
    ├── NotSupportedError                 understood, but not possible here; says what would work
    ├── QuerySyntaxError (ValueError)     cell text cannot be read; carries line, column, hint
    ├── ResponseValidationError           a stored object does not have the expected shape
    ├── APIError                          the server refused; carries request and response
    │   ├── AuthenticationError   RateLimitError   QueryError   ServerError
    │   └── SessionReplayError
    │       └── SessionReplayAccessError  SignedURLExpiredError  ReplayNotFoundError
    │           UnsupportedReplayFormatError
    ├── ConfigError
    │   └── AccountNotFoundError  AccountExistsError  AccountInUseError
    │       ProjectNotFoundError  InvalidArgumentError
    ├── OAuthError
    │   └── RegionProbeError → RegionProbeNetworkError
    ├── EventNotFoundError   DateRangeTooLargeError   WorkspaceScopeError
    │   BusinessContextValidationError
    ├── ReportLinkError
    │   └── ReportLinkParseError  UnsupportedReportLinkError  ReportLinkNotFoundError
    │       ReportLinkScopeMismatchError  ShortLinkResolutionError
    └── HelpLookupError → HelpDomainError

Every exception has a stable `code`, a `message` that says what to do, and JSON-ready `details`.
The surprise: `ValidationError` is no exception but one finding inside `BookmarkValidationError`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

HelpDomainReason = Literal["unknown", "ambiguous", "not_workspace"]
InvalidArgumentViolation = Literal["mutually_exclusive", "no_browser_misuse", "secret_stdin_misuse"]

RATE_LIMIT_FORM_URL = "https://docs.mixpanel.com/docs/orgs-and-projects/rate-limits"


@dataclass(frozen=True)
class ValidationError:
    """One finding: what is wrong, where, and what would be right.

    `path` names the argument (`"last"`, `"events[1].math"`); `suggestion` holds the nearest legal
    values; `fix` may hold a machine-readable change.
    """

    path: str
    message: str
    code: str = "VALIDATION_ERROR"
    severity: Literal["error", "warning"] = "error"
    suggestion: tuple[str, ...] | None = None
    fix: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as a JSON object; empty parts are left out."""
        found: dict[str, Any] = {
            "path": self.path,
            "message": self.message,
            "code": self.code,
            "severity": self.severity,
        }
        if self.suggestion is not None:
            found["suggestion"] = list(self.suggestion)
        if self.fix is not None:
            found["fix"] = dict(self.fix)
        return found

    def __str__(self) -> str:
        text = (
            f"[{self.code}] {self.path}: {self.message}"
            if self.path
            else (f"[{self.code}] {self.message}")
        )
        if self.suggestion:
            text += f" Did you mean {' or '.join(repr(s) for s in self.suggestion)}?"
        return text


class MixpanelHeadlessError(Exception):
    """Root of all errors that mpnb raises on purpose."""

    default_code: ClassVar[str] = "UNKNOWN_ERROR"

    def __init__(
        self, message: str, code: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self._message = message
        self._code = self.default_code if code is None else code
        self._details = {} if details is None else details

    @property
    def code(self) -> str:
        """Stable, machine-readable name of the error."""
        return self._code

    @property
    def message(self) -> str:
        """What went wrong and what to do."""
        return self._message

    @property
    def details(self) -> dict[str, Any]:
        """JSON-ready facts about the error."""
        return self._details

    def to_dict(self) -> dict[str, Any]:
        """Return code, message and details as a JSON object."""
        return {"code": self.code, "message": self.message, "details": self.details}


class BookmarkValidationError(MixpanelHeadlessError):
    """A question or a params object breaks rules; `errors` has every finding at once."""

    default_code = "BOOKMARK_VALIDATION_ERROR"

    def __init__(self, errors: Sequence[ValidationError]) -> None:
        self._errors = tuple(errors)
        details = {
            "error_count": self.error_count,
            "warning_count": self.warning_count,
            "errors": [finding.to_dict() for finding in self._errors],
        }
        super().__init__(self._summary(), details=details)

    def _summary(self) -> str:
        count = len(self._errors)
        head = f"{count} problem{'' if count == 1 else 's'} in the question:"
        return "\n".join([head, *(f"  {finding}" for finding in self._errors)])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._errors,)

    @property
    def errors(self) -> tuple[ValidationError, ...]:
        """All findings, errors and warnings."""
        return self._errors

    @property
    def error_count(self) -> int:
        """Number of findings of severity error."""
        return sum(finding.severity == "error" for finding in self._errors)

    @property
    def warning_count(self) -> int:
        """Number of findings of severity warning."""
        return sum(finding.severity == "warning" for finding in self._errors)


class ParamValidationError(MixpanelHeadlessError, ValueError):
    """One value is not allowed."""

    default_code = "VALIDATION_ERROR"


class ParamTypeError(MixpanelHeadlessError, TypeError):
    """One value has a type that is not allowed."""

    default_code = "VALIDATION_ERROR"


class NotSupportedError(MixpanelHeadlessError):
    """The question is understood, but this engine or form cannot do it; the message says why."""

    default_code = "NOT_SUPPORTED"


class QuerySyntaxError(MixpanelHeadlessError, ValueError):
    """Cell text cannot be read.

    `line` and `column` count from 1, `length` is the number of characters in question (at least
    1), `hint` says what would have worked (may be empty).
    """

    default_code = "QUERY_SYNTAX"

    def __init__(
        self,
        message: str,
        *,
        line: int = 1,
        column: int = 1,
        length: int = 1,
        hint: str = "",
        code: str | None = None,
    ) -> None:
        self.reason, self.hint = message, hint
        self.line, self.column, self.length = line, column, max(length, 1)
        text = f"Line {line}, column {column}: {message}" + (f" {hint}" if hint else "")
        details = {"line": line, "column": column, "length": self.length, "hint": hint}
        super().__init__(text, code, details)

    def __reduce__(self) -> tuple[Any, ...]:
        return _syntax_error, (
            self.reason,
            self.line,
            self.column,
            self.length,
            self.hint,
            self.code,
        )


def _syntax_error(
    message: str, line: int, column: int, length: int, hint: str, code: str
) -> QuerySyntaxError:
    return QuerySyntaxError(message, line=line, column=column, length=length, hint=hint, code=code)


class ResponseValidationError(MixpanelHeadlessError):
    """An answer or a stored object does not have the expected shape."""

    default_code = "RESPONSE_VALIDATION_ERROR"


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
        code: str | None = None,
    ) -> None:
        context = {
            "response_body": response_body,
            "request_method": request_method,
            "request_url": request_url,
            "request_params": request_params,
            "request_body": request_body,
        }
        details = {"status_code": status_code} | {
            key: value for key, value in context.items() if value is not None
        }
        super().__init__(message, code, details)
        self._status_code = status_code
        self._context = context

    @property
    def status_code(self) -> int:
        """HTTP status of the answer."""
        return self._status_code

    @property
    def response_body(self) -> str | dict[str, Any] | None:
        """Body of the answer, parsed where it was JSON."""
        return self._context["response_body"]

    @property
    def request_method(self) -> str | None:
        """HTTP method of the request."""
        return self._context["request_method"]  # type: ignore[return-value]

    @property
    def request_url(self) -> str | None:
        """URL of the request, without secrets."""
        return self._context["request_url"]  # type: ignore[return-value]

    @property
    def request_params(self) -> dict[str, Any] | None:
        """Query parameters of the request."""
        return self._context["request_params"]  # type: ignore[return-value]

    @property
    def request_body(self) -> dict[str, Any] | None:
        """JSON body of the request."""
        return self._context["request_body"]  # type: ignore[return-value]


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
            code=code,
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


class ConfigError(MixpanelHeadlessError):
    """The stored configuration or the environment is unusable."""

    default_code = "CONFIG_ERROR"

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message, details=details)


class AccountNotFoundError(ConfigError):
    """No account has this name."""

    default_code = "ACCOUNT_NOT_FOUND"

    def __init__(self, account_name: str, available_accounts: list[str] | None = None) -> None:
        self._account_name = account_name
        self._available_accounts = available_accounts or []
        known = ", ".join(self._available_accounts) or "none"
        super().__init__(
            f"There is no account {account_name!r}. Known accounts: {known}.",
            {"account_name": account_name, "available_accounts": self._available_accounts},
        )

    @property
    def account_name(self) -> str:
        """The name that was asked for."""
        return self._account_name

    @property
    def available_accounts(self) -> list[str]:
        """Names of the accounts that exist."""
        return self._available_accounts


class AccountExistsError(ConfigError):
    """An account of this name exists already."""

    default_code = "ACCOUNT_EXISTS"

    def __init__(self, account_name: str) -> None:
        self._account_name = account_name
        super().__init__(
            f"An account {account_name!r} exists already. Choose another name or remove it first.",
            {"account_name": account_name},
        )

    @property
    def account_name(self) -> str:
        """The name that is taken."""
        return self._account_name


class AccountInUseError(ConfigError):
    """The account is named by targets and cannot be removed."""

    default_code = "ACCOUNT_IN_USE"

    def __init__(self, account_name: str, referenced_by: list[str] | None = None) -> None:
        self._account_name = account_name
        self._referenced_by = referenced_by or []
        users = ", ".join(self._referenced_by) or "other settings"
        super().__init__(
            f"The account {account_name!r} is used by {users}. Remove those first, or force it.",
            {"account_name": account_name, "referenced_by": self._referenced_by},
        )

    @property
    def account_name(self) -> str:
        """The account that was to be removed."""
        return self._account_name

    @property
    def referenced_by(self) -> list[str]:
        """Names of the targets that use it."""
        return self._referenced_by


class ProjectNotFoundError(ConfigError):
    """The account sees no project with this id."""

    default_code = "PROJECT_NOT_FOUND"

    def __init__(self, project_id: str, available_projects: list[str] | None = None) -> None:
        self._project_id = project_id
        self._available_projects = available_projects or []
        known = ", ".join(self._available_projects) or "none"
        super().__init__(
            f"There is no project {project_id!r} for this account. Projects: {known}.",
            {"project_id": project_id, "available_projects": self._available_projects},
        )

    @property
    def project_id(self) -> str:
        """The project that was asked for."""
        return self._project_id

    @property
    def available_projects(self) -> list[str]:
        """Ids of the projects that the account sees."""
        return self._available_projects


class InvalidArgumentError(ConfigError):
    """Arguments of an account command do not go together."""

    default_code = "INVALID_ARGUMENT"

    def __init__(
        self,
        message: str,
        *,
        violation: InvalidArgumentViolation,
        detected_auth_type: str | None = None,
    ) -> None:
        self._violation = violation
        self._detected_auth_type = detected_auth_type
        super().__init__(
            message, {"violation": violation, "detected_auth_type": detected_auth_type}
        )

    @property
    def violation(self) -> str:
        """Which rule was broken."""
        return self._violation

    @property
    def detected_auth_type(self) -> str | None:
        """Kind of account that the arguments pointed to."""
        return self._detected_auth_type


class EventNotFoundError(MixpanelHeadlessError):
    """The project has no such event; `similar_events` has the nearest names."""

    default_code = "EVENT_NOT_FOUND"

    def __init__(self, event_name: str, similar_events: list[str] | None = None) -> None:
        self._event_name = event_name
        self._similar_events = similar_events or []
        hint = ", ".join(repr(name) for name in self._similar_events)
        super().__init__(
            f"There is no event {event_name!r}." + (f" Did you mean {hint}?" if hint else ""),
            details={"event_name": event_name, "similar_events": self._similar_events},
        )

    @property
    def event_name(self) -> str:
        """The name that was asked for."""
        return self._event_name

    @property
    def similar_events(self) -> list[str]:
        """Names that look alike, best first."""
        return self._similar_events


class DateRangeTooLargeError(MixpanelHeadlessError):
    """The range has more days than the endpoint takes."""

    default_code = "DATE_RANGE_TOO_LARGE"

    def __init__(
        self, from_date: str, to_date: str, days_requested: int, max_days: int = 100
    ) -> None:
        self._range = (from_date, to_date)
        self._days = (days_requested, max_days)
        super().__init__(
            f"{from_date} to {to_date} is {days_requested} days; at most {max_days} are possible. "
            "Ask for shorter ranges one after the other.",
            details={
                "from_date": from_date,
                "to_date": to_date,
                "days_requested": days_requested,
                "max_days": max_days,
            },
        )

    @property
    def from_date(self) -> str:
        """First day asked for."""
        return self._range[0]

    @property
    def to_date(self) -> str:
        """Last day asked for."""
        return self._range[1]

    @property
    def days_requested(self) -> int:
        """Number of days asked for."""
        return self._days[0]

    @property
    def max_days(self) -> int:
        """Number of days that is possible."""
        return self._days[1]


class OAuthError(MixpanelHeadlessError):
    """A browser login failed or its token is not usable."""

    default_code = "OAUTH_TOKEN_ERROR"


class RegionProbeError(OAuthError):
    """No region accepted the credentials; `attempts` are (region, status, text)."""

    default_code = "OAUTH_REGION_PROBE_FAILED"

    def __init__(
        self, message: str, *, attempts: list[tuple[str, int, str]], code: str | None = None
    ) -> None:
        super().__init__(message, code)
        self._attempts = attempts

    @property
    def attempts(self) -> list[tuple[str, int, str]]:
        """One (region, HTTP status, text) for each region tried."""
        return self._attempts

    def to_dict(self) -> dict[str, Any]:
        """Return code, message, details and the attempts as a JSON object."""
        return super().to_dict() | {"attempts": [list(attempt) for attempt in self._attempts]}


class RegionProbeNetworkError(RegionProbeError):
    """No region could be reached at all."""

    default_code = "OAUTH_NETWORK_UNREACHABLE"

    def __init__(self, message: str, *, attempts: list[tuple[str, int, str]]) -> None:
        super().__init__(message, attempts=attempts)


class WorkspaceScopeError(MixpanelHeadlessError):
    """The project has no data view that fits, or more than one."""

    default_code = "NO_WORKSPACES"


class BusinessContextValidationError(MixpanelHeadlessError):
    """The business context text is too long."""

    default_code = "BUSINESS_CONTEXT_TOO_LONG"

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message, details=details)


class ReportLinkError(MixpanelHeadlessError):
    """Something about a link to a report."""

    default_code = "REPORT_LINK_ERROR"

    def __init__(
        self, message: str, *, code: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, code, details)


class ReportLinkParseError(ReportLinkError):
    """The text is not a link to a report."""

    default_code = "REPORT_LINK_UNPARSEABLE"


class UnsupportedReportLinkError(ReportLinkError):
    """The link is of a kind that cannot be run."""

    default_code = "UNSUPPORTED_REPORT_LINK"


class ReportLinkNotFoundError(ReportLinkError):
    """The link leads to nothing."""

    default_code = "REPORT_LINK_NOT_FOUND"


class ReportLinkScopeMismatchError(ReportLinkError):
    """The link belongs to another project, region or data view."""

    default_code = "REPORT_LINK_SCOPE_MISMATCH"


class ShortLinkResolutionError(ReportLinkError):
    """A short link could not be followed."""

    default_code = "SHORT_LINK_RESOLUTION_ERROR"


class HelpLookupError(MixpanelHeadlessError):
    """The help has no page of this name; `suggestions` and `hits` come near."""

    default_code = "HELP_NOT_FOUND"

    def __init__(
        self, query: str, *, suggestions: Sequence[str] = (), hits: Sequence[Any] = ()
    ) -> None:
        self.query = query
        self.suggestions = list(suggestions)
        self.hits = list(hits)
        near = ", ".join(self.suggestions)
        super().__init__(
            f"There is no help on {query!r}." + (f" Nearest: {near}." if near else ""),
            details={"query": query, "suggestions": self.suggestions},
        )


class HelpDomainError(HelpLookupError):
    """The help has no such domain; `domains` has those it knows."""

    default_code = "HELP_BAD_DOMAIN"

    def __init__(
        self,
        query: str,
        *,
        domain: str,
        domains: Sequence[str] = (),
        reason: HelpDomainReason = "unknown",
    ) -> None:
        self.domain = domain
        self.domains = list(domains)
        self.reason = reason
        super().__init__(query, suggestions=self.domains)
