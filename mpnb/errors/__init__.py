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

from mpnb.errors.api import (
    APIError,
    AuthenticationError,
    QueryError,
    RateLimitError,
    ReplayNotFoundError,
    ServerError,
    SessionReplayAccessError,
    SessionReplayError,
    SignedURLExpiredError,
    UnsupportedReplayFormatError,
)
from mpnb.errors.base import (
    BookmarkValidationError,
    DateRangeTooLargeError,
    EventNotFoundError,
    MixpanelHeadlessError,
    NotSupportedError,
    ParamTypeError,
    ParamValidationError,
    QuerySyntaxError,
    ResponseValidationError,
    ValidationError,
)
from mpnb.errors.config import (
    AccountExistsError,
    AccountInUseError,
    AccountNotFoundError,
    BusinessContextValidationError,
    ConfigError,
    InvalidArgumentError,
    InvalidArgumentViolation,
    OAuthError,
    ProjectNotFoundError,
    RegionProbeError,
    RegionProbeNetworkError,
    WorkspaceScopeError,
)
from mpnb.errors.jql import JQLSyntaxError
from mpnb.errors.links import (
    HelpDomainError,
    HelpDomainReason,
    HelpLookupError,
    ReportLinkError,
    ReportLinkNotFoundError,
    ReportLinkParseError,
    ReportLinkScopeMismatchError,
    ShortLinkResolutionError,
    UnsupportedReportLinkError,
)

__all__ = [
    "APIError",
    "AccountExistsError",
    "AccountInUseError",
    "AccountNotFoundError",
    "AuthenticationError",
    "BookmarkValidationError",
    "BusinessContextValidationError",
    "ConfigError",
    "DateRangeTooLargeError",
    "EventNotFoundError",
    "HelpDomainError",
    "HelpDomainReason",
    "HelpLookupError",
    "InvalidArgumentError",
    "InvalidArgumentViolation",
    "JQLSyntaxError",
    "MixpanelHeadlessError",
    "NotSupportedError",
    "OAuthError",
    "ParamTypeError",
    "ParamValidationError",
    "ProjectNotFoundError",
    "QueryError",
    "QuerySyntaxError",
    "RateLimitError",
    "RegionProbeError",
    "RegionProbeNetworkError",
    "ReplayNotFoundError",
    "ReportLinkError",
    "ReportLinkNotFoundError",
    "ReportLinkParseError",
    "ReportLinkScopeMismatchError",
    "ResponseValidationError",
    "ServerError",
    "SessionReplayAccessError",
    "SessionReplayError",
    "ShortLinkResolutionError",
    "SignedURLExpiredError",
    "UnsupportedReplayFormatError",
    "UnsupportedReportLinkError",
    "ValidationError",
    "WorkspaceScopeError",
]
