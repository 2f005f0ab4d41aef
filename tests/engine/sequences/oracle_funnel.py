"""Funnels as section 7 says them, written for reading: lists of rows, no arrays, no bits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.engine.sequences.world import Row, World, sessions

DAY = 86_400_000


@dataclass
class Rules:
    steps: list[str]
    window: int = DAY
    n_sessions: int = 0
    order: list[bool] = field(default_factory=list)
    exclusions: list[tuple[str, int, int]] = field(default_factory=list)
    hold: list[str] = field(default_factory=list)
    counting: str = "unique"
    reentry: str | None = None
    ranges: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Attempt:
    rows: list[Row]
    bucket: int
    ended_at: int | None = None

    @property
    def start(self) -> int:
        return self.rows[0].t


class User:
    """One user's rows under the rules of a funnel."""

    def __init__(self, rows: list[Row], rules: Rules) -> None:
        self.rows, self.rules = rows, rules
        self.session = sessions(rows)
        self.n_sessions = 1 if rules.counting == "session" else rules.n_sessions

    def open_steps(self, taken: list[int]) -> list[int]:
        """Steps that may come next: of the first block that is not done."""
        block: list[int] = []
        for i in range(len(self.rules.steps)):
            free = bool(self.rules.order) and self.rules.order[i]
            if block and not (free and self.rules.order[block[-1]]):
                if any(k not in taken for k in block):
                    break
                block = []
            block.append(i)
        return [k for k in block if k not in taken]

    def takes(self, row: Row, taken: list[int]) -> int | None:
        for step in self.open_steps(taken):
            if self.rules.steps[step] == row.name:
                return step
        return None

    def held(self, row: Row) -> list[Any]:
        return [(type(row.get(p)).__name__, row.get(p)) for p in self.rules.hold]

    def eligible(self, row: Row) -> bool:
        return all(row.get(p) is not None for p in self.rules.hold)

    def alive(self, attempt: Attempt, row: Row) -> bool:
        """Whether a row is not too late for an attempt."""
        if self.n_sessions:
            first = self.session[attempt.rows[0].at]
            if self.session[row.at] > first + self.n_sessions - 1:
                return False
            return self.rules.n_sessions > 0 or row.t <= attempt.start + self.rules.window
        return row.t <= attempt.start + self.rules.window

    def in_scope(self, attempt: Attempt, row: Row) -> bool:
        early = self.n_sessions and self.session[row.at] < self.session[attempt.rows[0].at]
        same = self.held(row) == self.held(attempt.rows[0])
        return self.alive(attempt, row) and not early and same and self.eligible(row)

    def excluded(self, attempt: Attempt, following: Row | None) -> Row | None:
        position, last = len(attempt.rows) - 1, attempt.rows[-1]
        names = [e for e, a, b in self.rules.exclusions if a <= position < b]
        for row in self.rows:
            if row.name not in names or row in attempt.rows or row.t <= last.t + 2000:
                continue
            if following is None and self.alive(attempt, row):
                return row
            if following is not None and row.t < following.t - 2000:
                return row
        return None

    def follow(self, attempt: Attempt, used: list[Row]) -> None:
        first = self.takes(attempt.rows[0], [])
        assert first is not None
        taken = [first]
        while len(taken) < len(self.rules.steps):
            following = None
            for row in self.rows:
                if row.t < attempt.rows[-1].t - 2000 or row in attempt.rows or row in used:
                    continue
                if self.takes(row, taken) is not None and self.in_scope(attempt, row):
                    following = row
                    break
            bar = self.excluded(attempt, following)
            if bar is not None:
                attempt.ended_at = bar.at
                return
            if following is None:
                return
            step = self.takes(following, taken)
            assert step is not None
            taken.append(step)
            attempt.rows.append(following)
        attempt.ended_at = max(row.at for row in attempt.rows)

    def entries(self, bucket: int) -> list[Row]:
        low, high = self.rules.ranges[bucket]
        return [
            row
            for row in self.rows
            if low <= row.t < high and self.takes(row, []) is not None and self.eligible(row)
        ]

    def chain(self, bucket: int) -> list[Attempt]:
        """Attempts one after the other, for each held value on its own."""
        found: list[Attempt] = []
        used: list[Row] = []
        latest: dict[str, Attempt] = {}
        for row in self.entries(bucket):
            key = repr(self.held(row))
            before = latest.get(key)
            if row in used or (before is not None and not self.may_follow(before, row)):
                continue
            attempt = Attempt([row], bucket)
            self.follow(attempt, used)
            latest[key] = attempt
            used += attempt.rows
            found.append(attempt)
        return found

    def may_follow(self, before: Attempt, row: Row) -> bool:
        if self.rules.counting == "session":
            return self.session[row.at] > self.session[before.rows[0].at]
        if before.ended_at is not None:
            return row.at > before.ended_at
        return not self.alive(before, row)

    def aggressive(self, bucket: int) -> list[Attempt]:
        found = []
        for row in self.entries(bucket):
            attempt = Attempt([row], bucket)
            self.follow(attempt, [])
            found.append(attempt)
        return found

    def optimized(self, bucket: int) -> list[Attempt]:
        entries = self.entries(bucket)
        found: list[Attempt] = []
        taken: dict[int, list[int]] = {}
        closed: set[int] = set()
        for row in self.rows:
            fitting = []
            for i, attempt in enumerate(found):
                if i in closed or len(taken[i]) == len(self.rules.steps):
                    continue
                if not self.alive(attempt, row):
                    closed.add(i)
                elif self.takes(row, taken[i]) is not None and self.in_scope(attempt, row):
                    if self.excluded(attempt, row) is not None:
                        closed.add(i)
                    else:
                        fitting.append(i)
            past = [i for i in fitting if len(found[i].rows) > 1]
            chosen = past[0] if past else fitting[-1] if fitting else None
            if chosen is not None:
                step = self.takes(row, taken[chosen])
                assert step is not None
                taken[chosen].append(step)
                found[chosen].rows.append(row)
            elif row in entries:
                step = self.takes(row, [])
                assert step is not None
                taken[len(found)] = [step]
                found.append(Attempt([row], bucket))
        return found

    def attempts(self, bucket: int) -> list[Attempt]:
        if self.rules.reentry == "optimized":
            return self.optimized(bucket)
        return self.aggressive(bucket) if self.rules.reentry == "aggressive" else self.chain(bucket)

    def counted(self, bucket: int, segment: Any = None) -> list[Attempt]:
        """The attempts that count, of all or of those that `segment` holds for."""
        found = [a for a in self.attempts(bucket) if segment is None or segment(a)]
        furthest = self.rules.reentry in ("optimized", "aggressive")
        if self.rules.counting == "total":
            return found
        if self.rules.counting == "session" and not furthest:
            return found
        groups: dict[int, list[Attempt]] = {}
        for attempt in found:
            session = self.session[attempt.rows[0].at] if self.rules.counting == "session" else 0
            groups.setdefault(session, []).append(attempt)
        best = []
        for group in groups.values():
            most = max(len(a.rows) for a in group) if furthest else None
            best.append(next(a for a in group if most is None or len(a.rows) == most))
        return best


def first_defined(attempt: Attempt, name: str) -> Any:
    return next((row.get(name) for row in attempt.rows if row.get(name) is not None), None)


def figures(world: World, rules: Rules, segment: Any = None, keep: Any = None) -> list[Any]:
    """Per bucket the counts and the mean times in seconds."""
    answers = []
    for bucket in range(len(rules.ranges)):
        found = []
        for rows in world.rows.values():
            found += [a for a in User(rows, rules).counted(bucket, segment) if not keep or keep(a)]
        counts = [sum(len(a.rows) > k for a in found) for k in range(len(rules.steps))]
        times: list[float | None] = [0]
        starts: list[float | None] = [0]
        for k in range(1, len(rules.steps)):
            pairs = [(a.rows[k - 1].t, a.rows[k].t, a.start) for a in found if len(a.rows) > k]
            times.append(mean([max(t - before, 0) for before, t, _ in pairs]))
            starts.append(mean([max(t - start, 0) for _, t, start in pairs]))
        answers.append((counts, times, starts))
    return answers


def mean(ms: list[int]) -> float | None:
    return sum(ms) / len(ms) / 1000 if ms else None
