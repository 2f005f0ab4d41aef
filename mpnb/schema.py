"""The names that a workspace's data has, kept at hand for completion and checks.

Enters: an engine. Leaves: names of events, properties and values. The surprise: everything is asked
once and remembered, because completion must answer while a person types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mpnb.engine.base import Engine

MOST_VALUES = 200
EXAMPLES = 3


@dataclass(frozen=True)
class Event:
    """An event and how often it happened."""

    name: str
    count: int


@dataclass(frozen=True)
class Property:
    """A property, its type, on how much of the data it is set, and its most frequent values."""

    name: str
    type: str
    coverage: float | None
    examples: tuple[str, ...]


class Schema:
    """Names of one engine's data."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._values: dict[tuple[str, str | None], list[str]] = {}

    @cached_property
    def _graph(self) -> Mapping[str, Any]:
        asked = {"include_density": True, "include_user_properties": True}
        graph: Mapping[str, Any] = self._engine.call("schema_graph", asked)
        return graph

    @cached_property
    def _carried(self) -> dict[str, dict[str, float]]:
        """Event → property → the share of its rows that have it."""
        return {
            row["name"]: {found["name"]: found.get("density", 0.0) for found in row["properties"]}
            for row in self._graph["per_event"]
        }

    def event_counts(self) -> list[Event]:
        """Every event, the most frequent first."""
        rows = [Event(row["name"], int(row.get("count") or 0)) for row in self._graph["events"]]
        return sorted(rows, key=lambda event: (-event.count, event.name))

    def events(self) -> list[str]:
        """Names of events, the most frequent first."""
        return [event.name for event in self.event_counts()]

    def properties(self, event: str | None = None) -> list[str]:
        """Names of the properties of an event, or of all events."""
        if event is not None:
            return sorted(self._carried.get(event, ()))
        return [row["name"] for row in self._graph["properties"]]

    def profile_properties(self) -> list[str]:
        """Names of the properties of profiles."""
        return [row["name"] for row in self._graph["user_properties"]]

    def values(self, prop: str, event: str | None = None) -> list[str]:
        """Values of an event property as text, the most frequent first."""
        key = (prop, event)
        if key not in self._values:
            asked = {"property_name": prop, "event": event, "limit": MOST_VALUES}
            found = self._engine.call("property_values", asked)
            self._values[key] = [str(value) for value in found]
        return self._values[key]

    def types(self) -> dict[str, str]:
        """Type of each event property."""
        return {row["name"]: str(row.get("type", "")) for row in self._graph["properties"]}

    def describe_properties(self, event: str | None = None) -> list[Property]:
        """The properties of an event, or of all events, with types and examples."""
        types = self.types()
        shares = self._carried.get(event, {}) if event else self._overall
        return [
            Property(
                name=name,
                type=types.get(name, ""),
                coverage=shares.get(name),
                examples=tuple(self.values(name, event)[:EXAMPLES]),
            )
            for name in self.properties(event)
        ]

    @cached_property
    def _overall(self) -> dict[str, float]:
        """Property → the share of all rows that have it."""
        counts = {event.name: event.count for event in self.event_counts()}
        total = sum(counts.values()) or 1
        shares: dict[str, float] = {}
        for event, found in self._carried.items():
            for name, density in found.items():
                shares[name] = shares.get(name, 0.0) + density * counts.get(event, 0) / total
        return shares
