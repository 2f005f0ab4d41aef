"""What the app API keeps, collection by collection: where it is, and what a new row holds.

A row per collection; `routes` makes addresses and behaviour from them. The surprise: some of
Mixpanel's collections name the row in the body instead of the path, and answer every change with
the whole list; `by_body` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

USER: dict[str, Any] = {"id": 1, "name": "Emulator", "email": "emulator@example.com"}
PERSON: dict[str, Any] = {"id": 1, "first_name": "Emulator", "last_name": ""}


@dataclass(frozen=True)
class Collection:
    """One kind of thing."""

    path: str
    """Below the scope, without slashes at its ends; also what it is called in the store."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What a new row holds beside what the client sends."""
    key: str = "id"
    """The field that names a row."""
    uuid: bool = False
    """Ids are texts instead of numbers."""
    by_body: bool = False
    """Changes name their row in the body; the answer is the whole list."""
    mapped: bool = False
    """Rows come as an object, by id."""
    plural: str = ""
    """The key that bulk changes hold their rows under."""
    ids: str = ""
    """The key that bulk deletions hold their ids under."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the client sends → what the row calls it."""


COLLECTIONS: tuple[Collection, ...] = (
    Collection(
        "dashboards",
        {
            "description": "",
            "is_private": False,
            "is_restricted": False,
            "is_favorited": False,
            "can_update_basic": True,
            "can_view": True,
            "ancestors": [],
        },
        ids="dashboard_ids",
    ),
    Collection("bookmarks", {"description": ""}, plural="bookmarks", ids="bookmark_ids"),
    Collection(
        "cohorts",
        {"description": "", "count": 0, "is_visible": True, "created_by": USER},
        plural="cohorts",
        ids="cohort_ids",
    ),
    Collection(
        "feature-flags",
        {
            "status": "disabled",
            "context": "distinct_id",
            "serving_method": "client",
            "ruleset": {"variants": [], "rollout": []},
            "tags": [],
            "content_type": "feature-flags",
            "creator_id": USER["id"],
            "creator_name": USER["name"],
            "creator_email": USER["email"],
        },
        uuid=True,
    ),
    Collection(
        "experiments",
        {"status": "draft", "variants": [], "metrics": [], "settings": {}, "creator": PERSON},
        uuid=True,
    ),
    Collection("annotations", {"user": PERSON, "tags": []}),
    Collection("annotations/tags", {"has_annotations": False}),
    Collection("webhooks", {"is_enabled": True, "auth_type": None}, uuid=True),
    Collection("alerts/custom", {"paused": False, "subscriptions": []}, ids="alert_ids"),
    Collection("data-definitions/tags"),
    Collection(
        "data-definitions/events/drop-filters",
        {"filters": [], "active": True},
        by_body=True,
        names={"event_name": "eventName"},
    ),
    Collection(
        "data-definitions/events/deletion-requests",
        {
            "displayName": None,
            "filters": None,
            "status": "Submitted",
            "deletedEventsCount": 0,
            "requestingUser": {"id": USER["id"], "email": USER["email"]},
        },
        by_body=True,
    ),
    Collection(
        "custom_properties",
        {"propertyType": "string", "isVisible": True, "description": ""},
        key="customPropertyId",
    ),
    Collection(
        "metrics",
        {"description": "", "created_by": USER, "verified": False, "can_view": True},
        mapped=True,
        plural="metrics",
    ),
    Collection(
        "behaviors",
        {"description": "", "can_update_basic": True},
        mapped=True,
        plural="behaviors",
    ),
    Collection(
        "bookmark-urls",
        {"name": "", "description": "", "overrides": None, "bookmark_id": None, "bookmark": None},
        key="slug",
    ),
)
"""Longer paths win over shorter ones that they start with."""
