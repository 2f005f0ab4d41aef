"""Answers of Mixpanel's older counting endpoints: segmentation, event and property counts.

Raw bodies enter the ``read_*`` functions together with what was asked, because the bodies repeat
little of it; results with one row per date and line leave. The surprise: segmentation of numbers
and of names share one raw shape and differ only in the name of a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from mpnb.result.base import ResultWithDataFrame
from mpnb.result.reading import reading
from mpnb.result.types import CalendarUnit, CountType, HourOrDay

if TYPE_CHECKING:
    import pandas as pd

Series = dict[str, dict[str, int]]


def _by_line(series: Mapping[str, Mapping[str, Any]], name: str) -> pd.DataFrame:
    """One row per date and line; ``name`` is the column that names the line."""
    # pandas is loaded here and not above, so that importing mpnb stays light.
    import pandas as pd

    rows = [(date, line, n) for line, points in series.items() for date, n in points.items()]
    return pd.DataFrame(rows, columns=["date", name, "count"])


def _by_date(results: Mapping[str, Any], name: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(results.items()), columns=["date", name])


@dataclass(frozen=True)
class SegmentationResult(ResultWithDataFrame):
    """Counts of one event over time, by the values of a property.

    Attributes:
        event: name of the event.
        from_date: first day.
        to_date: last day, inclusive.
        unit: width of a bucket.
        segment_property: property or expression of the split; None for one line.
        total: sum over all lines and dates.
        series: ``{segment: {date: count}}``.
    """

    event: str
    from_date: str
    to_date: str
    unit: CalendarUnit
    segment_property: str | None
    total: int
    series: Series = field(default_factory=dict)

    def _frame(self) -> pd.DataFrame:
        return _by_line(self.series, "segment")


@dataclass(frozen=True)
class EventCountsResult(ResultWithDataFrame):
    """Counts of several events over time.

    Attributes:
        events: names of the events that were asked for.
        from_date: first day.
        to_date: last day, inclusive.
        unit: width of a bucket.
        type: events (general), people (unique) or events per person (average).
        series: ``{event: {date: count}}``.
    """

    events: list[str]
    from_date: str
    to_date: str
    unit: CalendarUnit
    type: CountType
    series: Series

    def _frame(self) -> pd.DataFrame:
        return _by_line(self.series, "event")


@dataclass(frozen=True)
class PropertyCountsResult(ResultWithDataFrame):
    """Counts of one event over time, by the values of one property.

    Attributes:
        event: name of the event.
        property_name: the property.
        from_date: first day.
        to_date: last day, inclusive.
        unit: width of a bucket.
        type: events (general), people (unique) or events per person (average).
        series: ``{value: {date: count}}``.
    """

    event: str
    property_name: str
    from_date: str
    to_date: str
    unit: CalendarUnit
    type: CountType
    series: Series

    def _frame(self) -> pd.DataFrame:
        return _by_line(self.series, "value")


@dataclass(frozen=True)
class NumericBucketResult(ResultWithDataFrame):
    """Counts of one event over time, by ranges of a number.

    Attributes:
        event: name of the event.
        from_date: first day.
        to_date: last day, inclusive.
        property_expr: the property or expression.
        unit: width of a time bucket.
        series: ``{range: {date: count}}``.
    """

    event: str
    from_date: str
    to_date: str
    property_expr: str
    unit: HourOrDay
    series: Series = field(default_factory=dict)

    def _frame(self) -> pd.DataFrame:
        return _by_line(self.series, "bucket")


@dataclass(frozen=True)
class NumericSumResult(ResultWithDataFrame):
    """Sums of a number over time.

    Attributes:
        event: name of the event.
        from_date: first day.
        to_date: last day, inclusive.
        property_expr: the property or expression.
        unit: width of a time bucket.
        results: ``{date: sum}``.
        computed_at: when it was computed, where the answer says so.
    """

    event: str
    from_date: str
    to_date: str
    property_expr: str
    unit: HourOrDay
    results: dict[str, float] = field(default_factory=dict)
    computed_at: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON; ``computed_at`` only when it is known."""
        found = super().to_dict()
        if found["computed_at"] is None:
            del found["computed_at"]
        return found

    def _frame(self) -> pd.DataFrame:
        return _by_date(self.results, "sum")


@dataclass(frozen=True)
class NumericAverageResult(ResultWithDataFrame):
    """Averages of a number over time.

    Attributes:
        event: name of the event.
        from_date: first day.
        to_date: last day, inclusive.
        property_expr: the property or expression.
        unit: width of a time bucket.
        results: ``{date: average}``.
    """

    event: str
    from_date: str
    to_date: str
    property_expr: str
    unit: HourOrDay
    results: dict[str, float] = field(default_factory=dict)

    def _frame(self) -> pd.DataFrame:
        return _by_date(self.results, "average")


@dataclass(frozen=True)
class FrequencyResult(ResultWithDataFrame):
    """How many people were active in 1, 2, 3, … small units of each larger unit.

    Attributes:
        event: name of the event; None for any.
        from_date: first day.
        to_date: last day, inclusive.
        unit: the larger unit, one row each.
        addiction_unit: the small unit that is counted.
        data: ``{date: [people active in at least 1 small unit, in 2, …]}``.
    """

    ADDS: ClassVar[str] = "period_"

    event: str | None
    from_date: str
    to_date: str
    unit: CalendarUnit
    addiction_unit: HourOrDay
    data: dict[str, list[int]] = field(default_factory=dict)

    def _frame(self) -> pd.DataFrame:
        import pandas as pd

        width = max(map(len, self.data.values()), default=0)
        rows = [[date, *self.data[date]] for date in sorted(self.data)]
        padded = [row + [None] * (width + 1 - len(row)) for row in rows]
        columns = [f"{self.ADDS}{number}" for number in range(1, width + 1)]
        return pd.DataFrame(padded, columns=["date", *columns])


def values(raw: Mapping[str, Any]) -> Series:
    """The ``data.values`` part that most of these bodies share."""
    return {str(line): dict(points) for line, points in (_data(raw).get("values") or {}).items()}


def _data(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    found = raw.get("data")
    return found if isinstance(found, Mapping) else {}


@reading("segmentation")
def read_segmentation(
    raw: Mapping[str, Any],
    *,
    event: str,
    from_date: str,
    to_date: str,
    unit: CalendarUnit = "day",
    on: str | None = None,
) -> SegmentationResult:
    """Read a segmentation body; ``total`` is the sum of its numbers."""
    series = values(raw)
    total = sum(n or 0 for points in series.values() for n in points.values())
    return SegmentationResult(event, from_date, to_date, unit, on, total, series, raw=raw)


@reading("event_counts")
def read_event_counts(
    raw: Mapping[str, Any],
    *,
    events: list[str],
    from_date: str,
    to_date: str,
    unit: CalendarUnit = "day",
    type: CountType = "general",
) -> EventCountsResult:
    """Read a body of counts by event."""
    return EventCountsResult(list(events), from_date, to_date, unit, type, values(raw), raw=raw)


@reading("property_counts")
def read_property_counts(
    raw: Mapping[str, Any],
    *,
    event: str,
    property_name: str,
    from_date: str,
    to_date: str,
    unit: CalendarUnit = "day",
    type: CountType = "general",
) -> PropertyCountsResult:
    """Read a body of counts by value."""
    series = values(raw)
    return PropertyCountsResult(
        event, property_name, from_date, to_date, unit, type, series, raw=raw
    )


@reading("segmentation_numeric")
def read_numeric_buckets(
    raw: Mapping[str, Any],
    *,
    event: str,
    from_date: str,
    to_date: str,
    on: str,
    unit: HourOrDay = "day",
) -> NumericBucketResult:
    """Read a segmentation body over ranges of a number."""
    return NumericBucketResult(event, from_date, to_date, on, unit, values(raw), raw=raw)


@reading("segmentation_sum")
def read_numeric_sum(
    raw: Mapping[str, Any],
    *,
    event: str,
    from_date: str,
    to_date: str,
    on: str,
    unit: HourOrDay = "day",
) -> NumericSumResult:
    """Read a body of sums by date."""
    found = dict(raw.get("results") or {})
    at = raw.get("computed_at")
    return NumericSumResult(event, from_date, to_date, on, unit, found, at, raw=raw)


@reading("segmentation_average")
def read_numeric_average(
    raw: Mapping[str, Any],
    *,
    event: str,
    from_date: str,
    to_date: str,
    on: str,
    unit: HourOrDay = "day",
) -> NumericAverageResult:
    """Read a body of averages by date."""
    found = dict(raw.get("results") or {})
    return NumericAverageResult(event, from_date, to_date, on, unit, found, raw=raw)


@reading("frequency")
def read_frequency(
    raw: Mapping[str, Any],
    *,
    from_date: str,
    to_date: str,
    event: str | None = None,
    unit: CalendarUnit = "day",
    addiction_unit: HourOrDay = "hour",
) -> FrequencyResult:
    """Read a frequency body."""
    found = {str(date): list(counts) for date, counts in _data(raw).items()}
    return FrequencyResult(event, from_date, to_date, unit, addiction_unit, found, raw=raw)
