"""Rules of the `sorting` part of bookmark params.

Enters the value of `sorting`, leaves findings. The surprise: it only changes how a report looks,
but the server refuses a report whose sorting it cannot read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mpnb.errors import ValidationError
from mpnb.query.check import bad_word, is_word, nearest

CHARTS = ("bar", "line", "table", "insights-metric", "pie", "funnel-steps", "retention-curve")
ENTRY_KEYS = ("sortBy", "sortOrder", "colSortAttrs", "valueField", "viewNLimit")
ATTRIBUTE_KEYS = ("sortBy", "sortOrder", "valueField", "viewNLimit")
SORT_BY = ("column", "value", "label")
SORT_ORDERS = ("asc", "desc")
_TYPES = {"valueField": (str, "text"), "viewNLimit": (int, "a whole number")}


def sorting_findings(sorting: Any) -> Iterator[ValidationError]:
    """Yield what is wrong with a sorting."""
    if not isinstance(sorting, Mapping):
        yield _not_a_dict("sorting", sorting)
        return
    for chart, entry in sorting.items():
        path = f"sorting.{chart}"
        if chart not in CHARTS:
            yield ValidationError(
                path,
                f"{chart!r} is no chart with a sorting; charts: {', '.join(CHARTS)}.",
                "S4_UNKNOWN_CHART_TYPE",
                "warning",
                nearest(chart, CHARTS),
            )
        elif not isinstance(entry, Mapping):
            yield _not_a_dict(path, entry)
        else:
            yield from _entry(entry, path)


def _entry(entry: Mapping[str, Any], path: str) -> Iterator[ValidationError]:
    yield from _keys(entry, path, ENTRY_KEYS)
    sort_by = entry.get("sortBy")
    yield from _sort_by(entry, path)
    if sort_by in ("value", "label") or "sortOrder" in entry:
        yield from _sort_order(entry, path)
    attributes = entry.get("colSortAttrs")
    if attributes is None:
        if (sort_by in ("column", "value") and "sortOrder" in entry) or sort_by == "column":
            yield ValidationError(
                f"{path}.colSortAttrs", "A list stands here.", "S2_MISSING_COL_SORT_ATTRS"
            )
    elif not isinstance(attributes, list):
        yield ValidationError(
            f"{path}.colSortAttrs", f"A list stands here, not {attributes!r}.", "S7_NOT_A_LIST"
        )
    else:
        for index, attribute in enumerate(attributes):
            yield from _attribute(attribute, f"{path}.colSortAttrs[{index}]")


def _attribute(attribute: Any, path: str) -> Iterator[ValidationError]:
    if not isinstance(attribute, Mapping):
        yield _not_a_dict(path, attribute)
        return
    yield from _keys(attribute, path, ATTRIBUTE_KEYS)
    yield from _sort_by(attribute, path)
    yield from _sort_order(attribute, path)


def _sort_by(given: Mapping[str, Any], path: str) -> Iterator[ValidationError]:
    if "sortBy" not in given:
        yield ValidationError(f"{path}.sortBy", "Say what to sort by.", "S8_MISSING_SORT_BY")
    elif not is_word(given["sortBy"], SORT_BY):
        yield bad_word("S1_INVALID_SORT_BY", f"{path}.sortBy", given["sortBy"], SORT_BY)


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
