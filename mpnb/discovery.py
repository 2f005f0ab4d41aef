"""What there is to ask about: events, properties, values, saved funnels and cohorts, the lexicon.

Enters: a name, or nothing. Leaves: lists of names and small records. The surprise: answers are
remembered by the engine while the workspace lives; `clear_discovery_cache` asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from mpnb.asking import Asking
from mpnb.errors import EventNotFoundError, QueryError
from mpnb.query.checked import checked
from mpnb.result import discovery, lexicon
from mpnb.result.discovery import FunnelInfo, SavedCohort, SubPropertyInfo
from mpnb.result.lexicon import LexiconSchema
from mpnb.result.reading import reading
from mpnb.result.schema_graph import SchemaGraphResult

if TYPE_CHECKING:
    from mpnb.reports import ReportStore

EntityType = Literal["event", "profile"]


class Discovery(Asking):
    """The part of a workspace that says what there is."""

    _reports: ReportStore | None

    @checked
    def events(
        self,
        *,
        limit: int | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
    ) -> list[str]:
        """The names of the events, in alphabetical order.

        Args:
            limit: the most names to ask for.
            from_date: only events that occurred from this day on.
            to_date: only events that occurred up to this day.
        """
        asked = {"limit": limit, "from_date": from_date, "to_date": to_date}
        return sorted(str(name) for name in self.engine.call("events", asked))

    @checked
    def properties(self, event: str) -> list[str]:
        """The names of an event's properties, in alphabetical order.

        Raises:
            EventNotFoundError: there is no such event; similar names are given.
        """
        try:
            found = self.engine.call("properties", {"event": event})
        except QueryError as problem:
            if problem.status_code not in (400, 404):
                raise
            raise EventNotFoundError(event, self._similar(event)) from problem
        return sorted(str(name) for name in found)

    def _similar(self, event: str) -> list[str]:
        word = event.casefold()
        return [name for name in self.events() if word in name.casefold()]

    @checked
    def property_values(
        self, property_name: str, *, event: str | None = None, limit: int = 100
    ) -> list[str]:
        """Values of a property as text, the most frequent first."""
        asked = {"property_name": property_name, "event": event, "limit": limit}
        return [str(value) for value in self.engine.call("property_values", asked)]

    @checked
    def subproperties(
        self, property_name: str, *, event: str | None = None, sample_size: int = 50
    ) -> list[SubPropertyInfo]:
        """What the objects in a list-of-objects property carry, judged by a sample of values."""
        asked = {"property_name": property_name, "event": event, "sample_size": sample_size}
        found = self.engine.call("subproperties", asked)
        return discovery.read_subproperties(list(found)[:sample_size])

    def funnels(self) -> list[FunnelInfo]:
        """The saved funnels, by name: the project's, or those of a local workspace's reports."""
        if self._reports is None:
            return discovery.read_funnels(self.engine.call("funnels", {}))
        kept = (row for row in self._reports.all() if row.bookmark_type == "funnels")
        return discovery.read_funnels([{"funnel_id": row.id, "name": row.name} for row in kept])

    def cohorts(self) -> list[SavedCohort]:
        """The saved cohorts, by name."""
        return discovery.read_cohorts(self.engine.call("cohorts", {}))

    def clear_discovery_cache(self) -> None:
        """Forget events, properties and values, so that the next call asks again."""
        forget = getattr(self.engine, "forget", None)
        if forget is not None:
            forget()

    @checked
    def lexicon_schemas(self, *, entity_type: EntityType | None = None) -> list[LexiconSchema]:
        """The schemas of the lexicon, of events or profiles when asked."""
        raw = self.engine.call("lexicon_schemas", {"entity_type": entity_type})
        return lexicon.read_schemas(raw)

    @checked
    def lexicon_schema(self, entity_type: EntityType, name: str) -> LexiconSchema:
        """One schema of the lexicon.

        Raises:
            QueryError: there is none of that name.
        """
        raw = self.engine.call("lexicon_schema", {"entity_type": entity_type, "name": name})
        found = raw[0] if isinstance(raw, list) and raw else raw
        if not isinstance(found, Mapping):
            raise QueryError(f"The lexicon has no {entity_type} {name!r}.", status_code=404)
        # Asked for one, Mixpanel answers with what the schema says; in a list it is wrapped.
        row = found if "schemaJson" in found else {"schemaJson": found}
        return lexicon.read_schema({"entityType": entity_type, "name": name, **row})

    @checked
    def schema_graph(
        self,
        *,
        include_density: bool = False,
        include_user_properties: bool = True,
        force_refresh: bool = False,
    ) -> SchemaGraphResult:
        """Which properties each event carries.

        Args:
            include_density: ask how often a property is set on an event.
            include_user_properties: list the properties of profiles too.
            force_refresh: ask again even if it was asked before.
        """
        if force_refresh:
            self.clear_discovery_cache()
        asked = {
            "include_density": include_density,
            "include_user_properties": include_user_properties,
        }
        parts = self.engine.call("schema_graph", asked)
        return _graph(parts, self.engine.now().isoformat(), asked)


@reading("schema_graph")
def _graph(parts: Mapping[str, list[Any]], now: str, asked: dict[str, Any]) -> SchemaGraphResult:
    for name, rows in parts.items():
        if not isinstance(rows, list):
            raise TypeError(f"{name} is no list")
    return SchemaGraphResult(
        computed_at=now,
        events=_with_properties(parts["events"], parts["per_event"]),
        properties=_with_events(parts["properties"], parts["per_event"]),
        user_properties=parts["user_properties"],
        include_density=asked["include_density"],
        params=asked,
    )


def _with_properties(events: list[Any], per_event: list[Any]) -> list[dict[str, Any]]:
    """The event definitions, each with the properties that its rows carry."""
    carried = {
        str(row.get("name")): row.get("properties") or []
        for row in per_event
        if isinstance(row, dict)
    }
    return [
        {**row, "properties": carried.get(str(row["name"]), [])} if row.get("name") else dict(row)
        for row in events
        if isinstance(row, dict)
    ]


def _with_events(properties: list[Any], per_event: list[Any]) -> list[dict[str, Any]]:
    """The property definitions, each with the events whose rows carry it, once each."""
    carriers: dict[str, dict[str, dict[str, Any]]] = {}
    for row in per_event:
        listed = row.get("properties") or () if isinstance(row, dict) and row.get("name") else ()
        for found in listed:
            if isinstance(found, dict) and found.get("name"):
                dense = {"density": found["density"]} if "density" in found else {}
                event = {"name": str(row["name"]), **dense}
                carriers.setdefault(str(found["name"]), {}).setdefault(event["name"], event)
    return [
        {**row, "events": [*carriers.get(str(row.get("name") or ""), {}).values()]}
        for row in properties
        if isinstance(row, dict)
    ]
