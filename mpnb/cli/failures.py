"""Errors as exit codes, and as a line or two for a person.

Enters: an exception. Leaves: a code and text. The surprise: a bug of ours ends in one line, too;
`--verbose` shows where it happened.
"""

from __future__ import annotations

import mpnb.errors as errors

DONE, FAILED, REFUSED, INVALID, MISSING, LIMITED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
"""Exit codes: done; it failed, or is not set up; who asks is not accepted, or the line cannot be
read; a value is not right; there is no such thing; too many requests; Ctrl-C."""

CODES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.AccountNotFoundError, MISSING),
    (errors.ProjectNotFoundError, MISSING),
    (errors.EventNotFoundError, MISSING),
    (errors.ReplayNotFoundError, MISSING),
    (errors.ReportLinkNotFoundError, MISSING),
    (errors.HelpLookupError, MISSING),
    (FileNotFoundError, MISSING),
    (errors.AccountExistsError, FAILED),
    (errors.AccountInUseError, FAILED),
    (errors.ShortLinkResolutionError, FAILED),
    (errors.ReportLinkError, INVALID),
    (errors.InvalidArgumentError, INVALID),
    (errors.ConfigError, FAILED),
    (errors.AuthenticationError, REFUSED),
    (errors.SessionReplayAccessError, REFUSED),
    (errors.OAuthError, REFUSED),
    (errors.RateLimitError, LIMITED),
    (errors.BookmarkValidationError, INVALID),
    (errors.BusinessContextValidationError, INVALID),
    (errors.DateRangeTooLargeError, INVALID),
    (ValueError, INVALID),
    (TypeError, INVALID),
    (KeyboardInterrupt, INTERRUPTED),
)
"""Class → exit code; the first that fits counts."""

STATUS = {401: REFUSED, 403: REFUSED, 404: MISSING, 429: LIMITED}
"""Status of a refusal → exit code; another 4xx is a value that is not right."""


def code(problem: BaseException) -> int:
    """The exit code of an exception."""
    for kind, found in CODES:
        if isinstance(problem, kind):
            return found
    if isinstance(problem, errors.QueryError):
        return STATUS.get(problem.status_code, INVALID)
    return FAILED


def said(problem: BaseException) -> str:
    """What a person reads."""
    if isinstance(problem, errors.MixpanelHeadlessError):
        return problem.message
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.filename}: {problem.strerror}."
    if isinstance(problem, (OSError, ValueError, TypeError)):
        return str(problem) or type(problem).__name__
    return f"{type(problem).__name__}: {problem}. This is a mistake in mpnb; --verbose says where."
