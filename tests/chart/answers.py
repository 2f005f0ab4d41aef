"""Answers of every kind and form, made by hand, for the tests of charts and displays."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from mpnb import result
from mpnb.result import AnyResult, Provenance

EVIL = "<img src=x onerror=alert(1)> & \"q\" 'a' $x$ </svg><script>alert(2)</script>"
LONG = "A very long name that nobody should ever give to a property, though somebody will"
SHOP = Provenance(engine="duckdb", source="demo shop")


def days(count: int, start: str = "2025-01-01") -> list[str]:
    first = dt.date.fromisoformat(start)
    return [f"{first + dt.timedelta(at)}T00:00:00-07:00" for at in range(count)]


def envelope(series: dict[str, Any], headers: list[str], **more: Any) -> dict[str, Any]:
    dates = {"from_date": "2025-01-01T00:00:00-07:00", "to_date": "2025-03-07T23:59:59-07:00"}
    base = {"computed_at": "2025-03-08T09:15:27+00:00", "date_range": dates, "meta": {}}
    return {**base, "headers": headers, "series": series, **more}


def params(chart: str = "line", **show: Any) -> dict[str, Any]:
    return {"sections": {"show": [show], "group": []}, "displayOptions": {"chartType": chart}}


def wave(size: float, count: int = 66, shift: float = 0) -> dict[str, int]:
    return {
        day: int(size * (1 + 0.2 * math.sin(at / 7 * 2 * math.pi + shift) + at * 0.01))
        for at, day in enumerate(days(count))
    }


def insights(series: dict[str, Any], *names: str, chart: str = "line", **more: Any) -> AnyResult:
    raw = envelope(series, ["$metric", *names], **more)
    return result.read("insights", raw, params(chart), SHOP)


def block(*counts: int, names: tuple[str, ...] = ()) -> dict[str, Any]:
    events = names or ("Sign Up", "Search", "View Item", "Add to Cart", "Purchase")
    labels = [f"{at}. {event}" for at, event in enumerate(events[: len(counts)], 1)]
    before = (counts[0], *counts)
    return {
        "count": {k: {"all": n} for k, n in zip(labels, counts, strict=True)},
        "step_conv_ratio": {
            k: {"all": n / (b or 1)} for k, n, b in zip(labels, counts, before, strict=False)
        },
        "overall_conv_ratio": {
            k: {"all": n / (counts[0] or 1)} for k, n in zip(labels, counts, strict=True)
        },
        "avg_time": {k: {"all": 3600 * at**3} for at, k in enumerate(labels)},
    }


def funnel(series: dict[str, Any], *names: str, chart: str = "funnel-steps") -> AnyResult:
    window = {"conversionWindowDuration": 7, "conversionWindowUnit": "day"}
    asked = params(chart, behavior={"type": "funnel", **window})
    return result.read("funnel", envelope({"F": series}, ["$funnel", *names]), asked, SHOP)


def cohort(size: int, buckets: int, first: float = 0.6) -> dict[str, Any]:
    rates = [first * 0.8**at for at in range(buckets)]
    whole = [True] * (buckets - 1) + [False]
    return {"first": size, "counts": [size * r for r in rates], "rates": rates, "complete": whole}


def cohorts(count: int, first: float = 0.6) -> dict[str, Any]:
    found = {day: cohort(100 + at, count - at, first) for at, day in enumerate(days(count))}
    average = {"first": 120, "rates": [first * 0.8**at for at in range(count)]}
    return {**found, "$average": {**average, "counts": [1] * count}}


def retention(series: dict[str, Any], *names: str, unit: str = "week", **more: Any) -> AnyResult:
    events = [{"name": "Sign Up"}, {"name": "Login"}]
    chart = more.pop("chart", "retention-curve")
    asked = params(chart, behavior={"behaviors": events, "retentionUnit": unit, **more})
    return result.read("retention", envelope({"S": series}, ["$r", *names]), asked, SHOP)


def node(event: str, size: int, kind: str, *edges: tuple[str, int, str, int]) -> dict[str, Any]:
    found = [
        {"event": name, "totalCount": str(n), "type": of, "step": step}
        for name, n, of, step in edges
    ]
    return {"event": event, "totalCount": str(size), "type": kind, "edges": found}


def flow(raw: dict[str, Any], **more: Any) -> AnyResult:
    asked = {"steps": [{"event": "Login"}], "chartType": "sankey", "count_type": "unique", **more}
    return result.read("flow", {"computed_at": "2025-03-08T10:00:00", **raw}, asked, SHOP)


def sankey() -> AnyResult:
    drop = "DROPOFF"
    first = node(
        "Login",
        100,
        "ANCHOR",
        ("Search", 60, "NORMAL", 1),
        ("$other", 25, "PRUNED", 1),
        (drop, 15, drop, 1),
    )
    second = node("Search", 60, "NORMAL", ("Buy", 33, "NORMAL", 2), (drop, 27, drop, 2))
    other = node("$other", 25, "PRUNED", ("Buy", 5, "NORMAL", 2), (drop, 20, drop, 2))
    third = [node("Buy", 38, "NORMAL"), node(drop, 47, drop)]
    steps = [[first], [second, other, node(drop, 15, drop)], third]
    return flow({"steps": [{"nodes": nodes} for nodes in steps]})


def path(size: int, *events: str) -> dict[str, Any]:
    kinds = {"DROPOFF": "DROPOFF"}
    return {
        "flowSteps": [
            {"event": event, "type": kinds.get(event, "FORWARD"), "totalCount": str(size)}
            for event in events
        ]
    }


def branch(event: str, size: int, *children: dict[str, Any]) -> dict[str, Any]:
    kind = "DROPOFF" if event == "DROPOFF" else "NORMAL"
    step = {"event": event, "type": kind, "step_number": 0}
    return {"step": step, "total_count": size, "children": list(children)}


def people(count: int) -> AnyResult:
    rows = [
        {"$distinct_id": f"u{at}", "$properties": {"plan": ["free", "pro"][at % 2], "ltv": at}}
        for at in range(count)
    ]
    raw = {"results": rows, "computed_at": "2025-03-08T00:00:00", "total": count}
    return result.read("users", raw, {}, SHOP)


def aggregate(data: Any, **more: Any) -> AnyResult:
    raw = {"results": data, "computed_at": "2025-03-08T00:00:00"}
    return result.read("users", raw, {"action": "count()", **more}, SHOP)


def everything() -> dict[str, AnyResult]:
    """One answer for each chart, and the odd ones."""
    platforms = {"$overall": wave(3000), "iOS": wave(500), "web": wave(900), EVIL: wave(40)}
    totals = {"$overall": {"all": 900}, "iOS": {"all": 500}, EVIL: {"all": 400}, LONG: {"all": 3.5}}
    compared = {"date_range": {}, "series": {"Login": wave(600)}}
    tree = branch("Login", 10, branch("Search", 6, branch(EVIL, 4)), branch("DROPOFF", 4))
    paths = [path(30, "Login", EVIL), path(20, "Login", "DROPOFF")]
    halves = {"$overall": cohorts(6), "iOS": cohorts(6, 0.7), EVIL: cohorts(6, 0.4)}
    return {
        "line": insights({"Login": wave(800)}),
        "compared": insights({"Login": wave(800)}, time_comparison=compared),
        "segments": insights({EVIL: platforms}, "platform"),
        "totals": insights({"Login": totals}, EVIL, chart="bar"),
        "metrics": insights({"A": totals, EVIL: totals}, "platform", chart="bar"),
        "number": insights({EVIL: {"all": 6841}}, chart="bar"),
        "not whole": insights({"A": wave(9, 20)}, meta={"incomplete": [days(20)[0], days(20)[-1]]}),
        "words": insights({"Buy": {"2025-01-01": "pro", "2025-01-02": EVIL}}),
        "gaps": insights({"Buy": {"2025-01-01": 1.5, "2025-01-02": None, "2025-01-03": 2}}),
        "one point": insights({"Buy": {"2025-01-01": 1}}),
        "no insights": insights({}),
        "steps": funnel(block(4812, 4100, 3300, 1500, 1126)),
        "evil steps": funnel(block(5, 3, names=(EVIL, LONG))),
        "same steps": funnel(block(5, 3, names=("A", "A"))),
        "nobody": funnel(block(0, 0)),
        "no funnel": funnel({}),
        "segmented": funnel({"$overall": block(9, 5), "iOS": block(5, 3), EVIL: block(4, 2)}, "os"),
        "parts only": funnel({"iOS": block(5, 3), "web": block(4, 2)}, "os"),
        "trends": funnel(
            {day: block(100, 40 + at) for at, day in enumerate(days(30))}, chart="line"
        ),
        "retention": retention(cohorts(9)),
        "many cohorts": retention(cohorts(60), unit="day"),
        "brackets": retention(cohorts(4), retentionCustomBucketSizes=[1, 3, 4, 7]),
        "halves": retention(halves, "platform"),
        "over time": retention(cohorts(9), chart="line"),
        "values": retention(dict.fromkeys(days(5), 0.4)),
        "no cohorts": retention({}),
        "sankey": sankey(),
        "no flow": flow({"steps": []}),
        "paths": flow({"flows": paths}, flows_merge_type="list"),
        "no paths": flow({"flows": []}, flows_merge_type="list"),
        "tree": flow({"trees": [{"root": tree}]}, flows_merge_type="tree"),
        "no tree": flow({"trees": []}, flows_merge_type="tree"),
        "people": people(80),
        "nobody at all": people(0),
        "count": aggregate(4812),
        "by cohort": aggregate({"101": 5, EVIL: 9}, segment_by_cohorts="{}"),
        "nothing": aggregate(None),
    }


def monstrous() -> dict[str, AnyResult]:
    """Answers with names of megabytes, and with every odd character."""
    name = "x" * 5_000_000
    odd = "\x00\n\u202e\ud800 購入 🛒 é ' % {{}} %{y} \\"
    found = {}
    for kind, text in (("long", name), ("odd", odd)):
        tree = branch("Login", 10, branch(text, 6))
        found[f"{kind} lines"] = insights({text: {text: wave(9), "b": wave(5)}}, text)
        found[f"{kind} bars"] = insights({text: {text: {"all": 3}}}, text, chart="bar")
        found[f"{kind} steps"] = funnel(block(5, 3, names=(text, "B")))
        found[f"{kind} segments"] = funnel({text: block(5, 3), "b": block(2, 1)}, "os")
        found[f"{kind} cohorts"] = retention({text: cohorts(4), "b": cohorts(4)}, "os")
        found[f"{kind} flow"] = flow({"steps": [{"nodes": [node(text, 5, "ANCHOR")]}]})
        found[f"{kind} paths"] = flow({"flows": [path(3, text, text)]}, flows_merge_type="list")
        found[f"{kind} tree"] = flow({"trees": [{"root": tree}]}, flows_merge_type="tree")
    return found


def huge() -> dict[str, AnyResult]:
    """Answers that are too large to draw whole."""
    hours = [f"2025-01-{day:02d}T{hour:02d}:00:00Z" for day in range(1, 32) for hour in range(24)]
    cities = {f"City {at} {LONG}": wave(at + 1) for at in range(400)}
    events = [f"Event {at} {LONG}" for at in range(60)]
    nodes = [
        [
            node(
                a,
                600,
                "NORMAL",
                *((b, 10, "NORMAL", step + 1) for b in (events if step < 3 else ())),
            )
            for a in events
        ]
        for step in range(4)
    ]
    wide = branch("Login", 9000, *(branch(e, 150, *(branch(f, 2) for f in events)) for e in events))
    return {
        "cities": insights({"Login": cities}, "city"),
        "hours": insights({"Login": {hour: at for at, hour in enumerate(hours)}}),
        "city totals": insights({"L": {k: {"all": 5} for k in cities}}, "city", chart="bar"),
        "city funnels": funnel({k: block(9, 5, 4, 3, 2) for k in cities}, "city"),
        "funnel days": funnel({day: block(9, 5, 4) for day in days(900)}, chart="line"),
        "city cohorts": retention({k: cohorts(8) for k in list(cities)[:60]}, "city"),
        "days": retention(cohorts(90), unit="day"),
        "flow": flow({"steps": [{"nodes": step} for step in nodes]}),
        "paths": flow(
            {"flows": [path(5, *events[at:]) for at in range(50)]}, flows_merge_type="list"
        ),
        "tree": flow({"trees": [{"root": wide}]}, flows_merge_type="tree"),
        "people": people(3000),
    }
