"""The people behind a number of an answer: the same question, told person by person.

Enters: a question and a place in its answer. Leaves: the question broken down by person, and who
of its answer stands at the place. The surprise: no cohort is made up for this; the engine that gave
the number says who is in it, so windows, orders and buckets are those of the number itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from mpnb.query.breakdown import Breakdown, GroupBy
from mpnb.query.funnel import FunnelQuery
from mpnb.query.retention import RetentionQuery
from mpnb.result.base import OVERALL
from mpnb.widget.drill_words import CannotSayError

Q = TypeVar("Q", FunnelQuery, RetentionQuery)

PERSON = GroupBy("$distinct_id")
MOST = 50_000
"""Most people that one answer can tell apart: the most segments of an answer."""
COUNTS_PEOPLE = ("conversion_rate_unique", "unique", "retention_rate")


def by_person(asked: Q, path: tuple[str, ...]) -> Q:
    """The question with a line for each person.

    Args:
        asked: the question that was answered.
        path: the segment that was clicked; empty or ``$overall`` for all.

    Raises:
        CannotSayError: it does not count people, or the segment is a sum over another breakdown.
    """
    if asked.math not in COUNTS_PEOPLE or asked.data_group_id is not None:
        raise CannotSayError("This question does not count people, so that none can be listed.")
    groups: tuple[Breakdown, ...] = asked.group_by
    if not set(path) - {OVERALL}:
        groups = ()
    elif OVERALL in path or len(path) != len(groups):
        raise CannotSayError("This line sums up several segments; choose one of them.")
    return replace(asked, group_by=(*groups, PERSON), time_comparison=None)


def dropped(answer: Any, path: tuple[str, ...], step: int) -> list[str]:
    """Who reached the step before and not this one; for the first step who entered."""
    found = []
    for block in answer.blocks:
        counts = [one.get("count") or 0 for one in block.steps]
        if not _stands_in(block.path, path) or block.date or len(counts) < step:
            continue
        if counts[max(step - 2, 0)] and (step == 1 or not counts[step - 1]):
            found.append(block.path[-1])
    return sorted(found)


def of_cell(answer: Any, path: tuple[str, ...], date: str, bucket: int | None) -> list[str]:
    """Who of a cohort came back in a bucket; without a bucket the whole cohort."""
    found = []
    for group in answer.groups:
        cohort = group.cohorts.get(date)
        if not _stands_in(group.path, path) or not cohort:
            continue
        counts = cohort.get("counts") or []
        if bucket is None:
            inside = cohort.get("first")
        else:
            inside = counts[bucket] if bucket < len(counts) else 0
        if inside:
            found.append(group.path[-1])
    return sorted(found)


def _stands_in(own: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether a line is of one person, in the segment that was clicked."""
    segment = tuple(label for label in path if label != OVERALL)
    return OVERALL not in own and tuple(own[:-1]) == segment
