"""Business context: what an organisation or a project tells those who answer questions about it.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: nothing written yet is empty
text, not an error.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, computed_field

from mpnb.entity.model import Record

BUSINESS_CONTEXT_MAX_CHARS = 50_000
"""Characters that a context may have."""


class BusinessContext(Record):
    """The text of an organisation or of a project, as Markdown."""

    level: Literal["organization", "project"]
    """Whose text it is."""
    content: str
    """The text; empty when nothing was written."""
    organization_id: int | None = None
    project_id: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know properties below it
    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return self.content == ""

    @computed_field  # type: ignore[prop-decorator]  # the same
    @property
    def character_count(self) -> int:
        """How long the text is; at most `BUSINESS_CONTEXT_MAX_CHARS`."""
        return len(self.content)


class BusinessContextChain(Record):
    """The texts that hold for a project: its organisation's and its own."""

    model_config = ConfigDict(extra="ignore")

    organization: BusinessContext
    """The organisation's text."""
    project: BusinessContext
    """The project's own text."""
