"""Experiments as Mixpanel stores them, and the words to make and change one.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: an experiment's state is moved
by calls of their own (launch, conclude, decide), not by writing its status.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from mpnb.entity.model import OrOther, Params, Record


class ExperimentStatus(StrEnum):
    """Where an experiment stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    CONCLUDED = "concluded"
    SUCCESS = "success"
    FAIL = "fail"


class ExperimentCreator(Record):
    """Who made an experiment."""

    id: int | None = None
    first_name: str | None = None
    last_name: str | None = None


class Experiment(Record):
    """An experiment."""

    id: str
    name: str
    description: str | None = None
    hypothesis: str | None = None
    status: OrOther[ExperimentStatus] | None = None
    """Where it stands."""
    variants: list[Any] | dict[str, Any] | None = None
    metrics: list[Any] | dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    exposures_cache: dict[str, Any] | None = None
    results_cache: dict[str, Any] | None = None
    start_date: str | None = None
    end_date: str | None = None
    created: str | None = None
    updated: str | None = None
    """When it was last changed."""
    creator: ExperimentCreator | None = None
    feature_flag: dict[str, Any] | None = None
    """The flag that tells who sees which variant."""
    is_favorited: bool | None = None
    pinned_date: str | None = None
    tags: list[str] | None = None
    can_edit: bool | None = None
    last_modified_by_id: int | None = None
    last_modified_by_name: str | None = None
    last_modified_by_email: str | None = None


class CreateExperimentParams(Params):
    """What a new experiment needs."""

    name: str
    description: str | None = None
    hypothesis: str | None = None
    settings: dict[str, Any] | None = None
    access_type: str | None = None
    """Who may do what, in a word of the API."""
    can_edit: bool | None = None
    variants: list[Any] | dict[str, Any] | None = None
    metrics: list[Any] | dict[str, Any] | None = None
    global_access_type: str | None = None


class UpdateExperimentParams(Params):
    """What of an experiment is to change; parts left out stay as they are."""

    name: str | None = None
    description: str | None = None
    hypothesis: str | None = None
    variants: list[Any] | dict[str, Any] | None = None
    metrics: list[Any] | dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    start_date: str | None = None
    end_date: str | None = None
    tags: list[str] | None = None
    exposures_cache: dict[str, Any] | None = None
    results_cache: dict[str, Any] | None = None
    status: ExperimentStatus | None = None
    """Where it stands; the calls that launch and conclude move it too."""
    global_access_type: str | None = None


class ExperimentConcludeParams(Params):
    """When an experiment ended, ``YYYY-MM-DD``; now when left out."""

    end_date: str | None = None


class ExperimentDecideParams(Params):
    """How an experiment came out."""

    success: bool
    """Whether it showed what it was to show."""
    variant: str | None = None
    """Key of the variant that won."""
    message: str | None = None
    """Why, in words."""


class DuplicateExperimentParams(Params):
    """What the copy of an experiment is called."""

    name: str
