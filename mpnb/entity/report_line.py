"""A line of the list of reports: what is known of a report without reading it.

Enters: a row of the list. Leaves: a frozen dataclass. It stands apart from the models of whole
reports, because listing needs no validation and so no pydantic.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

BookmarkType = Literal["insights", "funnels", "retention", "flows", "launch-analysis"]


@dataclass(frozen=True)
class BookmarkInfo:
    """A line of the list of reports."""

    id: int
    name: str
    type: BookmarkType
    project_id: int
    created: str
    modified: str
    workspace_id: int | None = None
    dashboard_id: int | None = None
    description: str | None = None
    creator_id: int | None = None
    creator_name: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what is known of the report as a JSON object."""
        return {name: value for name, value in asdict(self).items() if value is not None}
