"""Answers of saved reports: the body of one report enters, a result with its kind and frame leaves.

The surprise: only an insights report is a table of points. The other kinds keep their raw series in
a frame of one cell; run the report's params to get the full frame of its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mpnb.result.base import ResultWithDataFrame, segment_columns
from mpnb.result.insights import leaves, long_frame
from mpnb.result.read import refuse_error
from mpnb.result.reading import reading
from mpnb.result.types import SavedReportType

if TYPE_CHECKING:
    import pandas as pd

HEADERS: dict[str, SavedReportType] = {
    "$retention": "retention",
    "$funnel": "funnel",
    "$flows": "flows",
}


@dataclass(frozen=True)
class SavedReportResult(ResultWithDataFrame):
    """The answer of a report that is saved in Mixpanel.

    Attributes:
        bookmark_id: id of the report.
        computed_at: when the numbers were computed, ISO format; "" when the answer does not say.
        from_date: start of the range; "" when the answer does not say.
        to_date: end of the range.
        headers: names of the levels of ``series``; the first tells the kind.
        series: the raw series of the report.
    """

    bookmark_id: int
    computed_at: str
    from_date: str
    to_date: str
    headers: list[str] = field(default_factory=list)
    series: dict[str, Any] = field(default_factory=dict)

    @property
    def report_type(self) -> SavedReportType:
        """What kind of report this is."""
        for name in self.headers:
            if name in HEADERS:
                return HEADERS[name]
        return "insights"

    def to_dict(self) -> dict[str, Any]:
        """The public fields and the kind of the report, ready for JSON."""
        return {**super().to_dict(), "report_type": self.report_type}

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        if self.report_type != "insights":
            return pd.DataFrame({"series": [self.series]})
        found = list(leaves(self.series))
        levels = max((len(leaf.path) for leaf in found), default=0)
        names = segment_columns(self.headers[1:], levels, {"date", "event", "count"})
        return long_frame(found, ["event", *names], dates=True, levels=levels, clock=False)


@reading("query_saved_report")
def read_insights(raw: Mapping[str, Any], bookmark_id: int) -> SavedReportResult:
    """Read the body of a saved insights report."""
    refuse_error(raw)
    dates = raw.get("date_range") or {}
    return SavedReportResult(
        bookmark_id=bookmark_id,
        computed_at=raw.get("computed_at") or "",
        from_date=dates.get("from_date") or "",
        to_date=dates.get("to_date") or "",
        headers=list(raw.get("headers") or []),
        series=dict(raw.get("series") or {}),
        raw=raw,
    )


@reading("query_saved_report")
def read_funnel(raw: Mapping[str, Any], bookmark_id: int) -> SavedReportResult:
    """Read the body of a saved funnel: steps by date."""
    refuse_error(raw)
    return _by_date(raw.get("data") or {}, raw, bookmark_id, "$funnel")


@reading("query_saved_report")
def read_retention(raw: Mapping[str, Any], bookmark_id: int) -> SavedReportResult:
    """Read the body of a saved retention report: cohorts by date."""
    refuse_error(raw)
    return _by_date(raw, raw, bookmark_id, "$retention")


def _by_date(
    series: Mapping[str, Any], raw: Mapping[str, Any], bookmark_id: int, header: str
) -> SavedReportResult:
    return SavedReportResult(
        bookmark_id=bookmark_id,
        computed_at=(raw.get("computed_at") or "") if series is not raw else "",
        from_date=min(series, default=""),
        to_date=max(series, default=""),
        headers=[header],
        series=dict(series),
        raw=raw,
    )


@reading("query_saved_report")
def read_flows(raw: Mapping[str, Any], bookmark_id: int) -> SavedReportResult:
    """Read the body of a saved flow, as ``query_saved_report`` returns it."""
    refuse_error(raw)
    return SavedReportResult(
        bookmark_id=bookmark_id,
        computed_at=raw.get("computed_at") or "",
        from_date="",
        to_date="",
        headers=["$flows"],
        series={
            "steps": raw.get("steps") or [],
            "breakdowns": raw.get("breakdowns") or [],
            "overallConversionRate": raw.get("overallConversionRate") or 0.0,
        },
        raw=raw,
    )


@dataclass(frozen=True)
class FlowsResult(ResultWithDataFrame):
    """The answer of a saved flow, as ``query_saved_flows`` returns it.

    Attributes:
        bookmark_id: id of the report.
        computed_at: when the numbers were computed; "" when the answer does not say.
        steps: the raw steps.
        breakdowns: what segments the answer holds.
        overall_conversion_rate: share of flows that reach the last anchor, 0 to 1.
        metadata: sampling factor and the like.
    """

    bookmark_id: int
    computed_at: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    breakdowns: list[dict[str, Any]] = field(default_factory=list)
    overall_conversion_rate: float = 0.0
    metadata: dict[str, Any] = field(default_factory=dict)

    def _frame(self) -> pd.DataFrame:
        # pandas is loaded here and not above, so that importing mpnb stays light.
        import pandas as pd

        return pd.DataFrame(self.steps)


@reading("query_saved_flows")
def read_saved_flows(raw: Mapping[str, Any], bookmark_id: int) -> FlowsResult:
    """Read the body of a saved flow into its own result."""
    refuse_error(raw)
    return FlowsResult(
        bookmark_id=bookmark_id,
        computed_at=raw.get("computed_at") or "",
        steps=list(raw.get("steps") or []),
        breakdowns=list(raw.get("breakdowns") or []),
        overall_conversion_rate=float(raw.get("overallConversionRate") or 0.0),
        metadata=dict(raw.get("metadata") or {}),
        raw=raw,
    )
