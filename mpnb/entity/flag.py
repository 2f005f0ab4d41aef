"""Feature flags as Mixpanel stores them, and the words to make and change one.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: an update replaces the whole
flag, so every part that is to stay must be sent again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from mpnb.entity.model import OrOther, Params, Record


class FeatureFlagStatus(StrEnum):
    """Whether a flag is served."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    ARCHIVED = "archived"


class ServingMethod(StrEnum):
    """Where a flag may be evaluated."""

    CLIENT = "client"
    SERVER = "server"
    REMOTE_OR_LOCAL = "remote_or_local"
    REMOTE_ONLY = "remote_only"


class FlagContractStatus(StrEnum):
    """How the account's contract for flags stands."""

    ACTIVE = "active"
    GRACE_PERIOD = "grace_period"
    EXPIRED = "expired"


class FeatureFlag(Record):
    """A feature flag."""

    id: str
    project_id: int | None = None
    name: str
    key: str
    description: str | None = None
    status: OrOther[FeatureFlagStatus] = FeatureFlagStatus.DISABLED
    """Whether it is served."""
    tags: list[str] = Field(default_factory=list)
    experiment_id: str | None = None
    context: str = ""
    data_group_id: str | None = None
    serving_method: OrOther[ServingMethod] = ServingMethod.CLIENT
    ruleset: dict[str, Any] = Field(default_factory=dict)
    """``variants`` and ``rollout``."""
    hash_salt: str | None = None
    workspace_id: int | None = None
    content_type: str | None = None
    """What kind of thing it is, in a word of the API."""
    created: str = ""
    modified: str = ""
    enabled_at: str | None = None
    """When it was last enabled."""
    deleted: str | None = None
    """When it was deleted."""
    creator_id: int | None = None
    creator_name: str | None = None
    creator_email: str | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None
    is_favorited: bool | None = None
    pinned_date: str | None = None
    can_edit: bool = False


def _on_off() -> dict[str, Any]:
    """The rules of a new flag: two variants, nobody sees it yet."""
    on = {"key": "On", "value": True, "is_control": False, "split": 1.0, "is_sticky": False}
    off = {"key": "Off", "value": False, "is_control": True, "split": 0.0, "is_sticky": False}
    return {"variants": [on, off], "rollout": []}


class CreateFeatureFlagParams(Params):
    """What a new flag needs; without a ruleset it is switched between on and off."""

    name: str
    key: str
    description: str | None = None
    status: FeatureFlagStatus | None = None
    """Whether it is served; without it, Mixpanel does not serve it."""
    tags: list[str] = Field(default_factory=list)
    context: str = "distinct_id"
    serving_method: ServingMethod = ServingMethod.CLIENT
    ruleset: dict[str, Any] = Field(default_factory=_on_off)
    experiment_id: str | None = None
    is_experiment_active: bool | None = None
    data_group_id: str | int | None = None
    hash_salt: str | None = None
    reset_hash_salt: bool | None = None


class UpdateFeatureFlagParams(Params):
    """The whole flag as it is to be; what is left out is reset."""

    name: str
    key: str
    status: FeatureFlagStatus
    """Whether it is served."""
    ruleset: dict[str, Any]
    description: str | None = None
    tags: list[str] = Field(default_factory=list)
    context: str = "distinct_id"
    serving_method: ServingMethod = ServingMethod.CLIENT
    experiment_id: str | None = None
    is_experiment_active: bool | None = None
    data_group_id: str | int | None = None
    hash_salt: str | None = None
    reset_hash_salt: bool | None = None


class SetTestUsersParams(Params):
    """Who sees which variant while testing: variant key → distinct id."""

    users: dict[str, str]
    """Key of the variant → distinct id of the person who sees it."""


class FlagHistoryParams(Params):
    """Which page of a flag's history."""

    page: str | None = None
    """What the page is asked for with; None for the first one."""
    page_size: int | None = None


class FlagHistoryResponse(Record):
    """A page of a flag's history."""

    events: list[list[Any]]
    """Changes, each a list, as Mixpanel sends them."""
    count: int
    """How many there are in all."""


class FlagLimitsResponse(Record):
    """How many flags the account may have, and has."""

    limit: int
    """Flags that there may be."""
    is_trial: bool
    """Whether the account is on trial."""
    current_usage: int
    """Flags that there are."""
    contract_status: OrOther[FlagContractStatus]
    """How the contract stands."""
