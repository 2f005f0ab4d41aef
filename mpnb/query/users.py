"""The users question: profiles, or one number over profiles.

Enter the public arguments (`users`), leaves a frozen question in normal form. The surprise: `where`
may be selector text, which is passed on as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from mpnb.query.cohort import CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.part import quick
from mpnb.query.question import Question
from mpnb.query.rules import common
from mpnb.query.rules import users as rules
from mpnb.query.words import Kind, SortOrder, UserAggregate, UserMode

T = TypeVar("T")


@quick
@dataclass(frozen=True, kw_only=True)
class UserQuery(Question):
    """Profiles that match, or an aggregate over them."""

    kind: ClassVar[Kind] = "users"

    where: tuple[Filter, ...] | str = ()
    cohort: int | CohortDefinition | None = None
    properties: tuple[str, ...] | None = None
    sort_by: str | None = None
    sort_order: SortOrder = "descending"
    search: str | None = None
    distinct_id: str | None = None
    distinct_ids: tuple[str, ...] | None = None
    group_id: str | None = None
    as_of: str | int | None = None
    mode: UserMode = "aggregate"
    aggregate: UserAggregate = "count"
    aggregate_property: str | None = None
    percentile: float | None = None
    segment_by: tuple[int, ...] | None = None
    limit: int | None = 1
    parallel: bool = False
    workers: int = 5
    include_all_users: bool = False


def users(
    *,
    where: Filter | Sequence[Filter] | str | None = None,
    cohort: int | CohortDefinition | None = None,
    properties: Sequence[str] | None = None,
    sort_by: str | None = None,
    sort_order: SortOrder = "descending",
    search: str | None = None,
    distinct_id: str | None = None,
    distinct_ids: Sequence[str] | None = None,
    group_id: str | None = None,
    as_of: str | int | None = None,
    mode: UserMode = "aggregate",
    aggregate: UserAggregate = "count",
    aggregate_property: str | None = None,
    percentile: float | None = None,
    segment_by: Sequence[int] | None = None,
    limit: int | None = 1,
    parallel: bool = False,
    workers: int = 5,
    include_all_users: bool = False,
) -> UserQuery:
    """Make a question about profiles: a list of them, or one number over them.

    Args:
        where: a filter, a list of filters, or selector text.
        cohort: a cohort that the users are in, by id or defined here.
        properties: which properties come back; all when left out.
        sort_by: property to sort by.
        sort_order: `ascending` or `descending`.
        search: text to look for in the profiles.
        distinct_id: one user's id.
        distinct_ids: several users' ids.
        group_id: profiles of this kind of group instead of users.
        as_of: the profiles as they were on a day (YYYY-MM-DD) or at a Unix time in seconds.
        mode: `profiles` for a list, `aggregate` for one number.
        aggregate: what number.
        aggregate_property: the property that it is over.
        percentile: which percentile, above 0 and below 100.
        segment_by: ids of cohorts to split the number by.
        limit: most profiles to fetch; None for all.
        parallel: fetch pages at the same time.
        workers: how many at once, 1 to 5.
        include_all_users: with a cohort, also those without a profile.

    Raises:
        BookmarkValidationError: arguments break rules; all findings at once.
    """
    common.raise_all(rules.question, dict(locals()))
    return UserQuery(
        where=where if isinstance(where, str) else common.where_parts(where),
        cohort=cohort,
        properties=_tuple(properties),
        sort_by=sort_by,
        sort_order=sort_order,
        search=search,
        distinct_id=distinct_id,
        distinct_ids=_tuple(distinct_ids),
        group_id=group_id,
        as_of=as_of,
        mode=mode,
        aggregate=aggregate,
        aggregate_property=aggregate_property,
        percentile=percentile,
        segment_by=_tuple(segment_by),
        limit=limit,
        parallel=parallel,
        workers=workers,
        include_all_users=include_all_users,
    )


def _tuple(items: Sequence[T] | None) -> tuple[T, ...] | None:
    return None if items is None else tuple(items)
