"""The figures of a funnel: attempts in groups enter, the measures of each step leave.

A group is a segment in a bucket. The surprise: times are clamped at zero step by step, because the
grace lets a row take a step although it came up to two seconds before the one ahead of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mpnb.engine.duckdb import buckets
from mpnb.engine.duckdb import rows as rows_of
from mpnb.engine.duckdb.attempts import Attempts
from mpnb.engine.duckdb.sequence import Ints
from mpnb.engine.duckdb.store import Store
from mpnb.errors import NotSupportedError
from mpnb.query.custom import PropertySpec

Floats = npt.NDArray[np.float64]
Block = dict[str, dict[str, dict[str, Any]]]
"""Measure → step label → ``all`` (or a date) → value."""

MIN_ENTRIES = 30
"""Below so many entries nothing is said about significance."""


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of each group and step.

    Attributes:
        counts: [group, step], attempts that reached the step.
        step_ms: [group, step], sum of the times from the step before.
        start_ms: [group, step], sum of the times from the first step.
        values: [group][step], the property's aggregate; None without a property.
    """

    counts: Ints
    step_ms: Floats
    start_ms: Floats
    values: list[list[Any]] | None


def figures(
    store: Store,
    attempts: Attempts,
    groups: Ints,
    n_groups: int,
    values: list[list[Any]] | None,
) -> Figures:
    """Count the attempts of each group, and add up their times."""
    n_steps = attempts.rows.shape[1]
    counts = np.zeros((n_groups, n_steps), np.int64)
    step_ms, start_ms = (np.zeros((n_groups, n_steps)) for _ in range(2))
    counts[:, 0] = np.bincount(groups, minlength=n_groups)
    live = np.arange(len(attempts))
    start = before = store.time[attempts.rows[:, 0]]
    for k in range(1, n_steps):
        kept = np.flatnonzero(attempts.reached[live] > k)
        live, start, before = live[kept], start[kept], before[kept]
        now = store.time[attempts.rows[live, k]]
        of = groups[live]
        counts[:, k] = np.bincount(of, minlength=n_groups)
        step_ms[:, k] = np.bincount(of, np.maximum(now - before, 0), n_groups)
        start_ms[:, k] = np.bincount(of, np.maximum(now - start, 0), n_groups)
        before = now
    return Figures(counts, step_ms, start_ms, values)


def ratio(part: int, whole: int) -> float:
    """A share; 0 when there is nothing to share."""
    return part / whole if whole else 0.0


def block(labels: Sequence[str], found: Figures, group: int, key: str = "all") -> Block:
    """The measures of one group, as a raw answer holds them."""
    counts = found.counts[group].tolist()
    seconds = _means(found.step_ms[group], counts)
    from_start = _means(found.start_ms[group], counts)
    measures: dict[str, list[Any]] = {
        "count": counts,
        "step_conv_ratio": [ratio(n, counts[max(k - 1, 0)]) for k, n in enumerate(counts)],
        "overall_conv_ratio": [ratio(n, counts[0]) for n in counts],
        "avg_time": seconds,
        "avg_time_from_start": from_start,
    }
    if found.values is not None:
        measures["value"] = found.values[group]
    return {
        name: {label: {key: value} for label, value in zip(labels, row, strict=True)}
        for name, row in measures.items()
    }


def _means(sums_ms: Floats, counts: Sequence[int]) -> list[float | None]:
    """Mean seconds per step: 0 at the first, null where nobody came."""
    means = [
        total / n / 1000 if n else None for total, n in zip(sums_ms.tolist(), counts, strict=True)
    ]
    return [0.0, *means[1:]]


# --- property math --------------------------------------------------------------------------------


def property_values(
    store: Store,
    attempts: Attempts,
    groups: Ints,
    n_groups: int,
    math_: str,
    spec: PropertySpec,
) -> list[list[Any]]:
    """For each group and step the aggregate of a property on the rows that took the step."""
    within = np.zeros(store.n_rows, np.bool_)
    within[attempts.rows[attempts.rows >= 0]] = True
    found = rows_of.numbers(store, spec, within)
    steps = []
    for k in range(attempts.rows.shape[1]):
        live = np.flatnonzero(attempts.reached > k)
        at, numbers = _numbers_at(found, attempts.rows[live, k].astype(np.int64))
        of = groups[live][at]
        order = np.argsort(of, kind="stable")
        parts = np.split(numbers[order], np.searchsorted(of[order], np.arange(1, n_groups)))
        steps.append([aggregate(part, math_) for part in parts])
    return [list(column) for column in zip(*steps, strict=True)]


def _numbers_at(found: rows_of.Numbers, rows: Ints) -> tuple[Ints, Floats]:
    """Which of the rows, and the number there; several where a row has a list of them."""
    if found.rows is None:
        numbers, at = found.values[rows], np.arange(len(rows))
    else:
        starts = np.searchsorted(found.rows, rows, "left")
        counts = np.searchsorted(found.rows, rows, "right") - starts
        at = np.repeat(np.arange(len(rows)), counts)
        places = np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(len(at))
        numbers = found.values[places]
    known = ~np.isnan(numbers)
    return at[known], numbers[known]


PERCENTILES = {"median": 50, "p25": 25, "p75": 75, "p90": 90, "p99": 99}


def aggregate(numbers: Floats, math_: str) -> Any:
    """One aggregate of numbers; null without any, but a sum of nothing is 0."""
    if math_ == "total":
        return _plain(float(numbers.sum()))
    if math_ == "histogram":
        return _histogram(numbers)
    if len(numbers) == 0:
        return None
    if math_ in PERCENTILES:
        return _plain(float(np.percentile(numbers, PERCENTILES[math_])))
    simple: dict[str, Any] = {"average": np.mean, "min": np.min, "max": np.max}
    if math_ not in simple:
        raise NotSupportedError(
            f"Funnels have no measure {math_!r} of a property; use total, histogram, "
            f"{', '.join((*simple, *PERCENTILES))}."
        )
    return _plain(float(simple[math_](numbers)))


def _histogram(numbers: Floats) -> dict[str, int]:
    """Number of values in each automatic bucket."""
    codes, labels = buckets.group(numbers, None, None)
    sizes = np.bincount(codes[codes >= 0], minlength=len(labels))
    return {label: int(size) for label, size in zip(labels, sizes, strict=True) if size}


def _plain(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


# --- significance ---------------------------------------------------------------------------------


def significance(
    entries: int, conversions: int, all_entries: int, all_conversions: int, logs: Floats
) -> float | None:
    """How likely a segment differs from the whole not by chance, 0 to 1 (FN-22); null if unknown.

    X is hypergeometric: so many conversions would a random segment of the same size have. p is
    1 - max(P(X < k), P(X ≥ k)). ``logs`` are the logarithms of factorials, see `log_factorials`.
    """
    if entries < MIN_ENTRIES or entries > all_entries or conversions > all_conversions:
        return None
    lowest = max(0, entries + all_conversions - all_entries)
    xs = np.arange(lowest, min(entries, all_conversions) + 1)
    rest = all_entries - all_conversions
    chances = (
        (logs[all_conversions] - logs[xs] - logs[all_conversions - xs])
        + (logs[rest] - logs[entries - xs] - logs[rest - entries + xs])
        - (logs[all_entries] - logs[entries] - logs[all_entries - entries])
    )
    weights = np.exp(chances)
    below = float(weights[xs < conversions].sum())
    above = float(weights[xs >= conversions].sum())
    return 1 - max(below, above)


def log_factorials(most: int) -> Floats:
    """log(n!) for n from 0 to ``most``."""
    logs: Floats = np.zeros(most + 1)
    np.cumsum(np.log(np.arange(1, most + 1)), out=logs[1:])
    return logs
