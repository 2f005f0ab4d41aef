"""Which properties each event carries, as lists, frames and a graph.

Enters: the definitions of events and of properties, each property with the events that carry it.
Leaves: `SchemaGraphResult`. The surprise: the two directions of the relation are made once, when
the result is; events that nobody defined have their place in it, properties have not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mpnb.result.base import ResultWithDataFrame

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

EVENT_COLUMNS = {
    "name": "name",
    "display_name": "displayName",
    "description": "description",
    "hidden": "hidden",
    "dropped": "dropped",
    "verified": "verified",
    "count": "count",
}
PROPERTY_COLUMNS = {
    "name": "name",
    "resource_type": "resourceType",
    "display_name": "displayName",
    "description": "description",
    "example_value": "exampleValue",
    "type": "type",
    "hidden": "hidden",
    "count": "count",
}
EDGE_COLUMNS = ["event", "property", "density_local"]


@dataclass(frozen=True)
class SchemaGraphResult(ResultWithDataFrame):
    """Events, properties, and which go together."""

    computed_at: str
    events: list[dict[str, Any]] = field(default_factory=list)
    """Definitions of events, as Mixpanel sends them."""
    properties: list[dict[str, Any]] = field(default_factory=list)
    """Definitions of events' properties, each with the ``events`` that carry it."""
    user_properties: list[dict[str, Any]] = field(default_factory=list)
    """Definitions of profiles' properties, as Mixpanel sends them."""
    event_to_properties: dict[str, list[str]] = field(default_factory=dict, init=False)
    property_to_events: dict[str, list[str]] = field(default_factory=dict, init=False)
    include_density: bool = False
    """Whether edges tell how often the property comes with the event."""
    meta: dict[str, Any] = field(default_factory=dict, init=False)
    params: dict[str, Any] = field(default_factory=dict)
    """What was asked."""

    def __post_init__(self) -> None:
        relation = _relation(self.events, self.properties)
        object.__setattr__(self, "event_to_properties", relation.forward)
        object.__setattr__(self, "property_to_events", relation.backward)
        object.__setattr__(self, "meta", self._meta(relation.forward, relation.dropped))

    def _meta(self, forward: Mapping[str, Sequence[str]], dropped: int) -> dict[str, int]:
        return {
            "event_count": len(self.events),
            "event_property_count": len(self.properties),
            "user_property_count": len(self.user_properties),
            "events_without_name": sum(not row.get("name") for row in self.events),
            "properties_without_name": sum(not row.get("name") for row in self.properties),
            "property_event_entries_dropped": dropped,
            "relationship_edges": sum(len(names) for names in forward.values()),
        }

    def properties_for_event(self, event: str) -> list[str]:
        """The properties that an event carries."""
        return list(self.event_to_properties.get(event, ()))

    def events_for_property(self, prop: str) -> list[str]:
        """The events that carry a property."""
        return list(self.property_to_events.get(prop, ()))

    def orphan_properties(self) -> list[str]:
        """Properties that no event carries."""
        return [name for name, events in self.property_to_events.items() if not events]

    @property
    def events_df(self) -> pd.DataFrame:
        """One row per event."""
        return _table(self.events, EVENT_COLUMNS)

    @property
    def properties_df(self) -> pd.DataFrame:
        """One row per property, of events and of users."""
        listed = [("event", row) for row in self.properties]
        listed += [("user", row) for row in self.user_properties]
        rows = [
            {**row, "resourceType": str(row.get("resourceType") or owner).lower()}
            for owner, row in listed
        ]
        return _table(rows, PROPERTY_COLUMNS)

    @property
    def relationships_df(self) -> pd.DataFrame:
        """One row per event and property that go together."""
        return self.df

    def _frame(self) -> pd.DataFrame:
        import pandas as pd

        rows = [(event, name, density) for (name, event), density in self._edges().items()]
        return pd.DataFrame(rows, columns=EDGE_COLUMNS)

    def _edges(self) -> dict[tuple[str, str], float | None]:
        """Property and event → how often the property is set; None when nobody said."""
        dense: dict[tuple[str, str], Any] = {}
        for row in self.properties:
            for found in _named(row.get("events")):
                said = row.get("densityLocal")
                at = str(row.get("name")), str(found["name"])
                dense[at] = found.get("density") if said is None else said
        return {
            (name, event): dense.get((name, event))
            for name, events in self.property_to_events.items()
            for event in events
        }

    def to_graph(self) -> nx.DiGraph[str]:
        """Events and properties as nodes, an edge from each event to each of its properties."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.event_to_properties, kind="event")
        graph.add_nodes_from(self.property_to_events, kind="property")
        for (name, event), density in self._edges().items():
            graph.add_edge(event, name, density_local=density)
        return graph


@dataclass
class _Relation:
    """Both directions, and how many entries named nothing."""

    forward: dict[str, list[str]]
    backward: dict[str, list[str]]
    dropped: int = 0
    joined: set[tuple[str, str]] = field(default_factory=set)

    def join(self, event: str, name: str) -> None:
        if (event, name) not in self.joined:
            self.joined.add((event, name))
            self.forward.setdefault(event, []).append(name)
            self.backward[name].append(event)


def _relation(
    events: Sequence[Mapping[str, Any]], properties: Sequence[Mapping[str, Any]]
) -> _Relation:
    """Which go together, as the properties say it, and the events."""
    known = [row for row in properties if row.get("name")]
    found = _Relation(
        {str(row["name"]): [] for row in events if row.get("name")},
        {str(row["name"]): [] for row in known},
    )
    for row in known:
        named = _named(row.get("events"))
        found.dropped += len(row.get("events") or ()) - len(named)
        for event in named:
            found.join(str(event["name"]), str(row["name"]))
    for row in events:
        for one in _named(row.get("properties")) if row.get("name") else ():
            if str(one["name"]) in found.backward:
                found.join(str(row["name"]), str(one["name"]))
    return found


def _named(items: Any) -> list[Mapping[str, Any]]:
    return [item for item in items or () if isinstance(item, Mapping) and item.get("name")]


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [[row.get(k) for k in columns.values()] for row in rows], columns=[*columns]
    )
