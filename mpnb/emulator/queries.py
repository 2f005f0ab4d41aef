"""The query endpoints: what Mixpanel's clients ask, turned into questions of the local engine.

Enters: a request. Leaves: the JSON that Mixpanel answers with. The surprise: the engine's answers
already have that shape, so what stands here is only how each address spells its arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from mpnb import params as params_json
from mpnb.emulator.export import day
from mpnb.emulator.messages import Refusal, Request
from mpnb.emulator.project import Project
from mpnb.engine.base import Kind

FLOW_MODES: dict[str, Literal["sankey", "paths", "tree"]] = {
    "flows_sankey": "sankey",
    "flows_top_paths": "paths",
    "flows": "tree",
}

Endpoint = Callable[[Project, Request], Any]


def bookmark_of(request: Request) -> dict[str, Any]:
    """The params of a question that a request brings along."""
    params = request.parsed("bookmark")
    if not isinstance(params, dict):
        raise Refusal(400, "bookmark must be the params of a question, a JSON object.")
    return params


def insights(project: Project, request: Request) -> Any:
    """POST /insights: an insights, funnel or retention question."""
    params = bookmark_of(request)
    limits = request.parsed("queryLimits") or {}
    limit = limits.get("limit") if isinstance(limits, dict) else None
    kind = params_json.read(params).kind
    if kind not in ("insights", "funnel", "retention"):
        raise Refusal(400, f"These are params of a {kind} question, which is asked elsewhere.")
    return asked(project, kind, params, limit)


def asked(project: Project, kind: Kind, params: Mapping[str, Any], limit: int | None = None) -> Any:
    """The engine's answer to a question."""
    with project.engine() as engine:
        return engine.run(kind, params, limit=limit)


def flows(project: Project, request: Request) -> Any:
    """POST /arb_funnels: a flow, in one of its three forms."""
    return flow(project, bookmark_of(request), request.get("query_type", "flows_sankey"))


def flow(project: Project, params: Mapping[str, Any], query_type: str) -> Any:
    """The engine's answer to a flow."""
    if query_type not in FLOW_MODES:
        known = ", ".join(FLOW_MODES)
        raise Refusal(400, f"query_type is {query_type!r}; it is one of {known}.")
    with project.engine() as engine:
        return engine.run("flow", params, mode=FLOW_MODES[query_type])


def _call(project: Project, method: str, arguments: Mapping[str, Any]) -> Any:
    with project.engine() as engine:
        return engine.call(method, arguments)


def _plain(expression: str | None) -> str | None:
    """A property's name, where that is all an expression says; the engine takes both."""
    match = re.fullmatch(r'properties\[("(?:[^"\\]|\\.)*")\]', expression or "")
    return json.loads(match[1]) if match else expression


def _range(request: Request) -> dict[str, str]:
    return {name: day(request, name).isoformat() for name in ("from_date", "to_date")}


def _one_of(request: Request, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = str(request.get(name) or default)
    if value not in allowed:
        raise Refusal(400, f"{name} is {value!r}; it is one of {', '.join(allowed)}.")
    return value


TYPES = ("general", "unique", "average")
UNITS = ("hour", "day", "week", "month")


def _segmentation(method: str) -> Endpoint:
    def answer(project: Project, request: Request) -> Any:
        needed = method != "segmentation"
        on = _plain(request.need("on") if needed else request.get("on") or None)
        asked = {"event": request.need("event"), "on": on, "where": request.get("where") or None}
        unit = _one_of(request, "unit", UNITS, "day")
        kind = _one_of(request, "type", TYPES, "general")
        return _call(project, method, {**asked, **_range(request), "unit": unit, "type": kind})

    return answer


def _event_counts(project: Project, request: Request) -> Any:
    events = request.parsed("event")
    if not isinstance(events, list):
        raise Refusal(400, "event must be a JSON list of event names.")
    asked = {"events": events, **_recent(project, request)}
    asked["type"] = _one_of(request, "type", TYPES, "general")
    return _call(project, "event_counts", asked)


def _recent(project: Project, request: Request) -> dict[str, str]:
    """The range and the unit; a range may be said as a number of units up to now."""
    unit = _one_of(request, "unit", UNITS, "day")
    if request.get("from_date"):
        return {**_range(request), "unit": unit}
    interval = request.number("interval", 30) or 30
    days = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30}[unit] * interval
    last = project.now().date()
    first = last.fromordinal(last.toordinal() - max(0, round(days) - 1))
    return {"from_date": first.isoformat(), "to_date": last.isoformat(), "unit": unit}


def _property_counts(project: Project, request: Request) -> Any:
    asked = {
        "event": request.need("event"),
        "property_name": request.need("name"),
        "values": request.parsed("values"),
        "limit": request.number("limit", 255),
        "type": _one_of(request, "type", TYPES, "general"),
    }
    return _call(project, "property_counts", {**asked, **_recent(project, request)})


def retention(project: Project, request: Request) -> Any:
    """GET /retention: people by the date of their first born event, counted per interval."""
    _one_of(request, "retention_type", ("birth",), "birth")
    asked = {
        "born_event": request.need("born_event"),
        "return_event": request.need("event"),
        "born_where": request.get("born_where") or None,
        "return_where": request.get("where") or None,
        "interval": request.number("interval", 1),
        "interval_count": request.number("interval_count", 10),
        "unit": _one_of(request, "unit", UNITS, "day"),
    }
    return _call(project, "retention", {**asked, **_range(request)})


def _frequency(project: Project, request: Request) -> Any:
    asked = {
        "event": request.get("event") or None,
        "where": request.get("where") or None,
        "unit": _one_of(request, "unit", ("day", "week", "month"), "day"),
        "addiction_unit": _one_of(request, "addiction_unit", ("hour", "day"), "hour"),
    }
    return _call(project, "frequency", {**asked, **_range(request)})


def _names(project: Project, request: Request) -> Any:
    dates = {name: request.get(name) or None for name in ("from_date", "to_date")}
    return _call(project, "events", {"limit": request.number("limit", 255), **dates})


def _top_events(project: Project, request: Request) -> Any:
    kind = _one_of(request, "type", TYPES, "general")
    return _call(project, "top_events", {"type": kind, "limit": request.number("limit", 100)})


def _properties(project: Project, request: Request) -> Any:
    found = _call(project, "properties", {"event": request.need("event")})
    limit = request.number("limit")
    order = sorted(found, key=lambda name: (-found[name]["count"], name))
    return {name: found[name] for name in order[:limit]}


def _values(project: Project, request: Request) -> Any:
    """The values of a property; lists of objects stay whole, as JSON text."""
    name, limit = request.need("name"), request.number("limit", 255)
    asked = {"property_name": name, "event": request.get("event") or None}
    whole = _call(project, "subproperties", {**asked, "sample_size": limit})
    if any(value.startswith(("{", "[{")) for value in whole):
        return whole
    return _call(project, "property_values", {**asked, "limit": limit})


def _feed(project: Project, request: Request) -> Any:
    """GET /stream/query: what some people did."""
    ids = request.parsed("distinct_ids")
    if not isinstance(ids, list):
        raise Refusal(400, "distinct_ids must be a JSON list.")
    return _call(project, "activity_feed", {"distinct_ids": ids, **_range(request)})


FEED = (
    "limit",
    "include_events",
    "exclude_events",
    "sentinel_event",
    "paging_window",
    "search",
    "search_properties",
    "use_custom_events",
)


def _feed_bookmark(project: Project, request: Request) -> Any:
    """POST /stream/bookmark: the same, with the range inside a bookmark."""
    dates = (bookmark_of(request).get("dateRange")) or {}
    last = project.now().date()
    first = None
    if dates.get("type") == "relative_after":
        days = int((dates.get("window") or {}).get("value") or 30)
        first = last.fromordinal(last.toordinal() - days).isoformat()
    asked = {name: request.get(name) for name in FEED if request.get(name) is not None}
    asked |= {"from_date": dates.get("from") or first, "to_date": dates.get("to")}
    return _call(project, "activity_feed", {"distinct_ids": request.need("distinct_ids"), **asked})


def _cohorts(project: Project, request: Request) -> Any:
    rows = _call(project, "cohorts", {})
    return [{**row, "project_id": project.identity.project_id} for row in rows]


def _carried(project: Project, request: Request) -> Any:
    """GET /data_definitions/events: the events, each with the properties that its rows carry."""
    graph = _call(project, "schema_graph", {"include_density": True})
    return {"status": "ok", "results": graph["per_event"]}


def _no_jql(project: Project, request: Request) -> Any:
    raise Refusal(400, "JQL is gone: ask an insights, funnel, retention or flow question instead.")


ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("POST", "/insights"): insights,
    ("POST", "/arb_funnels"): flows,
    ("GET", "/events"): _event_counts,
    ("GET", "/events/names"): _names,
    ("GET", "/events/top"): _top_events,
    ("GET", "/events/properties"): _property_counts,
    ("GET", "/events/properties/top"): _properties,
    ("GET", "/events/properties/values"): _values,
    ("GET", "/segmentation"): _segmentation("segmentation"),
    ("GET", "/segmentation/numeric"): _segmentation("segmentation_numeric"),
    ("GET", "/segmentation/sum"): _segmentation("segmentation_sum"),
    ("GET", "/segmentation/average"): _segmentation("segmentation_average"),
    ("GET", "/retention/addiction"): _frequency,
    ("GET", "/stream/query"): _feed,
    ("POST", "/stream/bookmark"): _feed_bookmark,
    ("POST", "/cohorts/list"): _cohorts,
    ("GET", "/cohorts/list"): _cohorts,
    ("GET", "/data_definitions/events"): _carried,
    ("POST", "/jql"): _no_jql,
    ("GET", "/jql"): _no_jql,
}
"""Method and path below ``/api/query`` → what answers. Saved reports stand in `saved`."""
