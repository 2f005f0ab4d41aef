"""Which properties each event carries, as lists, frames and a graph.

Enters: the definitions of events and properties, and the properties per event. Leaves:
`SchemaGraphResult`. The surprise: the two directions of the relation are made once, when the result
is, and only from names that are listed on both sides.
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
    """Definitions of events' properties, as Mixpanel sends them."""
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
        known = [str(row["name"]) for row in self.properties if row.get("name")]
        forward, dropped = _relation(self.events, set(known))
        backward: dict[str, list[str]] = {name: [] for name in known}
        for event, names in forward.items():
            for name in names:
                backward[name].append(event)
        object.__setattr__(self, "event_to_properties", forward)
        object.__setattr__(self, "property_to_events", backward)
        object.__setattr__(self, "meta", self._meta(forward, dropped))

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
        rows = [{**row, "resourceType": "event"} for row in self.properties]
        rows += [{**row, "resourceType": "user"} for row in self.user_properties]
        return _table(rows, PROPERTY_COLUMNS)

    @property
    def relationships_df(self) -> pd.DataFrame:
        """One row per event and property that go together."""
        return self.df

    def _frame(self) -> pd.DataFrame:
        import pandas as pd

        density = {
            (row.get("name"), found.get("name")): found.get("density")
            for row in self.events
            for found in _listed(row)
        }
        rows = [
            (event, name, density.get((event, name)))
            for event, names in self.event_to_properties.items()
            for name in names
        ]
        return pd.DataFrame(rows, columns=EDGE_COLUMNS)

    def to_graph(self) -> nx.DiGraph[str]:
        """Events and properties as nodes, an edge from each event to each of its properties."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.event_to_properties, kind="event")
        graph.add_nodes_from(self.property_to_events, kind="property")
        for event, names in self.event_to_properties.items():
            graph.add_edges_from((event, name) for name in names)
        return graph


def _listed(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = row.get("properties") or ()
    return [item for item in found if isinstance(item, Mapping) and item.get("name")]


def _relation(
    events: Sequence[Mapping[str, Any]], known: set[str]
) -> tuple[dict[str, list[str]], int]:
    """Event → properties that are listed; and how many events that are named nowhere else."""
    forward: dict[str, list[str]] = {}
    dropped = 0
    for row in events:
        if not row.get("name"):
            dropped += bool(_listed(row))
            continue
        names = [str(found["name"]) for found in _listed(row)]
        forward[str(row["name"])] = [name for name in dict.fromkeys(names) if name in known]
    return forward, dropped


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [[row.get(k) for k in columns.values()] for row in rows], columns=[*columns]
    )
