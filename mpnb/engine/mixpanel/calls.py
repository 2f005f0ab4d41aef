"""Discovery and legacy calls: which endpoint answers each method, and with which words.

Enters: a method's own arguments. Leaves: a `Call`. The surprise: these endpoints take lists as JSON
text and name some arguments differently; that is all that stands here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from mpnb.engine.mixpanel.transport import Call
from mpnb.errors import QueryError
from mpnb.query.naming import is_expression

Arguments = Mapping[str, Any]

EARLIEST = "2000-01-01"
MOST_NAMES = 5000
MONTH = timedelta(days=30)


def _get(path: str, **query: Any) -> Call:
    return Call("GET", "query", path, query)


def _said(a: Arguments, *names: str) -> dict[str, Any]:
    """Arguments that may be left out; an empty text says no more than nothing."""
    return {name: a.get(name) or None for name in names}


def _events(a: Arguments) -> Call:
    return _get(
        "/events/names",
        type="general",
        limit=MOST_NAMES if a.get("limit") is None else a["limit"],
        from_date=a.get("from_date") or EARLIEST,
        to_date=a.get("to_date") or date.today().isoformat(),
    )


def _segmentation(path: str) -> Callable[[Arguments], Call]:
    def call(a: Arguments) -> Call:
        query = {key: a.get(key) for key in ("event", "from_date", "to_date", "unit")}
        typed = {"type": a.get("type", "general")} if path in TYPED else {}
        on = a.get("on") or None if path == "/segmentation" else a["on"]
        return _get(path, **query, **_said(a, "where"), on=expression(on), **typed)

    return call


TYPED = frozenset({"/segmentation", "/segmentation/numeric"})


def expression(on: str | None) -> str | None:
    """A property name as an expression; an expression stays as it is."""
    if on is None or is_expression(on):
        return on
    return f"properties[{json.dumps(on, ensure_ascii=False)}]"


def _event_counts(a: Arguments) -> Call:
    same = {key: a[key] for key in ("from_date", "to_date", "type", "unit")}
    return _get("/events", event=json.dumps(a["events"]), **same)


def _jql(a: Arguments) -> Call:
    script = {"script": a["script"]}
    given = {} if a.get("params") is None else {"params": json.dumps(a["params"])}
    return Call("POST", "query", "/jql", body=script | given, form=True)


def _property_counts(a: Arguments) -> Call:
    same = {key: a[key] for key in ("event", "from_date", "to_date", "type", "unit")}
    values = None if a.get("values") is None else json.dumps(a["values"])
    name = a["property_name"]
    return _get("/events/properties", name=name, values=values, limit=a.get("limit"), **same)


def _retention(a: Arguments) -> Call:
    interval = a.get("interval", 1)
    width = {"unit": a["unit"]} if interval == 1 else {"interval": interval}
    return _get(
        "/retention",
        retention_type="birth",
        born_event=a["born_event"],
        event=a["return_event"],
        born_where=a.get("born_where") or None,
        where=a.get("return_where") or None,
        from_date=a["from_date"],
        to_date=a["to_date"],
        interval_count=a["interval_count"],
        **width,
    )


def _frequency(a: Arguments) -> Call:
    names = ("event", "from_date", "to_date", "unit", "addiction_unit")
    same = {key: a.get(key) for key in names}
    return _get("/retention/addiction", **same, **_said(a, "where"))


def _funnel(a: Arguments) -> Call:
    same = {key: a[key] for key in ("funnel_id", "from_date", "to_date")}
    return _get("/funnels", **same, **_said(a, "unit", "on"))


def _property_values(a: Arguments) -> Call:
    limit = a.get("limit", a.get("sample_size"))
    return _get(
        "/events/properties/values", name=a["property_name"], event=a.get("event"), limit=limit
    )


def _saved_report(a: Arguments) -> Call:
    number, kind = a["bookmark_id"], a.get("bookmark_type", "insights")
    if kind == "funnels":
        first, last = _month(a.get("from_date"), a.get("to_date"))
        return _get("/funnels", funnel_id=number, from_date=first, to_date=last)
    if kind == "flows":
        return _get("/arb_funnels", bookmark_id=number, query_type="flows_sankey")
    return _get(f"/{kind}", bookmark_id=number)


def _month(first: str | None, last: str | None) -> tuple[str, str]:
    """A range that is open at one end, or both, reaches over 30 days."""
    if first:
        return first, last or (_day("from_date", first) + MONTH).isoformat()
    end = _day("to_date", last) if last else date.today()
    return (end - MONTH).isoformat(), end.isoformat()


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QueryError(f"{name} is {text!r}: a day is YYYY-MM-DD.", status_code=400) from None


def activity_feed(a: Arguments, project_id: str, workspace_id: int) -> Call:
    """The feed is asked of one data view, with the range inside a bookmark."""
    body: dict[str, Any] = {
        "project_id": project_id,
        "workspace_id": workspace_id,
        "bookmark": {"dateRange": _feed_range(a.get("from_date"), a.get("to_date")), "entries": []},
        "distinct_ids": a["distinct_ids"],
        "mode": "raw",
    }
    numbers = {key: a.get(key) for key in ("limit", "paging_window", "sentinel_event")}
    texts = ("include_events", "exclude_events", "search", "search_properties", "use_custom_events")
    more = {**numbers, **_said(a, *texts)}
    return Call(
        "POST",
        "query",
        "/stream/bookmark",
        body=body | {k: v for k, v in more.items() if v is not None},
    )


def _feed_range(first: str | None, last: str | None) -> dict[str, Any]:
    start = _day("from_date", first).isoformat() if first else None
    if last:
        end = _day("to_date", last)
        return {
            "type": "between",
            "from": start or (end - MONTH).isoformat(),
            "to": end.isoformat(),
        }
    if start:
        return {"type": "since", "from": start}
    return {"type": "relative_after", "window": {"unit": "day", "value": 30}}


CALLS: dict[str, Callable[[Arguments], Call]] = {
    "events": _events,
    # Without a limit the server answers with ten (its OpenAPI file says so).
    "properties": lambda a: _get("/events/properties/top", event=a["event"], limit=MOST_NAMES),
    "property_values": _property_values,
    "subproperties": _property_values,
    "top_events": lambda a: _get("/events/top", type=a["type"], limit=a.get("limit")),
    "funnels": lambda a: _get("/funnels/list"),
    "cohorts": lambda a: Call("POST", "query", "/cohorts/list"),
    "segmentation": _segmentation("/segmentation"),
    "segmentation_numeric": _segmentation("/segmentation/numeric"),
    "segmentation_sum": _segmentation("/segmentation/sum"),
    "segmentation_average": _segmentation("/segmentation/average"),
    "event_counts": _event_counts,
    "property_counts": _property_counts,
    "retention": _retention,
    "frequency": _frequency,
    "funnel": _funnel,
    "query_saved_report": _saved_report,
    "jql": _jql,
    "query_saved_flows": lambda a: _saved_report({**a, "bookmark_type": "flows"}),
}
"""Method → its call; `activity_feed` is apart, since it must know the data view."""
