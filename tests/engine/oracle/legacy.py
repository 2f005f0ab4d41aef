"""Sections 13 to 15 and R-15: the older calls, over expressions."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from tests.engine.oracle import expressions
from tests.engine.oracle.breakdowns import round_widths
from tests.engine.oracle.calendar import LENGTHS, Bucket
from tests.engine.oracle.data import Row, World
from tests.engine.oracle.filters import Filters
from tests.engine.oracle.values import elements, local, text
from tests.engine.oracle.words import Part

Values = dict[str, dict[str, Any]]
ENTRIES = {
    ("day", "hour"): 24,
    ("week", "day"): 7,
    ("month", "day"): 31,
    ("week", "hour"): 168,
    ("month", "hour"): 744,
}


class Legacy:
    """One of the older questions."""

    def __init__(self, here: World, asked: Part) -> None:
        self.here, self.asked, self.filters = here, asked, Filters(here)
        days = date.fromisoformat(asked["from_date"]), date.fromisoformat(asked["to_date"])
        self.buckets = here.calendar.buckets(*days, asked.get("unit", "day"))
        self.span = here.calendar.start(days[0]), here.calendar.end(days[1])

    def value(self, row: Row, expression: str) -> Any:
        """A property by name, or an expression (L-2)."""
        if "(" not in expression and "[" not in expression:
            return row.get(expression)
        user = row.users[0] if row.users else None
        sources = {
            "properties": row.get,
            "user": lambda name: self.here.profile(user, name),
            "event": row.get,
        }
        return expressions.evaluate(expression, sources)

    def rows(self, event: str | None, where: str | None = None) -> list[Row]:
        return [
            row
            for row in self.here.rows
            if self.span[0] <= row.t < self.span[1]
            and (event is None or self.filters.event(row, event))
            and (where is None or self.value(row, where) is True)
        ]

    def counts(self, rows: list[Row], how: str = "general") -> dict[str, Any]:
        """L-1."""
        found: dict[str, Any] = {}
        for bucket in self.buckets:
            inside = [row for row in rows if bucket.start <= row.t < bucket.end]
            users = {user for row in inside for user in row.users}
            average = len(inside) / max(len(users), 1)
            figures = {"general": len(inside), "unique": len(users), "average": average}
            found[bucket.label] = figures[how]
        return found

    def segmentation(self) -> Values:
        rows = self.rows(self.asked["event"], self.asked.where)
        if self.asked.on is None:
            return {self.asked["event"]: self.counts(rows)}
        return {name: self.counts(some) for name, some in self.split(rows, "undefined").items()}

    def split(self, rows: list[Row], missing: str | None) -> dict[str, list[Row]]:
        """L-2, L-6: rows by the text of each distinct element."""
        found: dict[str, list[Row]] = defaultdict(list)
        on = self.asked.on or self.asked.property_name
        for row in rows:
            value = self.value(row, on) if self.asked.on else row.get(on)
            names = {text(one, self.here.zone) for one in elements(value)}
            for name in names or {None}:
                label = missing if name is None else name or "(empty string)"
                if label is not None:
                    found[label].append(row)
        return found

    def property_counts(self) -> Values:
        found = self.split(self.rows(self.asked["event"]), None)
        if self.asked.values_ is not None:
            found = {name: rows for name, rows in found.items() if name in self.asked["values_"]}
        how = self.asked.get("type", "general")
        counts = {name: self.counts(rows, how) for name, rows in found.items()}
        if self.asked.limit is None:
            return counts
        order = sorted(counts, key=lambda name: (-sum(counts[name].values()), name))
        return {name: counts[name] for name in order[: self.asked["limit"]]}

    def segmentation_numeric(self) -> Values:
        """L-3."""
        rows = self.rows(self.asked["event"], self.asked.where)
        held = [(row, self.value(row, self.asked["on"])) for row in rows]
        numbers = [(row, float(v)) for row, v in held if expressions.is_number(v)]
        seen = sorted({value for _, value in numbers})
        if len(seen) == 1:
            raise NotImplementedError("the width of a single number")
        name = round_widths(seen) if seen else str
        found: dict[str, list[Row]] = defaultdict(list)
        for row, value in numbers:
            found[name(value)].append(row)
        how = self.asked.get("type", "general")
        return {label: self.counts(some, how) for label, some in found.items()}

    def sums(self, average: bool) -> dict[str, Any]:
        """L-4."""
        rows, found = self.rows(self.asked["event"], self.asked.where), {}
        for bucket in self.buckets:
            inside = [row for row in rows if bucket.start <= row.t < bucket.end]
            values = [self.value(row, self.asked["on"]) for row in inside]
            total = sum(value for value in values if expressions.is_number(value))
            found[bucket.label] = total / max(len(inside), 1) if average else total
        return found

    def event_counts(self) -> Values:
        how = self.asked.get("type", "general")
        return {event: self.counts(self.rows(event), how) for event in self.asked["events"]}

    def frequency(self) -> dict[str, list[int]]:
        """Q-1."""
        unit, inner = self.asked.get("unit", "day"), self.asked.get("addiction_unit", "hour")
        rows, n = self.rows(self.asked.event, self.asked.where), ENTRIES[unit, inner]
        found = {}
        for bucket in self.buckets:
            active: dict[str, set[str]] = defaultdict(set)
            for row in rows:
                if bucket.start <= row.t < bucket.end:
                    form = "%Y-%m-%dT%H%z" if inner == "hour" else "%Y-%m-%d"
                    for user in row.users:
                        active[user].add(local(row.t, self.here.zone).strftime(form))
            spans = [len(times) for times in active.values()]
            found[bucket.label] = [sum(count > k for count in spans) for k in range(n)]
        return found

    def retention(self) -> dict[str, tuple[int, list[int]]]:
        """R-15: born once, at the first born event of the range."""
        n = self.asked.get("interval_count", 10) + 1
        length = self.asked.get("interval", 1) * LENGTHS[self.asked.get("unit", "day")]
        born, back = self.asked.born_where, self.asked.return_where
        sizes, counts = [0] * len(self.buckets), [[0] * n for _ in self.buckets]
        rows = self.rows(self.asked["born_event"], born)
        for user, history in self.here.histories.items():
            mine = [row for row in rows if user in row.users]
            if not mine:
                continue
            at = next(k for k, bucket in enumerate(self.buckets) if _holds(bucket, mine[0]))
            sizes[at] += 1
            for k in {
                (row.t - mine[0].t) // length
                for row in history
                if row is not mine[0]
                and mine[0].t <= row.t <= self.here.now
                and self.filters.event(row, self.asked["return_event"])
                and (back is None or self.value(row, back) is True)
            }:
                if k < n:
                    counts[at][k] += 1
        return {b.label: (sizes[k], counts[k]) for k, b in enumerate(self.buckets)}


def _holds(bucket: Bucket, row: Row) -> bool:
    return bucket.start <= row.t < bucket.end
