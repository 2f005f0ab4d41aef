"""Notes on days, and the tags that group them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnb.entity.base import Entity, delete, get, patch, post

if TYPE_CHECKING:
    from mpnb.entity.annotation import (
        Annotation,
        AnnotationTag,
        CreateAnnotationParams,
        CreateAnnotationTagParams,
        UpdateAnnotationParams,
    )


class Annotations(Entity, models=("mpnb.entity.annotation",)):
    """Annotations of a project."""

    @get("annotations/", names={"from_date": "fromDate", "to_date": "toDate"})
    def list_annotations(
        self,
        *,
        from_date: str | None = None,
        to_date: str | None = None,
        tags: list[int] | None = None,
    ) -> list[Annotation]:
        """The annotations, of a range of days or with some tags when asked.

        Args:
            from_date: first day, ``YYYY-MM-DD``.
            to_date: last day, ``YYYY-MM-DD``.
            tags: ids of tags.
        """
        ...

    @post("annotations/")
    def create_annotation(self, params: CreateAnnotationParams) -> Annotation:
        """Write an annotation."""
        ...

    @get("annotations/{annotation_id}/")
    def get_annotation(self, annotation_id: int) -> Annotation:
        """One annotation by its id."""
        ...

    @patch("annotations/{annotation_id}/")
    def update_annotation(self, annotation_id: int, params: UpdateAnnotationParams) -> Annotation:
        """Change the parts of an annotation that are given."""
        ...

    @delete("annotations/{annotation_id}/", destroys=True)
    def delete_annotation(self, annotation_id: int, *, confirm: bool = False) -> None:
        """Delete an annotation for good."""
        ...

    @get("annotations/tags/")
    def list_annotation_tags(self) -> list[AnnotationTag]:
        """The tags of annotations."""
        ...

    @post("annotations/tags/")
    def create_annotation_tag(self, params: CreateAnnotationTagParams) -> AnnotationTag:
        """Make a tag for annotations."""
        ...
