"""Rules of the `sorting` part of bookmark params.

Enters the value of `sorting`, leaves findings. The surprise: it only changes how a report looks,
but the server refuses a report whose sorting it cannot read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mpnb.errors import ValidationError
from mpnb.params.known import CHART_TYPES
from mpnb.query.check import bad_word, is_word, nearest

CHARTS = ("bar", "line", "table", "insights-metric", "pie", "funnel-steps", "retention-curve")
UNSORTED = frozenset(CHART_TYPES) - frozenset(CHARTS)
"""Charts that have no sorting: the server refuses one."""
KEYS = ("sortBy", "sortOrder", "valueField", "viewNLimit")
BY_COLUMNS = ("column", "value")
BY_ROWS = ("value", "label")
SORT_ORDERS = ("asc", "desc")
_TYPES = {"valueField": (str, "text"), "viewNLimit": (int, "a whole number")}


def sorting_findings(sorting: Any) -> Iterator[ValidationError]:
    """Yield what is wrong with a sorting."""
    if not isinstance(sorting, Mapping):
        yield _not_a_dict("sorting", sorting)
        return
    for chart, entry in sorting.items():
        path = f"sorting.{chart}"
        if chart in UNSORTED:
            yield ValidationError(path, f"{chart!r} has no sorting.", "S3_UNKNOWN_FIELD")
        elif chart not in CHARTS:
            yield ValidationError(
                path,
                f"{chart!r} is no chart with a sorting; charts: {', '.join(CHARTS)}.",
                "S4_UNKNOWN_CHART_TYPE",
                "warning",
                nearest(chart, CHARTS),
            )
        elif isinstance(entry, Mapping):
            yield from (_rows if chart == "line" and _is_by_rows(entry) else _columns)(entry, path)
        elif entry is not None:
            yield _not_a_dict(path, entry)


def _is_by_rows(entry: Mapping[str, Any]) -> bool:
    sort_by = entry.get("sortBy")
    return sort_by == "label" or (sort_by != "column" and entry.get("colSortAttrs") is None)


def _columns(entry: Mapping[str, Any], path: str) -> Iterator[ValidationError]:
    yield from _keys(entry, path, (*KEYS, "colSortAttrs"))
    yield from _sort_by(entry, path, BY_COLUMNS)
    if entry.get("sortOrder") is not None:
        yield from _sort_order(entry, path)
    if "colSortAttrs" not in entry:
        yield ValidationError(
            f"{path}.colSortAttrs", "A list stands here.", "S2_MISSING_COL_SORT_ATTRS"
        )
        return
    attributes = entry["colSortAttrs"]
    if not isinstance(attributes, list):
        yield ValidationError(
            f"{path}.colSortAttrs", f"A list stands here, not {attributes!r}.", "S7_NOT_A_LIST"
        )
        return
    for index, attribute in enumerate(attributes):
        place = f"{path}.colSortAttrs[{index}]"
        if isinstance(attribute, Mapping):
            yield from _rows(attribute, place)
        else:
            yield _not_a_dict(place, attribute)


def _rows(entry: Mapping[str, Any], path: str) -> Iterator[ValidationError]:
    yield from _keys(entry, path, KEYS)
    yield from _sort_by(entry, path, BY_ROWS)
    yield from _sort_order(entry, path)


def _sort_by(
    given: Mapping[str, Any], path: str, legal: Collection[str]
) -> Iterator[ValidationError]:
    if "sortBy" not in given:
        yield ValidationError(f"{path}.sortBy", "Say what to sort by.", "S8_MISSING_SORT_BY")
    elif not is_word(given["sortBy"], legal):
        yield bad_word("S1_INVALID_SORT_BY", f"{path}.sortBy", given["sortBy"], legal)


def _sort_order(given: Mapping[str, Any], path: str) -> Iterator[ValidationError]:
    if "sortOrder" not in given:
        yield ValidationError(f"{path}.sortOrder", "Say 'asc' or 'desc'.", "S9_MISSING_SORT_ORDER")
    elif not is_word(given["sortOrder"], SORT_ORDERS):
        yield bad_word(
            "S6_INVALID_SORT_ORDER", f"{path}.sortOrder", given["sortOrder"], SORT_ORDERS
        )


def _keys(given: Mapping[str, Any], path: str, legal: Collection[str]) -> Iterator[ValidationError]:
    for key, value in given.items():
        if key not in legal:
            yield ValidationError(
                f"{path}.{key}",
                f"{key!r} is not allowed here; allowed: {', '.join(legal)}.",
                "S3_UNKNOWN_FIELD",
                suggestion=nearest(key, legal),
            )
        elif key in _TYPES and value is not None:
            kind, word = _TYPES[key]
            if not isinstance(value, kind) or isinstance(value, bool):
                yield ValidationError(
                    f"{path}.{key}", f"It is {word}, not {value!r}.", "B0_WRONG_TYPE"
                )


def _not_a_dict(path: str, value: Any) -> ValidationError:
    return ValidationError(path, f"An object stands here, not {value!r}.", "S5_NOT_A_DICT")
