"""Links to reports: what Mixpanel keeps behind one, and what a link says.

Enters: text that somebody pasted, JSON of the app API. Leaves: frozen values. The surprise: funnels
and retention that are kept behind a link open on the page of insights.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from mpnb.engine.mixpanel.regions import HOSTS
from mpnb.entity.bookmark import Bookmark
from mpnb.entity.model import Record
from mpnb.errors import ParamValidationError, ReportLinkParseError, UnsupportedReportLinkError
from mpnb.result import FlowQueryResult, FunnelQueryResult, QueryResult, RetentionQueryResult

ReportLinkType = Literal["insights", "funnels", "retention", "flows"]
ReportLinkQueryResult: TypeAlias = (
    QueryResult | FunnelQueryResult | RetentionQueryResult | FlowQueryResult
)

SLUG = re.compile(r"[0-9a-zA-Z_-]{12}")
SAVED: Mapping[str, str] = {
    "insights": "insights#report/",
    "funnels": "funnels#view/",
    "funnel": "funnels#view/",
    "retention": "retention#report/",
    "flows": "flows#report/",
    "launch-analysis": "impact#report/",
}
"""Type of a saved report → what stands before its id in an address."""
APPS = frozenset({"insights", "funnels", "retention", "flows", "impact", "boards"})
REGIONS: Mapping[str, Literal["us", "eu", "in"]] = {
    "mixpanel.com": "us",
    "eu.mixpanel.com": "eu",
    "in.mixpanel.com": "in",
    "mixpanel.org": "us",
}
"""Host of a link → region."""
PATH = re.compile(r"/(?:project/(\d+)(?:/view/(\d+))?/app|report/(\d+)(?:/view/(\d+))?)/([\w-]+)/?")
SHORT = re.compile(r"/s/([\w-]+)/?")
SAVED_HASH = re.compile(r"(?:report|view)/(\d+)(?:/.*)?")


class BookmarkUrl(Record):
    """What Mixpanel keeps behind a link."""

    slug: str
    bookmark_type: str = Field(alias="type")
    params: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None
    description: str | None = None
    overrides: dict[str, Any] | None = None
    project_id: int | None = None
    user_id: int | None = None
    created_at: str | None = None
    bookmark_id: int | None = None
    bookmark: Bookmark | None = None


@dataclass(frozen=True)
class ReportLink:
    """A link that was made; as text it is its address."""

    url: str
    slug: str
    report_type: ReportLinkType
    """Type of its report."""
    project_id: int
    workspace_id: int | None
    name: str = ""
    description: str = ""
    bookmark_id: int | None = None
    created_at: str | None = None

    def __str__(self) -> str:
        return self.url

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class ResolvedReport:
    """The report that a link leads to.

    Raises:
        ParamValidationError: slug and ids do not fit the source
            (``RL5_RESOLVED_REPORT_INCONSISTENT``).
    """

    source: Literal["slug", "bookmark"]
    """Whether the link holds the question itself, or names a saved report."""
    report_type: str
    """Type of the report."""
    params: dict[str, Any]
    project_id: int
    workspace_id: int | None
    region: Literal["us", "eu", "in"]
    url: str
    input: str
    """The link as it was given."""
    expanded_url: str | None = None
    """Where a short link leads."""
    slug: str | None = None
    bookmark_id: int | None = None
    bookmark: Bookmark | None = None
    name: str | None = None
    description: str | None = None
    overrides: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        of_slug = self.source == "slug"
        fits = bool(self.slug) if of_slug else self.bookmark_id is not None and self.slug is None
        if not fits:
            needed = "a slug" if of_slug else "a bookmark_id, and no slug"
            raise ParamValidationError(
                f"A report of source {self.source!r} needs {needed}.",
                "RL5_RESOLVED_REPORT_INCONSISTENT",
            )

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, the saved report as JSON."""
        found = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        saved = found["bookmark"]
        if isinstance(saved, BaseModel):
            found["bookmark"] = saved.model_dump(mode="json", by_alias=True)
        return found


@dataclass(frozen=True)
class Parsed:
    """What the text of a link says; exactly one of the three last is there."""

    region: Literal["us", "eu", "in"]
    project_id: int | None = None
    workspace_id: int | None = None
    slug: str | None = None
    bookmark_id: int | None = None
    short_code: str | None = None


def parse(text: str) -> Parsed:
    """Take a link apart.

    Raises:
        ReportLinkParseError: it is no link to a report.
        UnsupportedReportLinkError: it leads to a dashboard, or holds a report in its own text.
    """
    region, path, fragment = _split(text)
    short = SHORT.fullmatch(path)
    if short:
        return Parsed(region, short_code=short[1])
    found = PATH.fullmatch(path)
    if found is None or found[5] not in APPS:
        raise _unreadable("It is not the address of a report", text, "UNRECOGNIZED_PATH")
    if found[5] == "boards":
        raise UnsupportedReportLinkError(
            f"{text!r} leads to a dashboard; open one of its reports and copy that link.",
            code="UNSUPPORTED_DASHBOARD_LINK",
        )
    project, view = found[1] or found[3], found[2] or found[4]
    slug, saved = _fragment(fragment, text)
    return Parsed(region, int(project), int(view) if view else None, slug, saved)


def _split(text: str) -> tuple[Literal["us", "eu", "in"], str, str]:
    """Region, path and fragment of an address."""
    given = text.strip() if isinstance(text, str) else ""
    try:
        parts = urlsplit(given if "://" in given else f"https://{given}")
        host = parts.hostname or ""
    except ValueError:  # such as a bracket that is not closed
        raise _unreadable("It is no address", text, "UNPARSEABLE") from None
    if "." not in host or parts.scheme not in ("http", "https"):
        raise _unreadable("It is no address", text, "UNPARSEABLE")
    if host not in REGIONS:
        raise _unreadable(f"{host} is not Mixpanel", text, "NOT_MIXPANEL_HOST")
    return REGIONS[host], parts.path, parts.fragment


def _fragment(fragment: str, text: str) -> tuple[str | None, int | None]:
    """Slug, or id of a saved report, behind the ``#``."""
    if not fragment:
        raise _unreadable("Nothing stands behind its #", text, "EMPTY_HASH")
    if fragment.startswith("~"):
        raise UnsupportedReportLinkError(
            "The link holds the report in its own text, as Mixpanel's old links do; open it in "
            "Mixpanel and copy the link again.",
            code="UNSUPPORTED_LEGACY_HASH",
        )
    saved = SAVED_HASH.fullmatch(fragment)
    if saved:
        return None, int(saved[1])
    if not SLUG.fullmatch(fragment):
        raise _unreadable("What stands behind its # names no report", text, "UNRECOGNIZED_HASH")
    return fragment, None


def _unreadable(why: str, text: Any, code: str) -> ReportLinkParseError:
    return ReportLinkParseError(
        f"{text!r} is no link to a report. {why}.", code=f"REPORT_LINK_{code}"
    )


def slug_url(slug: str, kind: str, region: str, project: str | int, view: int | None) -> str:
    """The address of a report that is kept behind a link."""
    app = "flows" if kind == "flows" else "insights"
    return f"{_app_url(region, project, view)}{app}#{slug}"


def saved_url(report: int, kind: str, region: str, project: str | int, view: int | None) -> str:
    """The address of a saved report.

    Raises:
        ParamValidationError: an id is not positive (``RL6_INVALID_ID``), or there is no such type
            (``RL1_UNKNOWN_REPORT_TYPE``).
    """
    if kind not in SAVED:
        raise ParamValidationError(
            f"report_type is {kind!r}: it is one of {', '.join(SAVED)}.", "RL1_UNKNOWN_REPORT_TYPE"
        )
    check_ids(bookmark_id=report, workspace_id=view)
    return f"{_app_url(region, project, view)}{SAVED[kind]}{report}"


def check_ids(**ids: Any) -> None:
    """Refuse what cannot be an id; None is none.

    Raises:
        ParamValidationError: an id is not positive (``RL6_INVALID_ID``).
    """
    for name, value in ids.items():
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and value > 0):
            raise ParamValidationError(
                f"{name} is {value!r}: an id is a whole number above 0.", "RL6_INVALID_ID"
            )


def _app_url(region: str, project: str | int, view: int | None) -> str:
    in_view = f"/view/{view}" if view else ""
    return f"{HOSTS[region].web}/project/{project}{in_view}/app/"
