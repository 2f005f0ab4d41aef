"""Cohorts: groups of users, saved (by id) or defined here by criteria."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class CohortCriteria:
    """One condition on a user: did an event, has a property, is in a cohort."""

    _selector_node: dict[str, Any]
    _behavior_key: str | None
    _behavior: dict[str, Any] | None


@dataclass(frozen=True, init=False)
class CohortDefinition:
    """Criteria joined by and/or; nests."""

    _criteria: tuple[CohortCriteria | CohortDefinition, ...]
    _operator: Literal["and", "or"]

    def __init__(self, *criteria: CohortCriteria | CohortDefinition) -> None:
        object.__setattr__(self, "_criteria", criteria)
        object.__setattr__(self, "_operator", "and")
