"""The exception tree: bases, codes and what a constructor takes."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest

import mpnb as mp

ARGUMENTS: dict[str, Any] = {
    "message": "m",
    "status_code": 418,
    "attempts": [("us", 401, "no")],
    "account_name": "a",
    "project_id": "1",
    "violation": "mutually_exclusive",
    "event_name": "e",
    "from_date": "2025-01-01",
    "to_date": "2025-02-01",
    "days_requested": 32,
    "errors": [mp.ValidationError("last", "no", "V7_LAST_POSITIVE")],
    "query": "q",
    "domain": "d",
}
CODES = {
    "MixpanelHeadlessError": "UNKNOWN_ERROR",
    "BookmarkValidationError": "BOOKMARK_VALIDATION_ERROR",
    "ParamValidationError": "VALIDATION_ERROR",
    "ParamTypeError": "VALIDATION_ERROR",
    "ResponseValidationError": "RESPONSE_VALIDATION_ERROR",
    "APIError": "API_ERROR",
    "AuthenticationError": "AUTH_FAILED",
    "RateLimitError": "RATE_LIMITED",
    "QueryError": "QUERY_FAILED",
    "ServerError": "SERVER_ERROR",
    "SessionReplayError": "SESSION_REPLAY_ERROR",
    "SessionReplayAccessError": "SESSION_REPLAY_ACCESS_ERROR",
    "SignedURLExpiredError": "SIGNED_URL_EXPIRED",
    "ReplayNotFoundError": "REPLAY_NOT_FOUND",
    "UnsupportedReplayFormatError": "UNSUPPORTED_REPLAY_FORMAT",
    "ConfigError": "CONFIG_ERROR",
    "AccountNotFoundError": "ACCOUNT_NOT_FOUND",
    "AccountExistsError": "ACCOUNT_EXISTS",
    "AccountInUseError": "ACCOUNT_IN_USE",
    "ProjectNotFoundError": "PROJECT_NOT_FOUND",
    "InvalidArgumentError": "INVALID_ARGUMENT",
    "EventNotFoundError": "EVENT_NOT_FOUND",
    "DateRangeTooLargeError": "DATE_RANGE_TOO_LARGE",
    "OAuthError": "OAUTH_TOKEN_ERROR",
    "RegionProbeError": "OAUTH_REGION_PROBE_FAILED",
    "RegionProbeNetworkError": "OAUTH_NETWORK_UNREACHABLE",
    "WorkspaceScopeError": "NO_WORKSPACES",
    "BusinessContextValidationError": "BUSINESS_CONTEXT_TOO_LONG",
    "ReportLinkError": "REPORT_LINK_ERROR",
    "ReportLinkParseError": "REPORT_LINK_UNPARSEABLE",
    "UnsupportedReportLinkError": "UNSUPPORTED_REPORT_LINK",
    "ReportLinkNotFoundError": "REPORT_LINK_NOT_FOUND",
    "ReportLinkScopeMismatchError": "REPORT_LINK_SCOPE_MISMATCH",
    "ShortLinkResolutionError": "SHORT_LINK_RESOLUTION_ERROR",
    "HelpLookupError": "HELP_NOT_FOUND",
    "HelpDomainError": "HELP_BAD_DOMAIN",
    "NotSupportedError": "NOT_SUPPORTED",
}


def make(name: str) -> mp.MixpanelHeadlessError:
    cls = getattr(mp, name)
    given = {
        key: ARGUMENTS[key]
        for key, parameter in inspect.signature(cls).parameters.items()
        if parameter.default is parameter.empty
    }
    error: mp.MixpanelHeadlessError = cls(**given)
    return error


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_an_error_has_its_code_and_says_itself_as_json(name: str, code: str) -> None:
    error = make(name)
    assert error.code == code
    assert error.message
    assert error.to_dict()["code"] == code


def test_a_code_can_be_given() -> None:
    assert mp.ParamValidationError("m", "X1").code == "X1"
    assert mp.APIError("m", status_code=500, code="X1").code == "X1"
    assert mp.ReportLinkError("m", code="X1").code == "X1"


def test_findings_survive_another_process() -> None:
    error = make("BookmarkValidationError")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, mp.BookmarkValidationError)
    assert again.errors == error.errors  # type: ignore[attr-defined]


def test_values_and_types_are_also_python_errors() -> None:
    assert issubclass(mp.ParamValidationError, ValueError)
    assert issubclass(mp.ParamTypeError, TypeError)
    assert issubclass(mp.SessionReplayError, mp.APIError)


def test_details_hold_what_was_tried_and_found() -> None:
    assert make("RegionProbeError").to_dict()["details"] == {"attempts": [["us", 401, "no"]]}
    assert make("InvalidArgumentError").details == {"violation": "mutually_exclusive"}
    missed = mp.HelpLookupError("q", suggestions=["a"], hits=mp.reference.search("cohort").hits[:1])
    assert set(missed.details) == {"query", "suggestions", "hits"}
    assert missed.details["hits"][0]["name"]
    assert {"domain", "domains"} <= set(make("HelpDomainError").details)
