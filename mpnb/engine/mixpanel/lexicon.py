"""Calls of the app API that discovery needs: the lexicon, and which properties events carry.

Enters: a way to send a call, and arguments. Leaves: lists of definitions. The surprise: what is
asked here is bounded to five requests a minute by Mixpanel, so the engine remembers it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
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

    def of(resource: str) -> Any:
        query = {"resourceType": resource, **every}
        return results(send(Call("GET", "app", f"{path}/properties/", query)))

    events = results(send(Call("GET", "app", f"{path}/events/")))
    properties = of("Event")
    per_event = {"fetch_per_event_properties": True, **project}
    if a.get("include_density"):
        per_event["include_density"] = True
    carried = results(send(Call("GET", "query", "/data_definitions/events", per_event)))
    users = of("User") if a.get("include_user_properties", True) else []
    return {
        "events": events,
        "properties": properties,
        "per_event": carried,
        "user_properties": users,
    }


def profile_pages(send: Send, query: Mapping[str, Any], a: Arguments) -> Iterator[Any]:
    """Profiles one by one, page after page."""
    body = profile_body(a)
    page, session = 0, None
    while True:
        asked = {"project_id": query["project_id"], "page": page, **body}
        if session:
            asked["session_id"] = session
        answer = send(Call("POST", "engage", "/", query, asked))
        rows, session = answer.get("results") or [], answer.get("session_id")
        yield from rows
        if not rows or not session:
            return
        page += 1


def profile_body(a: Arguments) -> dict[str, Any]:
    """The arguments of `stream_profiles` as engage takes them."""
    cohort = a.get("cohort_id")
    body = {
        "where": a.get("where"),
        "filter_by_cohort": json.dumps({"id": cohort}) if cohort else None,
        "output_properties": _list(a.get("output_properties")),
        "distinct_id": a.get("distinct_id"),
        "distinct_ids": _list(a.get("distinct_ids")),
        "data_group_id": a.get("group_id"),
        "behaviors": _list(a.get("behaviors")),
        "as_of_timestamp": a.get("as_of_timestamp"),
        "include_all_users": bool(a.get("include_all_users")) if cohort else None,
    }
    return {key: value for key, value in body.items() if value is not None}


def _list(values: Any) -> str | None:
    return None if values is None else json.dumps(values)
