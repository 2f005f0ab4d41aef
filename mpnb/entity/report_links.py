"""Links to reports: make one, see where one leads, ask what it shows."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast

from mpnb.entity.base import Entity, get, post
from mpnb.errors import (
    APIError,
    ParamTypeError,
    ParamValidationError,
    ReportLinkNotFoundError,
    ReportLinkScopeMismatchError,
    UnsupportedReportLinkError,
    WorkspaceScopeError,
)
from mpnb.query.checked import checked

if TYPE_CHECKING:
    from mpnb.entity.bookmark import Bookmark
    from mpnb.entity.report_link import (
        BookmarkUrl,
        Parsed,
        ReportLink,
        ReportLinkQueryResult,
        ReportLinkType,
        ResolvedReport,
    )
    from mpnb.result import FlowQueryResult, FunnelQueryResult, QueryResult, RetentionQueryResult

    Shown = (
        dict[str, Any] | QueryResult | FunnelQueryResult | RetentionQueryResult | FlowQueryResult
    )

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Without the letters that look like others."""
RESULTS = {
    "QueryResult": "insights",
    "FunnelQueryResult": "funnels",
    "RetentionQueryResult": "retention",
    "FlowQueryResult": "flows",
}
"""Class of an answer → type of its report."""
KINDS = {"insights": "insights", "funnels": "funnel", "retention": "retention", "flows": "flow"}
"""Type of a report → kind of question."""

LINK, SHORT = "mpnb.entity.report_link", "mpnb.entity.short_link"
READ, STORABLE = "mpnb.params.read", "mpnb.params.storable"
SESSION = "mpnb.session"
"""Loaded with the first link: they need pydantic."""


class ReportLinks(Entity, models=(LINK,)):
    """Links to reports."""

    @checked
    def create_report_link(
        self,
        params: Shown,
        *,
        report_type: ReportLinkType | None = None,
        name: str = "",
        description: str = "",
        workspace_id: int | None = None,
        bookmark_id: int | None = None,
        validate: bool = True,
    ) -> ReportLink:
        """Make a link that opens a report in Mixpanel, without saving it.

        Args:
            params: an answer, or params JSON.
            report_type: what params JSON is; told by the params when left out.
            name: shown above the report.
            description: shown below the name.
            workspace_id: the data view to open it in; the pinned one, or the project's own, when
                left out.
            bookmark_id: the saved report that it was made from.
            validate: check the params before.

        Raises:
            ParamValidationError: an answer of another type (``RL4_REPORT_TYPE_CONFLICT``), or an
                id that is none (``RL6_INVALID_ID``).
            BookmarkValidationError: Mixpanel could not show the params.
        """
        made, kind = _made_of(params, report_type)
        link = import_module(LINK)
        link.check_ids(workspace_id=workspace_id, bookmark_id=bookmark_id)
        engine = self._mixpanel("create_report_link")
        if validate:
            import_module(STORABLE).require_storable(made, kind)
        view = workspace_id
        if view is None:
            with suppress(WorkspaceScopeError):  # the link opens without a data view, too
                view = engine.view_id()
        slug = "".join(secrets.choice(ALPHABET) for _ in range(12))
        kept = self._keep_report_link(slug, kind, made, name, description, bookmark_id)
        slug = str(kept.get("slug") or slug)
        scope = engine.scope
        return cast(
            "ReportLink",
            link.ReportLink(
                url=link.slug_url(slug, kind, scope.region, scope.project_id, view),
                slug=slug,
                report_type=kind,
                project_id=int(scope.project_id),
                workspace_id=view,
                name=name,
                description=description,
                bookmark_id=bookmark_id,
                created_at=kept.get("created_at"),
            ),
        )

    def saved_report_link(
        self,
        bookmark_id: int,
        *,
        report_type: Literal[
            "insights", "funnels", "funnel", "retention", "flows", "launch-analysis"
        ] = "insights",
        workspace_id: int | None = None,
    ) -> str:
        """The address of a saved report; nothing is asked.

        Raises:
            ParamValidationError: an id is not positive, or there is no such type.
        """
        scope = self._mixpanel("saved_report_link").scope
        view = scope.workspace_id if workspace_id is None else workspace_id
        url = import_module(LINK).saved_url
        return str(url(bookmark_id, report_type, scope.region, scope.project_id, view))

    @checked
    def resolve_report_link(self, link: str) -> ResolvedReport:
        """The report that a link leads to; short links are followed.

        Raises:
            ReportLinkParseError: it is no link to a report.
            UnsupportedReportLinkError: it leads to a dashboard, or is of the oldest kind.
            ReportLinkScopeMismatchError: it is of another region, project or data view.
            ReportLinkNotFoundError: it leads to nothing.
            ShortLinkResolutionError: a short link could not be followed.
        """
        engine = self._mixpanel("resolve_report_link")
        parsed, expanded = import_module(LINK).parse(link), None
        _check_scope(parsed, engine.scope)
        if parsed.short_code is not None:
            expanded = import_module(SHORT).expanded(engine, parsed.short_code)
            parsed = import_module(LINK).parse(expanded)
            import_module(SHORT).check_target(parsed, expanded)
            _check_scope(parsed, engine.scope)
        facts = self._of_slug(parsed) if parsed.slug else self._of_saved(parsed)
        facts.update(project_id=parsed.project_id, workspace_id=parsed.workspace_id)
        facts.update(region=parsed.region, input=link, expanded_url=expanded)
        return cast("ResolvedReport", import_module(LINK).ResolvedReport(**facts))

    @checked
    def query_report_link(
        self,
        link: str | ResolvedReport,
        *,
        mode: Literal["sankey", "paths", "tree"] | None = None,
    ) -> ReportLinkQueryResult:
        """Ask what a link shows, in the data view that the link names.

        Args:
            link: the link, or where it leads.
            mode: the form of a flow.

        Raises:
            UnsupportedReportLinkError: there are no numbers for this type of report
                (``UNSUPPORTED_REPORT_TYPE``).
        """
        report = self.resolve_report_link(link) if isinstance(link, str) else link
        kind = KINDS.get(report.report_type)
        if kind is None:
            raise UnsupportedReportLinkError(
                f"Reports of type {report.report_type!r} cannot be asked; {', '.join(KINDS)} can.",
                code="UNSUPPORTED_REPORT_TYPE",
            )
        if report.overrides:
            warnings.warn(
                "The link changes the report as it is shown (overrides); the answer is that of "
                "the report without these changes.",
                stacklevel=3,
            )
        options = {"mode": mode} if mode and kind == "flow" else {}
        there = cast("Any", self._viewing(report.workspace_id))
        return cast("ReportLinkQueryResult", there.run(kind, report.params, options))

    def _viewing(self, view_id: int | None) -> ReportLinks:
        """This workspace with a data view of its own, or with none."""
        here = cast("Any", self)
        if here.session.workspace_id == view_id:
            return self
        view = None if view_id is None else import_module(SESSION).WorkspaceRef(id=view_id)
        there = copy(here)
        there._session = here.session.model_copy(update={"workspace": view})
        there._client, there._engine = self._mixpanel("query_report_link").transport.client, None
        return cast("ReportLinks", there)

    def _of_slug(self, parsed: Parsed) -> dict[str, Any]:
        slug = cast("str", parsed.slug)
        kept = _found(lambda: self._report_link(slug), f"link {slug}", "REPORT_LINK_SLUG_NOT_FOUND")
        kind, view = kept.bookmark_type, parsed.workspace_id
        url = import_module(LINK).slug_url(slug, kind, parsed.region, parsed.project_id, view)
        named = ("params", "name", "description", "overrides", "bookmark_id", "bookmark")
        facts = {field: getattr(kept, field) for field in named}
        return {**facts, "source": "slug", "slug": slug, "report_type": kind, "url": url}

    def _of_saved(self, parsed: Parsed) -> dict[str, Any]:
        report_id = cast("int", parsed.bookmark_id)
        ask = getattr(self, "get_bookmark")  # noqa: B009  another class of the workspace has it
        code = "REPORT_LINK_BOOKMARK_NOT_FOUND"
        report: Bookmark = _found(lambda: ask(report_id), f"saved report {report_id}", code)
        kind, view = report.bookmark_type, parsed.workspace_id
        link = import_module(LINK)
        typed = kind if kind in link.SAVED else "insights"
        return {
            "source": "bookmark",
            "report_type": kind,
            "params": report.params or {},
            "url": link.saved_url(report_id, typed, parsed.region, parsed.project_id, view),
            "bookmark_id": report_id,
            "bookmark": report,
            "name": report.name,
            "description": report.description,
        }

    @post("bookmark-urls/", scope="project", names={"report_type": "type"})
    def _keep_report_link(
        self,
        slug: str,
        report_type: str,
        params: dict[str, Any],
        name: str = "",
        description: str = "",
        bookmark_id: int | None = None,
    ) -> dict[str, Any]:
        """Keep a report behind a link."""
        ...

    @get("bookmark-urls/{slug}/", scope="project")
    def _report_link(self, slug: str) -> BookmarkUrl:
        """The report that is kept behind a link."""
        ...


def _made_of(params: Any, report_type: str | None) -> tuple[dict[str, Any], str]:
    """Params JSON, and the type of its report."""
    own = RESULTS.get(type(params).__name__)
    if own is None:
        if not isinstance(params, dict):
            raise ParamTypeError(f"params is an answer or params JSON, not {type(params).__name__}")
        return params, _type_of(params, report_type)
    if report_type not in (None, own):
        raise ParamValidationError(
            f"The answer is of type {own!r}, not {report_type!r}; leave report_type out.",
            "RL4_REPORT_TYPE_CONFLICT",
        )
    # The form of a flow is how it was asked, no part of the report.
    return {key: v for key, v in params.params.items() if (own, key) != ("flows", "mode")}, own


def _type_of(params: dict[str, Any], report_type: str | None) -> str:
    """The type that is given, or that the params show."""
    if report_type is None:
        kind = import_module(READ).detect(params)
        return next((name for name, asked in KINDS.items() if asked == kind), "insights")
    if report_type not in KINDS:
        raise ParamValidationError(
            f"report_type is {report_type!r}: it is one of {', '.join(KINDS)}.",
            "RL1_UNKNOWN_REPORT_TYPE",
        )
    return report_type


def _check_scope(link: Parsed, scope: Any) -> None:
    """Refuse a link whose numbers would be those of another place."""
    places = (
        ("REGION", "region", link.region, scope.region),
        ("PROJECT", "project", link.project_id, int(scope.project_id)),
        ("WORKSPACE", "data view", link.workspace_id, scope.workspace_id),
    )
    for code, what, theirs, ours in places:
        if theirs is not None and ours is not None and theirs != ours:
            raise ReportLinkScopeMismatchError(
                f"The link is of {what} {theirs}, this workspace of {ours}; go there first.",
                code=f"REPORT_LINK_{code}_MISMATCH",
                details={"link": theirs, "workspace": ours},
            )


def _found(ask: Callable[[], Any], what: str, code: str) -> Any:
    try:
        return ask()
    except APIError as problem:
        if problem.status_code != 404:
            raise
        raise ReportLinkNotFoundError(
            f"There is no {what} in this project.", code=code
        ) from problem
