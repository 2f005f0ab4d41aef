"""Section 7, attempts: what one user's rows make of the steps of a funnel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.engine.oracle import sessions
from tests.engine.oracle.calendar import LENGTHS
from tests.engine.oracle.data import Row
from tests.engine.oracle.filters import Filters, resource
from tests.engine.oracle.values import same
from tests.engine.oracle.words import Part, many, part_of

GRACE = 2000


@dataclass
class Attempt:
    """Matched rows in order; the place of the row that ended it by exclusion, if one did."""

    user: str
    steps: list[int]
    rows: list[Row]
    places: list[int]
    session: int | None = None
    excluded_at: int | None = None

    @property
    def start(self) -> Row:
        return self.rows[0]


@dataclass
class Rules:
    """The settings of a funnel, from a question or a behavior."""

    asked: Part
    steps: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = [part_of(one, "FunnelStep") for one in many(self.asked["steps"])]
        top = self.asked.get("order", "loose")
        self.free = [top == "any" and (s.order or "any") == "any" for s in self.steps]
        amount = self.asked.get("conversion_window", 14)
        unit = self.asked.get("conversion_window_unit", "day")
        self.n_sessions = amount if unit == "session" else 0
        self.window = 0 if self.n_sessions else amount * LENGTHS[unit]
        self.exclusions = [part_of(one, "Exclusion") for one in many(self.asked.exclusions)]
        held = many(self.asked.holding_constant)
        self.hold = [part_of(one, "HoldingConstant", "property") for one in held]
        self.reentry = self.asked.reentry_mode or "default"

    def blocks(self) -> list[list[int]]:
        found: list[list[int]] = []
        for at, free in enumerate(self.free):
            if free and found and self.free[found[-1][-1]]:
                found[-1].append(at)
            else:
                found.append([at])
        return found

    def open(self, taken: list[int]) -> list[int]:
        """FN-11: the steps that may come next."""
        for block in self.blocks():
            left = [step for step in block if step not in taken]
            if left:
                return left
        return []


class User:
    """One user's rows under the rules of a funnel."""

    def __init__(self, filters: Filters, rules: Rules, user: str, stored: list[Row]) -> None:
        self.filters, self.rules, self.user = filters, rules, user
        self.rows = filters.here.histories[user]
        numbers = sessions.of_user(filters.here, stored)
        self.sessions = [numbers.get(r.at if r.at >= 0 else -r.at - 1) for r in self.rows]
        self.fits = [
            [at for at, step in enumerate(rules.steps) if self._takes(row, step)]
            for row in self.rows
        ]
        self.held = [self._held(row) for row in self.rows]

    def _takes(self, row: Row, step: Part) -> bool:
        return self.filters.event(row, step["event"]) and self.filters.joined(
            row, step.filters, step.filters_combinator, self.user
        )

    def _held(self, row: Row) -> list[Any] | None:
        values = [
            self.filters.here.profile(self.user, part["property"])
            if resource(part) == "people"
            else self.filters.value(row, part["property"])
            for part in self.rules.hold
        ]
        return None if any(value is None for value in values) else values

    def agrees(self, one: int, other: int) -> bool:
        """FN-13: equal held values, none undefined."""
        mine, theirs = self.held[one], self.held[other]
        if mine is None or theirs is None:
            return False
        return all(same(a, b) for a, b in zip(mine, theirs, strict=True))

    def entries(self, start: int, end: int) -> list[int]:
        first = self.rules.blocks()[0]
        return [
            at
            for at, row in enumerate(self.rows)
            if start <= row.t < end
            and self.held[at] is not None
            and (self.sessions[at] is not None or not self.rules.n_sessions)
            and any(step in first for step in self.fits[at])
        ]

    def reaches(self, entry: int, at: int, n_sessions: int) -> bool:
        """FN-2, FN-10: whether a row is inside the window of an entry."""
        if n_sessions:
            mine, theirs = self.sessions[entry], self.sessions[at]
            return mine is not None and theirs is not None and mine <= theirs < mine + n_sessions
        return self.rows[at].t <= self.rows[entry].t + self.rules.window

    def match(self, entry: int, used: set[int], n_sessions: int) -> Attempt:
        """FN-4 to FN-6, FN-11, FN-12: the attempt that an entry begins."""
        found = self.begun(entry)
        while left := self.rules.open(found.steps):
            last = found.rows[-1]
            fitting = [
                at
                for at, row in enumerate(self.rows)
                if at not in found.places
                and at not in used
                and row.t >= last.t - GRACE
                and self.agrees(entry, at)
                and self.reaches(entry, at, n_sessions)
                and any(step in left for step in self.fits[at])
            ]
            at = fitting[0] if fitting else None
            found.excluded_at = self.excluding(found, entry, at, n_sessions)
            if at is None or found.excluded_at is not None:
                break
            self.advance(found, at, left)
        return found

    def begun(self, entry: int) -> Attempt:
        step = min(s for s in self.fits[entry] if s in self.rules.blocks()[0])
        return Attempt(self.user, [step], [self.rows[entry]], [entry], self.sessions[entry])

    def advance(self, found: Attempt, at: int, left: list[int]) -> None:
        found.steps.append(min(step for step in self.fits[at] if step in left))
        found.rows.append(self.rows[at])
        found.places.append(at)

    def excluding(
        self, found: Attempt, entry: int, following: int | None, n_sessions: int
    ) -> int | None:
        """FN-12: the first row that ends an attempt before its next row."""
        gap, last = len(found.rows) - 1, found.rows[-1].t
        to_last = len(self.rules.steps) - 1
        names = [
            part["event"]
            for part in self.rules.exclusions
            if part.get("from_step", 0) <= gap < (to_last if part.to_step is None else part.to_step)
        ]
        for at, row in enumerate(self.rows):
            if at in found.places or row.t <= last + GRACE:
                continue
            if following is None and not self.reaches(entry, at, n_sessions):
                continue
            if following is not None and row.t >= self.rows[following].t - GRACE:
                continue
            if any(self.filters.event(row, name) for name in names):
                return at
        return None

    def over(self, found: Attempt, entry: int, n_sessions: int) -> bool:
        """FN-8: whether an attempt has ended before another entry."""
        if len(found.rows) == len(self.rules.steps):
            return entry > max(found.places)
        if found.excluded_at is not None:
            return entry > found.excluded_at
        return not self.reaches(found.places[0], entry, n_sessions)

    def chain(self, start: int, end: int) -> list[Attempt]:
        """FN-8, FN-13: attempts one after the other, for each held value on its own."""
        found: list[Attempt] = []
        for entry in self.entries(start, end):
            mine = [a for a in found if self.agrees(a.places[0], entry)]
            used = {place for attempt in mine for place in attempt.places}
            if entry in used:
                continue
            if not mine or self.over(mine[-1], entry, self.rules.n_sessions):
                found.append(self.match(entry, used, self.rules.n_sessions))
        return found

    def by_session(self, start: int, end: int) -> list[Attempt]:
        """FN-10: one attempt for each session with an entry, for each held value on its own."""
        found: list[Attempt] = []
        for entry in self.entries(start, end):
            session = self.sessions[entry]
            if session is not None and not any(
                self.sessions[a.places[0]] == session and self.agrees(a.places[0], entry)
                for a in found
            ):
                found.append(self.match(entry, set(), 1))
        return found

    def aggressive(self, start: int, end: int) -> list[Attempt]:
        return [self.match(e, set(), self.rules.n_sessions) for e in self.entries(start, end)]

    def optimized(self, start: int, end: int) -> list[Attempt]:
        """FN-19: attempts side by side, rows strictly in order."""
        entries, found = set(self.entries(start, end)), list[Attempt]()
        for at in range(len(self.rows)):
            going = [a for a in found if self._goes_on(a, at)]
            if going:
                past = [a for a in going if len(a.rows) > 1]
                chosen = past[0] if past else going[-1]
                self.advance(chosen, at, self.rules.open(chosen.steps))
            elif at in entries:
                found.append(self.begun(at))
        return found

    def _goes_on(self, found: Attempt, at: int) -> bool:
        left = self.rules.open(found.steps)
        entry = found.places[0]
        return (
            any(step in left for step in self.fits[at])
            and self.agrees(entry, at)
            and self.reaches(entry, at, self.rules.n_sessions)
            and self.excluding(found, entry, at, self.rules.n_sessions) is None
        )
