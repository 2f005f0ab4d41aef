"""Feature flags; they belong to a data view, which is looked up when none is pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import Entity, delete, get, post, put

if TYPE_CHECKING:
    from mpnb.entity.flag import (
        CreateFeatureFlagParams,
        FeatureFlag,
        FlagHistoryResponse,
        FlagLimitsResponse,
        SetTestUsersParams,
        UpdateFeatureFlagParams,
    )


class FeatureFlags(Entity, models=("mpnb.entity.flag",)):
    """Feature flags of a project."""

    @get("feature-flags/", scope="required")
    def list_feature_flags(self, *, include_archived: bool = False) -> list[FeatureFlag]:
        """The feature flags, with the archived ones when asked."""
        ...

    @post("feature-flags/", scope="required")
    def create_feature_flag(self, params: CreateFeatureFlagParams) -> FeatureFlag:
        """Make a feature flag."""
        ...

    @get("feature-flags/{flag_id}/", scope="required")
    def get_feature_flag(self, flag_id: str) -> FeatureFlag:
        """One feature flag by its id."""
        ...

    @put("feature-flags/{flag_id}/", scope="required")
    def update_feature_flag(self, flag_id: str, params: UpdateFeatureFlagParams) -> FeatureFlag:
        """Replace a feature flag as a whole; what is not given is reset."""
        ...

    @delete("feature-flags/{flag_id}/", scope="required", destroys=True)
    def delete_feature_flag(self, flag_id: str, *, confirm: bool = False) -> None:
        """Delete a feature flag for good."""
        ...

    @post("feature-flags/{flag_id}/archive/", scope="required")
    def archive_feature_flag(self, flag_id: str) -> None:
        """Put a feature flag away; `restore_feature_flag` brings it back."""
        ...

    @delete("feature-flags/{flag_id}/archive/", scope="required")
    def restore_feature_flag(self, flag_id: str) -> FeatureFlag:
        """Bring back a feature flag that was archived."""
        ...

    @post("feature-flags/{flag_id}/duplicate/", scope="required")
    def duplicate_feature_flag(self, flag_id: str) -> FeatureFlag:
        """Copy a feature flag."""
        ...

    @put("feature-flags/{flag_id}/test-users/", scope="required")
    def set_flag_test_users(self, flag_id: str, params: SetTestUsersParams) -> None:
        """Say who sees which variant while testing."""
        ...

    @get("feature-flags/{flag_id}/history/", scope="required")
    def get_flag_history(
        self, flag_id: str, *, page: str | None = None, page_size: int | None = None
    ) -> FlagHistoryResponse:
        """One page of what was changed in a feature flag.

        Args:
            flag_id: the flag.
            page: which page, as the server names it; the first when left out.
            page_size: changes on a page.
        """
        ...

    @get("feature-flags/limits/", scope="project")
    def get_flag_limits(self) -> FlagLimitsResponse:
        """How many feature flags the account may have, and has."""
        ...
