"""Custom events: one name for several events.

Enters: JSON of the app API. Leaves: pydantic models. The surprise: a custom event is made at an
address of its own, as a form, and lives on as a definition in the lexicon.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import ConfigDict, Field, field_validator

from mpnb.entity.model import Params, Record


class CustomEventAlternative(Record):
    """One of the events that a custom event stands for."""

    event: str = Field(min_length=1)
    """Name of the event."""


class CustomEvent(Record):
    """A custom event as it was made."""

    id: int
    name: str
    alternatives: list[CustomEventAlternative] = Field(default_factory=list)


class CreateCustomEventParams(Params):
    """What a new custom event needs: a name, and the events that it stands for."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    alternatives: list[str] = Field(min_length=1)

    @field_validator("alternatives")
    @classmethod
    def _names(cls, events: list[str]) -> list[str]:
        if not all(event.strip() for event in events):
            raise ValueError("an event without a name")
        return events

    def to_form_body(self) -> dict[str, str]:
        """The fields of the form that is sent."""
        events = [{"event": event} for event in self.alternatives]
        return {"name": self.name, "alternatives": json.dumps(events)}

    def to_body(self) -> dict[str, Any]:
        """The same; it is sent as a form."""
        return dict(self.to_form_body())
