"""What a project holds: saved funnels and cohorts, top events, parts of list properties.

Raw listings enter the ``read_*`` functions, sorted lists of small frozen records leave. The
surprise: sub-properties are not listed anywhere; they are inferred from sample values, which are
JSON texts, and a name with mixed types counts as text.
"""

from __future__ import annotations

import datetime as dt
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mpnb.query.words import CustomPropertyType
from mpnb.result.reading import reading

SAMPLES = 5


@dataclass(frozen=True)
class _Record:
    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class FunnelInfo(_Record):
    """A saved funnel: its id and name.

    Attributes:
        funnel_id: what `Workspace.funnel` takes.
        name: as people see it.
    """

    funnel_id: int
    name: str


@dataclass(frozen=True)
class SavedCohort(_Record):
    """A saved cohort: id, name, size, and when it was made.

    Attributes:
        id: what `Filter.in_cohort` takes.
        name: as people see it.
        count: people in it, as of when the server last counted.
        description: what its maker wrote; empty when nothing.
        created: when it was made, ``YYYY-MM-DD HH:MM:SS``.
        is_visible: whether it is listed to people in Mixpanel.
    """

    id: int
    name: str
    count: int
    description: str
    created: str
    is_visible: bool


@dataclass(frozen=True)
class TopEvent(_Record):
    """An event of today: how often it happened, and its change against yesterday.

    Attributes:
        event: its name.
        count: how often it happened today, or by how many people, as was asked.
        percent_change: against yesterday, as a fraction: 0.1 is +10 %.
    """

    event: str
    count: int
    percent_change: float


@dataclass(frozen=True)
class SubPropertyInfo(_Record):
    """A part of the objects in a list property, with up to five distinct samples.

    Attributes:
        name: of the part, within each object.
        type: of its values, as the samples have them.
        sample_values: up to five different ones, in order of first sight.
    """

    name: str
    type: CustomPropertyType
    sample_values: tuple[str | int | float | bool, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {**asdict(self), "sample_values": list(self.sample_values)}


@reading("funnels")
def read_funnels(raw: Sequence[Mapping[str, Any]]) -> list[FunnelInfo]:
    """Saved funnels by name."""
    found = [FunnelInfo(row["funnel_id"], row["name"]) for row in raw]
    return sorted(found, key=lambda funnel: funnel.name)


@reading("cohorts")
def read_cohorts(raw: Sequence[Mapping[str, Any]]) -> list[SavedCohort]:
    """Saved cohorts by name."""
    found = [
        SavedCohort(
            row["id"],
            row["name"],
            row.get("count") or 0,
            row.get("description") or "",
            row.get("created") or "",
            bool(row.get("is_visible", True)),
        )
        for row in raw
    ]
    return sorted(found, key=lambda cohort: cohort.name)


@reading("top_events")
def read_top_events(raw: Mapping[str, Any]) -> list[TopEvent]:
    """Top events in the order of the answer."""
    return [
        TopEvent(row["event"], row.get("amount") or 0, row.get("percent_change") or 0.0)
        for row in raw.get("events") or []
    ]


@reading("subproperties")
def read_subproperties(raw: Sequence[Any]) -> list[SubPropertyInfo]:
    """Infer the parts of a list-of-objects property from sample values, by name."""
    seen: dict[str, list[Any]] = {}
    flat: set[str] = set()
    nested: set[str] = set()
    for name, value in _parts(raw):
        if isinstance(value, (Mapping, list)):
            nested.add(name)
        elif value is not None:
            flat.add(name)
            seen.setdefault(name, []).append(value)
    for name in sorted(flat & nested):
        message = (
            f"Sub-property {name!r} is both a plain value and an object; objects are left out."
        )
        warnings.warn(message, stacklevel=5)
    found = []
    for name in sorted(seen):
        kind, mixed = _type(seen[name])
        if mixed:
            message = f"Sub-property {name!r} has values of several types; it is read as text."
            warnings.warn(message, stacklevel=5)
        found.append(SubPropertyInfo(name, kind, tuple(_distinct(seen[name])[:SAMPLES])))
    return found


def _parts(raw: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """(name, value) of every object in the samples; samples that are no objects are skipped."""
    for text in raw:
        try:
            value = json.loads(text) if isinstance(text, str) else text
        except ValueError:
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                yield from item.items()


def _distinct(found: list[Any]) -> list[Any]:
    """Values in order of first sight; True and 1 are different."""
    return list({(type(value), value): value for value in found}.values())


def _type(found: list[Any]) -> tuple[CustomPropertyType, bool]:
    """(type of the values, whether they were mixed)."""
    kinds: set[CustomPropertyType] = {_kind(value) for value in found}
    if len(kinds) == 1:
        return _kind(found[0]), False
    return "string", bool(kinds - {"string", "datetime"})


def _kind(value: Any) -> CustomPropertyType:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    try:
        if len(value) >= 10:
            dt.datetime.fromisoformat(value)
            return "datetime"
    except ValueError:
        pass
    return "string"
