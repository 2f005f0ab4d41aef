"""What a saved metric must look like, and the refusal of one that does not.

Enters: the body of a request. Leaves: nothing, or a refusal in the form of Mixpanel's own.
The surprise: such a refusal holds the whole schema and the data beside the short reason, so clients
must choose what they show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from mpnb.emulator.messages import Refusal

LONGEST = 255
OBJECT: Mapping[str, Any] = {"type": "object"}
NAME: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST}
LIST: Mapping[str, Any] = {"type": "array", "minItems": 1}
SHAPES: Mapping[str, Mapping[tuple[str, ...], Mapping[str, Any]]] = {
    "metric": {("definition", "behavior"): OBJECT, ("definition", "measurement"): OBJECT},
    "formula": {
        ("definition", "formula"): OBJECT,
        ("definition", "formula", "definition"): NAME,
        ("definition", "formula", "referencedMetrics"): LIST,
    },
}
"""Type of a metric → the parts that it must have, outer ones first."""
TYPES: Mapping[str, type] = {"object": dict, "string": str, "array": list}


def check(row: Mapping[str, Any]) -> None:
    """Refuse a metric that lacks a part.

    Raises:
        Refusal: status 400, with ``details`` of path, schema and data.
    """
    _check(row, ("name",), NAME)
    _check(row, ("definition",), OBJECT)
    for path, schema in SHAPES.get(str(row.get("type")), {}).items():
        _check(row, path, schema)


def _check(row: Mapping[str, Any], path: tuple[str, ...], schema: Mapping[str, Any]) -> None:
    value: Any = row
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    kind = schema["type"]
    if value is None:
        _refuse(f"{path[-1]!r} is a required property", row, path, schema)
    if not isinstance(value, TYPES[kind]):
        _refuse(f"{value!r} is not of type {kind!r}", row, path, schema)
    if kind != "object" and not value:
        _refuse(f"{value!r} should be non-empty", row, path, schema)
    if isinstance(value, str) and len(value) > LONGEST:
        _refuse(f"{value!r} is too long", row, path, schema)


def _refuse(said: str, row: Any, path: tuple[str, ...], schema: Mapping[str, Any]) -> NoReturn:
    details = {"path": list(path), "schema": dict(schema), "data": dict(row)}
    raise Refusal(400, said, details=details)
