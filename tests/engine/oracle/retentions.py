"""Section 8: cohorts of births, and what comes back, user by user."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.engine.oracle import sessions
from tests.engine.oracle.breakdowns import Labels, cohort_labels, listed, of_value
from tests.engine.oracle.calendar import LENGTHS, Bucket
from tests.engine.oracle.data import Row, World
from tests.engine.oracle.filters import TIMES, Filters, resource
from tests.engine.oracle.values import numeric
from tests.engine.oracle.words import Part, many, part_of

Segment = tuple[str, ...]


@dataclass
class Cohort:
    """One cohort: its size, and per bucket the numbers, the rates, and whether it is over."""

    first: int
    counts: list[float]
    rates: list[float]
    complete: list[bool]


@dataclass
class Block:
    """All cohorts of one segment by label, and their average (R-7)."""

    cohorts: dict[str, Cohort]
    counts: list[float | None] = field(default_factory=list)
    rates: list[float | None] = field(default_factory=list)


@dataclass
class Birth:
    user: str
    row: Row
    cohort: int


def answer(here: World, asked: Part) -> tuple[dict[Segment, Block], dict[Segment, Block] | None]:
    if asked.data_group_id is not None:
        here = here.by_group(asked["data_group_id"])
    days = here.calendar.range(asked, here.now)
    found, compared = Retention(here, asked, days).blocks(), None
    if asked.time_comparison is not None:
        other = here.calendar.compared(days, asked["time_comparison"])
        compared = Retention(here, asked, other).blocks()
    return found, compared


class Retention:
    """One retention question over one range."""

    def __init__(self, world: World, asked: Part, days: tuple[date, date]) -> None:
        self.asked = asked
        self.here = sessions.with_virtual(world) if sessions.named_in(asked) else world
        self.filters = Filters(self.here)
        self.born = part_of(asked["born_event"], "RetentionEvent")
        self.back = part_of(asked["return_event"], "RetentionEvent")
        self.unit = asked.get("retention_unit", "week")
        calendar = self.here.calendar
        self.span = Bucket("", calendar.start(days[0]), calendar.end(days[1]))
        by_unit = asked.get("mode", "curve") == "trends"
        self.cohorts = calendar.buckets(*days, asked.get("unit", "day") if by_unit else self.unit)
        n = len(calendar.buckets(*days, self.unit))
        self.widths = list(asked.bucket_sizes or [1] * (n + 1))
        self.parts = listed(asked.group_by)
        self.mode = asked.unbounded_mode or "none"
        self.math = asked.get("math", "retention_rate")

    def qualifies(self, row: Row, user: str, event: Part) -> bool:
        return (
            self.filters.event(row, event["event"])
            and self.filters.joined(row, event.filters, event.filters_combinator, user)
            and all(self.passes(row, user, one) for one in many(self.asked.where))
        )

    def passes(self, row: Row, user: str, given: Part) -> bool:
        if given.kind != "FrequencyFilter":
            return self.filters.row(row, given, user)
        start = self.span.start
        if given.date_range_value is not None:
            start = self.span.end - given["date_range_value"] * LENGTHS[given["date_range_unit"]]
        count = sum(
            start <= one.t < self.span.end
            and self.filters.event(one, given["event"])
            and all(self.filters.row(one, f, user) for f in many(given.event_filters))
            for one in self.here.histories[user]
        )
        return TIMES[given.get("operator", "is at least")](count, given["value"])

    def blocks(self, names: list[str] | None = None) -> dict[Segment, Block]:
        """The cohorts of all and of each segment, by `names` or by their labels."""
        self.names = names or [cohort.label for cohort in self.cohorts]
        born = [
            (user, row)
            for user, rows in sorted(self.here.histories.items())
            for row in rows
            if any(cohort.start <= row.t < cohort.end for cohort in self.cohorts)
            and self.qualifies(row, user, self.born)
        ]
        found: dict[Segment, Block] = {(): self.block(self.births(born))}
        if self.parts:
            split: dict[Segment, list[tuple[str, Row]]] = {}
            labels = [self.labels(part, born) for part in self.parts]
            for user, row in born:
                for segment in self.segments(user, row, labels):
                    split.setdefault(segment, []).append((user, row))
            found |= {key: self.block(self.births(rows)) for key, rows in split.items()}
        return found

    def labels(self, part: Part, born: list[tuple[str, Row]]) -> Labels | None:
        if not part.kind.startswith("GroupBy"):
            return None
        return of_value(part, self.filters, [self.value(user, row, part) for user, row in born])

    def value(self, user: str, row: Row, part: Part) -> Any:
        if resource(part) == "people":
            return self.here.profile(user, part["property"])
        return self.filters.value(row, part["property"])

    def segments(self, user: str, row: Row, labels: list[Labels | None]) -> list[Segment]:
        cohorts = [p for p in self.parts if p.kind == "CohortBreakdown"]
        levels = []
        for part, name in zip(self.parts, labels, strict=True):
            if name is not None:
                levels.append(name(self.value(user, row, part)))
            elif part is cohorts[0]:
                levels.append(cohort_labels(self.filters, cohorts, user))
        return list(itertools.product(*levels))

    def births(self, born: list[tuple[str, Row]]) -> list[Birth]:
        """R-1, R-2: each user's first row in each cohort."""
        found: dict[tuple[str, int], Birth] = {}
        for user, row in born:
            for at, cohort in enumerate(self.cohorts):
                if cohort.start <= row.t < cohort.end and (user, at) not in found:
                    found[user, at] = Birth(user, row, at)
        return list(found.values())

    # returns

    def distance(self, birth: int, t: int) -> int:
        """Whole units from a birth to an instant (R-3, R-4)."""
        if self.asked.get("alignment", "birth") == "birth":
            return (t - birth) // LENGTHS[self.unit]
        calendar, count = self.here.calendar, 0
        first = calendar.first_day(calendar.day_of(birth), self.unit)
        last = calendar.first_day(calendar.day_of(t), self.unit)
        while first < last:
            first, count = calendar.next_first(first, self.unit), count + 1
        return count

    def bracket(self, distance: int) -> int:
        """R-8; as many as there are widths for what lies beyond."""
        ends = list(itertools.accumulate(self.widths))
        return next((k for k, end in enumerate(ends) if distance < end), len(ends))

    def returned(self, birth: Birth) -> tuple[list[bool], list[float]]:
        """Per bucket whether the user counts there (R-9, R-10), and the measure (R-11)."""
        n = len(self.widths)
        on, sums = [0] * (n + 1), [0.0] * (n + 1)
        for row in self.here.histories[birth.user]:
            if row is birth.row or not birth.row.t <= row.t <= self.here.now:
                continue
            if self.qualifies(row, birth.user, self.back):
                at = self.bracket(self.distance(birth.row.t, row.t))
                on[at] += 1
                sums[at] += self.measured(row)
        hits, values = [count > 0 for count in on[:n]], sums[:n]
        if self.mode == "carry_back":
            hits = [sum(on[k:]) > 0 for k in range(n)]
            values = [sum(sums[k:]) for k in range(n)]
        if self.mode == "consecutive_forward":
            begins = hits[0] or self.qualifies(birth.row, birth.user, self.back)
            hits = [begins and all(hits[1 : k + 1]) for k in range(n)]
            values = [value if hit else 0 for value, hit in zip(values, hits, strict=True)]
        if self.mode == "carry_forward" or self.asked.retention_cumulative:
            hits = [any(hits[: k + 1]) for k in range(n)]
            values = [sum(values[: k + 1]) for k in range(n)]
        return hits, values

    def measured(self, row: Row) -> float:
        if self.asked.property is None:
            return 1
        return sum(numeric(row.get(self.asked["property"])))

    # figures

    def block(self, births: list[Birth]) -> Block:
        cohorts = {}
        for at, bucket in enumerate(self.cohorts):
            mine = [self.returned(birth) for birth in births if birth.cohort == at]
            counts = [self.figure(mine, k) for k in range(len(self.widths))]
            rates = [count / len(mine) if mine else 0.0 for count in counts]
            complete = [self.complete(bucket, k) for k in range(len(self.widths))]
            cohorts[self.names[at]] = Cohort(len(mine), counts, rates, complete)
        found = Block(cohorts)
        for k in range(len(self.widths)):
            some = [c for c in cohorts.values() if c.complete[k] and c.first]
            weight = sum(c.first for c in some)
            up = math.fsum(c.counts[k] * c.first for c in some)
            found.counts.append(up / weight if some else None)
            found.rates.append(up / sum(c.first * c.first for c in some) if some else None)
        return found

    def figure(self, mine: list[tuple[list[bool], list[float]]], k: int) -> float:
        users = sum(hits[k] for hits, _ in mine)
        total = math.fsum(values[k] for _, values in mine)
        if self.math == "total":
            return total
        if self.math == "average":
            return total / users if users else 0
        return users

    def complete(self, cohort: Bucket, k: int) -> bool:
        """R-6: whether the bucket of the last possible member is over."""
        length = sum(self.widths[: k + 1])
        if self.asked.get("alignment", "birth") == "birth":
            return bool(cohort.end + length * LENGTHS[self.unit] <= self.here.now)
        calendar = self.here.calendar
        first = calendar.first_day(calendar.day_of(cohort.end - 1), self.unit)
        for _ in range(length):
            first = calendar.next_first(first, self.unit)
        return calendar.start(first) <= self.here.now
