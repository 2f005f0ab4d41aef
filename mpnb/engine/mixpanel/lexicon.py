"""Calls of the app API that discovery needs: the lexicon, and which properties events carry.

Enters: a way to send a call, and arguments. Leaves: lists of definitions. The surprise: what is
asked here is bounded to five requests a minute by Mixpanel, so the engine remembers it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mpnb.engine.mixpanel.transport import Call

Send = Callable[[Call], Any]
Arguments = Mapping[str, Any]


def results(answer: Any) -> Any:
    """What an app API answer holds inside its envelope."""
    return answer.get("results", answer) if isinstance(answer, dict) else answer


def schemas(send: Send, project_id: str, a: Arguments) -> Any:
    """All schemas, or one by name."""
    kind = f"/{a['entity_type']}" if a.get("entity_type") else ""
    named = {"entity_name": a["name"]} if a.get("name") else {}
    return results(send(Call("GET", "app", f"/projects/{project_id}/schemas{kind}", named)))


def schema_graph(send: Send, scope: str, project: Mapping[str, Any], a: Arguments) -> Any:
    """Definitions of events and properties, and the properties per event.

    Args:
        send: sends a call.
        scope: ``projects/ID`` or ``workspaces/ID``.
        project: query parameters that name the project.
        a: the arguments of `Workspace.schema_graph`.
    """
    path = f"/{scope}/data-definitions"
    every = {"includeCustom": True, "includeZeroCounts": True}
    density = {"includeDensity": True} if a.get("include_density") else {}

    def of(resource: str, **more: Any) -> Any:
        query = {"resourceType": resource, **every, **more}
        return results(send(Call("GET", "app", f"{path}/properties/", query)))

    events = results(send(Call("GET", "app", f"{path}/events/")))
    properties = of("Event", **density)
    per_event = {"fetch_per_event_properties": True, **project}
    carried = results(send(Call("GET", "query", "/data_definitions/events", per_event)))
    users = of("User") if a.get("include_user_properties", True) else []
    return {
        "events": events,
        "properties": properties,
        "per_event": carried,
        "user_properties": users,
    }
