"""Saved cohorts; `Workspace.cohorts` lists them shorter, for questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import Entity, delete, get, patch, post

if TYPE_CHECKING:
    from mpnb.entity.cohort import (
        BulkUpdateCohortEntry,
        Cohort,
        CreateCohortParams,
        UpdateCohortParams,
    )


class Cohorts(Entity, models=("mpnb.entity.cohort",)):
    """Saved cohorts of a project."""

    @get("cohorts")
    def list_cohorts_full(
        self, *, data_group_id: str | None = None, ids: list[int] | None = None
    ) -> list[Cohort]:
        """The saved cohorts, whole; of one data group, or with the given ids, when asked."""
        ...

    @get("cohorts/{cohort_id}")
    def get_cohort(self, cohort_id: int) -> Cohort:
        """One saved cohort by its id."""
        ...

    @post("cohorts")
    def create_cohort(self, params: CreateCohortParams) -> Cohort:
        """Save a cohort."""
        ...

    @patch("cohorts/{cohort_id}")
    def update_cohort(self, cohort_id: int, params: UpdateCohortParams) -> Cohort:
        """Change the parts of a cohort that are given."""
        ...

    @delete("cohorts/{cohort_id}", destroys=True)
    def delete_cohort(self, cohort_id: int, *, confirm: bool = False) -> None:
        """Delete a saved cohort for good."""
        ...

    @post("cohorts/bulk-delete", names={"ids": "cohort_ids"}, destroys=True)
    def bulk_delete_cohorts(self, ids: list[int], *, confirm: bool = False) -> None:
        """Delete saved cohorts for good."""
        ...

    @post("cohorts/bulk-update", names={"entries": "cohorts"})
    def bulk_update_cohorts(self, entries: list[BulkUpdateCohortEntry]) -> None:
        """Change several cohorts at once."""
        ...
