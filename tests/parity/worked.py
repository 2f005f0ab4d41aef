"""A workspace for a worked case, and the names that its expressions may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpnb


def names() -> dict[str, Any]:
    """The public names of the package."""
    return {name: getattr(mpnb, name) for name in dir(mpnb) if not name.startswith("_")}


def workspace(case: Mapping[str, Any]) -> Any:
    """A local workspace over the rows of a case, with its clock, zone and settings."""
    settings = {**(case.get("settings") or {}), **_saved(case.get("saved") or {})}
    return mpnb.local(
        case["events"],
        profiles=case.get("profiles") or [],
        timezone=case["timezone"],
        now=case["now"],
        settings=settings,
    )


def _saved(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Saved cohorts, events and properties; their expressions become parts of questions."""
    known = names()
    found: dict[str, Any] = {}
    if "cohorts" in saved:
        found["cohorts"] = [
            {**row, "definition": _evaluated(row["definition"], known)} for row in saved["cohorts"]
        ]
    if "custom_events" in saved:
        found["custom_events"] = [
            {**row, "alternatives": [_alternative(a, known) for a in row["alternatives"]]}
            for row in saved["custom_events"]
        ]
    if "custom_properties" in saved:
        found["custom_properties"] = [
            {**row, "inputs": {k: _evaluated(v, known) for k, v in row["inputs"].items()}}
            for row in saved["custom_properties"]
        ]
    return found


def _alternative(row: Mapping[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    return {**row, "filters": [_evaluated(text, known) for text in row.get("filters", [])]}


def _evaluated(value: Any, known: dict[str, Any]) -> Any:
    return eval(value, known) if isinstance(value, str) else value  # noqa: S307
