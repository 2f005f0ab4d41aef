"""What the cells of a retention answer hold: shares or counts, by cohort and bucket.

Enters: an answer. Leaves: the numbers that charts, tables and drills share. The surprise: a bucket
that is not over yet has a number all the same, and `is_open` says so.
"""

from __future__ import annotations

from typing import Any

from mpnb.chart.base import behavior, measurement
from mpnb.chart.series import is_number
from mpnb.result import RetentionQueryResult
from mpnb.result.retention import Group, has_overall


def has_values(result: RetentionQueryResult) -> bool:
    """Whether the answer is plain numbers by date."""
    return any(group.values for group in result.groups)


def is_rate(result: RetentionQueryResult) -> bool:
    """Whether the question measures shares of a cohort."""
    return bool(measurement(result).get("math", "retention_rate") == "retention_rate")


def unit(result: RetentionQueryResult) -> str:
    """The unit of the buckets, as a word."""
    found = behavior(result).get("retentionUnit")
    return found if isinstance(found, str) else "period"


def bucket_names(result: RetentionQueryResult, count: int) -> list[str]:
    """Names of the buckets: "Week 0", or the ranges of brackets of own width."""
    sizes = behavior(result).get("retentionCustomBucketSizes")
    word = unit(result).capitalize()
    if not isinstance(sizes, list) or not all(isinstance(size, int) for size in sizes) or not sizes:
        return [f"{word} {number}" for number in range(count)]
    names, start = [], 0
    for size in sizes[:count]:
        names.append(f"{word} {start}" if size == 1 else f"{word} {start}–{start + size - 1}")
        start += size
    return names + [f"{word} {start}+" for _ in range(count - len(names))]


def values(result: RetentionQueryResult, cohort: dict[str, Any]) -> list[float | None]:
    """What the cells of a cohort show: shares, or counts where the question counts.

    Buckets at the end that are not over and have nobody yet are left out.
    """
    counts, rates = cohort.get("counts") or [], cohort.get("rates") or []
    found: list[float | None]
    if not is_rate(result):
        found = [count if is_number(count) else None for count in counts]
    elif rates:
        found = [rate if is_number(rate) else None for rate in rates]
    else:
        size = cohort.get("first")
        found = [count / size if size and is_number(count) else None for count in counts]
    while found and (found[-1] is None or (not found[-1] and is_open(cohort, len(found) - 1))):
        found.pop()
    return found


def is_open(cohort: dict[str, Any], at: int) -> bool:
    """Whether a bucket is known not to be over for a cohort."""
    complete = cohort.get("complete")
    return isinstance(complete, list) and at < len(complete) and not complete[at]


def main_group(result: RetentionQueryResult) -> Group:
    """The line of all users, or the first segment where there is none."""
    found = result.groups
    return next((g for g in found if has_overall(g)), found[0] if found else Group((), {}, {}, {}))
