"""A page of a list as the app API sends it, for people who ask endpoints of their own.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: methods of a workspace never
return one, they follow the cursors to the end.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from mpnb.entity.model import Record

T = TypeVar("T")

__all__ = ["CursorPagination", "PaginatedResponse"]


class CursorPagination(Record):
    """Where the pages beside this one are."""

    page_size: int
    next_cursor: str | None = None
    previous_cursor: str | None = None


class PaginatedResponse(Record, Generic[T]):
    """A page: rows of one type, and where the others are."""

    status: str
    """``"ok"``, where all went well."""
    results: list[T]
    """The rows."""
    pagination: CursorPagination | None = None
