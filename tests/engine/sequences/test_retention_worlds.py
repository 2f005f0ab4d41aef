"""Retention over small random worlds: engine in Python, engine compiled, and a plain reading agree."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mpnb.engine.duckdb import compiled, retention
from mpnb.engine.duckdb.context import Context
from mpnb.engine.duckdb.store import Store
from mpnb.query.retention import RetentionQuery
from mpnb.query.step import RetentionEvent
from tests.engine.sequences.ask import Asker
from tests.engine.sequences.world import NOW, START, Row, World, world

DAY = 86_400_000
NOW_MS = int(datetime.fromisoformat(NOW).timestamp() * 1000)
FROM = datetime.fromtimestamp(START, UTC)
N_DAYS = 3


def draw(rng: random.Random) -> tuple[str, str, dict[str, Any]]:
    asked: dict[str, Any] = {
        "retention_unit": "day",
        "unit": "day",
        "from_date": "2025-01-01",
        "to_date": "2025-01-03",
        "alignment": rng.choice(["birth", "interval_start"]),
        "math": rng.choice(["retention_rate", "total", "average"]),
        "unbounded_mode": rng.choice(
            [None, "none", "carry_back", "carry_forward", "consecutive_forward"]
        ),
        "retention_cumulative": rng.random() < 0.2,
    }
    if rng.random() < 0.4:
        asked["bucket_sizes"] = rng.choice([[1, 2], [2, 3, 4], [1]])
    if rng.random() < 0.5:
        asked["group_by"] = rng.choice(["p", "xs", ["p", "xs"]])
    return rng.choice("ABC"), rng.choice("ABC"), asked


class Reading:
    """Section 8, read plainly for cohorts of days."""

    def __init__(self, here: World, born: str, back: str, asked: dict[str, Any]) -> None:
        self.here, self.born, self.back, self.asked = here, born, back, asked
        self.widths = asked.get("bucket_sizes") or [1] * (N_DAYS + 1)

    def births(self, segment: Any) -> list[tuple[int, Row, list[Row]]]:
        """Cohort, birth row and all rows of each user's birth in each cohort."""
        found = []
        for rows in self.here.rows.values():
            for day in range(N_DAYS):
                start = START * 1000 + day * DAY
                for row in rows:
                    if row.name == self.born and start <= row.t < start + DAY and segment(row):
                        found.append((day, row, rows))
                        break
        return found

    def bucket(self, birth: Row, t: int) -> int:
        distance = (t - birth.t) // DAY
        if self.asked["alignment"] == "interval_start":
            distance = t // DAY - birth.t // DAY
        end = 0
        for k, width in enumerate(self.widths):
            end += width
            if distance < end:
                return k
        return len(self.widths)

    def returns(self, birth: Row, rows: list[Row]) -> tuple[list[bool], list[int]]:
        """In which buckets the user counts, and with how many events."""
        n = len(self.widths)
        back = [r for r in rows if r.name == self.back and birth.t <= r.t <= NOW_MS and r != birth]
        on = [sum(self.bucket(birth, r.t) == k for r in back) for k in range(n + 1)]
        mode = self.asked["unbounded_mode"]
        counts = on[:n]
        hits = [c > 0 for c in counts]
        if mode == "carry_back":
            counts = [sum(on[k:]) for k in range(n)]
            hits = [c > 0 for c in counts]
        if mode == "consecutive_forward":
            first = hits[0] or birth.name == self.back
            hits = [first and all(hits[1 : k + 1]) for k in range(n)]
            counts = [c if hit else 0 for c, hit in zip(counts, hits, strict=True)]
        if mode == "carry_forward" or self.asked["retention_cumulative"]:
            hits = [any(hits[: k + 1]) for k in range(n)]
            counts = [sum(counts[: k + 1]) for k in range(n)]
        return hits, counts

    def cohorts(self, segment: Any) -> list[tuple[int, list[float]]]:
        answers = []
        born = self.births(segment)
        for day in range(N_DAYS):
            found = [self.returns(row, rows) for cohort, row, rows in born if cohort == day]
            counts: list[float] = []
            for k in range(len(self.widths)):
                users = sum(hits[k] for hits, _ in found)
                events = sum(each[k] for _, each in found)
                counts.append(self.measure(users, events))
            answers.append((len(found), counts))
        return answers

    def measure(self, users: int, events: int) -> float:
        if self.asked["math"] == "average":
            return events / users if users else 0
        return events if self.asked["math"] == "total" else users

    def complete(self, day: int, k: int) -> bool:
        end = START * 1000 + (day + 1) * DAY
        return bool(end + sum(self.widths[: k + 1]) * DAY - self._last_day() <= NOW_MS)

    def _last_day(self) -> int:
        """A calendar bucket ends one day after its last day began, a rolling one a unit later."""
        return DAY if self.asked["alignment"] == "interval_start" else 0

    def average(self, cohorts: list[tuple[int, list[float]]]) -> list[float | None]:
        means: list[float | None] = []
        for k in range(len(self.widths)):
            whole = [(size, c[k]) for d, (size, c) in enumerate(cohorts) if self.complete(d, k)]
            total = sum(size for size, _ in whole)
            means.append(sum(size * c for size, c in whole) / total if total else None)
        return means


def check(block: Any, reading: Reading, segment: Any, why: str) -> None:
    wanted = reading.cohorts(segment)
    for day, (size, counts) in enumerate(wanted):
        key = (FROM + timedelta(days=day)).isoformat()
        assert block[key]["first"] == size, why
        assert block[key]["counts"] == pytest.approx(counts), why
        flags = [reading.complete(day, k) for k in range(len(counts))]
        assert block[key]["complete"] == flags, why
    assert block["$average"]["counts"] == pytest.approx(reading.average(wanted)), why


def anyone(_: Row) -> bool:
    return True


def labels(value: Any) -> set[str]:
    items = value if isinstance(value, list) else [value]
    return {"(not set)" if item is None else str(item) for item in items}


@pytest.mark.parametrize("seed", range(8))
def test_answers_are_those_of_a_plain_reading(seed: int) -> None:
    rng = random.Random(seed)
    for turn in range(40):
        here, (born, back, asked) = world(rng), draw(rng)
        why = f"seed {seed} turn {turn}: {born} {back} {asked}"
        raw = Asker(here.store).query_retention(born, back, **asked)
        block = next(iter(raw["series"].values()))
        reading = Reading(here, born, back, asked)
        if "group_by" not in asked:
            check(block, reading, anyone, why)
        elif isinstance(asked["group_by"], list):
            check(block["$overall"]["$overall"], reading, anyone, why)
            check_two(block, reading, why)
        else:
            check(block["$overall"], reading, anyone, why)
            check_one(block, reading, asked["group_by"], why)


def check_one(block: Any, reading: Reading, name: str, why: str) -> None:
    for label in ("a", "b", "1", "k", "l", "(not set)"):

        def inside(row: Row, label: str = label) -> bool:
            return label in labels(row.get(name))

        if reading.births(inside):
            check(block[label], reading, inside, f"{why} {name}={label}")
        else:
            assert label not in block, why


def check_two(block: Any, reading: Reading, why: str) -> None:
    for p in ("a", "b", "1", "(not set)"):
        for x in ("k", "l", "(not set)"):

            def inside(row: Row, p: str = p, x: str = x) -> bool:
                return p in labels(row.p) and x in labels(row.xs)

            if reading.births(inside):
                check(block[p][x], reading, inside, f"{why} {p} {x}")
            else:
                assert x not in block.get(p, {}), why


@pytest.mark.parametrize("seed", range(3))
def test_compiled_answers_are_the_same(seed: int) -> None:
    rng = random.Random(100 + seed)
    for turn in range(40):
        here, (born, back, asked) = world(rng), draw(rng)
        ask = Asker(here.store)
        plain = ask.query_retention(born, back, **asked)
        with compiled.small_below(0):
            found = ask.query_retention(born, back, **asked)
        assert found == plain, f"turn {turn}: {born} {back} {asked}"


def test_values_of_a_property_add_up() -> None:
    rows = [("S", 0, None), ("L", 10, 2.5), ("L", 20, [1, 2]), ("L", 90_000, "x"), ("L", 90_001, 4)]
    lines = [
        {"event": name, "properties": {"time": START + t, "distinct_id": "u", "v": value}}
        for name, t, value in rows
    ]
    store = Store.from_rows(lines, now=NOW)
    for math, wanted in (("total", [5.5, 4, 0]), ("average", [5.5, 4, 0])):
        query = RetentionQuery(
            born_event=RetentionEvent("S"),
            return_event=RetentionEvent("L"),
            retention_unit="day",
            math=math,  # type: ignore[arg-type]
        )
        days = date(2025, 1, 1), date(2025, 1, 2)
        found = retention.solve(store, query, Context(), *days, "v")
        assert found.series["2025-01-01T00:00:00+00:00"]["counts"] == wanted
