"""What was saved through the app API and questions may name: cohorts, custom events, properties.

Enters: the entity store, and the settings of the data. Leaves: settings with both. The surprise: a
store computes these from its settings, so a change of one makes the emulator look at the same data
with other settings; nothing of it is written into the data.
"""

from __future__ import annotations

from typing import Any

from mpnb.emulator.entities import Entities, Row
from mpnb.engine.duckdb import cohorts
from mpnb.engine.duckdb.settings import Settings
from mpnb.engine.duckdb.store import Store
from mpnb.errors import MixpanelHeadlessError

COHORTS, EVENTS, PROPERTIES = "cohorts", "custom_events", "custom_properties"


class SavedParts:
    """The parts of questions that an entity store holds."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    def rows(self) -> list[list[Row]]:
        """Cohorts, custom events and custom properties as settings spell them."""
        return [
            [_cohort(row) for row in self._entities.rows(COHORTS) if "selector" in row],
            [_event(row) for row in self._entities.rows(EVENTS)],
            [_property(row) for row in self._entities.rows(PROPERTIES) if _has_formula(row)],
        ]

    def over(self, settings: Settings) -> Settings:
        """Settings with the saved parts beside their own."""
        saved, events, properties = self.rows()
        return settings.but(
            cohorts=[*settings.cohorts, *saved],
            custom_events=[*settings.custom_events, *events],
            custom_properties=[*settings.custom_properties, *properties],
        )


def computable(store: Store, settings: Settings) -> Settings:
    """Settings of a store without the cohorts that it cannot compute: lists count each one."""
    good = [row for row in settings.cohorts if size(store, int(row["id"])) is not None]
    return settings if len(good) == len(settings.cohorts) else settings.but(cohorts=good)


def size(store: Store, cohort: int) -> int | None:
    """How many are in a saved cohort; None where it cannot be computed."""
    try:
        return int(cohorts.members(store, cohort).sum())
    except MixpanelHeadlessError:
        return None


def counted(store: Store, found: Any) -> Any:
    """Rows of cohorts with their present size; None where it cannot be computed."""
    if isinstance(found, list):
        return [counted(store, row) for row in found]
    if not isinstance(found, dict) or "id" not in found:
        return found
    return {**found, "count": size(store, int(found["id"]))}


def _cohort(row: Row) -> Row:
    definition = {"selector": row["selector"], "behaviors": row.get("behaviors") or {}}
    return {"id": row["id"], "name": row.get("name"), "definition": definition}


def _event(row: Row) -> Row:
    return {"id": row["id"], "name": row["name"], "alternatives": row["alternatives"]}


def _has_formula(row: Row) -> bool:
    return bool(row.get("displayFormula")) and isinstance(row.get("composedProperties"), dict)


def _property(row: Row) -> Row:
    inputs = {
        letter: {
            "name": part.get("value"),
            "type": part.get("type", "string"),
            "resource_type": part.get("resourceType", "event"),
        }
        for letter, part in row["composedProperties"].items()
    }
    return {
        "id": row["customPropertyId"],
        "formula": row["displayFormula"],
        "inputs": inputs,
        "type": row.get("propertyType"),
        "resource_type": row.get("resourceType", "events"),
    }
