"""Section 7, figures: attempts are attributed, filtered, split and counted."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.engine.oracle import sessions
from tests.engine.oracle.attempts import Attempt, Rules, User
from tests.engine.oracle.breakdowns import Labels, automatic, cohort_labels, listed, of_value
from tests.engine.oracle.calendar import LENGTHS, Bucket
from tests.engine.oracle.data import World
from tests.engine.oracle.filters import TIMES, Filters, holds, resource
from tests.engine.oracle.values import aggregate, numeric
from tests.engine.oracle.words import Part, many

Segment = tuple[str, ...]
COUNTING = {
    "conversion_rate_unique": "unique",
    "unique": "unique",
    "conversion_rate_session": "session",
}
RATES = ("conversion_rate_unique", "conversion_rate_total", "conversion_rate_session", "unique")


@dataclass
class Figures:
    """What one block of an answer says, step by step."""

    counts: list[int]
    step_conv: list[float]
    overall: list[float]
    avg_time: list[float | None]
    avg_time_from_start: list[float | None]
    values: list[Any]


Blocks = dict[tuple[Segment, str], Figures]
"""By segment (empty for all) and bucket (empty for the whole range)."""


def answer(here: World, asked: Part) -> tuple[Blocks, Blocks | None]:
    if asked.data_group_id is not None:
        here = here.by_group(asked["data_group_id"])
    days = here.calendar.range(asked, here.now)
    found, compared = Funnel(here, asked).blocks(days), None
    if asked.time_comparison is not None:
        other = here.calendar.compared(days, asked["time_comparison"])
        compared = Funnel(here, asked).blocks(other)
    return found, compared


class Funnel:
    """One funnel question."""

    def __init__(self, world: World, asked: Part) -> None:
        self.stored, self.asked, self.rules = world, asked, Rules(asked)
        self.here = sessions.with_virtual(world) if sessions.named_in(asked) else world
        self.filters = Filters(self.here)
        self.math = asked.get("math", "conversion_rate_unique")
        self.counting = COUNTING.get(self.math, "total")
        self.parts = listed(asked.group_by)
        self.seen: list[Attempt] = []

    def users(self) -> list[User]:
        return [
            User(self.filters, self.rules, user, self.stored.histories[user])
            for user in sorted(self.here.histories)
        ]

    def blocks(self, days: tuple[date, date]) -> Blocks:
        calendar, mode = self.here.calendar, self.asked.get("mode", "steps")
        whole = Bucket("", calendar.start(days[0]), calendar.end(days[1]))
        buckets = calendar.buckets(*days, self.asked.get("unit", "day"))
        if mode == "trends":
            self.look(buckets)
            return self.together([self.counted(bucket) for bucket in buckets], buckets)
        found = self.counted(whole)
        result = self.together([found], [whole])
        if mode == "table":
            parts = [
                {s: [a for a in some if b.start <= a.start.t < b.end] for s, some in found.items()}
                for b in buckets
            ]
            result |= self.together(parts, buckets)
        return result

    def look(self, buckets: list[Bucket]) -> None:
        """See the attempts of all buckets, which choose automatic numeric segments together."""
        pools = [self.pool(user, bucket) for bucket in buckets for user in self.users()]
        self.seen = [attempt for pool in pools for attempt in pool]

    def together(self, parts: list[dict[Segment, list[Attempt]]], buckets: list[Bucket]) -> Blocks:
        segments = dict.fromkeys(segment for part in parts for segment in part)
        return {
            (segment, bucket.label): self.figures(part.get(segment, []))
            for segment in segments
            for part, bucket in zip(parts, buckets, strict=True)
        }

    # attempts

    def counted(self, bucket: Bucket) -> dict[Segment, list[Attempt]]:
        """The attempts of all and of each segment, entered in a bucket."""
        whole, pools = [], list[list[Attempt]]()
        for user in self.users():
            pool = self.pool(user, bucket)
            whole += self.kept(self.best(pool), bucket)
            pools.append(pool)
        found: dict[Segment, list[Attempt]] = {(): whole}
        if self.parts:
            self.split(pools, found, bucket)
        return found

    def pool(self, user: User, bucket: Bucket) -> list[Attempt]:
        """Every attempt of a user that segments may count."""
        if self.rules.reentry in ("aggressive", "optimized"):
            return getattr(user, self.rules.reentry)(bucket.start, bucket.end)  # type: ignore[no-any-return]
        if self.counting == "session":
            return user.by_session(bucket.start, bucket.end)
        return user.chain(bucket.start, bucket.end)

    def best(self, pool: list[Attempt]) -> list[Attempt]:
        """FN-7, FN-10, FN-19: the attempt that counts for a user, or for each session."""
        if self.counting == "total":
            return pool
        groups: dict[Any, list[Attempt]] = {}
        for attempt in pool:
            session = attempt.session if self.counting == "session" else None
            groups.setdefault(session, []).append(attempt)
        if self.rules.reentry in ("optimized", "aggressive"):
            return [max(some, key=lambda a: len(a.rows)) for some in groups.values()]
        return pool if self.counting == "session" else pool[:1]

    def split(
        self, pools: list[list[Attempt]], found: dict[Segment, list[Attempt]], bucket: Bucket
    ) -> None:
        """FN-16, FN-17: attempts by the values that they are attributed to."""
        seen = self.seen or [a for pool in pools for a in pool]
        labels = [self.labels(part, seen) for part in self.parts]
        for pool in pools:
            mine: dict[Segment, list[Attempt]] = {}
            for attempt in pool:
                for segment in self.segments(attempt, labels):
                    mine.setdefault(segment, []).append(attempt)
            for segment, some in mine.items():
                kept = self.kept(self.best(some), bucket)
                if kept:
                    found.setdefault(segment, []).extend(kept)

    def labels(self, part: Part, seen: list[Attempt]) -> Labels | None:
        if not part.kind.startswith("GroupBy"):
            return None
        return of_value(part, self.filters, [self.attributed(a, part) for a in seen])

    def segments(self, attempt: Attempt, labels: list[Labels | None]) -> list[Segment]:
        cohorts = [p for p in self.parts if p.kind == "CohortBreakdown"]
        levels = []
        for part, name in zip(self.parts, labels, strict=True):
            if part.kind == "CohortBreakdown":
                if part is cohorts[0]:
                    levels.append(cohort_labels(self.filters, cohorts, attempt.user))
            elif name is not None:
                levels.append(name(self.attributed(attempt, part)))
        return list(itertools.product(*levels))

    def attributed(self, attempt: Attempt, part: Part) -> Any:
        """FN-16: the first defined value along the rows."""
        if resource(part) == "people":
            return self.here.profile(attempt.user, part["property"])
        values = [self.filters.value(row, part["property"]) for row in attempt.rows]
        return next((value for value in values if value is not None), None)

    def kept(self, pool: list[Attempt], bucket: Bucket) -> list[Attempt]:
        """FN-15: attempts for which the filters of the question hold."""
        return [a for a in pool if all(self.passes(a, f, bucket) for f in many(self.asked.where))]

    def passes(self, attempt: Attempt, given: Part, bucket: Bucket) -> bool:
        if given.kind == "FrequencyFilter":
            return self.often(attempt.user, given, bucket)
        if self.filters.of_user(given):
            return self.filters.user(attempt.user, given)
        return holds(self.here, given, self.attributed(attempt, given))

    def often(self, user: str, given: Part, bucket: Bucket) -> bool:
        start = bucket.start
        if given.date_range_value is not None:
            start = bucket.end - given["date_range_value"] * LENGTHS[given["date_range_unit"]]
        count = sum(
            start <= row.t < bucket.end
            and self.filters.event(row, given["event"])
            and all(self.filters.row(row, one, user) for one in many(given.event_filters))
            for row in self.here.histories[user]
        )
        return TIMES[given.get("operator", "is at least")](count, given["value"])

    # figures

    def figures(self, found: list[Attempt]) -> Figures:
        n = len(self.rules.steps)
        counts = [sum(len(a.rows) > k for a in found) for k in range(n)]
        before = [[_seconds(a, k, k - 1) for a in found if len(a.rows) > k] for k in range(n)]
        start = [[_seconds(a, k, 0) for a in found if len(a.rows) > k] for k in range(n)]
        return Figures(
            counts,
            [_ratio(counts[k], counts[k - 1] if k else counts[0]) for k in range(n)],
            [_ratio(counts[k], counts[0]) for k in range(n)],
            [_mean(times) if k else 0.0 for k, times in enumerate(before)],
            [_mean(times) if k else 0.0 for k, times in enumerate(start)],
            [
                self.value([self.filters.value(a.rows[k], of) for a in found if len(a.rows) > k])
                for k in range(n)
            ]
            if (of := self.asked.math_property) is not None
            else [],
        )

    def value(self, values: list[Any]) -> Any:
        numbers = [n for value in values for n in numeric(value)]
        if self.math == "histogram":
            return dict(Counter(map(automatic(numbers), numbers)))
        return aggregate(numbers, self.math)


def _seconds(attempt: Attempt, at: int, since: int) -> float:
    if at == 0:
        return 0.0
    return max(0, attempt.rows[at].t - attempt.rows[since].t) / 1000


def _ratio(count: int, of: int) -> float:
    return count / of if of else 0.0


def _mean(times: list[float]) -> float | None:
    return math.fsum(times) / len(times) if times else None
