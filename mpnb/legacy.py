"""Mixpanel's older questions: one event counted, summed or broken down, frequency, activity.

Enters: the keyword arguments of each call. Leaves: a typed result. The surprise: no params JSON is
made here; the engine is called by the name of the method, and both engines answer with the body of
Mixpanel's endpoint for it. The last five methods have no endpoint; only the local engine has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mpnb.asking import Asking
from mpnb.errors import QueryError
from mpnb.query.checked import checked
from mpnb.query.words import CountType, HourDayUnit, TimeUnit
from mpnb.result import activity, discovery, legacy, legacy_funnel, summary
from mpnb.result.activity import ActivityFeedResult
from mpnb.result.discovery import TopEvent
from mpnb.result.jql import JQLResult
from mpnb.result.legacy import (
    EventCountsResult,
    FrequencyResult,
    NumericAverageResult,
    NumericBucketResult,
    NumericSumResult,
    PropertyCountsResult,
    SegmentationResult,
)
from mpnb.result.legacy_funnel import FunnelResult, RetentionResult
from mpnb.result.summary import (
    DailyCountsResult,
    EngagementDistributionResult,
    NumericPropertySummaryResult,
    PropertyCoverageResult,
    PropertyDistributionResult,
)


class Legacy(Asking):
    """The questions that Mixpanel had before reports; dates are local and inclusive."""

    @checked
    def segmentation(
        self,
        event: str,
        *,
        from_date: str,
        to_date: str,
        on: str | None = None,
        unit: TimeUnit = "day",
        where: str | None = None,
    ) -> SegmentationResult:
        """Count one event over time, split by a property.

        Args:
            event: the event's name.
            from_date: first day, YYYY-MM-DD.
            to_date: last day, included.
            on: property name or expression (with brackets) to split by.
            unit: width of a point: day, week or month.
            where: expression that events must pass, for example ``properties["plan"] == "pro"``.

        Raises:
            QueryError: an expression does not parse.
        """
        asked = {"event": event, "from_date": from_date, "to_date": to_date, "unit": unit}
        raw = self._called("segmentation", {**asked, "on": on, "where": where})
        return legacy.read_segmentation(raw, **asked, on=on)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def segmentation_numeric(
        self,
        event: str,
        *,
        from_date: str,
        to_date: str,
        on: str,
        unit: HourDayUnit = "day",
        where: str | None = None,
        type: CountType = "general",
    ) -> NumericBucketResult:
        """Count one event over time, split by ranges of a number.

        ``on`` is a property name or expression; ``type`` counts events (general), people (unique)
        or events per person (average).
        """
        asked = {"event": event, "from_date": from_date, "to_date": to_date, "on": on, "unit": unit}
        raw = self._called("segmentation_numeric", {**asked, "where": where, "type": type})
        return legacy.read_numeric_buckets(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def segmentation_sum(
        self,
        event: str,
        *,
        from_date: str,
        to_date: str,
        on: str,
        unit: HourDayUnit = "day",
        where: str | None = None,
    ) -> NumericSumResult:
        """Sum a number over the rows of one event; what is no number counts as 0."""
        asked = {"event": event, "from_date": from_date, "to_date": to_date, "on": on, "unit": unit}
        raw = self._called("segmentation_sum", {**asked, "where": where})
        return legacy.read_numeric_sum(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def segmentation_average(
        self,
        event: str,
        *,
        from_date: str,
        to_date: str,
        on: str,
        unit: HourDayUnit = "day",
        where: str | None = None,
    ) -> NumericAverageResult:
        """Average a number over the rows of one event; what is no number counts as 0."""
        asked = {"event": event, "from_date": from_date, "to_date": to_date, "on": on, "unit": unit}
        raw = self._called("segmentation_average", {**asked, "where": where})
        return legacy.read_numeric_average(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def event_counts(
        self,
        events: list[str],
        *,
        from_date: str,
        to_date: str,
        type: CountType = "general",
        unit: TimeUnit = "day",
    ) -> EventCountsResult:
        """Count several events over time; ``type`` as in `segmentation_numeric`."""
        dates = {"from_date": from_date, "to_date": to_date, "unit": unit, "type": type}
        raw = self._called("event_counts", {"events": list(events), **dates})
        return legacy.read_event_counts(raw, events=events, **dates)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def property_counts(
        self,
        event: str,
        property_name: str,
        *,
        from_date: str,
        to_date: str,
        type: CountType = "general",
        unit: TimeUnit = "day",
        values: list[str] | None = None,
        limit: int | None = None,
    ) -> PropertyCountsResult:
        """Count one event by the values of a property, the most frequent ``limit`` values first.

        ``values`` restricts the answer to some values; rows without the property are left out.
        """
        asked = {"event": event, "property_name": property_name, "type": type, "unit": unit}
        asked |= {"from_date": from_date, "to_date": to_date}
        raw = self._called("property_counts", {**asked, "values": values, "limit": limit})
        return legacy.read_property_counts(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def frequency(
        self,
        *,
        from_date: str,
        to_date: str,
        unit: TimeUnit = "day",
        addiction_unit: HourDayUnit = "hour",
        event: str | None = None,
        where: str | None = None,
    ) -> FrequencyResult:
        """How many people were active in at least 1, 2, 3, … hours or days of each ``unit``."""
        asked = {"from_date": from_date, "to_date": to_date, "unit": unit, "event": event}
        asked["addiction_unit"] = addiction_unit
        raw = self._called("frequency", {**asked, "where": where})
        return legacy.read_frequency(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def retention(
        self,
        *,
        born_event: str,
        return_event: str,
        from_date: str,
        to_date: str,
        born_where: str | None = None,
        return_where: str | None = None,
        interval: int = 1,
        interval_count: int = 10,
        unit: TimeUnit = "day",
    ) -> RetentionResult:
        """Who came back: people by the date of their first born event, counted per interval."""
        asked = {"born_event": born_event, "return_event": return_event, "unit": unit}
        asked |= {"from_date": from_date, "to_date": to_date}
        rest = {"born_where": born_where, "return_where": return_where}
        counts = {"interval": interval, "interval_count": interval_count}
        raw = self._called("retention", {**asked, **rest, **counts})
        return legacy_funnel.read_retention(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def funnel(
        self,
        funnel_id: int,
        *,
        from_date: str,
        to_date: str,
        unit: str | None = None,
        on: str | None = None,
    ) -> FunnelResult:
        """The answer of a funnel that is saved in the project, by id."""
        asked = {"funnel_id": funnel_id, "from_date": from_date, "to_date": to_date}
        raw = self._called("funnel", {**asked, "unit": unit, "on": on})
        return legacy_funnel.read_funnel(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def activity_feed(
        self,
        distinct_ids: list[str],
        *,
        from_date: str | None = None,
        to_date: str | None = None,
        limit: int | None = None,
        include_events: list[str] | None = None,
        exclude_events: list[str] | None = None,
        sentinel_event: dict[str, Any] | None = None,
        paging_window: int | None = None,
        search: str | None = None,
        search_properties: list[dict[str, Any]] | None = None,
        use_custom_events: bool = False,
    ) -> ActivityFeedResult:
        """What some people did, event by event, oldest first.

        Raises:
            QueryError: events are included and excluded at once, or a search has no text.
        """
        if include_events and exclude_events:
            raise QueryError(
                "include_events and exclude_events exclude each other", status_code=400
            )
        if search_properties and not search:
            raise QueryError("search_properties needs search, the text to find", status_code=400)
        asked = {"distinct_ids": distinct_ids, "from_date": from_date, "to_date": to_date}
        more = {
            "limit": limit,
            "include_events": include_events,
            "exclude_events": exclude_events,
            "sentinel_event": sentinel_event,
            "paging_window": paging_window,
            "search": search,
            "search_properties": search_properties,
            "use_custom_events": use_custom_events,
        }
        raw = self._called("activity_feed", {**asked, **more})
        return activity.read_activity_feed(raw, **asked)  # type: ignore[arg-type]  # the keys are its parameters

    @checked
    def top_events(
        self, *, type: CountType = "general", limit: int | None = None
    ) -> list[TopEvent]:
        """Today's events, the most frequent first, and their change against yesterday."""
        return discovery.read_top_events(self._called("top_events", {"type": type, "limit": limit}))

    @checked
    def jql(self, script: str, params: dict[str, Any] | None = None) -> JQLResult:
        """Run a script in Mixpanel's JQL, where the project still has it.

        Args:
            script: JavaScript with a function ``main``.
            params: what the script finds in its variable ``params``.

        Raises:
            JQLSyntaxError: the script fails; it says where.
            NotSupportedError: the workspace is local, and runs no scripts.
        """
        return JQLResult(self._called("jql", {"script": script, "params": params}))

    @checked
    def property_distribution(
        self, event: str, property: str, *, from_date: str, to_date: str, limit: int = 20
    ) -> PropertyDistributionResult:
        """How often each value of a property occurs on one event, in numbers and percent.

        Over Mixpanel it takes two queries.
        """
        asked = {"event": event, "property": property, "from_date": from_date, "to_date": to_date}
        raw = self._called("property_distribution", {**asked, "limit": limit})
        return summary.read_distribution(raw, asked)

    @checked
    def numeric_summary(
        self,
        event: str,
        property: str,
        *,
        from_date: str,
        to_date: str,
        percentiles: list[int] | None = None,
    ) -> NumericPropertySummaryResult:
        """Count, range, sum, mean, standard deviation and percentiles of a number.

        Over Mixpanel it takes three queries, and one for each percentile.
        """
        asked = {"event": event, "property": property, "from_date": from_date, "to_date": to_date}
        raw = self._called("numeric_summary", {**asked, "percentiles": percentiles})
        return summary.read_numeric_summary(raw, asked)

    @checked
    def daily_counts(
        self, *, from_date: str, to_date: str, events: list[str] | None = None
    ) -> DailyCountsResult:
        """Rows per local day and event; days without rows are left out.

        Over Mixpanel it takes one query for every ten events.
        """
        asked = {"from_date": from_date, "to_date": to_date, "events": events}
        return summary.read_daily_counts(self._called("daily_counts", asked), asked)

    @checked
    def engagement_distribution(
        self,
        *,
        from_date: str,
        to_date: str,
        events: list[str] | None = None,
        buckets: list[int] | None = None,
    ) -> EngagementDistributionResult:
        """How many people did how many events; ``buckets`` are the lower bounds, ascending.

        Raises:
            NotSupportedError: Mixpanel is asked, which has no question for it.
        """
        asked = {"from_date": from_date, "to_date": to_date, "events": events}
        raw = self._called("engagement_distribution", {**asked, "buckets": buckets})
        return summary.read_engagement(raw, asked)

    @checked
    def property_coverage(
        self, event: str, properties: list[str], *, from_date: str, to_date: str
    ) -> PropertyCoverageResult:
        """On how many rows of an event each of some properties is defined.

        Over Mixpanel it takes one query, and one for each property.
        """
        asked = {"event": event, "from_date": from_date, "to_date": to_date}
        raw = self._called("property_coverage", {**asked, "properties": list(properties)})
        return summary.read_coverage(raw, asked)

    def _called(self, method: str, arguments: Mapping[str, Any]) -> Any:
        return self.engine.call(method, arguments)
