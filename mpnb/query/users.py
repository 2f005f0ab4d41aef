"""The users question: profiles, or one number over profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mpnb.query.cohort import CohortDefinition
from mpnb.query.filter import Filter
from mpnb.query.question import Question
from mpnb.query.words import Kind, SortOrder, UserAggregate, UserMode


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
