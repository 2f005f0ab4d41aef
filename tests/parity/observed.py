"""What an answer says, in the words of the worked cases.

A result (and the expected facts, which tell what to look for) goes in; an object with the same keys
comes out. The surprise: insights rows are read from the raw series, where a null stays a null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
        if key in RENAMED:
            found[key] = RENAMED[key](result)
        elif hasattr(result, key):
            found[key] = getattr(result, key)
    return found


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
    "events": lambda result: [row.to_dict() for row in result.events],
    "values_list": lambda result: list(result),
    "rows_list": lambda result: [[row.date, row.event, row.count] for row in result.counts],
    "buckets": lambda result: {row.bucket_label: row.user_count for row in result.buckets},
    "distinct_ids": _ids,
    "cohorts": lambda result: result.raw,
}

READERS: dict[str, Any] = {"insights": _insights}
