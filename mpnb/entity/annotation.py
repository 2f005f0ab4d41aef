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


class Annotation(Record):
    """A note on a day."""

    id: int
    project_id: int | None = None
    date: str
    """``YYYY-MM-DD HH:MM:SS`` in the project's time zone."""
    description: str
    user: AnnotationUser | None = None
    tags: list[AnnotationTag] = Field(default_factory=list)


class CreateAnnotationParams(Params):
    """What a new annotation needs."""

    date: str
    """``YYYY-MM-DD HH:MM:SS`` in the project's time zone."""
    description: str = Field(max_length=512)
    tags: list[int] | None = None
    """Ids of tags."""
    user_id: int | None = None


class UpdateAnnotationParams(Params):
    """What of an annotation is to change; parts left out stay as they are."""

    description: str | None = Field(default=None, max_length=512)
    tags: list[int] | None = None


class CreateAnnotationTagParams(Params):
    """What a new tag needs."""

    name: str
