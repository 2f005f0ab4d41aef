"""Section 6: one value for each metric, segment and bucket, from the rows themselves."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.engine.oracle import behaviors, formulas, sessions
from tests.engine.oracle.breakdowns import Breakdowns, automatic
from tests.engine.oracle.calendar import HOUR, LENGTHS, Bucket
from tests.engine.oracle.data import Row, World
from tests.engine.oracle.filters import TIMES, Filters
from tests.engine.oracle.values import NOT_SET, aggregate, distinct, elements, label, numeric
from tests.engine.oracle.words import Part, many, part_of

Segment = tuple[str, ...]
Series = dict[Segment, list[Any]]
USERS = ("unique", "dau", "wau", "mau", "cumulative_unique")
WINDOWS = {"dau": 1, "wau": 7, "mau": 30}
COUNTS = (*USERS, "sessions", "unique_values", "first_value", "histogram", "multi_attribution")


@dataclass
class Answer:
    """Labels of the buckets, and a series for each metric or formula that is shown."""

    labels: list[str]
    series: list[Series]
    comparison: Answer | None = None


def answer(here: World, asked: Part) -> Answer:
    if asked.data_group_id is not None:
        here = here.by_group(asked["data_group_id"])
    days = here.calendar.range(asked, here.now)
    found = Insights(here, asked, days).answer()
    if asked.time_comparison is not None:
        compared = here.calendar.compared(days, asked["time_comparison"])
        found.comparison = Insights(here, asked, compared).answer()
    return found


def is_count(metric: Part) -> bool:
    """Whether nothing to count is 0 (T-7)."""
    if metric.kind == "CohortMetric":
        return True
    if metric.kind != "Metric":
        return metric.math in ("unique", "total")
    how = metric.get("math", "total")
    return how == "total" or how in COUNTS


class Insights:
    """One question over one range."""

    def __init__(self, world: World, asked: Part, days: tuple[date, date]) -> None:
        self.metrics, self.formulas = formulas.split(asked)
        virtual = any(sessions.named_in(m) for m in self.metrics) or sessions.named_in(asked)
        self.stored, self.asked, self.days = world, asked, days
        self.here = sessions.with_virtual(world) if virtual else world
        self.filters = Filters(self.here)
        self.unit = asked.get("unit", "day")
        calendar = self.here.calendar
        self.span = Bucket("all", calendar.start(days[0]), calendar.end(days[1]), days[1])
        self.timed = asked.get("mode", "timeseries") == "timeseries"
        self.buckets = calendar.buckets(*days, self.unit) if self.timed else [self.span]
        self.where = many(asked.where)
        self.breakdowns = Breakdowns(self.filters, asked.group_by, self._of_range())

    def _of_range(self) -> list[Row]:
        """Rows of any metric in the range: they choose the numeric buckets of the question."""
        return [
            row
            for metric in self.metrics
            if metric.kind == "Metric"
            for bucket in self.buckets
            for row in self.qualifying(metric, bucket, bucket)
        ]

    def answer(self) -> Answer:
        before = (self.asked.rolling or 1) - 1 if self.timed else 0
        buckets = [*self._earlier(before), *self.buckets]
        points = [self.points(metric, buckets) for metric in self.metrics]
        shown = list(zip(points, map(is_count, self.metrics), strict=True))
        if self.formulas:
            shown = [
                (formulas.points(f, points, self.metrics, is_count), False) for f in self.formulas
            ]
        found = [self._smoothed(series, counts, before) for series, counts in shown]
        return Answer([bucket.label for bucket in self.buckets], found)

    def _earlier(self, count: int) -> list[Bucket]:
        calendar, found = self.here.calendar, []
        first = self.days[0] if self.unit == "hour" else calendar.first_day(self.days[0], self.unit)
        if self.unit == "hour":
            start = calendar.start(first)
            return [
                Bucket("", start - k * HOUR, start - (k - 1) * HOUR) for k in range(count, 0, -1)
            ]
        for _ in range(count):
            last = first - timedelta(days=1)
            first = calendar.first_day(last, self.unit)
            found.append(Bucket("", calendar.start(first), calendar.end(last), last))
        return found[::-1]

    def _smoothed(self, series: Series, counts: bool, before: int) -> Series:
        if self.asked.cumulative and self.timed:
            return {key: _running(values) for key, values in series.items()}
        if not before:
            return series
        return {
            key: [_mean(values[k : k + before + 1], counts) for k in range(len(self.buckets))]
            for key, values in series.items()
        }

    # rows

    def qualifying(self, metric: Part, window: Bucket, bucket: Bucket) -> list[Row]:
        """Rows of a metric in a window, after all filters."""
        rows = [row for row in self.here.rows if window.start <= row.t < window.end]
        rows = [row for row in rows if self._is_of(row, metric)]
        for one in self.where:
            if one.kind == "FrequencyFilter":
                rows = [row for row in rows if self._often(row, one, bucket)]
            else:
                rows = [row for row in rows if self.filters.row(row, one)]
        return _first_rows(rows) if metric.segment_method == "first" else rows

    def _is_of(self, row: Row, metric: Part) -> bool:
        events = metric["event"]
        if isinstance(events, Part) and events.kind == "SimpleBehavior":
            return any(self._is_step(row, part_of(one, "FunnelStep")) for one in events["events"])
        return self.filters.event(row, events) and self._own(row, metric)

    def _is_step(self, row: Row, step: Part) -> bool:
        return self.filters.event(row, step["event"]) and self._own(row, step)

    def _own(self, row: Row, part: Part) -> bool:
        return self.filters.joined(row, part.filters, part.filters_combinator)

    def times(self, user: str, event: Any, filters: Any, start: int, end: int) -> int:
        """How often a user did an event in a span."""
        return sum(
            start <= row.t < end
            and self.filters.event(row, event)
            and all(self.filters.row(row, one, user) for one in many(filters))
            for row in self.here.histories.get(user, ())
        )

    def _often(self, row: Row, given: Part, bucket: Bucket) -> bool:
        start = bucket.start
        if given.date_range_value is not None:
            start = bucket.end - given["date_range_value"] * LENGTHS[given["date_range_unit"]]
        test = TIMES[given.get("operator", "is at least")]
        return any(
            test(
                self.times(u, given["event"], given.event_filters, start, bucket.end),
                given["value"],
            )
            for u in row.users
        )

    # values

    def window(self, metric: Part, bucket: Bucket) -> Bucket:
        """I-3: the span whose rows count for a bucket."""
        how = metric.get("math", "total")
        if how not in WINDOWS:
            return bucket
        if bucket.last_day is None:
            return Bucket("", bucket.end - 24 * WINDOWS[how] * HOUR, bucket.end)
        first = bucket.last_day - timedelta(days=WINDOWS[how] - 1)
        return Bucket("", self.here.calendar.start(first), bucket.end, bucket.last_day)

    def points(self, metric: Part, buckets: list[Bucket]) -> Series:
        if metric.kind != "Metric":
            return behaviors.points(self.stored, self.asked, metric, buckets)
        name = self._histogram_labels(metric, buckets)
        found: dict[Segment, dict[int, Any]] = defaultdict(dict)
        for at, bucket in enumerate(buckets):
            parts = self.parted(metric, bucket)
            if metric.math == "cumulative_unique":
                parts = self.so_far(metric, bucket)
            for segment, rows in parts.items():
                for inner, value in self.value(metric, rows, bucket, name).items():
                    found[segment + inner][at] = value
        if not self.breakdowns.parts and not found:
            found |= {key: {} for key in _always(metric)}
        return {
            key: [values.get(at, _nothing(metric, key)) for at in range(len(buckets))]
            for key, values in found.items()
        }

    def parted(self, metric: Part, bucket: Bucket) -> dict[Segment, list[Row]]:
        window = self.window(metric, bucket)
        if metric.math in WINDOWS:
            bucket = window
        parts: dict[Segment, list[Row]] = defaultdict(list)
        for row in self.qualifying(metric, window, bucket):

            def times(part: Part, row: Row = row) -> int:
                if not row.users:
                    return 0
                return self.times(row.users[0], part["event"], None, bucket.start, bucket.end)

            for segment in self.breakdowns.segments(row, times):
                parts[segment].append(row)
        return parts

    def so_far(self, metric: Part, bucket: Bucket) -> dict[Segment, list[Row]]:
        """I-4: the rows from the start of the range; each is split by its own bucket."""
        parts: dict[Segment, list[Row]] = defaultdict(list)
        for one in self.buckets:
            if one.start < bucket.end:
                for segment, rows in self.parted(metric, one).items():
                    parts[segment] += rows
        return parts

    def value(
        self, metric: Part, rows: list[Row], bucket: Bucket, name: Callable[[float], str]
    ) -> dict[Segment, Any]:
        how, of = metric.get("math", "total"), metric.property
        if metric.per_user is not None:
            return self._per_user(metric, rows, name)
        if how == "first_value":
            return self._first_values(rows, of)
        if how == "multi_attribution":
            return self._attributed(rows, of)
        if how in USERS:
            return {(): len({user for row in rows for user in row.users})}
        if how == "sessions":
            return {(): self._sessions(rows)}
        rows = list({row.at: row for row in rows}.values())  # an event of two groups is one
        if how == "total" and of is None:
            return {(): len(rows)}
        values = [self.filters.value(row, of) for row in rows]
        if how == "numeric_summary":
            return summary([n for value in values for n in numeric(value)])
        return {(): self._aggregated(values, how, metric.percentile_value)}

    def _aggregated(self, values: list[Any], how: str, percent: float | None) -> Any:
        single = [one for value in values for one in elements(value) if one is not None]
        if how == "unique_values":
            return distinct(single)
        if how == "most_frequent":
            counts = Counter(key for value in values for key in self._labels(value))
            return min(counts, key=lambda key: (-counts[key], key)) if counts else None
        return aggregate([n for one in single for n in numeric(one)], how, percent)

    def _labels(self, value: Any) -> set[str]:
        return {label(one, self.here.zone) for one in elements(value) if one is not None}

    def stage_one(self, metric: Part, rows: list[Row]) -> list[float]:
        """I-14: a value for each user that has one."""
        found = []
        for user in sorted({user for row in rows for user in row.users}):
            mine = [self.filters.value(r, metric["property"]) for r in rows if user in r.users]
            single = [one for value in mine for one in elements(value) if one is not None]
            numbers = [n for one in single for n in numeric(one)]
            if metric["per_user"] == "unique_values":
                found.append(float(distinct(single)))
            elif numbers:
                found.append(float(aggregate(numbers, metric["per_user"]) or 0))
        return found

    def _per_user(
        self, metric: Part, rows: list[Row], name: Callable[[float], str]
    ) -> dict[Segment, Any]:
        values, how = self.stage_one(metric, rows), metric.get("math", "total")
        if how == "histogram":
            return {(key,): count for key, count in Counter(map(name, values)).items()}
        if how == "numeric_summary":
            return summary(values)
        return {(): self._aggregated(values, how, metric.percentile_value)}

    def _histogram_labels(self, metric: Part, buckets: list[Bucket]) -> Callable[[float], str]:
        if metric.math != "histogram":
            return str
        inside = self.buckets
        parts = [rows for bucket in inside for rows in self.parted(metric, bucket).values()]
        return automatic([v for rows in parts for v in self.stage_one(metric, rows)])

    def _first_values(self, rows: list[Row], of: Any) -> dict[Segment, Any]:
        found: Counter[Segment] = Counter()
        for user in {user for row in rows for user in row.users}:
            mine = [self.filters.value(row, of) for row in rows if user in row.users]
            single = [one for value in mine for one in elements(value) if one is not None]
            if single:
                found[(label(single[0], self.here.zone),)] += 1
        return dict(found)

    def _sessions(self, rows: list[Row]) -> int:
        found = set()
        for user in {user for row in rows for user in row.users}:
            numbers = sessions.of_user(self.stored, self.stored.histories[user])
            mine = [row for row in rows if user in row.users]
            found |= {(user, numbers[row.at]) for row in mine if row.at in numbers}
        return len(found)

    def _attributed(self, rows: list[Row], of: Any) -> dict[Segment, Any]:
        """I-31, last touch."""
        found: Counter[Segment] = Counter()
        for row in rows:
            history = self.stored.histories[row.users[0]] if row.users else []
            upto = history[: history.index(row) + 1] if row.users else []
            touches = [self.filters.value(r, of) for r in upto if r.t >= row.t - LENGTHS["month"]]
            touches = [value for value in touches if value is not None and value != []]
            names = self._labels(touches[-1]) if touches else ()
            for key in names or (NOT_SET,):
                found[(key,)] += 1
        return dict(found)


def summary(values: list[float]) -> dict[Segment, Any]:
    n = len(values)
    mean = math.fsum(values) / n if n else None
    variance = math.fsum((v - mean) ** 2 for v in values) / n if mean is not None else None
    parts: Mapping[str, Any] = {"count": n, "sum": math.fsum(values), "mean": mean}
    return {(key,): value for key, value in {**parts, "variance": variance}.items()}


def _always(metric: Part) -> list[Segment]:
    """The segments that an answer without breakdown has even when no row qualifies."""
    if metric.math == "numeric_summary":
        return list(summary([]))
    return [] if metric.math in ("histogram", "first_value", "multi_attribution") else [()]


def _nothing(metric: Part, segment: Segment) -> Any:
    if metric.math == "numeric_summary":
        return 0 if segment[-1] in ("count", "sum") else None
    return 0 if is_count(metric) else None


def _first_rows(rows: list[Row]) -> list[Row]:
    """I-15: each user's first row; rows without a user all stay."""
    seen: set[str] = set()
    found = []
    for row in rows:
        if not row.users or not seen.intersection(row.users):
            found.append(row)
        seen.update(row.users)
    return found


def _running(values: list[Any]) -> list[Any]:
    total, found = 0.0, []
    for value in values:
        total += value or 0
        found.append(total)
    return found


def _mean(values: list[Any], counts: bool) -> Any:
    held = [value or 0 for value in values] if counts else [v for v in values if v is not None]
    return sum(held) / len(held) if held else None
