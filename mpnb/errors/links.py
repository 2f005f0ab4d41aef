"""Errors of links to reports and of the built-in help.

Enter what was asked for, leave exceptions with the nearest that exists. The surprise: help errors
keep their hits as objects, not as text, so that a page can list them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from mpnb.errors.base import MixpanelHeadlessError

HelpDomainReason = Literal["unknown", "ambiguous", "not_workspace"]


class ReportLinkError(MixpanelHeadlessError):
    """Something about a link to a report."""

    default_code = "REPORT_LINK_ERROR"

    def __init__(
        self, message: str, *, code: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, code or self.default_code, details)


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
            details={
                "query": query,
                "suggestions": self.suggestions,
                "hits": [hit.to_dict() if hasattr(hit, "to_dict") else hit for hit in hits],
            },
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
        self.details.update(domain=domain, domains=self.domains)
