"""Saved reports: keep a question, list what is kept, ask it again.

Enters: a question or a result, or the id of a report. Leaves: a `Bookmark`, or the question it
holds. The surprise: a workspace without Mixpanel has reports too, in a file of its own (`Shelf`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from dataclasses import replace as changed
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mpnb import params as params_json
from mpnb.asking import Asking
from mpnb.engine.base import Kind
from mpnb.entity.bookmarks import Bookmarks
from mpnb.entity.changes import ReportsChanged, tell
from mpnb.entity.report_line import BookmarkInfo, BookmarkType
from mpnb.errors import NotSupportedError
from mpnb.query.checked import checked
from mpnb.query.question import Question
from mpnb.query.users import UserQuery
from mpnb.result import saved
from mpnb.result.reading import reading
from mpnb.result.saved import FlowsResult, SavedReportResult

if TYPE_CHECKING:  # pydantic models, which only annotations need
    from mpnb.entity.bookmark import (
        Bookmark,
        BulkUpdateBookmarkEntry,
        CreateBookmarkParams,
        UpdateBookmarkParams,
    )

REPORT_TYPES: dict[Kind, str] = {
    "insights": "insights",
    "funnel": "funnels",
    "retention": "retention",
    "flow": "flows",
    "users": "users",
}
"""Kind of question → the type that its report is stored under."""

KINDS: dict[str, Kind] = {name: kind for kind, name in REPORT_TYPES.items()}


class ReportStore(Protocol):
    """Where reports are kept: a local file, or Mixpanel's app API."""

    def all(self) -> list[Bookmark]:
        """Every report."""
        ...

    def get(self, report_id: int) -> Bookmark:
        """One report by its id."""
        ...

    def keep(
        self,
        name: str,
        bookmark_type: str,
        params: dict[str, Any],
        *,
        description: str | None,
        replace: bool,
        limit: int | None,
    ) -> Bookmark:
        """Keep params under a name; with `replace`, in place of the report that has it."""
        ...

    def create(self, params: CreateBookmarkParams) -> Bookmark:
        """Keep a new report."""
        ...

    def update(
        self, report_id: int, params: UpdateBookmarkParams | BulkUpdateBookmarkEntry
    ) -> Bookmark:
        """Change the parts of a report that are given."""
        ...

    def delete(self, report_id: int) -> None:
        """Delete a report for good."""
        ...


KEEPER = "mpnb.entity.keeping:keep"
"""Loaded when the first report is saved in Mixpanel: it needs pydantic."""


class Reports(Asking, Bookmarks):
    """The part of a workspace that keeps reports: in Mixpanel, or in a file of a local store."""

    _reports: ReportStore | None

    def save(
        self,
        asked: Any,
        name: str,
        *,
        description: str | None = None,
        replace: bool = True,
        dashboard_id: int | None = None,
    ) -> Bookmark:
        """Keep a question as a report.

        Args:
            asked: a question, or a result, whose params are kept.
            name: what the report is called.
            description: what it is for.
            replace: change the report of that name and kind, if there is one, instead of adding
                another; in Mixpanel only one that stands on the same dashboard.
            dashboard_id: the dashboard of Mixpanel that it stands on; by default one called
                "Saved from notebooks", which is made when it is not there.

        Returns:
            The report, with its id.
        """
        kind, params = self._kept(asked)
        if self._reports is not None:
            question = asked if isinstance(asked, Question) else asked.query
            report = self._reports.keep(
                name,
                REPORT_TYPES[kind],
                params,
                description=description,
                replace=replace,
                limit=question.limit if isinstance(question, UserQuery) else 1,
            )
            return self._told(report)
        if kind == "users":
            raise NotSupportedError(
                "Mixpanel keeps no reports of profile queries; a local workspace does. "
                "The cell or the Python call can be kept instead."
            )
        module, _, function = KEEPER.partition(":")
        kept: Bookmark = getattr(import_module(module), function)(
            self, name, REPORT_TYPES[kind], params, description, replace, dashboard_id
        )
        return kept

    def _kept(self, asked: Any) -> tuple[Kind, dict[str, Any]]:
        if isinstance(asked, Question):
            return asked.kind, params_json.build(asked, today=self.today())
        if getattr(asked, "kind", None) in REPORT_TYPES and isinstance(asked.params, Mapping):
            return asked.kind, dict(asked.params)
        what = type(asked).__name__
        raise TypeError(f"a report is made from a question or its result, not from {what}")

    def question(self, report: int | Bookmark) -> Question:
        """The question that a report holds, by the report's id."""
        found = self.get_bookmark(report) if isinstance(report, int) else report
        kind = KINDS.get(found.bookmark_type)
        if kind is None:
            known = ", ".join(KINDS)
            raise NotSupportedError(
                f"Report {found.id} is of type {found.bookmark_type!r}, which no question "
                f"can say; these can: {known}."
            )
        question = params_json.read(found.params or {}, kind)
        kept = found.model_extra or {}
        if isinstance(question, UserQuery) and "limit" in kept:
            return changed(question, limit=kept["limit"])
        return question

    @checked
    def list_bookmarks(self, bookmark_type: BookmarkType | None = None) -> list[BookmarkInfo]:
        """The saved reports, a line each; of one type when asked."""
        if self._reports is None:
            rows = self.engine.call("list_bookmarks", {"bookmark_type": bookmark_type})
            return _of_rows(rows)
        return [_line(report) for report in self.list_bookmarks_v2(bookmark_type=bookmark_type)]

    def list_bookmarks_v2(
        self, *, bookmark_type: BookmarkType | None = None, ids: list[int] | None = None
    ) -> list[Bookmark]:
        """The saved reports, whole; of one type, or those with the given ids, when asked."""
        if self._reports is None:
            return super().list_bookmarks_v2(bookmark_type=bookmark_type, ids=ids)
        return [
            report
            for report in self._reports.all()
            if (bookmark_type is None or report.bookmark_type == bookmark_type)
            and (ids is None or report.id in ids)
        ]

    @checked
    def query_saved_report(
        self,
        bookmark_id: int,
        *,
        bookmark_type: Literal["insights", "funnels", "retention", "flows"] = "insights",
        from_date: str | None = None,
        to_date: str | None = None,
    ) -> SavedReportResult:
        """Answer a saved report as it stands.

        Args:
            bookmark_id: the report.
            bookmark_type: what it is; Mixpanel asks each type at another address.
            from_date: first day, for funnels.
            to_date: last day, for funnels.
        """
        if self._reports is not None:  # a local answer has one form, whatever was asked
            return SAVED["insights"](self._saved_raw(bookmark_id), bookmark_id)
        asked = {"bookmark_id": bookmark_id, "bookmark_type": bookmark_type}
        dates = {"from_date": from_date, "to_date": to_date}
        raw = self.engine.call("query_saved_report", {**asked, **dates})
        return SAVED[bookmark_type](raw, bookmark_id)

    @checked
    def query_saved_flows(self, bookmark_id: int) -> FlowsResult:
        """Answer a saved flow as it stands."""
        if self._reports is not None:
            return saved.read_saved_flows(self._saved_raw(bookmark_id), bookmark_id)
        raw = self.engine.call("query_saved_flows", {"bookmark_id": bookmark_id})
        return saved.read_saved_flows(raw, bookmark_id)

    def _saved_raw(self, bookmark_id: int) -> Any:
        question = self.question(bookmark_id)
        made = params_json.build(question, today=self.today())
        return self.engine.run(question.kind, made)

    @checked
    def create_bookmark(self, params: CreateBookmarkParams) -> Bookmark:
        """Keep a new report; `save` is shorter for a question at hand.

        Raises:
            BookmarkValidationError: the params are none that Mixpanel could show; all findings.
            ParamValidationError: `dashboard_id` is missing, which Mixpanel needs.
        """
        if self._reports is None:
            return self._told(super().create_bookmark(params))
        return self._told(self._reports.create(params))

    def get_bookmark(self, bookmark_id: int) -> Bookmark:
        """One saved report by its id.

        Raises:
            QueryError: there is none with that id.
        """
        if self._reports is None:
            return super().get_bookmark(bookmark_id)
        return self._reports.get(bookmark_id)

    @checked
    def update_bookmark(self, bookmark_id: int, params: UpdateBookmarkParams) -> Bookmark:
        """Change the parts of a report that are given."""
        if self._reports is None:
            return self._told(super().update_bookmark(bookmark_id, params))
        return self._told(self._reports.update(bookmark_id, params))

    def delete_bookmark(self, bookmark_id: int, *, confirm: bool = False) -> None:
        """Delete a report for good; in a notebook over Mixpanel, after asking."""
        if self._reports is None:
            super().delete_bookmark(bookmark_id, confirm=confirm)
        else:
            self._reports.delete(bookmark_id)
        tell(ReportsChanged(self, gone=(bookmark_id,)))

    def bulk_delete_bookmarks(self, ids: list[int], *, confirm: bool = False) -> None:
        """Delete reports for good; in a notebook over Mixpanel, after asking."""
        if self._reports is None:
            super().bulk_delete_bookmarks(ids, confirm=confirm)
            tell(ReportsChanged(self, gone=tuple(ids)))
        else:
            for bookmark_id in ids:
                self.delete_bookmark(bookmark_id)

    def bulk_update_bookmarks(self, entries: list[BulkUpdateBookmarkEntry]) -> None:
        """Change several reports at once."""
        if self._reports is None:
            super().bulk_update_bookmarks(entries)
            tell(ReportsChanged(self))
        else:
            for entry in entries:
                self._told(self._reports.update(entry.id, entry))

    def _told(self, report: Bookmark) -> Bookmark:
        """A report that was written, once whoever shows reports knows of it."""
        tell(ReportsChanged(self, put=(report,)))
        return report


SAVED: dict[str, Callable[[Any, int], SavedReportResult]] = {
    "insights": saved.read_insights,
    "funnels": saved.read_funnel,
    "retention": saved.read_retention,
    "flows": saved.read_flows,
}


@reading("list_bookmarks")
def _of_rows(rows: Sequence[Mapping[str, Any]]) -> list[BookmarkInfo]:
    known = {field.name for field in fields(BookmarkInfo)}
    may_lack: dict[str, Any] = {"project_id": 0, "created": "", "modified": ""}
    return [
        BookmarkInfo(**may_lack | {key: value for key, value in row.items() if key in known})
        for row in rows
    ]


def _line(report: Bookmark) -> BookmarkInfo:
    return BookmarkInfo(
        id=report.id,
        name=report.name,
        type=report.bookmark_type,  # type: ignore[arg-type]  # the server may know more types
        project_id=report.project_id or 0,
        created=_iso(report.created),
        modified=_iso(report.modified),
        dashboard_id=report.dashboard_id,
        description=report.description,
        creator_id=report.creator_id,
        creator_name=report.creator_name,
    )


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
