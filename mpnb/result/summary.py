"""Answers about one property or the whole log: distribution, summary, coverage, daily counts.

Bodies of the local engine enter the ``read_*`` functions together with what was asked; small frozen
records with a ``.df`` leave. The surprise: Mixpanel has no endpoint for these, so the bodies are
simply the numbers by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class _Record:
    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


def _frame(rows: tuple[_Record, ...], columns: list[str]) -> pd.DataFrame:
    # pandas is loaded here and not above, so that importing mpnb stays light.
    import pandas as pd

    return pd.DataFrame([row.to_dict() for row in rows], columns=columns)


@dataclass(frozen=True)
class PropertyValueCount(_Record):
    """One value of a property: how many rows have it, and percent of all rows."""

    value: str
    count: int
    percentage: float


@dataclass(frozen=True)
class PropertyDistributionResult(_Record):
    """The values of a property on one event, the most frequent first."""

    event: str
    property_name: str
    from_date: str
    to_date: str
    total_count: int
    values: tuple[PropertyValueCount, ...]

    @property
    def df(self) -> pd.DataFrame:
        """One row per value."""
        return _frame(self.values, ["value", "count", "percentage"])


@dataclass(frozen=True)
class NumericPropertySummaryResult(_Record):
    """Facts about a number on one event; all but ``count`` are None without values."""

    event: str
    property_name: str
    from_date: str
    to_date: str
    count: int
    min: float | None
    max: float | None
    sum: float | None
    avg: float | None
    stddev: float | None
    percentiles: dict[int, float | None]


@dataclass(frozen=True)
class DailyCount(_Record):
    """Rows of one event on one local day."""

    date: str
    event: str
    count: int


@dataclass(frozen=True)
class DailyCountsResult(_Record):
    """Rows per local day and event."""

    from_date: str
    to_date: str
    events: tuple[str, ...] | None
    counts: tuple[DailyCount, ...]

    @property
    def df(self) -> pd.DataFrame:
        """One row per day and event."""
        return _frame(self.counts, ["date", "event", "count"])


@dataclass(frozen=True)
class EngagementBucket(_Record):
    """People with at least ``bucket_min`` events, and fewer than the next bucket's."""

    bucket_min: int
    bucket_label: str
    user_count: int
    percentage: float


@dataclass(frozen=True)
class EngagementDistributionResult(_Record):
    """People by their number of events."""

    from_date: str
    to_date: str
    events: tuple[str, ...] | None
    total_users: int
    buckets: tuple[EngagementBucket, ...]

    @property
    def df(self) -> pd.DataFrame:
        """One row per bucket."""
        columns = ["bucket_min", "bucket_label", "user_count", "percentage"]
        return _frame(self.buckets, columns)


@dataclass(frozen=True)
class PropertyCoverage(_Record):
    """On how many rows a property is defined, and on how many not."""

    property: str
    defined_count: int
    null_count: int
    coverage_percentage: float


@dataclass(frozen=True)
class PropertyCoverageResult(_Record):
    """How complete some properties of one event are."""

    event: str
    from_date: str
    to_date: str
    total_events: int
    coverage: tuple[PropertyCoverage, ...]

    @property
    def df(self) -> pd.DataFrame:
        """One row per property."""
        columns = ["property", "defined_count", "null_count", "coverage_percentage"]
        return _frame(self.coverage, columns)


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


def _names(events: Any) -> tuple[str, ...] | None:
    return None if events is None else tuple(events)


def read_distribution(raw: Raw, asked: Raw) -> PropertyDistributionResult:
    """Read ``{"total", "values": {value: rows}}``."""
    total = raw["total"]
    values = tuple(
        PropertyValueCount(value, count, _percent(count, total))
        for value, count in raw["values"].items()
    )
    dates = asked["from_date"], asked["to_date"]
    return PropertyDistributionResult(asked["event"], asked["property"], *dates, total, values)


def read_numeric_summary(raw: Raw, asked: Raw) -> NumericPropertySummaryResult:
    """Read ``{"count", "min", "max", "sum", "avg", "stddev", "percentiles"}``."""
    percentiles = {int(percent): value for percent, value in raw["percentiles"].items()}
    facts = {name: raw[name] for name in ("count", "min", "max", "sum", "avg", "stddev")}
    who = asked["event"], asked["property"], asked["from_date"], asked["to_date"]
    return NumericPropertySummaryResult(*who, **facts, percentiles=percentiles)


def read_daily_counts(raw: Raw, asked: Raw) -> DailyCountsResult:
    """Read ``{"rows": [[date, event, count]]}``."""
    counts = tuple(DailyCount(*row) for row in raw["rows"])
    dates = asked["from_date"], asked["to_date"]
    return DailyCountsResult(*dates, _names(asked["events"]), counts)


def read_engagement(raw: Raw, asked: Raw) -> EngagementDistributionResult:
    """Read ``{"total_users", "buckets": [[start, label, users]]}``."""
    total = raw["total_users"]
    buckets = tuple(
        EngagementBucket(start, label, users, _percent(users, total))
        for start, label, users in raw["buckets"]
    )
    dates = asked["from_date"], asked["to_date"]
    return EngagementDistributionResult(*dates, _names(asked["events"]), total, buckets)


def read_coverage(raw: Raw, asked: Raw) -> PropertyCoverageResult:
    """Read ``{"total_events", "defined": {property: rows}}``."""
    total = raw["total_events"]
    coverage = tuple(
        PropertyCoverage(name, rows, total - rows, _percent(rows, total))
        for name, rows in raw["defined"].items()
    )
    dates = asked["from_date"], asked["to_date"]
    return PropertyCoverageResult(asked["event"], *dates, total, coverage)
