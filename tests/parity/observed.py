"""What an answer says, in the words of the worked cases.

A result (and the expected facts, which tell what to look for) goes in; an object with the same keys
comes out. The surprise: insights rows are read from the raw series, where a null stays a null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

JOIN = " | "
SUMMARY = {"count": "n", "sum": "sum", "mean": "mean", "variance": "variance"}


def facts(result: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a result that a case asks for."""
    kind = getattr(result, "kind", "") or type(result).__name__
    read = READERS.get(kind)
    return read(result, expect) if read else plain(result, expect)


def _insights(result: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    found = {"rows": list(_rows(result.raw, expect["rows"]))}
    if "comparison" in expect:
        found["comparison"] = list(_rows(result.raw["time_comparison"], expect["comparison"]))
    return found


def _rows(raw: Mapping[str, Any], expected: list[Any]) -> Iterator[dict[str, Any]]:
    for event, node in raw["series"].items():
        lines = list(_leaves(node, ()))
        days = _are_days([key for _, key, _ in lines])
        if any("n" in row for row in expected):
            yield from _summaries(event, lines, days)
            continue
        for path, key, value in lines:
            row = _row(event, path, key, days)
            row["value" if isinstance(value, str) else "count"] = value
            if value is None and any("value" in one for one in expected):
                row["value"] = row.pop("count")
            yield row


def _leaves(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, key))
        else:
            yield path, key, value


def _row(event: str, path: tuple[str, ...], key: str, days: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"event": event}
    if key != "all":
        row["date"] = key[:10] if days else key
    if path:
        row["segment"] = list(path)
    return row


def _are_days(keys: list[str]) -> bool:
    """True for buckets of a day or longer, which are named by their day; hours share days."""
    return len({key[:10] for key in keys}) == len(set(keys))


def _summaries(event: str, lines: list[Any], days: bool) -> Iterator[dict[str, Any]]:
    rows: dict[Any, dict[str, Any]] = {}
    for path, key, value in lines:
        row = rows.setdefault((path[:-1], key), _row(event, path[:-1], key, days))
        row[SUMMARY[path[-1]]] = value
    yield from rows.values()


def plain(result: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of legacy and discovery answers: attributes by name, and a few that are renamed."""
    found: dict[str, Any] = {}
    for key in expect:
        if key in SHAPED:
            found[key] = SHAPED[key](result, expect[key])
        elif key in RENAMED:
            found[key] = RENAMED[key](result)
        elif hasattr(result, key):
            found[key] = getattr(result, key)
    return found


STEP_FACTS = {
    "count": "counts",
    "step_conv_ratio": "step_conv",
    "avg_time": "avg_time",
    "avg_time_from_start": "avg_time_from_start",
    "value": "values",
}


def _funnel(result: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for block in result.blocks:
        path = tuple(name for name in block.path if name != "$overall")
        if len(path) < len(block.path) and path:
            continue  # a roll-up of the inner levels
        place = found.setdefault("segments", {}).setdefault(JOIN.join(path), {}) if path else found
        if block.date:
            place = place.setdefault("trends", {}).setdefault(block.date, {})
        place.update(_steps(block.steps))
    if "comparison" in expect:
        found["comparison"] = _funnel(result.comparison, expect["comparison"])
    return found


def _steps(steps: list[dict[str, Any]]) -> dict[str, Any]:
    facts_: dict[str, Any] = {
        name: [step[key] for step in steps] for key, name in STEP_FACTS.items() if key in steps[0]
    }
    return {**facts_, "overall": steps[-1]["overall_conv_ratio"]}


def _retention(result: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"cohorts": result.cohorts, "average": result.average}
    found["segments"] = {
        name: {"cohorts": cohorts, "average": result.segment_averages.get(name)}
        for name, cohorts in result.segments.items()
    }
    if "comparison" in expect:
        found["comparison"] = _retention(result.comparison, expect["comparison"])
    return found


def _flow(result: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    found = _graph(result.raw)
    found["overall"] = result.overall_conversion_rate
    found["paths"] = [
        *(_flat(flow["flowSteps"]) for flow in result.raw.get("flows") or []),
        *(path for tree in result.raw.get("trees") or [] for path in _branches(tree["root"], [])),
    ]
    found["segments"] = {
        name: _graph(part) for name, part in (result.raw.get("segments") or {}).items()
    }
    return found


def _graph(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Nodes and edges; steps are counted from the first anchor."""
    steps = raw.get("steps") or []
    zero = next((i for i, step in enumerate(steps) if _has_anchor(step)), 0)
    nodes, edges = [], []
    for index, step in enumerate(steps):
        for node in step["nodes"]:
            here = _event(node), index - zero
            nodes.append([here[1], here[0], int(node["totalCount"])])
            for edge in node["edges"]:
                there = _event(edge), edge["step"] - zero
                edges.append([*here, *there, int(edge["totalCount"])])
    return {"nodes": nodes, "edges": edges}


def _has_anchor(step: Mapping[str, Any]) -> bool:
    return any(node["type"] == "ANCHOR" for node in step["nodes"])


def _event(node: Mapping[str, Any]) -> str:
    special = {"PRUNED": "<OTHER>", "DROPOFF": "<DROPOFF>"}
    return special.get(node["type"], node["event"])


def _flat(steps: list[dict[str, Any]]) -> list[Any]:
    return [[_event(step) for step in steps], int(steps[-1]["totalCount"])]


def _branches(node: Mapping[str, Any], before: list[str]) -> Iterator[list[Any]]:
    """Every path of a tree that ends, with the number of flows that end there."""
    path = [*before, _event(node["step"])]
    rest = node["total_count"] - sum(child["total_count"] for child in node["children"])
    if rest:
        yield [path, rest]
    for child in node["children"]:
        yield from _branches(child, path)


def _users(result: Any, expect: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "distinct_ids": result.distinct_ids,
        "profiles": result.profiles,
        "value": result.value,
        "aggregate": result.aggregate_data,
    }


def _coverage(result: Any) -> Any:
    return {row.property: row.defined_count for row in result.coverage}


def _percentiles(result: Any) -> Any:
    return {str(percent): value for percent, value in result.percentiles.items()}


def _values(result: Any) -> Any:
    if hasattr(result, "series"):
        return result.series
    return {row.value: row.count for row in result.values}


def _ids(result: Any) -> Any:
    if isinstance(result, Iterator):
        return [row.get("distinct_id") or row.get("$distinct_id") for row in result]
    return result.distinct_ids


RENAMED: dict[str, Any] = {
    "values": _values,
    "results": lambda result: result.results,
    "data": lambda result: result.data,
    "coverage": _coverage,
    "percentiles": _percentiles,
    "top": lambda result: [row.to_dict() for row in result],
    "values_list": lambda result: list(result),
    "rows_list": lambda result: [[row.date, row.event, row.count] for row in result.counts],
    "distinct_ids": _ids,
    "cohorts": lambda result: result.raw,
    "profiles": lambda result: [dict(row) for row in result],
}


def _events(result: Any, expected: Any) -> Any:
    """Names of events, or their rows: the time as the case writes it."""
    if all(isinstance(item, str) for item in expected):
        return [row if isinstance(row, str) else row.event for row in _rows_of(result)]
    rows = []
    for row, wanted in zip(_rows_of(result), expected, strict=False):
        as_number = isinstance(wanted, Mapping) and not isinstance(wanted.get("time"), str)
        time = {"time": row.properties["time"]} if as_number else {}
        who = {"distinct_id": row.properties.get("$distinct_id")}
        rows.append({**row.to_dict(), **who, **time})
    return rows + [row.to_dict() for row in _rows_of(result)[len(expected) :]]


def _rows_of(result: Any) -> list[Any]:
    return result if isinstance(result, list) else list(result.events)


def _buckets(result: Any, expected: Any) -> Any:
    """Users by label, or by lower bound where the case writes that."""
    starts = {str(row.bucket_min): row.user_count for row in result.buckets}
    labels = {row.bucket_label: row.user_count for row in result.buckets}
    return starts if set(expected) <= set(starts) and not set(expected) <= set(labels) else labels


SHAPED: dict[str, Any] = {"events": _events, "buckets": _buckets}
"""Facts that a case may write in more than one form."""

READERS: dict[str, Any] = {
    "insights": _insights,
    "funnel": _funnel,
    "retention": _retention,
    "flow": _flow,
    "users": _users,
}
