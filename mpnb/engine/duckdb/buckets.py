"""Numeric buckets: how numbers are grouped into labelled segments (I-24).

Numbers and the asked size, lower and upper bound enter; a bucket code per number and the labels in
ascending order leave. The surprise: edges are computed in whole units of the last decimal place, so
that 0.3 falls into ``0.3 - 0.4`` and not, by rounding, below it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb.sources import Array, Mask
from mpnb.engine.duckdb.values import number_text
from mpnb.errors import QueryError

Codes = npt.NDArray[np.int64]
MAX_SINGLE = 10
"""So many distinct numbers are still shown one by one when no size is asked for."""
MAX_DENSE = 1 << 20
"""Up to so many possible buckets are counted in a table, more are sorted."""


@dataclass(frozen=True)
class Rule:
    """Buckets of `size` from `low` (else from 0, both ways) up to `high` (else without end)."""

    size: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Each:
    """Each number is a segment of its own."""


@dataclass(frozen=True)
class Edges:
    """Bounds of buckets, exact in decimals: bucket k starts at (origin + k · size) / scale."""

    origin: int
    size: int
    scale: int

    @classmethod
    def of(cls, rule: Rule) -> Edges:
        """The edges of a rule."""
        parts = [Decimal(repr(float(x))) for x in (rule.low or 0.0, rule.size)]
        places = max(0, *(-int(part.as_tuple().exponent) for part in parts))
        scale = 10**places
        origin, size = (int(part * scale) for part in parts)
        if size <= 0:
            raise QueryError(f"A bucket's size must be above 0, not {rule.size}.")
        return cls(origin, size, scale)

    def at(self, bucket: int) -> float:
        """Lower bound of a bucket."""
        units = self.origin + bucket * self.size
        try:
            return units / self.scale
        except OverflowError:
            return sys.float_info.max if units > 0 else -sys.float_info.max

    def find(self, numbers: Array) -> Codes:
        """The bucket of each number."""
        if not len(numbers):
            return np.zeros(0, np.int64)
        with np.errstate(over="ignore"):
            step = self.size / self.scale
            guess = np.floor(numbers / step - self.at(0) / step)
        first, last = guess.min(), guess.max()
        if max(-first, last) > 2**50:
            raise QueryError("The buckets are too small for these numbers.")
        near = guess.astype(np.int64)
        used, place = present(near, int(first), int(last))
        lower = np.array([self.at(bucket) for bucket in used.tolist()])
        upper = np.array([self.at(bucket + 1) for bucket in used.tolist()])
        found: Codes = near + (numbers >= upper[place]) - (numbers < lower[place])
        return found


def present(codes: Codes, first: int, last: int) -> tuple[Codes, Codes]:
    """The distinct codes, ascending, and the place of each; they lie from `first` to `last`."""
    if last - first > MAX_DENSE:
        used, places = np.unique(codes, return_inverse=True)
        return used, places
    shifted = codes - first
    used = np.flatnonzero(np.bincount(shifted, minlength=last - first + 1))
    lookup = np.zeros(last - first + 1, np.int64)
    lookup[used] = np.arange(len(used))
    return used + first, lookup[shifted]


def group(numbers: Array, rule: Rule | Each | None, within: Mask | None) -> tuple[Codes, list[str]]:
    """Bucket code of each number (-1 for NaN), and the labels in ascending order.

    Args:
        numbers: float64 with NaN for undefined.
        rule: the asked buckets; None chooses them from the numbers themselves.
        within: the numbers that count; None: all.
    """
    known = ~np.isnan(numbers)
    codes = np.full(len(numbers), -1, np.int64)
    counted = numbers[known if within is None else known & within]
    rule = choice(counted) if rule is None else rule
    if isinstance(rule, Each):
        return _singles(numbers, known, np.unique(counted))
    codes[known], labels = _grouped(numbers[known], rule)
    return codes, labels


def choice(counted: Array) -> Rule | Each:
    """The automatic buckets of some numbers, none of which is NaN."""
    if _few(counted):
        return Each()
    return automatic(float(counted.min()), float(counted.max()))


def _few(counted: Array) -> bool:
    """Whether the distinct numbers are so few that each is shown; looks at some of them first."""
    if len(np.unique(counted[:1000])) > MAX_SINGLE:
        return False
    return len(np.unique(counted)) <= MAX_SINGLE


def _singles(numbers: Array, known: Mask, distinct: Array) -> tuple[Codes, list[str]]:
    place = np.searchsorted(distinct, numbers)
    found = np.minimum(place, max(len(distinct) - 1, 0))
    same = known & (distinct[found] == numbers) if len(distinct) else np.zeros_like(known)
    return np.where(same, found, -1), [number_text(value) for value in distinct.tolist()]


def shared(counted: Array) -> Rule | Each:
    """Automatic buckets for more numbers than those that choose them: without a lower end."""
    chosen = choice(counted)
    return Rule(chosen.size) if isinstance(chosen, Rule) else chosen


def automatic(low: float, high: float) -> Rule:
    """Round widths: the smallest 1, 2 or 5 times a power of ten that makes at most ten steps."""
    wanted = (Decimal(repr(high)) - Decimal(repr(low))) / 10  # doubles would miss a width by a hair
    power = wanted.adjusted() - 1
    widths = [Decimal(f"{digit}e{p}") for p in range(power, power + 3) for digit in (1, 2, 5)]
    width = float(next(width for width in widths if width >= wanted))
    edges = Edges.of(Rule(width))
    return Rule(width, edges.at(int(edges.find(np.array([low]))[0])))


def _grouped(numbers: Array, rule: Rule) -> tuple[Codes, list[str]]:
    edges = Edges.of(rule)
    over = None
    if rule.high is not None:
        over = int(edges.find(np.array([float(rule.high)]))[0]) + 1
    below = np.zeros(len(numbers), np.bool_) if rule.low is None else numbers < rule.low
    above = np.zeros(len(numbers), np.bool_) if rule.high is None else numbers >= rule.high
    found = np.full(len(numbers), _UNDER, np.int64)
    inside = ~below & ~above
    found[inside] = edges.find(numbers[inside])
    found[above] = over or 0
    if not len(found):
        return found, []
    used, codes = present(found, int(found.min()), int(found.max()))
    return codes, [_label(edges, rule, bucket, over) for bucket in used.tolist()]


_UNDER = -1
"""The bucket of numbers below the lower bound, which itself begins bucket 0."""


def _label(edges: Edges, rule: Rule, bucket: int, over: int | None) -> str:
    if rule.low is not None and bucket == _UNDER:
        return f"< {number_text(float(rule.low))}"
    if rule.high is not None and bucket == over:
        return f"≥ {number_text(float(rule.high))}"
    upper = edges.at(bucket + 1)
    upper = upper if rule.high is None else min(upper, float(rule.high))
    return f"{number_text(edges.at(bucket))} - {number_text(upper)}"
