"""What the models of all entities share.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: fields that the server adds and
we do not know are kept on what it answers, while a misspelt field of what we send is refused.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

E = TypeVar("E", bound=Enum)

OrOther = Annotated[E | str, Field(union_mode="left_to_right")]
"""A known word as its enum member; a word that is new to us stays text."""


class Record(BaseModel):
    """Something that the server answers with: frozen, unknown fields kept."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True, defer_build=True)


class Params(BaseModel):
    """Something that we send; what is None is left out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, defer_build=True)

    def to_body(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
