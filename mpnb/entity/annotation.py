"""Annotations as Mixpanel stores them: a note on a day, that charts show.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: a documented answer may lack the
project, so it is optional.
"""

from __future__ import annotations

from pydantic import Field

from mpnb.entity.model import Params, Record


class AnnotationUser(Record):
    """Who wrote an annotation."""

    id: int
    first_name: str
    last_name: str


class AnnotationTag(Record):
    """A word that groups annotations."""

    id: int
    name: str
    project_id: int | None = None
    has_annotations: bool | None = None
    """Whether any annotation has it."""


class Annotation(Record):
    """A note on a day."""

    id: int
    project_id: int | None = None
    date: str
    """``YYYY-MM-DD HH:MM:SS`` in the project's time zone."""
    description: str
    """The note."""
    user: AnnotationUser | None = None
    """Who wrote it."""
    tags: list[AnnotationTag] = Field(default_factory=list)
    """Tags that it is grouped by."""


class CreateAnnotationParams(Params):
    """What a new annotation needs."""

    date: str
    """``YYYY-MM-DD HH:MM:SS`` in the project's time zone."""
    description: str = Field(max_length=512)
    """The note, at most 512 characters."""
    tags: list[int] | None = None
    """Ids of tags."""
    user_id: int | None = None
    """Id of who wrote it."""


class UpdateAnnotationParams(Params):
    """What of an annotation is to change; parts left out stay as they are."""

    description: str | None = Field(default=None, max_length=512)
    """The note, at most 512 characters."""
    tags: list[int] | None = None
    """Ids of tags."""


class CreateAnnotationTagParams(Params):
    """What a new tag needs."""

    name: str
